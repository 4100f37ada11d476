"""What an address asks: indicators × units × periods × parts, which of them are rows and columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from banyan.figures.explore.places import BELOW, LONGEST_PATH, kinds_below
from banyan.figures.matrix import bound
from banyan.figures.place import Place
from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.orgs.readings import Reading
from banyan.packs.reckon import UNCLASSIFIED
from banyan.packs.schema import Pack

UNITS, PERIODS, INDICATORS, PARTS = "units", "periods", "indicators", "parts"
DIMENSIONS = (UNITS, PERIODS, INDICATORS, PARTS)
TABLE, RANKING, LINE, MULTIPLES, HEAT, FUNNEL = (
    "table",
    "ranking",
    "line",
    "multiples",
    "heat",
    "funnel",
)
SHOWN = (TABLE, RANKING, LINE, MULTIPLES, HEAT, FUNNEL)
MONTH, QUARTER, HALF, YEAR = "month", "quarter", "half", "year"
EACH = (MONTH, QUARTER, HALF, YEAR)
NUMBER, SHARE = "number", "share"
YEARS_BACK = 5
# What each way of showing has as its rows and may have as its columns; the first where another is asked.
SHAPES: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    TABLE: (DIMENSIONS, DIMENSIONS),
    RANKING: ((UNITS, PARTS), (INDICATORS,)),
    LINE: ((PERIODS,), (INDICATORS, UNITS, PARTS)),
    MULTIPLES: ((UNITS, PARTS, INDICATORS), (PERIODS,)),
    HEAT: ((UNITS, PARTS, INDICATORS), (PERIODS,)),
    FUNNEL: ((UNITS, PARTS), (INDICATORS,)),
}


@dataclass(frozen=True)
class Question:
    """A whole question; `via`: the units one came through, `sort`: the column the rows go by."""

    pack: Pack
    place: Place
    period: Period
    reading: Reading
    indicators: tuple[str, ...]
    units: str = BELOW
    each: str = MONTH
    axis: str = ""
    part: str = ""
    rows: str = UNITS
    columns: str = INDICATORS
    show: str = TABLE
    by: str = NUMBER
    compares: bool = False
    sort: str = ""
    page: int = 1
    via: tuple[str, ...] = ()

    def has(self, dimension: str) -> bool:
        """Whether it is told apart by units, periods, indicators, or parts."""
        return dimension in (self.rows, self.columns)

    @property
    def first(self) -> str:
        """The indicator that is meant where only one can be."""
        return self.indicators[0]

    @property
    def spans(self) -> list[Period]:
        """The periods that are rows or columns."""
        return split(self.period, self.each, int(self.pack.valid_from[:4]))

    @property
    def totals_periods(self) -> bool:
        """Whether the periods together are the period asked for: those of other years are not."""
        return self.each != YEAR

    def items(self, **changes: Any) -> list[tuple[str, str]]:
        """The question, changed, as an address asks it: what goes without saying is left out."""
        asked = replace(self, **{"page": 1, **changes})
        told: list[tuple[str, str]] = [
            ("programme", asked.pack.id),
            ("place", asked.place.label),
            ("period", asked.period.key),
            *asked.reading.query.items(),
            ("show", asked.show),
            ("rows", asked.rows),
            ("columns", asked.columns),
            *(("i", name) for name in asked.indicators),
        ]
        plain = {
            "units": (asked.units, BELOW),
            "each": (asked.each, MONTH),
            "axis": (asked.axis, ""),
            "only": (asked.part, ""),
            "by": (asked.by, NUMBER),
            "compare": ("1" if asked.compares else "", ""),
            "sort": (asked.sort, ""),
            "page": (str(asked.page), "1"),
        }
        told += [(key, value) for key, (value, usual) in plain.items() if value != usual]
        return [*told, *(("via", one) for one in asked.via)]

    def url(self, **changes: Any) -> str:
        """The address of the question, changed."""
        return f"{reverse('explore')}?{urlencode(self.items(**changes))}"

    def into(self, row: Any) -> str:
        """The same question one step down, at a unit that is a row; the way there is kept."""
        here = self.place.group.key if self.place.group else str(self.place.unit.pk)
        via = (*[one for one in self.via if one != here], here)[-LONGEST_PATH:]
        changes: dict[str, Any] = {"place": row.place, "via": via, "units": BELOW, "sort": ""}
        if row.ends and self.has(
            UNITS
        ):  # nothing stands below: how it went is what is left to tell
            other = self.columns if self.rows == UNITS else self.rows
            line = self.show in (LINE, MULTIPLES, HEAT, RANKING)
            changes["show"] = LINE if line else TABLE
            changes["rows"] = PERIODS if line or other != PERIODS else INDICATORS
            changes["columns"] = INDICATORS if line or other == INDICATORS else other
        return self.url(**changes)

    def back_to(self, place: Place, at: int) -> str:
        """The same question at a unit one came through."""
        return self.url(place=place, via=self.via[:at], units=BELOW, sort="")


@dataclass(frozen=True)
class Ground:
    """What stands before the question: programme, place, period, reading (`figures.views`)."""

    pack: Pack
    place: Place
    period: Period
    reading: Reading


def question(asked: Ground, given: QueryDict, usual: Sequence[str]) -> Question:
    """Read the rest of a question. `usual`: the indicators where none are named.

    Raises Refusal (422) for words it does not know; what does not fit together is set right.
    """
    pack = asked.pack
    named = tuple(dict.fromkeys(one for one in given.getlist("i") if one))
    indicators = _indicators(pack, named or tuple(usual))
    show = _one_of("show", given.get("show") or TABLE, SHOWN)
    rows, columns = _shape(show, given.get("rows", ""), given.get("columns", ""))
    axis = given.get("axis", "")
    axes = axes_of(pack, indicators)
    if axis and axis not in axes_of(pack, list(pack.indicators)):
        raise _unknown("axis", axis)
    if PARTS in (rows, columns):
        axis = axis if axis in axes else next(iter(axes), "")
        if not axis:  # none of these is told apart by anything
            rows, columns = (r if r != PARTS else UNITS for r in (rows, columns))
            rows, columns = _shape(show, rows, columns)
    part = given.get("only", "") if axis and PARTS not in (rows, columns) else ""
    if part and part not in (*pack.parts_of(axis), UNCLASSIFIED):
        raise _unknown("only", part)
    units = given.get("units") or BELOW
    if units not in kinds_below(asked.place):
        units = BELOW
    if show == FUNNEL:
        indicators = chain_of(pack, indicators)
    made = Question(
        pack=pack,
        place=asked.place,
        period=asked.period,
        reading=asked.reading,
        indicators=indicators,
        units=units,
        each=_one_of("each", given.get("each") or MONTH, EACH),
        axis=axis,
        part=part,
        rows=rows,
        columns=columns,
        show=show,
        by=_one_of("by", given.get("by") or NUMBER, (NUMBER, SHARE)),
        compares=given.get("compare", "") not in ("", "0"),
        sort=given.get("sort", "")[:60],
        page=_number(given.get("page", "")),
        via=tuple(given.getlist("via"))[:LONGEST_PATH],
    )
    bound(1, len(made.spans), len(indicators))
    return made


def _indicators(pack: Pack, named: tuple[str, ...]) -> tuple[str, ...]:
    for one in named:
        if one not in pack.indicators:
            raise _unknown("i", one)
    return named


def _shape(show: str, rows: str, columns: str) -> tuple[str, str]:
    """Rows and columns that this way of showing can have, never the same twice."""
    may_rows, may_columns = SHAPES[show]
    for name, value in (("rows", rows), ("columns", columns)):
        if value and value not in DIMENSIONS:
            raise _unknown(name, value)
    rows = rows if rows in may_rows else may_rows[0]
    if columns not in may_columns or columns == rows:
        usual = (INDICATORS, UNITS, PERIODS)
        columns = next(
            (one for one in usual if one in may_columns and one != rows),
            next(one for one in may_columns if one != rows),
        )
    return rows, columns


def axes_of(pack: Pack, indicators: Sequence[str]) -> list[str]:
    """What these indicators are told apart by, those of the first one first."""
    return list(dict.fromkeys(axis for name in indicators for axis in pack.indicator(name).by))


def chain_of(pack: Pack, indicators: Sequence[str]) -> tuple[str, ...]:
    """A funnel: each a share of the one before it. The longest that leads to one of these, else the
    longest of the programme."""

    def chain(name: str) -> list[str]:
        spec = pack.indicator(name)
        if spec.op == "share" and spec.of in pack.indicators:
            return [*chain(str(spec.of)), name]
        return [name]

    for names in (indicators, pack.indicators):
        longest = max((chain(name) for name in names), key=len)
        if len(longest) > 1:
            return tuple(longest)
    return tuple(indicators)


def split(period: Period, each: str, since: int) -> list[Period]:
    """The months, quarters or halves of a period; or the same period of the years before it, oldest
    first. Nothing longer than the period itself: then it stands alone."""
    if each == YEAR:
        years = range(max(since, period.year - YEARS_BACK + 1), period.year + 1)
        found = [Period.parse(f"{year}{period.key[4:]}") for year in years]
        return found or [period]
    months = {MONTH: 1, QUARTER: 3, HALF: 6}[each]
    keys: Mapping[str, list[str]] = {
        MONTH: [f"-{n:02}" for n in range(1, 13)],
        QUARTER: [f"Q{n}" for n in range(1, 5)],
        HALF: ["H1", "H2"],
    }
    if len(period.month_ends()) <= months:
        return [period]
    parts = [Period.parse(f"{period.year}{key}") for key in keys[each]]
    return [one for one in parts if one.first >= period.first and one.after <= period.after]


def _one_of(name: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise _unknown(name, value, known)
    return value


def _number(text: str) -> int:
    return max(int(text), 1) if text.isdecimal() and len(text) < 6 else 1


def _unknown(name: str, value: str, known: Sequence[str] = ()) -> Refusal:
    return Refusal(
        _("“%(value)s” cannot be asked for here.") % {"value": value[:40]},
        _("The address asks for it under “%(name)s”.") % {"name": name},
        _("Known are: %(names)s.") % {"names": ", ".join(known)} if known else "",
        status=422,
    )
