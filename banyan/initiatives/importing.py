"""Models from an officer's workbook: what each row would become, and what it changes.

The engine (`banyan.imports`) reads and stages; here is what a register's row means, what stands
there already, and the operations that take it in and back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.figures.words import period_text
from banyan.imports.pack_rows import RowTaker
from banyan.imports.pack_sheet import TITLE, Plan
from banyan.imports.places import Places
from banyan.imports.target import UNIT, Asked, Line, Target, register_target
from banyan.initiatives import many, operations
from banyan.initiatives.import_books import CODE, book_columns, book_rows
from banyan.initiatives.import_matching import Matching
from banyan.initiatives.import_rounds import (
    edition_of,
    opened_round,
    periods_until,
    programmes_with_a_register,
    register_form,
    round_at,
)
from banyan.initiatives.models import Initiative
from banyan.initiatives.storing import analyse, next_codes
from banyan.kernel.errors import Refusal
from banyan.kernel.headers import Column
from banyan.kernel.notes import Note, note
from banyan.kernel.period import Period
from banyan.kernel.rows import SheetRow
from banyan.kernel.text import folded
from banyan.ledger.operation import Actor
from banyan.orgs.models import Unit
from banyan.submissions.models import Round
from banyan.web.template_book import HIDDEN_COLUMNS, THING, VERSION, BookColumn, BookRow

CAPABILITY = "submission.import"
CODE_HEADINGS = ("Mã mô hình", "Mã số mô hình", "Mã", "Code", "Code of the model")


@register_target
class Models(Target):
    """The register of models and exemplars of a programme."""

    key = "models"
    title = gettext_lazy("Models and exemplars")
    lead = gettext_lazy("A register of models: each row becomes a registration at its unit.")
    needs = CAPABILITY
    required = frozenset({TITLE})
    takes_twice = True
    read_apart = True
    takes_apart = True
    list_url: ClassVar[str] = "initiatives"

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        said = asked.options
        self.programme = said.get("programme", "")
        self.period = Period.parse(said["period"]) if said.get("period") else None
        self.round = round_at(self.programme, asked.unit, self.period) if self.period else None
        self.edition = self.round.edition if self.round else edition_of(self.programme, self.period)
        self.pack = self.edition.pack
        self.form = register_form(self.pack)
        self.plan = Plan(self.pack, self.form, asked.language)
        self.takers: dict[str, RowTaker] = {}
        self.titles: list[Note] = []

    # --- asked before a file is read --------------------------------------------------------------

    @classmethod
    def fields(cls, actor: Any, day: date) -> dict[str, Any]:
        """The programme, where several keep a register, and the period."""
        programmes = programmes_with_a_register()
        fields: dict[str, Any] = {
            "programme": forms.ChoiceField(
                label=_("Programme"),
                choices=list(programmes.items()),
                initial=next(iter(programmes), ""),
                required=False,
                widget=forms.Select if len(programmes) > 1 else forms.HiddenInput,
            ),
            "period": forms.ChoiceField(
                label=_("Period"),
                required=False,
                choices=[("", _("As the title of the sheet says")), *periods_until(day)],
            ),
        }
        return fields

    @classmethod
    def options_of(cls, cleaned: Mapping[str, Any]) -> dict[str, str]:
        """Which programme, which period ("" as the title says)."""
        programme = cleaned.get("programme") or next(iter(programmes_with_a_register()), "")
        return {"programme": programme, "period": cleaned.get("period") or ""}

    def made_for(self, mark: Mapping[str, str]) -> str:
        """Also the register of another programme is something else."""
        other = mark.get("programme", self.programme)
        if other == self.programme:
            return super().made_for(mark)
        return programmes_with_a_register().get(other, other[:100])

    @classmethod
    def day_of(cls, options: Mapping[str, str], today: date) -> date:
        """Names are those of the last day of the period."""
        return Period.parse(options["period"]).last if options.get("period") else today

    def about(self) -> list[str]:
        """For which register, of which period."""
        said = [self.pack.text("title", self.asked.language), self.places.parent_name]
        return [*said, period_text(self.period)] if self.period else said

    # --- reading ----------------------------------------------------------------------------------

    @cached_property
    def columns(self) -> Sequence[Column]:
        """Those of the pack's form, the unit, the state, and the code of a model already there."""
        return (*self.plan.columns, Column(CODE, CODE_HEADINGS, "text"), *HIDDEN_COLUMNS)

    @property
    def within(self) -> tuple[date, date] | None:
        """The days of the period."""
        return (self.period.first, self.period.last) if self.period else None

    def label(self, column: str) -> str:
        """What a column is called."""
        named = {CODE: _("Code of the model"), THING: "Banyan id", VERSION: "Banyan version"}
        return named.get(column) or self.plan.label(column)

    def choices(self, column: str) -> list[tuple[str, str]]:
        """The states, the choices of a field, the units."""
        if column == UNIT:
            return self.places.offered
        return self.plan.choices_of(column)

    def open(self, tables: Sequence[Any]) -> dict[str, str] | None:
        """The period asked for; else the title's. They must not contradict each other."""
        named = {table.period for table in tables if table.period}
        title = Period.parse(named.pop()) if len(named) == 1 else None
        if self.period is None:
            if title is None:
                raise Refusal(
                    _("The title of the sheet names no period."),
                    _("A register is always that of a period."),
                    _("Choose the period."),
                )
            return {**self.asked.options, "period": title.key, "of_title": "yes"}
        if title and not (self.period.first <= title.first and title.after <= self.period.after):
            raise Refusal(
                _("The title of the sheet says %(named)s, you asked for %(asked)s.")
                % {"named": title.key, "asked": self.period.key},
                _("A register goes into the round of its own period."),
                _("Choose the other period, or mend the title of the sheet."),
            )
        if self.asked.options.get("of_title"):
            self.titles = [note("period_of_title", period=period_text(self.period))]
        if self.round is None:
            self.titles.append(self._round_to_open())
        return None

    def _round_to_open(self) -> Note:
        assert self.period is not None
        if not self.asked.actor.may("round.open", at=self.asked.unit):
            raise Refusal(
                _("No round of registration is open for your unit."),
                _("A model is always registered in a round: a programme, a period, a due date."),
                _("Ask the officer above to open the round of this period."),
                status=409,
            )
        name, due = self.asked.unit.name_on(self.period.last), self.period.last.isoformat()
        return note("round_will_open", period=period_text(self.period), name=name, date=due)

    def notes(self) -> list[Note]:
        """The period, the round, and what is so for every row."""
        return [*self.titles, *(one for t in self.takers.values() for one in t.once.values())]

    @cached_property
    def places(self) -> Places:
        """The units under the one that sends the file, by their names of any time."""
        day = self.period.last if self.period else self.asked.on
        return Places(
            self.asked.unit, day, self.pack.unit_kinds, answered=self.asked.meant.get(UNIT, {})
        )

    def line(self, row: Any, table: Any) -> Line:
        """One model as the pack's form takes it."""
        if table.sheet not in self.takers:
            self.takers[table.sheet] = RowTaker(self.plan, table, self.places)
        taken = self.takers[table.sheet].take(row)
        code = row.cells[CODE].value if CODE in row.cells else ""
        stays = [one.stored() for one in taken.told if one.stays]
        values = {
            "unit": taken.unit.pk if taken.unit else None,
            "answers": taken.answers,
            "state": taken.state,
            "state_said": taken.state_said,
            "notes": stays,
            "code": str(code or "").strip().upper(),
            "thing": _number(row, THING),
            "read_at": _number(row, VERSION),
            "said": sorted(taken.said),
        }
        kind = taken.answers.get("registrant_kind") or ""
        plain = folded(taken.title)[:300]
        # One that is named by its code is no other's twin.
        is_named = values["thing"] or values["code"]
        key = "" if is_named or not taken.unit else f"{taken.unit.pk}|{plain}|{kind}"
        return Line(
            sheet=taken.sheet,
            number=taken.line,
            title=taken.title,
            key=key,
            values=values,
            shown=taken.shown,
            told=taken.told,
            outcome="wrong" if taken.is_out else "new",
        )

    def settle(self, lines: list[Line]) -> None:
        """Those that stand in the round already: by their code, else by unit, name and registrant."""
        self.matching.settle([line for line in lines if line.outcome != "wrong"])

    @cached_property
    def matching(self) -> Matching:
        """Finds what stands there."""
        clears = self.asked.options.get("empty") == "clear"
        return Matching(self.plan, self.round, self.asked.actor, clears, self.claimed)

    def names(self, things: Sequence[int]) -> list[str]:
        """The codes of models."""
        codes = dict(Initiative.objects.filter(pk__in=things).values_list("pk", "code"))
        return [codes[thing] for thing in things if thing in codes]

    # --- workbooks out ----------------------------------------------------------------------------

    def book_columns(self) -> list[BookColumn]:
        """The columns of the register: the code first, then as the form asks."""
        if self.period is None:
            raise Refusal(_("A register is always that of a period."), "", _("Choose the period."))
        return book_columns(self.plan, self.places, self.label(CODE))

    def book_rows(self) -> Iterable[BookRow]:
        """The models of the round at these units, as they stand."""
        return book_rows(self.plan, self.places, self.round, self.asked.actor)

    # --- carrying out -----------------------------------------------------------------------------

    def hold(self, *, by: Actor) -> None:
        """Two imports take turns before either looks at what stands in the round: the same file sent
        twice at once brings everything once. The round is opened if need be."""
        assert self.period is not None
        if self.round is None:
            unit, opener = self.asked.unit, self.asked.actor
            self.round = opened_round(unit, self.edition, self.form, self.period, opener)
        held = Round.objects.select_for_update(no_key=True).filter(pk=self.round.pk)
        held.values_list("pk").get()

    def side(self, values: Mapping[str, Any]) -> int:
        """Models and registrants are compared with those of their unit."""
        unit: int = values["unit"]
        return unit

    def number(self, new: Sequence[dict[str, Any]]) -> None:
        """Their codes, in the order of the file."""
        assert self.round is not None
        codes = next_codes(self.round.covers.year, len(new))
        for values, code in zip(new, codes, strict=True):
            values["registered_as"] = code

    def grown(self, count: int) -> None:
        """Questions asked next need to know what is usual in the tables."""
        analyse(count)

    def commit(self, lines: Sequence[Line], *, by: Actor) -> list[int]:
        """Register what is new as one batch, amend what is changed."""
        round, asked = self._round_now(), self.asked
        new = [line for line in lines if line.outcome == "new"]
        units = Unit.objects.in_bulk({line.values["unit"] for line in new})
        things: dict[int, int] = {}
        if new:
            batch = operations.register_many(
                asked.unit,
                round=round,
                rows=[
                    operations.Row(
                        units[line.values["unit"]],
                        line.values["answers"],
                        line.values["state"],
                        line.number,
                        line.values["notes"],
                        line.values.get("registered_as", ""),
                    )
                    for line in new
                ],
                source=operations.Source(asked.filename, asked.sha256, asked.document),
                summary={},
                by=by,
            )
            things = {id(line): pk for line, pk in zip(new, batch.registered, strict=True)}
        changed = [line for line in lines if line.outcome == "changed"]
        if changed:
            changes = [
                many.Change(line.thing or 0, line.version, line.values["answers"])
                for line in changed
            ]
            many.amend_many(asked.unit, changes=changes, about=asked.job, by=by)
        return [things.get(id(line)) or line.thing or 0 for line in lines]

    def undo(self, lines: Sequence[Line], *, by: Actor) -> dict[int, str]:
        """Delete what was registered, put back what was amended; what was touched since stays."""
        new = [line.thing for line in lines if line.outcome == "new" and line.thing]
        changed = [line for line in lines if line.outcome == "changed"]
        kept: dict[int, str] = {}
        if new:
            kept |= many.undo_register_many(self.asked.unit, initiatives=new, by=by)
        if changed:
            before = [
                many.Change(one.thing or 0, one.version + 1, one.values["was"]) for one in changed
            ]
            kept |= many.undo_amend_many(
                self.asked.unit, before=before, about=self.asked.job, by=by
            )
        return {at: kept[one.thing] for at, one in enumerate(lines) if one.thing in kept}

    def _round_now(self) -> Round:
        """The round as it stands now that it is held."""
        assert self.round is not None
        found: Round = Round.objects.select_related("edition__programme").get(pk=self.round.pk)
        return found


def _number(row: SheetRow, column: str) -> int:
    """A hidden number of a workbook of ours; 0 where there is none."""
    read = row.cells.get(column)
    return int(read.value) if read is not None and read.value else 0
