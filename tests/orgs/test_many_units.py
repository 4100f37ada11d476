"""Many units by one list: founded, renamed, given codes, and all of it taken back."""

from datetime import date

import pytest

from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.orgs.changes import Newcomer, Unfit
from banyan.orgs.coding import Coding, code_many, undo_code_many
from banyan.orgs.many import Founding, Renaming, found_many, undo_found_many
from banyan.orgs.models import Ancestry, Unit
from banyan.orgs.operations import rename
from banyan.people.operations import register_person
from tests.world import TODAY, installer

pytestmark = pytest.mark.django_db
ON = date(2024, 1, 1)


def village(key, parent, name=None, code=""):
    return Founding(key, Newcomer("village", name or f"Thôn {key}", code, scheme="own"), parent)


@pytest.fixture
def founded(world):
    def found(*rows, on=ON, **more):
        by = world.actor(world.an)
        return found_many(world.district, founding=rows, on=on, by=by, **more)

    return found


def test_units_are_founded_under_parents_there_and_parents_of_the_same_list(world, founded):
    commune = Founding("xa", Newcomer("commune", "Xã Mới"), world.district.pk)
    made = founded(village("a", "xa"), commune, village("b", world.commune.pk))
    assert Unit.objects.get(pk=made["a"]).name_on(ON) == "Thôn a"
    below = Ancestry.objects.filter(ancestor=world.district, valid__contains=ON)
    depth = dict(below.filter(unit__in=made.values()).values_list("unit", "depth"))
    assert depth == {made["xa"]: 1, made["a"]: 2, made["b"]: 2}


def test_one_list_is_one_event_that_says_how_many(world, founded):
    founded(village("a", world.commune.pk), village("b", world.commune.pk))
    event = Event.objects.filter(verb="unit.imported").get()
    assert (event.things, event.unit) == (2, world.district.pk)


def test_a_hundred_units_ask_no_more_than_ten_do(world, founded, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        founded(*(village(f"v{n}", world.commune.pk) for n in range(100)))


def test_a_list_of_since_ever_asks_that_parents_stood_since_ever(world, founded):
    with pytest.raises(Refusal):
        founded(village("a", world.commune.pk), on=None)


def test_units_of_since_ever_stand_on_any_day():
    by = installer()
    root = found_many_ever("tinh", None, by)
    made = found_many(root, founding=[village("a", root.pk), village("b", "a")], on=None, by=by)
    past = Ancestry.objects.filter(ancestor=root, valid__contains=date(1950, 1, 1))
    assert set(made.values()) <= set(past.values_list("unit", flat=True))
    assert undo_found_many(root, founded=dict.fromkeys(made.values(), ""), on=None, by=by) == {}
    assert not Unit.objects.filter(pk__in=made.values()).exists()


def found_many_ever(name, parent, by):
    from banyan.orgs.operations import found

    return found(parent, new=Newcomer("province", name), on=None, by=by)


def test_nobody_founds_units_beyond_his_reach(world, founded):
    before = Unit.objects.count()
    with pytest.raises(Refusal) as refused:
        founded(village("a", world.other_commune.pk))
    assert refused.value.status == 403
    assert Unit.objects.count() == before


def test_a_code_in_use_refuses_the_whole_list(world, founded):
    before = Unit.objects.count()
    commune = Founding("xa", Newcomer("commune", "Xã Mới", "W112"), world.district.pk)
    with pytest.raises(Unfit):
        founded(commune, village("a", world.commune.pk))
    assert Unit.objects.count() == before


def test_another_name_holds_from_the_day_and_goes_when_it_is_taken_back(world, founded):
    renaming = Renaming(world.commune.pk, "Xã Đồi Mới", was="Xã Đồi Mẫu")
    founded(renaming=[renaming])
    unit = Unit.objects.get(pk=world.commune.pk)
    assert unit.name_on(ON) == "Xã Đồi Mới"
    assert unit.name_on(date(2023, 12, 31)) == "Xã Đồi Mẫu"
    by = world.actor(world.an)
    assert undo_found_many(world.district, founded={}, renamed=[renaming], on=ON, by=by) == {}
    unit = Unit.objects.get(pk=world.commune.pk)
    assert [one.name for one in unit.all_names] == ["Xã Đồi Mẫu"]
    assert unit.name_on(TODAY) == "Xã Đồi Mẫu"


def undone(world, made, codes=None):
    by = world.actor(world.an)
    founded = {id: (codes or {}).get(key, "") for key, id in made.items()}
    return undo_found_many(world.district, founded=founded, on=ON, by=by)


def test_what_a_list_founded_goes_when_it_is_taken_back(world, founded):
    made = founded(village("a", world.commune.pk, code="A-1"), village("b", "a"))
    assert undone(world, made, {"a": "A-1"}) == {}
    assert not Unit.objects.filter(pk__in=made.values()).exists()
    assert not Ancestry.objects.filter(unit__in=made.values()).exists()


def test_a_unit_at_which_somebody_is_registered_stays_and_so_does_what_it_stands_under(
    world, founded
):
    made = founded(village("a", world.commune.pk), village("b", "a"), village("c", "a"))
    unit = Unit.objects.get(pk=made["b"])
    register_person(unit, name="Đinh Thị Mơ Thử", synthetic=True, by=world.actor(world.an))
    assert set(undone(world, made)) == {made["b"], made["a"]}
    assert set(Unit.objects.filter(pk__in=made.values())) == {
        Unit.objects.get(pk=made["a"]),
        unit,
    }


def test_a_unit_renamed_since_stays(world, founded):
    made = founded(village("a", world.commune.pk))
    unit = Unit.objects.get(pk=made["a"])
    rename(unit, name="Thôn Khác", on=TODAY, by=world.actor(world.an))
    assert set(undone(world, made)) == {made["a"]}


# --- codes ---------------------------------------------------------------------------------------


@pytest.fixture
def coded(world):
    def code(*rows, scheme="so-noi-vu"):
        by = world.actor(world.an)
        return code_many(world.district, codes=rows, scheme=scheme, on=ON, by=by)

    return code


def codes_of(unit, scheme="so-noi-vu"):
    rows = unit.codes.filter(scheme=scheme).order_by("valid")
    return [(row.code, row.valid.lower, row.valid.upper) for row in rows]


def test_codes_hold_from_the_day_and_the_older_ones_end_then(world, coded):
    coded(Coding(world.commune.pk, "X1", was="W111"), scheme="gso")
    found = codes_of(world.commune, "gso")
    assert [(code, last) for code, _first, last in found] == [("W111", ON), ("X1", None)]
    by = world.actor(world.an)
    back = [Coding(world.commune.pk, "X1", was="W111")]
    assert undo_code_many(world.district, codes=back, scheme="gso", on=ON, by=by) == {}
    assert [(code, last) for code, _first, last in codes_of(world.commune, "gso")] == [
        ("W111", None)
    ]


def test_two_units_may_swap_their_codes_in_one_list(world, coded):
    one, other = world.commune, world.sister_commune
    coded(Coding(one.pk, "W112"), Coding(other.pk, "W111"), scheme="gso")
    assert (codes_of(one, "gso")[-1][0], codes_of(other, "gso")[-1][0]) == ("W112", "W111")


def test_a_code_that_another_unit_bears_is_refused_by_its_name(world, coded):
    coded(Coding(world.commune.pk, "01"))
    with pytest.raises(Refusal) as refused:
        coded(Coding(world.sister_commune.pk, "01"))
    assert "Xã Đồi Mẫu" in refused.value.why
    assert codes_of(world.sister_commune) == []


def test_a_code_changed_since_stays(world, coded):
    coded(Coding(world.commune.pk, "01"))
    world.commune.codes.filter(code="01").update(code="02")
    by, back = world.actor(world.an), [Coding(world.commune.pk, "01")]
    left = undo_code_many(world.district, codes=back, scheme="so-noi-vu", on=ON, by=by)
    assert set(left) == {world.commune.pk}
