"""The effects of a decision in words: for its page with links, for the shell plain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.figures.words import period_text
from banyan.kernel.period import Period
from banyan.orgs.models import Kind
from banyan.reorganisations.effects import Told
from banyan.reorganisations.models import Reorganisation, State
from banyan.web.templatetags.banyan import day, signed, vn


@dataclass(frozen=True)
class Named:
    """One unit named, with its address where it has one, and what is said of it."""

    name: str
    url: str = ""
    more: str = ""


@dataclass(frozen=True)
class Line:
    """One kind of effect: what, how many, a word more, the first of them."""

    label: str
    n: int
    words: str = ""
    first: list[Named] = field(default_factory=list)
    left: int = 0  # how many more units there are than named


class Words:
    """The words for the effects of one decision."""

    def __init__(self, reorganisation: Reorganisation) -> None:
        self.told: Told = reorganisation.preview or {}
        self.on: date = reorganisation.on
        self.eve = self.on - timedelta(days=1)
        self.in_force = reorganisation.state != State.DRAFT

    @property
    def known(self) -> bool:
        """Whether there are effects to tell: it was looked at, and nothing stands in its way."""
        return "units" in self.told

    @property
    def to_place(self) -> int:
        """How many records must be placed."""
        return sum(row["to_place"] for row in self.told.get("records", ()))

    def numbers(self) -> list[dict[str, Any]]:
        """The four that matter first."""
        units, posts = self.told["units"], self.told["posts"]
        passing = _("%(n)s of them pass on") % {"n": vn(posts["made"])} if posts["made"] else ""
        return [
            {"label": _("Units that end"), "value": self.told["ended"]},
            {"label": _("Units founded"), "value": units["founded"]["n"]},
            {"label": _("Posts that end"), "value": posts["ended"], "note": passing},
            {"label": _("Records to place"), "value": self.to_place},
        ]

    def standing(self) -> list[dict[str, Any]]:
        """How many units of each kind stand before and after, in the order of kinds."""
        order = list(Kind.values)
        rows = sorted(self.told["units"]["standing"], key=lambda row: order.index(row[0]))
        return [
            {"label": Kind(kind).label, "before": n, "after": m, "change": signed(m - n)}
            for kind, n, m in rows
            if n != m
        ]

    def unchanged(self) -> str:
        """The kinds of which as many stand as before."""
        told = self.told["units"]["standing"]
        same = {kind: n for kind, n, m in told if n == m}
        return ", ".join(f"{kind.label} {vn(same[kind])}" for kind in Kind if kind in same)

    def lines(self) -> list[Line]:
        """Everything that happens to units, codes, posts, members and links; nothing of none."""
        units = self.told["units"]
        now = self.on if self.in_force else self.eve
        first = self.on if self.in_force else None
        told = [
            self._units(_("Founded"), units["founded"], first),
            self._units(_("Going over wholly into another"), units["merged"], self.eve),
            self._units(_("Divided among several"), units["divided"], self.eve),
            self._units(_("Giving up a part and going on"), units["carved"], now),
            self._units(_("Dissolved"), units["dissolved"], self.eve),
            self._units(
                _("Placed under another parent"), units["moved"], now, self._unnamed(units["moved"])
            ),
            self._texts(_("With another name"), self.told["names"], now),
            self._texts(_("With another code"), self.told["codes"], now),
            self._people(_("Posts that end"), self.told["posts"], _("%(n)s pass on")),
            self._people(_("Members who pass on"), self.told["members"], ""),
            self._links(),
        ]
        return [line for line in told if line.n]

    def records(self, titles: Mapping[str, str]) -> list[dict[str, Any]]:
        """By programme and period: how many records go over wholly, how many must be placed."""
        return [
            {
                "programme": titles.get(row["programme"], row["programme"]),
                "period": period_text(Period.parse(row["period"])),
                "n": row["n"],
                "wholly": row["n"] - row["to_place"],
                "to_place": row["to_place"],
            }
            for row in self.told.get("records", ())
        ]

    @property
    def unchanging(self) -> bool:
        """Whether no figure changes that is read by the units of its time."""
        return self.told.get("late") == {"n": 0}

    def late(self) -> str:
        """That records count by the new units also then; nothing where there are none."""
        told = self.told.get("late") or {"n": 0}
        if not told["n"]:
            return ""
        ends = [period_text(Period.parse(told[name])) for name in ("first", "last")]
        words = ngettext(
            "In force from %(day)s: %(n)s record from that month on (%(periods)s) counts by the new"
            " units also when read by the units of its time.",
            "In force from %(day)s: %(n)s records from that month on (%(periods)s) count by the new"
            " units also when read by the units of their time.",
            told["n"],
        )
        return words % {
            "day": day(self.on),
            "n": vn(told["n"]),
            "periods": " – ".join(dict.fromkeys(ends)),
        }

    def rounds(self, titles: Mapping[str, str]) -> list[dict[str, Any]]:
        """Rounds that wait for units that end."""
        return [
            {
                "programme": titles.get(row["programme"], row["programme"]),
                "period": period_text(Period.parse(row["period"])),
                "due": date.fromisoformat(row["due"]),
                "n": row["n"],
            }
            for row in self.told.get("rounds", ())
        ]

    def programmes(self) -> set[str]:
        """The keys of the programmes named."""
        return {
            row["programme"] for name in ("records", "rounds") for row in self.told.get(name, ())
        }

    def _url(self, unit: int, on: date | None) -> str:
        return f"{reverse('unit', args=[unit])}?on={on.isoformat()}" if on else ""

    @staticmethod
    def _unnamed(told: Told) -> str:
        """Why more units move than changes say so."""
        n = told.get("unnamed", 0)
        words = ngettext(
            "%(n)s of them with the unit above that ends",
            "%(n)s of them with the unit above that ends",
            n,
        )
        return words % {"n": vn(n)} if n else ""

    @staticmethod
    def _raised(told: Told) -> str:
        """Why more units get a name than are renamed."""
        n = told.get("raised", 0)
        words = ngettext("%(n)s of them by being raised", "%(n)s of them by being raised", n)
        return words % {"n": vn(n)} if n else ""

    def _units(self, label: str, told: Told, on: date | None, words: str = "") -> Line:
        first = [
            Named(one["name"], self._url(one["unit"], on), _below(one)) for one in told["first"]
        ]
        return Line(label, told["n"], words, first, told["n"] - len(first))

    def _texts(self, label: str, told: Told, on: date) -> Line:
        first = [
            Named(one["old"], self._url(one["unit"], on), f"→ {one['new']}")
            for one in told["first"]
        ]
        return Line(label, told["n"], self._raised(told), first, told["n"] - len(first))

    def _people(self, label: str, told: Told, passing: str) -> Line:
        words = passing % {"n": vn(told["made"])} if passing and told["made"] else ""
        first = [
            Named(one["name"], self._url(one["unit"], self.eve), f"({vn(one['n'])})")
            for one in told["first"]
        ]
        return Line(label, told["ended"], words, first, told["units"] - len(first))

    def _links(self) -> Line:
        told = self.told["links"]
        words = _("%(n)s begin anew at the unit that takes over") % {"n": vn(told["made"])}
        return Line(_("Links across trees that end"), told["ended"], words if told["made"] else "")


def _below(one: Told) -> str:
    """What a unit stands under, where the name alone does not tell."""
    return f"({one['above']})" if one["above"] and one["kind"] != Kind.PROVINCE else ""


def plainly(words: Words) -> Iterable[str]:
    """The effects for the shell."""
    records, expected = _("records"), _("expected reports of units that end")
    for row in words.standing():
        yield f"{row['label']}: {vn(row['before'])} → {vn(row['after'])} ({row['change']})"
    for line in words.lines():
        yield " · ".join(filter(None, (f"{line.label}: {vn(line.n)}", line.words)))
    for row in words.records({}):
        n = row["to_place"]
        told = ngettext("%(n)s must be placed", "%(n)s must be placed", n) % {"n": vn(n)}
        yield f"{row['programme']} {row['period']}: {vn(row['n'])} {records}, {told}"
    if late := words.late():
        yield late
    for row in words.rounds({}):
        about = f"{row['programme']} {row['period']}, " + _("due %(day)s") % {
            "day": day(row["due"])
        }
        yield f"{about}: {vn(row['n'])} {expected}"
