"""The page of a unit on a day, and what can be done to it."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyan.orgs import shipped
from banyan.orgs.finding import GSO, nearest_day
from banyan.orgs.forms import FoundForm, MoveForm, RenameForm
from banyan.orgs.lists import UnitList, day_asked, with_day
from banyan.orgs.models import Ancestry, Tree, Unit, UnitName
from banyan.orgs.operations import REORGANISE, UNVERIFIED
from banyan.web.act import act
from banyan.web.page import BanyanRequest, get_seen, page
from banyan.web.templatetags.banyan import day as in_words

MOST_POSTS = 60


def _unit(request: BanyanRequest, pk: int) -> Unit:
    return get_seen(request, Unit, pk=pk)


def _today(request: BanyanRequest, _unit: Unit) -> dict[str, Any]:
    return {"on": request.today}


found = act(FoundForm, _unit, REORGANISE, initial=_today)
rename = act(RenameForm, _unit, REORGANISE, initial=_today)
move = act(MoveForm, _unit, REORGANISE, initial=_today)


@page(None)
def show(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """`/units/812?on=2024-06-30`: names, codes, places over time; above, below, posts on the day."""
    on = day_asked(request)
    reached = request.actor.reach(REORGANISE).filter(unit=OuterRef("pk"))
    rows = request.seen(Unit).annotate(may_change=Exists(reached))
    unit = rows.prefetch_related("names", "codes").filter(pk=pk).first()
    if unit is None:
        raise Http404
    places = list(unit.placements.order_by("valid").annotate(over=_parent_name()))
    above = _above(unit, on)
    context = {
        "record": _record_of(request, unit, places, on, above),
        "unit": unit,
        "on": on,
        "listing": UnitList(request, parent=unit),
        "names": _told(sorted(unit.names.all(), key=lambda n: n.valid.lower or date.min), "name"),
        "codes": _told(sorted(unit.codes.all(), key=lambda c: c.valid.lower or date.min), "code"),
        "places": _told([place for place in places if place.over], "over"),
        "posts": _posts(request, unit, on),
        "changes": _changes(unit) if unit.may_change else [],
    }
    return render(request, "orgs/unit.html", context)


def _parent_name() -> Any:
    """The parent's newest name within the placement."""
    names = UnitName.objects.filter(unit=OuterRef("parent"), valid__overlap=OuterRef("valid"))
    newest = names.filter(language="vi").order_by(F("valid").desc())
    return Coalesce(Subquery(newest.values("name")[:1]), Value(""))


def _above(unit: Unit, on: date) -> list[Any]:
    """What the unit stands under on the day, the top first; `.called` is each one's name then."""
    names = UnitName.objects.filter(
        unit=OuterRef("ancestor"), language="vi", valid__contains=on
    ).values("name")[:1]
    steps = Ancestry.objects.filter(unit=unit, tree=Tree.STATE, depth__gt=0, valid__contains=on)
    return list(steps.order_by("-depth").annotate(called=Coalesce(Subquery(names), Value("…"))))


def _posts(request: BanyanRequest, unit: Unit, on: date) -> list[dict[str, str]]:
    """Who holds which post here on the day: only where one's post lets one see people."""
    if not request.actor.holds("person.view"):
        return []
    # People stand above units: their rows are reached by their own relation, scoped as ever.
    posts: Any = unit.posts
    held = posts.visible_to(request.actor).held_on(on).select_related("person", "role")
    return [
        {
            "name": post.person.name,
            "role": post.label,
            "url": reverse("person", args=[post.person_id]),
        }
        for post in held.order_by("person__sort_key")[:MOST_POSTS]
    ]


def _record_of(
    request: BanyanRequest, unit: Any, places: list[Any], on: date, above: list[Any]
) -> dict[str, Any]:
    today = request.today
    crumbs = [{"label": _("Units"), "url": with_day(reverse("units"), on, today)}]
    for step in above:
        url = with_day(reverse("unit", args=[step.ancestor_id]), on, today)
        crumbs.append({"label": step.called, "url": url})
    codes = [code for code in unit.codes.all() if on in code.valid]
    shown = min(codes, key=lambda code: (code.scheme != GSO, code.scheme)).code if codes else ""
    return {
        "crumbs": crumbs,
        "code": f"{shown}@{on.isoformat()}" if shown else "",
        "title": unit.name_on(on),
        "chips": [{"text": unit.get_kind_display(), "tone": ""}],
        "notes": _notes(unit, places, on),
    }


def _notes(unit: Unit, places: list[Any], on: date) -> list[dict[str, Any]]:
    """What one must know of this day: the unit is not there, dates are doubtful, data end before."""
    notes: list[dict[str, Any]] = []
    stands = any(on in place.valid for place in places)
    if not stands and places:
        near = min((nearest_day(place.valid, on) for place in places), key=lambda d: abs(d - on))
        text = _("This unit does not stand in the tree on %(day)s.") % {"day": in_words(on)}
        url = f"{unit.get_absolute_url()}?on={near.isoformat()}"
        label = _("Show it on %(day)s") % {"day": in_words(near)}
        notes.append({"tone": "amber", "text": text, "url": url, "label": label})
    pending = shipped.pending(on) if stands and shipped.is_shipped(unit) else None
    if pending:
        language = (get_language() or "vi")[:2]
        notes.append({"tone": "sky", "text": pending.get(language) or pending["vi"]})
    return notes


def _told(rows: list[Any], field: str) -> list[dict[str, Any]]:
    """Dated rows for the page: when, what, and whether the day is the decision's."""
    return [
        {
            "when": when(row.valid),
            "what": getattr(row, field),
            "doubt": getattr(row, "note", "") == UNVERIFIED,
            "url": reverse("unit", args=[row.parent_id]) if field == "over" else "",
        }
        for row in rows
    ]


def when(valid: Any) -> str:
    """A range in words, with its last day; nothing to say of one without ends."""
    first = in_words(valid.lower) if valid.lower else ""
    last = in_words(valid.upper - timedelta(days=1)) if valid.upper else ""
    if first and last:
        return f"{first} – {last}"
    if first:
        return _("from %(day)s") % {"day": first}
    return _("until %(day)s") % {"day": last} if last else ""


def _changes(unit: Unit) -> list[dict[str, Any]]:
    named = (
        (_("Found a unit below"), "unit_found"),
        (_("Rename"), "unit_rename"),
        (_("Place under another unit"), "unit_move"),
    )
    return [
        {"label": label, "url": reverse(name, args=[unit.pk]), "get": True} for label, name in named
    ]
