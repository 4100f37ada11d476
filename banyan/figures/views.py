"""The page of figures: a sentence, numbers, tables; every number opens to its records."""

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from banyan.figures import words
from banyan.figures.rollup import Place, Reckoning, Value, read
from banyan.figures.sources import source_of
from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.orgs.finding import find_unit_or_group
from banyan.orgs.models import Group, Unit, UnitCode
from banyan.packs.models import Edition
from banyan.packs.schema import Pack
from banyan.web.page import BanyanRequest, no_entry, page
from banyan.web.periods import period_of

CAPABILITY = "figure.view"
STRIP = 4


@page(CAPABILITY)
def show(request: BanyanRequest) -> HttpResponseBase:
    """`/figures/?programme=dan-van-kheo&place=020@2024-06-30&period=2024H1`."""
    asked = asked_by(request)
    reckoning = read(asked.edition.pack, asked.place, asked.period)
    if request.GET.get("as") == "json":
        return JsonResponse(words.as_json(reckoning, words.language_now()))
    return render(request, "figures/show.html", context_of(request, reckoning))


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
    value = read(pack, where, span, [name])[name]
    if not rest:
        return HttpResponseRedirect(value.opens)
    axis, _dot, part = rest.partition(".")
    opens = value.part_opens.get(axis, {}).get(part)
    if opens is None:
        raise Http404
    return HttpResponseRedirect(opens)


@dataclass(frozen=True)
class Asked:
    """What an address asks: `?programme=…&period=…&place=…`, each with its default."""

    edition: Edition
    period: Period
    place: Place


def asked_by(request: BanyanRequest) -> Asked:
    """Read it once a request. Refusal for what cannot be read or lies out of reach."""
    known: Asked | None = getattr(request, "asked_figures", None)
    if known is None:
        edition = edition_asked(request.GET.get("programme", ""))
        period = period_asked(request.GET.get("period", ""), request, edition.pack)
        known = Asked(edition, period, place_asked(request.GET.get("place", ""), period, request))
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
    if not spec:
        own = Unit.objects.filter(pk=request.actor.post.unit_id).named_on(period.last)
        codes = UnitCode.objects.filter(unit=OuterRef("pk"), valid__contains=period.last)
        unit = own.annotate(day_code=Subquery(codes.order_by("scheme").values("code")[:1])).get()
        code = str(getattr(unit, "day_code", None) or "")
        return Place(unit, spec=f"{code}@{period.last.isoformat()}" if code else "")
    place = place_of(spec, period)
    wanted = list(place.group.units.all()) if place.group else place.unit
    if not request.actor.may(CAPABILITY, at=wanted):
        raise no_entry(CAPABILITY)
    return place


def place_of(spec: str, period: Period) -> Place:
    """A unit by `CODE@DATE` (by default on the period's last day) or a group by its key."""
    found = find_unit_or_group(spec, period.last)
    if isinstance(found, Group):
        return Place(found.unit, found)
    return Place(found.unit, spec=spec if "@" in spec else f"{spec}@{period.last.isoformat()}")


def context_of(request: BanyanRequest, reckoning: Reckoning) -> dict[str, Any]:
    """What the page shows."""
    pack, language = reckoning.pack, words.language_now()
    facts = words.facts_of(reckoning)
    sentence: list[words.Part] = []
    for _key, text in words.paragraphs(pack, language):
        sentence += [*words.parts_of(reckoning, text, facts), words.Part(" ")]
    notes = [{"text": text, "tone": "amber"} for text in words.warnings(reckoning, language)]
    if reckoning.synthetic:
        notes.insert(0, {"text": _("These figures rest on synthetic records."), "tone": "amber"})
    query = f"programme={pack.id}&place={reckoning.place.label}&period={reckoning.period.key}"
    local = timezone.localtime(reckoning.as_of)
    exports: list[dict[str, Any]] = [{"label": "JSON", "url": f"?{query}&as=json"}]
    if request.actor.holds("report.write"):
        url = f"{reverse('report_new')}?{query}"
        exports.append({"label": _("Word report"), "url": url, "main": True})
    return {
        "pack": pack,
        "place": reckoning.place.label,
        "period": reckoning.period.key,
        "figures": {
            "over": f"{pack.text('short', language)} · {words.period_text(reckoning.period)}",
            "title": reckoning.place.name_on(reckoning.period.last),
            "sentence": sentence,
            "notes": notes,
            "numbers": [
                _number(pack, v, language) for v in list(reckoning.values.values())[:STRIP]
            ],
            "tables": [*_tables(reckoning, language), _all(reckoning, language)],
            "asof": " · ".join(
                [
                    _("Figures of %(at)s") % {"at": local.strftime("%d/%m/%Y %H:%M")},
                    words.completeness(reckoning),
                    words.reading_text(reckoning),
                ]
            ),
            "exports": exports,
        },
    }


def _number(pack: Pack, value: Value, language: str) -> dict[str, Any]:
    return {
        "label": pack.text(f"indicators.{value.indicator}.label", language),
        "value": value.value,
        "base": value.base,
        "note": words.percent_text(value.percent) if value.base is not None else "",
        "url": value.opens,
    }


def _tables(reckoning: Reckoning, language: str) -> list[dict[str, Any]]:
    pack = reckoning.pack
    first = next(iter(reckoning.values.values()))
    return [_table(reckoning, axis, language) for axis in pack.indicator(first.indicator).by]


def _table(reckoning: Reckoning, axis: str, language: str) -> dict[str, Any]:
    pack = reckoning.pack
    shown = [reckoning[name] for name in _columns(pack, axis)]
    first = shown[0]
    rows = []
    for part, number in first.parts[axis].items():
        cells = [
            {
                "text": v.parts[axis][part],
                "numeric": True,
                "url": v.part_opens[axis][part],
                "thin": n > 1,
            }
            for n, v in enumerate(shown)
        ]
        label = words.part_label(pack, axis, part, language)
        rows.append({"label": label, "part": number, "whole": first.value, "cells": cells})
    labels = [pack.text(f"indicators.{v.indicator}.label", language) for v in shown]
    columns = [{"label": words.axis_label(pack, axis, language)}, {"label": "", "thin": True}]
    columns += [{"label": text, "numeric": True, "thin": n > 1} for n, text in enumerate(labels)]
    total = [{"text": v.value, "numeric": True, "thin": n > 1} for n, v in enumerate(shown)]
    return {
        "title": words.axis_label(pack, axis, language),
        "columns": columns,
        "rows": rows,
        "longest": max([*first.parts[axis].values(), 1]),
        "total": {"label": _("Total"), "cells": total},
    }


def _columns(pack: Pack, axis: str) -> list[str]:
    """The indicators shown along an axis: those of the pack's own report table, else the first few."""
    for report in pack.reports.values():
        for block in (b for section in report.sections for b in section.blocks):
            if block.kind == "table" and block.by == axis:
                return list(block.indicators)
    return [name for name, spec in pack.indicators.items() if axis in spec.by][:STRIP]


def _all(reckoning: Reckoning, language: str) -> dict[str, Any]:
    pack = reckoning.pack
    rows = []
    for value in reckoning.values.values():
        base = "" if value.base is None else value.base
        share = words.percent_text(value.percent) if value.base is not None else ""
        help_key = f"indicators.{value.indicator}.help"
        rows.append(
            {
                "label": pack.text(f"indicators.{value.indicator}.label", language),
                "sub": pack.text(help_key, language) if pack.has_text(help_key) else "",
                "whole": None,
                "cells": [
                    {"text": value.value, "numeric": True, "url": value.opens},
                    {"text": base, "numeric": True},
                    {"text": share, "numeric": True},
                ],
            }
        )
    columns = [_("Figure"), _("Value"), _("Base"), _("Share")]
    return {
        "title": _("All figures"),
        "columns": [{"label": text, "numeric": n > 0} for n, text in enumerate(columns)],
        "rows": rows,
    }
