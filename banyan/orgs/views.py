"""The page of a unit on a day, and what can be done to it."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyan.orgs import shipped
from banyan.orgs.lists import UnitList, day_asked, when, with_day
from banyan.orgs.lives import Dated
from banyan.orgs.models import Group, Unit
from banyan.orgs.operations import REORGANISE, UNVERIFIED
from banyan.orgs.story import Named, Sentence
from banyan.orgs.unit_page import Place, Sight, carried_on_by, owed_by, sight_of
from banyan.web.page import BanyanRequest, get_seen, page
from banyan.web.templatetags.banyan import day as in_words

MOST_POSTS = 60
Facts = list[dict[str, Any]]


def _unit(request: BanyanRequest, pk: int) -> Unit:
    return get_seen(request, Unit, pk=pk)


def _today(request: BanyanRequest, _unit: Unit) -> dict[str, Any]:
    return {"on": request.today}


@page(None)
def show(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """`/units/812?on=2024-06-30`: a unit on a day, what came before it and what became of it."""
    on = day_asked(request)
    may_change, may_see = (
        Exists(request.actor.reach(right).filter(unit=OuterRef("pk")))
        for right in (REORGANISE, "unit.view")
    )
    units = request.seen(Unit).annotate(may_change=may_change, may_see=may_see)
    sight = sight_of(units, pk, on, request.today)
    if sight is None:
        raise Http404
    heirs = _carried_on(sight)
    unit, life = sight.unit, sight.life
    unit.day_name, unit.named_day = sight.name, on
    context = {
        "record": _record_of(sight),
        "absent": _absent(sight, heirs),
        "unit": unit,
        "may_see_activity": unit.may_see,
        "on": on,
        "tree": sight.tree,
        "listing": UnitList(request, parent=unit, tree=sight.tree) if sight.stands else None,
        "places": [_place(place, sight) for place in sight.places],
        "links": _links(sight),
        "groups": _groups(request, unit) if request.actor.holds("unit.view") else [],
        "story": [_sentence(one, sight, heirs) for one in reversed(sight.sentences)],
        "names": _told(life.names),
        "codes": _told(life.codes),
        "above": _told([place for place in life.places if place.what]),
        "posts": _posts(request, unit, on),
        "owed": _owed(request, sight),
        "changes": _changes(sight) if unit.may_change and sight.stands else [],
        "below": _files(sight) if sight.stands else [],
    }
    return render(request, "orgs/unit.html", context)


def _carried_on(sight: Sight) -> dict[date, list[Named]]:
    """Who carries its work on: on the day looked at and today, where it does not stand then."""
    days = {sight.on, sight.today}
    return {
        day: carried_on_by(sight.unit, day) for day in sorted(days) if not sight.life.stands(day)
    }


def _link(one: Named, today: date) -> dict[str, str]:
    url = with_day(reverse("unit", args=[one.unit]), one.on, today)
    return {"name": one.name, "url": url, "part": _("in part") if one.part else ""}


def _place(place: Place, sight: Sight) -> dict[str, Any]:
    query = urlencode({"on": sight.on.isoformat(), "tree": place.tree, "open": sight.unit.pk})
    return {
        "label": place.label,
        "units": [_link(one, sight.today) for one in place.above],
        "url": f"{reverse('unit_tree')}?{query}#u-{sight.unit.pk}",
    }


def _links(sight: Sight) -> Facts:
    """Links across trees on the day."""
    both = ((_("Works in the area of"), sight.covers), (_("In its area work"), sight.covered_by))
    return [
        {"label": label, "units": [_link(one, sight.today) for one in units]}
        for label, units in both
        if units
    ]


def _groups(request: BanyanRequest, unit: Unit) -> Facts:
    held = request.seen(Group).filter(units=unit).order_by("name")
    return [{"name": one.name, "url": reverse("group", args=[one.pk])} for one in held]


def _sentence(one: Sentence, sight: Sight, heirs: dict[date, list[Named]]) -> dict[str, Any]:
    """A sentence for the page. Of a dissolution: where what stood below went; of an end: who has
    its records today, where these are others than those named already."""
    more: list[tuple[str, list[Named]]] = []
    if one.is_end:
        if not one.units:
            moved, took = sight.heirs_of_what_stood_below()
            more += [
                (_("What stood below went to:"), moved),
                (_("The units below are carried on by:"), took),
            ]
        now = heirs.get(sight.today, [])
        if {unit.unit for unit in now} != {unit.unit for unit in one.units}:
            more.append((_("Today its records count at:"), now))
    return {
        "day": one.on,
        "words": one.words,
        "units": [_link(unit, sight.today) for unit in one.units],
        "decision": one.decision,
        "doubt": one.doubt,
        "more": [
            {"words": words, "units": [_link(unit, sight.today) for unit in units]}
            for words, units in more
            if units
        ],
    }


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


def _owed(request: BanyanRequest, sight: Sight) -> Facts:
    """What it owes: where one's post lets one see what is sent in."""
    if not request.actor.holds("submission.view"):
        return []
    # Rounds stand above units too.
    expectations: Any = sight.unit.expectations
    seen = request.seen(expectations.model)
    return [
        {
            "title": f"{one.title} · {one.period}",
            "url": one.url,
            "due": one.due,
            "records": one.records,
            "asked": one.asked,
            "sent": one.sent,
            "late": not one.answered and one.due < request.today,
            "of": one.name if one.unit != sight.unit.pk else "",
        }
        for one in owed_by(sight.unit, sight.on, seen, sight.tree)
    ]


def _record_of(sight: Sight) -> dict[str, Any]:
    on, today, life = sight.on, sight.today, sight.life
    crumbs = [{"label": _("Units"), "url": with_day(reverse("units"), on, today)}]
    main = next((place for place in sight.places if place.tree == sight.tree), None)
    for one in main.above if main else []:
        link = _link(one, today)
        crumbs.append({"label": link["name"], "url": link["url"]})
    code = life.code_on(on)
    chips = [{"text": sight.unit.get_kind_display(), "tone": ""}]
    if life.last_day and on <= life.last_day < today:
        text = _("ended %(day)s") % {"day": in_words(life.last_day)}
        chips.append({"text": text, "tone": "amber"})
    return {
        "crumbs": crumbs,
        "code": f"{code}@{on.isoformat()}" if code else "",
        "title": sight.name,
        "chips": chips,
        "notes": _notes(sight),
    }


def _absent(sight: Sight, heirs: dict[date, list[Named]]) -> dict[str, Any] | None:
    """Said where it does not stand on the day: a day on which it does, and who carries it on."""
    if sight.stands:
        return None
    on, near = sight.on, sight.life.nearest(sight.on)
    after = sight.life.ends is not None and on >= sight.life.ends
    return {
        "text": _("This unit does not stand in the tree on %(day)s.") % {"day": in_words(on)},
        "url": f"{sight.unit.get_absolute_url()}?on={near.isoformat()}",
        "label": _("Show it on %(day)s") % {"day": in_words(near)},
        "words": _("Its work is carried on by:")
        if after
        else _("On that day it was still part of:"),
        "units": [_link(one, sight.today) for one in heirs.get(on, [])],
    }


def _notes(sight: Sight) -> Facts:
    """What the data do not know of this day."""
    known = not sight.stands or not shipped.is_shipped(sight.unit)
    pending = None if known else shipped.pending(sight.on)
    if pending is None:
        return []
    language = (get_language() or "vi")[:2]
    return [{"tone": "sky", "text": pending.get(language) or pending["vi"]}]


def _told(rows: list[Dated]) -> Facts:
    """Dated rows for the page: when, what, by which decision, and whether the day is doubtful."""
    ordered = sorted(rows, key=lambda one: one.valid.lower or date.min, reverse=True)
    return [
        {
            "when": when(one.valid),
            "what": one.what,
            "doubt": one.note == UNVERIFIED,
            "decision": one.decision,
            "url": _then(one) if one.over else "",
        }
        for one in ordered
    ]


def _then(place: Dated) -> str:
    """The parent's page on the last day of the placement."""
    url = reverse("unit", args=[place.over])
    last = place.valid.upper - timedelta(days=1) if place.valid.upper else None
    return f"{url}?on={last.isoformat()}" if last else url


def _files(sight: Sight) -> Facts:
    """Everything below as a file."""
    code = sight.life.code_on(sight.on)
    if not code:
        return []
    asked = {"below": f"{code}@{sight.on.isoformat()}", "tree": sight.tree}
    kinds = (("Excel", "xlsx"), ("CSV", "csv"))
    return [
        {"label": label, "url": f"{reverse('units')}?{urlencode({**asked, 'as': kind})}"}
        for label, kind in kinds
    ]


def _changes(sight: Sight) -> Facts:
    """Ways to change it, each by a decision; of one that has ended only its past is corrected."""
    ends = sight.life.ends is not None
    verbs = (
        ("found", _("Found a unit below"), not ends),
        ("rename", _("Rename"), True),
        ("move", _("Place under another unit"), True),
        ("merge", _("Merge into another unit"), not ends),
        ("split", _("Divide among several units"), not ends),
        ("upgrade", _("Raise to another kind or rank"), True),
        ("dissolve", _("Dissolve"), not ends),
    )
    asked = {"unit": str(sight.unit.pk), "on": sight.on.isoformat()}
    decide = reverse("reorganisation_new")
    return [
        {"label": label, "url": f"{decide}?{urlencode({'verb': verb, **asked})}"}
        for verb, label, fits in verbs
        if fits
    ]
