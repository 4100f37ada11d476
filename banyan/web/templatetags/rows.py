"""The cells of a listing's row (``{% load rows %}``).

A page of a register has five hundred cells. Written in the template's own words each took a dozen
nodes and as many look-ups, half of the page's time; the words are the same here.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.utils.html import conditional_escape as shown
from django.utils.safestring import SafeString, mark_safe

from banyan.web.templatetags.banyan import chip, day, title_at, vn

register = template.Library()

NUMERIC = ("number", "money")


def _told(thing: Any, name: str) -> Any:
    if isinstance(thing, Mapping):
        return thing.get(name, "")
    return getattr(thing, name, "")


@register.simple_tag
def title_of(row: Any) -> Any:
    """What the row's title cell says: for who hears the box beside it."""
    return _told(_told(row, "cells")[title_at(row)], "text")


@register.simple_tag
def row_cells(row: Any) -> SafeString:
    """Every cell of a row as a ``td``."""
    title = title_at(row)
    return mark_safe(
        "".join(
            _cell(cell, _told(row, "url") if place == title else None)
            for place, cell in enumerate(_told(row, "cells"))
        )
    )


def _cell(cell: Any, opens: Any) -> str:
    """One cell; `opens`: where the row leads, None in all cells but the title."""
    kind, text, label, sub = (_told(cell, name) for name in ("kind", "text", "label", "sub"))
    classes = f"is-{shown(kind or 'text')}"
    classes += " number" if kind in NUMERIC else ""
    classes += " thin-hide" if _told(cell, "thin") else ""
    if opens is not None:
        classes += " is-title"
    elif not text and text != 0:
        classes += " is-blank"
    said = f' data-label="{shown(label)}"' if label else ""
    below = f'<span class="sub">{shown(sub)}</span>' if sub else ""
    inside = _title(text, opens) if opens is not None else _inside(cell, kind, text)
    return f'\n    <td role="cell" class="{classes}"{said}>{inside}{below}</td>'


def _title(text: Any, opens: Any) -> str:
    if opens:
        return f'<a href="{shown(opens)}">{shown(text)}</a>'
    return f'<span class="strong">{shown(text)}</span>'


def _inside(cell: Any, kind: str, text: Any) -> str:
    if kind == "chip" and text:
        return chip(text, _told(cell, "tone") or "")
    if url := _told(cell, "url"):
        return f'<span><a href="{shown(url)}">{shown(vn(text))}</a></span>'
    if kind == "date" and (isinstance(text, date) or not text):
        return f"<span>{shown(day(text))}</span>"
    return f"<span>{shown(text if isinstance(text, str) else vn(text))}</span>"
