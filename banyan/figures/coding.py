"""How kinds of units and periods are written in the roll-ups."""

from banyan.kernel.period import Period
from banyan.orgs.models import Kind

KINDS = [str(kind) for kind in Kind.values]


def kind_number(kind: str) -> int:
    """How a kind of unit is written in the roll-ups."""
    return KINDS.index(kind) + 1 if kind in KINDS else 0


def code(period: Period) -> int:
    """How a period is written in the roll-ups (SQL: `figures_period`)."""
    add = {"year": 0, "half": 30, "quarter": 20, "month": 0}[period.kind]
    return 100 * period.year + add + (0 if period.kind == "year" else period.number)


def codes_in(period: Period) -> list[int]:
    """The periods that lie within one, itself among them."""
    months = range(period.first.month, period.first.month + len(period.month_ends()))
    found = [100 * period.year + month for month in months]
    found += [100 * period.year + 20 + m // 3 for m in months if m % 3 == 0 and len(months) >= 3]
    found += [100 * period.year + 30 + m // 6 for m in months if m % 6 == 0 and len(months) >= 6]
    return [*found, 100 * period.year] if period.kind == "year" else found


def period_of(code: int) -> Period:
    """The period that is written so."""
    year, rest = divmod(code, 100)
    if rest > 30:
        return Period.parse(f"{year}H{rest - 30}")
    if rest > 20:
        return Period.parse(f"{year}Q{rest - 20}")
    return Period.parse(f"{year}-{rest:02}" if rest else str(year))
