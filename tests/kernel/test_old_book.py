"""An .xls that could hurt the reader: refused before it unfolds, and what is sound is read."""

import struct
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banyan.kernel.compound import packed, stream_of
from banyan.kernel.sheets import UnreadableWorkbook, Workbook, read_workbook

SMALL = (Path(__file__).parent.parent / "fixtures" / "register_small.xls").read_bytes()


def record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


END, BEGIN = record(0x0A), record(0x809, struct.pack("<HH", 0x600, 5))


def number(row: int, column: int, value: float = 1) -> bytes:
    return record(0x203, struct.pack("<HHHd", row, column, 0, value))


def shared(row: int, column: int, at: int = 0) -> bytes:
    return record(0xFD, struct.pack("<HHHI", row, column, 0, at))


def text(said: str) -> bytes:
    return struct.pack("<HB", len(said), 1) + said.encode("utf-16-le")


def texts(*said: str, count: int | None = None) -> bytes:
    head = struct.pack("<II", len(said), len(said) if count is None else count)
    return record(0xFC, head + b"".join(map(text, said)))


def stream(sheets: Iterable[bytes], more: bytes = b"") -> bytes:
    """The records of a workbook with these sheets."""
    made = list(sheets)
    names = [f"S{place}".encode() for place in range(len(made))]
    about = [struct.pack("<BB", len(name), 0) + name for name in names]
    at = len(BEGIN + more + END) + sum(10 + len(one) for one in about)
    book = BEGIN + more
    for one, sheet in zip(about, made, strict=True):
        book += record(0x85, struct.pack("<IBB", at, 0, 0) + one)
        at += len(sheet)
    return book + END + b"".join(made)


def xls(*sheets: bytes, more: bytes = b"") -> bytes:
    return packed("Workbook", stream((BEGIN + sheet + END for sheet in sheets), more))


def read(data: bytes) -> Workbook | str:
    """The workbook, or the code of its refusal."""
    try:
        return read_workbook(data)
    except UnreadableWorkbook as no:
        return no.note.code


def rows(data: bytes) -> list[list[object]]:
    book = read(data)
    assert isinstance(book, Workbook), book
    return [list(row) for row in book.sheets[0].rows]


def bounded(data: bytes, megabytes: int) -> str:
    """The code of a refusal that takes no more memory than that."""
    tracemalloc.start()
    code = read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < megabytes * 1_000_000
    assert isinstance(code, str)
    return code


def test_what_is_sound_is_read():
    sheet = number(0, 0, 3.5) + shared(0, 1) + shared(1, 0, 1) + shared(1, 1, 2)
    assert rows(xls(sheet, more=texts("Xã", "ủ" * 300, ""))) == [[3.5, "Xã"], ["ủ" * 300, ""]]


def test_a_text_that_runs_on_in_the_next_record_is_read_whole():
    head = struct.pack("<II", 2, 2) + struct.pack("<HB", 6, 1) + "Trường"[:3].encode("utf-16-le")
    ends = b"\x01" + "ờng".encode("utf-16-le") + text("Mười")
    more = record(0xFC, head) + record(0x3C, ends)
    assert rows(xls(shared(0, 0) + shared(0, 1, 1), more=more)) == [["Trường", "Mười"]]


def test_a_value_in_the_last_corner_is_refused_before_it_unfolds_but_a_colour_there_is_not():
    corner = number(0, 0) + number(65_535, 255)
    assert bounded(xls(*[corner] * 60), 1) == "too_many_cells"
    several = record(0xBD, struct.pack("<HH", 30_000, 250) + bytes(6 * 6) + b"\xff\0")
    assert read(xls(number(0, 0) + several)) == "too_many_cells"
    colours = record(0x201, struct.pack("<HHH", 65_535, 255, 0))
    said = record(0x200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0))
    assert rows(xls(said + number(0, 0) + colours)) == [[1]]


def test_sheets_that_are_too_large_together_are_refused():
    assert bounded(xls(*[number(0, 0) + number(19_000, 255)] * 3), 1) == "too_many_cells_in_all"


def test_one_sheet_told_a_thousand_times_is_refused():
    sheet = number(0, 0) * 200
    whole = bytearray(stream([BEGIN + sheet + END, *[END] * 1_000]))
    first = len(BEGIN) + 4
    place = struct.unpack_from("<I", whole, first)[0]
    at = first - 4
    while whole[at : at + 2] == b"\x85\0":
        struct.pack_into("<I", whole, at + 4, place)
        at += 4 + struct.unpack_from("<H", whole, at + 2)[0]
    assert read(packed("Workbook", bytes(whole))) == "damaged"


def test_one_long_text_in_a_million_cells_is_refused():
    sheet = b"".join(shared(row, 0) for row in range(10_000))
    assert bounded(xls(sheet, more=texts("a" * 30_000)), 4) == "too_large"
    label = b"".join(
        record(0x204, struct.pack("<HHHHB", row, 0, 0, 65_535, 0)) for row in range(5_000)
    )
    assert bounded(xls(label), 4) == "too_large"


def test_a_number_of_texts_that_are_not_there_makes_no_room_for_them():
    sheet = shared(0, 0)
    assert rows(xls(sheet, more=texts("Một", count=2**31 - 1))) == [["Một"]]
    assert read(xls(shared(0, 0, 7), more=texts("Một"))) == "damaged"
    assert read(xls(sheet, more=record(0xFC, bytes(4) + b"\xff\xff\xff\x7f"))) == "damaged"
    assert read(xls(sheet, more=texts("Một") * 2)) == "damaged"


def test_a_formula_gives_its_value_and_is_not_spelt_out():
    spaces = b"\x1e\x01\0" + b"\x19\x40\0\xff" * 16_000
    content = struct.pack("<HHHd6x", 0, 0, 0, 42.0) + struct.pack("<H", len(spaces)) + spaces
    assert rows(xls(record(0x06, content))) == [[42]]
    assert read(xls(record(0x06, content[:12]))) == "damaged"


def test_a_password_is_told_by_its_record():
    assert read(xls(number(0, 0), more=record(0x2F, bytes(6)))) == "encrypted"


def test_a_million_merges_are_refused():
    merges = record(0xE5, struct.pack("<H", 1_000) + struct.pack("<HHHH", 0, 0, 0, 1) * 1_000)
    assert read(xls(number(0, 0) + merges * 600)) == "damaged"


@pytest.mark.parametrize("kept", [9, 511, 513, 3_000, 4_700, 5_300])
def test_a_file_cut_off_is_refused(kept):
    assert read(SMALL[:kept]) in ("damaged", "not_a_workbook")
    whole = packed("Workbook", stream([BEGIN + number(0, 0) * 400 + END]))
    assert read(whole[: -6_000 - kept]) in ("damaged", "not_a_workbook")


def patched(data: bytes, **at: int) -> bytes:
    """A file with words of its header changed: `at_48=7`."""
    made = bytearray(data)
    for name, value in at.items():
        struct.pack_into("<I", made, int(name.removeprefix("at_")), value)
    return bytes(made)


def test_sectors_in_a_circle_or_of_a_nonsense_size_are_refused_at_once():
    whole = bytearray(packed("Workbook", stream([BEGIN + number(0, 0) * 4_000 + END])))
    (table,) = struct.unpack_from("<I", whole, 76)
    start = (table + 1) * 4096
    assert struct.unpack_from("<II", whole, start) == (1, 2)
    for place, value in ((1, 0), (1, 1), (2, 99_999)):
        turned = bytearray(whole)
        struct.pack_into("<I", turned, start + 4 * place, value)
        assert bounded(bytes(turned), 2) == "damaged"
    directory = struct.unpack_from("<I", whole, 48)[0]
    struct.pack_into("<I", whole, start + 4 * directory, directory)
    assert bounded(bytes(whole), 2) == "damaged"
    for shift in (0, 8, 10, 31, 65_535):
        odd = bytearray(SMALL)
        struct.pack_into("<H", odd, 30, shift)
        assert read(bytes(odd)) == "damaged"


@pytest.mark.parametrize("word", [44, 48, 60, 64, 68, 72, 76])
@pytest.mark.parametrize("value", [0, 1, 8, 0x7FFFFFFF, 0xFFFFFFF0, 0xFFFFFFFE])
def test_a_header_that_lies_is_believed_in_nothing(word, value):
    book = read(patched(SMALL, **{f"at_{word}": value}))
    assert book == "damaged" or book == read(SMALL)


def test_a_list_of_tables_that_never_ends_is_refused():
    # Found by a fuzzer: a part cut off behind its first word leads to itself and names nothing.
    head = bytearray(patched(SMALL, at_68=0)[:512])
    head[100:108] = "Book".encode("utf-16-le")
    assert read(bytes(head) + bytes(7)) == "damaged"
    loop = struct.pack("<128I", *[0] * 128)
    assert bounded(patched(SMALL, at_68=0)[:512] + loop * 2_000, 60) in (
        "damaged",
        "not_a_workbook",
    )


@given(st.binary(max_size=20_000))
def test_what_is_packed_comes_out_again(content):
    assert stream_of(packed("Workbook", content), "Book", "Workbook")[: len(content)] == content


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), max_size=12))
def test_an_xls_with_bytes_changed_is_read_or_refused_never_more(changes):
    content = bytearray(SMALL)
    for place, value in changes:
        content[place] = value
    assert read(bytes(content))


KINDS = st.sampled_from(
    [0x06, 0x0A, 0x22, 0x3C, 0x42, 0x85, 0xBD, 0xE0, 0xE5, 0xFC, 0xFD, 0x200, 0x203, 0x204, 0x205,
     0x207, 0x27E, 0x41E, 0x809, 0x18, 0xEB]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.tuples(KINDS, st.binary(max_size=40)), max_size=8),
    st.lists(st.tuples(KINDS, st.binary(max_size=40)), max_size=8),
)
def test_odd_records_are_read_or_refused_never_more(globally, locally):
    more = b"".join(record(kind, content) for kind, content in globally)
    sheet = b"".join(record(kind, content) for kind, content in locally)
    assert read(xls(sheet, more=more))


def test_a_workbook_of_excel_5_is_read():
    label = record(0x204, struct.pack("<HHHH", 0, 1, 0, 4) + "Ngày".encode("cp1252"))
    sheet = record(0x809, struct.pack("<HH", 0x500, 16)) + number(0, 0, 7) + label + END
    begin, page = record(0x809, struct.pack("<HH", 0x500, 5)), record(0x42, b"\xe4\x04")
    about = struct.pack("<BB", 0, 0) + b"\x04" + "Sæ 1".encode("cp1252")
    at = len(begin + page + END) + 4 + 4 + len(about)
    whole = begin + page + record(0x85, struct.pack("<I", at) + about) + END + sheet
    (read_sheet,) = read_workbook(packed("Book", whole)).sheets
    assert (read_sheet.name, list(read_sheet.rows[0])) == ("Sæ 1", [7, "Ngày"])
