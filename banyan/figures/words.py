"""Figures in words: the sentences of a pack with each number opening to its records."""

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_decimal
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from banyan.figures.counting import Number
from banyan.figures.rollup import Reckoning, Value
from banyan.figures.units import UNIT, UNPLACED, ByUnit
from banyan.figures.units import Part as UnitPart
from banyan.kernel.period import Period
from banyan.orgs.models import Kind
from banyan.orgs.placed import PERHAPS, WITHIN
from banyan.packs.reckon import UNCLASSIFIED
from banyan.packs.schema import Pack
from banyan.packs.slots import FigureSlot, parse

_SLOT = re.compile(r"(\{[^{}]*\})")
CENT = Decimal("0.01")
NONE = "–"


@dataclass(frozen=True)
class Part:
    """A piece of a sentence: plain words, or a figure with where it opens to and its source."""

    text: str
    url: str = ""
    source: str = ""
    strong: bool = False


def number_text(value: Number | None) -> str:
    """A number as the reader's language writes it: 1.234,5 or 1,234.5."""
    if value is None:
        return NONE
    return str(format_decimal(value, locale=language_now()))


def shown(value: Number | None) -> Number | str:
    """A number for a table, or the dash that stands where there is none."""
    return NONE if value is None else value


def percent_text(value: Decimal | None) -> str:
    """A percentage with two places: 70,88 % (70.88% in English)."""
    if value is None:
        return NONE
    rounded = value.quantize(CENT, ROUND_HALF_UP)
    shown = format_decimal(rounded, format="#,##0.00", locale=language_now())
    return _("%(number)s%%") % {"number": shown}


def period_text(period: Period) -> str:
    """A period in words: 6 tháng đầu năm 2024, quý II năm 2024, tháng 5 năm 2024, năm 2024."""
    words = {"year": period.year, "number": period.number}
    if period.kind == "half":
        return (
            _("the first six months of %(year)s")
            if period.number == 1
            else _("the last six months of %(year)s")
        ) % words
    if period.kind == "quarter":
        return _("quarter %(number)s of %(year)s") % words
    if period.kind == "month":
        return pgettext("period", "month %(number)s of %(year)s") % words
    return pgettext("period", "the year %(year)s") % words


def facts_of(reckoning: Reckoning) -> dict[str, str]:
    """What a sentence may say beside figures: unit, period, day."""
    period = reckoning.period
    name = reckoning.name
    # "huyện Thanh Trì" within a sentence; a country's name is all its own.
    is_own = reckoning.place.group is None and reckoning.place.unit.kind == Kind.COUNTRY
    return {
        "unit": name if is_own else name[:1].lower() + name[1:],
        "committee": name,
        "period": period_text(period),
        "next_period": period_text(period.following()),
        "year": str(period.year),
        "as_of": timezone.localtime(reckoning.as_of).strftime("%d/%m/%Y"),
    }


def parts_of(reckoning: Reckoning, text: str, facts: Mapping[str, str]) -> list[Part]:
    """Fill the slots of a pack's sentence and let it begin with a capital."""
    parts = filled(reckoning, text, facts)
    if parts:
        first = parts[0]
        parts[0] = replace(first, text=first.text[:1].upper() + first.text[1:])
    return parts


def filled(reckoning: Reckoning, text: str, facts: Mapping[str, str]) -> list[Part]:
    """Fill the slots of a pack's clause, keeping where each figure opens to."""
    parts = []
    for piece in _SLOT.split(text):
        if not piece.startswith("{"):
            parts.append(Part(piece))
            continue
        slot = parse(piece[1:-1], reckoning.pack)
        if isinstance(slot, FigureSlot):
            parts.append(_figure(reckoning, slot))
        elif slot is not None:
            parts.append(Part(facts[slot.fact]))
    return [part for part in parts if part.text]


def _figure(reckoning: Reckoning, slot: FigureSlot) -> Part:
    value = reckoning[slot.indicator]
    key = slot.written
    if slot.aspect == "base":
        base = reckoning.pack.indicator(slot.indicator).of or slot.indicator
        opens = reckoning.values[base].opens if base in reckoning.values else value.opens
        return Part(number_text(value.base), opens, base, strong=True)
    if slot.aspect == "percent":
        return Part(percent_text(value.percent), value.opens, slot.indicator, strong=True)
    if slot.aspect == "missing":
        return Part(number_text(value.missing), "", "", strong=True)
    if slot.axis and slot.part:
        number = value.parts[slot.axis][slot.part]
        return Part(number_text(number), value.part_opens[slot.axis][slot.part], key, strong=True)
    return Part(number_text(value.value), value.opens, slot.indicator, strong=True)


def paragraphs(pack: Pack, language: str) -> list[tuple[str, str]]:
    """(key, text) of the paragraphs with figures of the pack's first report: its words everywhere."""
    for report in pack.reports.values():
        return [
            (
                f"{section.id}.{block.id}",
                pack.text(f"reports.{report.id}.sections.{section.id}.{block.id}", language),
            )
            for section in report.sections
            for block in section.blocks
            if block.kind == "paragraph"
        ]
    return []


def part_label(pack: Pack, axis: str, part: str, language: str) -> str:
    """What a part of an axis is called."""
    if part == UNCLASSIFIED:
        return pack.text("unclassified", language)
    if axis == "state":
        return pack.text(f"states.{part}", language)
    if part in ("yes", "no"):
        return _("Yes") if part == "yes" else _("No")
    for form in pack.forms.values():
        key = f"forms.{form.id}.fields.{axis}.choices.{part}"
        if pack.has_text(key):
            return pack.text(key, language)
    return part


def axis_label(pack: Pack, axis: str, language: str) -> str:
    """What an axis is called."""
    for form in pack.forms.values():
        key = f"forms.{form.id}.fields.{axis}.label"
        if pack.has_text(key):
            return pack.text(key, language)
    return _("State")


def warnings(reckoning: Reckoning, language: str) -> list[str]:
    """What a reader must know: unclassified parts, what the source says, a base of nought."""
    pack = reckoning.pack
    said = list(reckoning.notes)
    for value in reckoning.values.values():
        if value.indicator != next(iter(reckoning.values)):
            continue
        for axis, parts in value.parts.items():
            unsaid = parts.get(UNCLASSIFIED, 0)
            if unsaid:
                said.append(
                    _(
                        "%(n)s of %(total)s are unclassified by “%(axis)s”:"
                        " the parts that are named do not add up to the total."
                    )
                    % {
                        "n": number_text(unsaid),
                        "total": number_text(value.value),
                        "axis": axis_label(pack, axis, language),
                    }
                )
    return said


def quoted(pack: Pack, names: Sequence[str], language: str) -> str:
    """Indicators by their labels: “A”, “B”."""
    return ", ".join(f"“{pack.text(f'indicators.{one}.label', language)}”" for one in names)


def straight(pack: Pack, names: Sequence[str], of: int) -> str:
    """Which of so many figures were counted straight from the records and not added up beforehand;
    empty where none was."""
    if not names:
        return ""
    if len(names) == of:
        return _("All these figures are counted straight from the records.")
    return _("Counted straight from the records: %(names)s.") % {
        "names": quoted(pack, names, language_now())
    }


def completeness(reckoning: Reckoning) -> str:
    """How many of the units expected to report have any record."""
    return _("%(n)s of %(all)s communes have records in this period") % {
        "n": number_text(reckoning.reporting),
        "all": number_text(reckoning.expected),
    }


def reading_text(reckoning: Reckoning) -> str:
    """What the reading means, in one sentence."""
    return reckoning.reading.sentence


@dataclass(frozen=True)
class Unplaced:
    """Records of divided units that wait to be placed: how many, why that matters, which."""

    count: int
    text: str
    opens: str

    @property
    def title(self) -> str:
        """`Not placed: 12`."""
        return _("Not placed: %(n)s") % {"n": number_text(self.count)}


def unplaced(reckoning: Reckoning) -> list[Unplaced]:
    """What is not placed, outside and inside the figures; nothing where all is."""
    area = reckoning.place.area(reckoning.reading)
    outside = _(
        "Records of units that were divided: some of them may belong here. They are not counted"
        " until they are placed."
    )
    inside = (
        _(
            "Counted here, but of units that were divided: which unit of that day answers for them"
            " is not decided."
        )
        if area.by_heirs
        else _(
            "Counted here, but of units that were divided: with which of the units below they"
            " count is not decided."
        )
    )
    told = (
        Unplaced(reckoning.unplaced, outside, reckoning.opens({"unplaced": PERHAPS})),
        Unplaced(reckoning.loose, inside, reckoning.opens({"unplaced": WITHIN})),
    )
    return [one for one in told if one.count]


def unit_label(reckoning: Reckoning, part: UnitPart) -> str:
    """What a row of the table by units is called."""
    if part.kind == UNIT:
        return part.name
    if part.kind == UNPLACED:
        return _("Not placed")
    return _("%(unit)s itself") % {"unit": reckoning.name}


def language_now() -> str:
    """The reader's language."""
    return (translation.get_language() or "vi")[:2]


def as_json(reckoning: Reckoning, language: str, units: ByUnit | None = None) -> dict[str, object]:
    """The figures for the shell and the API: numbers, bases, parts, what they open to, warnings."""
    pack = reckoning.pack
    return {
        "programme": pack.id,
        "edition": pack.edition,
        "place": {
            "asked": reckoning.place.label,
            "name": reckoning.name,
        },
        "period": reckoning.period.key,
        "reading": reckoning.reading.key,
        "reading_means": reckoning.reading.sentence,
        "as_of": reckoning.as_of.isoformat(),
        "completeness": {"reporting": reckoning.reporting, "expected": reckoning.expected},
        "synthetic": reckoning.synthetic,
        "figures": {
            name: {**_value_json(pack, v, language), "source": reckoning.source(name)}
            for name, v in reckoning.values.items()
        },
        "units": _units_json(reckoning, units),
        "not_placed": {
            "may_belong_here": reckoning.unplaced,
            "in_no_unit_below": reckoning.loose,
            "said": [
                {"what": f"{u.title}. {u.text}", "records": u.opens} for u in unplaced(reckoning)
            ],
        },
        "warnings": warnings(reckoning, language),
    }


def _units_json(reckoning: Reckoning, units: ByUnit | None) -> list[dict[str, object]]:
    return [
        {
            "unit": part.spec if part.kind == UNIT else None,
            "kind": part.kind,
            "name": unit_label(reckoning, part),
            "figures": {name: _plain(n) for name, n in part.values.items()},
            "records": dict(part.opens),
        }
        for part in (units.parts if units else ())
    ]


def _plain(number: Number | None) -> object:
    return number if number is None or isinstance(number, int) else str(number)


def _value_json(pack: Pack, value: Value, language: str) -> dict[str, object]:
    shown: dict[str, object] = {
        "label": pack.text(f"indicators.{value.indicator}.label", language),
        "value": _plain(value.value),
    }
    if value.base is not None:
        percent = value.percent
        shown["base"] = _plain(value.base)
        shown["percent"] = (
            str(percent.quantize(CENT, ROUND_HALF_UP)) if percent is not None else None
        )
    if value.missing:
        shown["missing"] = value.missing
    if value.parts:
        shown["parts"] = {
            a: {p: _plain(n) for p, n in parts.items()} for a, parts in value.parts.items()
        }
    shown["records"] = value.opens
    return shown


def speaking(language: str) -> AbstractContextManager[None]:
    """Within it, texts and numbers are in this language."""
    return translation.override(language)
