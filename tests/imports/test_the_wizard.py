"""Importing in the browser and from the shell: send, look, say what is unclear, take in, take back."""

import argparse
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from banyan.documents.models import Document
from banyan.imports import work
from banyan.imports.keeping import forget_old
from banyan.imports.models import Import
from banyan.initiatives.models import Batch, Initiative
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.orgs.models import Unit
from banyan.people.models import Role
from banyan.people.operations import appoint, relieve
from banyan.site import boot
from banyan.site.commands import import_
from tests.initiatives.books import line, workbook
from tests.initiatives.conftest import BOOK
from tests.world import BACKEND, installer

HEAD = ("TT", "Xã, thị trấn", "Tên mô hình", "Tập thể", "Cá nhân", "Ngày đăng ký", "Kết quả")


def browser(who: Any, language: str = "en") -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    client.cookies["django_language"] = language
    client.force_login(who.account, backend=BACKEND)
    return client


def post(client: Client, kim_son: Any, content: bytes, **more: Any) -> Any:
    file = SimpleUploadedFile("so.xlsx", content)
    body = {"unit": kim_son.district.pk, "period": "2024H1", "file": file, "key": "sent", **more}
    return client.post("/imports/new/models", body)


def send(client: Client, kim_son: Any, content: bytes, **more: Any) -> str:
    """Send a file and let the process read it; the address of the import."""
    sent = post(client, kim_son, content, **more)
    assert sent.status_code == 303, sent.content.decode()[:2000]
    let_work()
    return str(sent.url)


def let_work() -> None:
    """What the process beside the pages does."""
    for pk in work.waiting():
        work.run(pk)


# --- in the browser -----------------------------------------------------------------------------


def test_a_workbook_is_sent_looked_at_taken_in_and_found_in_the_register(kim_son, book):
    client = browser(kim_son.mai)
    assert client.get("/imports/new/models").status_code == 200
    sent = post(client, kim_son, book)
    assert sent.status_code == 303
    waiting = client.get(sent.url)
    assert "The file is being read." in waiting.content.decode()
    let_work()
    text = client.get(sent.url).content.decode()
    assert "Take in 44 rows" in text
    assert text.count("gives no number") == 8
    assert not Initiative.objects.exists()
    done = client.post(f"{sent.url}/confirm", {"key": "take"})
    assert done.status_code == 303
    let_work()
    assert Initiative.objects.count() == 44
    assert "44 rows were taken in" in client.get(done.url).content.decode()
    assert Batch.objects.get().document == Document.objects.get()


def test_an_import_can_be_left_and_is_found_again(kim_son, book):
    client = browser(kim_son.mai)
    url = send(client, kim_son, book)
    page = client.get("/imports/").content.decode()
    assert f'href="{url}"' in page
    assert "to be looked at" in page


def test_looking_again_and_again_asks_little_and_changes_nothing(kim_son, book):
    client = browser(kim_son.mai)
    url = send(client, kim_son, book)
    client.get(url)
    before = Event.objects.count()
    for page in (url, f"{url}/columns", f"{url}/values", "/imports/"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page).status_code == 200
        assert len(asked) <= 12, page
    assert Event.objects.count() == before


def test_a_second_tap_takes_nothing_more_in(kim_son, book):
    client = browser(kim_son.mai)
    url = send(client, kim_son, book)
    answers = [client.post(f"{url}/confirm", {"key": "take"}) for _tap in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    let_work()
    assert Initiative.objects.count() == 44
    assert client.post(f"{url}/confirm", {"key": "another"}).status_code == 409
    let_work()
    assert Initiative.objects.count() == 44


@pytest.mark.parametrize(
    ("show", "lines"), [("", [4, 5, 6]), ("doubt", [5]), ("wrong", [6]), ("nonsense", [4, 5, 6])]
)
def test_the_rows_can_be_narrowed_to_what_must_be_looked_at(kim_son, show, lines):
    rows = [
        line(1, "Xã Hồi Ninh", "Một"),
        [*line(2, "Xã Hồi Ninh", "Hai"), "toàn xóm"],
        [*line(3, "Xã Không Có", "Ba"), 12],
    ]
    client = browser(kim_son.mai)
    url = send(client, kim_son, workbook(rows, (*HEAD, "Số hộ")))
    page = client.get(f"{url}?show={show}")
    shown = page.context["preview"]["rows"]
    assert [row["number"] for row in shown] == lines
    assert page.context["preview"]["submit"] == "Take in 2 rows"


def test_a_file_that_is_no_register_is_refused_in_words_and_another_can_be_chosen(kim_son):
    client = browser(kim_son.mai)
    text = client.get(send(client, kim_son, b"%PDF-1.7 \x00")).content.decode()
    assert "not a workbook" in text
    assert 'href="/imports/new/models"' in text


def test_the_pages_speak_vietnamese(kim_son, book):
    client = browser(kim_son.mai, "vi")
    text = client.get(send(client, kim_son, book)).content.decode()
    assert "Nhập 44 dòng" in text
    assert "chưa có con số" in text


def test_who_may_not_import_sees_neither_the_form_nor_a_file(kim_son, book):
    url = send(browser(kim_son.mai), kim_son, book)
    for who in (kim_son.lam, kim_son.thu):
        client = browser(who)
        assert client.get("/imports/new/models").status_code == 403
        assert client.get(url).status_code == 404
        assert client.post(f"{url}/confirm", {"key": "take"}).status_code == 404
    let_work()
    assert not Initiative.objects.exists()


def test_whose_post_has_ended_sees_nothing_of_what_he_sent(kim_son, book):
    client = browser(kim_son.mai)
    url = send(client, kim_son, book)
    post, by = kim_son.mai.posts.get(), installer()
    role = Role.objects.get(key="dan-van-kheo-reviewer")  # the same right, in another post
    commune = Unit.objects.get(names__name="Xã Hồi Ninh")
    appoint(commune, person=kim_son.mai, role=role, on=date(2021, 1, 1), by=by)
    assert client.get(url).status_code == 200
    relieve(post, on=date(2024, 1, 1), by=by)
    client.get("/")  # told that the post has ended
    for page in (url, f"{url}/columns", f"{url}/values", f"{url}/marked"):
        assert client.get(page).status_code == 404, page
    assert client.post(f"{url}/confirm", {"key": "take"}).status_code == 404
    assert url not in client.get("/imports/").content.decode()


def test_a_step_that_is_over_leads_to_the_import_as_it_stands(kim_son, book):
    client = browser(kim_son.mai)
    url = send(client, kim_son, book)
    assert client.get(f"{url}/take-back").headers["Location"] == url
    client.post(f"{url}/confirm", {"key": "take"})
    let_work()
    for step in ("columns", "values", "leave"):
        assert client.get(f"{url}/{step}").headers["Location"] == url, step


def test_a_models_page_tells_what_was_unclear(kim_son, book):
    client = browser(kim_son.mai)
    client.post(f"{send(client, kim_son, book)}/confirm", {"key": "take"})
    let_work()
    one = Initiative.objects.get(origin__line=14)
    text = client.get(one.get_absolute_url()).content.decode()
    assert "line 14" in text
    assert "I14: “toàn xóm” gives no number" in text


def test_a_file_can_be_let_go(kim_son, book):
    client = browser(kim_son.mai)
    url = send(client, kim_son, book)
    assert client.post(f"{url}/leave", {"key": "go"}).status_code == 303
    assert not Import.objects.get().lines.exists()
    assert client.get(url).headers["Location"] == "/imports/"  # as by the back button
    assert url not in client.get("/imports/").content.decode()


def test_rows_of_old_files_are_erased_and_what_they_brought_stays(kim_son, book):
    client = browser(kim_son.mai)
    taken, waiting = send(client, kim_son, book), send(client, kim_son, book, key="second")
    client.post(f"{taken}/confirm", {"key": "take"})
    let_work()
    assert forget_old(timezone.now()) == 0
    assert forget_old(timezone.now() + timedelta(days=31)) == 44
    assert Import.objects.get(pk=waiting.rpartition("/")[2]).state == "left"
    assert forget_old(timezone.now() + timedelta(days=91)) == 44
    assert Initiative.objects.count() == 44
    page = client.get(taken).content.decode()
    assert "44 rows were taken in" in page
    assert "Take the import back" not in page


# --- what is unclear is asked once --------------------------------------------------------------


def test_a_column_nobody_knows_is_named_once_and_known_the_next_time(kim_son):
    rows = [line(1, "Xã Hồi Ninh", "Một"), line(2, "Xã Hồi Ninh", "Hai")]
    head = (*HEAD[:2], "Việc làm hay", *HEAD[3:])
    client = browser(kim_son.mai)
    url = send(client, kim_son, workbook(rows, head))
    asked = client.get(url, follow=True)
    assert asked.redirect_chain == [(f"{url}/columns", 302)]
    form = asked.context["form"]
    data = {
        name: form[name].value() for name in form.fields if form[name].value() not in (None, False)
    }
    sent = client.post(f"{url}/columns", {**data, "use0": "on", "c0_2": "title", "key": "laid"})
    assert sent.status_code == 303, sent.content.decode()
    let_work()
    assert "Take in 2 rows" in client.get(url).content.decode()
    again = send(client, kim_son, workbook([line(1, "Xã Hồi Ninh", "Ba")], head), key="again")
    assert "Take in 1 row" in client.get(again).content.decode()


def test_a_value_nobody_knows_is_asked_once_for_all_its_rows_and_remembered(kim_son):
    head = (*HEAD, "Lĩnh vực")
    rows = [[*line(n, "Xã Hồi Ninh", f"Mô hình {n}"), "Mảng ruộng đồng"] for n in (1, 2, 3)]
    client = browser(kim_son.mai)
    url = send(client, kim_son, workbook(rows, head))
    page = client.get(f"{url}/values").content.decode()
    assert "Mảng ruộng đồng" in page
    sent = client.post(f"{url}/values", {"v0": "economy", "key": "meant"})
    assert sent.status_code == 303, sent.content.decode()
    let_work()
    one = Import.objects.get()
    assert [row.values["answers"]["field"] for row in one.lines.all()] == ["economy"] * 3
    assert one.found["values"] == []
    again = send(
        client,
        kim_son,
        workbook([[*line(1, "Xã Hồi Ninh", "Bốn"), "MẢNG RUỘNG ĐỒNG"]], head),
        key="2",
    )
    assert "not known" not in client.get(again).content.decode()


def test_a_unit_nobody_knows_is_chosen_from_near_names_or_typed(kim_son):
    rows = [line(1, "Xã Hồi Nin", "Một"), line(2, "Xã Xuân Chín", "Hai")]
    client = browser(kim_son.mai)
    url = send(client, kim_son, workbook(rows))
    form = client.get(f"{url}/values").context["form"]
    names = {str(label): value for value, label in form["v0"].field.choices}
    assert "Xã Hồi Ninh" in names
    wrong = client.post(f"{url}/values", {"v0": "=", "o0": "Xã Trên Trời", "key": "a"})
    assert wrong.status_code == 422
    assert "Nothing of this name is known" in wrong.content.decode()
    assert "Xã Trên Trời" in wrong.content.decode()
    said = {"v0": names["Xã Hồi Ninh"], "v1": "=", "o1": "Xuân Chính", "key": "b"}
    assert client.post(f"{url}/values", said).status_code == 303
    let_work()
    shown = [row.shown["@unit"] for row in Import.objects.get().lines.order_by("place")]
    assert shown == ["Xã Hồi Ninh", "Xã Xuân Chính"]


# --- from the shell -----------------------------------------------------------------------------


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    """`banyan import` with these words: its exit code and what it printed."""
    monkeypatch.setattr(boot, "django", lambda: None)  # the test house has set it up

    def run(*words: str, file: Any = BOOK, who: str = "mai") -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        import_.add(parser)
        usual = ["dan-van-kheo", str(file), "--unit", "376@2024-06-30", "--period", "2024H1"]
        address = ["--as", f"{who}@kimson.example", "--language", "en"]
        code = import_.run(parser.parse_args([*usual, *address, *words]))
        return code, capsys.readouterr().out

    return run


def test_the_shell_says_what_it_would_do_then_does_it(kim_son, shell):
    code, out = shell("--dry-run", "--json")
    told = json.loads(out)
    assert (code, told["dry_run"], told["taken"], told["import"]) == (0, True, 0, None)
    assert told["rows"]["new"] == 44
    assert not Initiative.objects.exists()
    assert not Import.objects.exists()
    code, out = shell("--json")
    told = json.loads(out)
    assert (code, told["dry_run"], told["taken"]) == (0, False, 44)
    assert told["codes"][0] == "MH-2024-0001"
    assert len(told["codes"]) == 44


def test_the_shell_ends_with_1_when_rows_are_left_out(kim_son, shell, tmp_path):
    rows = [line(1, "Xã Hồi Ninh", "Một"), line(2, "Xã Không Có", "Hai")]
    file = tmp_path / "so.xlsx"
    file.write_bytes(workbook(rows))
    code, out = shell("--json", file=file)
    told = json.loads(out)
    assert (code, told["taken"], told["rows"]["wrong"]) == (1, 1, 1)
    assert [(one["line"], one["outcome"]) for one in told["not_taken"]] == [(5, "wrong")]


def test_the_shell_tells_people_the_same_in_lines(kim_son, shell):
    code, out = shell()
    assert code == 0
    assert "MH-2024-0001 – MH-2024-0044" in out
    assert out.count("gives no number") == 8


@pytest.mark.parametrize("who", ["lam", "thu", "nobody"])
def test_the_shell_refuses_an_account_that_may_not_import(kim_son, shell, who):
    with pytest.raises(Refusal):
        shell(who=who)
    assert not Initiative.objects.exists()


def test_the_shell_refuses_a_file_that_is_not_there(kim_son, shell, tmp_path):
    with pytest.raises(Refusal, match="cannot be opened"):
        shell(file=tmp_path / "none.xlsx")
