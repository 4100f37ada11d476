"""The Word file of a periodic report in the layout of Party documents."""

import io
import re
import unicodedata
import zipfile
from dataclasses import replace
from datetime import date

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from lxml import etree

from banyan.kernel.documents_layout import shipped_layout
from banyan.kernel.docx_parts import capitals_width, clean
from banyan.reports.party_docx import write
from banyan.reports.party_report import (
    Annex,
    AnnexSource,
    BarePercentage,
    Figure,
    FiguresNote,
    Heading,
    Paragraph,
    PartyReport,
    Section,
    Shown,
    Slot,
    Table,
    number_line,
    sentence,
)

LAYOUT = shipped_layout()
RECORDS = "http://127.0.0.1:8000/figures/dan-van-kheo/completed?unit=020@2024-06-30"
MARK = "DỮ LIỆU MINH HỌA – KHÔNG PHẢI SỐ LIỆU THẬT"

RESULTS = sentence(
    "Toàn huyện có ",
    Shown("146"),
    " tập thể và ",
    Shown("18"),
    " cá nhân đăng ký ",
    Shown("261", "models"),
    " mô hình; đã hoàn thành ",
    Shown("185/261, đạt 70,88\u00a0%", "completed"),
    ".",
)
BY_LEVEL = Table(
    caption="Biểu 01. Mô hình theo cấp",
    headers=("TT", "Cấp", "Mô hình"),
    rows=(("1", "Thành phố", "7"), ("2", "Huyện", "254"), ("", "Cộng", "261")),
    numeric=frozenset({2}),
    note="Mỗi mô hình tính một lần ở cấp đăng ký cao nhất.",
    total_rows=1,
)
REPORT = PartyReport(
    heading=Heading(
        "Huyện ủy Thanh Trì",
        "Ban Dân vận",
        number_line(5, "BC/BDVHU"),
        "Thanh Trì",
        date(2024, 6, 14),
    ),
    kind="BÁO CÁO",
    subject=("kết quả công tác dân vận 6 tháng đầu năm,", "nhiệm vụ 6 tháng cuối năm 2024"),
    intro=(Paragraph("Ban Dân vận Huyện ủy báo cáo như sau:"),),
    sections=(
        Section(1, "I.", "Tình hình", (Slot("Nêu thuận lợi, khó khăn", lines=3),)),
        Section(1, "II.", "Kết quả", (Section(2, "1.", "Dân vận khéo", (RESULTS, BY_LEVEL)),)),
    ),
    annexes=(Annex("Danh mục mô hình", (BY_LEVEL,), landscape=True),),
    recipients=("Thường trực Huyện ủy,", "Lưu Văn phòng."),
    authority="T/M BAN THƯỜNG VỤ",
    signer_post="PHÓ BÍ THƯ",
    signer_name=None,
    synthetic=True,
    figures_note=FiguresNote(
        "Số liệu đến 17 giờ ngày 14/6/2024.", "", "16/16 xã, thị trấn đã báo cáo."
    ),
    annex_sources=(
        AnnexSource("models", "Mô hình đăng ký", "1.261", "Đếm mô hình", "/figures/models"),
        AnnexSource("completed", "Tỷ lệ hoàn thành", "70,88 %", "185/261 mô hình", RECORDS),
    ),
)


def opened(report=REPORT):
    return docx.Document(io.BytesIO(write(report, LAYOUT)))


def all_text(document):
    texts = document.element.body.iter(qn("w:t"))
    return "\n".join(node.text or "" for node in texts)


def paragraph_with(document, text):
    for node in document.element.body.iter(qn("w:p")):
        if text in "".join(t.text or "" for t in node.iter(qn("w:t"))):
            return docx.text.paragraph.Paragraph(node, document)
    raise AssertionError(f"{text!r} is not in the document")


def with_text(text):
    """The report with one text in every place that takes text."""
    table = Table(text, (text, text), ((text, text),), note=text, total_rows=1)
    return PartyReport(
        heading=Heading(text, text, text, text, date(2024, 1, 5)),
        kind=text,
        subject=(text, text),
        intro=(Paragraph(text, (Figure(0, len(text), "k"),)), Slot(text)),
        sections=(Section(1, text, text, (Paragraph(text), table)),),
        annexes=(Annex(text, (table,)),),
        recipients=(text,),
        authority=text,
        signer_post=text,
        signer_name=text,
        synthetic=True,
        figures_note=FiguresNote(text, text, text, text),
        annex_sources=(AnnexSource("k", text, text, text or "1", text),),
    )


def test_every_figure_can_be_read_back_from_the_file():
    text = all_text(opened())
    for figure in ("146", "18", "261", "185/261, đạt 70,88\u00a0%", "1.261", "7", "254"):
        assert figure in text.split("\n")


def test_a_shown_percentage_without_its_base_is_refused():
    bare = Section(1, "I.", "Kết quả", (sentence("Hoàn thành ", Shown("70,88 %"), "."),))
    with pytest.raises(BarePercentage, match="70,88"):
        write(replace(REPORT, sections=(bare,)), LAYOUT)
    unbased = AnnexSource("completed", "Tỷ lệ", "70,88 %", " ", RECORDS)
    with pytest.raises(BarePercentage, match="Tỷ lệ"):
        write(replace(REPORT, annex_sources=(unbased,)), LAYOUT)


def test_a_shown_percentage_may_have_its_base_in_the_annex_of_sources():
    pointed = sentence("Hoàn thành ", Shown("70,88 %", "completed"), ".")
    section = Section(1, "I.", "Kết quả", (pointed,))
    assert "70,88\u00a0%" in all_text(opened(replace(REPORT, sections=(section,))))


def test_the_same_report_gives_the_same_bytes():
    assert write(REPORT, LAYOUT) == write(REPORT, LAYOUT)
    with zipfile.ZipFile(io.BytesIO(write(REPORT, LAYOUT))) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert file.namelist()[0] == "[Content_Types].xml"


def test_another_figure_gives_other_bytes():
    other = replace(REPORT, intro=(Paragraph("Ban Dân vận Huyện ủy báo cáo như sau."),))
    assert write(other, LAYOUT) != write(REPORT, LAYOUT)


def test_the_page_is_a4_with_the_margins_of_the_layout():
    section = opened().sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(margin.mm) for margin in margins] == [20, 20, 30, 20]


def test_the_page_number_stands_in_the_middle_from_the_second_page_on():
    section = opened().sections[0]
    assert section.different_first_page_header_footer
    number_paragraph = section.header.paragraphs[0]
    assert number_paragraph.style.paragraph_format.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert "PAGE" in [node.text.strip() for node in section.header._element.iter(qn("w:instrText"))]
    assert not list(section.first_page_header._element.iter(qn("w:instrText")))


def test_illustrative_data_are_marked_in_every_header_and_in_the_subject():
    document = opened()
    for section in document.sections:
        headers = [section.header]
        if section.different_first_page_header_footer:
            headers.append(section.first_page_header)
        for header in headers:
            assert MARK in "\n".join(p.text for p in header.paragraphs)
    subject = next(p for p in document.paragraphs if p.style.name == "Subtitle")
    assert "dữ liệu minh họa" in subject.text


def test_real_data_carry_no_mark():
    with zipfile.ZipFile(io.BytesIO(write(replace(REPORT, synthetic=False), LAYOUT))) as file:
        for name in file.namelist():
            assert "minh họa" not in file.read(name).decode().lower()


def test_a_solid_rule_as_long_as_the_title_stands_under_it():
    document = opened()
    cell = document.tables[0].rows[0].cells[1]
    title, rule = cell.paragraphs
    assert title.text == "ĐẢNG CỘNG SẢN VIỆT NAM"
    assert title.runs[0].font.bold
    assert title.runs[0].font.size.pt == 15
    border = rule._p.pPr.find(f"{qn('w:pBdr')}/{qn('w:top')}")
    assert border.get(qn("w:val")) == "single"
    room = cell.width.pt - rule.paragraph_format.left_indent.pt
    length = room - rule.paragraph_format.right_indent.pt
    # 206.7 points: the advance widths of these letters in bold Times at 15 points.
    assert length == pytest.approx(206.7, abs=0.3)
    assert length == pytest.approx(capitals_width(title.text, 15), abs=0.3)


def test_the_left_top_names_both_bodies_then_a_star_and_the_number():
    above, below = (row.cells for row in opened().tables[0].rows)
    assert above[0].text.split("\n") == ["Huyện ủy Thanh Trì", "Ban Dân vận", "*"]
    bold = [paragraph.runs[0].font.bold for paragraph in above[0].paragraphs]
    assert bold == [False, True, False]
    assert all(paragraph.runs[0].font.all_caps for paragraph in above[0].paragraphs[:2])
    assert below[0].text == "Số 05-BC/BDVHU"
    assert below[1].text == "Thanh Trì, ngày 14 tháng 6 năm 2024"
    assert below[1].paragraphs[0].runs[0].font.italic


@pytest.mark.parametrize(
    ("on", "printed"),
    [
        (date(2024, 2, 5), "Thanh Trì, ngày 05 tháng 02 năm 2024"),
        (date(2024, 3, 31), "Thanh Trì, ngày 31 tháng 3 năm 2024"),
        (date(2024, 12, 10), "Thanh Trì, ngày 10 tháng 12 năm 2024"),
    ],
)
def test_small_days_and_the_first_two_months_carry_a_zero(on, printed):
    heading = replace(REPORT.heading, on=on)
    assert printed in all_text(opened(replace(REPORT, heading=heading)))


def test_a_report_not_yet_issued_leaves_room_for_its_number_and_day():
    heading = replace(REPORT.heading, number=number_line(None, "BC/BDVHU"), on=None)
    text = all_text(opened(replace(REPORT, heading=heading)))
    assert re.search("Số[ \u00a0]{5,}-BC/BDVHU", text)
    assert re.search("ngày[ \u00a0]{4,}tháng[ \u00a0]{4,}năm", text)


def test_parts_are_real_headings_and_the_text_is_justified_with_an_indent():
    document = opened()
    outline = [(p.style.name, p.text) for p in document.paragraphs if "Heading" in p.style.name]
    assert outline[:3] == [
        ("Heading 1", "I. Tình hình"),
        ("Heading 1", "II. Kết quả"),
        ("Heading 2", "1. Dân vận khéo"),
    ]
    body = document.styles["Body Text"]
    assert body.font.size.pt == 14
    assert body.paragraph_format.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY
    assert body.paragraph_format.first_line_indent.mm == pytest.approx(12.7, abs=0.1)
    assert body.font.name == "Times New Roman"


def test_the_file_states_its_language_and_title():
    document = opened()
    defaults = document.styles.element.find(qn("w:docDefaults"))
    assert {node.get(qn("w:val")) for node in defaults.iter(qn("w:lang"))} == {"vi-VN"}
    assert document.core_properties.title.startswith("BÁO CÁO kết quả công tác dân vận")
    assert document.core_properties.created.date() == date(2024, 6, 14)


def test_a_table_repeats_its_header_row_and_never_splits_a_row():
    table = opened().tables[1]
    flags = [{child.tag for child in row._tr.trPr} for row in table.rows]
    assert all(qn("w:cantSplit") in flag for flag in flags)
    assert [qn("w:tblHeader") in flag for flag in flags] == [True, False, False, False]
    assert [row.cells[2].text for row in table.rows] == ["Mô hình", "7", "254", "261"]
    assert {row.cells[2].paragraphs[0].alignment for row in table.rows[1:]} == {
        WD_ALIGN_PARAGRAPH.RIGHT
    }
    assert table.rows[3].cells[2].paragraphs[0].runs[0].font.bold
    assert not table.rows[1].cells[2].paragraphs[0].runs[0].font.bold


def test_a_row_shorter_than_the_headers_is_filled_and_an_empty_table_adds_nothing():
    short = Table("", ("A", "B"), (("1",),))
    none = Table("", (), ())
    section = Section(1, "I.", "Bảng", (short, none))
    tables = opened(replace(REPORT, sections=(section,), annexes=(), annex_sources=())).tables
    assert len(tables) == 3  # the heading block, the short table, the closing block
    assert [cell.text for cell in tables[1].rows[1].cells] == ["1", ""]


def test_a_narrative_place_shows_its_prompt_and_dotted_lines():
    document = opened()
    prompt = paragraph_with(document, "Nêu thuận lợi, khó khăn")
    assert all(run.font.italic for run in prompt.runs)
    dotted = [
        p for p in document.paragraphs if any(t.leader == 1 for t in p.paragraph_format.tab_stops)
    ]
    assert len(dotted) == 3


def test_the_end_lists_recipients_at_the_left_and_the_authority_at_the_right():
    left, right = opened().tables[2].rows[0].cells
    listed = ["Nơi nhận:", "- Thường trực Huyện ủy,", "- Lưu Văn phòng."]
    assert left.text.split("\n") == listed
    assert left.paragraphs[0].runs[0].font.underline
    assert right.text.split("\n") == ["T/M BAN THƯỜNG VỤ", "PHÓ BÍ THƯ", ""]
    assert right.paragraphs[-1].paragraph_format.space_before.pt == 72


def test_the_signature_never_stands_alone_on_a_page():
    section = Section(1, "I.", "Kết quả", (Paragraph("Hết."),))
    document = opened(replace(REPORT, sections=(section,), figures_note=FiguresNote()))
    assert paragraph_with(document, "Hết.").paragraph_format.keep_with_next


def test_a_figure_in_the_text_leads_to_its_source_and_on_to_its_records():
    document = opened()
    link = next(
        node
        for node in document.element.body.iter(qn("w:hyperlink"))
        if "70,88" in "".join(t.text or "" for t in node.iter(qn("w:t")))
    )
    marks = list(document.element.body.iter(qn("w:bookmarkStart")))
    target = next(m for m in marks if m.get(qn("w:name")) == link.get(qn("w:anchor")))
    assert "70,88" in "".join(t.text or "" for t in target.getparent().iter(qn("w:t")))
    outer = [r.target_ref for r in document.part.rels.values() if r.reltype.endswith("/hyperlink")]
    assert outer == [RECORDS]
    row = document.tables[-1].rows[2]
    assert [cell.text for cell in row.cells][1:] == [
        "Tỷ lệ hoàn thành",
        "70,88\u00a0%",
        "185/261 mô hình",
        RECORDS,
    ]


def test_only_a_well_formed_web_address_becomes_a_link():
    for path in ("javascript:alert(1)", "http://a b", "file:///etc/passwd", "https://x/é"):
        source = AnnexSource("models", "Mô hình", "261", "Đếm", path)
        document = opened(replace(REPORT, annex_sources=(source,)))
        assert not [r for r in document.part.rels.values() if r.reltype.endswith("/hyperlink")]
        assert path in all_text(document)


def test_the_figures_note_says_when_and_how_complete():
    note = paragraph_with(opened(), "Ghi chú về số liệu")
    assert "17 giờ ngày 14/6/2024" in note.text
    assert "16/16 xã" in note.text


def test_an_annex_of_many_columns_lies_on_turned_paper_and_the_next_stands_upright():
    sections = opened().sections
    turned = [section.orientation for section in sections]
    assert turned == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT]
    assert sections[1].page_width > sections[1].page_height
    assert not sections[1].different_first_page_header_footer


def test_an_annex_says_what_it_is_attached_to():
    text = all_text(opened())
    assert "(Kèm theo Báo cáo số 05-BC/BDVHU, ngày 14/6/2024)" in text
    assert "Phụ lục 2" in text


def test_the_english_report_keeps_the_layout():
    document = opened(replace(REPORT, language="en"))
    cells = document.tables[0].rows[0].cells
    assert cells[1].paragraphs[0].text == "COMMUNIST PARTY OF VIETNAM"
    assert cells[1].width.pt > capitals_width("COMMUNIST PARTY OF VIETNAM", 15)
    assert "Thanh Trì, 14 June 2024" in all_text(document)
    header = document.sections[0].first_page_header
    assert "ILLUSTRATIVE DATA" in header.paragraphs[0].text


HOSTILE = {
    "markup": "<w:p>&amp; ]]> \"'</w:p>",
    "control characters": "a\x00b\x01c\x0bd\x1fe\x7ff\ufffe\uffff",
    "half a surrogate": "a\ud800b\udfffc",
    "a very long word": "x" * 3000,
    "decomposed letters": unicodedata.normalize("NFD", "Dân vận khéo"),
    "turned direction": "abc \u202egnp.exe\u202c \u2066שלום\u2069",
    "line breaks": "một\r\nhai\rba\u2028bốn\tnăm",
    "nothing": "",
    "braces": "{place} {0} %s {{",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_can_break_the_file(text):
    bytes_written = write(with_text(text), LAYOUT)
    with zipfile.ZipFile(io.BytesIO(bytes_written)) as file:
        for name in file.namelist():
            etree.fromstring(file.read(name))
    document = docx.Document(io.BytesIO(bytes_written))
    assert bytes_written == write(with_text(text), LAYOUT)
    assert document.tables[1].rows[1].cells[0].text == clean(text)


def test_margins_come_from_the_layout_not_from_the_code():
    lengths = {**LAYOUT.lengths, "margins": {**LAYOUT.lengths["margins"], "left": 35.0}}
    document = docx.Document(io.BytesIO(write(REPORT, replace(LAYOUT, lengths=lengths))))
    assert round(document.sections[0].left_margin.mm) == 35
