"""Placing: from the records ticked on the list to the decision that gives them to a unit."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.kernel.errors import Refusal
from banyan.orgs.models import Unit
from banyan.submissions.models import Placing, SomeoneWasFaster, Submission
from banyan.submissions.placing_forms import Picked, PlaceForm, Shown, TakeBackForm, nothing_chosen
from banyan.submissions.placing_groups import page_of, with_titles
from banyan.submissions.placing_list import GIVEN, WAITING, PlacingList
from banyan.submissions.placing_rules import PLACE, Chosen, heirs_of
from banyan.web.act import act
from banyan.web.page import LONGEST_NUMBER, BanyanRequest

NAMED, SHOWN = 5, 10
WAYS = {"page": "p", "": "r"}


def chosen_by(request: BanyanRequest, listing: PlacingList) -> Chosen:
    """The records ticked (`r`), all of a page (`how=page`, `p`) or all that match (`how=all`).

    Raises Refusal: 404 when none is meant, 409 when some are no longer what the list showed.
    """
    how = request.GET.get("how", "")
    matching = {one.pk for one in listing.matching}
    if how == "all":
        wanted = matching
    else:
        asked = request.GET.getlist(WAYS.get(how, "r"))
        wanted = {int(one) for one in asked if one.isdecimal() and len(one) <= LONGEST_NUMBER}
    if not wanted:
        raise nothing_chosen()
    if not wanted <= matching:
        raise SomeoneWasFaster
    return _rows(request, wanted)


def picked(request: BanyanRequest) -> Picked:
    """The chosen records with the units that took a part of all of theirs, and since when."""
    listing = PlacingList(request)
    if listing.state not in (WAITING, GIVEN):
        raise nothing_chosen()
    chosen = chosen_by(request, listing)
    day = listing.day
    homes = set(chosen.homes(day).values())
    if listing.state == GIVEN:
        placings = request.seen(Placing).filter(submission__in=chosen.ids, on__lte=day)
        day = placings.aggregate(on=Max("on"))["on"]
        homes = set(chosen.homes(day - timedelta(days=1)).values())
    heirs = heirs_of(homes, day)
    common = set.intersection(*(set(heirs[home]) for home in homes))
    if not common:
        raise _nothing_in_common(chosen, day)
    on = max(heir.since for each in heirs.values() for heir in each.values())
    candidates = Unit.objects.filter(pk__in=common).named_on(on)
    lead = _lead(chosen, on)
    return Picked(chosen, listing.query, on, list(candidates), lead, _shown(chosen))


def _rows(request: BanyanRequest, wanted: Collection[int]) -> Chosen:
    """These records with their titles: asked for once, as the page about them names some."""
    rows = with_titles(request.seen(Submission).filter(pk__in=wanted))
    return Chosen(list(rows.only("pk", "unit").order_by("pk")))


def _shown(chosen: Chosen) -> list[Shown]:
    """The first of the chosen records by title, as the list has them."""
    found: Iterable[Any] = chosen
    first = sorted(found, key=lambda one: (one.title_key, one.pk))[:SHOWN]
    return [
        Shown(one.known["code"] if one.known else "", one.said_title, page_of(one.known))
        for one in first
    ]


def _nothing_in_common(chosen: Chosen, day: date) -> Refusal:
    return Refusal(
        _("There is no unit to which all of these records may go."),
        _("They are of several units, and none took over a part of each: %(units)s.")
        % {"units": _own_units(chosen, day)},
        _("Choose records of one of these units."),
        status=409,
    )


def _own_units(chosen: Chosen, day: date) -> str:
    names = sorted(unit.name_on(day - timedelta(days=1)) for unit in chosen.unit)
    more = len(names) - NAMED
    return ", ".join([*names[:NAMED], *(["…"] if more > 0 else [])])


def _lead(chosen: Chosen, on: date) -> str:
    return ngettext(
        "%(n)d record of %(units)s, divided on %(day)s. The record itself stays as it is; from that"
        " day on it counts at the unit you choose.",
        "%(n)d records of %(units)s, divided on %(day)s. The records themselves stay as they are;"
        " from that day on they count at the unit you choose.",
        len(chosen),
    ) % {"n": len(chosen), "units": _own_units(chosen, on), "day": on.strftime("%d/%m/%Y")}


def last_decision(request: BanyanRequest, thing: Picked) -> dict[str, Any]:
    """The decision that the officer named last: most often the next records belong to it too."""
    mine = request.seen(Placing).filter(placed_by=request.actor.account_id, on=thing.on)
    newest = mine.order_by("-at").first()
    if newest is None:
        return {}
    return {"decision_number": newest.decision_number, "decided_on": newest.decided_on}


def taken(request: BanyanRequest) -> Picked:
    """The records whose placing is to be taken back: the officer's last ones, or those ticked."""
    listing = PlacingList(request)
    if at := request.GET.get("at", ""):
        chosen = _rows(request, listing.placed_by_me(_moment(at)))
        if not chosen:
            raise SomeoneWasFaster
    else:
        if listing.state != GIVEN:
            raise nothing_chosen()
        chosen = chosen_by(request, listing)
    return Picked(
        chosen,
        listing.query,
        listing.day,
        lead=_taken_lead(request, chosen),
        shown=_shown(chosen),
    )


def _taken_lead(request: BanyanRequest, chosen: Chosen) -> str:
    rows = (
        request.seen(Placing)
        .filter(submission__in=chosen.ids)
        .values("unit")
        .annotate(n=Count("pk"))
    )
    named = Unit.objects.prefetch_related("names").in_bulk([row["unit"] for row in rows[:NAMED]])
    return ngettext(
        "%(n)d record is placed at %(units)s; afterwards it waits to be placed again.",
        "%(n)d records are placed at %(units)s; afterwards they wait to be placed again.",
        len(chosen),
    ) % {"n": len(chosen), "units": ", ".join(sorted(str(unit) for unit in named.values()))}


def _moment(said: str) -> datetime:
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        raise nothing_chosen() from None


def place_form(request: BanyanRequest, thing: Picked) -> type[PlaceForm]:
    """The form; a page about many records says how many it places."""
    label = ngettext("Place %(n)d record", "Place %(n)d records", len(thing.chosen))
    return type("Place", (PlaceForm,), {"submit_label": label % {"n": len(thing.chosen)}})


place = act(place_form, picked, PLACE, last_decision)
take_back = act(TakeBackForm, taken, PLACE)
