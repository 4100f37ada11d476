"""The queue: Late · Waiting · Returned, oldest first, a window of it at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from banyan.desk.lives import RECOGNISE, Lives
from banyan.desk.signals import counts_of
from banyan.initiatives.models import Initiative
from banyan.kernel.text import folded
from banyan.orgs.models import Unit, UnitName
from banyan.packs import rules
from banyan.packs.schema import Pack
from banyan.submissions.models import Remark, Review, Step
from banyan.web.page import BanyanRequest, number_asked

# A rule of this house, said on the screen; no law is behind it.
PATIENCE = 5
PER_PAGE, MOST = 40, 10**18
Key = tuple[int, datetime, int]
GROUPS = ("late", "waiting", "returned", "recognition")
FILTERS = ("show", "field", "unit", "q")


@dataclass(frozen=True)
class Item:
    """One line of the queue."""

    pk: int
    group: str
    title: str
    under: str
    since: datetime
    how_long: str
    marks: int
    submission: int
    plain: "Plain | None" = None


@dataclass(frozen=True)
class Plain:
    """Nothing about it is remarkable: the move that accepts it, and the unit's own points if any."""

    move: str
    scores: dict[str, str]


class Queue:
    """The records that wait, under the filters of the address; rows come from within reach."""

    def __init__(self, request: BanyanRequest) -> None:
        self.request, self.actor, self.today = request, request.actor, request.today
        self.language = (get_language() or "vi")[:2]
        asked = request.GET.get("show", "")
        self.show = asked if asked in GROUPS else ""
        if self.show == "recognition" and not self.actor.holds(RECOGNISE):
            self.show = ""

    @cached_property
    def lives(self) -> Lives:
        """What a reviewer may decide in each edition."""
        return Lives.installed()

    @property
    def query(self) -> str:
        """The filters, to be carried from record to record."""
        kept = self.request.GET.copy()
        for name in list(kept):
            if name not in FILTERS or not kept[name]:
                del kept[name]
        return kept.urlencode()

    @property
    def late(self) -> Q:
        """It has waited longer than patience allows: the due date of a round is the unit's, not ours."""
        return Q(submission__changed_at__lt=_edge(self.today))

    def seen(self) -> Any:
        """Rows within reach under the filters, of whatever state."""
        rows = self.request.seen(Initiative)
        if field := self.request.GET.get("field"):
            rows = rows.filter(submission__answers__field=field[:60])
        unit = number_asked(self.request, "unit")
        if unit is not None:
            below = Unit(pk=unit).charge(on=self.today, tree=self.actor.post.tree)
            rows = rows.filter(unit__in=below)
        for word in folded(self.request.GET.get("q", "").replace("\0", "")[:200]).split():
            # Not tied to the row: the units so named are found once, by their own index.
            named = UnitName.objects.filter(folded__contains=word).values("unit")
            code = Q(code__iexact=word)
            rows = rows.filter(code | Q(folded__contains=word) | Q(unit__in=named))
        return rows

    def of(self, group: str) -> Any:
        """The rows of one group."""
        rows = self.seen()
        if group == "returned":
            return rows.filter(self.lives.returned, submission__in=self._sent_back())
        if group == "recognition":
            return rows.filter(self.lives.to_recognise)
        own = Q(submission__submitted_by=self.actor.account_id)
        rows = rows.filter(self.lives.waiting).filter(~own | Q(submission__submitted_by=None))
        return rows.filter(self.late) if group == "late" else rows.exclude(self.late)

    def _sent_back(self) -> Any:
        """Records whose newest step sent them back."""
        newer = Step.objects.filter(
            submission=OuterRef("submission"), version__gt=OuterRef("version")
        )
        back = Step.objects.filter(move__in=self.lives.moves_back)
        return back.filter(~Exists(newer)).values("submission")

    def _ranked(self, group: str) -> Any:
        """The keys of a group's rows, by which they stand in order."""
        rank = Value(GROUPS.index(group))
        return self.of(group).annotate(rank=rank, since=F("submission__changed_at"))

    def _told(self, keys: Any) -> Any:
        """What a line tells, of rows found before: ten thousand answers are not sorted with them."""
        names = UnitName.objects.filter(
            unit=OuterRef("unit"), language="vi", valid__contains=self.today
        )
        waits = self.lives.waiting
        rank = Case(
            When(waits & self.late, then=Value(0)),
            When(waits, then=Value(1)),
            default=Value(GROUPS.index(self.show or "returned")),
        )
        return (
            self.request.seen(Initiative)
            .filter(pk__in=keys)
            .annotate(
                rank=rank,
                since=F("submission__changed_at"),
                unit_name=Subquery(names.values("name")[:1]),
                **self._remarkable(),
            )
            .values(*COLUMNS)
        )

    def _remarkable(self) -> dict[str, Any]:
        """What makes a record one to be looked at by itself; and the unit's own points."""
        of = OuterRef("submission")
        reviews = Review.objects.filter(submission=of)
        own = reviews.filter(kind="self").order_by("-pk").values("scores")
        return {
            "spoken": Exists(Remark.objects.filter(submission=of)),
            "came_back": Exists(reviews.filter(move__in=self.lives.moves_back)),
            "own_scores": Subquery(own[:1]),
        }

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are shown."""
        return (self.show,) if self.show else GROUPS[:3]

    def _rows(self, at: Key | None, after: Key | None) -> list[dict[str, Any]]:
        """One window in one query: what stands before a place and what follows it, in order."""
        parts = []
        for group in self.groups:
            ranked = self._ranked(group)
            rest = ranked.filter(_beyond(after)) if after else ranked
            if at:
                before = ranked.filter(_beyond(at, back=True))
                parts.append(before.order_by("-since", "-pk").values("pk")[:PER_PAGE])
                rest = ranked.exclude(_beyond(at, back=True))
            parts.append(rest.order_by("since", "pk").values("pk")[: PER_PAGE + 1])
        joined = parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]
        return sorted(self._told(joined), key=lambda row: (row["rank"], row["since"], row["pk"]))

    def window(self, at: Key | None = None, also: int = 0) -> "Window":
        """The lines around a record, or from the beginning, or after a line that ended a window.

        `also`: a submission whose marks are wanted though it may stand outside.
        """
        after = None if at else _read_key(self.request.GET.get("after", ""))
        rows = self._rows(at, after)
        begin, end = 0, len(rows)
        if at:
            here = [(row["rank"], row["since"], row["pk"]) for row in rows]
            place = next((n for n, key in enumerate(here) if key >= at), len(rows))
            begin = max(0, place - PER_PAGE)
            end = min(end, place + PER_PAGE)
        else:
            end = min(end, PER_PAGE)
        shown = rows[begin:end]
        marks = counts_of([row["submission_id"] for row in shown] + [also] * bool(also))
        items = [self._item(row, marks) for row in shown]
        more = _written_key(shown[-1]) if end < len(rows) else ""
        return Window(items, more, earlier=begin > 0, marks=marks)

    def _item(self, row: dict[str, Any], marks: dict[int, int]) -> Item:
        edition = row["submission__round__edition_id"]
        answers = row["submission__answers"]
        pack = self.lives.packs[edition]
        chosen, known = answers.get("field"), row["submission__round__form"]
        key = f"forms.{known}.fields.field.choices.{chosen}" if chosen else "unclassified"
        return Item(
            pk=row["pk"],
            group=GROUPS[row["rank"]],
            title=row["title"],
            under=" · ".join([row["unit_name"] or "", pack.text(key, self.language)]),
            since=row["since"],
            how_long=how_long(row["since"], self.today),
            marks=marks.get(row["submission_id"], 0),
            submission=row["submission_id"],
            plain=None if row["submission_id"] in marks else self._plain(row, pack),
        )

    def _plain(self, row: dict[str, Any], pack: Pack) -> Plain | None:
        """How a record may be accepted together with others; None when it wants a look of its own."""
        state, form = row["submission__state"], row["submission__round__form"]
        take = self.lives.by_edition[row["submission__round__edition_id"]].take(state)
        if row["rank"] > 1 or take is None or row["spoken"] or row["came_back"]:
            return None
        own: dict[str, str] = row["own_scores"] or {}
        case = rules.Case(
            pack=pack,
            form=pack.form(form),
            move=take.name,
            state=state,
            answers=row["submission__answers"],
            language=self.language,
            scores=own,
        )
        if rules.all_required_answered(case) or rules.unmet(case):
            return None
        if take.rule is None:
            return Plain(take.name, {})
        items = pack.criteria.items if pack.criteria else ()
        # All points there are, on every line: nobody's work is that even.
        if all(Decimal(own[item.id]) == item.maximum for item in items):
            return None
        return Plain(take.name, own)

    def place_of(self, initiative: Initiative, newest_move: str) -> Key | None:
        """Where a record stands in the queue; None when it does not wait for this reviewer."""
        submission = initiative.submission
        life = self.lives.by_edition[submission.round.edition_id]
        own = submission.submitted_by_id is not None
        own = own and submission.submitted_by_id == self.actor.account_id
        if self.show == "recognition" and submission.state in life.to_recognise:
            group = "recognition"
        elif submission.state in life.waiting and not own:
            late = submission.changed_at < _edge(self.today)
            group = "late" if late else "waiting"
        elif submission.state in life.returned and newest_move in self.lives.moves_back:
            group = "returned"
        else:
            return None
        return GROUPS.index(group), submission.changed_at, initiative.pk


@dataclass(frozen=True)
class Window:
    """What is shown of the queue."""

    items: list[Item]
    more: str
    earlier: bool
    marks: dict[int, int]

    def groups(self) -> Iterator[tuple[str, str, list[Item]]]:
        """The lines by group, with the word above each."""
        words = group_words()
        for name, lines in groupby(self.items, key=lambda item: item.group):
            yield name, words[name], list(lines)

    def beside(self, pk: int) -> tuple[int | None, int | None]:
        """The records before and after one; without it in the window, the first is the next."""
        keys = [item.pk for item in self.items]
        if pk not in keys:
            return None, keys[0] if keys else None
        at = keys.index(pk)
        return keys[at - 1] if at else None, keys[at + 1] if at + 1 < len(keys) else None


def group_words() -> dict[str, str]:
    """What the groups are called."""
    return {
        "late": _("Late"),
        "waiting": _("Waiting"),
        "returned": _("Returned"),
        "recognition": _("Waiting for recognition"),
    }


def how_long(since: datetime, today: date) -> str:
    """Since when it waits."""
    days = (today - timezone.localtime(since).date()).days
    if days < 1:
        return _("today")
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def _edge(today: date) -> datetime:
    """Before this instant something has waited longer than patience allows."""
    day = today - timedelta(days=PATIENCE)
    return timezone.make_aware(datetime.combine(day, time.min))


def _beyond(key: Key, *, back: bool = False) -> Q:
    rank, since, pk = key
    word = "lt" if back else "gt"
    return (
        Q(**{f"rank__{word}": rank})
        | Q(rank=rank, **{f"since__{word}": since})
        | Q(rank=rank, since=since, **{f"pk__{word}": pk})
    )


def _written_key(row: dict[str, Any]) -> str:
    return f"{row['rank']}~{row['since'].astimezone(UTC).isoformat()}~{row['pk']}"


def _read_key(text: str) -> Key | None:
    """A place in the queue as an address writes it; one that cannot be read is the beginning."""
    try:
        rank, since, pk = text.split("~")
        key = int(rank), datetime.fromisoformat(since.replace(" ", "+")), int(pk)
    except (ValueError, OverflowError):
        return None
    return key if key[1].tzinfo and 0 <= key[0] < len(GROUPS) and 0 <= key[2] < MOST else None


COLUMNS = (
    "pk",
    "rank",
    "since",
    "title",
    "unit_name",
    "submission_id",
    "submission__answers",
    "submission__round__edition_id",
    "submission__round__form",
    "submission__state",
    "spoken",
    "came_back",
    "own_scores",
)
