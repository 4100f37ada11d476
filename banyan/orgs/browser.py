"""The tree browser: a tree of a day, opened a level at a time; all communes of a day on one page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from banyan.orgs.lists import day_asked, tree_asked, with_day
from banyan.orgs.models import Ancestry, Kind, Placement, Tree, UnitName
from banyan.orgs.unit_page import code_on
from banyan.web.page import BanyanRequest, number_asked, page, render_part

# The kinds of which all units of a day are shown at once.
WHOLE_KINDS = (Kind.PROVINCE.value, Kind.DISTRICT.value, Kind.COMMUNE.value)


@dataclass
class Twig:
    """One unit in the browser: how many stand directly below it, and these once it is opened."""

    unit: int
    name: str
    code: str
    count: int
    url: str = ""
    more: str = ""
    asked: bool = False
    below: "list[Twig] | None" = None


@dataclass
class Bunch:
    """All units of one kind under one province."""

    name: str
    url: str
    units: list[tuple[str, str]] = field(default_factory=list)


def levels(parents: Iterable[int | None], tree: str, on: date) -> dict[int | None, list[Twig]]:
    """The units directly under these (None: the tops), by name; one question for all of them."""
    wanted = set(parents)
    placed = Placement.objects.filter(tree=tree, valid__contains=on)
    below = placed.filter(parent=OuterRef("unit")).order_by().values("parent")
    names = UnitName.objects.filter(unit=OuterRef("unit"), language="vi", valid__contains=on)
    under = Q(parent__in=wanted - {None})
    rows = placed.filter(under | Q(parent__isnull=True) if None in wanted else under)
    rows = rows.annotate(
        named=Coalesce(Subquery(names.values("name")[:1]), Value("…")),
        key=Coalesce(Subquery(names.values("sort_key")[:1]), Value("")),
        coded=Coalesce(code_on("unit", on), Value("")),
        n=Coalesce(Subquery(below.values(n=Count("pk")), output_field=IntegerField()), 0),
    )
    found: dict[int | None, list[Twig]] = {parent: [] for parent in wanted}
    for row in rows.order_by("key", "unit").values_list("parent", "unit", "named", "coded", "n"):
        found[row[0]].append(Twig(*row[1:]))
    return found


def path_to(unit: int, tree: str, on: date) -> list[int]:
    """The unit and what it stands under on the day, the top first."""
    steps = Ancestry.objects.standing().filter(unit=unit, tree=tree, valid__contains=on)
    return list(steps.order_by("-depth").values_list("ancestor", flat=True))


def everything_of(kind: str, on: date, address: Callable[[int], str]) -> list[Bunch]:
    """All units of a kind on a day, grouped by province; one question for any number of them."""
    rows = Placement.objects.filter(
        tree=Tree.STATE,
        valid__contains=on,
        unit__kind__in=WHOLE_KINDS,
        unit__names__language="vi",
        unit__names__valid__contains=on,
    ).order_by("unit__names__sort_key", "unit")
    told = list(rows.values_list("unit", "parent", "unit__kind", "unit__names__name"))
    parents = {pk: parent for pk, parent, _kind, _name in told}
    tops = {pk: Bunch(name, address(pk)) for pk, _up, of, name in told if of == Kind.PROVINCE}
    loose = Bunch("", "")
    for pk, parent, of, name in told:
        if of == kind:
            while parent in parents and parent not in tops:
                parent = parents[parent]
            tops.get(parent, loose).units.append((address(pk), name))
    return [bunch for bunch in [*tops.values(), loose] if bunch.units]


def addresses(on: date, today: date) -> Callable[[int], str]:
    """The address of a unit's page on the day; quick, for thousands of them."""
    pattern = with_day(reverse("unit", args=[0]), on, today)
    return lambda unit: pattern.replace("/0", f"/{unit}", 1)


@page(None)
def tree(request: BanyanRequest) -> HttpResponseBase:
    """`/units/tree?on=2024-06-30&tree=party&open=812`; `all=commune` shows all of a kind at once."""
    on, line = day_asked(request), tree_asked(request)
    kind = request.GET.get("all", "")
    asked = {"on": on.isoformat(), "tree": line}
    context: dict[str, Any] = {
        "crumbs": [{"label": _("Units"), "url": with_day(reverse("units"), on, request.today)}],
        "on": on,
        "tree": line,
        "trees": [
            {
                "label": str(one.label),
                "url": _url(asked | {"tree": one.value}),
                "active": one == line,
            }
            for one in Tree
        ],
        "wholes": _wholes(asked, kind) if line == Tree.STATE else [],
        "asked": asked,
    }
    if kind in WHOLE_KINDS and line == Tree.STATE:
        context["bunches"] = everything_of(kind, on, addresses(on, request.today))
        context["number"] = sum(len(bunch.units) for bunch in context["bunches"])
        context["asked"] = {**asked, "all": kind}
    else:
        context |= _opened(request, on, line)
    return render_part(request, "orgs/tree.html", "orgs/_twigs.html", context)


def _wholes(asked: dict[str, str], kind: str) -> list[dict[str, Any]]:
    named = (
        ("", _("Level by level")),
        (Kind.PROVINCE, _("All provinces")),
        (Kind.DISTRICT, _("All districts")),
        (Kind.COMMUNE, _("All communes")),
    )
    return [
        {
            "label": label,
            "url": _url(asked | ({"all": str(one.value)} if isinstance(one, Kind) else {})),
            "active": str(one) == kind,
        }
        for one, label in named
    ]


def _opened(request: BanyanRequest, on: date, line: str) -> dict[str, Any]:
    """The tree with the way to the unit of `?open=` opened; for htmx only what is below that one."""
    unit = number_asked(request, "open")
    address = addresses(on, request.today)
    if unit is not None and request.headers.get("HX-Request") == "true":
        return {"twigs": _told(levels([unit], line, on)[unit], on, line, address)}
    way = path_to(unit, line, on) if unit is not None else []
    found = levels([None, *way], line, on)
    tops = found[None]
    if len(tops) == 1 and tops[0].unit not in found:
        found |= levels([tops[0].unit], line, on)
    for twigs in found.values():
        for twig in _told(twigs, on, line, address):
            twig.below = found.get(twig.unit)
            twig.asked = twig.unit == unit
    lost = unit is not None and not way
    return {"twigs": tops, "lost": address(unit) if lost and unit is not None else ""}


def _told(twigs: list[Twig], on: date, line: str, address: Callable[[int], str]) -> list[Twig]:
    more = _url({"on": on.isoformat(), "tree": line, "open": ""})
    for twig in twigs:
        twig.url, twig.more = address(twig.unit), f"{more}{twig.unit}"
    return twigs


def _url(query: dict[str, str]) -> str:
    return f"{reverse('unit_tree')}?{urlencode(query)}"
