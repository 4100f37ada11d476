"""What an ended unit leaves behind goes into one package that can be checked, and is read on record."""

import csv
import hashlib
import io
import re
import tracemalloc
import zipfile
from datetime import date
from typing import Any

import docx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from banyan.documents import store
from banyan.documents.models import Document, Level
from banyan.documents.operations import Incoming, keep
from banyan.ledger.models import Event
from banyan.orgs.changes import Found, Newcomer, Split
from banyan.people.models import Role
from banyan.reorganisations.handover_zip import Entry, streamed
from banyan.reorganisations.operations import Facts, apply, draft, undo
from banyan.submissions.models import Submission
from banyan.submissions.operations import place
from tests.world import installer

DAY = date(2024, 6, 10)
XLSX = "ho-so.xlsx"
pytestmark = pytest.mark.django_db


class HandedOver:
    """The commune of the world, divided by a decision entered at the district; its package."""

    def __init__(self, world: Any) -> None:
        self.world, self.commune = world, world.commune
        self.an = world.actor(world.an)
        self.keep("bao-cao.txt", b"So lieu cua xa", Level.INTERNAL)
        self.keep("han-che.txt", b"Chi nguoi co quyen", Level.RESTRICTED)
        facts = Facts("12/NQ-HĐND", date(2024, 6, 1), DAY, "Chia xã", "Hội đồng nhân dân huyện")
        halves = {"east": "Xã Nửa Đông", "west": "Xã Nửa Tây"}
        founded = [
            Found(key, Newcomer("commune", name), world.district.pk) for key, name in halves.items()
        ]
        changes = [*founded, Split(self.commune.pk, ("east", "west"), heir="east")]
        self.decision = draft(world.district, facts=facts, changes=changes, by=self.an)
        self.decision = apply(self.decision, on=DAY, by=self.an)

    def keep(self, name: str, data: bytes, level: int) -> Document:
        """A document of the commune."""
        file = Incoming(name, "text/plain", [data])
        made: Document = keep(self.commune, file=file, level=level, by=installer("document.keep"))
        return made

    def url(self, unit: Any = None) -> str:
        """The address of a unit's package."""
        return reverse("handover", args=[self.decision.pk, (unit or self.commune).pk])

    def fetch(self) -> bytes:
        """The commune's package as an fetches it."""
        answer = self.world.client(self.world.an).get(self.url())
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)

    def opened(self) -> zipfile.ZipFile:
        """The same, to look into."""
        return zipfile.ZipFile(io.BytesIO(self.fetch()))


@pytest.fixture
def handed(world: Any) -> HandedOver:
    return HandedOver(world)


def rows_of(packed: zipfile.ZipFile, name: str) -> list[list[str]]:
    """The lines of a CSV file."""
    return list(csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig"))))


def words_of(packed: zipfile.ZipFile) -> str:
    """All that the minutes say."""
    minutes = docx.Document(io.BytesIO(packed.read("bien-ban-ban-giao.docx")))
    cells = [cell.text for table in minutes.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in minutes.paragraphs), *cells])


def set_role(world: Any, *, clearance: int, without: str = "") -> None:
    """The administrator's role with another clearance, and with a right taken away."""
    role = Role.objects.get(key="administrator")
    role.clearance = clearance
    role.capabilities = [one for one in role.capabilities if one != without]
    role.save()


def test_the_package_holds_minutes_records_files_posts_and_catalogue(handed):
    with handed.opened() as packed:
        names = packed.namelist()
        assert names[:4] == ["bien-ban-ban-giao.docx", XLSX, "danh-muc.csv", "chuc-vu.csv"]
        assert names[-1] == "SHA256SUMS"
        (kept,) = [name for name in names if name.startswith("tep/")]
        assert kept.endswith("-bao-cao.txt")
        assert packed.read(kept) == b"So lieu cua xa"
        assert packed.testzip() is None


def test_the_hash_list_is_right_for_every_file_of_the_package(handed):
    with handed.opened() as packed:
        lines = packed.read("SHA256SUMS").decode().splitlines()
        listed = {}
        for line in lines:
            match = re.fullmatch(r"([0-9a-f]{64})  (.+)", line)  # as sha256sum writes and reads it
            assert match, line
            listed[match[2]] = match[1]
        assert set(listed) == set(packed.namelist()) - {"SHA256SUMS"}
        for name, said in listed.items():
            assert hashlib.sha256(packed.read(name)).hexdigest() == said, name


def test_the_same_state_gives_the_same_bytes(handed):
    assert handed.fetch() == handed.fetch()


def test_the_workbook_holds_each_record_with_its_answers_in_words(handed):
    with handed.opened() as packed:
        book = CalamineWorkbook.from_filelike(io.BytesIO(packed.read(XLSX)))
        heads, *rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 1
    told = dict(zip(heads, rows[0], strict=True))
    assert told["Đơn vị"] == "Xã Đồi Mẫu"
    assert told["Mã"] == handed.world.initiative.code
    assert told["Tên mô hình, điển hình"] == handed.world.initiative.title
    assert told["Lĩnh vực"] == "Văn hóa - xã hội"
    assert told["Kinh phí huy động"] == "12.000.000"


def test_the_minutes_name_the_parties_the_decision_and_the_counts_and_no_person(handed):
    with handed.opened() as packed:
        said = words_of(packed)
    for word in (
        "Xã Đồi Mẫu",
        "Xã Nửa Đông",
        "Xã Nửa Tây",
        "12/NQ-HĐND",
        "01/06/2024",
        "10/06/2024",
    ):
        assert word in said
    assert "Cộng hòa xã hội chủ nghĩa Việt Nam" in said
    assert "Chưa phân về đơn vị nào" in said
    assert "1 tệp" in said
    for person in (handed.world.lan, handed.world.an, handed.world.minh):
        assert person.name not in said


def test_of_several_receivers_each_is_numbered_and_has_its_box(handed):
    with handed.opened() as packed:
        said = words_of(packed)
    for line in (
        "2. Bên nhận",
        "2.1. Xã Nửa Đông (nhận một phần)",
        "2.2. Xã Nửa Tây (nhận một phần)",
    ):
        assert said.splitlines().count(line) == 1, line
    lines = said.splitlines()
    assert lines.count("Đại diện bên giao") == 1
    assert lines.count("Đại diện bên nhận") == 2
    assert lines.count("Xã Nửa Đông") == lines.count("Xã Nửa Tây") == 1


def test_the_minutes_write_periods_in_words_and_name_no_folder_that_is_not_there(handed):
    with handed.opened() as packed:
        said = words_of(packed)
        assert "6 tháng đầu năm 2024" in said
        assert "2024H1" not in said
        assert "thư mục tep/" in said
    Document.objects.filter(unit=handed.commune).delete()
    with handed.opened() as packed:
        said = words_of(packed)
    assert "tep/" not in said
    assert "Không có tệp tài liệu nào" in said


def test_the_minutes_tell_how_many_records_were_placed_where(handed):
    west = next(
        unit for unit in handed.decision.unit.__class__.objects.all() if str(unit) == "Xã Nửa Tây"
    )
    record = Submission.objects.get(pk=handed.world.initiative.submission.pk)
    decision = {"decision_number": "15/QĐ", "decided_on": DAY}
    place([record], unit=west, on=DAY, by=handed.world.actor(handed.world.minh), **decision)
    with handed.opened() as packed:
        said = words_of(packed)
    assert "Chưa phân về đơn vị nào" not in said
    assert "Hồ sơ đã phân về" in said


def test_files_above_the_readers_clearance_stay_out_and_their_number_is_told(handed):
    with handed.opened() as packed:
        assert not [name for name in packed.namelist() if "han-che" in name]
        assert "Không kèm 1 tệp" in words_of(packed)
        assert "han-che" not in packed.read("danh-muc.csv").decode()
        assert len(rows_of(packed, "danh-muc.csv")) == 3


def test_with_the_clearance_they_are_in_it_and_each_reading_stands_in_the_ledger(handed):
    set_role(handed.world, clearance=2)
    before = Event.objects.filter(verb="document.read").count()
    with handed.opened() as packed:
        assert [name for name in packed.namelist() if name.endswith("-han-che.txt")]
        assert "Không kèm" not in words_of(packed)
    assert Event.objects.filter(verb="document.read").count() == before + 1


def test_the_posts_that_ended_are_in_it_for_who_may_see_people(handed):
    with handed.opened() as packed:
        heads, *rows = rows_of(packed, "chuc-vu.csv")
        assert "1 chức vụ" in words_of(packed)
    assert len(rows) == 1
    assert heads == ["Tên", "Chức vụ", "Vai trò", "Hệ thống", "Từ", "Đến"]
    assert rows[0][-1] == "09/06/2024"
    assert dict(zip(heads, rows[0], strict=True))["Tên"] == handed.world.lan.name


def test_without_the_right_to_see_people_there_is_no_list_of_posts(handed):
    set_role(handed.world, clearance=1, without="person.view")
    with handed.opened() as packed:
        assert "chuc-vu.csv" not in packed.namelist()
        assert handed.world.lan.name not in packed.read("danh-muc.csv").decode()
        assert "không có quyền xem nhân sự" in words_of(packed)


def test_a_file_that_the_store_lost_is_named_as_lost_and_breaks_nothing(handed):
    one = Document.objects.get(filename="bao-cao.txt")
    path = store.path_of(one.blob_id)
    path.rename(path.with_suffix(".away"))
    try:
        with handed.opened() as packed:
            assert not [name for name in packed.namelist() if name.startswith("tep/")]
            assert "không còn trong kho" in words_of(packed)
            assert "không còn trong kho" in packed.read("danh-muc.csv").decode()
    finally:
        path.with_suffix(".away").rename(path)


def test_reading_it_is_one_event_at_the_unit(handed):
    before = Event.objects.count()
    handed.fetch()
    (told,) = Event.objects.order_by("pk")[before:]
    assert (told.verb, told.unit, told.thing_id) == (
        "handover.made",
        handed.commune.pk,
        handed.commune.pk,
    )
    assert told.tells == {"decision": handed.decision.pk}


def test_a_unit_that_the_decision_did_not_end_has_no_package(handed):
    client = handed.world.client(handed.world.an)
    for unit in (handed.world.sister_commune, handed.world.district, handed.world.village):
        assert client.get(handed.url(unit)).status_code == 404
    assert client.get(reverse("handover", args=[999_999, handed.commune.pk])).status_code == 404


def test_an_undone_decision_says_so_in_words(handed):
    undo(handed.decision, by=handed.an)
    client = handed.world.client(handed.world.an)
    for url in (handed.url(), reverse("handovers", args=[handed.decision.pk])):
        answer = client.get(url)
        assert answer.status_code == 409
        assert "Quyết định chưa có hiệu lực" in answer.content.decode()


def test_whoever_may_not_reorganise_gets_no_package(handed):
    for who in (handed.world.minh, handed.world.hoa):
        assert handed.world.client(who).get(handed.url()).status_code == 403


def test_the_list_names_each_ended_unit_with_what_it_leaves_behind(handed):
    client = handed.world.client(handed.world.an)
    page = client.get(reverse("handovers", args=[handed.decision.pk]))
    (row,) = page.context["listing"].rows
    unit, _kind, heirs, records, files, _package = [cell.text for cell in row.cells]
    assert (unit, heirs, records) == ("Xã Đồi Mẫu", "Xã Nửa Đông; Xã Nửa Tây", 1)
    assert files == 1, "the restricted one is not counted for whoever may not read it"
    assert row.cells[-1].url == handed.url()
    assert client.get(page.wsgi_request.path, {"q": "doi mau"}).context["listing"].total == 1
    assert client.get(page.wsgi_request.path, {"q": "khong co"}).context["listing"].total == 0
    table = b"".join(client.get(page.wsgi_request.path, {"as": "csv"}).streaming_content).decode()
    assert "Xã Nửa Đông" in table


def test_the_list_asks_few_questions(handed):
    client = handed.world.client(handed.world.an)
    url = reverse("handovers", args=[handed.decision.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        client.get(url)
    assert len(asked) <= 8


def test_a_large_file_is_never_whole_in_memory():
    size = 64 * 1024 * 1024

    class Endless(io.RawIOBase):
        left = size

        def read(self, most: int = -1) -> bytes:
            take = min(most, self.left)
            self.left -= take
            return bytes(take)

    tracemalloc.start()
    sent = sum(map(len, streamed([Entry("tep/lon.bin", Endless)])))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > size
    assert most < size // 4
