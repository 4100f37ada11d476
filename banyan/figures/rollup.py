"""Figures of a place: what adds up from the roll-ups (`folded.py`), the rest from records (`records.py`).

What each indicator means is said in `packs/reckon.py`; tests compare all three.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, TypedDict, Unpack

from django.utils import timezone

from banyan.figures import folded
from banyan.figures.counting import Number, asked, axes_of, facts, latest, value_of, with_bases
from banyan.figures.kept import Told, wish
from banyan.figures.many import Many, apart
from banyan.figures.place import Place
from banyan.figures.records import Counting, Parts, Question, with_facts
from banyan.figures.sources import source_of
from banyan.kernel.period import Period
from banyan.orgs.readings import DEFAULT, Reading
from banyan.packs.reckon import UNCLASSIFIED
from banyan.packs.schema import Indicator, Pack

RECORDS, ROLLED_UP = "records", "rolled_up"


@dataclass(frozen=True)
class Value:
    """One indicator's number, its base where it has one, its parts, and where it opens to.

    `missing`: records behind it that do not say what is added up or told apart.
    `parts`: axis → part → number; every part the axis knows, and `unclassified`. None: no number.
    """

    indicator: str
    value: Number | None
    base: Number | None = None
    missing: int = 0
    parts: Mapping[str, Mapping[str, Number | None]] = field(default_factory=dict)
    bases: Mapping[str, Mapping[str, Number | None]] = field(default_factory=dict)
    opens: str = ""
    part_opens: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def percent(self) -> Decimal | None:
        """Value per base in percent, unrounded; None without a base."""
        if self.base is None or not self.base or self.value is None:
            return None
        return Decimal(self.value) * 100 / Decimal(self.base)


@dataclass(frozen=True)
class Reckoning:
    """Figures of one place and period under one reading at one instant, by indicator.

    `unplaced`: records of divided units that may belong here; they are not counted.
    `loose`: records that are counted here, but with none of the units below.
    `beside`: what else was asked in the same query.
    `live`: the indicators that were counted straight from the records, not added up beforehand.
    """

    pack: Pack
    place: Place
    period: Period
    reading: Reading
    as_of: datetime
    values: Mapping[str, Value]
    expected: int
    reporting: int
    synthetic: bool
    notes: Sequence[str]
    unplaced: int = 0
    loose: int = 0
    beside: Mapping[str, Any] = field(default_factory=dict)
    live: frozenset[str] = frozenset()

    def __getitem__(self, indicator: str) -> Value:
        return self.values[indicator]

    def is_straight(self, indicator: str) -> bool:
        """Whether it was counted straight from the records, or what it is a share or ratio of."""
        spec = self.pack.indicator(indicator)
        leans = {spec.of, spec.over} if spec.op in ("share", "ratio") else set()
        return not self.live.isdisjoint({indicator, *leans})

    def source(self, indicator: str) -> str:
        """From where its number comes: `records` or `rolled_up`."""
        return RECORDS if self.is_straight(indicator) else ROLLED_UP

    @property
    def day(self) -> date:
        """The day whose units the figures are told by."""
        return self.place.day_meant(self.period, self.reading)

    @property
    def name(self) -> str:
        """What the place is called on that day."""
        return self.place.name_on(self.day)

    @property
    def query(self) -> dict[str, str]:
        """What was asked, for addresses."""
        return query_of(self.pack, self.place, self.period, self.reading)

    @property
    def question(self) -> Question:
        """What was asked, for what else is to be told of it."""
        return Question(self.pack, self.place, self.period, self.reading)

    def opens(self, where: Mapping[str, str]) -> str:
        """The address of these records among the figures'."""
        return source_of(self.pack).opens_to(self.pack, {**self.query, **where})


class How(TypedDict, total=False):
    """How to read: with the parts along axes (as a rule yes), under which reading (*then*), only
    what counts in a part of the period (`counted`); and what a page wants to know of something else
    in the same query (a subquery with one value)."""

    axes: bool
    reading: Reading
    counted: Period
    beside: Mapping[str, Any]


def query_of(pack: Pack, place: Place, period: Period, reading: Reading) -> dict[str, str]:
    """A question as an address asks it."""
    asked_for = {"programme": pack.id, "period": period.key, "place": place.label}
    return asked_for | reading.query


def read(
    pack: Pack,
    place: Place,
    period: Period,
    indicators: Sequence[str] | None = None,
    **how: Unpack[How],
) -> Reckoning:
    """Reckon indicators (by default all of the pack) of a place in a period under a reading.

    What adds up comes from the roll-ups, the rest from the records: one query for both, and a second
    one while not all is rolled up.
    """
    question = Question(pack, place, period, how.get("reading", DEFAULT), how.get("counted"))
    specs = with_bases(pack, indicators or list(pack.indicators))
    along = axes_of(specs) if how.get("axes", True) else {}
    beside = how.get("beside", {})
    wished = wish(pack, specs, along, ([place], [period]), question.reading)
    if wished is None or question.counted:
        return _reckoned(question, specs, along, None, beside)
    counting = _counting(question, wished.hopeless, along, beside)
    counted = counting.rest(wished.asked)
    granted = wished.granted(folded.parsed(counted.pop("rolled")))
    told = granted.of(0, period) if granted else None
    if told is None or set(specs) - told.specs - set(wished.hopeless):
        return _reckoned(question, specs, along, told, beside)
    parts: Parts = {axis: {} for axis in along} | counting.parts(counted)
    told.into(counted, parts)
    return replace(_told(question, specs, counted, parts, beside), live=_names(wished.hopeless))


Span = tuple[Period, Period | None]


def read_many(
    pack: Pack,
    at: tuple[Sequence[Place], Sequence[Span]],
    indicators: Sequence[str],
    axis: str | None,
    reading: Reading,
) -> dict[tuple[int, int], Reckoning]:
    """The figures of many places and spans, by their places in the two lists: one statement for what
    is rolled up, one a span for what is not. A span is a period, or what of it counts in a part of it.
    `loose` is not told here (`records.Question.loose`)."""
    places, spans = at
    periods = [period for period, counted in spans if counted is None]
    specs = with_bases(pack, indicators)
    along = {name: of for name, of in axes_of(specs).items() if name == axis}
    sums = [n for n, place in enumerate(places) if periods and folded.answers(place, reading)]
    wished = wish(pack, specs, along, ([places[n] for n in sums], periods), reading)
    granted = wished.granted(folded.read(wished.asked)) if wished and sums else None
    at_kept = {n: k for k, n in enumerate(sums)}
    found = {}
    for m, (period, part) in enumerate(spans):
        told = {
            n: granted.of(at_kept[n], period) if granted and n in at_kept and not part else None
            for n in range(len(places))
        }
        questions = [Question(pack, place, period, reading, part) for place in places]
        for n, one in _together(questions, specs, along, told).items():
            found[n, m] = one
    return found


def _together(
    questions: Sequence[Question],
    specs: Sequence[Indicator],
    along: "Along",
    told: Mapping[int, Told | None],
) -> dict[int, Reckoning]:
    """What is not `told` of places in one span: of units together, of groups one by one."""
    found: dict[int, Reckoning] = {}
    waiting: dict[frozenset[Indicator] | None, list[int]] = {}
    for n, question in enumerate(questions):
        known = told[n]
        if apart(question.place, [one.place for one in questions]):
            waiting.setdefault(known.specs if known else None, []).append(n)
        else:
            found[n] = _reckoned(question, specs, along, known, None)
    for known_of, those in waiting.items():
        live = [spec for spec in specs if known_of is None or spec not in known_of]
        places = [questions[n].place for n in those]
        many = Many(questions[those[0]], places, live, _among(along, live))
        for n, (counted, parts) in zip(those, many.told(all_of_it=known_of is None), strict=True):
            numbers = dict(counted)
            split: Parts = {axis: {} for axis in along} | parts
            if (one := told[n]) is not None:
                one.into(numbers, split)
            found[n] = _told(questions[n], specs, numbers, split, None)
    return found


def told_elsewhere(
    question: Question, specs: Sequence[Indicator], along: "Along", told: Told
) -> Reckoning:
    """What was told of all these without the records (an archive's numbers); no query."""
    return _reckoned(question, specs, along, told, None)


Along = Mapping[str, Sequence[Indicator]]
Beside = Mapping[str, Any] | None


def _counting(
    question: Question, live: Sequence[Indicator], along: Along, beside: Beside
) -> Counting:
    return Counting(question, live, _among(along, live), beside or {})


def _among(along: Along, live: Sequence[Indicator]) -> Along:
    untold = {axis: [one for one in of if one in live] for axis, of in along.items()}
    return {axis: of for axis, of in untold.items() if of}


def _reckoned(
    question: Question,
    specs: Sequence[Indicator],
    along: Along,
    told: Told | None,
    beside: Beside,
) -> Reckoning:
    """What is not `told` from the records. `beside` None: not even what is loose is asked for."""
    live = [spec for spec in specs if told is None or spec not in told.specs]
    counting = _counting(question, live, along, beside)
    counted: dict[str, Any] = {"loose": 0}
    if told is None:
        counted = counting.all()
    elif live or beside is not None:
        counted = counting.rest()
    parts: Parts = {axis: {} for axis in along} | counting.parts(counted)
    if told is not None:
        told.into(counted, parts)
    return replace(_told(question, specs, counted, parts, beside), live=_names(live))


def _names(specs: Sequence[Indicator]) -> frozenset[str]:
    return frozenset(spec.id for spec in specs if spec.op != "ratio")


def _told(
    question: Question,
    specs: Sequence[Indicator],
    counted: Mapping[str, Any],
    parts: Parts,
    beside: Beside,
) -> Reckoning:
    pack = question.pack
    telling = _Telling(question, counted, parts)
    values = {spec.id: telling.value(spec) for spec in specs}
    distinct = any(spec.op == "distinct" for spec in specs)
    return Reckoning(
        pack=pack,
        place=question.place,
        period=question.period,
        reading=question.reading,
        as_of=timezone.now(),
        values={name: _with_base(pack, values, name) for name in values},
        expected=counted["expected"] or 0,
        reporting=counted["reporting"],
        synthetic=counted["synthetic"] > 0,
        notes=source_of(pack).notes(counted) if distinct else [],
        unplaced=counted["unplaced"] or 0,
        loose=counted["loose"] or 0,
        beside={name: counted[f"beside_{name}"] for name in beside or ()},
    )


@dataclass(frozen=True, eq=False)
class _Opens(Mapping[str, str]):
    """part → the list of its records; an address is made when it is asked for: a pivot has thousands."""

    telling: "_Telling"
    conditions: Mapping[str, str]
    axis: str
    parts: Sequence[str]

    def __getitem__(self, part: str) -> str:
        if part not in self.parts:
            raise KeyError(part)
        asked_for = "none" if part == UNCLASSIFIED else part
        return self.telling.opens_to({**self.conditions, self.axis: asked_for})

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)


@dataclass(frozen=True)
class _Telling:
    """What the queries said, from which each indicator's value is told."""

    question: Question
    totals: Mapping[str, Any]
    split: Mapping[str, Mapping[str, Mapping[str, Any]]]

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The question as addresses ask it."""
        asked_of = self.question
        query = query_of(asked_of.pack, asked_of.place, asked_of.period, asked_of.reading)
        return query | ({"counted": asked_of.counted.key} if asked_of.counted else {})

    def opens_to(self, where: Mapping[str, str]) -> str:
        """The list of these records among the question's."""
        return source_of(self.question.pack).opens_to(self.question.pack, {**self.query, **where})

    def value(self, spec: Indicator) -> Value:
        """One indicator's value with its parts."""
        key, conditions = f"{spec.id}__value", asked(spec)
        parts: dict[str, dict[str, Number | None]] = {}
        opens: dict[str, Mapping[str, str]] = {}
        for axis, by_part in self.split.items():
            if axis in spec.by or any(key in row for row in by_part.values()):
                names = (*self.question.pack.parts_of(axis), UNCLASSIFIED)
                parts[axis] = {
                    part: value_of(spec, by_part.get(part, {}).get(key)) for part in names
                }
                opens[axis] = _Opens(self, conditions, axis, names)
        newest = None
        if spec.op == "latest":
            rows = with_facts(self.question.records, self.question.pack, facts([spec]))
            newest = latest(rows, spec)
        return Value(
            indicator=spec.id,
            value=newest if spec.op == "latest" else value_of(spec, self.totals.get(key)),
            missing=int(self.totals.get(f"{spec.id}__missing") or 0),
            parts=parts,
            opens=self.opens_to(conditions),
            part_opens=opens,
        )


def _with_base(pack: Pack, values: Mapping[str, Value], name: str) -> Value:
    spec, value = pack.indicator(name), values[name]
    below = spec.of if spec.op == "share" else spec.over if spec.op == "ratio" else None
    if below is None:
        return value
    base = values[below]
    above = values[str(spec.of)].value if spec.op == "ratio" else value.value
    return Value(
        indicator=name,
        value=above,
        base=base.value,
        missing=value.missing,
        parts=value.parts,
        bases=base.parts,
        opens=value.opens,
        part_opens=value.part_opens,
    )
