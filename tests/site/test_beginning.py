"""Beginning an organisation: on the machine itself, in three steps, once."""

import io
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from banyan.orgs.finding import find_unit
from banyan.orgs.models import Kind, Unit
from banyan.packs.models import Edition
from banyan.people.models import Account, Post
from banyan.site.models import Organisation
from tests.world import TODAY, installer

pytestmark = pytest.mark.django_db
HEADINGS = ("Mã", "Tên đơn vị", "Loại", "Trực thuộc")
TREE = (
    ("DU", "Đảng ủy xã An Bình", "Đảng ủy", ""),
    ("CB1", "Chi bộ thôn Đông", "", "DU"),
    ("", "Chi bộ thôn Tây", "Chi bộ", "Đảng ủy xã An Bình"),
)
OFFICER = {
    "name": "Nguyễn Thị Lan Thử",
    "email": "Lan@An-Binh.example",
    "password": "một câu dễ nhớ",
    "again": "một câu dễ nhớ",
}


@pytest.fixture
def here() -> Client:
    """A browser on the machine itself."""
    return Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT_LANGUAGE="vi")


def workbook(*rows: tuple[str, ...], heading: tuple[str, ...] = HEADINGS) -> SimpleUploadedFile:
    """A file as an office would send it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Đơn vị")
        for at, row in enumerate([heading, *rows]):
            sheet.write_row(at, 0, row)
    return SimpleUploadedFile("don-vi.xlsx", out.getvalue())


def send(client: Client, name: str, data: dict[str, Any] | None = None) -> Any:
    return client.post(reverse(name), data or {})


def come_to_officer(client: Client, *rows: tuple[str, ...]) -> None:
    """The steps before the last one, with a workbook."""
    assert (
        send(client, "begin", {"name": "Đảng ủy xã An Bình", "way": "workbook"}).status_code == 303
    )
    sent = send(client, "begin_file", {"file": workbook(*(rows or TREE))})
    assert sent.url == reverse("begin_tree")
    assert send(client, "begin_tree").url == reverse("begin_officer")


def seen(client: Client, name: str) -> str:
    return client.get(reverse(name)).content.decode()


class TestTheDoors:
    def test_an_empty_installation_shows_two_doors_on_its_own_machine(self, here):
        said = seen(here, "home")
        assert reverse("try_example") in said
        assert reverse("begin") in said

    @pytest.mark.parametrize(
        "strange",
        [
            {"REMOTE_ADDR": "192.168.1.7"},
            {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"},
            {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "testserver"},
            {"REMOTE_ADDR": ""},
        ],
        ids=["another machine", "past a proxy", "under another name", "unknown"],
    )
    def test_from_elsewhere_every_way_to_begin_is_shut(self, here, strange):
        assert reverse("begin") not in here.get("/", **strange).content.decode()
        for name in ("begin", "begin_unit", "begin_file", "begin_tree", "begin_officer"):
            assert here.get(reverse(name), **strange).status_code == 403
            assert here.post(reverse(name), {}, **strange).status_code == 403
        for name in ("try_example", "example_enter"):
            assert here.post(reverse(name), {}, **strange).status_code == 403
        assert not Organisation.objects.exists()

    def test_a_link_makes_no_example(self, here):
        assert here.get(reverse("try_example")).status_code == 405

    def test_beside_the_example_no_organisation_is_begun(self, here):
        unit = Unit.objects.create(kind="district")
        Organisation.objects.create(name="Ví dụ", unit=unit, is_demo=True)
        answer = here.get(reverse("begin"))
        assert answer.status_code == 409
        assert "BANYAN_HOME" in answer.content.decode()


class TestAWorkbookOfOnesOwn:
    def test_three_steps_end_signed_in_with_everything_in_place(self, here):
        come_to_officer(here)
        answer = send(here, "begin_officer", OFFICER)
        assert (answer.status_code, answer.url) == (303, "/")
        said = seen(here, "home")
        assert "Đảng ủy xã An Bình" in said
        assert reverse("initiative_new") in said
        held = Post.objects.filter(person__account__email="lan@an-binh.example").held_on(TODAY)
        roles = {post.role.key for post in held}
        assert roles == {"administrator", "dan-van-kheo-reviewer"}
        assert Edition.objects.of("dan-van-kheo").count() == 1
        organisation = Organisation.objects.get()
        assert organisation.unit.name_on(TODAY) == "Đảng ủy xã An Bình"
        cells = Unit.objects.children(organisation.unit, on=TODAY).named_on(TODAY)
        assert [cell.name_on(TODAY) for cell in cells] == ["Chi bộ thôn Đông", "Chi bộ thôn Tây"]
        assert find_unit("CB1", TODAY).unit.kind == "cell"

    def test_several_units_at_the_top_stand_under_the_organisation(self, here):
        come_to_officer(here, ("A", "Thôn Đông", "", ""), ("B", "Thôn Tây", "", ""))
        send(here, "begin_officer", OFFICER)
        top = Organisation.objects.get().unit
        assert top.name_on(TODAY) == "Đảng ủy xã An Bình"
        assert Unit.objects.children(top, on=TODAY).count() == 2

    @pytest.mark.parametrize(
        ("rows", "cell", "words"),
        [
            ([("A", "", "Thôn", "")], "Đơn vị!B2", "Thiếu tên"),
            ([("A", "Đông Hải", "", "")], "Đơn vị!C2", "Thiếu loại"),
            ([("A", "Đông Hải", "Thành phố", "")], "Đơn vị!C2", "Thành phố"),
            ([("A", "Thôn Một", "", ""), ("A", "Thôn Hai", "", "")], "Đơn vị!A3", "dòng 2"),
            ([("A", "Thôn Một", "", "Z")], "Đơn vị!D2", "“Z”"),
            ([("A", "Thôn Một", "", "A")], "Đơn vị!D2", "chính nó"),
            (
                [("", "Thôn", "Thôn", ""), ("", "Thôn", "Thôn", ""), ("", "Xóm Ba", "", "Thôn")],
                "Đơn vị!D4",
                "2, 3",
            ),
            ([("A", "Thôn Một", "", "B"), ("B", "Thôn Hai", "", "A")], "Đơn vị!D2", "vòng tròn"),
        ],
    )
    def test_a_wrong_row_is_named_by_its_cell_and_nothing_is_taken(self, here, rows, cell, words):
        send(here, "begin", {"name": "Đảng ủy", "way": "workbook"})
        send(here, "begin_file", {"file": workbook(*rows)})
        said = seen(here, "begin_tree")
        assert cell in said
        assert words in said
        assert send(here, "begin_tree").status_code == 422
        assert here.get(reverse("begin_officer")).url == reverse("begin")

    @pytest.mark.parametrize(
        ("file", "words"),
        [
            (
                SimpleUploadedFile("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600),
                ".xls",
            ),
            (SimpleUploadedFile("a.xlsx", b"PK nonsense"), "bị hỏng"),
            (SimpleUploadedFile("a.csv", "một,hai\n1,2\n".encode()), "dòng tiêu đề"),
        ],
        ids=["old format", "damaged", "without headings"],
    )
    def test_a_file_that_is_no_list_of_units_is_refused_in_words(self, here, file, words):
        send(here, "begin", {"name": "Đảng ủy", "way": "workbook"})
        answer = send(here, "begin_file", {"file": file})
        assert answer.status_code == 422
        assert words in answer.content.decode()

    def test_every_kind_that_a_refusal_names_is_accepted(self, here):
        kinds = [str(kind.label) for kind in Kind if kind != Kind.COUNTRY]
        kinds += ["Tỉnh, thành phố", "Thôn, tổ dân phố", "Ủy ban, cấp ủy", "Cấp xã", "bản", "cell"]
        rows = [(f"K{n}", f"Đơn vị {n}", kind, "") for n, kind in enumerate(kinds)]
        come_to_officer(here, *rows)

    def test_three_thousand_units_are_taken(self, here):
        villages = [(f"T{n}", f"Thôn {n}", "", f"X{n // 20}") for n in range(2_850)]
        communes = [(f"X{n}", f"Xã {n}", "", "H") for n in range(143)]
        come_to_officer(here, *villages, *communes, ("H", "Huyện Thử", "", ""))
        assert send(here, "begin_officer", OFFICER).status_code == 303
        assert Unit.objects.below(Organisation.objects.get().unit, on=TODAY).count() == 2_994

    def test_a_file_of_plain_text_with_english_headings_is_read(self, here):
        send(here, "begin", {"name": "Union", "way": "workbook"})
        text = "code,name,kind,parent code\nA,Head office,organisation,\nB,Branch,cell,A\n"
        sent = send(here, "begin_file", {"file": SimpleUploadedFile("u.csv", text.encode())})
        assert sent.url == reverse("begin_tree")
        assert send(here, "begin_tree").status_code == 303


class TestShippedUnits:
    def test_one_is_found_by_any_name_and_run_from_then_on(self, here):
        send(here, "begin", {"name": "Ban Dân vận Kim Sơn", "way": "shipped"})
        said = here.get(reverse("begin_unit"), {"q": "kim son"}).content.decode()
        assert "Tỉnh Ninh Bình" in said
        assert "còn gọi là Xã Kim Sơn" not in said, "in June 2024 the commune is still called so"
        assert send(here, "begin_unit", {"unit": "2:376"}).url == reverse("begin_officer")
        assert send(here, "begin_officer", OFFICER).status_code == 303
        unit = Organisation.objects.get().unit
        assert unit == find_unit("376@2024-06-30", TODAY).unit
        assert Unit.objects.children(unit, on=TODAY).count() == 25

    @pytest.mark.parametrize("unit", ["2:999", "", "nonsense"])
    def test_only_a_unit_that_stands_is_taken(self, here, unit):
        send(here, "begin", {"name": "Ban Dân vận", "way": "shipped"})
        answer = send(here, "begin_unit", {"unit": unit or "2:224"})
        assert answer.status_code == 422
        assert here.get(reverse("begin_officer")).url == reverse("begin")


class TestOnce:
    def test_the_answers_survive_a_reload_and_another_process(self, here):
        """All of them lie in the database under the session's key, and no password among them."""
        come_to_officer(here)
        again = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT_LANGUAGE="vi")
        again.cookies = here.cookies
        said = seen(again, "begin_officer")
        assert "Đảng ủy xã An Bình" in said
        assert "don-vi.xlsx" in said
        wrong = {**OFFICER, "again": "another sentence"}
        assert send(again, "begin_officer", wrong).status_code == 422
        assert OFFICER["password"] not in str(dict(again.session))

    def test_a_second_tap_makes_no_second_organisation_and_ends_in_the_same_place(self, here):
        come_to_officer(here)
        second = Client(SERVER_NAME="127.0.0.1")
        second.cookies["sessionid"] = here.cookies["sessionid"].value
        first = send(here, "begin_officer", OFFICER)
        answer = send(second, "begin_officer", OFFICER)
        assert (answer.status_code, answer.url) == (first.status_code, first.url) == (303, "/")
        assert Organisation.objects.count() == 1
        assert Account.objects.count() == 1

    def test_the_database_holds_one_organisation_whatever_is_tried(self):
        unit = Unit.objects.create(kind="district")
        Organisation.objects.create(name="Một", unit=unit)
        with pytest.raises(IntegrityError), transaction.atomic():
            Organisation.objects.create(name="Hai", unit=unit)

    def test_afterwards_every_step_is_gone(self, here):
        come_to_officer(here)
        send(here, "begin_officer", OFFICER)
        other = Client(SERVER_NAME="127.0.0.1")
        for name in ("begin", "begin_unit", "begin_file", "begin_tree", "begin_officer"):
            assert other.get(reverse(name)).status_code == 404
            assert other.post(reverse(name), {**OFFICER, "password": "x"}).status_code == 404
        assert reverse("begin") not in seen(other, "home")
        assert "Đảng ủy xã An Bình" in seen(other, "home")

    def test_a_step_cannot_be_jumped_over(self, here):
        assert here.get(reverse("begin_officer")).url == reverse("begin")
        assert here.get(reverse("begin_unit")).url == reverse("begin")
        assert here.get(reverse("begin_tree")).url == reverse("begin")

    @pytest.mark.parametrize(
        ("field", "value"),
        [("password", "short"), ("again", "khác hẳn rồi"), ("email", "lan"), ("name", "")],
    )
    def test_an_officer_without_a_good_password_or_address_is_sent_back(self, here, field, value):
        come_to_officer(here)
        answer = send(here, "begin_officer", {**OFFICER, field: value})
        assert answer.status_code == 422
        assert not Organisation.objects.exists()
        assert not Unit.objects.exists(), "nothing is left of a sending that failed"


def test_whoever_sets_up_leaves_a_trace_of_it(here):
    from banyan.ledger.models import Event

    come_to_officer(here)
    send(here, "begin_officer", OFFICER)
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert {"organisation.begun", "unit.tree_adopted", "pack.installed", "post.given"} <= verbs


def test_an_organisation_is_begun_by_set_up_alone(world):
    from banyan.kernel.errors import Refusal
    from banyan.site.operations import FirstOfficer, begin

    first = FirstOfficer("Ai", "ai@world.example", "một câu dễ nhớ")
    with pytest.raises(Refusal):
        begin(world.province, name="Ban", first=first, on=TODAY, by=world.actor(world.minh))
    made = begin(world.province, name="Ban", first=first, on=TODAY, by=installer())
    assert made.unit == world.province
