"""Answers to a round from an office's workbook: one row a unit, the form's fields as columns."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.figures.words import period_text
from banyan.imports.pack_books import cells_of, columns_of, fields_of
from banyan.imports.pack_rows import RowTaker
from banyan.imports.pack_sheet import Plan
from banyan.imports.places import Places
from banyan.imports.target import UNIT, WITHIN, Asked, Line, Target, register_target
from banyan.imports.told import CellTold
from banyan.kernel.errors import Refusal
from banyan.kernel.headers import Column
from banyan.kernel.notes import Note, note
from banyan.kernel.text import vi_sort_key
from banyan.ledger.operation import Actor
from banyan.submissions import answer_many
from banyan.submissions.expecting import title_of
from banyan.submissions.models import Expectation, Round, Submission
from banyan.submissions.rounds import Told
from banyan.web.template_book import HIDDEN_COLUMNS, THING, VERSION, BookColumn, BookRow

CAPABILITY = "submission.import"


def open_rounds(actor: Any) -> list[Round]:
    """The rounds still open that ask units within reach, the newest first; not those of registers."""
    asked = Expectation.objects.filter(unit__in=actor.reach(CAPABILITY)).values("round")
    rows = Round.objects.filter(pk__in=asked, closed_on=None)
    found = rows.select_related("edition__programme").order_by("-due", "-pk")[:50]
    return [one for one in found if one.spec.purpose != "initiative"]


def called(round: Round) -> str:
    """What a round is called among others: with the period it covers."""
    return f"{title_of(round)}, {period_text(round.covers)}"


@register_target
class Answers(Target):
    """What units answer to one round."""

    key = "answers"
    title = gettext_lazy("Answers to a round")
    lead = gettext_lazy("One row a unit: what each answers to a round that asks it.")
    needs = CAPABILITY
    required = frozenset({UNIT})
    list_url = "rounds"

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        said = asked.options.get("round", "")
        found = Round.objects.select_related("edition__programme", "unit").filter(
            pk=int(said) if said.isdecimal() else 0
        )
        round = found.first()
        if round is None or round.spec.purpose == "initiative":
            raise Refusal(_("This round does not exist."), "", _("Choose a round."), status=404)
        self.round = round
        keeps = not asked.options.get("send")
        self.plan = Plan(round.edition.pack, round.spec, asked.language, keeps)
        self.takers: dict[str, RowTaker] = {}

    @classmethod
    def fields(cls, actor: Any, day: date) -> dict[str, Any]:
        """Which round, and whether what is complete is sent in at once."""
        rounds = [(str(one.pk), called(one)) for one in open_rounds(actor)]
        return {
            "round": forms.ChoiceField(
                label=_("Round"),
                choices=rounds,
                initial=rounds[0][0] if len(rounds) == 1 else None,
                help_text="" if rounds else _("No round is open that asks units of yours."),
            ),
            "send": forms.BooleanField(
                label=_("Send the answers in"),
                required=False,
                help_text=_("Else they are kept, and each unit sends its own in."),
            ),
        }

    @classmethod
    def options_of(cls, cleaned: Mapping[str, Any]) -> dict[str, str]:
        """The round, and whether answers are sent in."""
        return {"round": cleaned.get("round") or "", "send": "yes" if cleaned.get("send") else ""}

    def about(self) -> list[str]:
        """Which round, of which period."""
        return [called(self.round)]

    # --- reading ----------------------------------------------------------------------------------

    @property
    def columns(self) -> Sequence[Column]:
        """The unit, its district, the fields of the form."""
        return (*self.plan.columns, *HIDDEN_COLUMNS)

    @property
    def within(self) -> tuple[date, date] | None:
        """The days of the round's period."""
        return self.round.covers.first, self.round.covers.last

    def label(self, column: str) -> str:
        """What a column is called."""
        named = {THING: "Banyan id", VERSION: "Banyan version"}
        return named.get(column) or self.plan.label(column)

    def choices(self, column: str) -> list[tuple[str, str]]:
        """Units, or the choices of a field."""
        return self.places.offered if column == UNIT else self.plan.choices_of(column)

    @cached_property
    def places(self) -> Places:
        """The units under the one that sends the file."""
        answered, kinds = self.asked.meant.get(UNIT, {}), self.plan.pack.unit_kinds
        return Places(self.asked.unit, self.round.covers.last, kinds, answered=answered)

    @cached_property
    def asked_of(self) -> dict[int, int]:
        """Which units the round asks, with the id of each asking."""
        rows = Expectation.objects.filter(round=self.round)
        return dict(rows.values_list("unit", "pk"))

    def notes(self) -> list[Note]:
        """What is so for every row."""
        return [one for taker in self.takers.values() for one in taker.once.values()]

    def line(self, row: Any, table: Any) -> Line:
        """What one unit answers."""
        if table.sheet not in self.takers:
            self.takers[table.sheet] = RowTaker(self.plan, table, self.places)
        taken = self.takers[table.sheet].take(row)
        name = taken.unit.name_on(None) if taken.unit else row.raw.get(UNIT, "")
        version = row.cells.get(VERSION)
        values = {
            "answers": taken.answers,
            "said": sorted(taken.said),
            "asking": 0,
            "was": None,
            "read_at": int(version.value or 0) if version else 0,
        }
        line = Line(
            taken.sheet,
            taken.line,
            name,
            str(taken.unit.pk) if taken.unit else "",
            values,
            taken.shown,
            taken.told,
            outcome="wrong" if taken.is_out else "new",
        )
        if taken.unit and not any(map(row.raw.get, self.answered_in)):
            line.told, line.outcome = [], "same"  # a unit whose row was left as it was made
        elif taken.unit and not taken.is_out:
            asking = self.asked_of.get(taken.unit.pk)
            if asking is None:
                self._refuse(line, "unit_not_asked", name=name)
            else:
                line.values["asking"] = asking
        return line

    def _refuse(self, line: Line, why: str, **params: str) -> None:
        label = self.plan.label(UNIT)
        told = CellTold(
            "", UNIT, label, line.title, "", "wrong", (note(why, **params),), keeps_out=True
        )
        line.told.append(told)
        line.outcome = "wrong"

    def settle(self, lines: list[Line]) -> None:
        """What each unit has answered so far."""
        todo = {int(line.key): line for line in lines if line.outcome == "new"}
        rows = Submission.objects.filter(round=self.round, unit__in=todo).order_by("-pk")
        for pk, unit, answers, version, state in rows.values_list(
            "pk", "unit", "answers", "version", "state"
        ):
            self._weigh(todo[unit], (pk, answers, version, state))

    def _weigh(self, line: Line, known: tuple[int, dict[str, Any], int, str]) -> None:
        pk, stored, version, state = known
        line.thing, line.version = pk, version
        said, clears = line.values["answers"], self.asked.options.get("empty") == "clear"
        asked = [id for id in line.values["said"] if clears or id in said]
        differs = {id: said.get(id) for id in asked if said.get(id) != stored.get(id)}
        if not differs:
            line.outcome = "same"
            return
        form = self.plan.form
        line.before = {id: self.plan.value(form.field(id), stored.get(id)) for id in differs}
        merged = {id: value for id, value in {**stored, **differs}.items() if value is not None}
        line.values |= {"answers": merged, "was": stored}
        line.outcome = "changed"
        if state != self.plan.life.start:
            self._refuse(line, "answered_already", name=line.title)
        elif clears and version > line.values["read_at"]:
            self._refuse(line, "answered_since_export", name=line.title)

    # --- workbooks out ----------------------------------------------------------------------------

    @cached_property
    def answered_in(self) -> list[str]:
        """The columns in which something can be answered."""
        return [column.id for column in self.plan.columns if column.id not in (UNIT, WITHIN)]

    def book_columns(self) -> list[BookColumn]:
        """The unit, of those that the round asks, then what the form asks."""
        units = [name for pk, name in self.places.offered if int(pk) in self.asked_of]
        return columns_of(self.plan, units)

    def book_rows(self) -> Iterator[BookRow]:
        """Every unit that the round asks here, with what it has answered so far as the actor sees it."""
        names, seen = self.places.called, Submission.objects.visible_to(self.asked.actor)
        rows = seen.filter(round=self.round).order_by("pk")
        told = {
            unit: (pk, version, answers)
            for unit, pk, version, answers in rows.values_list("unit", "pk", "version", "answers")
        }
        asked, fields = [unit for unit in names if unit in self.asked_of], fields_of(self.plan)
        for unit in sorted(asked, key=lambda one: vi_sort_key(names[one])):
            pk, version, answers = told.get(unit, (None, None, {}))
            yield BookRow([names[unit], *cells_of(self.plan, fields, answers)], pk, version)

    # --- carrying out -----------------------------------------------------------------------------

    def commit(self, lines: Sequence[Line], *, by: Actor) -> list[int]:
        """Answer for every unit of the lines, as by hand."""
        send = bool(self.asked.options.get("send"))
        told = {
            line.values["asking"]: Told(line.values["answers"], line.version, send=send)
            for line in lines
        }
        done = answer_many.answer_many(
            self.asked.unit, answers=told, on=self.asked.actor.today, by=by
        )
        return [done.answered[line.values["asking"]] for line in lines]

    def undo(self, lines: Sequence[Line], *, by: Actor) -> dict[int, str]:
        """Delete what was answered, put back what was changed, where nobody has worked on it."""
        sent = 1 if self.asked.options.get("send") else 0
        made = {one.thing or 0: 1 + sent for one in lines if one.outcome == "new"}
        before = {
            one.thing or 0: (one.version + 1 + sent, one.values["was"])
            for one in lines
            if one.outcome == "changed"
        }
        kept = answer_many.take_back_many(self.asked.unit, made=made, before=before, by=by)
        return {at: kept[one.thing] for at, one in enumerate(lines) if one.thing in kept}
