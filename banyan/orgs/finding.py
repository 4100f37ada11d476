"""Finding a unit as people write it: `020@2024-06-30`, an old name, a name without accents."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db.models import Q
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs import shipped
from banyan.orgs.models import Ancestry, Group, Kind, Tree, Unit, UnitCode, UnitName

GSO = "gso"
# Least likeness of a name that is offered when nothing was found (pg_trgm word similarity, 0 to 1).
LIKE_ENOUGH = 0.5


@dataclass(frozen=True)
class UnitAt:
    """A unit and the day it is meant on."""

    unit: Unit
    on: date


def parse_spec(spec: str, default_day: date) -> tuple[str, date]:
    """Split `CODE@DATE`; without a date, the default (the period asked)."""
    code, _at, day = spec.strip().partition("@")
    if not day:
        return code, default_day
    try:
        return code, date.fromisoformat(day)
    except ValueError:
        raise Refusal(
            _("“%(spec)s” has no readable date.") % {"spec": spec},
            _("After the @ a day is wanted as year-month-day."),
            _("Write for example 020@2024-06-30."),
        ) from None


def find_unit(spec: str, default_day: date, scheme: str | None = None) -> UnitAt:
    """The unit that bore the code on the day. Raises Refusal (404) naming when the code was in use.

    Without a scheme the state's codes come first, then an organisation's own.
    """
    code, day = parse_spec(spec, default_day)
    held = list(
        UnitCode.objects.filter(code=code).select_related("unit").prefetch_related("unit__names")
    )
    if scheme is not None:
        held = [row for row in held if row.scheme == scheme]
    held.sort(key=lambda row: (row.scheme != GSO, row.scheme, row.valid.lower or date.min))
    for row in held:
        if day in row.valid:
            return UnitAt(row.unit, day)
    times = ", ".join(f"{row.unit} {_days_told(row.valid)}" for row in held[:3])
    raise Refusal(
        _("No unit bears the code “%(code)s” on %(day)s.")
        % {"code": code, "day": day.strftime("%d/%m/%Y")},
        _("The code was in use: %(times)s.") % {"times": times} if times else "",
        _("Look the code up by name: banyan units find NAME."),
        status=404,
    )


def find_unit_or_group(spec: str, default_day: date) -> "UnitAt | Group":
    """A group by its key, else a unit by its code."""
    group = None if "@" in spec else Group.objects.filter(key=spec).first()
    return group or find_unit(spec, default_day)


def search(text: str, limit: int = 20) -> Sequence[UnitName]:
    """Names, of any time, that contain the words, accents or not; exact accents first."""
    plain = fold(same_tone(nfc(text)))
    if not plain:
        return []
    found = UnitName.objects.filter(folded__contains=plain).select_related("unit")
    near = found.annotate(nearness=TrigramSimilarity("folded", plain)).order_by(
        "-nearness", "sort_key"
    )
    wanted = same_tone(nfc(text)).lower()
    ranked = sorted(
        near[: limit * 4],
        # The whole name (but for the word before it), then as written, then the higher unit.
        key=lambda n: (
            not f" {n.folded}".endswith(f" {plain}"),
            wanted not in same_tone(n.name).lower(),
            _height(n),
        ),
    )
    return ranked[:limit]


def alike(text: str, limit: int = 6) -> Sequence[UnitName]:
    """Names that look like these words, for when nothing was found; the likest first."""
    plain = fold(same_tone(nfc(text)))
    near = UnitName.objects.annotate(nearness=TrigramWordSimilarity(plain, "folded"))
    likest = near.filter(nearness__gte=LIKE_ENOUGH).select_related("unit")
    ranked = sorted(likest.order_by("-nearness", "sort_key")[: limit * 4], key=_height)
    return sorted(ranked, key=lambda n: -n.nearness)[:limit]


def _height(name: UnitName) -> int:
    """The higher unit first."""
    return list(Kind).index(Kind(name.unit.kind))


@dataclass(frozen=True)
class Found:
    """A unit under the name that was looked for.

    `on` is the day asked where the name was in use then, else the nearest day it was; `code` and
    `parents` (nearest first) are of that day; `now` is the name today where it is another.
    """

    unit: Unit
    name: str
    on: date
    code: str
    parents: list[str]
    valid: Any
    unverified: bool
    now: str = ""

    @property
    def spec(self) -> str:
        """What commands take: CODE@DATE; empty without a code."""
        return f"{self.code}@{self.on.isoformat()}" if self.code else ""

    @property
    def last(self) -> date | None:
        """The last day of the name; None while it goes on."""
        return self.valid.upper - timedelta(days=1) if self.valid.upper else None

    @property
    def path(self) -> str:
        """The names of what it stands under, nearest first."""
        return ", ".join(self.parents)


def tell(names: Sequence[UnitName], on: date) -> list[Found]:
    """What one wants to know of each name found; one entry a unit, four queries for all."""
    firsts: dict[int, UnitName] = {}
    for name in sorted(names, key=lambda n: on not in n.valid):
        firsts.setdefault(name.unit_id, name)
    order = {name.unit_id: place for place, name in reversed(list(enumerate(names)))}
    chosen = sorted(firsts.values(), key=lambda n: order[n.unit_id])
    units = Unit.objects.prefetch_related("names", "codes").in_bulk(list(firsts))
    above = _above(list(firsts))
    return [_told(units[name.unit_id], name, on, above[name.unit_id]) for name in chosen]


def _above(units: list[int]) -> dict[int, list[Ancestry]]:
    found: dict[int, list[Ancestry]] = defaultdict(list)
    rows = Ancestry.objects.filter(Q(depth__gt=0), unit__in=units, tree=Tree.STATE)
    for row in (
        rows.select_related("ancestor").prefetch_related("ancestor__names").order_by("depth")
    ):
        found[row.unit_id].append(row)
    return found


def _told(unit: Unit, name: UnitName, on: date, above: list[Ancestry]) -> Found:
    day = nearest_day(name.valid, shipped.known_day(on) if shipped.is_shipped(unit) else on)
    return Found(
        unit=unit,
        name=name.name,
        on=day,
        code=any_code(unit, day),
        parents=[row.ancestor.name_on(day) for row in above if day in row.valid],
        valid=name.valid,
        unverified=bool(name.note),
        now="" if on in name.valid else unit.name_on(on),
    )


def any_code(unit: Unit, day: date) -> str:
    """Its code on a day: the state's, else another scheme's; needs `codes` prefetched to be free."""
    held = [code for code in unit.codes.all() if day in code.valid]
    return min(held, key=lambda code: (code.scheme != GSO, code.scheme)).code if held else ""


def nearest_day(valid: Any, on: date) -> date:
    """The day itself when the range holds it, else the range's nearest day."""
    if on in valid:
        return on
    if valid.lower is not None and on < valid.lower:
        first: date = valid.lower
        return first
    last: date = valid.upper - timedelta(days=1)
    return last


def _days_told(valid: Any) -> str:
    """The same in a sentence: `01/01/2025 – …`."""
    first, last = valid.lower, valid.upper and valid.upper - timedelta(days=1)
    return " – ".join(day.strftime("%d/%m/%Y") if day else "…" for day in (first, last))


def span(valid: Any) -> str:
    """A range with its last day: `2025-01-01 – …`."""
    end = (valid.upper - timedelta(days=1)).isoformat() if valid.upper else "…"
    return f"{valid.lower or '…'} – {end}"
