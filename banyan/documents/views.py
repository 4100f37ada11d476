"""Fetching a document or a photograph, and uploading one."""

from django import forms
from django.conf import settings
from django.http import FileResponse, Http404, HttpResponseBase, HttpResponseNotModified
from django.utils.translation import gettext_lazy as _

from banyan.documents import operations, store
from banyan.documents.models import Document, Level, Photo
from banyan.ledger.operation import record
from banyan.web.act import act
from banyan.web.form import Form
from banyan.web.page import BanyanRequest, get_seen, page

# What a browser may show by itself without running anything of the file's.
SHOWN = {"image/jpeg", "image/png", "image/webp", "application/pdf"}


@page("document.view")
def fetch(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """The bytes, as an attachment in a sandbox; reading a restricted one is written in the ledger."""
    document = get_seen(request, Document, pk=pk)
    told_if_restricted(request, document)
    answer = FileResponse(
        store.open_blob(document.blob_id),
        as_attachment=document.media_type not in SHOWN,
        filename=document.filename,
        content_type=document.media_type,
    )
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


def told_if_restricted(request: BanyanRequest, document: Document) -> None:
    """Reading a restricted document is written in the ledger."""
    if document.level >= Level.RESTRICTED:
        record("document.read", document, by=request.actor)


@page("document.view")
def photo(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """A photograph, large."""
    found = _photo(request, pk)
    return _picture(request, found, found.document.blob_id)


@page("document.view")
def thumb(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """A photograph, small: for lists and forms."""
    found = _photo(request, pk)
    return _picture(request, found, found.thumb_id)


def _photo(request: BanyanRequest, pk: int) -> Photo:
    rows = request.seen(Photo).select_related("document__unit").filter(pk=pk)
    found = rows.first()
    if found is None:
        raise Http404
    return found  # type: ignore[no-any-return]


def _picture(request: BanyanRequest, found: Photo, sha256: str) -> HttpResponseBase:
    """A picture never changes, so this browser may keep it for a week; a restricted one it may not.

    `Vary: Cookie` (from the session) keeps it from whoever signs in next at the same desk.
    """
    restricted = found.document.level >= Level.RESTRICTED
    told_if_restricted(request, found.document)
    tag = f'"{sha256}"'
    if not restricted and request.headers.get("If-None-Match") == tag:
        answer: HttpResponseBase = HttpResponseNotModified()
    else:
        answer = FileResponse(
            store.open_blob(sha256), filename=found.document.filename, content_type="image/jpeg"
        )
        answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["ETag"] = tag
    kept = "private, no-store" if restricted else "private, max-age=604800, immutable"
    answer["Cache-Control"] = kept
    return answer


class KeepForm(Form):
    """Upload one file to the unit of one's post."""

    run = operations.keep
    title = _("Upload a document")
    lead = _("Documents that contain state secrets may not be stored here.")
    submit_label = _("Upload")

    file = forms.FileField(label=_("File"))
    name = forms.CharField(label=_("Title"), max_length=200, required=False)
    level = forms.TypedChoiceField(
        label=_("Access"), choices=Level.choices, coerce=int, initial=Level.INTERNAL
    )
    no_secrets = forms.BooleanField(label=_("It contains no state secret."))

    def clean_file(self) -> object:
        """Refuse what is larger than the installation allows."""
        sent = self.cleaned_data["file"]
        if sent.size > settings.BANYAN_LARGEST_FILE:
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB. Make it smaller or split it.")
                % {"most": settings.BANYAN_LARGEST_FILE // 1_000_000}
            )
        return sent

    def clean_level(self) -> int:
        """Refuse what the uploader could not read himself the moment it is stored."""
        level: int = self.cleaned_data["level"]
        if level > self.actor.clearance():
            raise forms.ValidationError(
                _("Your present post may not read this level; you would lose sight of the file.")
            )
        return level

    def arguments(self) -> dict[str, object]:
        """The file as the operation wants it."""
        sent = self.cleaned_data["file"]
        file = operations.Incoming(
            sent.name, sent.content_type or "application/octet-stream", sent.chunks()
        )
        return {
            "file": file,
            "title": self.cleaned_data["name"],
            "level": self.cleaned_data["level"],
        }

    def next_url(self, made: object) -> str:
        """Back to the list of documents."""
        return "/documents/"


keep = act(KeepForm, lambda request: request.actor.unit, "document.keep")
