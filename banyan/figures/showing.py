"""What the page of figures shows: a sentence, numbers, tables; every number opens to its records."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import get_resolver, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.figures import words
from banyan.figures.lineage import Heirs, heirs_of
from banyan.figures.periods import offered
from banyan.figures.rollup import Reckoning, Value
from banyan.figures.units import UNIT, ByUnit
from banyan.kernel.period import Period
from banyan.orgs.placed import READING_WORDS
from banyan.orgs.places import written
from banyan.orgs.readings import AS_OF, NOW, THEN, Reading
from banyan.packs.schema import Pack
from banyan.web.page import BanyanRequest

STRIP = 4
LONGEST_PLACE = 120
PLACE_THEM = "submission.place"


def context_of(
    request: BanyanRequest, reckoning: Reckoning, units: ByUnit | None
) -> dict[str, Any]:
    """What the page shows."""
    pack, language = reckoning.pack, words.language_now()
    facts = words.facts_of(reckoning)
    sentence: list[words.Part] = []
    for _key, text in words.paragraphs(pack, language):
        sentence += [*words.parts_of(reckoning, text, facts), words.Part(" ")]
    local = timezone.localtime(reckoning.as_of)
    return {
        "live": live_of(pack.id),
        "asked": form_of(request, reckoning, units.parts if units else ()),
        "figures": {
            "over": f"{pack.text('short', language)} · {words.period_text(reckoning.period)}",
            "title": reckoning.name,
            "sentence": sentence,
            "notes": _notes(request, reckoning),
            "numbers": [
                _number(pack, v, language) for v in list(reckoning.values.values())[:STRIP]
            ],
            "tables": [
                *_tables(reckoning, language),
                *([_by_unit(reckoning, units, language)] if units else []),
                _all(reckoning, language),
            ],
            "asof": " · ".join(
                [
                    _("Figures of %(at)s") % {"at": local.strftime("%d/%m/%Y %H:%M")},
                    words.completeness(reckoning),
                    words.reading_text(reckoning),
                ]
            ),
            "straight": straight_of(reckoning),
            "exports": _exports(request, reckoning),
        },
    }


def straight_of(reckoning: Reckoning) -> str:
    """Which figures were counted straight from the records."""
    names = [name for name in reckoning.values if reckoning.is_straight(name)]
    return words.straight(reckoning.pack, names, len(reckoning.values))


def live_of(programme: str) -> dict[str, str]:
    """What `web/_live.html` needs; nothing where nobody serves streams of changes."""
    if not settings.BANYAN_LIVE_PORT:
        return {}
    return {"programme": programme, "said": _("Updated"), "lost": _("Not live: no network")}


def _exports(request: BanyanRequest, reckoning: Reckoning) -> list[dict[str, Any]]:
    query = urlencode(reckoning.query)
    exports: list[dict[str, Any]] = [
        {"label": _("Explore"), "url": f"{reverse('explore')}?{query}"},
        {"label": "JSON", "url": f"?{query}&as=json"},
    ]
    if request.actor.holds("report.write"):
        url = f"{reverse('report_new')}?{query}"
        exports.append({"label": _("Word report"), "url": url, "main": True})
    return exports


# What is asked ----------------------------------------------------------------------------------


def form_of(request: BanyanRequest, reckoning: Reckoning, units: Sequence[Any]) -> dict[str, Any]:
    """The form: the place by its name with the units below it, the period in words, the reading."""
    place = reckoning.place
    below = [part for part in units if part.kind == UNIT and part.here]
    return {
        **_choices(request, reckoning.pack, reckoning.period, reckoning.reading),
        "place": written(reckoning.name, place.label),
        "places": [written(part.name, part.spec) for part in below],
    }


def refused(
    request: BanyanRequest, pack: Pack, period: Period, reading: Reading, wrong: dict[str, str]
) -> dict[str, Any]:
    """The form alone, with what was typed. `wrong`: what is said beside its fields."""
    short = pack.text("short", words.language_now())
    return {
        "asked": {
            **_choices(request, pack, period, reading),
            "place": request.GET.get("place", "")[:LONGEST_PLACE],
            "wrong": wrong,
        },
        "figures": {
            "over": f"{short} · {words.period_text(period)}",
            "title": _("Figures"),
        },
    }


def _choices(
    request: BanyanRequest, pack: Pack, period: Period, reading: Reading
) -> dict[str, Any]:
    """What the form asks beside the place."""
    return {
        "programme": pack.id,
        "chosen": period.key,
        "years": offered(period, request.today, int(pack.valid_from[:4])),
        "readings": [
            {"key": key, "label": label, "active": key == reading.kind}
            for key, label in READING_WORDS
        ],
        "day": reading.day.isoformat() if reading.kind == AS_OF and reading.day else "",
        "latest": request.today.isoformat(),
        "sentence": reading.sentence,
    }


# What a reader must know ------------------------------------------------------------------------


def _notes(request: BanyanRequest, reckoning: Reckoning) -> list[dict[str, Any]]:
    language = words.language_now()
    notes: list[dict[str, Any]] = [
        {"text": text, "tone": "amber"} for text in words.warnings(reckoning, language)
    ]
    if reckoning.synthetic:
        notes.insert(0, {"text": _("These figures rest on synthetic records."), "tone": "amber"})
    return [*standing(request, reckoning), *placing(request, reckoning), *notes]


def placing(request: BanyanRequest, reckoning: Reckoning) -> list[dict[str, Any]]:
    """What is not placed, with the records and, for whoever may, the way to place them."""
    told = words.unplaced(reckoning)
    known = bool(get_resolver().reverse_dict.getlist("placing"))
    # Whoever sees the figures has the place within reach: the rights of a post reach alike.
    may = known and request.actor.holds(PLACE_THEM)
    act = {
        "url": f"{reverse('placing')}?{urlencode(reckoning.query)}" if may else "",
        "label": _("Place them"),
    }
    return [
        {
            "title": f"{one.title}.",
            "text": one.text,
            "tone": "amber",
            "url": one.opens,
            "label": _("Open the records"),
            "act": act if may else None,
        }
        for one in told
    ]


def standing(
    request: BanyanRequest, reckoning: Reckoning, *, with_heirs: bool = True
) -> list[dict[str, Any]]:
    """Whether the place stands on the day of the reading, and what to read if it does not.

    `with_heirs`: also where its area lies today, which is one more query.
    """
    place, today = reckoning.place, request.today
    name = {"unit": reckoning.name}
    if place.group is not None:
        return _members(reckoning)
    if (begins := place.begins_after(reckoning.day)) is not None:
        text = _("“%(unit)s” was founded on %(day)s: it did not stand in these days.")
        return [
            {"text": text % {**name, "day": _day(begins)}, **_offer(reckoning, NOW, begins, today)}
        ]
    last = place.ended_before(today)
    if last is None:
        return []
    heirs = heirs_of(place, last, today) if with_heirs else Heirs([], 0)
    text = _("“%(unit)s” stood until %(day)s.") % {**name, "day": _day(last)}
    if heirs.units:
        lies = _("Today its area lies in:")
        text = f"{text} {lies}"
    other = NOW if reckoning.reading.kind == THEN else THEN
    return [
        {"text": text, "links": _links(reckoning, heirs), **_offer(reckoning, other, last, last)}
    ]


def _members(reckoning: Reckoning) -> list[dict[str, Any]]:
    area = reckoning.place.area(reckoning.reading)
    if reckoning.reading.day is None or not area.ended:
        return []
    text = _(
        "%(n)s of the %(all)s units do not stand on %(day)s: for these counts what stood under"
        " them then."
    )
    n, whole = len(area.ended), len(area.ended) + len(area.standing)
    return [{"text": text % {"n": n, "all": whole, "day": _day(reckoning.reading.day)}}]


def _offer(reckoning: Reckoning, reading: str, first: Any, today: Any) -> dict[str, Any]:
    """The other way to read the same question; nothing where it is read so already."""
    if reckoning.reading.kind == reading or first > today:
        return {}
    query = {k: v for k, v in reckoning.query.items() if k not in ("reading", "as_of")}
    label = (
        _("Read by the units of today") if reading == NOW else _("Read by the units of that time")
    )
    return {"url": f"?{urlencode({**query, 'reading': reading})}", "label": label}


def _links(reckoning: Reckoning, heirs: Heirs) -> list[dict[str, str]]:
    asked = {**reckoning.query, "reading": NOW}
    asked.pop("as_of", None)
    links = [
        {"label": name, "url": f"?{urlencode({**asked, 'place': spec})}"}
        for name, spec in heirs.units
    ]
    if not heirs.more:
        return links
    more = ngettext("and %(n)d more unit", "and %(n)d more units", heirs.more) % {"n": heirs.more}
    links[-1]["joined"] = "yes"  # no comma before the word "and"
    return [*links, {"label": more, "url": ""}]


def _day(day: Any) -> str:
    return str(day.strftime("%d/%m/%Y"))


# Numbers and tables -----------------------------------------------------------------------------


def _number(pack: Pack, value: Value, language: str) -> dict[str, Any]:
    return {
        "label": pack.text(f"indicators.{value.indicator}.label", language),
        "value": words.shown(value.value),
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
                "text": words.shown(v.parts[axis][part]),
                "numeric": True,
                "url": v.part_opens[axis][part],
                "thin": n > 1,
            }
            for n, v in enumerate(shown)
        ]
        label = words.part_label(pack, axis, part, language)
        rows.append(
            {"label": label, "part": number or 0, "whole": first.value or 0, "cells": cells}
        )
    labels = [pack.text(f"indicators.{v.indicator}.label", language) for v in shown]
    columns = [{"label": words.axis_label(pack, axis, language)}, {"label": "", "thin": True}]
    columns += [{"label": text, "numeric": True, "thin": n > 1} for n, text in enumerate(labels)]
    total = [
        {"text": words.shown(v.value), "numeric": True, "thin": n > 1} for n, v in enumerate(shown)
    ]
    return {
        "title": words.axis_label(pack, axis, language),
        "columns": columns,
        "rows": rows,
        "longest": max([*(n or 0 for n in first.parts[axis].values()), 1]),
        "total": {"label": _("Total"), "cells": total},
    }


def _by_unit(reckoning: Reckoning, units: ByUnit, language: str) -> dict[str, Any]:
    """The units below, the place itself, and what is not placed: rows that add up to the total."""
    pack, names = reckoning.pack, units.indicators
    labels = [pack.text(f"indicators.{name}.label", language) for name in names]
    first, whole = names[0], reckoning[names[0]].value
    rows = [
        {
            "label": words.unit_label(reckoning, part),
            "url": _figures_of(reckoning, part.spec) if part.kind == UNIT else "",
            "sub": "" if part.here else _("later no longer below"),
            "part": part.values[first],
            "whole": whole,
            "cells": [
                {
                    "text": part.values[name],
                    "numeric": True,
                    "url": part.opens[name],
                    "thin": n > 1,
                }
                for n, name in enumerate(names)
            ],
        }
        for part in units.parts
    ]
    total = [
        {"text": reckoning[name].value, "numeric": True, "thin": n > 1}
        for n, name in enumerate(names)
    ]
    heads = [{"label": t, "numeric": True, "thin": n > 1} for n, t in enumerate(labels)]
    title = _("By the units of %(day)s") if units.by_heirs else _("By unit, %(day)s")
    return {
        "title": title % {"day": _day(units.day)},
        "columns": [{"label": _("Unit")}, {"label": "", "thin": True}, *heads],
        "rows": rows,
        "longest": max([*(part.values[first] for part in units.parts), 1]),
        "total": {"label": _("Total"), "cells": total},
    }


def _figures_of(reckoning: Reckoning, spec: str) -> str:
    return f"?{urlencode({**reckoning.query, 'place': spec})}"


def _columns(pack: Pack, axis: str) -> list[str]:
    """The indicators shown along an axis: those of the pack's own report table, else the first few."""
    for report in pack.reports.values():
        for block in (b for section in report.sections for b in section.blocks):
            if block.kind == "table" and block.by == axis:
                return list(block.indicators)
    return [name for name, spec in pack.indicators.items() if axis in spec.by][:STRIP]


def columns(pack: Pack) -> list[str]:
    """The indicators that are shown by unit: those along the first axis of the first."""
    first = next(iter(pack.indicators.values()))
    return _columns(pack, first.by[0]) if first.by else list(pack.indicators)[:STRIP]


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
                    {"text": words.shown(value.value), "numeric": True, "url": value.opens},
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
