"""Numbers as reports print them."""

from banyan.reports.figure_text import number, percentage, share


def test_numbers_are_printed_as_each_language_writes_them():
    assert number(1234567) == "1.234.567"
    assert number(1234567, "en") == "1,234,567"
    assert percentage(185, 261) == "70,88\u00a0%"
    assert percentage(185, 261, "en") == "70.88%"
    assert share(1850, 2610, "en") == "1,850/2,610 (70.88%)"
    assert percentage(1, 8, places=1) == "12,5\u00a0%"
    assert percentage(1, 800, places=2) == "0,13\u00a0%"


def test_a_part_of_nothing_has_no_percentage():
    assert share(0, 0) == "0/0"
    assert percentage(0, 0) == "–"
