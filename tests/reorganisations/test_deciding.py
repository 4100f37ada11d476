"""An officer writes a decision on units down: its head, its changes, one form for each."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from banyan.orgs.changes import Newcomer
from banyan.orgs.operations import found
from banyan.reorganisations.models import Change, Reorganisation
from tests.reorganisations.deciding import ON, added, begun, head, looked_at, page, stepped
from tests.world import SINCE, installer

pytestmark = pytest.mark.django_db


def said_by(decision):
    return [(row.verb, row.told) for row in decision.changes.order_by("position")]


class TestTheHead:
    def test_a_decision_is_begun_with_its_paper(self, world, officer):
        paper = SimpleUploadedFile("nghi-quyet.pdf", b"%PDF-1.4 synthetic", "application/pdf")
        decision = begun(officer, file=paper)
        assert decision.document.filename == "nghi-quyet.pdf"
        assert decision.document.unit == decision.unit == world.district
        said = page(officer, decision)
        for words in ("12/NQ-HĐND", "Sắp xếp các xã", "01/07/2024", "nghi-quyet.pdf"):
            assert words in said

    def test_what_was_typed_is_kept_when_a_day_is_wrong(self, officer):
        answer = officer.post("/reorganisations/new", head(on="0024-07-01"))
        assert answer.status_code == 422
        assert "12/NQ-HĐND" in answer.content.decode()
        assert not Reorganisation.objects.exists()

    def test_begun_from_a_unit_it_goes_on_to_the_form_of_the_change(self, world, officer):
        asked = f"?verb=merge&unit={world.commune.pk}&on={ON}"
        form = officer.get(f"/reorganisations/new{asked}").content.decode()
        assert f'value="{world.commune.pk}"' in form
        answer = officer.post("/reorganisations/new", head(verb="merge", unit=world.commune.pk))
        assert answer["Location"].endswith("/add/merge?units=W111")
        assert "W111" in officer.get(answer["Location"]).content.decode()

    def test_the_head_can_be_changed_and_its_effects_are_looked_at_again(self, world, officer):
        decision = begun(officer)
        added(officer, decision, "rename", unit="W111", name="Xã Mới")
        looked_at(officer, decision)
        answer = stepped(officer, decision, "amend", **head(number="13/NQ-HĐND", on="2024-08-01"))
        assert answer.status_code == 303
        assert (decision.number, decision.on) == ("13/NQ-HĐND", date(2024, 8, 1))
        assert decision.preview is None

    def test_two_taps_begin_one_decision(self, officer):
        for _tap in range(2):
            assert officer.post("/reorganisations/new", head(key="k-1")).status_code == 303
        assert Reorganisation.objects.count() == 1

    def test_a_program_begins_one_by_json_too(self, officer):
        body = head()
        answer = officer.post("/reorganisations/new", body, content_type="application/json")
        assert answer.status_code == 201
        pk = answer.json()["id"]
        told = {"units": "W111\nW112", "name": "Phường Mới", "code": "W119"}
        where = f"/api/reorganisations/{pk}/add/merge"
        answer = officer.post(where, told, content_type="application/json")
        assert answer.status_code == 201, answer.content
        assert Change.objects.filter(reorganisation=pk).count() == 2
        listed = officer.get("/api/reorganisations").json()["rows"]
        assert [(row["number"], row["changes"]) for row in listed] == [("12/NQ-HĐND", 2)]


class TestTheSevenForms:
    def test_units_merge_into_a_new_one_like_the_first_of_them(self, world, officer):
        decision = begun(officer)
        added(officer, decision, "merge", units="W111\nXã Đồng Mẫu", name="Phường Mới", code="9")
        (first, new), (second, merge) = said_by(decision)
        assert (first, second) == ("found", "merge")
        assert new["parent"] == world.district.pk
        assert (new["new"]["kind"], new["new"]["code"]) == ("commune", "9")
        assert merge == {
            "units": [world.commune.pk, world.sister_commune.pk],
            "into": new["key"],
        }
        said = page(officer, decision)
        assert "Phường Mới (mới)" in said
        assert f"/units/{world.commune.pk}?on=2024-06-30" in said

    def test_units_merge_into_one_that_there_is(self, world, officer):
        decision = begun(officer)
        added(officer, decision, "merge", units="xa doi mau", into="W112")
        assert said_by(decision) == [
            ("merge", {"units": [world.commune.pk], "into": world.sister_commune.pk})
        ]

    def test_a_merger_goes_to_one_place_only(self, officer):
        decision = begun(officer)
        for told in ({}, {"into": "W112", "name": "Phường Mới"}):
            body = {"units": "W111", **told}
            answer = officer.post(f"/reorganisations/{decision.pk}/add/merge", body)
            assert answer.status_code == 422
            assert "W111" in answer.content.decode()
        assert said_by(decision) == []

    def test_a_unit_is_divided_among_new_ones_and_one_that_there_is(self, world, officer):
        decision = begun(officer)
        into = "mới: Xã Một; ; W5\nnew: Phường Hai\nW112"
        added(officer, decision, "split", unit="W111", into=into, heir="Xã Một")
        *founded, (verb, told) = said_by(decision)
        assert [one["new"]["name"] for _verb, one in founded] == ["Xã Một", "Phường Hai"]
        assert [one["new"]["code"] for _verb, one in founded] == ["W5", ""]
        assert all(one["parent"] == world.district.pk for _verb, one in founded)
        assert verb == "split"
        assert told["into"] == ["Xã Một", "Phường Hai", world.sister_commune.pk]
        assert told["heir"] == "Xã Một"

    def test_a_part_leaves_and_the_unit_goes_on(self, world, officer):
        decision = begun(officer)
        added(officer, decision, "split", unit="W111", into="W112", stays="on")
        assert said_by(decision)[0][1]["stays"] is True
        assert "phần còn lại vẫn là" in page(officer, decision)

    def test_a_unit_is_founded_under_one_that_the_same_decision_founds(self, world, officer):
        decision = begun(officer)
        added(officer, decision, "found", name="Xã Một", kind="commune", parent="W11")
        added(officer, decision, "found", name="Thôn Một", kind="village", parent="xã một")
        assert said_by(decision)[1][1]["parent"] == "Xã Một"

    def test_units_are_moved_renamed_raised_and_dissolved(self, world, officer):
        decision = begun(officer)
        added(officer, decision, "move", units="W1111", parent="W112")
        added(officer, decision, "rename", unit="W112", name="Xã Khác", code="W8", decision="3/NQ")
        added(officer, decision, "upgrade", unit="W112", name="Phường Khác")
        added(officer, decision, "dissolve", units="W111", heir="W112")
        commune, sister, village = (
            world.commune.pk,
            world.sister_commune.pk,
            world.village.pk,
        )
        renamed = {"unit": sister, "name": "Xã Khác", "code": "W8", "decision": "3/NQ"}
        assert said_by(decision) == [
            ("move", {"unit": village, "parent": sister, "tree": "state", "decision": ""}),
            ("rename", renamed),
            ("upgrade", {**renamed, "name": "Phường Khác", "code": "", "decision": ""}),
            ("dissolve", {"unit": commune, "heir": sister}),
        ]
        assert "(Nghị quyết 3/NQ)" in page(officer, decision)

    def test_a_name_nobody_bears_is_told_with_what_is_near(self, world, officer):
        decision = begun(officer)
        body = {"units": "W111\nXã Không Có\nMẫu", "name": "Phường Mới"}
        answer = officer.post(f"/reorganisations/{decision.pk}/add/merge", body)
        said = answer.content.decode()
        assert answer.status_code == 422
        assert "Xã Không Có" in said
        assert "W112 Xã Đồng Mẫu (Huyện Suối Mẫu, Tỉnh Thử Nghiệm)" in said
        assert "Phường Mới" in said

    def test_of_several_with_one_name_the_one_above_decides(self, world, officer, chief):
        for parent, code in ((world.district, "T1"), (world.other_district, "T2")):
            new = Newcomer("commune", "Xã Tân Lập", code)
            found(parent, new=new, on=SINCE, by=installer())
        client = world.client(chief)
        decision = begun(client)
        url = f"/reorganisations/{decision.pk}/add/rename"
        answer = client.post(url, {"unit": "Xã Tân Lập", "name": "Xã Khác"})
        assert answer.status_code == 422
        assert "T1 Xã Tân Lập" in answer.content.decode()
        added(client, decision, "rename", unit="Xã Tân Lập, Huyện Sông Giả", name="Xã Khác")
        added(client, decision, "rename", unit="T1@2024-01-01", name="Xã Khác Nữa")
        assert decision.changes.count() == 2

    def test_a_change_is_taken_out_but_not_the_founding_of_what_others_name(self, world, officer):
        decision = begun(officer)
        added(officer, decision, "merge", units="W111\nW112", name="Phường Mới")
        refused = stepped(officer, decision, "take-out", position=1)
        assert refused.status_code == 422
        assert "Phường Mới" in refused.content.decode()
        assert stepped(officer, decision, "take-out", position=2).status_code == 303
        assert stepped(officer, decision, "take-out", position=2).status_code == 409
        assert stepped(officer, decision, "take-out", position=1).status_code == 303
        assert said_by(decision) == []


class TestThePage:
    def test_changes_are_found_by_the_name_or_code_of_a_unit(self, world, officer):
        decision = begun(officer)
        added(officer, decision, "merge", units="W111", name="Phường Mới")
        added(officer, decision, "rename", unit="W112", name="Xã Khác")
        for words, found_lines in (
            ("doi mau", {2}),
            ("W112", {3}),
            ("moi", {1, 2}),
            ("abc", set()),
        ):
            said = page(officer, decision, f"?q={words}")
            assert {n for n in (1, 2, 3) if f'id="c{n}"' in said} == found_lines, words
        said = page(officer, decision, "?verb=rename")
        assert 'id="c3"' in said
        assert 'id="c1"' not in said

    def test_many_changes_are_shown_page_by_page(self, world, officer):
        decision = begun(officer)
        for n in range(26):
            added(officer, decision, "move", units="W111\nW112", parent="W11", decision=str(n))
        first = page(officer, decision)
        assert 'id="c50"' in first
        assert 'id="c51"' not in first
        assert 'id="c51"' in page(officer, decision, "?after=50")

    def test_a_draft_is_thrown_away(self, officer):
        decision = begun(officer)
        assert stepped(officer, decision, "drop")["Location"] == "/reorganisations/"
        assert not Reorganisation.objects.exists()


class TestWhoMay:
    def test_who_may_not_reorganise_sees_none_of_it(self, world, officer):
        decision = begun(officer)
        for who in (world.lan, world.minh, world.stranger):
            client = world.client(who)
            for path in ("", "new", f"{decision.pk}", f"{decision.pk}/add/merge"):
                assert client.get(f"/reorganisations/{path}").status_code in (302, 403, 404)

    def test_a_decision_of_another_district_does_not_exist(self, world, officer, neighbour):
        decision = begun(officer)
        client = world.client(neighbour)
        assert client.get(f"/reorganisations/{decision.pk}").status_code == 404
        assert stepped(client, decision, "look").status_code == 404
        assert decision.number not in client.get("/reorganisations/").content.decode()

    def test_a_unit_beyond_ones_reach_is_refused_when_it_is_named(self, world, officer):
        decision = begun(officer)
        answer = officer.post(
            f"/reorganisations/{decision.pk}/add/rename", {"unit": "W121", "name": "Xã Khác"}
        )
        assert answer.status_code == 403
        assert "Xã Cầu Giả" in answer.content.decode()
        assert said_by(decision) == []

    def test_the_reform_is_offered_only_over_the_shipped_tree(self, officer):
        assert "/reorganisations/reform" not in officer.get("/reorganisations/").content.decode()
        answer = officer.post("/reorganisations/reform")
        assert answer.status_code == 422
        assert not Reorganisation.objects.exists()


def test_a_paper_is_not_dated_after_the_day_it_is_entered(officer):
    answer = officer.post("/reorganisations/new", head(decided_on="2024-06-21"))
    assert answer.status_code == 422
    assert "ở sau hôm nay" in answer.content.decode()
