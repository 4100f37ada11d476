"""Programmes as an administrator reads them: what is installed, what it asks, what is unverified."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.packs.forms import form_class
from banyan.packs.models import Edition, Programme
from banyan.packs.showing import Shown, names_of
from banyan.people.models import Role, name_of_unit
from banyan.web.page import BanyanRequest, page
from banyan.web.templatetags.banyan import day

INSTALL = "pack.install"


@page(INSTALL)
def programmes(request: BanyanRequest) -> HttpResponseBase:
    """Every programme installed here, with the edition in force."""
    found = Programme.objects.annotate(unit_name=name_of_unit("unit", request.today))
    cards = []
    for programme in found.prefetch_related("editions").order_by("key"):
        editions = sorted(programme.editions.all(), key=lambda one: -one.number)
        if editions:
            cards.append(_card(programme, _shown_first(editions, request.today), request.today))
    return render(request, "packs/list.html", {"programmes": cards})


def _card(programme: Any, edition: Edition, today: date) -> dict[str, Any]:
    return {
        "title": edition.title,
        "about": edition.text("about"),
        "url": reverse("programme", args=[programme.key]),
        "unit": programme.unit_name,
        "edition": edition.number,
        "chips": _chips(edition, today),
    }


def _shown_first(editions: list[Edition], today: date) -> Edition:
    """The one in force, else the newest."""
    return next((one for one in editions if today in one.valid), editions[0])


def _chips(edition: Edition, today: date) -> list[dict[str, str]]:
    valid = edition.valid
    if today in valid:
        state = {"text": _("in force"), "tone": "leaf"}
    elif valid.lower > today:
        state = {"text": _("not yet in force"), "tone": "sky"}
    else:
        state = {"text": _("no longer in force"), "tone": ""}
    count = len(edition.pack.unverified)
    if not count:
        return [state]
    said = ngettext("%(n)s number not yet verified", "%(n)s numbers not yet verified", count)
    return [state, {"text": said % {"n": count}, "tone": "amber"}]


def _edition_asked(request: BanyanRequest, key: str) -> tuple[Edition, list[Edition]]:
    """The edition of `?edition=`, else the one in force; and all of the programme's."""
    of_programme = Edition.objects.of(key).annotate(
        unit_name=name_of_unit("programme__unit", request.today)
    )
    editions = list(of_programme.newest_first())
    asked = request.GET.get("edition", "")
    wanted = [one for one in editions if str(one.number) == asked]
    if not editions or (asked and not wanted):
        raise Http404
    return (wanted[0] if wanted else _shown_first(editions, request.today)), editions


@page(INSTALL)
def programme(request: BanyanRequest, key: str) -> HttpResponseBase:
    """One programme: its edition, numbers with sources, forms, steps, sheet, indicators, roles."""
    edition, editions = _edition_asked(request, key)
    shown = Shown(edition, names_of(Role.objects.all(), key))
    named: Any = edition
    record = {
        "crumbs": [{"label": _("Programmes"), "url": reverse("programmes")}],
        "code": f"{key} · {edition.number}",
        "title": shown.text("title"),
        "lead": shown.text("about"),
        "chips": _chips(edition, request.today),
        "notes": _notes(edition),
        "sections": [{"title": _("This edition"), "facts": shown.facts(named.unit_name or "")}],
    }
    others = [
        {
            "label": _("Edition %(number)s") % {"number": one.number},
            "url": f"{request.path}?edition={one.number}",
            "current": one.pk == edition.pk,
            "sub": _span(one),
        }
        for one in editions
    ]
    context = {"record": record, "tables": shown.tables(), "editions": others}
    return render(request, "packs/show.html", context)


def _notes(edition: Edition) -> list[dict[str, str]]:
    if not edition.pack.unverified:
        return []
    return [
        {
            "title": _("Not yet verified:"),
            "text": _("some numbers below have not been compared with an official document."),
            "tone": "amber",
        }
    ]


def _span(edition: Edition) -> str:
    first = day(edition.valid.lower)
    if edition.valid.upper is None:
        return _("from %(day)s on") % {"day": first}
    after = day(edition.valid.upper)
    return _("from %(day)s until %(after)s") % {"day": first, "after": after}


@page(INSTALL)
def form(request: BanyanRequest, key: str, form: str) -> HttpResponseBase:
    """A form as officers see it, to read only, and what each question asks."""
    edition, _editions = _edition_asked(request, key)
    pack = edition.pack
    if form not in pack.forms:
        raise Http404
    spec, shown = pack.form(form), Shown(edition)
    # As it is filled in to be sent: what a draft may still leave out is required here.
    life = pack.workflow_of(form)
    leaving = life.moves_from(life.start)
    at = leaving[0].target if leaving else life.start
    back = f"{reverse('programme', args=[key])}?edition={edition.number}"
    context = {
        "crumbs": [
            {"label": _("Programmes"), "url": reverse("programmes")},
            {"label": edition.title, "url": back},
        ],
        "title": shown.text(f"forms.{form}.title"),
        "preview": form_class(pack, spec, at=at)(),
        "questions": shown.questions(spec),
    }
    return render(request, "packs/form.html", context)
