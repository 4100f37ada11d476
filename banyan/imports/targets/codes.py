"""Codes of a scheme for units, from an office's list: by the unit's name or by its older code."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.imports.target import UNIT, WITHIN, Asked, Line, register_target
from banyan.imports.targets import headings
from banyan.imports.targets.listed import UNIT_CODE, Listed, Taking
from banyan.imports.targets.units import compared
from banyan.imports.told import CellTold
from banyan.kernel.headers import Column
from banyan.kernel.notes import Note, note
from banyan.ledger.operation import Actor
from banyan.orgs.coding import Coding, code_many, undo_code_many
from banyan.orgs.many import REORGANISE
from banyan.orgs.models import Unit, UnitCode

CODE = "code"


@register_target
class Codes(Listed):
    """Codes that units bear from a day on, in one scheme."""

    key = "codes"
    title = gettext_lazy("Codes of units")
    lead = gettext_lazy("A list of units with the codes they bear from a day on.")
    needs = REORGANISE
    required = frozenset({CODE})
    list_url: ClassVar[str] = "units"
    wanted = (
        Column(CODE, headings.NEW_CODES, "title"),
        Column(UNIT_CODE, headings.CODES, "text"),
        Column(UNIT, headings.UNITS, "unit"),
        Column(WITHIN, headings.WITHIN, "text"),
    )
    labels: ClassVar[Mapping[str, Any]] = {
        CODE: gettext_lazy("New code"),
        UNIT_CODE: gettext_lazy("Code until now"),
        UNIT: gettext_lazy("Unit"),
        WITHIN: gettext_lazy("District or province"),
    }

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self.scheme = asked.options.get("scheme", "")
        self.given: dict[str, tuple[int, int]] = {}  # code → unit and line that get it first

    @classmethod
    def fields(cls, actor: Any, day: date) -> dict[str, Any]:
        """Which scheme, and from which day."""
        return {
            "scheme": forms.SlugField(
                label=_("Scheme of the codes"),
                max_length=20,
                initial="gso",
                help_text=_("gso: the state's own list; own: this organisation's; or another."),
            ),
            "on": forms.DateField(
                label=_("From the day"), widget=forms.DateInput, initial=day.isoformat()
            ),
        }

    @classmethod
    def options_of(cls, cleaned: Mapping[str, Any]) -> dict[str, str]:
        """The scheme, and the day as ISO."""
        on = cleaned.get("on")
        return {"scheme": cleaned.get("scheme") or "gso", "on": on.isoformat() if on else ""}

    @classmethod
    def day_of(cls, options: Mapping[str, str], today: date) -> date:
        """Names and older codes are those of that day."""
        return date.fromisoformat(options["on"]) if options.get("on") else today

    def line(self, row: Any, table: Any) -> Line:
        """One unit and its code."""
        way = Taking(self, row)
        code = way.text(CODE)
        if not code:
            way.out(CODE, "code_missing")
        unit = way.unit()
        name = unit.name_on(None) if unit else row.raw.get(UNIT, "") or row.raw.get(UNIT_CODE, "")
        shown = {CODE: code, UNIT: name, UNIT_CODE: row.raw.get(UNIT_CODE, "")}
        values = {"unit": unit.pk if unit else None, "code": code, "was": ""}
        outcome = "wrong" if way.is_out else "new"
        same = str(unit.pk) if unit else ""
        return Line(table.sheet, row.number, name, same, values, shown, way.told, outcome=outcome)  # type: ignore[arg-type]

    def settle(self, lines: list[Line]) -> None:
        """The codes that units bear on the day; and those that others bear in that time."""
        self._given_once(lines)
        todo = [line for line in lines if line.outcome != "wrong"]
        units = {line.values["unit"] for line in todo}
        rows = UnitCode.objects.filter(scheme=self.scheme)
        borne = rows.filter(unit__in=units, valid__contains=self.asked.on)
        held = dict(borne.values_list("unit", "code"))
        running = Q(valid__endswith=None) | Q(valid__endswith__gt=self.asked.on)
        taken = rows.filter(running, code__in={line.values["code"] for line in todo})
        bearers = dict(taken.values_list("code", "unit"))
        # Who gets another code by this very list gives the older one up.
        leaving = {one.values["unit"] for one in todo if held.get(one.values["unit"])}
        for line in todo:
            unit, code = line.values["unit"], line.values["code"]
            old, bearer = held.get(unit, ""), bearers.get(code)
            line.version = compared(old)
            if old == code:
                line.thing, line.outcome = unit, "same"
            elif bearer is not None and bearer != unit and bearer not in leaving:
                self._in_use(line, bearer)
            elif old:
                line.thing, line.outcome, line.before = unit, "changed", {CODE: old}
                line.values["was"] = old

    def _given_once(self, lines: Sequence[Line]) -> None:
        """One code for two units of a file: only the first gets it, the other is told."""
        for line in lines:
            if line.outcome == "wrong":
                continue
            unit, code = line.values["unit"], line.values["code"]
            first, number = self.given.setdefault(code, (unit, line.number))
            if first != unit:
                self._refuse(line, note("code_twice_given", code=code, line=str(number)))

    def _in_use(self, line: Line, bearer: int) -> None:
        name = Unit.objects.get(pk=bearer).name_on(self.asked.on)
        self._refuse(line, note("code_in_use", code=line.values["code"], name=name))

    def _refuse(self, line: Line, told: Note) -> None:
        code, label = line.values["code"], self.label(CODE)
        line.outcome = "wrong"
        line.told.append(CellTold("", CODE, label, code, "", "wrong", (told,), keeps_out=True))

    def names(self, things: Sequence[int]) -> list[str]:
        """What the units are called."""
        units = Unit.objects.prefetch_related("names").in_bulk(things)
        return [units[id].name_on(self.asked.on) for id in things if id in units]

    @staticmethod
    def _codings(lines: Sequence[Line]) -> list[Coding]:
        said = [one.values for one in lines]
        return [Coding(one["unit"], one["code"], one["was"]) for one in said]

    def commit(self, lines: Sequence[Line], *, by: Actor) -> list[int]:
        """Give the codes by one operation."""
        told = {"scheme": self.scheme, "on": self.asked.on}
        code_many(self.asked.unit, codes=self._codings(lines), by=by, **told)  # type: ignore[arg-type]
        return [line.values["unit"] for line in lines]

    def undo(self, lines: Sequence[Line], *, by: Actor) -> dict[int, str]:
        """Give units the codes back that they bore; who got another one since keeps it."""
        told = {"scheme": self.scheme, "on": self.asked.on}
        kept = undo_code_many(self.asked.unit, codes=self._codings(lines), by=by, **told)  # type: ignore[arg-type]
        return {at: kept[line.thing] for at, line in enumerate(lines) if line.thing in kept}
