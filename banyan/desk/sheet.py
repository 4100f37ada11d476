"""What the right side of the desk shows of one record."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.desk.changes import Piece, pieces
from banyan.desk.reading import Said, said
from banyan.initiatives.list_fields import TONES
from banyan.initiatives.models import Initiative
from banyan.packs.forms import answer_text
from banyan.packs.schema import FieldSpec, Pack
from banyan.packs.texts import field_key

FILES, HEAD = "files", ("title", "registrant_kind", "level")


@dataclass(frozen=True)
class Fact:
    """One answer: its label, and its text laid over what was sent in before."""

    id: str
    label: str
    pieces: list[Piece]
    changed: bool
    was_empty: bool = False
    url: str = ""
    talk: int = 0


@dataclass(frozen=True)
class Line:
    """One criterion: its most, the unit's own points, what stands in the field, what to look at."""

    id: str
    label: str
    most: Decimal
    own: str
    typed: str
    help: str


@dataclass(frozen=True)
class Proof:
    """A photo or a paper; a photo has a small picture and opens large without leaving."""

    title: str
    said: str
    url: str
    thumb: str


@dataclass
class Sheet:
    """A record read for its reviewer."""

    initiative: Initiative
    language: str
    account: int | None
    typed: dict[str, str] = field(default_factory=dict)
    # The version of the sending that the answers are laid over; None: the newest that differs.
    against: int | None = None

    def __post_init__(self) -> None:
        self.submission = self.initiative.submission
        self.pack: Pack = self.submission.pack
        self.answers = self.submission.answers

    def text(self, key: str) -> str:
        """A text of the pack."""
        return self.pack.text(key, self.language)

    @cached_property
    def said(self) -> list[Said]:
        """Reviews and remarks with moves, newest first."""
        return said(getattr(self.initiative, "said", []))

    @cached_property
    def talk(self) -> list[Said]:
        """The conversation, oldest first."""
        return said(getattr(self.initiative, "talk", []))

    def talk_labels(self) -> list[tuple[Said, str]]:
        """Each line of the conversation with the label of what it is about."""
        labels = dict(self.subjects())
        return [(one, labels.get(one.about, "") if one.about else "") for one in self.talk]

    def subjects(self) -> Iterable[tuple[str, str]]:
        """What a remark may be about: the whole, a criterion, an answer."""
        yield "", _("the whole record")
        for item in self.pack.criteria.items if self.pack.criteria else ():
            yield item.id, self.text(f"criteria.{item.id}.label")
        for spec in self.submission.round.spec.fields:
            yield spec.id, self.text(f"{field_key(self.submission.round.form, spec.id)}.label")

    # -- head -----------------------------------------------------------------------------------

    @property
    def over(self) -> str:
        """Code · collective · level · which sending."""
        sent = len(self._sendings) or (self.submission.state != self.pack.workflow.start)
        told = [self.initiative.code]
        told += [self._choice(name) for name in HEAD[1:] if self.answers.get(name)]
        if sent:
            told.append(_("sending %(n)s") % {"n": int(sent)})
        return " · ".join(told)

    @property
    def chips(self) -> list[tuple[str, str]]:
        """State, who registers, the mark it is put forward for, whether it is synthetic."""
        state = self.submission.state
        chips = [(self.submission.state_label(self.language), TONES.get(state, ""))]
        chips.append((self.initiative.registrant.name or self.initiative.unit_name, ""))  # type: ignore[attr-defined]
        if self.answers.get("commemorative_mark"):
            chips.append((self.text("forms.register.fields.commemorative_mark.label"), "sky"))
        if self.initiative.synthetic:
            chips.append((_("synthetic record"), "amber"))
        return [(text, tone) for text, tone in chips if text]

    def _choice(self, name: str) -> str:
        key = f"{field_key(self.submission.round.form, name)}.choices.{self.answers[name]}"
        return self.text(key)

    # -- what changed ---------------------------------------------------------------------------

    @property
    def _sendings(self) -> list[dict[str, Any]]:
        return getattr(self.initiative, "sent", [])

    @cached_property
    def base(self) -> dict[str, Any] | None:
        """The newest sending whose answers differ from the present ones."""
        differing = [one for one in self._sendings if one["answers"] != self.answers]
        chosen = (one for one in differing if one["version"] == self.against)
        return next(chosen, differing[0] if differing else None)

    @property
    def bases(self) -> list[tuple[int, int, bool]]:
        """Sendings one may compare with: which it was, its version, whether it is chosen."""
        numbered = list(enumerate(reversed(self._sendings), start=1))
        return [
            (n, one["version"], one is self.base)
            for n, one in numbered
            if one["answers"] != self.answers
        ]

    @property
    def base_at(self) -> datetime | None:
        """When that was."""
        return datetime.fromisoformat(self.base["at"]) if self.base else None

    @cached_property
    def facts(self) -> list[Fact]:
        """Every answer that is there or was; the title stands above."""
        specs = [spec for spec in self.submission.round.spec.fields if spec.id not in HEAD]
        made = [self._fact(spec) for spec in specs]
        return [one for one in made if one.pieces]

    @property
    def changed(self) -> list[Fact]:
        """What differs from what was sent in before, the title too."""
        if not self.base:
            return []
        heads = [spec for spec in self.submission.round.spec.fields if spec.id in HEAD]
        made = [self._fact(spec) for spec in heads]
        return [one for one in [*made, *self.facts] if one.changed]

    @property
    def unchanged(self) -> list[Fact]:
        """The rest."""
        return [one for one in self.facts if not one.changed]

    @property
    def unanswered(self) -> str:
        """Labels of what nobody answered, in one line."""
        known = {one.id for one in self.facts} | set(HEAD)
        missing = [s.id for s in self.submission.round.spec.fields if s.id not in known]
        labels = dict(self.subjects())
        return "; ".join(labels[name].lower() for name in missing)

    def _fact(self, spec: FieldSpec) -> Fact:
        now = self._answer(spec, self.answers)
        was = self._answer(spec, self.base["answers"]) if self.base else now
        key = field_key(self.submission.round.form, spec.id)
        long = spec.kind in ("text", "longtext")
        laid = pieces(was, now) if long else _replaced(was, now)
        origin = self.initiative.replicated_from
        return Fact(
            id=spec.id,
            label=self.text(f"{key}.label"),
            pieces=laid,
            changed=was != now,
            was_empty=bool(now and not was),
            url=origin.get_absolute_url() if spec.id == "replicated_from" and origin else "",
            talk=sum(one.about == spec.id for one in self.talk),
        )

    def _answer(self, spec: FieldSpec, answers: dict[str, Any]) -> str:
        value = answers.get(spec.id)
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(value, list):
            return (
                ngettext("%(n)s file", "%(n)s files", len(value)) % {"n": len(value)}
                if value
                else ""
            )
        key = field_key(self.submission.round.form, spec.id)
        text = answer_text(self.pack, spec, value, key=key, language=self.language)
        if text and spec.measure:
            text = f"{text} {self.text(f'measures.{spec.measure}')}"
        return text

    # -- points ---------------------------------------------------------------------------------

    @cached_property
    def own(self) -> Said | None:
        """The points the unit gave itself, the newest."""
        return next((one for one in self.said if one.kind == "self"), None)

    @property
    def own_total(self) -> Decimal | None:
        """The sum of the unit's own points."""
        return Decimal(self.own.total) if self.own and self.own.total else None

    @cached_property
    def given(self) -> Said | None:
        """The standing review."""
        return next((one for one in self.said if one.kind == "review" and one.total), None)

    @cached_property
    def lines(self) -> list[Line]:
        """The review sheet."""
        criteria = self.pack.criteria
        own = self.own.scores if self.own else {}
        return [
            Line(
                id=item.id,
                label=self.text(f"criteria.{item.id}.label"),
                most=item.maximum,
                own=own.get(item.id, ""),
                typed=self.typed.get(item.id, ""),
                help=self._help(f"criteria.{item.id}.help"),
            )
            for item in (criteria.items if criteria else ())
        ]

    def _help(self, key: str) -> str:
        return self.text(key) if self.pack.has_text(key) else ""

    @property
    def total(self) -> Decimal:
        """The sum of what is typed; what is no number counts nothing yet."""
        return sum((_points(line.typed) for line in self.lines), Decimal(0))

    @property
    def most(self) -> Decimal | None:
        """All the points there are."""
        return self.pack.criteria.total if self.pack.criteria else None

    @property
    def last_words(self) -> Said | None:
        """What this reviewer wrote last time."""
        mine = (one for one in self.said if one.account == self.account and one.text)
        return next((one for one in mine if one.kind != "self"), None)

    @property
    def proofs(self) -> list[Proof]:
        """Photos first before, then after; then papers."""
        order = {"photos_before": 0, "photos_after": 1}
        files = getattr(self.initiative, "files", [])
        return [
            _proof(one, self.text(f"{field_key(self.submission.round.form, one['field'])}.label"))
            for one in sorted(files, key=lambda one: order.get(one["field"], 2))
        ]


def _replaced(was: str, now: str) -> list[Piece]:
    if was == now:
        return [Piece("same", now)] if now else []
    both = [Piece("was", was), Piece("same", " "), Piece("new", now)]
    return both if was and now else [one for one in (both[0], both[2]) if one.text]


def _points(text: str) -> Decimal:
    try:
        points = Decimal(text.replace(",", ".") or 0)
    except InvalidOperation:
        return Decimal(0)
    return points if points.is_finite() else Decimal(0)


def _proof(file: dict[str, Any], label: str) -> Proof:
    picture = file["media_type"] in ("image/jpeg", "image/png", "image/webp")
    try:
        large = reverse("photo", args=[file["pk"]]) if picture else ""
        thumb = reverse("photo_thumb", args=[file["pk"]]) if picture else ""
    except NoReverseMatch:  # pictures are not served yet: the document itself is
        large = thumb = reverse("document", args=[file["pk"]])
    return Proof(
        file["title"] or file["filename"],
        label,
        large or reverse("document", args=[file["pk"]]),
        thumb,
    )
