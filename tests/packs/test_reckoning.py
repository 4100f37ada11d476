"""Indicators: what each operation means, on any rows."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from banyan.packs.compiled import load
from banyan.packs.reading import shipped
from banyan.packs.reckon import reckon
from banyan.packs.schema import Indicator, Pack

PACK: Pack = load(next(folder for folder in shipped() if folder.name == "dan-van-kheo"))
STATES = [state.name for state in PACK.workflow.states]
FIELD = PACK.form("register").field("field").choice_ids

ROWS = st.lists(
    st.fixed_dictionaries(
        {"state": st.sampled_from(STATES)},
        optional={
            "registrant": st.sampled_from(["a", "b", "c", None]),
            "registrant_kind": st.sampled_from(["collective", "individual"]),
            "field": st.sampled_from([*FIELD, "", "nt"]),
            "level": st.sampled_from(["commune", "district", "province"]),
            "resources_money": st.integers(0, 10**12),
            "beneficiary_households": st.integers(0, 1000),
            "registered_on": st.dates().map(lambda day: day.isoformat()),
            "continuing": st.booleans(),
        },
    ),
    max_size=25,
)


@given(ROWS)
def test_the_parts_of_a_count_make_the_whole_with_the_unclassified(rows):
    models = reckon(PACK, "models", rows)
    for axis in PACK.indicator("models").by:
        assert sum(models.parts[axis].values()) == models.value
        assert set(models.parts[axis]) == {*PACK.parts_of(axis), "unclassified"}
    unknown = [row for row in rows if row["state"] not in ("draft", "withdrawn")]
    said = Counter(row.get("field") for row in unknown)
    assert models.parts["field"]["unclassified"] == len(unknown) - sum(said[id] for id in FIELD)


@given(ROWS)
def test_a_registrant_is_counted_once_and_the_unnamed_are_told(rows):
    found = reckon(PACK, "registrants", rows)
    counted = [row for row in rows if row["state"] not in ("draft", "withdrawn")]
    named = [row["registrant"] for row in counted if row.get("registrant")]
    assert found.value == len(set(named))
    assert found.missing == len(counted) - len(named)
    assert found.value <= reckon(PACK, "models", rows).value


@given(ROWS)
def test_a_share_never_exceeds_its_base_and_shows_its_records(rows):
    done = reckon(PACK, "completed", rows)
    assert done.base == reckon(PACK, "models", rows).value
    assert done.value == len(done.rows) <= done.base
    wanted = {"completed", "reviewed", "recognised", "proposed", "not_recognised"}
    assert {rows[place]["state"] for place in done.rows} <= wanted
    assert (done.percent is None) == (done.base == 0)


@given(ROWS)
def test_a_sum_adds_what_is_said_and_counts_what_is_not(rows):
    money = reckon(PACK, "money", rows)
    counted = [row for row in rows if row["state"] not in ("draft", "withdrawn")]
    assert money.value == sum(row.get("resources_money", 0) for row in counted)
    assert money.missing == sum("resources_money" not in row for row in counted)


@given(ROWS)
def test_an_unticked_box_is_no(rows):
    pack = with_indicator(Indicator("fresh", "count", where=no("continuing")))
    ticked = sum(row.get("continuing") is True for row in rows)
    assert reckon(pack, "fresh", rows).value == len(rows) - ticked


@given(ROWS)
def test_a_ratio_keeps_numerator_and_base_apart(rows):
    pack = with_indicator(Indicator("each", "ratio", of="money", over="models"))
    found = reckon(pack, "each", rows)
    assert found.value == reckon(PACK, "money", rows).value
    assert found.base == reckon(PACK, "models", rows).value


@given(ROWS)
def test_the_latest_is_the_value_of_the_last_day(rows):
    pack = with_indicator(Indicator("last", "latest", of="resources_money", on="registered_on"))
    said = [r for r in rows if "resources_money" in r and "registered_on" in r]
    found = reckon(pack, "last", rows).value
    if not said:
        assert found is None
    else:
        last = max(row["registered_on"] for row in said)
        assert found in [r["resources_money"] for r in said if r["registered_on"] == last]


@given(ROWS, st.sampled_from(["min", "max", "median"]))
def test_the_least_the_greatest_and_the_middle_are_of_those_that_say_a_number(rows, op):
    made = Indicator("one", op, of="resources_money", by=("field",))
    found = reckon(with_indicator(made), "one", rows)
    said = sorted(row["resources_money"] for row in rows if "resources_money" in row)
    assert found.missing == len(rows) - len(said)
    if not said:
        assert found.value is None
    elif op == "median":
        assert 2 * found.value == said[(len(said) - 1) // 2] + said[len(said) // 2]
    else:
        assert found.value == (said[0] if op == "min" else said[-1])
    for part, value in found.parts["field"].items():
        inside = [row for row in rows if row.get("field") == part and "resources_money" in row]
        if part != "unclassified":
            assert (value is None) == (not inside)


def no(fact):
    """The condition that a box is unticked."""
    condition = PACK.indicator("continued").where[-1]
    return (replace(condition, fact=fact, values=(False,)),)


def with_indicator(indicator):
    """The shipped pack with one more indicator."""
    return replace(PACK, indicators={**PACK.indicators, indicator.id: indicator})
