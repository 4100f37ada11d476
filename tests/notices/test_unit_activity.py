"""What happened at a unit and below it: only what one's post may see, in words, however much it is."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.documents.models import Level
from banyan.documents.operations import Incoming, keep
from banyan.ledger.models import Event
from banyan.people.models import Person, Role
from banyan.people.operations import appoint
from banyan.submissions.operations import move
from tests.contracts.planting import sow

pytestmark = pytest.mark.django_db


def url(unit: Any, query: str = "") -> str:
    return f"/units/{unit.pk}/activity{query}"


def lines(world: Any, who: Any, unit: Any, query: str = "") -> list[Any]:
    answer = world.client(who).get(url(unit, query))
    assert answer.status_code == 200, answer.content.decode()[:500]
    return list(answer.context["lines"])


def planted(unit: Any, n: int, **more: Any) -> None:
    """Events at a unit, as if somebody had changed a model there."""
    about = {"thing_kind": "initiatives.initiative", "verb": "initiative.amended"}
    at = datetime(2024, 6, 19, 3, tzinfo=UTC)
    Event.objects.bulk_create(
        Event(at=at, unit=unit.pk, thing_id=0, hash="0" * 64, **{**about, **more}) for _ in range(n)
    )


def test_a_line_says_who_did_what_to_which_record_and_leads_there(world):
    move(world.initiative.submission, move="begin", by=world.actor(world.lan))
    newest = lines(world, world.minh, world.commune)[0]
    assert newest.who == world.lan.name
    assert newest.title == world.initiative.title
    assert newest.url == world.initiative.get_absolute_url()
    page = world.client(world.minh).get(url(world.commune)).content.decode()
    assert world.initiative.title in page


def test_at_the_unit_alone_or_below_it_too(world):
    assert world.initiative.title not in [
        line.title for line in lines(world, world.minh, world.district)
    ]
    below = lines(world, world.minh, world.district, "?below=1")
    mine = next(line for line in below if line.title == world.initiative.title)
    assert mine.unit == "Xã Đồi Mẫu"
    assert all(line.title != "Xã Cầu Giả" for line in below)


def test_a_unit_beyond_reach_is_not_open_and_says_why(world):
    for who, unit in ((world.lan, world.district), (world.lan, world.sister_commune)):
        answer = world.client(who).get(url(unit))
        assert answer.status_code == 403
        assert "không xem được hoạt động" in answer.content.decode()
    assert world.client(world.stranger).get(url(world.commune)).status_code == 403
    assert world.client().get(url(world.commune)).status_code == 302


def test_what_the_post_may_not_see_is_left_out(world):
    role = Role.objects.get(key="dan-van-kheo-registrar")
    person = Person.objects.get(pk=world.stranger.pk)
    appoint(world.commune, person=person, role=role, on=world.today, by=world.actor(world.an))
    kinds = {line.said for line in lines(world, world.an, world.commune)}
    assert "giao chức vụ" in " ".join(kinds) or any(
        line.title == person.name for line in lines(world, world.an, world.commune)
    )
    # A registrar has no right to see people.
    seen = lines(world, world.lan, world.commune)
    assert seen
    assert all(line.title != person.name and not line.personal for line in seen)
    chips = world.client(world.lan).get(url(world.commune)).context["chips"]
    assert "people" not in "".join(chip["url"] for chip in chips)
    assert not any(line.personal for line in lines(world, world.lan, world.commune, "?kind=people"))


def test_a_document_above_one_s_clearance_leaves_no_trace(world):
    role = Role.objects.get(key="dan-van-kheo-reviewer")
    Role.objects.filter(pk=role.pk).update(clearance=Level.RESTRICTED)
    file = Incoming("mat.pdf", "application/pdf", [b"%PDF-1.7"])
    made = keep(
        world.commune,
        file=file,
        title="Văn bản hạn chế",
        level=Level.RESTRICTED,
        by=world.actor(world.lan),
    )
    assert made.title in [line.title for line in lines(world, world.minh, world.commune)]
    before = len(lines(world, world.lan, world.commune, "?kind=documents"))
    assert before == 0
    assert made.title not in world.client(world.lan).get(url(world.commune)).content.decode()


def test_showing_people_is_written_in_the_ledger_and_showing_records_is_not(world):
    role = Role.objects.get(key="dan-van-kheo-registrar")
    person = Person.objects.get(pk=world.stranger.pk)
    appoint(world.commune, person=person, role=role, on=world.today, by=world.actor(world.an))
    before = Event.objects.filter(verb="activity.read").count()
    lines(world, world.an, world.commune, "?kind=records")
    assert Event.objects.filter(verb="activity.read").count() == before
    lines(world, world.an, world.commune)
    told = Event.objects.filter(verb="activity.read").get()
    assert (told.account, told.unit) == (world.an.account_id, world.commune.pk)
    assert "activity.read" not in [line.said for line in lines(world, world.an, world.commune)]


def test_kind_and_day_narrow_and_a_torn_question_shows_everything(world):
    planted(world.commune, 3)
    assert len(lines(world, world.minh, world.commune, "?on=2024-06-19")) == 3
    assert lines(world, world.minh, world.commune, "?on=2024-06-18") == []
    assert lines(world, world.minh, world.commune, "?kind=units&on=2024-06-19") == []
    every = len(lines(world, world.minh, world.commune))
    for torn in ("?on=gestern", "?kind=nonsense", "?before=x"):
        assert len(lines(world, world.minh, world.commune, torn)) == every


def test_pages_follow_each_other_without_loss_or_double(world):
    planted(world.commune, 60)
    client, address, seen = world.client(world.minh), url(world.district, "?below=1"), []
    while address:
        answer = client.get(address)
        seen += [line.pk for line in answer.context["lines"]]
        address = answer.context["next_url"]
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) >= 60


def test_the_page_asks_the_database_at_most_eight_times_at_any_length(world):
    client, counted = world.client(world.minh), []
    for n in (5, 500):
        planted(world.sister_commune, n)
        sow(Person, 1, unit=world.commune, mark="Zqk")
        for query in ("", "?below=1", "?below=1&kind=records&on=2024-06-19"):
            client.get(url(world.district, query))
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url(world.district, query)).status_code == 200
            counted.append(len(asked))
            said = "\n".join(one["sql"][:200] for one in asked)
            assert len(asked) <= 8, said
    assert max(counted[3:]) <= max(counted[:3])


def test_the_page_of_a_unit_leads_to_its_activity_where_one_may_look(world):
    address = url(world.commune)
    assert address in world.client(world.minh).get(f"/units/{world.commune.pk}").content.decode()
    assert address not in world.client(world.hoa).get(f"/units/{world.commune.pk}").content.decode()
