"""The situation in words: one line made of figures, what a unit below lacks, what is asked of one."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from banyan.analytics.children import Attention, Child, main_and_share
from banyan.analytics.decisions import EXTENSION, INDICATOR, MOVE, PLACING, Decision
from banyan.analytics.situation import Situation, clauses_of, headline_of
from banyan.figures import words
from banyan.figures.rollup import Value
from banyan.figures.units import UNIT
from banyan.figures.words import Part, number_text
from banyan.orgs.models import Kind
from banyan.packs.schema import Pack
from banyan.web.templatetags.banyan import day as day_text

NAMED = 2
UNITS_BELOW = "#units"


def label_of(pack: Pack, name: str) -> str:
    """What an indicator is called where there is little room."""
    short = f"indicators.{name}.short"
    key = short if pack.has_text(short) else f"indicators.{name}.label"
    return pack.text(key, words.language_now())


# The sentence -----------------------------------------------------------------------------------


def sentence(told: Situation) -> list[Part]:
    """The line that says how things stand; every figure opens to its records."""
    figures = told.reckoning
    if not told.has_begun:
        return [
            Part(
                _("The period begins on %(day)s: there is nothing to tell yet.")
                % {"day": day_text(figures.period.first)}
            )
        ]
    said = [Part(_("By %(day)s: ") % {"day": day_text(told.day)})]
    main = headline_of(figures.pack)[0]
    if not figures[main].value:
        said.append(Part(_("no record of this period counts here yet")))
        said += _compared(told, main)
    else:
        said += _figures(told)
    return [*said, *_silent(told), Part(".")]


def _figures(told: Situation) -> list[Part]:
    figures = told.reckoning
    facts = words.facts_of(figures)
    clauses = [words.filled(figures, text, facts) for text in clauses_of(figures.pack)]
    if not clauses:
        clauses = [_plain(told)]
    main, share = main_and_share(figures.pack, headline_of(figures.pack))
    said = [*clauses[0], *_compared(told, share or main)]
    for clause in clauses[1:]:
        said += [Part("; "), *clause]
    return said


def _plain(told: Situation) -> list[Part]:
    """The headline by its labels, for a pack without words of its own."""
    said: list[Part] = []
    for value in told.headline:
        said.append(Part(", " if said else ""))
        said.append(Part(f"{label_of(told.reckoning.pack, value.indicator).lower()} "))
        said.append(Part(number_text(value.value), value.opens, value.indicator, strong=True))
    return [part for part in said if part.text]


def _compared(told: Situation, name: str) -> list[Part]:
    """How much more or less than last year; that there is nothing to compare with, if so."""
    before, now = told.course.before(name), told.reckoning[name].value
    if before is None or now is None:
        return [Part(_(" (no record of the same period last year)"))]
    more = Decimal(now) - Decimal(before)
    if told.is_early:
        text = _(", against {n} in the whole period last year")
        return _with_number(told, name, text, number_text(before))
    if not more:
        return _with_number(
            told, name, _(", as many as the {n} of the same period last year"), number_text(before)
        )
    text = (
        _(", up {n} on the same period last year")
        if more > 0
        else _(", down {n} on the same period last year")
    )
    return _with_number(told, name, text, number_text(abs(more)))


def _with_number(told: Situation, name: str, text: str, shown: str) -> list[Part]:
    first, _slot, last = text.partition("{n}")
    opens = told.course.opens_before(name)
    return [
        part for part in (Part(first), Part(shown, opens, strong=True), Part(last)) if part.text
    ]


def _silent(told: Situation) -> list[Part]:
    """How many units have not reported, leading to the table that begins with them."""
    figures = told.reckoning
    silent = figures.expected - figures.reporting
    if figures.expected == 1:
        return [Part(_("; not yet registered"))] if silent else []
    if not figures.reporting and not any(child.due for child in told.children):
        return []  # nobody was asked in this period: nobody owes anything
    if silent <= 0:
        return [Part(_("; every unit has registered"))] if figures.expected else []
    text = ngettext("; {n} has not registered", "; {n} have not registered", silent)
    first, _slot, last = text.partition("{n}")
    units = ngettext("%(n)s commune", "%(n)s communes", silent) % {"n": number_text(silent)}
    url = UNITS_BELOW if any(child.missing for child in told.children) else ""
    return [Part(first), Part(units, url, strong=True), Part(last)]


# Beside a figure --------------------------------------------------------------------------------


def beside(told: Situation, value: Value) -> dict[str, str]:
    """Last year's number with its base, and the list it opens to; in words where there is none."""
    before = told.course.before(value.indicator)
    if before is None:
        if not told.course.adds_up(value.indicator):
            return {"text": "", "number": "", "url": ""}
        return {"text": _("none last year to compare with"), "number": "", "url": ""}
    base = ""
    below = told.reckoning.pack.indicator(value.indicator).of
    if value.base is not None and below:
        whole = told.course.before(below)
        base = f" / {number_text(whole)}" if whole is not None else ""
    label = _("whole period last year") if told.is_early else _("same period last year")
    return {
        "text": label,
        "number": f"{number_text(before)}{base}",
        "url": told.course.opens_before(value.indicator),
    }


def months_said(line: list[Any]) -> str:
    """The line for ears: what it stood at, at the end of each month."""
    return ", ".join(number_text(point) for point in line[1:])


# The units below --------------------------------------------------------------------------------


def units_title(told: Situation) -> str:
    """By which units the table tells."""
    figures = told.reckoning
    if figures.place.group is not None:
        return _("By unit of the group")
    names = {
        Kind.COUNTRY: _("By province and city"),
        Kind.PROVINCE: _("By district") if not _is_two_tier(told) else _("By commune and ward"),
        Kind.DISTRICT: _("By commune and town"),
    }
    return str(names.get(Kind(figures.place.unit.kind), _("By unit below")))


def _is_two_tier(told: Situation) -> bool:
    """Whether communes stand directly below: each row awaits one report, its own."""
    return all(child.awaited <= 1 for child in told.children if child.kind == UNIT)


def note_of(child: Child, today: date) -> dict[str, str]:
    """What a unit lacks, in words; nothing where nothing is wanting."""
    if child.kind != UNIT:
        return {"text": "", "tone": ""}
    if child.attention is Attention.UNASKED:
        return {"text": _("no round asks it yet"), "tone": ""}
    if child.attention is Attention.NOTHING and not child.is_silent:
        return {"text": _("nothing registered"), "tone": "amber"}
    if not child.missing:
        return {"text": "", "tone": ""}
    text = (
        _("not reported")
        if child.awaited == 1 or child.is_silent
        else _("%(n)s of %(all)s not reported")
        % {"n": number_text(child.missing), "all": number_text(child.awaited)}
    )
    if child.due is None:
        return {"text": text, "tone": "amber"}
    if child.due < today:
        late = (today - child.due).days
        said = ngettext("%(what)s, %(n)d day late", "%(what)s, %(n)d days late", late)
        return {"text": said % {"what": text, "n": late}, "tone": "red"}
    return {
        "text": _("%(what)s, due %(day)s") % {"what": text, "day": short_day(child.due)},
        "tone": "amber",
    }


def short_month(day: date) -> str:
    """A month under a line: T6."""
    return pgettext("short month", "%(month)d") % {"month": day.month}


def short_day(day: date) -> str:
    """A day of this year or the last, short: 10/6."""
    return pgettext("short day", "%(day)d/%(month)d") % {"day": day.day, "month": day.month}


# What waits -------------------------------------------------------------------------------------


def decision_text(decision: Decision, pack: Pack) -> str:
    """What is asked."""
    n = number_text(decision.n)
    if decision.kind == INDICATOR:
        return f"{pack.text(f'indicators.{decision.about}.label', words.language_now())}: {n}"
    if decision.kind == MOVE:
        language = words.language_now()
        said = ngettext(
            "%(move)s %(n)s record (%(state)s)", "%(move)s %(n)s records (%(state)s)", decision.n
        )
        state = pack.text(f"states.{decision.state}", language)
        move = pack.text(f"moves.{decision.about}", language)
        return said % {"move": move, "n": n, "state": state[:1].lower() + state[1:]}
    if decision.kind == EXTENSION:
        return _extension_text(decision)
    if decision.kind == PLACING:
        return ngettext(
            "Say to which unit %(n)s record of a divided unit belongs",
            "Say to which units %(n)s records of divided units belong",
            decision.n,
        ) % {"n": n}
    return ngettext(
        "%(n)s record was given back more than two weeks ago and has not come again",
        "%(n)s records were given back more than two weeks ago and have not come again",
        decision.n,
    ) % {"n": n}


def _extension_text(decision: Decision) -> str:
    if decision.n > 1 or decision.until is None:
        return ngettext(
            "%(n)s unit asks for a later due date",
            "%(n)s units ask for a later due date",
            decision.n,
        ) % {"n": number_text(decision.n)}
    return _("%(unit)s asks for more time to report, until %(day)s") % {
        "unit": ", ".join(decision.units),
        "day": short_day(decision.until),
    }


def decision_sub(decision: Decision, today: date) -> str:
    """Who asks, and since when."""
    who = decision.askers if decision.kind == MOVE and decision.askers else decision.units
    shown = ", ".join(who[:NAMED])
    more = len(who) - NAMED
    if more > 0:
        said = ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more)
        shown = said % {"names": shown, "n": more}
    if decision.kind == EXTENSION and decision.n == 1:
        shown = ""
    if decision.kind == PLACING or decision.since is None:
        return shown
    return f"{shown} · {_since(decision.since, today)}" if shown else _since(decision.since, today)


def _since(day: date, today: date) -> str:
    ago = (today - day).days
    if ago == 0:
        return _("today")
    if ago == 1:
        return _("yesterday")
    if 0 < ago < 300:
        return _("since %(day)s") % {"day": short_day(day)}
    return _("since %(day)s") % {"day": day_text(day)}


def decision_label(decision: Decision) -> str:
    """What the button says."""
    if decision.kind == PLACING:
        return _("Place them")
    if decision.kind == EXTENSION:
        return _("Reply")
    if decision.one is not None:
        return _("Look and decide")
    return _("Look at the list")
