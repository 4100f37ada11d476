"""What is added up beforehand: records under conditions, told apart along an axis, with a number's sum.

A measure is known by its meaning and not by an indicator's name: an edition that changes one indicator
lets all others go on, and indicators that count the same share what was counted.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from banyan.figures.sources import FLAG, NOTHING, NUMBER, STATE, YES_NO, Source, source_of
from banyan.packs.schema import ADD_UP, Indicator, Pack


@dataclass(frozen=True)
class Fact:
    """A fact of a record as the row beside its change tells it; `kind` as `Source.kind_of` says."""

    name: str
    kind: str

    @property
    def sql(self) -> str:
        """Its value as text (a number's as numeric) in a row `d` of changes with its `facts`."""
        name = quoted(self.name)
        return {
            NOTHING: "NULL::text",
            STATE: "d.state",
            FLAG: f"(d.facts ->> {name})",
            YES_NO: f"(CASE d.facts ->> {name} WHEN 'true' THEN 'yes' WHEN 'false' THEN 'no' END)",
            NUMBER: f"(d.measures ->> {name})::numeric",
        }.get(self.kind, f"coalesce(d.facts ->> {name}, d.measures ->> {name})")


@dataclass(frozen=True)
class Measure:
    """Records that meet every condition (fact, values; NULL also where `None` is among them), by the
    parts of `axis`, and the sum of the number `of`."""

    where: tuple[tuple[Fact, tuple[str | None, ...]], ...] = ()
    of: Fact | None = None
    axis: Fact | None = None

    @cached_property
    def meaning(self) -> str:
        """What it is known by: the same for all that count the same."""
        told = [[fact.name, fact.kind, *sorted(values, key=str)] for fact, values in self.where]
        told.sort(key=str)
        ends = [[one.name, one.kind] if one else None for one in (self.of, self.axis)]
        return json.dumps([told, *ends], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def meant(cls, meaning: str) -> Self:
        """The measure of a meaning."""
        where, of, axis = json.loads(meaning)
        return cls(
            tuple((Fact(name, kind), tuple(values)) for name, kind, *values in where),
            Fact(*of) if of else None,
            Fact(*axis) if axis else None,
        )

    @property
    def whole(self) -> bool:
        """Whether it counts all records."""
        return not self.where and self.of is None and self.axis is None

    def line(self, place: int) -> str:
        """A row of VALUES over a change `d`: (place, whether it is met, part, number)."""
        met = " AND ".join(_met(fact, values) for fact, values in self.where) or "true"
        part = f"coalesce({self.axis.sql}, '')" if self.axis else "''"
        return f"({place}, {met}, {part}, {self.of.sql if self.of else 'NULL::numeric'})"


def _met(fact: Fact, values: Sequence[str | None]) -> str:
    words = [value for value in values if value is not None]
    if fact.kind == NUMBER:
        among = f"{fact.sql} IN ({', '.join(f'{quoted(word)}::numeric' for word in words)})"
    else:
        among = f"{fact.sql} IN ({', '.join(map(quoted, words))})"
    ways = ([among] if words else []) + ([f"{fact.sql} IS NULL"] if None in values else [])
    return f"({' OR '.join(ways)}) IS TRUE"


def quoted(text: str) -> str:
    """A text as SQL, for a statement that has parameters of its own."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def measure_of(pack: Pack, spec: Indicator, axis: str | None = None) -> Measure | None:
    """What an indicator (along an axis) adds up; None for what is reckoned from the records."""
    source = source_of(pack)
    if spec.op not in ADD_UP:
        return None
    names = [each.fact for each in spec.where]
    names += [spec.of] if spec.op == "sum" and spec.of else []
    names += [axis] if axis else []
    kinds = {name: source.kind_of(pack, name) for name in names}
    facts = {name: Fact(name, kind) for name, kind in kinds.items() if kind is not None}
    if len(facts) < len(kinds) or (axis and kinds[axis] == NUMBER):
        return None
    where = tuple((facts[each.fact], _words(each.values)) for each in spec.where)
    summed = facts[str(spec.of)] if spec.op == "sum" else None
    made = Measure(where, summed, facts[axis] if axis else None)
    return Measure.meant(made.meaning)  # in one order, so that equal meanings are equal measures


def _words(values: Iterable[object]) -> tuple[str | None, ...]:
    words: list[str | None] = []
    for value in values:
        words.append(("yes" if value else "no") if isinstance(value, bool) else str(value))
        if value is False:
            words.append(None)  # an unticked box is 'no'
    return tuple(words)


def synthetic(source: Source) -> Measure:
    """The records that are marked as synthetic."""
    return Measure(((Fact(source.synthetic, FLAG), ("yes",)),))


def measures_of(pack: Pack) -> list[Measure]:
    """Everything that a programme's indicators add up, and the records themselves."""
    made = [Measure(), synthetic(source_of(pack))]
    for spec in pack.indicators.values():
        axes = {*spec.by, *(one for each in _shares(pack, spec) for one in each.by)}
        for axis in (None, *sorted(axes)):
            found = measure_of(pack, spec, axis)
            if found is not None and found not in made:
                made.append(found)
    return made


def _shares(pack: Pack, spec: Indicator) -> list[Indicator]:
    """The indicators that are shares of this one: their parts have its parts as bases."""
    return [one for one in pack.indicators.values() if one.op == "share" and one.of == spec.id]
