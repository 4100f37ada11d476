"""A register typed in the fonts of before Unicode is taken in like the same one in Unicode."""

import io
import unicodedata
from typing import Any

import openpyxl
import pytest

from banyan.kernel.old_encodings import ENCODINGS, Encoding
from banyan.kernel.text import folded
from tests.imports.sending import Sent, actor, send
from tests.kernel.test_old_encodings import written


def typed(book: bytes, encoding: Encoding | None) -> bytes:
    """The workbook as somebody would have typed it twenty years ago; None: in composed Unicode."""
    opened = openpyxl.load_workbook(io.BytesIO(book))
    for sheet in opened:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    text = unicodedata.normalize("NFC", cell.value)
                    cell.value = written(text, encoding) if encoding else text
    made = io.BytesIO()
    opened.save(made)
    return made.getvalue()


def read(kim_son: Any, book: bytes) -> Sent:
    options = {"programme": "dan-van-kheo", "period": "2024H1"}
    return send(kim_son.district, book, by=actor(kim_son.mai), **options).must_be_read()


def what_was_read(sent: Sent) -> list[Any]:
    return [
        (line.outcome, folded(line.title), line.values["unit"],
         {told.column: (told.how, folded(told.read_as)) for told in sent.told(at)})
        for at, line in enumerate(sent.lines)
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda each: each.name)
def test_a_register_in_old_fonts_is_read_like_the_one_in_unicode(kim_son, book, encoding):
    modern = read(kim_son, typed(book, None))
    old = read(kim_son, typed(book, encoding))
    assert what_was_read(old) == what_was_read(modern)
    assert old.codes() - modern.codes() == {"old_encoding"}
