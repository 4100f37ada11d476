"""Slots in a report's texts: `{models}`, `{models.level.district}`, `{completed.percent}`."""

import re
from dataclasses import dataclass

from banyan.packs.reckon import UNCLASSIFIED
from banyan.packs.schema import OF_A_FACT, Pack

_SLOT = re.compile(r"\{([^{}]*)\}")

# What a report knows besides figures; the reports app fills them.
REPORT_FACTS = ("unit", "committee", "period", "next_period", "year", "as_of")
# What can be said of a figure besides its number.
ASPECTS = ("base", "percent", "missing")


@dataclass(frozen=True)
class FigureSlot:
    """A place for a figure: the indicator's value, one part of it on an axis, or an aspect."""

    written: str
    indicator: str
    axis: str | None = None
    part: str | None = None
    aspect: str | None = None


@dataclass(frozen=True)
class FactSlot:
    """A place for something the report knows, such as the unit's name."""

    written: str
    fact: str


Slot = FigureSlot | FactSlot


def slots_in(text: str) -> list[str]:
    """What stands between braces in a text, in order."""
    return _SLOT.findall(text)


def parse(written: str, pack: Pack) -> Slot | None:
    """What a slot means in this pack; None when it means nothing."""
    if written in REPORT_FACTS:
        return FactSlot(written, written)
    head, *rest = written.split(".")
    indicator = pack.indicators.get(head)
    if indicator is None:
        return None
    if not rest:
        return FigureSlot(written, head)
    if len(rest) == 1 and rest[0] in ASPECTS:
        has_base = indicator.op in ("share", "ratio")
        fits = has_base if rest[0] != "missing" else indicator.op in OF_A_FACT
        return FigureSlot(written, head, aspect=rest[0]) if fits else None
    is_axis = len(rest) == 2 and rest[0] in indicator.by
    if is_axis and rest[1] in (*pack.parts_of(rest[0]), UNCLASSIFIED):
        return FigureSlot(written, head, axis=rest[0], part=rest[1])
    return None
