"""Weighing the changes of a decision against the tree as it stands: what would be written, and
everything that stands in the way, each with its change."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs.changes import (
    Change,
    Dissolve,
    End,
    Found,
    Merge,
    Move,
    Problem,
    Ref,
    Rename,
    Split,
)
from banyan.orgs.models import Placement, Succession, Unit, UnitCode, UnitName

Share = Succession.Share
LONGEST_NAME, LONGEST_CODE, LONGEST_NUMBER = 200, 40, 120  # as their columns are


def shown(day: date) -> str:
    """A day as papers write it."""
    return day.strftime("%d/%m/%Y")


class Standing:
    """The dated rows of the units a decision names and of what stands under those that end."""

    def __init__(self, units: Iterable[int], on: date) -> None:
        self.on = on
        self.units = {unit.pk: unit for unit in Unit.objects.filter(pk__among=units)}
        self.names: dict[int, list[UnitName]] = defaultdict(list)
        self.codes: dict[int, list[UnitCode]] = defaultdict(list)
        self.places: dict[int, list[Placement]] = defaultdict(list)
        for name in UnitName.objects.filter(unit__among=self.units):
            self.names[name.unit_id].append(name)
        for unit in self.units.values():
            unit.all_names = self.names[unit.pk]
            self.names[unit.pk] = [name for name in unit.all_names if name.language == "vi"]
        for code in UnitCode.objects.filter(unit__among=self.units):
            self.codes[code.unit_id].append(code)
        for place in Placement.objects.filter(unit__among=self.units).order_by("valid"):
            self.places[place.unit_id].append(place)
        # Who took over on this day or later, and from whom: decided earlier, so it must stay true.
        linked = Succession.objects.filter(to_unit__among=self.units, on__gte=on)
        self.links = set(linked.values_list("from_unit", "to_unit", "on"))

    def called(self, unit: int) -> str:
        """What a unit is called on the day."""
        known = self.units.get(unit)
        return known.name_on(self.on) if known else f"#{unit}"

    def at(self, rows: list[Any]) -> list[Any]:
        """Those of the rows that hold on the day."""
        return [row for row in rows if self.on in row.valid]

    def place(self, unit: int, tree: str) -> Placement | None:
        """Its place in a tree on the day."""
        return next((p for p in self.at(self.places[unit]) if p.tree == tree), None)

    def children(self, units: Iterable[int]) -> list[Placement]:
        """Placements of others under these units that hold on the day or begin later."""
        later = DateRange(self.on, None)
        under = Placement.objects.filter(parent__among=units, valid__overlap=later)
        return list(under.exclude(unit__among=units).select_related("unit"))


class Weighed:
    """A decision's changes sorted by what they write; `problems` says what stands in the way."""

    def __init__(self, changes: Sequence[Change], on: date) -> None:
        self.on = on
        named = {ref for change in changes for ref in change.refs() if isinstance(ref, int)}
        self.standing = Standing(named, on)
        self.problems: list[Problem] = []
        self.founded: dict[str, Found] = {}
        self.renamed: dict[int, Rename] = {}
        self.moved: dict[tuple[int, str], Ref] = {}
        self.ends: dict[int, End] = {}
        self.carved: list[tuple[int, Ref]] = []
        # The resolution that a unit's new rows rest on, where a change names one of its own.
        self.rests_on: dict[Ref, str] = {}
        for at, change in enumerate(changes):
            if isinstance(change, Found):
                self._found(at, change)
        for at, change in enumerate(changes):
            self._take(at, change)
        for at, change in enumerate(changes):
            self._look(at, change)
        self._look_at_links(changes)
        self._pass_on()

    def _problem(self, at: int | None, what: str, why: str = "", mend: str = "") -> None:
        self.problems.append(Problem(at, what, why, mend))

    def _found(self, at: int, change: Found) -> None:
        self._look_at_texts(at, change.new.name, change.new.code, change.decision)
        if change.key in self.founded:
            self._problem(at, _("Two new units bear the key “%(key)s”.") % {"key": change.key})
        self.founded[change.key] = change

    def _look_at_texts(self, at: int, name: str, code: str, decision: str) -> None:
        """A name that can be read, and nothing longer than its column."""
        if not any(letter.isalnum() for letter in name):
            self._problem(
                at, _("A unit needs a name."), "", _("Write the name as it stands in the decision.")
            )
        if max(len(nfc(name)), len(fold(same_tone(name)))) > LONGEST_NAME:
            self._problem(at, _("The name of a unit has at most 200 letters."))
        if len(code) > LONGEST_CODE or not code.isprintable():
            self._problem(at, _("A code has at most 40 letters and figures, on one line."))
        if len(decision) > LONGEST_NUMBER:
            self._problem(at, _("The number of a resolution has at most 120 letters."))

    def _take(self, at: int, change: Change) -> None:
        """Sort a change in."""
        if said := getattr(change, "decision", ""):
            ref: Ref = getattr(change, "key", "") or getattr(change, "unit", 0)
            self.rests_on[ref] = said
        if isinstance(change, Rename):
            if change.unit in self.renamed:
                self._twice(at, change.unit)
            self.renamed[change.unit] = change
        elif isinstance(change, Move):
            if (change.unit, change.tree) in self.moved:
                self._twice(at, change.unit)
            self.moved[change.unit, change.tree] = change.parent
        elif isinstance(change, Split) and change.stays:
            self.carved += [(change.unit, one) for one in dict.fromkeys(change.into)]
        else:
            for end in _ends_of(at, change):
                self._end(end)

    def _twice(self, at: int, unit: int) -> None:
        self._problem(
            at,
            _("“%(unit)s” is changed twice in the same way.")
            % {"unit": self.standing.called(unit)},
            "",
            _("Leave one of the two changes out."),
        )

    def _end(self, end: End) -> None:
        if end.unit in self.ends:
            self._problem(
                end.at,
                _("“%(unit)s” ends twice.") % {"unit": self.standing.called(end.unit)},
                _("Another change of this decision ends it already."),
                _("Leave one of the two changes out."),
            )
        self.ends[end.unit] = end

    # Looking at each change ------------------------------------------------------------------

    def _look(self, at: int, change: Change) -> None:
        for ref in change.refs():
            self._known(at, ref)
        if isinstance(change, Rename):
            self._look_at_name(at, change)
        elif isinstance(change, Move):
            self._look_at_move(at, change)
        elif isinstance(change, Merge):
            self._look_at_merge(at, change)
        elif isinstance(change, Split):
            self._look_at_split(at, change)
        elif isinstance(change, Dissolve):
            if change.heir is not None:
                self._takes_over(at, [change.unit], change.heir)
            self._look_at_end(at, change.unit)
        elif change.parent == change.key:
            self._under_itself(at)
        elif change.parent is not None:
            self._goes_on(at, change.parent)
            self._stands_in(at, change.parent, change.new.tree)

    def _known(self, at: int, ref: Ref) -> None:
        there = ref in self.standing.units if isinstance(ref, int) else ref in self.founded
        if not there:
            self._problem(at, _("There is no unit “%(unit)s”.") % {"unit": ref})

    def _goes_on(self, at: int, ref: Ref) -> None:
        """What others go to must not end by the same decision."""
        if ref in self.ends:
            self._problem(
                at,
                _("“%(unit)s” ends by this decision.") % {"unit": self.standing.called(int(ref))},
                "",
                _("Name a unit that goes on."),
            )

    def _stands_in(self, at: int, ref: Ref, tree: str) -> None:
        if isinstance(ref, str):
            held = self.founded.get(ref)
            there = held is None or held.new.tree == tree
        else:
            there = ref not in self.standing.units or self.standing.place(ref, tree) is not None
        if not there:
            self._not_there(at, ref)

    def _takes_over(self, at: int, units: Iterable[int], ref: Ref) -> None:
        """Whoever takes over from units stands in every tree in which these do."""
        self._goes_on(at, ref)
        dated = self.standing
        trees = {place.tree for unit in units for place in dated.at(dated.places[unit])}
        for tree in sorted(trees):
            self._stands_in(at, ref, tree)
        if isinstance(ref, int) and not trees and not dated.at(dated.places[ref]):
            self._not_there(at, ref)

    def _not_there(self, at: int, ref: Ref) -> None:
        called = self.standing.called(ref) if isinstance(ref, int) else ref
        self._problem(
            at,
            _("“%(unit)s” does not stand in that tree on %(day)s.")
            % {"unit": called, "day": shown(self.on)},
            _("It was founded later, or has ended before."),
            _("Look at its page for the days it stands, and choose another day."),
        )

    def _look_at_name(self, at: int, change: Rename) -> None:
        current = self.standing.at(self.standing.names[change.unit])
        self._look_at_texts(at, change.name, change.code, change.decision)
        if not current:
            self._problem(at, _("This unit has no name on %(day)s.") % {"day": shown(self.on)})
        elif change.unit in self.ends:
            self._goes_on(at, change.unit)
        elif current[0].name == change.name and not change.code:
            self._problem(
                at,
                _("The unit is already called so on %(day)s.") % {"day": shown(self.on)},
                "",
                _("Write its new name, or choose another day."),
            )

    def _look_at_move(self, at: int, change: Move) -> None:
        current = self.standing.place(change.unit, change.tree)
        if current is None:
            self._not_there(at, change.unit)
            return
        for ref in (change.unit, change.parent):
            self._goes_on(at, ref)
        self._stands_in(at, change.parent, change.tree)
        if change.parent == change.unit:
            self._under_itself(at)
        elif current.parent_id == change.parent:
            self._problem(
                at,
                _("The unit stands under “%(parent)s” already on that day.")
                % {"parent": self.standing.called(int(change.parent))},
                "",
                _("Choose another parent or another day."),
            )

    def _under_itself(self, at: int) -> None:
        self._problem(at, _("A unit cannot stand under itself."), "", _("Choose another parent."))

    def _look_at_merge(self, at: int, change: Merge) -> None:
        if not change.units:
            self._problem(at, _("A merger needs at least one unit that ends."))
        self._takes_over(at, change.units, change.into)
        for unit in change.units:
            self._look_at_end(at, unit)

    def _look_at_split(self, at: int, change: Split) -> None:
        if len(set(change.into)) < (1 if change.stays else 2):
            self._problem(
                at,
                _("A unit that is divided goes to at least two others."),
                "",
                _("Name each unit that takes a part; one that takes everything is a merger."),
            )
        if change.unit in change.into:
            self._problem(at, _("A unit cannot be divided into itself."))
        for ref in dict.fromkeys(change.into):
            self._takes_over(at, [change.unit], ref)
        if change.heir is not None and change.heir not in change.into:
            self._problem(
                at,
                _("What stood under the unit can only go to one of those that take a part."),
                "",
                _("Name one of them, or place each of these units yourself."),
            )
        if not change.stays:
            self._look_at_end(at, change.unit)
        elif not self.standing.at(self.standing.places[change.unit]):
            self._not_there(at, change.unit)
        else:
            self._goes_on(at, change.unit)

    def _look_at_links(self, changes: Sequence[Change]) -> None:
        """One unit takes over from another once on a day."""
        taken = {(older, newer) for older, newer, on in self.standing.links if on == self.on}
        pairs: list[tuple[int, int, Ref]] = []
        for at, change in enumerate(changes):
            if isinstance(change, Split) and change.stays:
                pairs += [(at, change.unit, ref) for ref in dict.fromkeys(change.into)]
                continue
            for end in _ends_of(at, change):
                pairs += [(at, end.unit, ref) for ref, _share in end.successors]
        links: set[tuple[int, Ref]] = {*taken}
        for at, unit, ref in pairs:
            if (unit, ref) in links:
                self._twice(at, unit)
            links.add((unit, ref))

    def _look_at_end(self, at: int, unit: int) -> None:
        """A unit can end that stood the day before and whose rows run on without an end."""
        dated = self.standing
        places = dated.at(dated.places[unit])
        if unit in dated.units and not places:
            self._not_there(at, unit)
            return
        rows: list[Any] = [*dated.places[unit], *dated.names[unit], *dated.codes[unit]]
        days = {row.valid.lower for row in rows if row.valid.lower and row.valid.lower >= self.on}
        days |= {row.valid.upper for row in dated.at(rows) if row.valid.upper}
        days |= {on for _older, newer, on in dated.links if newer == unit and on > self.on}
        if days:
            self._decided_later(at, unit, rows, min(days))
        if any((unit, place.tree) in self.moved for place in places):
            self._goes_on(at, unit)

    def _decided_later(self, at: int, unit: int, rows: Sequence[Any], day: date) -> None:
        numbers = [row.decision for row in rows if row.valid.lower == day]
        numbers += [getattr(row, "ended_by", "") for row in rows if row.valid.upper == day]
        number = next(filter(None, numbers), "")
        told = {"unit": self.standing.called(unit), "day": shown(day), "number": number}
        mend = _("Choose a later day for this change, or take back first what was decided later.")
        if number:
            mend = _("Undo decision %(number)s of %(day)s first, or choose a later day.") % told
        self.problems.append(
            Problem(
                at,
                _("“%(unit)s” was changed on or after that day, on %(day)s.") % told,
                _("A unit ends after everything else that was decided about it."),
                mend,
                (number, day) if number else None,
            )
        )

    def _pass_on(self) -> None:
        """Whatever stands under an ended unit goes to its heir, unless it ends or moves itself."""
        lost: dict[int, list[str]] = defaultdict(list)
        for place in self.standing.children(self.ends):
            end = self.ends[int(place.parent_id or 0)]
            if place.unit_id in self.ends or (place.unit_id, place.tree) in self.moved:
                continue
            if end.heir is None or self.on not in place.valid:
                lost[end.unit].append(
                    place.unit.name_on(max(self.on, place.valid.lower or self.on))
                )
            elif end.heir == place.unit_id:
                self._problem(
                    end.at,
                    _(
                        "“%(unit)s” takes in what stands under “%(parent)s”, and stands there itself."
                    )
                    % {
                        "unit": place.unit.name_on(self.on),
                        "parent": self.standing.called(end.unit),
                    },
                    "",
                    _("Place it under another unit in the same decision."),
                )
            else:
                self.standing.units.setdefault(place.unit_id, place.unit)
                self.standing.places[place.unit_id].append(place)
                self.moved[place.unit_id, place.tree] = end.heir
        for unit, names in lost.items():
            self._problem(
                self.ends[unit].at,
                _("%(n)d units under “%(unit)s” would be left without a parent: %(names)s")
                % {
                    "n": len(names),
                    "unit": self.standing.called(unit),
                    "names": ", ".join(names[:5]),
                },
                _("They stand under it on that day or later."),
                _("Say which unit takes them in, or place each of them in the same decision."),
            )


def _ends_of(at: int, change: Change) -> list[End]:
    """The units that a change ends."""
    if isinstance(change, Merge):
        whole = ((change.into, Share.WHOLE),)
        return [End(unit, whole, change.into, at) for unit in change.units]
    if isinstance(change, Split):
        parts = tuple((one, Share.PART) for one in dict.fromkeys(change.into))
        return [End(change.unit, parts, change.heir, at)]
    return [End(change.unit, (), change.heir, at)] if isinstance(change, Dissolve) else []
