"""Units from an office's list: founded under their parents, renamed where a known code says so."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from zlib import crc32

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.imports.target import UNIT, WITHIN, Asked, Line, register_target, within
from banyan.imports.targets import headings
from banyan.imports.targets.listed import UNIT_CODE, Listed, Taking
from banyan.imports.targets.naming import WORDS, full_name, kind_of
from banyan.imports.told import CellTold
from banyan.kernel.cells import read_unit_name
from banyan.kernel.errors import Refusal
from banyan.kernel.headers import Column
from banyan.kernel.notes import Note, note
from banyan.kernel.text import folded
from banyan.ledger.operation import Actor
from banyan.orgs.carrying import scheme_for
from banyan.orgs.changes import Newcomer
from banyan.orgs.many import REORGANISE, Founding, Renaming, found_many, undo_found_many
from banyan.orgs.models import Placement, Unit, UnitCode

NAME, KIND, CODE = "name", "kind", "code"


def compared(text: str) -> int:
    """What stands there, as a number: other when it is another text."""
    return crc32(text.encode()) & 0x7FFFFFFF


@register_target
class Units(Listed):
    """Units, with kind, name, code and the unit above."""

    key = "units"
    title = gettext_lazy("Units")
    lead = gettext_lazy(
        "A list of units: each row is founded under the unit above it. Units there already stay as"
        " they are; where a code bears another name, the unit is renamed."
    )
    needs = REORGANISE
    required = frozenset({NAME})
    list_url: ClassVar[str] = "units"
    wanted = (
        Column(NAME, headings.NAMES, "title"),
        Column(KIND, headings.KINDS, "choice", choices=WORDS),
        Column(CODE, headings.CODES, "text"),
        Column(UNIT, headings.PARENTS, "unit"),
        Column(UNIT_CODE, headings.PARENT_CODES, "text"),
        Column(WITHIN, headings.ABOVE_PARENTS, "text"),
    )
    labels: ClassVar[Mapping[str, Any]] = {
        NAME: gettext_lazy("Name of the unit"),
        KIND: gettext_lazy("Kind of unit"),
        CODE: gettext_lazy("Code"),
        UNIT: gettext_lazy("Unit above"),
        UNIT_CODE: gettext_lazy("Code of the unit above"),
        WITHIN: gettext_lazy("District or province"),
    }

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self.since = asked.on if asked.options.get("on") else None
        self.standard = asked.options.get("kind", "")
        # What this very file founds: folded name, and code → the keys of its rows.
        self.in_file: dict[str, list[str]] = defaultdict(list)
        self.codes_in_file: dict[str, list[str]] = defaultdict(list)
        self.once: list[Note] = []

    @classmethod
    def fields(cls, actor: Any, day: date) -> dict[str, Any]:
        """From which day, and what sort of unit where neither name nor column says so."""
        kinds = [(kind, words[0]) for kind, words in WORDS.items()]
        return {
            "on": forms.DateField(
                label=_("From the day"),
                required=False,
                widget=forms.DateInput,
                help_text=_("Left empty: they have stood since before our records."),
            ),
            "kind": forms.ChoiceField(
                label=_("Kind of unit"),
                required=False,
                choices=[("", _("As the names say")), *kinds],
                help_text=_("Of the rows whose name does not say it."),
            ),
        }

    @classmethod
    def options_of(cls, cleaned: Mapping[str, Any]) -> dict[str, str]:
        """The day as ISO ("" since ever) and the kind."""
        on = cleaned.get("on")
        return {"on": on.isoformat() if on else "", "kind": cleaned.get("kind") or ""}

    @classmethod
    def day_of(cls, options: Mapping[str, str], today: date) -> date:
        """Names of parents are those of the day the list holds from."""
        return date.fromisoformat(options["on"]) if options.get("on") else today

    # --- reading ----------------------------------------------------------------------------------

    def open(self, tables: Sequence[Any]) -> dict[str, str] | None:
        """Learn which units the file itself founds: rows may name them in any order."""
        self.in_file.clear()
        self.codes_in_file.clear()
        for table in tables:
            for row in table.rows():
                if row.set_aside is not None or NAME not in row.cells:
                    continue
                key = f"{table.sheet}!{row.number}"
                name = full_name(str(row.cells[NAME].value or ""), row.raw.get(KIND, ""))
                self.in_file[folded(name)].append(key)
                self.in_file[read_unit_name(name).fold].append(key)
                code = row.cells[CODE].value if CODE in row.cells else None
                if code:
                    self.codes_in_file[str(code).casefold()].append(key)
        return None

    def notes(self) -> list[Note]:
        """What is so for every row."""
        return self.once[:1]

    def line(self, row: Any, table: Any) -> Line:
        """One unit to found."""
        way = Taking(self, row)
        key = f"{table.sheet}!{row.number}"
        name = full_name(way.text(NAME), row.raw.get(KIND, ""))
        parent, parent_key = self._parent(way, key)
        kind = self._kind(way, name, parent)
        code = way.text(CODE)
        if not name:
            way.out(NAME, "name_missing")
        under = parent.pk if parent else parent_key
        values = {
            "key": key,
            "name": name,
            "kind": kind,
            "code": code,
            "parent": parent.pk if parent else None,
            "parent_key": parent_key,
        }
        shown = {
            NAME: name,
            KIND: WORDS[kind][0] if kind in WORDS else "",
            CODE: code,
            UNIT: parent.name_on(None) if parent else row.raw.get(UNIT, ""),
        }
        outcome = "wrong" if way.is_out else "new"
        same = f"code|{code.casefold()}" if code else f"{under}|{folded(name)}"
        return Line(table.sheet, row.number, name, same, values, shown, way.told, outcome=outcome)  # type: ignore[arg-type]

    def _parent(self, way: Taking, own: str) -> tuple[Unit | None, str]:
        """The unit above: one there is, or the key of a row of this file."""
        code, raw = way.text(UNIT_CODE), way.row.raw.get(UNIT, "")
        read = way.row.cells.get(UNIT)
        if code and way.coded(code) is None:
            key = self._only(self.codes_in_file.get(code.casefold(), []), own)
            if key:
                way.hint(UNIT_CODE, "parent_in_file", raw=code)
                return None, key
        if not code and (read is None or (read.value is None and not read.needs_an_answer)):
            told = note("parent_missing", name=self.places.parent_name)
            self.once.append(told)
            return self.asked.unit, ""
        if not code and read is not None and read.value is not None:
            known = self.places.find(within(way.row.cells, read.value))
            alike = self.in_file.get(folded(read.value.full)) or self.in_file.get(read.value.fold)
            key = self._only(alike or [], own) if known.value is None else ""
            if key:
                way.hint(UNIT, "parent_in_file", raw=raw)
                return None, key
        return way.unit(), ""

    @staticmethod
    def _only(keys: Sequence[str], own: str) -> str:
        others = {key for key in keys if key != own}
        return next(iter(others)) if len(others) == 1 else ""

    def _kind(self, way: Taking, name: str, parent: Unit | None) -> str:
        said = way.value(KIND, needed=not self.standard)
        told = kind_of(name, parent.kind if parent else "")
        kind = str(told or said or self.standard)
        if name and not kind and not way.is_out:
            way.out(NAME, "kind_unknown", raw=name)
        return kind

    # --- what stands there ------------------------------------------------------------------------

    def settle(self, lines: list[Line]) -> None:
        """Units there already: by their code, else by their name under the same unit."""
        todo = [line for line in lines if line.outcome != "wrong"]
        bearers, standing = self._bearers(todo), self._standing(todo)
        for line in todo:
            values = line.values
            bearer = bearers.get((scheme_for(values["kind"]), values["code"]))
            if bearer is not None:
                self._of_code(line, bearer)
                continue
            found = standing.get((values["parent"], folded(values["name"])))
            if found is not None and found not in self.claimed:
                line.thing, line.outcome = found, "same"
                if values["code"]:
                    self._code_beside(line, found)

    def _bearers(self, lines: Sequence[Line]) -> dict[tuple[str, str], int]:
        """Who bears these codes on the day or later."""
        rows = UnitCode.objects.filter(code__in={one.values["code"] for one in lines} - {""})
        if self.since is not None:
            rows = rows.filter(Q(valid__endswith=None) | Q(valid__endswith__gt=self.since))
        return {(scheme, code): unit for scheme, code, unit in
                rows.values_list("scheme", "code", "unit")}  # fmt: skip

    def _standing(self, lines: Sequence[Line]) -> dict[tuple[int, str], int]:
        """The units right under these parents on the day, by parent and plain name."""
        rows = Placement.objects.filter(
            parent__in={one.values["parent"] for one in lines} - {None},
            tree=self.tree,
            valid__contains=self.asked.on,
            unit__names__valid__contains=self.asked.on,
        )
        return {
            (parent, folded(name)): unit
            for parent, name, unit in rows.values_list("parent", "unit__names__name", "unit")
        }

    def _of_code(self, line: Line, bearer: int) -> None:
        unit, values = self.places.by_pk.get(bearer), line.values
        if unit is None:
            name = Unit.objects.get(pk=bearer).name_on(self.asked.on)
            self._out(line, CODE, note("code_in_use", code=values["code"], name=name))
            return
        name = self.places.names.get(bearer, "")
        line.thing, line.version, line.outcome = bearer, compared(name), "same"
        if folded(name) == folded(values["name"]) and name.casefold() == values["name"].casefold():
            return
        if self.since is None:
            self._out(line, NAME, note("rename_needs_day", name=name))
            return
        values["was"] = name
        line.outcome, line.before = "changed", {NAME: name}

    def _code_beside(self, line: Line, unit: int) -> None:
        """It is known by its name and bears another code, or none."""
        held = UnitCode.objects.filter(unit=unit, valid__contains=self.asked.on)
        scheme = scheme_for(line.values["kind"])
        code = held.filter(scheme=scheme).values_list("code", flat=True).first() or "—"
        told = note("code_stays", code=code)
        self._told(line, CODE, told, out=False)

    def _out(self, line: Line, column: str, told: Note) -> None:
        line.outcome, line.thing = "wrong", None
        self._told(line, column, told, out=True)

    def _told(self, line: Line, column: str, told: Note, *, out: bool) -> None:
        raw = line.shown.get(column, "")
        how = "wrong" if out else "understood"
        line.told.append(CellTold("", column, self.label(column), raw, raw, how, (told,), out))  # type: ignore[arg-type]

    def names(self, things: Sequence[int]) -> list[str]:
        """What the units are called."""
        units = Unit.objects.prefetch_related("names").in_bulk(things)
        return [units[id].name_on(self.asked.on) for id in things if id in units]

    # --- carrying out -----------------------------------------------------------------------------

    def commit(self, lines: Sequence[Line], *, by: Actor) -> list[int]:
        """Found what is new and rename what is changed, by one operation."""
        new = [line for line in lines if line.outcome == "new"]
        keys = {line.values["key"] for line in new}
        founding = [
            Founding(
                line.values["key"],
                Newcomer(
                    line.values["kind"],
                    line.values["name"],
                    line.values["code"],
                    tree=self.tree,
                    scheme=scheme_for(line.values["kind"]),
                ),
                self._under(line, keys),
            )
            for line in new
        ]
        renaming = [
            Renaming(line.thing or 0, line.values["name"], line.values["was"])
            for line in lines
            if line.outcome == "changed"
        ]
        made = found_many(
            self.asked.unit, founding=founding, renaming=renaming, on=self.since, by=by
        )
        return [made.get(line.values["key"], 0) or line.thing or 0 for line in lines]

    def _under(self, line: Line, keys: set[str]) -> int | str:
        """The unit above: by its id, by its key in the same part, or as an earlier part founded it."""
        parent, key = line.values["parent"], line.values["parent_key"]
        if parent is not None:
            return int(parent)
        if key in keys:
            return str(key)
        raw = line.shown[UNIT]
        found = self.places.find(read_unit_name(raw)).value
        if found is None:
            raise Refusal(
                _("“%(parent)s”, under which “%(unit)s” stands, is not taken in.")
                % {"parent": raw, "unit": line.title},
                _("Its own row is wrong, or was refused."),
                _("Mend its row first, then send the file again."),
                status=409,
            )
        return found.pk

    def undo(self, lines: Sequence[Line], *, by: Actor) -> dict[int, str]:
        """Delete what was founded and give others their names back; what was used since stays."""
        founded = {
            line.thing: line.values["code"]
            for line in lines
            if line.outcome == "new" and line.thing
        }
        renamed = [
            Renaming(line.thing or 0, line.values["name"], line.values["was"])
            for line in lines
            if line.outcome == "changed"
        ]
        kept = undo_found_many(
            self.asked.unit, founded=founded, renamed=renamed, on=self.since, by=by
        )
        return {at: kept[line.thing] for at, line in enumerate(lines) if line.thing in kept}
