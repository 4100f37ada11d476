"""Decisions on units: hostile workbooks and packages, everything at one instant, chains of mergers."""

import io
import random
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import docx
import pytest
import xlsxwriter
from django.urls import reverse
from openpyxl import load_workbook

from banyan.documents.models import Document
from banyan.documents.operations import Incoming, keep
from banyan.initiatives.operations import register
from banyan.orgs.carrying import carry_out
from banyan.orgs.changes import Found, Merge, Move, Newcomer, Split
from banyan.orgs.following import Way
from banyan.orgs.models import Placement, Succession, UnitName
from banyan.people.actor import Actor
from banyan.people.models import Person
from banyan.people.operations import appoint, register_person
from banyan.reorganisations.models import Effect, Reorganisation, State
from banyan.submissions.models import Submission
from tests.reorganisations.deciding import (
    DATED,
    ON,
    added,
    begun,
    carried_out,
    looked_at,
    rows_of,
    stepped,
)
from tests.reorganisations.test_workbook import HEAD, book, sent
from tests.threads import together
from tests.world import TODAY, installer

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(world: Any) -> Any:
    """The administrator of the district, in his browser."""
    return world.client(world.an)


# Workbooks ---------------------------------------------------------------------------------------


def workbook(fill: Any, *, visible: bool = True) -> bytes:
    """A workbook whose first sheet `fill` writes; hidden behind an empty one if so said."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    sheet = made.add_worksheet("Bảng 1")
    sheet.write_row(0, 0, HEAD)
    fill(sheet)
    if not visible:
        made.add_worksheet("Trước").activate()
        sheet.hide()
    made.close()
    return out.getvalue()


def bomb() -> bytes:
    """A workbook of which one part unpacks to 300 MB."""
    out = io.BytesIO(workbook(lambda sheet: None))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet2.xml", b" " * 300_000_000)
    return out.getvalue()


DAY_CELL = date(2024, 7, 1)
HOSTILE = {
    "formula": workbook(
        lambda s: s.write_formula(1, 0, '=HYPERLINK("http://x")', None, "giải thể")
    ),
    "merged": workbook(lambda s: s.merge_range(1, 0, 3, 1, "giải thể")),
    "hidden": workbook(lambda s: s.write_row(1, 0, ["giải thể", "W112"]), visible=False),
    "day": workbook(lambda s: s.write_datetime(1, 1, DAY_CELL) or s.write(1, 0, "giải thể")),
    "number": workbook(lambda s: s.write_row(1, 0, ["giải thể", 112])),
    "huge": workbook(lambda s: s.write_row(1, 0, ["giải thể", "W" * 10_000])),
    "id": workbook(lambda s: s.write_row(1, 0, ["giải thể", "#999999999999999999"])),
    "circle": book(
        ["thành lập", "", "Thôn A", "thôn", "", "Thôn B"],
        ["thành lập", "", "Thôn B", "thôn", "", "Thôn A"],
    ),
    "headings": book(["giải thể", "W112"], head=("A", "B")),
    "nul": "Việc,Đơn vị\ngiải thể,W\0\n".encode(),
    "image": b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
    "junk": b"\x00\xff" * 2_000_000,
    "empty zip": b"PK\x05\x06" + b"\0" * 18,
    "many": ("Việc,Đơn vị\n" + "giải thể,W\n" * 30_000).encode(),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_workbook_nobody_honest_sends_is_refused_in_words(officer, kind):
    decision = begun(officer)
    answer = sent(officer, decision, HOSTILE[kind])
    assert answer.status_code == 422, kind
    assert not decision.changes.exists()


def test_a_workbook_that_unpacks_to_far_more_than_it_weighs_is_refused(officer):
    decision = begun(officer)
    assert sent(officer, decision, bomb()).status_code == 422


@pytest.mark.parametrize(
    "row",
    [
        ["thành lập", "", "Xã " + "A" * 10_000, "xã", "", "W11"],
        ["thành lập", "", "Xã A", "xã", "9" * 3_000, "W11"],
        ["đổi tên", "W112", "Xã A", "", "", "", "", "", "N" * 5_000],
    ],
)
def test_a_cell_longer_than_its_column_is_a_problem_in_words(officer, row):
    decision = begun(officer)
    assert sent(officer, decision, book(row)).status_code == 303
    assert len(looked_at(officer, decision)["problems"]) == 1


# Packages ----------------------------------------------------------------------------------------

EVIL = "=cmd|'/c calc'!A1"


def test_no_package_escapes_its_folder_or_runs_in_a_spreadsheet(world, officer):
    for name in ("../../x.txt", "a/b\\c.txt", "same.txt", "same.txt", "\n\u202e.txt", EVIL):
        made = Incoming(name, "text/plain", [name.encode()])
        keep(world.commune, file=made, level=1, by=installer("document.keep"))
    Document.objects.filter(unit=world.commune).update(title=EVIL)
    Person.objects.filter(pk=world.lan.pk).update(name=EVIL)
    answers = {**world.answers, "title": EVIL}
    register(world.commune, round=world.round, answers=answers, by=world.actor(world.lan))
    UnitName.objects.filter(unit=world.commune).update(name="<w:p>&\x0b" + EVIL)
    decision = begun(officer, number=EVIL, signer="<b>&", title_of=EVIL)
    added(officer, decision, "merge", units="W111", into="W112")
    carried_out(officer, decision)
    answer = officer.get(reverse("handover", args=[decision.pk, world.commune.pk]))
    packed = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    names = packed.namelist()
    assert len(names) == len(set(names)) == 11
    for name in names:
        assert name.isprintable()
        assert ".." not in name.split("/")
        assert name.count("/") <= 1
        assert "\\" not in name
    for csv in ("danh-muc.csv", "chuc-vu.csv"):
        lines = packed.read(csv).decode("utf-8-sig").splitlines()
        cells = [cell.strip('"') for line in lines for cell in line.split(",")]
        assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
    cells = load_workbook(io.BytesIO(packed.read("ho-so.xlsx"))).active.iter_rows()
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n", "inlineStr"}
    docx.Document(io.BytesIO(packed.read("bien-ban-ban-giao.docx")))


# At one instant ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_carrying_out_extending_and_throwing_away_at_one_instant_leave_one_of_them_done(world):
    client = world.client(world.an)
    decision = begun(client)
    added(client, decision, "merge", units="W111", into="W112")
    seen = looked_at(client, decision)["at"]
    at = f"/reorganisations/{decision.pk}"
    said = {"on": ON.isoformat(), "seen": seen, "sure": "on"}

    def post(step: str, body: dict[str, Any]) -> Any:
        return lambda: world.client(world.an).post(f"{at}/{step}", body).status_code

    rename = {"unit": "W11", "name": "Huyện Khác"}
    jobs = [post("apply", said), post("add/rename", rename), post("drop", {}), post("look", {})]
    answers = together([*jobs, post("apply", said), post("undo", {})])
    assert all(one in (303, 404, 409, 422) for one in answers), answers
    left = Reorganisation.objects.filter(pk=decision.pk).first()
    applied = left is not None and left.state == State.APPLIED
    assert Succession.objects.exists() == applied
    assert Effect.objects.exists() == applied
    if left is not None and applied:
        assert left.changes.count() == 1


@pytest.mark.django_db(transaction=True)
def test_undoing_at_the_instant_at_which_a_later_decision_is_carried_out_loses_neither(world):
    client = world.client(world.an)
    before = rows_of(DATED)
    first, later = begun(client), begun(client, number="2/NQ", on="2024-08-01")
    added(client, first, "rename", unit="W112", name="Xã Một")
    carried_out(client, first)
    added(client, later, "rename", unit="W112", name="Xã Hai")
    said = {"on": "2024-08-01", "seen": looked_at(client, later)["at"], "sure": "on"}

    def step(held: Reorganisation, name: str, body: dict[str, Any]) -> Any:
        at = f"/reorganisations/{held.pk}/{name}"
        return lambda: world.client(world.an).post(at, body).status_code

    answers = together([step(first, "undo", {}), step(later, "apply", said)])
    assert sorted(answers) == [303, 409]
    if answers[0] == 409:
        assert stepped(client, later, "undo").status_code == 303
        assert stepped(client, first, "undo").status_code == 303
    assert rows_of(DATED) == before


# Chains ------------------------------------------------------------------------------------------


def leaves(unit: int, day: date) -> Iterator[int]:
    """Where a unit's work is on a day, step by step: itself, else its successors, else its parent."""
    places = list(Placement.objects.filter(unit=unit).order_by("valid"))
    if any(day in one.valid for one in places):
        yield unit
        return
    after = Succession.objects.filter(from_unit=unit, on__lte=day).exclude(kind="split")
    over = list(after.values_list("to_unit", flat=True)) or [places[-1].parent_id]
    for one in over:
        yield from leaves(one, day)


def above(unit: int | None, day: date) -> Iterator[int]:
    """A standing unit and all it stands under."""
    while unit is not None:
        yield unit
        unit = Placement.objects.get(unit=unit, valid__contains=day).parent_id


@pytest.mark.parametrize("seed", range(6))
def test_after_a_chain_of_changes_each_officer_sees_what_is_wholly_below_him_and_nothing_else(
    world, seed
):
    """Canary: on each day of the chain, by a walk along the rows themselves, never the closure."""
    dice, on = random.Random(seed), date(2022, 1, 1)
    districts = [world.district.pk, world.other_district.pk]
    standing = [world.commune.pk, world.sister_commune.pk, world.other_commune.pk]
    for n in range(7):
        on += timedelta(days=dice.randint(1, 90))
        one = dice.choice(standing)
        rest = [unit for unit in standing if unit != one]
        kind = dice.choice(["merge", "split", "move"])
        homes = [dice.choice(districts) for _half in range(2)]
        news = [Newcomer("commune", f"Xã {n}.{half}") for half in range(2)]
        if kind == "merge" and rest:
            carry_out([Merge((one,), dice.choice(rest))], Way(on))
            standing = rest
        elif kind == "split":
            halves = [Found(f"h{i}", news[i], homes[i]) for i in range(2)]
            done = carry_out([*halves, Split(one, ("h0", "h1"), "h0")], Way(on))
            standing = [*rest, *done.founded.values()]
        else:
            now = next(u for u in above(one, on) if u in districts)
            other = next(u for u in districts if u != now)
            carry_out([Move(one, other)], Way(on))
    rows = dict(Submission.objects.values_list("pk", "unit"))
    assert len(rows) == 2
    for unit in {world.province.pk, *districts, *standing}:
        who = _reviewer(unit, on)
        for day in (on, TODAY):
            by = Actor.in_first_post(who.account, day)
            seen = set(Submission.objects.visible_to(by).values_list("pk", flat=True))
            due = {
                pk
                for pk, own in rows.items()
                if all(unit in set(above(leaf, day)) for leaf in leaves(own, day))
            }
            assert seen == due, (seed, unit, day)


def _reviewer(unit: int, on: date) -> Any:
    from banyan.orgs.models import Unit
    from banyan.people.models import Role

    home, by = Unit.objects.get(pk=unit), installer()
    role = Role.objects.get(key="dan-van-kheo-reviewer")
    email = f"u{unit}@w.example"
    who = register_person(home, name=f"Người {unit}", email=email, synthetic=True, by=by)
    appoint(home, person=who, role=role, on=on, by=by)
    return who
