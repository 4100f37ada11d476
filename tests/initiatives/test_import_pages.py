"""Importing in the browser and from the shell: send, look, register."""

import argparse
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from banyan.documents.models import Document
from banyan.initiatives.models import Batch, Initiative
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.site import boot
from banyan.site.commands import import_
from tests.initiatives.books import line, workbook
from tests.initiatives.conftest import BOOK
from tests.world import BACKEND


def browser(who: Any, language: str = "en") -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    client.cookies["django_language"] = language
    client.force_login(who.account, backend=BACKEND)
    return client


def send(client: Client, kim_son: Any, content: bytes, **more: Any) -> Any:
    file = SimpleUploadedFile("so.xlsx", content)
    body = {"unit": kim_son.district.pk, "period": "2024H1", "file": file, "key": "sent", **more}
    return client.post("/initiatives/import", body)


# --- in the browser -----------------------------------------------------------------------------


def test_a_workbook_is_sent_looked_at_and_registered(kim_son, book):
    client = browser(kim_son.mai)
    assert client.get("/initiatives/import").status_code == 200
    sent = send(client, kim_son, book)
    assert sent.status_code == 303
    assert not Initiative.objects.exists()
    page = client.get(sent.url)
    text = page.content.decode()
    assert "Register 44 models" in text
    assert text.count("gives no number") == 8
    done = client.post(sent.url, {"key": "take"})
    assert done.status_code == 303
    assert Initiative.objects.count() == 44
    assert parse_qs(urlsplit(done.url).query) == {
        "period": ["2024H1"],
        "place": ["376@2024-06-30"],
    }
    assert "44 models were registered" in client.get(done.url).content.decode()
    assert Batch.objects.get().document == Document.objects.get()


def test_looking_again_and_again_asks_little_and_changes_nothing(kim_son, book):
    client = browser(kim_son.mai)
    url = send(client, kim_son, book).url
    client.get(url)
    before = Event.objects.count()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    assert len(asked) <= 12
    assert Event.objects.count() == before


def test_a_second_tap_registers_nothing_more(kim_son, book):
    client = browser(kim_son.mai)
    url = send(client, kim_son, book).url
    answers = [client.post(url, {"key": "take"}) for _tap in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert Initiative.objects.count() == 44
    again = client.post(url, {"key": "another"})
    assert again.status_code == 409
    assert Initiative.objects.count() == 44
    page = client.get(url).content.decode()
    assert "already been imported: 44 models" in page
    assert "Register 44 models" not in page


def test_the_same_file_sent_twice_is_kept_once(kim_son, book):
    client = browser(kim_son.mai)
    urls = {send(client, kim_son, book, key=key).url for key in ("one", "two")}
    assert len(urls) == 1
    assert Document.objects.count() == 1


@pytest.mark.parametrize(
    ("show", "lines"), [("all", [3, 4, 5]), ("doubt", [4]), ("out", [5]), ("nonsense", [3, 4, 5])]
)
def test_the_rows_can_be_narrowed_to_what_must_be_looked_at(kim_son, show, lines):
    rows = [
        line(1, "Xã Hồi Ninh", "Một"),
        [*line(2, "Xã Hồi Ninh", "Hai"), "toàn xóm"],
        [*line(3, "Xã Không Có", "Ba"), 12],
    ]
    content = workbook(rows, ("TT", *HEAD_AFTER_NUMBER, "Số hộ"))
    client = browser(kim_son.mai)
    page = client.get(f"{send(client, kim_son, content).url}&show={show}")
    shown = page.context["preview"]["rows"]
    assert [row["number"] for row in shown] == [number + 1 for number in lines]
    assert page.context["preview"]["submit"] == "Register 2 models"


HEAD_AFTER_NUMBER = (
    "Xã, thị trấn", "Tên mô hình", "Tập thể", "Cá nhân", "Ngày đăng ký", "Kết quả",
)  # fmt: skip


def test_a_file_that_is_no_register_is_refused_where_it_was_chosen(kim_son):
    answer = send(browser(kim_son.mai), kim_son, b"%PDF-1.7 \x00")
    assert answer.status_code == 422
    assert "not a workbook" in answer.content.decode()
    assert not Document.objects.exists()


def test_the_page_speaks_vietnamese(kim_son, book):
    client = browser(kim_son.mai, "vi")
    text = client.get(send(client, kim_son, book).url).content.decode()
    assert "Đăng ký 44 mô hình" in text
    assert "chưa có con số" in text


def test_who_may_not_import_sees_neither_the_form_nor_a_file(kim_son, book):
    url = send(browser(kim_son.mai), kim_son, book).url
    for who in (kim_son.lam, kim_son.thu):
        client = browser(who)
        assert client.get("/initiatives/import").status_code == 403
        assert client.get(url).status_code == 403
        assert client.post(url, {"key": "take"}).status_code == 403
    assert not Initiative.objects.exists()


@pytest.mark.parametrize("query", ["", "?unit=1", "?unit=x&period=2024H1", "?unit=0&period=2024H1"])
def test_a_torn_address_leads_nowhere(kim_son, book, query):
    client = browser(kim_son.mai)
    url = send(client, kim_son, book).url
    assert client.get(url.partition("?")[0] + query).status_code == 404


def test_a_models_page_tells_what_was_unclear(kim_son, book):
    client = browser(kim_son.mai)
    client.post(send(client, kim_son, book).url, {"key": "take"})
    one = Initiative.objects.get(origin__line=14)
    text = client.get(one.get_absolute_url()).content.decode()
    assert "line 14" in text
    assert "I14: “toàn xóm” gives no number" in text


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
    assert (code, told["dry_run"], told["registered"], told["batch"]) == (0, True, 0, None)
    assert told["rows"]["ready"] == 44
    assert not Initiative.objects.exists()
    code, out = shell("--json")
    told = json.loads(out)
    assert (code, told["dry_run"], told["registered"]) == (0, False, 44)
    assert told["codes"][0] == "MH-2024-0001"
    assert len(told["codes"]) == 44
    assert told["round"] == Batch.objects.get(pk=told["batch"]).round_id


def test_the_shell_ends_with_1_when_rows_are_left_out(kim_son, shell, tmp_path):
    rows = [line(1, "Xã Hồi Ninh", "Một"), line(2, "Xã Không Có", "Hai")]
    file = tmp_path / "so.xlsx"
    file.write_bytes(workbook(rows))
    code, out = shell("--json", file=file)
    told = json.loads(out)
    assert (code, told["registered"], told["rows"]["wrong"]) == (1, 1, 1)
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
