"""What happened to a unit, as sentences: what it came from, took in, let go, and what it became."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from banyan.orgs import shipped
from banyan.orgs.lives import SPLIT, WHOLE, Life, Passing
from banyan.orgs.models import Placement, Succession, Unit
from banyan.orgs.operations import UNVERIFIED


@dataclass(frozen=True)
class Named:
    """A unit named in a sentence, on the day its page shows what is meant."""

    unit: int
    name: str
    on: date
    part: bool = False

    @property
    def text(self) -> str:
        """Its name, and that only a part of it is meant."""
        return _("%(unit)s (in part)") % {"unit": self.name} if self.part else self.name


@dataclass(frozen=True)
class Sentence:
    """One thing that happened: a day, words, the units it names, and the decision."""

    on: date
    words: str
    units: tuple[Named, ...] = ()
    decision: str = ""
    doubt: bool = False
    is_end: bool = False

    @property
    def text(self) -> str:
        """The sentence without links."""
        return f"{self.words} {', '.join(one.text for one in self.units)}".strip()


def told(unit: Unit, life: Life) -> list[Sentence]:
    """The life of a unit in sentences, the oldest first; names and codes are told apart from it."""
    return [*_beginning(unit, life), *_between(life), *_ending(unit, life)]


def came_from(life: Life) -> str:
    """What it came from or took in, in one line."""
    return "; ".join(one.text for one in _before(life.earlier))


def became(unit: Unit, life: Life) -> str:
    """What became of it, in one line; nothing while it stands."""
    return "; ".join(one.text for one in _ending(unit, life))


def successors(life: Life) -> list[Passing]:
    """Who took over when it ended."""
    return [one for one in life.later if one.share != SPLIT and one.on == life.ends]


def _by_day(passings: Sequence[Passing]) -> list[tuple[date, list[Passing]]]:
    found: dict[date, list[Passing]] = defaultdict(list)
    for one in passings:
        found[one.on].append(one)
    return sorted(found.items())


def _decision(passings: Sequence[Passing]) -> str:
    """The numbers of their decisions, each once."""
    return ", ".join(dict.fromkeys(one.decision for one in passings if one.decision))


def _before(passings: Sequence[Passing]) -> list[Named]:
    """Predecessors, each on the last day before."""
    return [
        Named(one.unit, one.name, one.on - timedelta(days=1), part=one.share != WHOLE)
        for one in passings
    ]


def _after(passings: Sequence[Passing]) -> list[Named]:
    return [Named(one.unit, one.name, one.on) for one in passings]


def _doubtful(life: Life, edge: str, day: date) -> bool:
    """Whether the day on which it began or ended is the data's and not a decision's."""
    rows = [place for place in life.places if getattr(place.valid, edge) == day]
    return any(place.note == UNVERIFIED for place in rows)


def _beginning(unit: Unit, life: Life) -> list[Sentence]:
    day = life.begins
    if day is None:
        return []
    older = [one for one in life.earlier if one.on == day]
    doubt = _doubtful(life, "lower", day)
    if older:
        return [Sentence(day, _("Formed from:"), tuple(_before(older)), _decision(older), doubt)]
    decision = next((p.decision for p in life.places if p.valid.lower == day and p.decision), "")
    words = _("Founded.")
    if doubt and shipped.is_shipped(unit):
        words = _("In the sources from this day on. What it came from is not in the sources.")
    return [Sentence(day, words, (), decision, doubt)]


def _between(life: Life) -> list[Sentence]:
    """What it took in and let go while it stood."""
    said = [
        Sentence(day, _("Took in:"), tuple(_before(older)), _decision(older))
        for day, older in _by_day(life.earlier)
        if day != life.begins
    ]
    said += [
        Sentence(day, _("A part left for:"), tuple(_after(newer)), _decision(newer))
        for day, newer in _by_day([one for one in life.later if one not in successors(life)])
    ]
    return sorted(said, key=lambda one: one.on)


def _ending(unit: Unit, life: Life) -> list[Sentence]:
    day = life.ends
    if day is None:
        return []
    doubt = _doubtful(life, "upper", day)
    newer = successors(life)
    if not newer:
        words = _("Dissolved.")
        if doubt and shipped.is_shipped(unit):
            words = _("Ended. What became of it is not in the sources.")
        ended_by = next((p.ended_by for p in life.places if p.valid.upper == day), "")
        return [Sentence(day, words, (), ended_by, doubt, is_end=True)]
    if any(one.share == WHOLE for one in newer):
        words = _("Ended. Wholly into")
    elif len(newer) == 1:
        words = _("Ended. In part into")
    else:
        words = _("Ended. Divided among:")
    return [Sentence(day, words, tuple(_after(newer)), _decision(newer), doubt, is_end=True)]


def taken_in_below(unit: Unit, life: Life) -> tuple[list[Named], list[Named]]:
    """Of a unit that was dissolved: which units what stood below it went to, and which carry on
    the work of those below that ended with it. Asked of the places it left and of successions."""
    day = life.ends
    if day is None or successors(life):
        return [], []
    left = Placement.objects.filter(parent=unit, valid__endswith=day).values("unit")
    heirs = Placement.objects.filter(unit__in=left, valid__startswith=day, parent__isnull=False)
    took = Succession.objects.filter(from_unit__in=left, on=day)
    return _called(heirs.values("parent"), day), _called(took.values("to_unit"), day)


def _called(units: Any, day: date) -> list[Named]:
    rows: Any = Unit.objects.filter(pk__in=units).named_on(day)
    return [Named(one.pk, one.day_name or "…", day) for one in rows]
