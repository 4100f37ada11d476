"""Groups of units: formed from codes, and asked for figures by their key."""

from datetime import date

import pytest
from django.urls import reverse

from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.orgs.models import Group
from banyan.orgs.operations import form_group, merge
from tests.world import TODAY, installer

pytestmark = pytest.mark.django_db
FIGURES = "/figures/?period=2024H1&as=json&place="


@pytest.fixture
def group(world):
    """Two communes of the district, formed by its administrator."""
    units = [world.commune, world.sister_commune]
    return form(world, "hai-xa", units)


def form(world, key, units, name="Hai xã"):
    by = world.actor(world.an)
    return form_group(world.district, key=key, name=name, units=units, on=TODAY, by=by)


def send(world, **words):
    body = {"name": "Hai xã", "key": "hai-xa", "codes": "W111\nW112", **words}
    return world.client(world.an).post(reverse("group_new"), body)


def test_a_group_is_formed_from_a_list_of_codes_and_told_once(world):
    before = Event.objects.count()
    answer = send(world)
    assert answer.status_code == 303
    made = Group.objects.get(key="hai-xa")
    assert set(made.units.all()) == {world.commune, world.sister_commune}
    assert made.unit == world.district
    assert [e.verb for e in Event.objects.order_by("pk")[before:]] == ["group.formed"]


def test_a_code_written_twice_counts_once(world):
    send(world, codes="W111 W112\n W111@2024-01-31")
    assert Group.objects.get(key="hai-xa").units.count() == 2


def test_the_first_wrong_code_is_named_and_the_rest_is_kept(world):
    answer = send(world, codes="W111\nX999\nX000")
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "“X999”" in said
    assert "“X000”" not in said
    assert "W111\nX999" in said
    assert not Group.objects.exists()


def test_a_code_of_another_time_is_explained(world):
    answer = send(world, codes="W111@2010-01-01")
    assert answer.status_code == 422
    assert "01/01/2020" in answer.content.decode()


def test_a_key_that_is_taken_is_refused(world, group):
    answer = send(world)
    assert answer.status_code == 422
    assert "“hai-xa”" in answer.content.decode()
    with pytest.raises(Refusal):
        form(world, "hai-xa", [world.commune])
    assert Group.objects.get() == group


def test_a_group_without_units_is_refused(world):
    with pytest.raises(Refusal):
        form(world, "khong", [])
    assert send(world, codes=" ").status_code == 422


def test_whoever_may_not_reorganise_forms_none(world):
    assert world.client(world.minh).get(reverse("group_new")).status_code == 403
    with pytest.raises(Refusal) as refused:
        form_group(
            world.district,
            key="x",
            name="X",
            units=[world.commune],
            on=TODAY,
            by=world.actor(world.minh),
        )
    assert refused.value.status == 403


def test_figures_are_asked_by_the_key_of_a_group(world, group):
    answer = world.client(world.minh).get(FIGURES + "hai-xa")
    said = answer.json()
    assert said["place"] == {"asked": "hai-xa", "name": "Hai xã"}
    assert said["figures"]["models"]["value"] == 1
    opened = world.client(world.minh).get(said["figures"]["models"]["records"] + "&as=json")
    assert opened.json()["total"] == 1


def test_a_group_with_a_unit_out_of_reach_shows_no_figures(world):
    form(world, "hon-hop", [world.commune, world.other_commune], name="Hỗn hợp")
    answer = world.client(world.minh).get(FIGURES + "hon-hop")
    assert answer.status_code == 403
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Hỗn hợp" not in answer.content.decode()


def test_the_list_shows_the_groups_kept_within_reach_alone(world, group):
    near = world.client(world.minh).get(reverse("groups")).content.decode()
    far = world.client(world.hoa).get(reverse("groups")).content.decode()
    assert "hai-xa" in near
    assert "Xã Đồi Mẫu, Xã Đồng Mẫu" in near
    assert "hai-xa" not in far


class TestItsPage:
    def test_it_names_the_keeper_and_the_units_of_the_day(self, world, group):
        said = world.client(world.minh).get(reverse("group", args=[group.pk])).content.decode()
        for words in ("Hai xã", "hai-xa", "Huyện Suối Mẫu", "Xã Đồi Mẫu", "W112"):
            assert words in said
        assert f"{reverse('figures')}?place=hai-xa" in said

    def test_a_unit_that_has_ended_says_what_became_of_it(self, world, group):
        merge([world.commune], into=world.sister_commune, on=date(2024, 3, 1), by=installer())
        client, url = world.client(world.minh), reverse("group", args=[group.pk])
        said = client.get(url).content.decode()
        assert "Kết thúc. Toàn bộ nhập vào" in said
        assert f"{world.commune.get_absolute_url()}?on=2024-02-29" in said
        assert "Kết thúc" not in client.get(f"{url}?on=2024-02-01").content.decode()
        listed = client.get(reverse("groups")).content.decode()
        assert "Xã Đồi Mẫu (kết thúc ngày 29/02/2024)" in listed

    def test_it_is_not_there_for_whoever_may_not_see_the_keeper(self, world, group):
        url = reverse("group", args=[group.pk])
        assert world.client(world.hoa).get(url).status_code == 404

    def test_it_asks_few_times_however_many_units(
        self, world, group, django_assert_max_num_queries
    ):
        client, url = world.client(world.minh), reverse("group", args=[group.pk])
        client.get(url)
        with django_assert_max_num_queries(12):
            client.get(url)
