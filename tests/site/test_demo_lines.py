"""The example's Party and Front beside the state: their trees, what they cover, their members."""

from collections import Counter
from datetime import date, timedelta

import pytest

from banyan.orgs import shipped
from banyan.orgs.finding import find_unit
from banyan.orgs.models import Ancestry, Covers, Kind, Placement, Tree, Unit
from banyan.people.models import Membership, Person
from banyan.site import demo
from banyan.site.demo import lines

DAYS = (date(2020, 1, 1), demo.PERIOD.last, date(2025, 12, 31))


def standing(tree: str, on: date) -> dict[int, int | None]:
    """Each unit of a tree and its parent on a day."""
    rows = Placement.objects.filter(tree=tree, valid__contains=on)
    return dict(rows.values_list("unit", "parent"))


@pytest.mark.parametrize("tree", [Tree.PARTY, Tree.FRONT])
@pytest.mark.parametrize("on", DAYS)
def test_the_closure_of_each_line_is_what_counting_upwards_gives(tree, on, example):
    parents = standing(tree, on)
    wanted = set()
    for unit in parents:
        at, depth = unit, 0
        while at is not None:
            wanted.add((unit, at, depth))
            at, depth = parents[at], depth + 1
    rows = Ancestry.objects.standing().filter(tree=tree, valid__contains=on)
    assert set(rows.values_list("unit", "ancestor", "depth")) == wanted
    assert len(wanted) > len(parents) > 20


def test_the_party_stands_city_district_communes_cells(example):
    top = find_unit("DB-01", demo.PERIOD.last).unit
    rows = Ancestry.objects.standing().filter(ancestor=top, tree=Tree.PARTY)
    kinds = Counter(rows.values_list("depth", "unit__kind"))
    cells = len(lines.WITH_VILLAGES) * lines.VILLAGES
    assert kinds == {
        (0, Kind.COMMITTEE): 1,
        (1, Kind.COMMITTEE): 1,
        (2, Kind.COMMITTEE): 16,
        (3, Kind.CELL): cells,
    }
    assert [parent for parent in standing(Tree.PARTY, DAYS[1]).values()].count(None) == 1


def test_the_front_has_a_committee_and_two_unions_in_each_commune(example):
    parents = standing(Tree.FRONT, demo.PERIOD.last)
    kinds = Counter(Unit.objects.filter(pk__in=parents).values_list("kind", flat=True))
    assert kinds == {Kind.COMMITTEE: 17, Kind.ORGANISATION: 34}
    assert list(parents.values()).count(None) == 1


def test_no_unit_stands_in_two_trees_and_every_own_one_is_marked(example):
    trees = [set(standing(tree, demo.PERIOD.last)) for tree in Tree]
    assert sum(len(tree) for tree in trees) == len(set().union(*trees))
    own = [unit for unit in Unit.objects.all() if not shipped.is_shipped(unit)]
    assert {unit.source for unit in own} == {"synthetic"}
    assert {unit.pk for unit in own} >= trees[1] | trees[2]
    made_up = [unit for unit in own if unit.kind in (Kind.VILLAGE, Kind.CELL)]
    assert len(made_up) == 2 * len(lines.WITH_VILLAGES) * lines.VILLAGES
    assert all(unit.name_on(None).endswith("(minh họa)") for unit in made_up)


def test_each_unit_of_both_lines_covers_one_area_of_its_own_rank(example):
    links = list(Covers.objects.select_related("unit", "covered"))
    covering = [link.unit_id for link in links]
    assert len(covering) == len(set(covering))
    both = {*standing(Tree.PARTY, demo.PERIOD.last), *standing(Tree.FRONT, demo.PERIOD.last)}
    assert set(covering) == both
    state = standing(Tree.STATE, demo.PERIOD.last)
    assert all(link.covered_id in state for link in links)
    assert all(link.valid.lower == lines.SINCE for link in links)
    before = lines.SINCE - timedelta(days=1)
    assert not Covers.objects.filter(valid__contains=before).exists()
    ranks = Counter((link.unit.kind, link.covered.kind) for link in links)
    cells = len(lines.WITH_VILLAGES) * lines.VILLAGES
    assert ranks == {
        (Kind.COMMITTEE, Kind.PROVINCE): 1,
        (Kind.COMMITTEE, Kind.DISTRICT): 2,
        (Kind.COMMITTEE, Kind.COMMUNE): 32,
        (Kind.ORGANISATION, Kind.DISTRICT): 2,
        (Kind.ORGANISATION, Kind.COMMUNE): 32,
        (Kind.CELL, Kind.VILLAGE): cells,
    }


def test_a_cell_stands_under_the_committee_of_the_commune_of_its_village(example):
    party, state = (standing(tree, demo.PERIOD.last) for tree in (Tree.PARTY, Tree.STATE))
    covered = dict(Covers.objects.values_list("unit", "covered"))
    cells = Unit.objects.filter(kind=Kind.CELL).values_list("pk", flat=True)
    assert cells
    for cell in cells:
        assert covered[party[cell]] == state[covered[cell]]


def test_every_member_is_in_one_cell_and_made_up(example):
    members = Person.objects.filter(account=None)
    cells = len(lines.WITH_VILLAGES) * lines.VILLAGES
    assert members.count() == cells * lines.MEMBERS_A_CELL == Membership.objects.count()
    for member in members:
        [held] = member.memberships.filter(valid__contains=demo.PERIOD.last)
        assert held.unit.kind == Kind.CELL
        assert held.kind == "party"
        assert member.synthetic


def test_members_are_seen_from_the_party_line_alone(example):
    seen = {
        name: Membership.objects.visible_to(demo.people.acting(name)).count()
        for name in ("an", "thu", "son")
    }
    assert seen == {"an": 0, "thu": 0, "son": Membership.objects.count()}
