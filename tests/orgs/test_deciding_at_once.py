"""Several changes at once: in one decision, and by two officers at the same instant."""

from collections import Counter
from itertools import permutations
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from banyan.kernel.errors import Refusal
from banyan.orgs.changes import Change, Dissolve, Found, Merge, Move, Rename, Split, Unfit
from banyan.orgs.models import (
    Ancestry,
    Covers,
    Placement,
    Succession,
    Unit,
    UnitCode,
    UnitName,
)
from banyan.orgs.operations import cover, found, merge, move
from banyan.people.models import Membership
from banyan.people.operations import enrol
from tests.orgs.country import DAYS, LOOKED_AT, TREES, decided, made, members, newcomer
from tests.orgs.recount import recounted, stored
from tests.threads import together
from tests.world import installer

BY = installer("membership.manage")

KEYS = ["huyen1", "huyen2", "xa1", "xa2", "xa3", "xa4", "thon1", "thon2", "thon3"]
KEY = st.sampled_from(KEYS)


def one_change() -> st.SearchStrategy[tuple[Any, ...]]:
    """A change in keys, to be tied to the units of the country."""
    return st.one_of(
        st.tuples(st.just(Found), KEY, st.sampled_from(["", "8", "9"])),
        st.tuples(st.just(Rename), KEY, st.sampled_from(["", "8", "9"])),
        st.tuples(st.just(Move), KEY, KEY),
        st.tuples(st.just(Merge), KEY, KEY),
        st.tuples(st.just(Split), KEY, KEY, KEY),
        st.tuples(st.just(Dissolve), KEY, KEY),
    )


def tied(drawn: tuple[Any, ...], n: int, country: dict[str, Unit]) -> Change:
    """The change itself."""
    kind, first, *more = drawn
    unit, others = country[first].pk, [country[key].pk for key in more if key in country]
    if kind is Found:
        key = f"new{n}"
        return Found(key, newcomer("commune", key, *more), unit)
    if kind is Rename:
        return Rename(unit, f"Phường {n}", *more)
    if kind is Merge:
        return Merge((unit,), *others)
    if kind is Split:
        return Split(unit, tuple(others), others[0])
    return kind(unit, *others)  # type: ignore[no-any-return]


def told() -> list[Any]:
    """What stands written, in keys instead of ids."""
    keys = dict(Unit.objects.values_list("pk", "source"))
    rows: list[Any] = [
        (keys[a], keys[b], str(valid), depth, sure)
        for a, b, valid, depth, sure in Ancestry.objects.values_list(
            "unit", "ancestor", "valid", "depth", "sure"
        )
    ]
    for model, text in ((UnitName, "name"), (UnitCode, "code"), (Placement, "tree")):
        dated = model._default_manager.values_list("unit", text, "valid")
        rows += [(model.__name__, keys[unit], word, str(valid)) for unit, word, valid in dated]
    links = Succession.objects.values_list("from_unit", "to_unit", "on", "kind")
    rows += [(keys[a], keys[b], str(on), kind) for a, b, on, kind in links]
    linked = Covers.objects.values_list("unit", "covered", "valid")
    rows += [("covers", keys[a], keys[b], str(valid)) for a, b, valid in linked]
    return sorted(map(str, rows))


def outcome(decisions: list[list[Change]]) -> list[Any] | None:
    """What stands written after these decisions, one after another; None if one is refused."""
    with transaction.atomic():
        try:
            for changes in decisions:
                decided(*changes, on=DAYS[3])
            return told()
        except Unfit:
            return None
        finally:
            transaction.set_rollback(True)


def test_changes_whose_order_does_not_matter_come_to_the_same_in_one_decision(db):
    country, compared = made(), Counter()

    @settings(
        max_examples=40,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(st.lists(one_change(), min_size=2, max_size=2))
    def compare(drawn: list[tuple[Any, ...]]) -> None:
        changes = [tied(one, n, country) for n, one in enumerate(drawn)]
        orders = [outcome([[one] for one in order]) for order in permutations(changes)]
        if None in orders or any(order != orders[0] for order in orders):
            compared["order matters"] += 1
            return
        compared["same"] += 1
        assert outcome([changes]) == orders[0]

    compare()
    assert compared["same"] >= 5, compared


# Two officers -------------------------------------------------------------------------------------


def is_sound() -> None:
    """The closure is what a recount finds, in both trees."""
    for tree in TREES:
        assert stored(tree, LOOKED_AT) == recounted(tree, LOOKED_AT)


def test_of_two_officers_who_merge_the_same_unit_at_once_one_hears_why_not(own_database):
    country = made()
    said = together(
        [
            lambda into=into: merge([country["thon1"]], into=country[into], on=DAYS[3], by=BY)
            for into in ("thon2", "thon3", "thon2", "thon3")
        ]
    )
    refused = [one for one in said if isinstance(one, Unfit)]
    assert len(refused) == 3
    assert all(one.status < 500 and one.what and one.mend for one in refused), refused
    [link] = Succession.objects.all()
    assert [one.pk for one in said if isinstance(one, Unit)] == [link.to_unit_id]
    is_sound()


def test_two_officers_decide_at_once_about_different_units_and_both_are_done(own_database):
    country = made()
    said = together(
        [
            lambda: merge([country["xa1"]], into=country["xa2"], on=DAYS[3], by=BY),
            lambda: move(country["xa3"], parent=country["huyen1"], on=DAYS[4], by=BY),
            lambda: found(country["xa4"], new=newcomer("village", "moi"), on=DAYS[2], by=BY),
            lambda: merge([country["chibo1"]], into=country["chibo2"], on=DAYS[3], by=BY),
        ]
    )
    assert all(isinstance(one, Unit) for one in said), said
    is_sound()


def test_two_moves_that_would_meet_in_a_circle_do_not_both_happen(own_database):
    country = made()
    said = together(
        [
            lambda: move(country["huyen1"], parent=country["xa3"], on=DAYS[3], by=BY),
            lambda: move(country["huyen2"], parent=country["xa1"], on=DAYS[3], by=BY),
        ]
    )
    assert sorted(type(one).__name__ for one in said) == ["Unfit", "Unit"]
    is_sound()


def test_nobody_is_enrolled_in_a_cell_that_ends_at_the_same_instant(own_database):
    country = made()
    person = members(country)[-1]
    cell, heir = country["chibo1"], country["chibo2"]
    said = together(
        [
            lambda: merge([cell], into=heir, on=DAYS[3], by=BY),
            lambda: enrol(cell, person=person, kind="party", on=DAYS[2], by=BY),
        ]
    )
    assert isinstance(said[0], Unit)
    assert not Membership.objects.filter(unit=cell, valid__contains=DAYS[3]).exists()
    assert isinstance(said[1], Refusal) or person.memberships.filter(unit=heir).exists()


def test_the_same_link_made_twice_at_once_is_made_once(own_database):
    country = made()
    said = together(
        [
            lambda: cover(country["chibo1"], covered=country["thon3"], on=DAYS[1], by=BY)
            for _officer in range(3)
        ]
    )
    assert Counter(type(one).__name__ for one in said) == {"Unit": 1, "Refusal": 2}
    assert Covers.objects.filter(covered=country["thon3"], unit=country["chibo1"]).count() == 1
