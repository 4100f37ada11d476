"""Workbooks in the fonts of before Unicode come out in Unicode, and nothing else is touched."""

import io
import re
import unicodedata
from pathlib import Path

import django
import openpyxl
import pytest

from banyan.kernel.notes import CODES
from banyan.kernel.old_encodings import (
    ENCODINGS,
    MISREAD,
    TCVN3,
    VNI,
    decoded,
    established,
    modern,
    verdict,
)
from banyan.kernel.sheets import Sheet, UnreadableWorkbook, read_workbook
from banyan.kernel.syllables import is_syllable

FIXTURE = Path(__file__).parents[1] / "fixtures" / "register_kim_son_2024H1.xlsx"
VOWELS, TONES = "aăâeêioôơuưy", ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
SMALL = [unicodedata.normalize("NFC", v + tone) for v in VOWELS for tone in TONES] + ["đ"]
TEXTS = (
    "Ủy ban nhân dân xã Kim Định, huyện Kim Sơn",
    "Tuyến đường hoa phụ nữ tự quản",
    "Đề án số 04-ĐA/HU về xây dựng nông thôn mới kiểu mẫu",
    "Khéo vận động hội viên hiến đất mở đường ở xóm Chùa",
    "Tổ dân vận thôn Phú Hậu giữ gìn vệ sinh môi trường, quét dọn hằng tuần",
    "Nguyễn Thị Ánh Nguyệt, Chi hội trưởng",
)


def written(text, encoding):
    """The text as it shows in another font than that of the encoding."""
    letters = {letter: sign for sign, letter in reversed(encoding.letters.items())}
    if encoding is TCVN3:  # whose fonts have no capitals with a tone
        letters |= {each.upper(): letters[each] for each in SMALL
                    if each in letters and each.upper() not in letters}  # fmt: skip
    return "".join(letters.get(ch, ch) for ch in text)


def paired(text, encoding):
    """What comes back: TCVN3 loses which toned letters were capitals."""
    if encoding is TCVN3:
        return text.replace("Ánh", "ánh").replace("Ủy", "ủy")
    return text


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda each: each.name)
def test_every_letter_of_the_alphabet_comes_back(encoding):
    for letter in SMALL:
        assert decoded(written(letter, encoding), encoding) == letter
        assert decoded(written(f"th{letter}ng", encoding), encoding) == f"th{letter}ng"
    assert len(SMALL) == 73


def test_capitals_come_back_from_vni_and_those_of_tcvn3_that_its_fonts_have():
    for letter in SMALL:
        capital = letter.upper()
        assert decoded(written(capital, VNI), VNI) == capital
    assert decoded("¡ ¢ § £ ¤ ¥ ¦", TCVN3) == "Ă Â Đ Ê Ô Ơ Ư"
    assert decoded("Uyû ban, Uûy ban, AÙO, Aùo", VNI) == "Uỷ ban, Ủy ban, ÁO, Áo"


def test_words_in_the_capital_fonts_of_tcvn3_become_capitals():
    assert decoded("B¸O C¸O", TCVN3) == "BÁO CÁO"
    assert decoded("X· KIM S¬N", TCVN3) == "XÃ KIM SƠN"
    assert decoded("x· KIM S¬N", TCVN3) == "xã KIM SƠN"
    assert verdict("®· HT", TCVN3) == verdict("Ä‘Ã£ HT", MISREAD) == "old"
    assert decoded("UBND x· Kim S¬n", TCVN3) == "UBND xã Kim Sơn"
    assert decoded("KÕ ho¹ch", TCVN3) == "Kế hoạch"


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda each: each.name)
def test_texts_come_back_and_the_encoding_is_told_by_them_alone(encoding):
    old = [written(text, encoding) for text in TEXTS]
    assert established(old) is encoding
    assert [decoded(text, encoding) for text in old] == [paired(t, encoding) for t in TEXTS]
    assert all(verdict(text, encoding) == "old" for text in old)


def test_unicode_is_never_taken_for_an_old_encoding():
    every = [value for sheet in read_workbook(FIXTURE.read_bytes()).sheets
             for row in sheet.rows for value in row if isinstance(value, str)]  # fmt: skip
    assert established(every) is None
    assert established(TEXTS) is None
    assert established(unicodedata.normalize("NFD", text) for text in TEXTS) is None
    plain = ["Xã Bình Minh", "Hoà Bình", "Trà My", "Nam Trà", "Hà Nam", "Bà Rí", "là sự"]
    assert established(plain) is None


@pytest.mark.parametrize(
    "language", ["fr", "de", "es", "pt_BR", "pt", "it", "sv", "nb", "fi", "en"]
)
def test_other_languages_are_never_taken_for_an_old_encoding(language):
    root = Path(django.__file__).parent
    texts = []
    for path in root.glob(f"**/locale/{language}/LC_MESSAGES/django.po"):
        texts += re.findall(r'^(?:msgstr )?"(.+)"$', path.read_text("utf-8"), re.M)
    assert len(texts) > 300
    assert established(texts) is None
    # A few of them alone could fit by chance more easily than all.
    for start in range(0, len(texts), 40):
        assert established(texts[start : start + 40]) is None


def test_signs_and_symbols_are_left_alone():
    texts = ["500 m²", "± 5 °C", "© 2024", "«Xóm chùa»", "25 µ", "· mục", "3 × 4", "½", "Nike®"]
    assert established(texts) is None
    assert all(verdict(text, TCVN3) != "old" for text in texts)
    assert decoded("500 m², ° ±", TCVN3) == "500 m², ° ±"


def test_syllables_are_told_from_other_words():
    for word in ("nghiêng", "quý", "giờ", "khuỷu", "Quyết", "đặc", "ngoằng", "ý", "thuở", "gìn"):
        assert is_syllable(word), word
    for word in ("école", "für", "các̣", "cac", "pháp̀", "Kroong", "straße", "ngíe", "ac", ""):
        assert not is_syllable(word), word


def sheet_of(*rows, name="Biểu 1"):
    return Sheet(name, [list(row) for row in rows])


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda each: each.name)
def test_a_workbook_of_both_is_put_right_where_it_is_old(encoding):
    # The first column is Unicode, the second old, the third old in the first rows only.
    rows = [("Đơn vị", "Tên mô hình", "Ghi chú")]
    for place, text in enumerate(TEXTS):
        note = written(text, encoding) if place < 3 else text
        rows.append(("Xã Bình Minh", written(text, encoding), note))
    rows.append(("Thị trấn Phát Diệm", written("Có hộ bé", encoding), 45))
    read, notes = modern([sheet_of(*rows), sheet_of(("Đề án", "Müller"), name="Khác")])
    assert [row[0] for row in read[0].rows] == [row[0] for row in rows]
    assert [row[1] for row in read[0].rows[1:-1]] == [paired(t, encoding) for t in TEXTS]
    assert [row[2] for row in read[0].rows[4:-1]] == list(TEXTS[3:])
    assert read[0].rows[-1][1:] == ["Có hộ bé", 45]
    assert read[1].rows == [["Đề án", "Müller"]]
    assert [note.code for note in notes] == ["old_encoding"]
    assert notes[0].params["encoding"] == encoding.name
    assert notes[0].params["after"] == paired(TEXTS[0], encoding)
    assert set(notes[0].params) == set(CODES["old_encoding"])
    assert read[0].notes == notes


def test_a_word_that_fits_both_ways_follows_its_column():
    # "cã" is "có" in TCVN3, and "cã" in Unicode.
    old = [("Xã Kim Định", written(text, TCVN3)) for text in TEXTS]
    read, _ = modern([sheet_of(*old, ("cã", "cã"))])
    assert read[0].rows[-1] == ["cã", "có"]


def test_names_that_are_no_syllables_follow_a_column_that_is_old():
    old = [("Café Métropole", written(text, TCVN3), "500 m²") for text in TEXTS]
    rows = [*old, ("Élysée", written("Đắk Lắk", TCVN3), "± 5°")]
    read, _ = modern([sheet_of(*rows)])
    assert read[0].rows[-1] == ["Élysée", "Đắk Lắk", "± 5°"]
    assert read[0].rows[0][0] == "Café Métropole"
    assert read[0].rows[0][2] == "500 m²"


def test_a_workbook_of_excel_in_tcvn3_is_read_from_its_bytes():
    book = openpyxl.Workbook()
    for text in TEXTS:
        book.active.append([written(text, TCVN3), 12])
    sent = io.BytesIO()
    book.save(sent)
    sheet = read_workbook(sent.getvalue()).sheets[0]
    assert [row[0] for row in sheet.rows] == [paired(text, TCVN3) for text in TEXTS]
    assert [note.code for note in sheet.notes] == ["old_encoding"]


def csv_of(texts):
    return "Tên;Số\r\n".replace("ê", "e").replace("ố", "o") + "".join(
        f'"{text}";12\r\n' for text in texts
    )


def test_utf_8_that_was_misread_is_known_by_its_words():
    assert decoded("XÃ£ Kim SÆ¡n, huyá»‡n; 500 mÂ²", MISREAD) == "Xã Kim Sơn, huyện; 500 m²"
    assert decoded("Ã\x81o dÃ\u00a0i â€“ Ä\x90Ã¢y", MISREAD) == "Áo dài – Đây"


@pytest.mark.parametrize("encoding", [TCVN3, VNI], ids=lambda each: each.name)
def test_a_text_file_in_an_old_encoding_is_read(encoding):
    data = csv_of(written(text, encoding) for text in TEXTS).encode("cp1252")
    rows = read_workbook(data).sheets[0].rows
    assert [row[0] for row in rows[1:]] == [paired(text, encoding) for text in TEXTS]


def test_a_text_file_in_windows_1258_utf_8_or_utf_16_is_read():
    apart = unicodedata.normalize("NFD", csv_of(TEXTS))
    # Windows-1258 keeps the hat, the bowl and the horn with the letter, the tone apart.
    for letter in "ăâêôơưĂÂÊÔƠƯ":
        marks = unicodedata.normalize("NFD", letter)
        apart = re.sub(f"{marks[0]}(\u0323?){marks[1]}", rf"{letter}\1", apart)
    apart = apart.replace("\u0323\u0302", "\u0302\u0323")
    for data in (apart.encode("cp1258"), csv_of(TEXTS).encode(), csv_of(TEXTS).encode("utf-16")):
        rows = read_workbook(data).sheets[0].rows
        assert [row[0] for row in rows[1:]] == list(TEXTS)


def test_a_text_file_in_another_encoding_is_refused():
    for text in ("Müller;Straße\r\nJäger;grün", "École;été\r\nforêt;très", "a;m²"):
        with pytest.raises(UnreadableWorkbook) as refused:
            read_workbook(text.encode("cp1252"))
        assert refused.value.note.code == "csv_encoding"
