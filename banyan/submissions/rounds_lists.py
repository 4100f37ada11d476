"""Who is expected in a round, who has answered and who has not; telephone numbers to call."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Collate, Concat
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from banyan.figures.words import period_text
from banyan.kernel.text import fold, same_tone
from banyan.ledger.operation import record
from banyan.orgs.models import Kind, UnitName
from banyan.orgs.places import name_of
from banyan.submissions.expecting import (
    ACCEPTED,
    ANSWERED,
    CONTENT,
    ENDED,
    LATE,
    REGISTERS,
    WAITING,
    askings,
    callable_at,
    title_of,
    with_progress,
)
from banyan.submissions.models import Expectation, Round
from banyan.submissions.rounds import OPEN
from banyan.web.listing import Cell, Column, Filter, Link, Listing, Row

REVIEW = "submission.review"
STATES = {
    WAITING: gettext_lazy("not yet"),
    LATE: gettext_lazy("late"),
    ANSWERED: gettext_lazy("answered"),
    ACCEPTED: gettext_lazy("accepted"),
    ENDED: gettext_lazy("no longer stands"),
}
TONES = {WAITING: "", LATE: "red", ANSWERED: "leaf", ACCEPTED: "leaf", ENDED: ""}
# Who has not answered comes first, who is late on top.
RANKS = (LATE, WAITING, ENDED, ANSWERED, ACCEPTED)
OPEN_STATES = "open"


@dataclass(frozen=True)
class Call(Cell):
    """A cell that is a telephone number to tap."""

    url: str = ""


class ExpectationList(Listing):
    """Every unit that is asked for something, within reach: who has answered and who has not."""

    name = "expectations"
    of = Expectation
    title = gettext_lazy("Asked of single units")
    order = "unit"
    needs = "submission.view"
    parameters = {"phones": "1: with telephone numbers, which is written in the ledger."}

    def lead(self) -> str:
        """What the list is."""
        return _("Who is asked for what, by when, and what has come in.")

    def prepare(self, rows: Any) -> Any:
        """Join, name, and say how each stands today."""
        day = self.request.today
        last = Func(
            F("round__span"), template="(upper(%(expressions)s) - 1)", output_field=DateField()
        )
        rows = with_progress(rows, day, self.asking).annotate(last_day=last)
        named = UnitName.objects.filter(
            unit=OuterRef("unit"), language="vi", valid__contains=OuterRef("last_day")
        )
        ranks = [When(state_now=state, then=Value(str(at))) for at, state in enumerate(RANKS)]
        key = Concat(
            Case(*ranks, default=Value("9"), output_field=CharField()),
            Coalesce(Subquery(named.values("sort_key")[:1]), Value("")),
            output_field=CharField(),
        )
        rows = rows.annotate(
            unit_name=name_of(OuterRef("unit_id"), OuterRef("last_day")),
            receiver_name=name_of(OuterRef("receiver_id"), OuterRef("last_day")),
            order_key=Collate(key, "C"),
        )
        if self.phones_asked:
            mine = Q(receiver__in=self.actor.reach(REVIEW if self.actor.holds(REVIEW) else OPEN))
            rows = rows.annotate(may_call=ExpressionWrapper(mine, output_field=BooleanField()))
        return rows.select_related("round__edition__programme", "unit").defer(CONTENT)

    @cached_property
    def asking(self) -> Any:
        """What the editions ask; one query."""
        return askings()

    # Filters --------------------------------------------------------------------------------------

    def filters_of(self) -> Sequence[Filter]:
        """State (by the chips) and kind of unit."""
        states = [("", "—"), (OPEN_STATES, ""), *STATES.items()]
        kinds = [("", "—"), *Kind.choices]
        hidden = forms.ChoiceField(choices=states, widget=forms.HiddenInput())
        kind = forms.ChoiceField(label=_("Kind of unit"), choices=kinds)
        return [
            Filter("state", hidden, _in_state),
            Filter("kind", kind, lambda rows, value: rows.filter(unit__kind=value)),
        ]

    def search_in(self, rows: Any, text: str) -> Any:
        """By the unit's name, accents or not."""
        named = UnitName.objects.filter(
            unit=OuterRef("unit"), folded__contains=fold(same_tone(text))
        )
        return rows.filter(Exists(named))

    @cached_property
    def by_state(self) -> dict[str, int]:
        """How many are in each state under the other filters; one query."""
        rows = self.prepare(self.request.seen(self.of))
        for one in self.filters:
            value = self.form.cleaned_data.get(one.key)
            if one.key != "state" and value:
                rows = one.apply(rows, value)
        rows = self.search_in(rows, self.search) if self.search else rows
        counted = rows.order_by().values("state_now").annotate(n=Count("pk"))
        return {row["state_now"]: row["n"] for row in counted}

    def count(self, state: str) -> int:
        """How many that is; `open`: not answered, late or not."""
        if state == OPEN_STATES:
            return self.by_state.get(WAITING, 0) + self.by_state.get(LATE, 0)
        if state == ANSWERED:
            return self.by_state.get(ANSWERED, 0) + self.by_state.get(ACCEPTED, 0)
        return self.by_state.get(state, 0) if state else sum(self.by_state.values())

    @cached_property
    def total(self) -> int:
        """Counted with the chips."""
        asked = self.form.cleaned_data.get("state") or ""
        return self.count(asked) if asked != ACCEPTED else self.by_state.get(ACCEPTED, 0)

    def chips_of(self) -> list[Link]:
        """All, not answered, late, answered, no longer standing."""
        words = [
            ("", _("All"), ""),
            (OPEN_STATES, _("Not answered"), ""),
            (LATE, _("Late"), "red"),
            (ANSWERED, _("Answered"), "leaf"),
            (ENDED, _("No longer stands"), ""),
        ]
        now = self.form.cleaned_data.get("state") or ""
        return [
            Link(
                label,
                self.url(state=state or None, after=None),
                active=state == now,
                count=self.count(state),
                tone=tone if self.count(state) else "",
            )
            for state, label, tone in words
            if state != ENDED or self.count(state)
        ]

    # Columns --------------------------------------------------------------------------------------

    def columns_of(self) -> Sequence[Column]:
        """The unit, the round, the day, what came in, how it stands."""
        found = [
            Column("unit", _("Unit"), lambda r: r.unit_name, order="order_key", sub=_answers_to)
        ]
        found += self.round_columns()
        found += [
            Column("due", _("Due"), lambda r: r.due_on, kind="date", order="due_on", sub=_moved),
            *self.came_in(),
            Column(
                "state",
                _("How it stands"),
                lambda r: str(STATES[r.state_now]),
                kind="chip",
                sub=self.days_of,
                tone=lambda r: TONES[r.state_now],
            ),
        ]
        if self.phones_asked and not self.request.GET.get("as"):
            found.append(Column("phone", _("Telephone"), self.phone_of, sub=self.holder_of))
        return found

    def round_columns(self) -> list[Column]:
        """What is asked, of which period."""
        return [
            Column("round", _("Round"), lambda r: title_of(r.round), sub=lambda r: r.round.period)
        ]

    def came_in(self) -> list[Column]:
        """How many records that is."""
        return [
            Column("answers", _("Came in"), lambda r: r.answers, kind="number", order="answers")
        ]

    def days_of(self, row: Any) -> str:
        """How many days are left, or since when it is late; the day it came in."""
        if row.state_now == LATE:
            days = (self.request.today - row.due_on).days
            return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
        if row.state_now == WAITING and row.round.closed_on is None:
            days = (row.due_on - self.request.today).days
            return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}
        if row.answered_on and row.state_now in (ANSWERED, ACCEPTED):
            late = (row.answered_on - row.due_on).days
            said = f"{row.answered_on:%d/%m/%Y}"
            if late <= 0:
                return said
            words = ngettext("%(day)s, %(n)s day late", "%(day)s, %(n)s days late", late)
            return words % {"day": said, "n": late}
        return ""

    # Telephone numbers ----------------------------------------------------------------------------

    @property
    def may_call(self) -> bool:
        """Whether the post opens or receives rounds at all."""
        return bool(self.actor.holds(REVIEW) or self.actor.holds(OPEN))

    @property
    def phones_asked(self) -> bool:
        """Whether telephone numbers are to be shown."""
        return self.may_call and self.request.GET.get("phones") == "1"

    @cached_property
    def called(self) -> dict[int, list[dict[str, str]]]:
        """Who can be called at the units of this page that the post receives from; one query."""
        units = {row.unit_id for row in self.page_rows if row.may_call}
        return callable_at(units, self.request.today) if units else {}

    def phone_of(self, row: Any) -> str:
        """The telephone number of the first who answers there."""
        return next((one["phone"] for one in self.called.get(row.unit_id, ())), "")

    def holder_of(self, row: Any) -> str:
        """Whose number it is."""
        return next((one["name"] for one in self.called.get(row.unit_id, ())), "")

    def shown(self, row: Any) -> Row:
        """With a number to tap."""
        made = super().shown(row)
        cells = [
            Call(c.text, c.kind, c.label, c.tone, c.sub, f"tel:{_dialled(c.text)}")
            if column.key == "phone" and c.text
            else c
            for column, c in zip(self.columns_all, made.cells, strict=True)
        ]
        return replace(made, cells=cells)

    def respond(self) -> HttpResponseBase:
        """Reading telephone numbers is written in the ledger."""
        if self.phones_asked and not self.request.GET.get("as") and self.called:
            n = sum(len(known) for known in self.called.values())
            record("phones.read", self.page_rows[0].round, by=self.actor, things=n)
        return super().respond()


class RoundPage(ExpectationList):
    """One round: who is asked in it. Its template adds facts, reminder and requests."""

    template = "submissions/round.html"
    searches = True

    def __init__(self, request: Any, round: Round) -> None:
        super().__init__(request)
        self.round = round

    @property
    def title(self) -> str:  # type: ignore[override]
        """What is asked for which period."""
        return f"{title_of(self.round)} · {period_text(self.round.covers)}"

    def lead(self) -> str:
        """How many have answered."""
        return _("%(answered)s of %(asked)s units have answered.") % {
            "answered": self.answered,
            "asked": sum(self.everyone.values()),
        }

    @cached_property
    def everyone(self) -> dict[str, int]:
        """By state, with no regard to the filters."""
        if not self.search and not self.form.cleaned_data.get("kind"):
            return self.by_state
        rows = self.prepare(self.request.seen(self.of)).order_by().values("state_now")
        return {row["state_now"]: row["n"] for row in rows.annotate(n=Count("pk"))}

    @property
    def answered(self) -> int:
        """How many have answered in all."""
        return self.everyone.get(ANSWERED, 0) + self.everyone.get(ACCEPTED, 0)

    def count_open(self) -> int:
        """How many have not answered in all."""
        return self.everyone.get(WAITING, 0) + self.everyone.get(LATE, 0)

    def open_names(self) -> Any:
        """The names of those, who is late first."""
        rows = _in_state(self.prepare(self.request.seen(self.of)), OPEN_STATES)
        return rows.order_by("order_key", "pk").values_list("unit_name", flat=True)

    @cached_property
    def asking(self) -> Any:
        """Only what this round's edition asks: no query."""
        return askings([self.round.edition])

    def prepare(self, rows: Any) -> Any:
        """Of this round."""
        return super().prepare(rows.filter(round=self.round))

    def round_columns(self) -> list[Column]:
        """The round is the page."""
        return []

    def came_in(self) -> list[Column]:
        """Of models there are several; a review is there or not, and the state says so."""
        return super().came_in() if self.registers else []

    @property
    def registers(self) -> bool:
        """Whether models are registered in it."""
        return self.round.spec.purpose == REGISTERS

    def note(self) -> str:
        """How many models a unit registers in a year, where the pack says so."""
        spec = self.round.edition.pack.round_of(self.round.form)
        if not self.registers or spec is None or spec.least is None or spec.most is None:
            return ""
        words = {"least": spec.least, "most": spec.most}
        return _("A unit registers %(least)s to %(most)s models a year.") % words

    def actions_of(self) -> list[Link]:
        """Telephone numbers of those who have not answered."""
        if not self.may_call or self.phones_asked:
            return []
        return [
            Link(_("Show telephone numbers"), self.url(phones="1", state=OPEN_STATES, after=None))
        ]


def _in_state(rows: Any, value: str) -> Any:
    if value == OPEN_STATES:
        return rows.filter(state_now__in=[WAITING, LATE])
    if value == ANSWERED:
        return rows.filter(state_now__in=[ANSWERED, ACCEPTED])
    return rows.filter(state_now=value)


def _answers_to(row: Any) -> str:
    if row.receiver_id == row.round.unit_id:
        return ""
    return _("answers to %(unit)s") % {"unit": row.receiver_name}


def _moved(row: Any) -> str:
    return _("later day granted") if row.due_on != row.round.due else ""


def _dialled(text: Any) -> str:
    return "".join(sign for sign in str(text) if sign.isdigit() or sign == "+")
