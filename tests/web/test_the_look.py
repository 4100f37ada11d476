"""What the design system promises: contrast, budgets, nothing inline, numbers as people write them."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.utils import translation

import banyan.web
from banyan.web.templatetags import banyan as words

WEB = Path(banyan.web.__file__).parent
STATIC = WEB / "static" / "banyan"
ALL_TEMPLATES = sorted(WEB.parent.rglob("templates/**/*.html"))


def tokens(name: str) -> dict[str, str]:
    """The colours of one token file."""
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", (STATIC / name).read_text()))


def light(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours."""
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


TEXT = [(ink, on) for ink in ("ink", "soft", "faint", "leaf") for on in ("paper", "card", "wash")]
TEXT += [(t, on) for t in ("amber", "red", "sky", "leaf") for on in ("paper", "card", f"{t}-wash")]
TEXT += [("leaf-ink", "leaf"), ("leaf-ink", "leaf-deep")]
TEXT += [("ink", f"{t}-wash") for t in ("amber", "red", "sky", "leaf")]
EDGES = [("edge", "paper"), ("edge", "card"), ("leaf", "paper"), ("leaf", "card")]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read_and_every_edge_seen(theme: str) -> None:
    found = tokens("tokens.css") | (tokens("tokens-dark.css") if theme == "dark" else {})
    dim = [p for p in TEXT if contrast(found[p[0]], found[p[1]]) < 4.5]
    dim += [p for p in EDGES if contrast(found[p[0]], found[p[1]]) < 3]
    assert dim == []


def test_the_dark_list_names_every_colour_of_the_light_one() -> None:
    assert set(tokens("tokens-dark.css")) == set(tokens("tokens.css"))


def test_style_and_scripts_stay_within_their_budgets() -> None:
    def lines(pattern: str) -> int:
        return sum(len(p.read_text().splitlines()) for p in STATIC.glob(pattern))

    assert 0 < lines("*.css") <= 1500
    assert 0 < lines("*.js") <= 1000


def test_no_template_needs_an_inline_script_or_style() -> None:
    # A script of type application/json is data: the content policy lets it stand.
    script = r"<script(?![^>]*(\ssrc=|application/json))"
    inline = re.compile(rf"<style|\sstyle=|\son[a-z]+=|{script}|https?://")
    assert len(ALL_TEMPLATES) > 30
    assert [p.name for p in ALL_TEMPLATES if inline.search(p.read_text())] == []


def test_numbers_and_days_are_written_as_the_language_writes_them() -> None:
    with translation.override("vi"):
        assert words.vn(Decimal("1234.5")) == "1.234,5"
        assert words.money(85_000_000) == "85.000.000\u00a0đ"
        assert words.share(Decimal(185) / 261) == "70,88\u00a0%"
        assert words.day(date(2024, 3, 5)) == "05/03/2024"
    with translation.override("en"):
        assert words.vn(Decimal("1234.5")) == "1,234.5"
        assert words.share_of(185, 261) == "70.88\u00a0%"
        assert words.day(date(2024, 3, 5)) == "5 Mar 2024"
    assert words.share_of(3, 0) == "–"
    assert (words.signed(31), words.signed(-2), words.signed(0)) == ("+31", "−2", "0")


class Asked(forms.Form):
    """A few fields as packs make them."""

    on = forms.DateField(help_text="Day")
    few = forms.ChoiceField(choices=[("", "-"), ("a", "A"), ("b", "B")], required=False)
    many = forms.ChoiceField(choices=[(str(n), str(n)) for n in range(9)])
    text = forms.CharField(widget=forms.Textarea, max_length=40)


def test_a_field_is_drawn_for_the_hand_that_fills_it() -> None:
    form = Asked()
    kinds = {field.name: words.control_kind(field) for field in form}
    assert kinds == {"on": "control", "few": "tiles", "many": "control", "text": "control"}
    assert [tick["value"] for tick in words.ticks(form["few"])] == ["a", "b", ""]
    assert 'type="date"' in words.control(form["on"])
    assert 'aria-describedby="id_on_help"' in words.control(form["on"])
    assert 'data-count="#id_text_count"' in words.control(form["text"])


def test_what_was_typed_wrongly_stays_to_be_mended() -> None:
    drawn = words.control(Asked({"on": "31/02/2024"})["on"])
    assert "31/02/2024" in drawn
    assert 'type="text"' in drawn
    assert 'aria-describedby="id_on_help id_on_error"' in drawn
    assert 'aria-invalid="true"' in drawn
