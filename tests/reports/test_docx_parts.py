"""Text made safe for a Word file, and the widths of its table columns."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from banyan.kernel.docx_parts import clean
from banyan.reports.docx_tables import column_widths
from banyan.reports.party_report import Table


def test_the_percentage_never_parts_from_its_sign_at_the_end_of_a_line():
    assert clean("đạt 70,88 % và 100%") == "đạt 70,88\u00a0% và 100%"


@given(
    st.lists(st.lists(st.text(max_size=80), max_size=40), max_size=5),
    st.floats(min_value=100, max_value=250),
)
@settings(max_examples=60, deadline=None)
def test_column_widths_always_fill_the_text_width_and_no_column_vanishes(rows, width):
    table = Table("", ("A", "B", "C"), tuple(map(tuple, rows)))
    columns = max([3, *map(len, rows)])
    widths = column_widths(table, columns, width)
    assert sum(widths) == pytest.approx(width)
    assert min(widths) >= min(8, width / columns) - 0.001


def test_a_column_has_room_for_a_percentage_on_one_line():
    table = Table("", ("A", "B"), (("70,88\u00a0%", "một đoạn văn rất dài " * 20),))
    # Seven letters of the table's 12 point type, about 2.1 mm each, and the padding of the cell.
    assert column_widths(table, 2, 160.0)[0] >= 7 * 2.1 + 4


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_cleaned_text_is_composed_safe_and_stays_so(text):
    once = clean(text)
    assert clean(once) == once
    etree.fromstring(f"<t>{once.replace('&', '').replace('<', '').replace(']]>', '')}</t>")
    assert not set(once) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\r\t")


def test_decomposed_vietnamese_is_printed_composed():
    decomposed = unicodedata.normalize("NFD", "Dân vận khéo")
    assert decomposed != "Dân vận khéo"
    assert clean(decomposed) == unicodedata.normalize("NFC", "Dân vận khéo")
