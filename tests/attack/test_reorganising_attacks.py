"""Decisions on units in hostile hands: beyond one's reach, across trees, stale, too long, undone."""

import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.kernel.errors import Refusal
from banyan.orgs import ancestry
from banyan.orgs.carrying import carry_out
from banyan.orgs.changes import Dissolve, Found, Merge, Move, Newcomer, Rename, Unfit
from banyan.orgs.following import Way
from banyan.orgs.models import Ancestry, Placement, Tree, UnitCode
from banyan.orgs.operations import form_group, found
from banyan.people.models import Post, Role
from banyan.people.operations import appoint, enrol, register_person
from banyan.reorganisations import operations
from banyan.reorganisations.models import Change, Reorganisation, State
from tests.reorganisations.deciding import (
    DATED,
    ON,
    added,
    begun,
    carried_out,
    looked_at,
    page,
    rows_of,
    stepped,
)
from tests.world import SINCE, TODAY, installer

pytestmark = pytest.mark.django_db
STEPS = ("amend", "look", "apply", "undo", "close", "drop", "take-out", "workbook")


@pytest.fixture
def officer(world: Any) -> Any:
    """The administrator of the district, who may place records too, in his browser."""
    role = Role.objects.get(key="administrator")
    role.capabilities.append("submission.place")
    role.save()
    return world.client(world.an)


def appointed(home: Any, name: str, *, tree: str = Tree.STATE, without: str = "") -> Any:
    """A new administrator at a unit, in a tree; without one of the rights if so said."""
    by, role = installer(), Role.objects.get(key="administrator")
    if without:
        rights = [one for one in role.capabilities if one != without]
        role = Role.objects.create(key=f"no-{name}", source="tests", capabilities=rights)
    email = f"{name}@world.example"
    who = register_person(home, name=f"Người {name}", email=email, synthetic=True, by=by)
    appoint(home, person=who, role=role, on=SINCE, tree=tree, by=by)
    return who


def cause(decision: Reorganisation, *changes: Any) -> Reorganisation:
    """Changes put into a decision past every form, as a forged or older draft would hold them."""
    first = decision.changes.count() + 1
    for place, one in enumerate(changes, first):
        Change.of(one, reorganisation=decision, position=place).save()
    return decision


def what(told: dict[str, Any]) -> list[str]:
    """What stands in the way."""
    return [one["what"] for one in told["problems"]]


# Rights ------------------------------------------------------------------------------------------


def test_a_draft_of_a_low_unit_with_high_changes_does_nothing_above_it(world, officer):
    for change in (
        Rename(world.province.pk, "Tỉnh Khác"),
        Rename(world.other_district.pk, "Huyện Khác"),
        Move(world.commune.pk, world.other_district.pk),
        Merge((world.commune.pk,), world.other_commune.pk),
        Dissolve(world.village.pk, world.other_commune.pk),
        Found("x", Newcomer("district", "Huyện Lạ"), world.province.pk),
        Found("x", Newcomer("province", "Tỉnh Lạ"), None),
    ):
        decision = cause(begun(officer), change)
        before = rows_of(DATED)
        told = looked_at(officer, decision)
        assert len(told["problems"]) == 1, change
        said = {"on": ON.isoformat(), "seen": told["at"], "sure": "on"}
        assert stepped(officer, decision, "apply", **said).status_code == 403, change
        assert rows_of(DATED) == before
        assert decision.state == State.DRAFT


def test_nothing_of_another_districts_decision_can_be_seen_or_done(world, officer):
    decision = begun(officer, number="BI-MAT-7/NQ")
    added(officer, decision, "merge", units="W111", into="W112")
    carried_out(officer, decision)
    at = f"/reorganisations/{decision.pk}"
    elsewhere = world.client(appointed(world.other_district, "neighbour"))
    below = world.client(appointed(world.sister_commune, "below"))
    for client in (elsewhere, below):
        for address in (
            at,
            f"{at}/handover",
            f"{at}/handover/{world.commune.pk}",
            f"{at}/template",
        ):
            assert client.get(address).status_code == 404, address
            assert client.get(f"/api{address}").status_code == 404, address
        for step in (*STEPS, "add/merge", "add/found"):
            assert client.post(f"{at}/{step}", {"sure": "on"}).status_code == 404, step
        for address in ("/reorganisations/", "/api/reorganisations", "/reorganisations/?q=BI-MAT"):
            assert "BI-MAT-7/NQ" not in client.get(address).content.decode().replace("q=BI", "")
    decision.refresh_from_db()
    assert decision.state == State.APPLIED


def test_who_has_no_post_is_let_into_none_of_the_new_pages(world, officer):
    decision, stranger, nobody = begun(officer), world.client(world.stranger), world.client()
    at = f"/reorganisations/{decision.pk}"
    shown = ["/reorganisations/", "/reorganisations/new", "/reorganisations/reform", "/placing/"]
    shown += [at, f"{at}/handover", f"{at}/handover/{world.commune.pk}", f"{at}/template"]
    for address in (*shown, *(f"{at}/{step}" for step in STEPS)):
        assert stranger.get(address).status_code in (403, 404), address
        assert nobody.get(address).status_code in (302, 403, 404), address
        assert stranger.post(address).status_code in (403, 404, 405), address
        assert nobody.post(address).status_code in (302, 403, 404, 405), address
    assert Reorganisation.objects.get().state == State.DRAFT


@pytest.fixture
def both(world: Any) -> Any:
    """The sister commune stands in the Party tree too; whose officer is returned with its top."""
    new = Newcomer("committee", "Đảng bộ tỉnh", tree=Tree.PARTY)
    top = found(None, new=new, on=SINCE, by=installer())
    Placement.objects.create(
        unit=world.sister_commune, tree=Tree.PARTY, parent=top, valid=(SINCE, None)
    )
    ancestry.rebuild_below([world.sister_commune.pk], Tree.PARTY)
    return top, appointed(top, "party", tree=Tree.PARTY)


def test_an_officer_of_one_tree_ends_no_unit_that_stands_in_another_tree_too(world, officer, both):
    for client in (officer, world.client(both[1])):
        decision = begun(client)
        refused = client.post(f"/reorganisations/{decision.pk}/add/dissolve", {"units": "W112"})
        assert refused.status_code == 403
        told = looked_at(client, cause(decision, Dissolve(world.sister_commune.pk)))
        assert what(told) == [
            "Một số thay đổi thuộc hệ thống tổ chức khác với hệ thống của chức vụ bạn đang giữ."
        ]


def test_an_officer_of_the_state_founds_and_moves_nothing_in_the_party_tree(world, officer, both):
    sister = world.sister_commune.pk
    cell = Found("c", Newcomer("cell", "Chi bộ Lạ", tree=Tree.PARTY), sister)
    for change in (cell, Move(sister, world.commune.pk, Tree.PARTY)):
        told = looked_at(officer, cause(begun(officer), change))
        assert len(told["problems"]) == 1
    assert not Placement.objects.filter(tree=Tree.PARTY, parent=sister).exists()


def test_posts_pass_on_only_by_who_may_give_posts(world):
    keeper = world.client(appointed(world.district, "keeper", without="post.appoint"))
    decision = begun(keeper, posts="pass")
    added(keeper, decision, "merge", units="W111", into="W112")
    assert what(looked_at(keeper, decision)) == ["Bạn không được chuyển tiếp các chức vụ này."]
    assert stepped(keeper, decision, "amend", **_head("end")).status_code == 303
    assert looked_at(keeper, decision)["problems"] == []


def _head(posts: str) -> dict[str, Any]:
    return {"number": "1", "decided_on": "2024-06-10", "on": ON.isoformat(), "posts": posts}


def test_no_package_is_handed_to_who_may_not_see_records(world, officer):
    decision = begun(officer)
    added(officer, decision, "merge", units="W111", into="W112")
    carried_out(officer, decision)
    blind = world.client(appointed(world.district, "blind", without="submission.view"))
    address = f"/reorganisations/{decision.pk}/handover/{world.commune.pk}"
    assert blind.get(address).status_code == 403
    assert officer.get(address).status_code == 200


# Two tabs, stale pages, undoing ------------------------------------------------------------------


def test_a_step_with_a_draft_that_was_thrown_away_meanwhile_is_refused_in_words(world, officer):
    decision, by = begun(officer), world.actor(world.an)
    stale = Reorganisation.objects.get(pk=decision.pk)
    operations.drop(decision, by=by)
    for step in (operations.drop, operations.undo, operations.close):
        with pytest.raises(Refusal) as no:
            step(stale, by=by)
        assert no.value.status == 409


def test_undoing_that_would_close_a_circle_with_a_later_decision_is_refused(world, officer):
    first = begun(officer)
    added(officer, first, "move", units="W1111", parent="W112")
    carried_out(officer, first)
    later = begun(officer, number="2/NQ", on="2024-08-01")
    added(officer, later, "move", units="W111", parent="W1111")
    carried_out(officer, later)
    before = rows_of(DATED)
    assert stepped(officer, first, "undo").status_code == 409
    assert rows_of(DATED) == before
    assert stepped(officer, later, "undo").status_code == 303
    assert stepped(officer, first, "undo").status_code == 303


def test_a_sending_that_was_carried_out_and_undone_is_not_done_again_by_the_same_page(officer):
    decision = begun(officer)
    added(officer, decision, "merge", units="W111", into="W112")
    told = looked_at(officer, decision)
    said = {"on": ON.isoformat(), "seen": told["at"], "sure": "on"}
    assert stepped(officer, decision, "apply", **said, key="one").status_code == 303
    assert stepped(officer, decision, "undo", key="two").status_code == 303
    stepped(officer, decision, "apply", **said, key="one")
    assert stepped(officer, decision, "apply", **said, key="three").status_code == 409
    assert decision.state == State.DRAFT


@pytest.mark.parametrize("entered", ["group", "member", "post", "decision"])
def test_undoing_loses_nothing_that_was_entered_at_a_founded_unit(world, officer, entered):
    decision, by = begun(officer), installer("membership.manage")
    added(officer, decision, "found", name="Xã Mới", kind="commune", parent="W11", code="W113")
    carried_out(officer, decision)
    new = UnitCode.objects.get(code="W113").unit
    if entered == "group":
        form_group(world.district, key="khoi", name="Khối", units=[new], on=ON, by=by)
    elif entered == "member":
        enrol(new, person=world.lan, kind="party", on=ON, by=by)
    elif entered == "post":
        role = Role.objects.get(key="administrator")
        appoint(new, person=world.lan, role=role, on=ON, by=by)
    else:
        facts = operations.Facts("9/NQ", ON, ON)
        operations.draft(new, facts=facts, by=installer())
    before = rows_of(DATED)
    assert stepped(officer, decision, "undo").status_code == 409
    assert rows_of(DATED) == before


def test_an_officer_whose_own_post_ends_by_what_he_carries_out_is_told_so_and_has_no_right(world):
    client = world.client(appointed(world.commune, "short"))
    chief = world.client(world.an)
    assert client.get("/reorganisations/").status_code == 200
    decision = begun(chief, on="2024-06-10")
    added(chief, decision, "merge", units="W111", into="W112")
    carried_out(chief, decision)
    assert client.post("/reorganisations/new", {}).status_code == 409
    assert client.get("/reorganisations/").status_code == 403
    assert not Post.objects.held_on(TODAY).filter(unit=world.commune).exists()


# Bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("into", "words"),
    [
        ("mới: Xã " + "A" * 300, "dài nhất 200"),
        ("mới: Xã " + "한" * 150, "dài nhất 200"),
        ("mới: Xã B; xã; " + "9" * 60, "dài nhất 40"),
    ],
)
def test_what_is_longer_than_its_column_is_a_problem_in_words_and_no_fault(officer, into, words):
    decision = begun(officer)
    added(officer, decision, "split", unit="W111", into=f"{into}\nW112", heir="W112")
    assert words in what(looked_at(officer, decision))[0]


@pytest.mark.parametrize("name", ["\u200b", "…", "\u202e\u2066", "---"])
def test_a_name_that_nobody_can_read_is_no_name(officer, name):
    decision = begun(officer)
    added(officer, decision, "found", name=name, kind="village", parent="W111")
    assert what(looked_at(officer, decision)) == ["Đơn vị phải có tên."]


def test_a_code_on_two_lines_is_refused(officer):
    decision = begun(officer)
    added(officer, decision, "found", name="Xã Mới", kind="village", parent="W111", code="a\nb")
    assert "trên một dòng" in what(looked_at(officer, decision))[0]


@pytest.mark.parametrize("code", ['W"; x="1', "a/../b", "a\nb", "Mã số một", "=1+1", ".."])
def test_whatever_the_code_of_a_unit_the_name_of_its_package_is_plain(world, officer, code):
    UnitCode.objects.filter(unit=world.sister_commune).update(code=code)
    decision = begun(officer)
    added(officer, decision, "merge", units=f"#{world.sister_commune.pk}", into="W111")
    carried_out(officer, decision)
    address = f"/reorganisations/{decision.pk}/handover/{world.sister_commune.pk}"
    said = officer.get(address).headers["Content-Disposition"]
    named = said.removeprefix('attachment; filename="').removesuffix('.zip"')
    assert named.isascii()
    assert not set(named) & set('"/\\;= \r\n')


def test_thousands_of_lines_that_name_nothing_are_answered_at_once(officer):
    decision, began = begun(officer), time.monotonic()
    lines = {"units": "\n".join(f"x{n}" for n in range(3_000)), "unit": "W111"}
    for verb in ("dissolve", "move", "merge", "split"):
        said = {**lines, "into": lines["units"] if verb == "split" else "W112", "parent": "W112"}
        with CaptureQueriesContext(connection) as asked:
            answer = officer.post(f"/reorganisations/{decision.pk}/add/{verb}", said)
        assert answer.status_code == 422, verb
        assert len(asked) < 400, verb
    assert time.monotonic() - began < 60
    assert not decision.changes.exists()


def test_units_that_are_founded_under_each_other_are_told_as_a_circle(world):
    def new(name: str) -> Newcomer:
        return Newcomer("village", name)

    pair = [Found("a", new("Thôn A"), "b"), Found("b", new("Thôn B"), "a")]
    for changes in (pair, [Found("a", new("Thôn A"), "a")]):
        with pytest.raises(Unfit):
            carry_out(changes, Way(ON))
    assert not Ancestry.objects.filter(unit__names__name__startswith="Thôn A").exists()


DAYS = ("0001-01-01", "9999-12-31", "10000-01-01", "2024-02-30", "20240101", "x", "\u202e", "")


@pytest.mark.parametrize("day", DAYS)
def test_no_day_breaks_a_page(world, officer, day):
    decision = begun(officer)
    added(officer, decision, "merge", units="W111", into="W112")
    carried_out(officer, decision)
    pages = (
        f"/units/{world.commune.pk}", "/units/", "/figures/", "/placing/", "/initiatives/",
        "/rounds/", f"/reorganisations/{decision.pk}/handover", "/api/figures", "/api/placing",
    )  # fmt: skip
    for address in pages:
        for asked in (
            {"as_of": day}, {"on": day}, {"as_of": day, "place": "W111", "state": "placed"},
            {"reading": day}, {"place": f"W111@{day}"}, {"below": f"~{day}"}, {"unplaced": day},
        ):  # fmt: skip
            assert officer.get(address, asked).status_code in (200, 400, 404, 422), (address, asked)


def test_hostile_words_stand_as_text_on_every_page_of_a_decision(world, officer):
    evil = "<script>alert(1)</script>{{7*7}}{unit}%(n)d"
    decision = begun(officer, number=evil, title_of=evil, signer=evil)
    added(officer, decision, "found", name=evil, kind="village", parent="W111", code="<b>c</b>")
    added(officer, decision, "rename", unit="W111", name=f"Xã {evil}", decision=evil)
    added(officer, decision, "merge", units="W112", into="W111")
    carried_out(officer, decision)
    at, place = f"/reorganisations/{decision.pk}", f"/units/{world.commune.pk}?on=2024-08-01"
    lists = (
        "/reorganisations/",
        f"{at}/handover",
        place,
        "/units/",
        "/units/?q=script",
        "/placing/",
    )
    for address in (*lists, f"{place}&tree=state", f"{at}/undo", f"{at}/close"):
        answer = officer.get(address)
        assert answer.status_code == 200, address
        said = answer.content.decode()
        assert "<script>alert" not in said, address
        assert "<b>c</b>" not in said, address
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page(officer, decision)
    assert "49{unit}" not in page(officer, decision)
