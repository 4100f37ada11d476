"""Workflows: tables of moves, whatever their states are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banyan.kernel.errors import Refusal
from banyan.kernel.workflow import Move, State, Workflow, WrongMove

NAMES = [f"s{number}" for number in range(6)]
STATES = st.lists(
    st.builds(State, st.sampled_from(NAMES), final=st.booleans(), aside=st.booleans()),
    min_size=1,
    max_size=6,
    unique_by=lambda state: state.name,
)


@st.composite
def workflows(draw):
    """Any table over known states: with dead ends, islands and circles."""
    states = tuple(draw(STATES))
    name = st.sampled_from([state.name for state in states])
    arrows = draw(st.lists(st.tuples(st.lists(name, min_size=1, unique=True), name), max_size=8))
    moves = tuple(
        Move(f"m{place}", tuple(sources), target, "thing.do")
        for place, (sources, target) in enumerate(arrows)
    )
    return Workflow(draw(name), states, moves)


def reachable(workflow):
    """Every state one can get to, by brute force."""
    found = {workflow.start}
    for _turn in workflow.states:
        found |= {move.target for move in workflow.moves if found & set(move.sources)}
    return found


@given(workflows())
def test_a_move_leads_to_its_target_from_its_sources_and_from_nowhere_else(workflow):
    for state in (each.name for each in workflow.states):
        for move in workflow.moves:
            if state in move.sources:
                assert workflow.target(move.name, state) == move.target
                assert move in workflow.moves_from(state)
            else:
                with pytest.raises(WrongMove) as wrong:
                    workflow.target(move.name, state)
                assert wrong.value.possible == tuple(m.name for m in workflow.moves_from(state))


@given(workflows())
def test_a_route_is_a_chain_of_moves_and_exists_exactly_for_reachable_states(workflow):
    for state in (each.name for each in workflow.states):
        route = workflow.route(workflow.start, state)
        assert (route is not None) == (state in reachable(workflow))
        here = workflow.start
        for move in route or []:
            here = workflow.target(move.name, here)
        if route is not None:
            assert here == state
            assert len(route) < len(workflow.states)


@given(workflows())
def test_problems_name_every_island_and_every_unmarked_dead_end_and_nothing_else(workflow):
    said = workflow.problems()
    islands = {state.name for state in workflow.states} - reachable(workflow)
    dead = {s.name for s in workflow.states if not s.final and not workflow.moves_from(s.name)}
    assert {
        name for name in NAMES if any(f"“{name}” cannot be reached" in s for s in said)
    } == islands
    assert {name for name in NAMES if any(f"“{name}” is a dead end" in s for s in said)} == dead
    assert len(said) == len(islands) + len(dead)


@given(workflows())
def test_reaching_is_an_order_along_the_line_of_life(workflow):
    names = [state.name for state in workflow.states]
    aside = {state.name for state in workflow.states if state.aside}
    for here in names:
        assert workflow.has_reached(here, here)
        for there in names:
            if here != there:
                both = workflow.has_reached(here, there) and workflow.has_reached(there, here)
                assert not both
                if {here, there} & aside:
                    assert not workflow.has_reached(here, there)


def test_a_wrong_move_is_a_refusal_that_says_what_is_possible():
    workflow = Workflow(
        "draft",
        (State("draft"), State("sent", final=True)),
        (Move("send", ("draft",), "sent", "thing.edit"),),
    )
    with pytest.raises(Refusal) as refusal:
        workflow.target("recall", "draft")
    assert refusal.value.status == 409
    assert "recall" in refusal.value.what
    assert "draft" in refusal.value.why
    assert "send" in refusal.value.mend
    with pytest.raises(WrongMove) as at_the_end:
        workflow.target("send", "sent")
    assert at_the_end.value.mend == ""


def test_problems_name_unknown_states_moves_from_nowhere_and_names_that_stand_twice():
    workflow = Workflow(
        "nowhere",
        (State("draft"), State("draft")),
        (Move("send", ("draf",), "sent", "thing.edit"), Move("drop", (), "draft", "thing.edit")),
    )
    said = " ".join(workflow.problems())
    for words in (
        "“draft” stands twice",
        "start “nowhere” is not a state",
        "names “draf”",
        "names “sent”",
        "“drop” starts nowhere",
    ):
        assert words in said


def test_a_move_is_found_by_name_or_not_at_all():
    move = Move("send", ("draft",), "sent", "thing.edit", ask=("reason",))
    workflow = Workflow("draft", (State("draft"), State("sent", final=True)), (move,))
    assert workflow.move("send") is move
    with pytest.raises(KeyError):
        workflow.move("recall")
