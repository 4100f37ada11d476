"""What the page shows, in its order; the Word file is made of the same."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.analytics import wording
from banyan.analytics.children import Child, main_and_share
from banyan.analytics.decisions import EXTENSION, MOVE, PLACING, Decision
from banyan.analytics.situation import Situation, headline_of
from banyan.figures import words
from banyan.figures.rollup import Value
from banyan.figures.showing import form_of, live_of, placing, standing
from banyan.figures.units import UNIT, UNPLACED
from banyan.orgs.placed import reading_word
from banyan.orgs.places import spec_on
from banyan.orgs.readings import AS_OF, NOW, THEN
from banyan.web.page import BanyanRequest
from banyan.web.templatetags.banyan import day as day_text

FIRST = 8


def context_of(request: BanyanRequest, told: Situation) -> dict[str, Any]:
    """What the page shows."""
    figures = told.reckoning
    language = words.language_now()
    local = timezone.localtime(figures.as_of)
    sentence = wording.sentence(told)
    return {
        "live": live_of(figures.pack.id),
        "asked": form_of(request, figures, told.children),
        "period": figures.period.key,
        "figures": {
            "over": f"{figures.pack.text('short', language)} · {words.period_text(figures.period)}",
            "title": figures.name,
            "crumbs": _above(told),
            "readings": _readings(told),
            "sentence": sentence,
            "notes": [
                *standing(request, figures, with_heirs=False),
                *placing(request, figures),
            ],
        },
        "numbers": [_number(told, value) for value in told.headline],
        "legend": _legend(told),
        "decisions": [_decision(told, one) for one in told.decisions],
        "table": _table(request, told),
        "foot": [
            _("Figures of %(at)s") % {"at": local.strftime("%H:%M %d/%m/%Y")},
            _completeness(told),
            *_due(told),
            *_marks(told),
        ],
        "reading_means": figures.reading.sentence,
        "pass_on": f"{figures.name}: {''.join(str(part.text) for part in sentence)}",
        "here_url": f"{reverse('situation')}?{urlencode(figures.query)}",
        "word_url": f"{reverse('situation_word')}?{urlencode(figures.query)}",
        "figures_url": f"{reverse('figures')}?{urlencode(figures.query)}",
    }


def _above(told: Situation) -> list[dict[str, str]]:
    """The way up, where one reaches so far."""
    up = told.reckoning.beside.get("above")
    if not up:
        return []
    spec = spec_on(up["id"], up["code"], told.reckoning.day)
    return [{"label": up["name"], "url": f"?{urlencode({**told.reckoning.query, 'place': spec})}"}]


def _readings(told: Situation) -> list[dict[str, Any]]:
    """Then, now; and the day asked for, where one is."""
    figures = told.reckoning
    bare = {k: v for k, v in figures.query.items() if k not in ("reading", "as_of")}
    ways = [(THEN, _("By the units of then"), bare), (NOW, _("Now"), {**bare, "reading": NOW})]
    if figures.reading.kind == AS_OF and figures.reading.day:
        ways.append((AS_OF, reading_word(figures.reading.key), figures.query))
    return [
        {"label": label, "url": f"?{urlencode(query)}", "active": kind == figures.reading.kind}
        for kind, label, query in ways
    ]


def _number(told: Situation, value: Value) -> dict[str, Any]:
    name, course = value.indicator, told.course
    line = [float(point) for point in course.line(name, told.today)]
    before = [float(point) for point in course.line_before(name)]
    return {
        "label": wording.label_of(told.reckoning.pack, name),
        "value": words.shown(value.value),
        "base": value.base,
        "share": words.percent_text(value.percent) if value.base else "",
        "url": value.opens,
        "beside": wording.beside(told, value),
        "line": line,
        "before": before,
        "steps": max(len(line), len(before), len(told.reckoning.period.month_ends()) + 1),
        "first": wording.short_month(told.reckoning.period.first),
        "last": wording.short_month(told.reckoning.period.last),
        "said": wording.months_said(course.line(name, told.today)),
    }


def _legend(told: Situation) -> str:
    """What the lines are, in one sentence."""
    if not told.has_begun:
        return ""
    ends = told.reckoning.period.month_ends()
    span = {"first": ends[0].month, "last": ends[-1].month, "year": told.reckoning.period.year}
    text = (
        _(
            "Lines: records added up by the month they count in, months %(first)d to %(last)d of %(year)d"
        )
        if len(ends) > 1
        else _("Lines: records added up, month %(first)d of %(year)d")
    ) % span
    if told.course.has_earlier:
        text += _("; dashed: the same of %(year)d, as its records stand today") % {
            "year": told.course.earlier.year
        }
    return f"{text}."


def _decision(told: Situation, one: Decision) -> dict[str, str]:
    figures = told.reckoning
    if one.kind == EXTENSION:
        url = reverse("extension_decide", args=[one.one]) if one.one else reverse("rounds")
    elif one.kind == PLACING:
        url = f"{reverse('placing')}?{urlencode(figures.query)}"
    elif one.one is not None:
        url = reverse("initiative", args=[one.one])
    elif one.kind == MOVE and one.about == "recognise":  # where one decision is given to many
        url = reverse("desk_recognise")
    else:
        url = figures.opens(one.where)
    return {
        "text": wording.decision_text(one, figures.pack),
        "sub": wording.decision_sub(one, told.today),
        "url": url,
        "label": wording.decision_label(one),
    }


# The units below --------------------------------------------------------------------------------


def _table(request: BanyanRequest, told: Situation) -> dict[str, Any] | None:
    """The rows in the order of attention; the first ones, unless all are asked for."""
    figures, rows = told.reckoning, list(told.children)
    if not rows:
        return None
    main, share = main_and_share(figures.pack, headline_of(figures.pack))
    is_all = request.GET.get("all") == "1"
    more = max(len(rows) - FIRST, 0)
    made = [_row(told, child, main, share) for child in rows]
    for row in made[FIRST:]:
        row["late"] = True
    query = urlencode(figures.query)
    return {
        "title": wording.units_title(told),
        "main": wording.label_of(figures.pack, main),
        "share": wording.label_of(figures.pack, share) if share else "",
        "compares": told.course.has_earlier,
        "rows": made if is_all else made[:FIRST],
        "longest": max([1.0, *(float(child.numbers.get(main, 0)) for child in rows)]),
        "is_all": is_all,
        "more": ngettext("and %(n)d more unit", "and %(n)d more units", more) % {"n": more}
        if more
        else "",
        "all_url": f"?{query}&all=1{wording.UNITS_BELOW}",
        "few_url": f"?{query}{wording.UNITS_BELOW}",
    }


def _row(told: Situation, child: Child, main: str, share: str | None) -> dict[str, Any]:
    figures = told.reckoning
    whole = child.numbers.get(main, 0)
    part = child.numbers.get(share, 0) if share else whole
    # Of one that was not below last year nothing is known: that is not a nought.
    known = child.before and any(child.before.values())
    compared = share or main
    change = (
        child.numbers.get(compared, 0) - child.before.get(compared, 0)
        if known and child.before
        else None
    )
    return {
        "label": _label(told, child),
        "url": f"?{urlencode({**figures.query, 'place': child.spec})}"
        if child.kind == UNIT
        else "",
        "sub": "" if child.here else _("later no longer below"),
        "whole": whole,
        "whole_url": child.opens[main],
        "part": part,
        "part_url": child.opens.get(share or main, ""),
        "change": change,
        "note": wording.note_of(child, told.today),
    }


def _label(told: Situation, child: Child) -> str:
    if child.kind == UNIT:
        return child.name
    if child.kind == UNPLACED:
        return _("Not placed")
    return _("%(unit)s itself") % {"unit": told.reckoning.name}


# The foot ---------------------------------------------------------------------------------------


def _completeness(told: Situation) -> str:
    figures = told.reckoning
    return _("%(n)s/%(all)s units have registered") % {
        "n": words.number_text(figures.reporting),
        "all": words.number_text(figures.expected),
    }


def _due(told: Situation) -> list[str]:
    """By when it was to be reported: completeness alone does not tell whether it came in time."""
    days = sorted({child.due for child in told.children if child.due})
    if not days:
        return []
    late = sum(
        1 for child in told.children if child.missing and child.due and child.due < told.today
    )
    due = _("due %(day)s") % {"day": day_text(days[0])}
    if not late:
        return [due]
    said = ngettext("%(n)d unit late", "%(n)d units late", late) % {"n": late}
    return [f"{due}, {said}"]


def _marks(told: Situation) -> list[str]:
    """Whether the figures rest on synthetic records, and what nobody has verified."""
    marks = [_("synthetic records")] if told.reckoning.synthetic else []
    return [*marks, *told.reckoning.notes]
