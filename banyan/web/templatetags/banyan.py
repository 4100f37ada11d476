"""Template words of the design system (``{% load banyan %}``): drawings, chips, figures, fields.

Numbers and days are written as the active language writes them, by CLDR: ``1.234,5`` in
Vietnamese, ``1,234.5`` in English. Nothing here queries or decides; it only says.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal
from django import forms, template
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyan.web.templatetags.icons import PATHS

register = template.Library()

Number = int | float | Decimal
TILES_AT_MOST = 6
SHORT_LABEL = 14  # characters that fit beside the mark in half a phone's width
NBSP = "\u00a0"
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _locale() -> Locale:
    """The active language's CLDR locale; English where Babel knows none."""
    return _locale_of(get_language() or "vi")


@cache
def _locale_of(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing that says nothing by itself: the word stands beside it or in an aria-label."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        PATHS[name],
    )


@register.simple_tag
def chip(text: object, tone: str = "") -> SafeString:
    """A state as a word; ``tone`` (leaf, amber, red, sky or nothing) only underlines it."""
    return format_html('<span class="chip {}">{}</span>', tone, text)


@register.filter
def vn(value: object) -> str:
    """A number with the active language's separators; text passes through, None becomes empty."""
    if value is None or value == "":
        return ""
    if not isinstance(value, Number):
        return str(value)
    return str(format_decimal(value, format="#,##0.######", locale=_locale()))


@register.filter
def money(value: Number | None) -> str:
    """An amount in đồng: ``85.000.000 đ``, in other languages ``85,000,000 VND``."""
    if value is None or value == "":
        return ""
    unit = "đ" if _locale().language == "vi" else "VND"
    return f"{vn(value)}{NBSP}{unit}"


@register.filter
def share(value: Number | None) -> str:
    """A ratio between 0 and 1 as a percentage with two digits: ``70,88 %``."""
    if value is None or value == "":
        return "–"
    percent = format_decimal(round(Decimal(value) * 100, 2), format="0.##", locale=_locale())
    return f"{percent}{NBSP}%"


@register.simple_tag
def share_of(part: Number, whole: Number) -> str:
    """``part`` of ``whole`` as a percentage; a dash when there is no base."""
    return share(Decimal(part) / Decimal(whole)) if whole else "–"


@register.filter
def signed(value: Number | None) -> str:
    """A change: ``+31``, ``−2`` (a true minus sign), ``0``."""
    if value is None or value == "":
        return ""
    text = vn(abs(value))
    return f"+{text}" if value > 0 else f"−{text}" if value < 0 else text


@register.filter
def day(value: date | str | None) -> str:
    """A day: ``05/03/2024`` in Vietnamese, ``5 Mar 2024`` elsewhere (05/03 is read two ways)."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    if not isinstance(value, date):
        return value or ""
    if _locale().language == "vi":
        return f"{value:%d/%m/%Y}"
    return str(format_date(value, "d MMM y", locale=_locale()))


@register.filter
def moment(value: datetime | str | None) -> str:
    """An instant in local time: ``09:12 · 05/03/2024``."""
    if not isinstance(value, datetime):
        return value or ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{local:%H:%M} · {day(local)}"


@register.filter
def unstopped(text: str) -> str:
    """A label without the stop at its end, where a colon follows."""
    return str(text).rstrip().rstrip(".:")


@register.filter
def tel(number: object) -> str:
    """A telephone number as `tel:` wants it: digits and a leading plus; '' when it is none."""
    text = str(number or "").strip()
    digits = "".join(filter(str.isdecimal, text))
    least, most = 3, 15
    if not least <= len(digits) <= most or set(text) - set("0123456789+-. ()"):
        return ""
    return f"+{digits}" if text.startswith("+") else digits


@register.filter
def at(mapping: Mapping[str, Any] | None, key: str) -> Any:
    """``mapping[key]`` or ''."""
    return mapping.get(key, "") if mapping else ""


@register.filter
def initials(name: str) -> str:
    """Two letters for a tile: the first and the last word's (Nguyễn Thị Lan → NL)."""
    words = [word for word in str(name).split() if word[0].isalnum()]
    return "".join(word[0].upper() for word in (words[:1] + words[-1:] if words[1:] else words))


@register.simple_tag
def title_at(row: Any) -> int:
    """Which cell of a listing's row is its title: the first of kind ``title``, else the first."""
    cells: Iterable[Any] = row["cells"] if isinstance(row, Mapping) else row.cells
    kinds = [c.get("kind") if isinstance(c, Mapping) else getattr(c, "kind", "") for c in cells]
    return kinds.index("title") if "title" in kinds else 0


@register.simple_tag
def bar(part: Number, whole: Number, longest: Number) -> SafeString:
    """A small bar: ``part`` dark on ``whole``, both on a scale that ends at ``longest``."""
    scale = 100 / float(longest) if longest else 0.0
    return format_html(
        '<svg class="bars" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="whole" width="{}" height="8"/><rect class="part" width="{}" height="8"/></svg>',
        f"{float(whole) * scale:.2f}",
        f"{float(part) * scale:.2f}",
    )


@register.simple_tag
def spark(
    values: Sequence[Number], before: Sequence[Number] = (), steps: int | None = None
) -> SafeString:
    """A line of ``values`` with the year before as a dashed line, on one scale from zero.

    ``steps``: how many points the whole width holds; a line that has not come so far ends earlier.
    """
    top = max([float(v) for v in (*values, *before)], default=0.0) or 1.0
    lines = [("before", before), ("now", values)]
    drawn = [
        (name, _points(line, top, steps or len(line))) for name, line in lines if len(line) > 1
    ]
    inner = format_html_join("", '<polyline class="{}" points="{}"/>', drawn)
    return format_html(
        '<svg class="spark" viewBox="0 0 120 34" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        inner,
    )


def _points(line: Sequence[Number], top: float, steps: int) -> str:
    """SVG points of a line across 120 × 34, its highest possible value at y = 3."""
    step = 120 / (steps - 1)
    return " ".join(f"{i * step:.1f},{31 - 28 * float(v) / top:.1f}" for i, v in enumerate(line))


@register.filter
def control_kind(field: BoundField) -> str:
    """How ``_field.html`` draws a field: hidden, check, tiles, ticks, or one plain control."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "ticks"
    if isinstance(widget, forms.RadioSelect):
        return "tiles"
    few = isinstance(widget, forms.Select) and not isinstance(widget, forms.SelectMultiple)
    return "tiles" if few and len(_choices(field)) <= TILES_AT_MOST else "control"


def _choices(field: BoundField) -> list[tuple[Any, Any]]:
    """Choices to tap: without the empty one, which is 'none of these' where nothing is asked."""
    flat = []
    for value, label in getattr(field.field, "choices", ()):
        flat += list(label) if isinstance(label, list | tuple) else [(value, label)]
    chosen = [(v, t) for v, t in flat if v not in ("", None)]
    return chosen if field.field.required else [*chosen, ("", _("Not chosen"))]


@register.simple_tag
def ticks(field: BoundField) -> list[dict[str, Any]]:
    """The inputs of a choice: ``{id, name, value, label, type, checked}`` for each tile."""
    many = isinstance(field.field.widget, forms.CheckboxSelectMultiple)
    value = field.value()
    picked = {str(v) for v in (value or [])} if many else {"" if value is None else str(value)}
    choices = [c for c in _choices(field) if not (many and c[0] == "")]
    return [
        {
            "id": f"{field.auto_id}_{index}",
            "name": field.html_name,
            "value": choice,
            "label": label,
            "type": "checkbox" if many else "radio",
            "checked": str(choice) in picked,
        }
        for index, (choice, label) in enumerate(choices)
    ]


@register.filter
def anchor(field: BoundField) -> str:
    """The id that an error in the summary links to: the control, or the first of its tiles."""
    return f"{field.auto_id}_0" if control_kind(field) in ("tiles", "ticks") else field.auto_id


@register.filter
def long_labels(field: BoundField) -> bool:
    """True when the tiles of a choice need a line each on a phone."""
    return any(len(str(label)) > SHORT_LABEL for _value, label in _choices(field))


@register.simple_tag
def control(field: BoundField, *, bare: bool = False) -> SafeString:
    """One input with its help, error and counter tied to it for those who cannot see them.

    ``bare``: in a filter bar, where nothing is said around it.
    """
    widget = field.field.widget
    if bare and type(widget) in _KINDS and not field.value():
        choices = tuple(getattr(widget, "choices", ()))
        if not any(isinstance(label, list | tuple) for _key, label in choices):
            return _untouched(
                type(widget).__name__,
                field.html_name,
                str(field.auto_id),
                tuple((str(key), str(value)) for key, value in widget.attrs.items()),
                tuple((str(key), str(label)) for key, label in choices),
            )
    attrs: dict[str, Any] = {}
    said = [f"{field.auto_id}_help"] if field.help_text and not bare else []
    if field.errors and not bare:
        attrs["aria-invalid"] = "true"
        said.append(f"{field.auto_id}_error")
    if isinstance(widget, forms.Textarea):
        attrs["rows"] = widget.attrs["rows"] if widget.attrs.get("rows") not in ("10", None) else 4
    if has_counter(field):
        attrs["data-count"] = f"#{field.auto_id}_count"
        said.append(f"{field.auto_id}_count")
    if said:
        attrs["aria-describedby"] = " ".join(said)
    if isinstance(widget, forms.DateInput) and _fits_a_date_field(field.value()):
        # The wire carries 2024-03-05 whatever the language: Django's formats for Vietnamese
        # would read a typed 05/03/2024 as the third of May.
        widget = forms.DateInput(format="%Y-%m-%d", attrs={**widget.attrs, "type": "date"})
        attrs |= {} if bare else {"data-say": f"#{field.auto_id}_say"}
    return mark_safe(field.as_widget(widget=widget, attrs=attrs))


# A filter bar has thirty filters and most stand empty: these are drawn once, not on every page.
_KINDS = (forms.Select, forms.TextInput, forms.NumberInput, forms.DateInput)
_PLAIN: dict[str, Any] = {one.__name__: one for one in _KINDS}


@lru_cache(maxsize=2_000)
def _untouched(
    kind: str,
    name: str,
    auto_id: str,
    attrs: tuple[tuple[str, str], ...],
    choices: tuple[tuple[str, str], ...],
) -> SafeString:
    """An empty input with its label's id; what anybody typed is never kept."""
    given = {**dict(attrs), "id": auto_id}
    given |= {"type": "date"} if kind == "DateInput" else {}
    made = _PLAIN[kind]
    widget = made(attrs=given, choices=choices) if kind == "Select" else made(attrs=given)
    drawn: str = widget.render(name, None)
    return mark_safe(drawn)


def _fits_a_date_field(value: object) -> bool:
    """False for text that is no day: a native field would show nothing of what was typed."""
    return not isinstance(value, str) or not value or bool(ISO_DAY.fullmatch(value))


@register.filter
def has_counter(field: BoundField) -> bool:
    """True for a textarea with a limit."""
    widget = field.field.widget
    return isinstance(widget, forms.Textarea) and bool(widget.attrs.get("maxlength"))


@register.filter
def is_day(field: BoundField) -> bool:
    """True for a date field."""
    return isinstance(field.field.widget, forms.DateInput)


@register.filter
def tone_of(tags: str) -> str:
    """A Django message's level as a tone: success leaf, warning amber, error red, else sky."""
    tones = {"success": "leaf", "warning": "amber", "error": "red"}
    return next((tone for tag, tone in tones.items() if tag in tags.split()), "sky")
