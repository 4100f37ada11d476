"""What an archive's figures mean, in words that outlive the programme and its roll-ups."""

import json
from collections.abc import Sequence

from banyan.figures.archive.manifest import Counted
from banyan.figures.coding import period_of
from banyan.figures.measures import Measure, measure_of
from banyan.packs.schema import Pack


def counted(pack: Pack, measures: Sequence[Measure]) -> list[Counted]:
    """Measures, each with the indicators of the programme that it serves."""
    serves: dict[str, list[str]] = {}
    for spec in pack.indicators.values():
        for axis in (None, *spec.by):
            found = measure_of(pack, spec, axis)
            if found is not None:
                serves.setdefault(found.meaning, []).append(spec.id)
    return [
        Counted(
            one.meaning,
            json.loads(one.meaning)[0],
            one.of.name if one.of else "",
            one.axis.name if one.axis else "",
            sorted(set(serves.get(one.meaning, []))),
        )
        for one in measures
    ]


def not_told(pack: Pack) -> list[str]:
    """The indicators that do not add up: they stay with the records."""
    return sorted(
        spec.id
        for spec in pack.indicators.values()
        if spec.op != "ratio" and measure_of(pack, spec) is None
    )


def period_key(code: int) -> str:
    """A period as the roll-ups write it (`coding.code`), by its key."""
    return period_of(code).key
