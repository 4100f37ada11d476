"""The page of Explore: everything it asks stands in its address."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from banyan.figures import words
from banyan.figures.explore import asking, files, showing
from banyan.figures.explore.drawing import NARROW, WIDE, framed, svg, svg_file
from banyan.figures.explore.drawn import drawn
from banyan.figures.explore.picture import png
from banyan.figures.explore.pivot import Pivot, pivot_of
from banyan.figures.explore.places import path_of
from banyan.figures.explore.question import HEAT, TABLE, Ground, Question, question
from banyan.figures.explore.saved import kept, menu_of, opened
from banyan.figures.showing import LONGEST_PLACE, STRIP
from banyan.figures.views import (
    ASKED,
    CAPABILITY,
    UNREADABLE,
    asked_by,
    edition_asked,
    period_asked,
    place_asked,
)
from banyan.kernel.errors import Refusal
from banyan.orgs.readings import DEFAULT
from banyan.packs.schema import Pack
from banyan.people.models import SavedView
from banyan.web.act import wants_json
from banyan.web.page import BanyanRequest, page
from banyan.web.sheet import XLSX

FILES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "xlsx": XLSX,
    "csv": "text/csv; charset=utf-8",
}
CARD_ROWS = 8
TEMPLATE = "figures/explore.html"


def usual(pack: Pack) -> list[str]:
    """The indicators where none are named: the programme's headline."""
    return list(pack.headline or list(pack.indicators)[:STRIP])


def question_of(request: BanyanRequest) -> Question:
    """The question of an address. Refusal for what cannot be read or lies out of reach."""
    asked = asked_by(request)
    ground = Ground(asked.edition.pack, asked.place, asked.period, asked.reading)
    return question(ground, request.GET, usual(ground.pack))


@page(CAPABILITY)
def explore(request: BanyanRequest) -> HttpResponseBase:
    """`/figures/explore?place=020@2024-06-30&period=2024H1&rows=units&columns=indicators&i=models`."""
    kind = request.GET.get("as", "")
    views = kept(request) if not kind else []
    way = opened(request, views) if not kind else None
    if way is not None:
        return way
    try:
        pivot = pivot_of(question_of(request), request.actor, request.today)
    except Refusal as no:
        if no.status not in UNREADABLE or kind or wants_json(request):
            raise
        return ask_again(request, no, views)
    if request.GET.get("card"):
        return render(request, "figures/_explore_card.html", card_of(pivot))
    if kind == "json":
        return JsonResponse(files.as_json(pivot))
    if kind in FILES:
        return _file(pivot, kind)
    context = context_of(request, pivot) | {"kept": menu_of(request, views)}
    return render(request, TEMPLATE, context)


def ask_again(request: BanyanRequest, no: Refusal, views: Sequence[SavedView]) -> HttpResponseBase:
    """The form as it can be asked, with what is wrong said above it."""
    pack = edition_asked(request.GET.get("programme", "")).pack
    period = period_asked("", request, pack)
    try:
        ground = asked_by(request)
        place, period, reading = ground.place, ground.period, ground.reading
    except Refusal:
        place, reading = place_asked("", period, request), DEFAULT
    asked = question(Ground(pack, place, period, reading), QueryDict(), usual(pack))
    name = place.name_on(place.day_meant(period, reading))
    form = asking.form_of(request, asked, name)
    form["place"] = request.GET.get("place", "")[:LONGEST_PLACE] or form["place"]
    form["wrong"] = {"place": no.sentence}
    context = {
        "asked": form,
        "over": f"{pack.text('short', words.language_now())} · {words.period_text(period)}",
        "title": _("Explore"),
        "kept": menu_of(request, views),
    }
    # htmx shows no answer with an error's status: the form would seem not to have been sent.
    status = 200 if request.headers.get("HX-Request") == "true" else no.status
    return render(request, TEMPLATE, context, status=status)


def _file(pivot: Pivot, kind: str) -> HttpResponseBase:
    """The answer as a file; 404 for a drawing of what has none."""
    if kind in ("svg", "png"):
        lines, _pages = showing.pages_of(pivot)
        title = (
            f"{pivot.name}: {showing.title_of(pivot)}, {words.period_text(pivot.question.period)}"
        )
        drawing = drawn(pivot, lines, title, WIDE)
        if drawing is None:
            raise Http404
        drawing = framed(drawing, [" · ".join(showing.foot_words(pivot))])
        made: bytes = svg_file(drawing).encode() if kind == "svg" else png(drawing)
    else:
        made = files.workbook(pivot) if kind == "xlsx" else files.comma_separated(pivot)
    answer = HttpResponse(made, content_type=FILES[kind])
    name = f"{files.name_of(pivot)}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def context_of(request: BanyanRequest, pivot: Pivot) -> dict[str, Any]:
    """What the page shows."""
    asked = pivot.question
    day = asked.place.day_meant(asked.period, asked.reading)
    path = path_of(asked.via, asked.place, day, request.actor) if asked.via else []
    lines, pages = showing.pages_of(pivot)
    title = showing.title_of(pivot)
    both = ((WIDE, "wide"), (NARROW, "narrow")) if asked.show not in (TABLE, HEAT) else ()
    made = [(drawn(pivot, lines, title, width), name) for width, name in both]
    short = asked.pack.text("short", words.language_now())
    return {
        "asked": asking.form_of(request, asked, pivot.name),
        "over": f"{short} · {words.period_text(asked.period)}",
        "title": pivot.name,
        "crumbs": showing.crumbs(asked, path, pivot.name),
        "ways": asking.ways(asked),
        "heading": title,
        "drawings": [svg(drawing, name) for drawing, name in made if drawing],
        "notes": showing.notes_of(pivot),
        "table": showing.table_of(pivot, lines),
        "pages": pages,
        "foot": showing.foot_words(pivot),
        "straight": showing.straight_words(pivot),
        "reading_means": asked.reading.sentence,
        "files": showing.files_of(asked, drawn=asked.show != TABLE),
    }


def card_of(pivot: Pivot) -> dict[str, Any]:
    """A pinned question at a glance: its drawing, or the first rows of its table."""
    lines, _pages = showing.pages_of(pivot)
    title = showing.title_of(pivot)
    drawing = (
        drawn(pivot, lines[:CARD_ROWS], title, NARROW) if pivot.question.show != HEAT else None
    )
    return {
        "heading": f"{pivot.name} · {title}",
        "period": words.period_text(pivot.question.period),
        "drawing": svg(drawing, f"card-{uuid4().hex[:8]}") if drawing else "",
        "table": None if drawing else showing.table_of(pivot, lines[:CARD_ROWS]),
        "more": len(pivot.lines) - CARD_ROWS,
        "url": pivot.question.url(),
        "foot": showing.foot_words(pivot),
    }


explore.parameters = ASKED  # type: ignore[attr-defined]
