"""The closure of one tree: what stands under what, after founding and moving, on each day.

That it stays true whatever officers decide in whatever order: `test_reorganising.py`.
"""

from datetime import date
from typing import Any

import pytest
from django.db import transaction

from banyan.kernel.errors import Refusal
from banyan.orgs import ancestry
from banyan.orgs.changes import Newcomer
from banyan.orgs.models import Ancestry, Placement, Tree, Unit
from banyan.orgs.operations import found, merge, move
from tests.orgs.country import DAYS, LOOKED_AT, TREES, made
from tests.orgs.recount import Stands, recounted, stored
from tests.world import installer

pytestmark = pytest.mark.django_db


def stored_on(day: date) -> Stands:
    """What stands on one day."""
    return stored(Tree.STATE, [day])[day][0]


def three() -> list[Any]:
    """A unit, one under it, one under that."""
    made: list[Any] = [None]
    for n in range(3):
        new = Newcomer("commune", f"Đơn vị {n}")
        made.append(found(made[-1], new=new, on=DAYS[0], by=installer()))
    return made[1:]


def test_a_unit_cannot_be_put_under_one_that_stands_below_it():
    top, _middle, bottom = three()
    before = stored_on(DAYS[3])
    with pytest.raises(Refusal), transaction.atomic():
        move(top, parent=bottom, on=DAYS[2], by=installer())
    assert stored_on(DAYS[3]) == before
    assert Placement.objects.filter(unit=top).count() == 1


def test_what_stood_before_a_move_is_read_as_it_was():
    top, middle, bottom = three()
    other = found(None, new=Newcomer("district", "Nơi khác"), on=DAYS[0], by=installer())
    early = stored_on(DAYS[1])
    move(middle, parent=other, on=DAYS[2], by=installer())
    assert stored_on(DAYS[1]) == early
    below = Unit.objects.below(other, on=DAYS[2]).values_list("pk", flat=True)
    assert set(below) == {other.pk, middle.pk, bottom.pk}
    assert set(Unit.objects.below(top, on=DAYS[2]).values_list("pk", flat=True)) == {top.pk}


def test_a_move_in_the_past_leaves_later_moves_alone():
    top, middle, _bottom = three()
    first, second = (
        found(None, new=Newcomer("district", name), on=DAYS[0], by=installer())
        for name in ("A", "B")
    )
    move(middle, parent=second, on=DAYS[5], by=installer())
    move(middle, parent=first, on=DAYS[2], by=installer())
    told = [middle.placements.get(valid__contains=DAYS[n]).parent for n in (1, 3, 6)]
    assert told == [top, first, second]


def test_a_unit_stands_under_another_in_one_tree_and_not_in_the_others():
    top, middle, _bottom = three()
    rows = Ancestry.objects.filter(unit=middle, ancestor=top)
    assert set(rows.values_list("tree", flat=True)) == {Tree.STATE}


def test_the_whole_closure_made_anew_is_the_one_that_many_changes_left():
    """Made at once from the placements, as when a tree is taken over, it is the same."""
    country, by = made(), installer()
    merge([country["xa1"], country["xa2"]], into=country["xa3"], on=DAYS[3], by=by)
    move(country["huyen2"], parent=country["huyen1"], on=DAYS[2], by=by)
    merge([country["chibo1"]], into=country["chibo2"], on=DAYS[5], by=by)
    for tree in TREES:
        left = stored(tree, LOOKED_AT)
        Ancestry.objects.filter(tree=tree).delete()
        ancestry.lock(tree)
        ancestry.rebuild_below([unit.pk for unit in country.values()], tree)
        assert stored(tree, LOOKED_AT) == left == recounted(tree, LOOKED_AT)


def test_what_is_compared_sees_a_missing_a_wrong_and_an_unsure_row():
    """The recount would notice: a test of the tests."""
    country = made()
    merge([country["xa1"]], into=country["xa3"], on=DAYS[3], by=installer())
    right = recounted(Tree.STATE, LOOKED_AT)
    rows = Ancestry.objects.filter(unit=country["xa1"], ancestor=country["huyen2"])
    rows.update(sure=False)
    assert stored(Tree.STATE, LOOKED_AT) != right
    rows.update(sure=True)
    assert stored(Tree.STATE, LOOKED_AT) == right
    rows.delete()
    assert stored(Tree.STATE, LOOKED_AT) != right
