"""Steps with many models at once, and saved views: what works, and what an attacker tries."""

from typing import Any

import pytest

from banyan.initiatives import bulk
from banyan.initiatives.models import Initiative
from banyan.kernel.errors import Refusal
from banyan.ledger import tasks as jobs
from banyan.ledger.models import Event, Job, JobThing
from banyan.people import saved
from banyan.people.models import Post, SavedView
from tests.initiatives.test_register import REGISTER, register
from tests.world import TODAY

pytestmark = pytest.mark.django_db


def begin(world: Any, who: Any, things: list[int], move: str = "approve") -> Job:
    """A job put down by somebody."""
    actor = world.actor(who)
    job: Job = bulk.begin(actor.unit, move=move, things=things, asked={}, by=actor)
    return job


def finish() -> None:
    """What the worker does."""
    while jobs.work_one():
        pass


def states(*rows: Initiative) -> list[str]:
    """Their states now."""
    found = dict(Initiative.objects.values_list("pk", "submission__state"))
    return [found[row.pk] for row in rows]


def test_all_that_were_found_are_approved_in_one_step_and_each_is_told(world):
    made = [world.initiative, *(register(world, title=f"Mô hình {k}") for k in range(3))]
    client = world.client(world.minh)
    asked = client.get("/initiatives/bulk?move=approve&how=all&period=2024H1")
    assert "4" in asked.context["title"]
    answer = client.post(
        "/initiatives/bulk?move=approve&how=all&period=2024H1", {"n": "4", "key": "k"}
    )
    assert answer.status_code == 303, answer.content.decode()[-2000:]
    finish()
    assert states(*made) == ["approved"] * 4
    job = Job.objects.get()
    assert (job.done, job.refused, job.state) == (4, 0, "done")
    assert Event.objects.filter(verb="submission.moved").count() == 4
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert "hx-get" not in page.content.decode().split('id="job"')[1].split(">")[0]


def test_who_cannot_be_moved_is_named_with_the_reason_and_the_others_go_on(world):
    done, other = register(world, title="Đã duyệt"), world.initiative
    begin(world, world.minh, [done.pk])
    finish()
    job = begin(world, world.minh, [done.pk, other.pk, world.other_initiative.pk])
    finish()
    job.refresh_from_db()
    assert (job.done, job.refused) == (1, 2)
    assert states(world.other_initiative) == ["registered"]
    assert all(thing.why for thing in jobs.refused(job))
    page = world.client(world.minh).get(f"/initiatives/bulk/{job.pk}").content.decode()
    assert "Đã duyệt" in page
    assert world.other_initiative.code not in page


def test_another_number_than_was_confirmed_is_asked_once_more(world):
    url = f"/initiatives/bulk?move=approve&r={world.initiative.pk}"
    answer = world.client(world.minh).post(url, {"n": "7"})
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_the_submitter_approves_none_of_his_own_also_in_bulk(world):
    job = begin(world, world.lan, [world.initiative.pk])
    finish()
    job.refresh_from_db()
    assert job.refused == 1
    assert states(world.initiative) == ["registered"]


def test_a_post_that_ended_meanwhile_does_nothing_more(world):
    job = begin(world, world.minh, [world.initiative.pk])
    Post.objects.filter(person=world.minh).update(valid=("2020-01-01", TODAY.isoformat()))
    finish()
    job.refresh_from_db()
    assert job.refused == 1
    assert states(world.initiative) == ["registered"]


def test_a_stopped_job_begins_nothing_more_and_a_foreign_one_does_not_exist(world):
    made = [world.initiative, register(world, title="Hai")]
    job = begin(world, world.minh, [one.pk for one in made])
    assert jobs.work_one()
    assert world.client(world.hung).get(f"/initiatives/bulk/{job.pk}").status_code == 404
    assert world.client(world.hung).post(f"/initiatives/bulk/{job.pk}/stop").status_code == 404
    assert world.client(world.minh).post(f"/initiatives/bulk/{job.pk}/stop").status_code == 303
    finish()
    job.refresh_from_db()
    assert (job.done, job.state) == (1, "stopped")
    actor = world.actor(world.hung)
    with pytest.raises(Refusal):
        bulk.stop(actor.unit, job=job, by=actor)


def test_what_was_done_in_bulk_is_taken_back_while_there_is_time(world):
    job = begin(world, world.minh, [world.initiative.pk])
    finish()
    answer = world.client(world.minh).post(f"/initiatives/bulk/{job.pk}/undo")
    assert answer.status_code == 303
    finish()
    assert states(world.initiative) == ["registered"]


def test_a_thing_that_breaks_is_refused_and_rolls_back_alone(world, monkeypatch):
    def breaks(job: Job, pk: int) -> None:
        Initiative.objects.filter(pk=pk).update(title="halb")
        raise RuntimeError

    monkeypatch.setitem(jobs.WORKERS, bulk.MOVES, breaks)
    job = begin(world, world.minh, [world.initiative.pk])
    finish()
    assert JobThing.objects.get(job=job).outcome == "refused"
    world.initiative.refresh_from_db()
    assert world.initiative.title != "halb"


def test_nothing_that_weighs_a_record_or_ends_its_life_is_done_unseen(world):
    offered = {m.name for m in bulk.moves_for(world.edition.pack.workflow, world.actor(world.minh))}
    assert {"approve", "send_back"} <= offered
    assert not offered & {"review", "recognise", "withdraw", "not_recognise"}
    answer = world.client(world.minh).get(
        f"/initiatives/bulk?move=withdraw&r={world.initiative.pk}"
    )
    assert answer.status_code == 404


# Saved views --------------------------------------------------------------------------------------


def keep(world: Any, who: Any, name: str, query: str, shared: Any = None) -> SavedView:
    """A view kept by somebody."""
    actor = world.actor(who)
    kept = saved.Kept("initiatives", query, name, shared)
    view: SavedView = saved.keep(actor.unit, kept=kept, by=actor)
    return view


def test_a_view_opens_as_the_address_it_stands_for(world):
    view = keep(world, world.minh, "Của tôi", "state=registered&sort=-title&columns=title,code")
    client = world.client(world.minh)
    answer = client.get(f"{REGISTER}?view={view.pk}")
    assert answer.status_code == 302
    assert "state=registered" in answer["Location"]
    page = client.get(answer["Location"])
    assert [head.key for head in page.context["listing"].columns] == ["title", "code"]
    assert page.context["listing"].views.open.name == "Của tôi"


def test_a_view_shared_to_a_unit_is_seen_there_and_below_and_nowhere_else(world):
    view = keep(world, world.hung, "Chung", "state=registered", world.district)
    seen = {
        name: world.client(getattr(world, name)).get(f"{REGISTER}?view={view.pk}").status_code
        for name in ("lan", "minh", "hoa")
    }
    assert seen == {"lan": 302, "minh": 302, "hoa": 404}
    own = keep(world, world.hung, "Riêng", "q=hoa")
    assert world.client(world.minh).get(f"{REGISTER}?view={own.pk}").status_code == 404
    assert "Riêng" not in world.client(world.minh).get(REGISTER).content.decode()


def test_nobody_shares_beyond_his_reach_nor_changes_the_view_of_another(world):
    with pytest.raises(Refusal):
        keep(world, world.lan, "Lên trên", "", world.district)
    view = keep(world, world.hung, "Chung", "state=registered", world.district)
    client = world.client(world.minh)
    for way in ("", "/drop", "/begin"):
        answer = client.post(f"/views/{view.pk}{way}", {"name": "Đổi tên", "whom": ""})
        assert answer.status_code == 403, way
    view.refresh_from_db()
    assert view.name == "Chung"
    assert world.client(world.hoa).post(f"/views/{view.pk}/drop").status_code == 404


def test_a_view_that_asks_what_is_gone_says_what_was_left_out(world):
    query = "field=economy,thuy_san&mau_sac=do&columns=title,cot_cu&sort=cot_cu"
    view = keep(world, world.minh, "Cũ", query)
    page = world.client(world.minh).get(f"{REGISTER}?view={view.pk}", follow=True)
    text = page.content.decode()
    for gone in ("field=thuy_san", "mau_sac", "cot_cu"):
        assert gone in text
    assert page.context["listing"].form.cleaned_data["field"] == ["economy"]


def test_ones_own_beginning_opens_the_list_until_everything_is_asked_for(world):
    view = keep(world, world.minh, "Đầu ngày", "state=registered")
    client = world.client(world.minh)
    assert client.post(f"/views/{view.pk}/begin").status_code == 303
    assert client.get(REGISTER).status_code == 302
    assert client.get(f"{REGISTER}?view=none").status_code == 200
    assert client.get("/api/initiatives").status_code == 200
    assert client.post(f"/views/{view.pk}/drop").status_code == 303
    assert client.get(REGISTER).status_code == 200


def test_a_view_is_kept_by_its_page_with_what_the_address_asks(world):
    client = world.client(world.minh)
    answer = client.post("/views/new?state=registered&after=xyz", {"name": "Mới", "whom": "own"})
    assert answer.status_code == 303, answer.content.decode()[-1500:]
    view = SavedView.objects.get()
    assert (view.query, view.shared_with) == ("state=registered", world.district)
    again = client.post("/views/new", {"name": "Mới", "whom": ""})
    assert again.status_code == 409
