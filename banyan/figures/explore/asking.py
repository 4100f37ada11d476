"""The form of Explore: what may be asked, in words; only what is of use to the question."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from banyan.figures import words
from banyan.figures.explore import question as q
from banyan.figures.explore.places import BELOW, kinds_below
from banyan.figures.explore.question import Question, axes_of
from banyan.figures.periods import offered
from banyan.orgs.models import Kind
from banyan.orgs.placed import READING_WORDS
from banyan.orgs.places import written
from banyan.orgs.readings import AS_OF
from banyan.packs.reckon import UNCLASSIFIED
from banyan.web.page import BanyanRequest


def dimension_words() -> dict[str, str]:
    """What rows and columns may be."""
    return {
        q.UNITS: _("Units"),
        q.PERIODS: _("Periods"),
        q.INDICATORS: _("Figures"),
        q.PARTS: pgettext("of an axis", "Parts"),
    }


def show_words() -> dict[str, str]:
    """The ways of showing."""
    return {
        q.TABLE: _("Table"),
        q.RANKING: _("Ranking"),
        q.LINE: _("Line over time"),
        q.MULTIPLES: _("Small multiples"),
        q.HEAT: _("Heat table"),
        q.FUNNEL: _("Funnel"),
    }


def each_words() -> dict[str, str]:
    """Into what the period is split."""
    return {
        q.MONTH: _("by month"),
        q.QUARTER: _("by quarter"),
        q.HALF: _("by half year"),
        q.YEAR: _("the same period of each year"),
    }


def unit_words(kind: str) -> str:
    """Which units are rows."""
    return {
        BELOW: _("directly below"),
        Kind.PROVINCE: _("all provinces"),
        Kind.DISTRICT: _("all districts"),
        Kind.COMMUNE: _("all communes and wards"),
    }[kind]


# The form ---------------------------------------------------------------------------------------


def form_of(request: BanyanRequest, asked: Question, name: str) -> dict[str, Any]:
    """What the form asks, as it stands."""
    pack, language = asked.pack, words.language_now()
    axes = axes_of(pack, list(pack.indicators))
    parts = [*pack.parts_of(asked.axis), UNCLASSIFIED] if asked.axis else []
    return {
        "hidden": [
            ("programme", pack.id),
            ("show", asked.show),
            *(("via", one) for one in asked.via),
            *([("each", asked.each)] if not asked.has(q.PERIODS) and asked.each != q.MONTH else []),
            *([("sort", asked.sort)] if asked.sort else []),
        ],
        "place": written(name, asked.place.label),
        "period": asked.period.key,
        "years": offered(asked.period, request.today, int(pack.valid_from[:4])),
        "readings": [
            {"key": key, "label": label, "active": key == asked.reading.kind}
            for key, label in READING_WORDS
        ],
        "day": asked.reading.day.isoformat()
        if asked.reading.kind == AS_OF and asked.reading.day
        else "",
        "latest": request.today.isoformat(),
        "sentence": asked.reading.sentence,
        "indicators": [
            {"key": one, "label": label, "chosen": one in asked.indicators}
            for one, label in _indicators(asked)
        ],
        "chosen": len(asked.indicators),
        "selects": _selects(asked, axes),
        "part": _select(
            "only",
            _("Only"),
            asked.part,
            [
                ("", _("all together")),
                *((one, words.part_label(pack, asked.axis, one, language)) for one in parts),
            ],
        )
        if parts and not asked.has(q.PARTS)
        else None,
        "by": _select(
            "by", _("Shown by"), asked.by, [(q.NUMBER, _("number")), (q.SHARE, _("share"))]
        )
        if has_shares(asked)
        else None,
        "compares": asked.compares,
    }


def _indicators(asked: Question) -> list[tuple[str, str]]:
    pack, language = asked.pack, words.language_now()
    return [(one, pack.text(f"indicators.{one}.label", language)) for one in pack.indicators]


def _selects(asked: Question, axes: Sequence[str]) -> list[dict[str, Any]]:
    """Rows, columns, and what tells them apart: only what is of use to this question."""
    may_rows, may_columns = q.SHAPES[asked.show]
    names, language = dimension_words(), words.language_now()
    rows = [(one, names[one]) for one in may_rows]
    columns = [(one, names[one]) for one in may_columns if one != asked.rows]
    kinds = [(one, unit_words(one)) for one in kinds_below(asked.place)]
    labels = [(one, words.axis_label(asked.pack, one, language)) for one in axes]
    made = [
        _select("rows", pgettext("of a table", "Rows"), asked.rows, rows),
        _select("columns", _("Columns"), asked.columns, columns),
    ]
    if asked.has(q.UNITS) and len(kinds) > 1:
        made.append(_select("units", _("Which units"), asked.units, kinds))
    if asked.has(q.PERIODS):
        each = list(each_words().items())
        made.append(_select("each", _("Which periods"), asked.each, each))
    empty = [] if asked.has(q.PARTS) else [("", "—")]
    made.append(_select("axis", _("Told apart by"), asked.axis, [*empty, *labels]))
    return made


def has_shares(asked: Question) -> bool:
    """Whether any of these figures has a base."""
    return any(asked.pack.indicator(name).op in ("share", "ratio") for name in asked.indicators)


def _select(
    name: str, label: str, chosen: str, options: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "options": [{"key": key, "label": text, "on": key == chosen} for key, text in options],
    }


def ways(asked: Question) -> list[dict[str, Any]]:
    """The ways of showing, as links: rows and columns fall into what each can have."""
    return [
        {
            "label": label,
            "url": asked.url(show=key, sort=_usual_sort(key, asked)),
            "active": key == asked.show,
        }
        for key, label in show_words().items()
    ]


def _usual_sort(show: str, asked: Question) -> str:
    return f"-{asked.first}" if show == q.RANKING else ""
