"""The example: report A's totals, made by operations alone, and marked wherever it shows."""

import csv
import io
import sys
import zipfile
from collections import Counter
from decimal import Decimal
from types import FunctionType
from typing import Any

import docx
import pytest
from django.db import connection
from django.test import Client
from python_calamine import CalamineWorkbook

from banyan.documents.models import Document
from banyan.figures.rollup import Reckoning, read
from banyan.figures.views import place_of
from banyan.initiatives.models import Initiative, Recognition
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.ledger.operation import OPERATIONS
from banyan.ledger.sealer import seal_all, verify
from banyan.orgs.models import Covers, Tree
from banyan.packs.models import Edition
from banyan.people.models import Account, Membership, Person, Post
from banyan.site import demo
from banyan.site.models import Organisation
from banyan.submissions.models import Review, Submission
from tests.world import BACKEND

FIGURES = f"/figures/?programme={demo.PROGRAMME}&place={demo.PLACE}&period={demo.PERIOD.key}"
MARK = "minh họa"
PAPER_MARK = "DỮ LIỆU MINH HỌA"


@pytest.fixture(scope="module")
def reckoning(example: Any) -> Reckoning:
    """Report A's figures as the shell and the page reckon them."""
    pack = Edition.objects.of(demo.PROGRAMME).get().pack
    return read(pack, place_of(demo.PLACE, demo.PERIOD), demo.PERIOD)


@pytest.fixture
def minh(example: Any) -> Client:
    """The browser of the example's reviewer."""
    client = Client(HTTP_ACCEPT_LANGUAGE="vi")
    client.force_login(Account.objects.get(email="minh@vidu.banyan"), backend=BACKEND)
    return client


def body(answer: Any) -> bytes:
    """The whole answer, streamed or not."""
    assert answer.status_code == 200, answer
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


# -- the totals --------------------------------------------------------------------------------


def test_there_are_261_models_of_146_collectives_and_18_individuals(reckoning):
    said = {name: reckoning[name].value for name in ("models", "collectives", "individuals")}
    assert said == {"models": 261, "collectives": 146, "individuals": 18}


def test_7_stand_at_the_city_and_254_at_the_district_by_139_and_18_registrants(reckoning):
    levels = reckoning["models"].parts["level"]
    assert (levels["province"], levels["district"]) == (7, 254)
    assert sum(levels.values()) == 261
    assert reckoning["collectives"].parts["level"]["district"] == 139
    assert reckoning["individuals"].parts["level"]["district"] == 18


def test_185_of_261_are_completed_which_is_70_88_percent(reckoning):
    done = reckoning["completed"]
    assert (done.value, done.base) == (185, 261)
    assert done.percent is not None
    assert done.percent.quantize(Decimal("0.01")) == Decimal("70.88")


def test_2_are_put_forward_for_the_mark(reckoning):
    assert reckoning["put_forward"].value == 2
    assert reckoning["recognised"].value == demo.RECOGNISED


def test_every_figure_opens_to_as_many_records(reckoning, minh):
    for name in ("models", "completed", "put_forward", "recognised"):
        value = reckoning[name]
        assert minh.get(f"{value.opens}&as=json").json()["total"] == value.value, name
        for axis, parts in value.parts.items():
            for part, number in parts.items():
                opened = minh.get(f"{value.part_opens[axis][part]}&as=json").json()
                assert opened["total"] == number, f"{name} {axis} {part}"


# -- made by the operations --------------------------------------------------------------------


def test_every_step_has_its_event(example):
    told = Counter(Event.objects.values_list("verb", flat=True))
    assert set(told) <= set(OPERATIONS)
    assert told["example.begun"] == told["pack.installed"] == told["group.formed"] == 1
    # One register more than are shown: the year before, with which Thanh Trì's is compared.
    assert told["initiative.imported"] == len(demo.REGISTERS) + 1
    assert told["round.opened"] == len(demo.REGISTERS) + 2  # and the half-year review
    assert told["unit.tree_adopted"] == len(Tree)
    assert told["unit.linked"] == Covers.objects.count()
    assert told["person.registered"] == Person.objects.count()
    assert told["post.given"] == Post.objects.count() == len(demo.SIGN_INS)
    assert told["membership.begun"] == Membership.objects.count()
    reviews = Review.objects.filter(kind="review", move="review")
    assert told["submission.reviewed"] == reviews.count() == demo.REVIEWED
    assert told["initiative.recognised"] == Recognition.objects.count() == demo.RECOGNISED
    imported = Event.objects.filter(verb="initiative.imported")
    by_hand = told["initiative.registered"]
    assert sum(event.things for event in imported) + by_hand == Initiative.objects.count()


def test_the_example_makes_rows_nowhere_but_in_an_operation(db, monkeypatch):
    """Whatever table is written to, it is written to while an operation runs."""
    depth, wrapped, outside = [0], 0, []

    def counting(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        words = sql.replace('"', " ").split()
        writes = words[:1] in (["INSERT"], ["UPDATE"], ["DELETE"], ["COPY"])
        if writes and not depth[0]:
            outside.append(sql[:120])
        return execute(sql, params, many, context)

    def within(run: Any) -> Any:
        def running(*given: Any, **named: Any) -> Any:
            depth[0] += 1
            try:
                return run(*given, **named)
            finally:
                depth[0] -= 1

        return running

    runs = {operation.run for operation in OPERATIONS.values()}
    own = [module for name, module in sys.modules.items() if name.startswith("banyan.")]
    for module in own:
        for name, value in vars(module).copy().items():
            if isinstance(value, FunctionType) and value in runs:
                wrapped += 1
                monkeypatch.setattr(module, name, within(value))
    assert wrapped > 8
    with connection.execute_wrapper(counting):
        demo.make_demo()
    assert outside == []


def test_the_ledger_verifies_once_it_is_sealed(own_database):
    demo.make_demo()
    seal_all()
    checked = verify()
    assert checked.problems == []
    assert checked.events == Event.objects.count() > 30


def test_a_second_call_changes_nothing(example):
    before = counts()
    assert demo.make_demo() == example
    assert counts() == before


def test_it_is_made_whole_or_not_at_all(db, monkeypatch):
    before = counts()

    def broken(*_given: Any) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(demo.provinces, "make", broken)
    with pytest.raises(RuntimeError):
        demo.make_demo()
    assert counts() == before


def counts() -> dict[str, int]:
    """How many rows each table holds."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def test_it_is_never_mixed_with_an_organisations_own_records(world):
    Organisation.objects.create(name="Ban Dân vận Suối Mẫu", unit=world.district)
    before = Event.objects.count()
    with pytest.raises(Refusal) as refused:
        demo.make_demo()
    assert refused.value.status == 409
    assert "BANYAN_HOME" in refused.value.mend
    assert Event.objects.count() == before


# -- the mark ----------------------------------------------------------------------------------


def test_every_record_is_synthetic(example):
    for model in (Initiative, Submission, Person):
        assert model.objects.exists()
        assert not model.objects.filter(synthetic=False).exists(), model


def test_names_are_made_up_and_say_so(example):
    signing = {person.name for person in Person.objects.exclude(account=None)}
    assert signing == {one.name for one in demo.SIGN_INS}
    assert all("Mẫu" in name for name in signing)
    assert all(MARK in person.name for person in Person.objects.filter(account=None))
    single = Initiative.objects.filter(registrant__kind="individual")
    names = set(single.values_list("registrant__name", flat=True))
    assert names
    assert all(name.startswith("Công dân minh họa") for name in names)


@pytest.mark.parametrize("path", ["/", "/initiatives/", FIGURES, "/units/", "/reports/"])
def test_every_page_bears_the_mark_on_screen_and_in_print(path, minh):
    said = body(minh.get(path)).decode()
    assert 'class="demo"' in said
    assert 'class="only-print"' in said
    assert "Dữ liệu minh họa" in said


def test_the_register_marks_each_line_and_a_models_page_says_it(minh):
    part = body(minh.get("/initiatives/", headers={"HX-Request": "true"})).decode()
    assert part.count(f"bản ghi {MARK}<") == part.count("data-row") > 0
    one = Initiative.objects.first()
    assert "bản ghi minh họa" in body(minh.get(one.get_absolute_url())).decode()


def test_the_figures_say_that_they_rest_on_synthetic_records(minh):
    assert body(minh.get(FIGURES)).decode().count(MARK) > 2
    assert minh.get(f"{FIGURES}&as=json").json()["synthetic"] is True


def test_a_file_of_the_register_marks_every_line(minh):
    text = body(minh.get("/initiatives/?as=csv")).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert {line["Bản ghi minh họa"] for line in lines} == {"Có"}
    book = CalamineWorkbook.from_filelike(io.BytesIO(body(minh.get("/initiatives/?as=xlsx"))))
    heads, *rows = book.get_sheet_by_index(0).to_python()
    place = heads.index("Bản ghi minh họa")
    assert [row[place] for row in rows] == ["Có"] * (261 + 236 + 2)
    said = minh.get("/api/initiatives").json()["rows"]
    assert {row["synthetic"] for row in said} == {"Có"}


def test_a_record_of_ones_own_is_not_marked_in_files(world):
    said = world.client(world.minh).get("/api/initiatives").json()["rows"]
    assert [row["synthetic"] for row in said] == [""]


def test_the_word_report_bears_the_mark_on_every_page(minh):
    answer = minh.post(f"/reports/new?{FIGURES.partition('?')[2]}", {"language": "vi", "key": "r"})
    assert answer.status_code == 303, body(answer)[-2000:]
    every = minh.get("/api/documents?q=").json()["rows"]
    assert {row["synthetic"] for row in every} == {"Có"}
    newest = Document.objects.filter(media_type__contains="wordprocessing").latest("pk")
    listed = [row for row in every if row["id"] == newest.pk]
    file = body(minh.get(f"/documents/{listed[0]['id']}"))
    assert zipfile.is_zipfile(io.BytesIO(file))
    written = docx.Document(io.BytesIO(file))
    for section in written.sections:
        headers = [section.header]
        if section.different_first_page_header_footer:
            headers.append(section.first_page_header)
        for header in headers:
            texts = "".join(p.text for p in header.paragraphs)
            assert PAPER_MARK in texts.upper()
    assert PAPER_MARK in written.core_properties.comments.upper()
