"""The hand-over package of a unit that a decision ended: records, files, posts, minutes, hash list."""

import csv
import io
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, BinaryIO

from django.db.models import Count, Exists, OuterRef
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import override

from banyan.documents import store
from banyan.documents.models import Document, Level
from banyan.kernel.errors import Refusal
from banyan.ledger.operation import Actor, operation, record
from banyan.orgs.models import Placement, Succession, Unit
from banyan.orgs.operations import REORGANISE
from banyan.orgs.places import name_of
from banyan.people.models import Post
from banyan.reorganisations import handover_minutes, handover_records
from banyan.reorganisations.handover_minutes import LANGUAGE, Minutes
from banyan.reorganisations.handover_zip import Entry
from banyan.reorganisations.models import Effect, Reorganisation, State
from banyan.submissions.models import Placing, Submission
from banyan.web.sheet import harmless
from banyan.web.templatetags.banyan import day

MINUTES, RECORDS, POSTS = "bien-ban-ban-giao.docx", "ho-so.xlsx", "chuc-vu.csv"
FILES, CATALOGUE = "tep", "danh-muc.csv"
SPOOL = 4 * 1024 * 1024
_UNNAMED = re.compile(r"[^A-Za-z0-9_.-]+")  # what no name of a file is made of


def ended_units(decision: Reorganisation) -> Any:
    """The units that stood on the eve of the decision and that it ended.

    Raises Refusal (409) where the decision is not in force.
    """
    if decision.state == State.DRAFT:
        raise Refusal(
            _("The decision is not in force: no unit has ended by it."),
            _("It was not carried out yet, or it was undone."),
            _("Carry it out first; then what its units leave behind can be handed over."),
            status=409,
        )
    eve = decision.on - timedelta(days=1)
    touched = Effect.objects.filter(
        reorganisation=decision, of_table=Placement._meta.db_table, before__isnull=False
    )
    cut = Placement.objects.filter(pk__in=touched.values("of_row"), valid__contains=eve)
    stands = Placement.objects.filter(unit=OuterRef("pk"), valid__contains=decision.on)
    return Unit.objects.filter(~Exists(stands), pk__in=cut.values("unit"))


@operation("handover.made", needs=REORGANISE, tells=("decision",))
def make(package: "Package", *, decision: Reorganisation, by: Actor) -> Unit:
    """Hand a package over to whoever asked for it.

    That it was read stands in the ledger, and so does the reading of each restricted file in it.
    """
    for document in package.documents:
        if document.level >= Level.RESTRICTED:
            record("document.read", document, by=by)
    return package.unit


@dataclass
class Package:
    """What is handed over of a unit that a decision ended, as far as the reader may see it."""

    unit: Unit
    decision: Reorganisation
    by: Any

    @property
    def filename(self) -> str:
        """By the unit's code, else its id: no blanks and no marks."""
        plain = _UNNAMED.sub("-", self.code).strip("-")
        return f"ban-giao-{plain or self.unit.pk}.zip"

    @cached_property
    def eve(self) -> Any:
        """The last day on which the unit stood."""
        return self.decision.on - timedelta(days=1)

    @cached_property
    def name(self) -> str:
        """What it was called then."""
        return self.unit.name_on(self.eve)

    @cached_property
    def code(self) -> str:
        """Its code then, the state's before an organisation's own."""
        held = [one for one in self.unit.codes.all() if self.eve in one.valid]
        return min(((one.scheme != "gso", one.code) for one in held), default=(True, ""))[1]

    @cached_property
    def _kept(self) -> list[Document]:
        seen = Document.objects.filter(unit=self.unit).visible_to(self.by)
        return list(seen.select_related("blob").order_by("pk"))

    @cached_property
    def documents(self) -> list[Document]:
        """The unit's documents that the reader may read and whose bytes are there."""
        return [one for one in self._kept if store.path_of(one.blob_id).is_file()]

    @cached_property
    def posts(self) -> list[Post] | None:
        """The posts that ended with the unit; None where the reader may not see who holds posts."""
        if not self.by.holds("person.view"):
            return None
        rows = Post.objects.filter(unit=self.unit, valid__endswith=self.decision.on)
        return list(rows.visible_to(self.by).select_related("person", "role").order_by("pk"))

    def entries(self) -> list[Entry]:
        """The files, the minutes first. All but the unit's own documents are made here and now."""
        minutes, records = handover_minutes.write(self.minutes()), self._records()
        made = [
            Entry(MINUTES, lambda: io.BytesIO(minutes)),
            Entry(RECORDS, lambda: records),
            Entry(CATALOGUE, self._catalogue, squeeze=True),
        ]
        if self.posts is not None:
            made.append(Entry(POSTS, self._posts, squeeze=True))
        return [*made, *(Entry(self._path(one), _opener(one.blob_id)) for one in self.documents)]

    @staticmethod
    def _path(one: Document) -> str:
        return f"{FILES}/{one.pk:06d}-{one.filename}"

    def _records(self) -> BinaryIO:
        # Closed by whoever reads it; a large one lies on disk.
        out: Any = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115
        rows = Submission.objects.filter(unit=self.unit)
        with override(LANGUAGE):
            handover_records.write(out, rows, self.unit)
        out.seek(0)
        return out  # type: ignore[no-any-return]

    def _posts(self) -> BinaryIO:
        with override(LANGUAGE):
            lines = [[_("Name"), _("Post"), _("Role"), _("Line"), _("From"), _("Until")]]
            for post in self.posts or []:
                first, last = post.valid.lower, self.eve
                words = [post.person.name, post.title, str(post.role), str(post.get_tree_display())]
                lines.append([*words, day(first) if first else "", day(last)])
        return _csv(lines)

    def _catalogue(self) -> BinaryIO:
        with override(LANGUAGE):
            lines = [[_("File"), _("Title"), _("Access"), _("Size"), "SHA-256", _("Stored")]]
            for one in self._kept:
                held = one in self.documents
                path = self._path(one) if held else _("no longer in the store")
                day, level = localdate(one.made_at).isoformat(), str(one.get_level_display())
                told = [path, one.title, level, str(one.blob.size), one.blob_id, day]
                lines.append(told)
            if self.left_out:
                left = _("not within the reader's access: %(n)d") % {"n": self.left_out}
                lines.append([left, "", "", "", "", ""])
        return _csv(lines)

    @cached_property
    def left_out(self) -> int:
        """How many documents of the unit are above what the reader may read."""
        return Document._base_manager.filter(unit=self.unit).count() - len(self._kept)

    def minutes(self) -> Minutes:
        """What the minutes say of all this."""
        links = Succession.objects.filter(from_unit=self.unit, on=self.decision.on)
        takers = links.annotate(name=name_of(OuterRef("to_unit"), self.decision.on)).order_by("pk")
        counted = Submission.objects.filter(unit=self.unit).values_list(
            "round__edition__programme__key", "round__period"
        )
        told = counted.annotate(n=Count("pk")).order_by(
            "round__edition__programme__key", "round__period"
        )
        return Minutes(
            unit=self.name,
            code=self.code,
            decision=self.decision.number,
            decided_on=self.decision.decided_on,
            on=self.decision.on,
            signer=self.decision.signer,
            title=self.decision.title,
            takers=[(one.name, one.kind == Succession.Share.WHOLE) for one in takers],
            records=handover_records.named(list(told)),
            placed=self._placed(len(takers)),
            files=len(self.documents),
            size=sum(one.blob.size for one in self.documents),
            left_out=self.left_out,
            lost=len(self._kept) - len(self.documents),
            posts=None if self.posts is None else len(self.posts),
            synthetic=Submission.objects.filter(unit=self.unit, synthetic=True).exists(),
        )

    def _placed(self, takers: int) -> list[tuple[str, int]]:
        """Of a divided unit: how many records were placed where, and how many were not."""
        if takers < 2:
            return []
        rows = Placing.objects.filter(submission__unit=self.unit, on=self.decision.on)
        named = rows.values("unit").annotate(
            name=name_of(OuterRef("unit"), self.decision.on), n=Count("pk")
        )
        found = sorted((one["name"], one["n"]) for one in named)
        loose = Submission.objects.filter(unit=self.unit).count() - sum(n for _name, n in found)
        return [*found, *([("", loose)] if loose else [])]


def _opener(sha256: str) -> Callable[[], BinaryIO]:
    return lambda: store.open_blob(sha256)


def _csv(lines: list[list[str]]) -> BinaryIO:
    text = io.StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in line] for line in lines)
    return io.BytesIO(("\ufeff" + text.getvalue()).encode())
