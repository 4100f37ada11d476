"""Finding the units that a workbook names, under the unit that sent it, as of one day."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q

from banyan.kernel.cells import UnitName as Written
from banyan.kernel.cells import read_unit_name
from banyan.kernel.notes import Note, Read, as_is, doubtful, note, understood, with_note, wrong
from banyan.kernel.text import fold, same_tone, vi_sort_key
from banyan.kernel.unit_names import without_body
from banyan.orgs.finding import GSO
from banyan.orgs.models import Ancestry, Succession, Tree, Unit, UnitCode, UnitName

# Likeness of names that are offered when nothing was found: shared trigrams, 0 to 1.
LIKE_ENOUGH, MOST_OFFERED, MOST_ALIKE = 0.3, 3, 8
# What lies in the district that is written too goes before what does not; the district itself,
# or the commune of a village nobody knows, comes after names that are alike.
WITHIN_COUNTS, AROUND_COUNTS = 0.25, 0.5


@dataclass(frozen=True)
class Known:
    """A name that a unit bears or bore. `now`: on the day asked, standing under the parent."""

    unit: Unit
    name: str
    parsed: Written
    valid: Any
    now: bool
    verified: bool


class Places:
    """The units that ever stood under one unit, by their names of any time: one query."""

    def __init__(
        self,
        parent: Unit,
        on: date,
        kinds: Iterable[str],
        *,
        answered: Mapping[str, str] | None = None,
        tree: str = Tree.STATE,
    ) -> None:
        self.parent, self.on, self.answered = parent, on, answered or {}
        self.line = tree
        self.tree = Ancestry.objects.filter(ancestor=parent, tree=tree)
        self.standing: set[int] = set()
        stands = self.tree.standing().filter(valid__contains=on, unit=OuterRef("unit"))
        names = UnitName.objects.filter(unit__in=self.tree.values("unit"), language="vi")
        names = names.annotate(stands=Exists(stands))
        self.by_fold: dict[str, list[Known]] = defaultdict(list)
        self.names: dict[int, str] = {}
        for row in names.select_related("unit").order_by("sort_key", "pk"):
            if row.unit.kind in kinds or row.unit_id == parent.pk:
                self._keep(row)
        for known in (one for many in self.by_fold.values() for one in many):
            call(known.unit, self.names.get(known.unit.pk, known.name))
        self.parent_name = self.names.get(parent.pk) or parent.name_on(on)
        self.found: dict[Written, Read[Unit]] = {}

    def _keep(self, row: Any) -> None:
        if row.stands:
            self.standing.add(row.unit_id)
        now = row.stands and self.on in row.valid
        parsed = read_unit_name(row.name)
        known = Known(row.unit, row.name, parsed, row.valid, now, verified=not row.note)
        self.by_fold[parsed.fold].append(known)
        if self.on in row.valid:
            self.names[row.unit_id] = row.name

    def find(self, written: Written) -> Read[Unit]:
        """The unit meant; asked once for each way of writing."""
        if written not in self.found:
            read = self._find(written)
            if read.needs_an_answer:
                read = self._answered(written, self._of_body(written, read))
            self.found[written] = read
        return self.found[written]

    def _of_body(self, written: Written, read: Read[Unit]) -> Read[Unit]:
        """The unit at which a body sits that was written for it: UBND xã Ân Hòa."""
        seat = without_body(written.text)
        if seat == written.text:
            return read
        name = read_unit_name(seat)
        of_seat = self._find(replace(name, within=name.within or written.within))
        if of_seat.value is None:
            return of_seat
        called = self.names.get(of_seat.value.pk, seat)
        return with_note(of_seat, note("unit_of_body", raw=written.text, name=called))

    def _answered(self, written: Written, read: Read[Unit]) -> Read[Unit]:
        """What somebody said which unit is meant, where nothing else tells."""
        said = self.answered.get(fold(written.text)[:200])
        unit = self.by_pk.get(int(said)) if said and said.isdecimal() else None
        if unit is None:
            return read
        name = self.names.get(unit.pk, "")
        return understood(unit, "answered_before", raw=written.text, meaning=name)

    @cached_property
    def by_pk(self) -> dict[int, Unit]:
        """The units that stand there on the day, by their ids."""
        every = (known for many in self.by_fold.values() for known in many)
        return {known.unit.pk: known.unit for known in every if known.unit.pk in self.standing}

    @cached_property
    def called(self) -> dict[int, str]:
        """The units of the day by their names; of several that bear the same, with the unit above:
        every commune has its Thôn 1."""
        named = {pk: self.names[pk] for pk in self.by_pk if self.names.get(pk)}
        often = Counter(named.values())
        several = [pk for pk, name in named.items() if often[name] > 1]
        if several:
            above = Ancestry.objects.filter(
                unit__in=several, tree=self.line, depth=1, valid__contains=self.on
            ).filter(ancestor__names__language="vi", ancestor__names__valid__contains=self.on)
            for pk, parent in above.values_list("unit", "ancestor__names__name"):
                named[pk] = f"{self.names[pk]}, {parent}"
        return named

    @property
    def offered(self) -> list[tuple[str, str]]:
        """The units of the day as choices, by name."""
        named = [(str(pk), name) for pk, name in self.called.items()]
        return sorted(named, key=lambda one: vi_sort_key(one[1]))

    def _find(self, written: Written) -> Read[Unit]:
        alike = self.by_fold.get(written.fold, [])
        if any(k.parsed.within and _accents(k.name) == _accents(written.text) for k in alike):
            # The brackets are part of its own name and name no unit around it.
            written = replace(written, within="")
        fitting = [k for k in alike if written.kind in (None, k.parsed.kind)]
        spelled = [k for k in fitting if _accents(k.parsed.bare) == _accents(written.bare)]
        # Whoever writes no accents at all leaves them out; other accents are another name.
        named = spelled or (fitting if written.text.isascii() else [])
        now = self._within(written, [k for k in named if k.now])
        if len(_units(now)) == 1:
            if written.within and not self._lies_in(now[0].unit.pk, written.within):
                return doubtful(
                    "unit_not_within", raw=written.text, within=written.within, names=_names(now)
                )
            return self._told(written, now[0], spelled=bool(spelled))
        if now:
            return doubtful("unit_several", raw=written.text, names=self._called(now))
        once = self._within(written, named)
        if once:
            return self._of_another_time(written, once)
        return self._unclear(written, alike)

    def _called(self, named: list[Known]) -> str:
        """Names among which somebody is to choose: told apart where they are the same."""
        same = len({known.name for known in named}) < len(_units(named))
        said = [self.called.get(k.unit.pk, k.name) if same else k.name for k in named]
        return "; ".join(dict.fromkeys(said))

    def _told(self, written: Written, known: Known, *, spelled: bool) -> Read[Unit]:
        if not spelled:
            code = "unit_without_accents"
        elif written.kind is None and known.parsed.kind is not None:
            code = "unit_short"
        else:
            return as_is(known.unit)
        return understood(known.unit, code, raw=written.text, name=known.name)

    def _within(self, written: Written, named: list[Known]) -> list[Known]:
        """Of several, those that stand under the unit written behind the comma."""
        if len(_units(named)) < 2 or not written.within:
            return named
        return [known for known in named if self._lies_in(known.unit.pk, written.within)]

    def _lies_in(self, unit: int, within: str) -> bool:
        """Whether a unit lies, or ever lay, in the one of this name; signs alone name none."""
        wanted = read_unit_name(within).fold
        return wanted in self.above.get(unit, ()) or not any(map(str.isalpha, wanted))

    @cached_property
    def above(self) -> dict[int, set[str]]:
        """The folded names of everything each unit ever stood under: asked only when needed."""
        found: dict[int, set[str]] = defaultdict(set)
        rows = Ancestry.objects.filter(unit__in=self.tree.values("unit"), tree=self.line)
        pairs = rows.filter(depth__gt=0).values_list("unit", "ancestor__names__name")
        for unit, name in pairs.distinct():
            if name:
                found[unit].add(read_unit_name(name).fold)
        return found

    def _of_another_time(self, written: Written, once: list[Known]) -> Read[Unit]:
        """A name of before or after: taken when it leads to one unit that stood there then."""
        if len(_units(once)) > 1:
            return doubtful("unit_several", raw=written.text, names=_names(once))
        known = once[0]
        if known.unit.pk not in self.standing:
            by = self.carriers(known.unit.pk)
            return self._carried_on(written, known, by) if by else self._by_code(written, known)
        later = known.valid.lower is not None and known.valid.lower > self.on
        code = "unit_known_from" if later else "unit_known_until"
        day = known.valid.lower if later else known.valid.upper - timedelta(days=1)
        name = self.names.get(known.unit.pk, known.name)
        told = note(code, raw=written.text, date=day.isoformat(), name=name)
        return Read(known.unit, "understood", (told, *_unverified(known)))

    def carriers(self, unit: int) -> list[int]:
        """The units standing on the day in which one lives on that ended before, or began later."""
        found: dict[int, None] = {}
        asked, waiting = {unit}, [unit]
        while waiting:
            for other in self.carried.get(waiting.pop(), ()):
                if other in self.standing:
                    found[other] = None
                elif other not in asked:
                    asked.add(other)
                    waiting.append(other)
        return list(found)

    @cached_property
    def carried(self) -> dict[int, list[int]]:
        """Who took over from each unit until the day, whom it came from after it; one query."""
        rows = Succession.objects.filter(
            Q(from_unit__in=self.tree.values("unit")) | Q(to_unit__in=self.tree.values("unit"))
        )
        found: dict[int, list[int]] = defaultdict(list)
        for old, new, day in rows.order_by("on", "pk").values_list("from_unit", "to_unit", "on"):
            one, other = (old, new) if day <= self.on else (new, old)
            found[one].append(other)
        return found

    def _carried_on(self, written: Written, known: Known, by: list[int]) -> Read[Unit]:
        """A unit that did not stand: counted at the only one that stood in its place."""
        told = {"raw": written.text, "date": self.on.isoformat()}
        names = sorted(self.names.get(unit, "") for unit in by)
        if len(by) > 1:
            return doubtful("unit_divided", names="; ".join(names), **told)
        first = note("unit_gone_over", name=names[0], **told)
        return Read(self.by_pk[by[0]], "understood", (first, *_unverified(known)))

    def _by_code(self, written: Written, known: Known) -> Read[Unit]:
        """It did not stand there on the day; another unit there may have borne its code then."""
        codes = UnitCode.objects.filter(unit=known.unit, scheme=GSO).values("code")
        bearers = list(
            UnitCode.objects.filter(code__in=codes, scheme=GSO, valid__contains=self.on)
            .filter(unit__in=self.standing)
            .select_related("unit")
        )
        day = self.on.isoformat()
        if len(bearers) != 1:
            told = {"raw": written.text, "parent": self.parent_name, "date": day}
            return doubtful("unit_not_then", nearest=self.nearest(written), **told)
        one = bearers[0]
        name = self.names.get(one.unit_id, "")
        call(one.unit, name)
        told = {"raw": written.text, "parent": self.parent_name, "date": day, "name": name}
        first = note("unit_same_code", code=one.code, **told)
        return Read(one.unit, "understood", (first, *_unverified(known)))

    def _unclear(self, written: Written, alike: list[Known]) -> Read[Unit]:
        now = [known for known in alike if known.now]
        day = self.on.isoformat()
        if now and written.kind and all(known.parsed.kind != written.kind for known in now):
            return doubtful("unit_other_kind", raw=written.text, date=day, names=_names(now))
        if now:
            return doubtful("unit_other_accents", raw=written.text, names=_names(now))
        told = {"raw": written.text, "parent": self.parent_name, "date": day}
        return wrong("unit_unknown", nearest=self.nearest(written), **told)

    def nearest(self, written: Written) -> str:
        """Up to three names of the day that look like the one written."""
        return "; ".join(name for _pk, name in self.alike(written)[:MOST_OFFERED])

    def alike(self, written: Written) -> list[tuple[str, str]]:
        """The units of the day whose names of any time look like the one written, likest first."""
        name = read_unit_name(without_body(written.text))
        head = name.bare.partition(" - ")[0]
        wanted = [_trigrams(text) for text in dict.fromkeys((name.fold, fold(head)))]
        around = _trigrams(read_unit_name(written.within).fold)
        scored: dict[int, float] = {}
        for folded, many in self.by_fold.items():
            have = self.trigrams[folded]
            likeness = max(_likeness(have, one) for one in wanted)
            likeness = max(likeness, AROUND_COUNTS * _likeness(have, around))
            if likeness < LIKE_ENOUGH:
                continue
            for pk in {pk for known in many for pk in self._stands_as(known.unit.pk)}:
                inside = bool(written.within) and self._lies_in(pk, written.within)
                score = likeness + (WITHIN_COUNTS if inside else 0)
                scored[pk] = max(score, scored.get(pk, 0))
        named = {pk: self.called[pk] for pk in scored if pk in self.called}
        ranked = sorted(named, key=lambda pk: (-scored[pk], vi_sort_key(named[pk])))
        return [(str(pk), named[pk]) for pk in ranked[:MOST_ALIKE]]

    def _stands_as(self, unit: int) -> list[int]:
        return [unit] if unit in self.standing else self.carriers(unit)

    @cached_property
    def trigrams(self) -> dict[str, tuple[set[str], set[str]]]:
        """What each folded name is compared by."""
        return {folded: _trigrams(folded) for folded in self.by_fold}


def call(unit: Any, name: str) -> None:
    """Let a unit answer with this name, that of the day asked, without another query."""
    unit.day_name = name


def _accents(text: str) -> str:
    return same_tone(text).casefold()


def _units(named: list[Known]) -> set[int]:
    return {known.unit.pk for known in named}


def _names(named: list[Known]) -> str:
    return "; ".join(dict.fromkeys(known.name for known in named))


def _unverified(known: Known) -> tuple[Note, ...]:
    return () if known.verified else (note("unit_date_unverified"),)


def _trigrams(text: str) -> tuple[set[str], set[str]]:
    """The trigrams of a name's words, and of the name in one word ("KimĐịnh")."""
    words = fold(text).split()
    apart, joined = [f"  {word} " for word in words], f"  {''.join(words)} "
    return {part[at : at + 3] for part in apart for at in range(len(part) - 2)}, {
        joined[at : at + 3] for at in range(len(joined) - 2)
    }


def _likeness(one: tuple[set[str], set[str]], other: tuple[set[str], set[str]]) -> float:
    """The share of trigrams in common, the way that has more."""
    pairs = zip(one, other, strict=True)
    return max(len(a & b) / len(a | b) if a and b else 0 for a, b in pairs)
