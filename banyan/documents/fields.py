"""A form field for several files of a record: photographs, minutes, lists.

Without scripts it is a plain file input and a tick beside each file that is there; the files that
come with the form are stored while the form is checked, so that a mistake elsewhere loses none.
With `photos.js` they are made smaller on the phone and sent in pieces, and the form only bears ids.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from banyan.documents import photos, uploads
from banyan.documents.models import Document
from banyan.kernel.errors import Refusal

MOST = 12
LONGEST_ID = 18  # what a bigint holds in any case
OFFICE = (".pdf", ".doc", ".docx", ".xls", ".xlsx", ".odt", ".ods", ".txt", ".csv")
ACCEPTED = {*photos.ENDINGS, *OFFICE}


@dataclass
class Sent:
    """What a form brought for the field: ids of stored documents, and files that came with it."""

    ids: list[str]
    files: "list[UploadedFile[bytes]]"

    @property
    def all_ids(self) -> list[str]:
        """With those of the files that have been stored since."""
        stored = [str(f.kept_as) for f in self.files if hasattr(f, "kept_as")]
        return list(dict.fromkeys([*self.ids, *stored]))


class FilesInput(forms.Widget):
    """The files that are there, each with a tick, and a way to add some."""

    template_name = "documents/files.html"
    needs_multipart_form = True

    def __init__(self, actor: Any) -> None:
        super().__init__()
        self.actor = actor

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Sent:
        """Ids and files, whichever of them came."""
        given = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
        ids = [given] if isinstance(given, str | int) else list(given)
        brought = files.getlist(name) if hasattr(files, "getlist") else []
        return Sent([str(one) for one in ids if one != ""], brought)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Nothing at all: none is ticked and none was added, which is an answer too."""
        return False

    def id_for_label(self, id_: str) -> str:
        """The input that adds files."""
        return id_

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """With the documents that are there."""
        context = super().get_context(name, value, attrs)
        given = [value] if isinstance(value, str | int) else value or ()  # one of a draft is alone
        ids = value.all_ids if isinstance(value, Sent) else [str(one) for one in given if one]
        known = {str(one.pk): one for one in seen(ids, self.actor)}
        context["widget"] |= {
            "kept": [known[one] for one in ids if one in known],
            "accept": ",".join(["image/*", ".heic", ".heif", *OFFICE]),
            "most": MOST,
            "post": self.actor.post_id,
            "uploads": reverse("uploads"),
        }
        return context


def seen(ids: list[str], actor: Any) -> list[Document]:
    """Those of the documents that the actor may see; whatever is no id is none of them."""
    numbers = [int(one) for one in ids if one.isdecimal() and len(one) <= LONGEST_ID]
    if not numbers:
        return []
    rows = Document.objects.visible_to(actor).filter(pk__in=numbers)
    return list(rows.select_related("photo"))


class FilesField(forms.Field):
    """Several files; cleans to a list of the ids of documents the actor may see."""

    default_error_messages = {
        "unknown": _("One of these files is not there, or is not yours to use. Choose it again."),
        "many": _("At most %(most)d files stand here. Leave some out."),
        "kind": _(
            "“%(name)s” is no photograph and no document that is taken here (PDF, Word, Excel)."
        ),
    }

    def __init__(self, actor: Any, **words: Any) -> None:
        self.actor = actor
        super().__init__(widget=FilesInput(actor), **words)

    def clean(self, value: Any) -> list[int]:
        """The ids, after storing what came with the form. Each file that fails says so by name."""
        sent = value if isinstance(value, Sent) else Sent([str(one) for one in value or ()], [])
        if len(sent.ids) + len(sent.files) > MOST:
            raise self._error("many", most=MOST)
        known = {str(one.pk) for one in seen(sent.ids, self.actor)}
        if set(sent.ids) - known:
            raise self._error("unknown")
        wrong = [fault for file in sent.files if (fault := self._store(file))]
        if wrong:
            raise ValidationError(wrong)
        ids = [int(one) for one in sent.all_ids]
        self.validate(ids)
        return ids

    def _store(self, file: "UploadedFile[bytes]") -> ValidationError | None:
        """Store one; what speaks against it, if anything does."""
        name = str(file.name)
        if PurePath(name.lower()).suffix not in ACCEPTED:
            return self._error("kind", name=name)
        if hasattr(file, "kept_as"):
            return None
        try:
            file.kept_as = uploads.take(file, by=self.actor).pk  # type: ignore[attr-defined]
        except Refusal as no:
            return ValidationError(f"“{name}”: {no.sentence}")
        return None

    def _error(self, code: str, **words: Any) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=words)


def files_picker(actor: Any) -> Callable[..., FilesField]:
    """The picker of a pack's kind `files` for this actor: `form_class(…, pickers={"files": …})`."""

    def pick(spec: Any, **words: Any) -> FilesField:
        return FilesField(actor, **words)

    return pick
