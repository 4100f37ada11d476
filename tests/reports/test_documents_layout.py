"""Layouts of documents as data."""

import pytest

from banyan.kernel.documents_layout import BadLayout, read_layout, shipped_layout

LAYOUT = shipped_layout()


def test_the_layout_tells_what_is_not_yet_verified_and_where_each_part_is_from():
    unverified = {part.part for part in LAYOUT.unverified()}
    assert {"margins", "faces.authority", "faces.recipients"} <= unverified
    assert not {"page", "faces.title", "faces.body"} & unverified
    assert all(part.source for part in LAYOUT.stated)


def test_every_language_of_the_layout_has_the_same_words():
    assert LAYOUT.words["vi"].keys() == LAYOUT.words["en"].keys()


def test_a_layout_with_a_missing_part_says_so(tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text('id = "x"\ntitle = "x"\nfont = "x"\n', encoding="utf-8")
    with pytest.raises(BadLayout, match=r"broken\.toml: 'page'"):
        read_layout(broken)
