"""The page of figures: what an address asks, and what it is shown or led to."""

from dataclasses import dataclass

from django.http import Http404, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from banyan.figures import words
from banyan.figures.place import Place
from banyan.figures.rollup import read
from banyan.figures.showing import columns, context_of, refused
from banyan.figures.sources import source_of
from banyan.figures.units import by_unit
from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.orgs.models import Group
from banyan.orgs.placed import PARAMETERS
from banyan.orgs.places import BY_ID, find_place, locate, spec_of
from banyan.orgs.readings import DEFAULT, Reading
from banyan.packs.models import Edition
from banyan.packs.schema import Pack
from banyan.web.act import wants_json
from banyan.web.page import BanyanRequest, no_entry, page
from banyan.web.periods import period_of

CAPABILITY = "figure.view"
UNREADABLE = (404, 422)
ASKED = {
    **PARAMETERS,
    "programme": "The key of a programme, where several are installed.",
    "period": "2024, 2024H1, 2024Q2 or 2024-05; without it the newest with records.",
}


@page(CAPABILITY)
def show(request: BanyanRequest) -> HttpResponseBase:
    """`/figures/?programme=dan-van-kheo&place=020@2024-06-30&period=2024H1&reading=now`."""
    try:
        asked = asked_by(request)
    except Refusal as no:
        if no.status not in UNREADABLE or wants_json(request) or request.GET.get("as"):
            raise
        return ask_again(request, no, "figures/show.html")
    reckoning = read(asked.edition.pack, asked.place, asked.period, reading=asked.reading)
    units = by_unit(reckoning, columns(asked.edition.pack))
    if request.GET.get("as") == "json":
        return JsonResponse(words.as_json(reckoning, words.language_now(), units))
    return render(request, "figures/show.html", context_of(request, reckoning, units))


def ask_again(
    request: BanyanRequest, no: Refusal, template: str, title: str = ""
) -> HttpResponseBase:
    """The form as it was sent, with what is wrong beside its field. Raises what no field mends."""
    pack = edition_asked(request.GET.get("programme", "")).pack
    period = period_asked(request.GET.get("period", ""), request, pack)
    try:
        reading, field = Reading.asked(request.GET, request.today), "place"
    except Refusal:
        reading, field = DEFAULT, "reading"
    context = refused(request, pack, period, reading, {field: no.sentence})
    context["figures"]["title"] = title or context["figures"]["title"]
    # htmx shows no answer with an error's status: the form would seem not to have been sent.
    status = 200 if request.headers.get("HX-Request") == "true" else no.status
    return render(request, template, context, status=status)


show.parameters = ASKED  # type: ignore[attr-defined]


@page(CAPABILITY)
def figure(
    request: BanyanRequest, programme: str, period: str, place: str, key: str
) -> HttpResponseBase:
    """The short address printed beside a figure (`…/models.level.district`): opens its records."""
    pack = edition_asked(programme).pack
    span = period_asked(period, request, pack)
    name, _dot, rest = key.partition(".")
    if name not in pack.indicators:
        raise Http404
    where = place_asked("" if place == "-" else place, span, request)
    reading = Reading.asked(request.GET, request.today)
    value = read(pack, where, span, [name], reading=reading)[name]
    if not rest:
        return HttpResponseRedirect(value.opens)
    axis, _dot, part = rest.partition(".")
    opens = value.part_opens.get(axis, {}).get(part)
    if opens is None:
        raise Http404
    return HttpResponseRedirect(opens)


@dataclass(frozen=True)
class Asked:
    """What an address asks: `?programme=…&period=…&place=…&reading=…`, each with its default."""

    edition: Edition
    period: Period
    place: Place
    reading: Reading = DEFAULT


def asked_by(request: BanyanRequest) -> Asked:
    """Read it once a request. Refusal for what cannot be read or lies out of reach."""
    known: Asked | None = getattr(request, "asked_figures", None)
    if known is None:
        edition = edition_asked(request.GET.get("programme", ""))
        period = period_asked(request.GET.get("period", ""), request, edition.pack)
        place = place_asked(request.GET.get("place", ""), period, request)
        known = Asked(edition, period, place, Reading.asked(request.GET, request.today))
        request.asked_figures = known  # type: ignore[attr-defined]
    return known


def edition_asked(programme: str) -> Edition:
    """The newest edition of a programme (of the only one, when none is named)."""
    editions = Edition.objects.select_related("programme").newest_first()
    found = (editions.filter(programme__key=programme) if programme else editions).first()
    if found is None:
        raise Refusal(
            _("The programme “%(key)s” is not installed here.") % {"key": programme},
            "",
            _("Install it: banyan packs install %(key)s") % {"key": programme or "dan-van-kheo"},
            status=404,
        )
    return found


def period_asked(key: str, request: BanyanRequest, pack: Pack) -> Period:
    """The period asked for, else the newest with records, else the half year of the day."""
    day = request.today
    if not key:
        reach = request.actor.reach(CAPABILITY)
        key = (
            source_of(pack).newest_period(pack, reach) or f"{day.year}H{1 if day.month < 7 else 2}"
        )
    return period_of(key)


def place_asked(spec: str, period: Period, request: BanyanRequest) -> Place:
    """The unit or group asked for, else the unit of one's post; 403 when it is out of reach.

    A group is within reach only when every unit of it is.
    """
    if not spec.strip():
        post = request.actor.post
        found = locate(f"{BY_ID}{post.unit_id}", period.last, post.tree)
        if found is None:
            return Place(post.unit, tree=post.tree)
        return Place.located(found, found.spec_on(period.last, request.today), post.tree)
    place = place_of(spec, period)
    if not request.actor.may(CAPABILITY, at=place.units):
        raise no_entry(CAPABILITY)
    return place


def place_of(spec: str, period: Period) -> Place:
    """A unit by `CODE@DATE` (by default on the period's last day) or by its name, or a group by
    its key. Raises Refusal (404) for what is none."""
    found, bare = locate(spec, period.last), spec_of(spec)
    if found is None:
        place = find_place(spec, period.last)
        if isinstance(place, Group):
            return Place(place.unit, place)
        found = locate(f"{BY_ID}{place.unit.pk}", period.last)
        if found is None:  # it stands in another tree alone
            return Place(place.unit, spec=bare)
        bare = ""
    if found.group is not None or bare.startswith(BY_ID) or "@" in bare:
        return Place.located(found, bare)
    return Place.located(found, found.spec_on(period.last, period.last))
