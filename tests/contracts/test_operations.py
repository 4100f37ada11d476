"""The registry of operations: every one is named, guarded, described, and refuses the stranger."""

import inspect
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from banyan.imports.operations import Order
from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.ledger.operation import OPERATIONS
from tests.contracts.registry import everything_is_imported

everything_is_imported()
ROOT = Path(__file__).resolve().parents[2]
VERBS = sorted(OPERATIONS)


def test_the_registry_holds_what_the_trunk_can_do():
    assert {"unit.founded", "post.given", "round.opened", "initiative.registered"} <= set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_an_operation_is_a_thing_and_a_past_participle(verb):
    assert re.fullmatch(r"[a-z]+(?:_[a-z]+)*\.[a-z]+(?:_[a-z]+)*", verb)
    word = verb.split(".")[1].removesuffix("_back").split("_")[-1]
    irregular = {
        "begun",
        "kept",
        "given",
        "sent",
        "written",
        "held",
        "found",
        "undone",
        "taken",
        "put",
        "read",
        "made",
    }
    assert word.endswith("ed") or word in irregular


@pytest.mark.parametrize("verb", VERBS)
def test_an_operation_says_what_it_needs_and_what_it_is_for(verb):
    operation = OPERATIONS[verb]
    assert callable(operation.needs) or re.fullmatch(r"[a-z_]+\.[a-z_]+", operation.needs)
    assert (operation.run.__doc__ or "").strip()
    parameters = inspect.signature(operation.run).parameters
    assert list(parameters)[-1] == "by"
    assert parameters["by"].kind is inspect.Parameter.KEYWORD_ONLY
    assert set(operation.tells) <= set(parameters), (
        "an event tells what the operation does not take"
    )


def test_the_glossary_names_every_operation():
    text = (ROOT / "docs/glossary.md").read_text()
    assert [verb for verb in VERBS if f"`{verb}`" not in text] == []


def needed(verb, world):
    """The thing and the words with which `needs` is asked for an operation whose right varies."""
    if verb.startswith("import."):
        order = Order("models", {}, world.today)
        told = {"order": order} if verb == "import.begun" else {}
        return SimpleNamespace(unit=world.commune, target="models"), told
    return world.initiative.submission, {"move": "begin" if "review" not in verb else "review"}


@pytest.mark.django_db
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", ["stranger", "hoa"])
def test_every_operation_refuses_who_has_no_right_there(verb, who, world):
    """The stranger has no post; hoa holds one, but in the other district."""
    operation, actor = OPERATIONS[verb], world.actor(getattr(world, who))
    before = Event.objects.count()
    if callable(operation.needs):
        thing, told = needed(verb, world)
        if verb.endswith("reviewed"):
            thing.state = "completed"
    else:
        thing, told = SimpleNamespace(unit=world.commune), {}
    with pytest.raises(Refusal) as refused:
        operation.run(thing, by=actor, **told)
    assert refused.value.status == 403
    assert Event.objects.count() == before


def test_no_function_of_the_rules_asks_the_machine_for_the_day():
    """The day is an argument: `today` comes from the request, `now` from the database."""
    files = [*ROOT.glob("banyan/*/operations.py"), *ROOT.glob("banyan/*/models.py")]
    files += ROOT.glob("banyan/kernel/*.py")
    asks = re.compile(r"date\.today\(|datetime\.now\(|localdate\(")
    assert [str(f) for f in files if asks.search(f.read_text())] == []


def test_every_reader_listens_to_verbs_that_exist():
    from banyan.ledger.readers import READERS

    # Written by a page that shows something, and by the worker that looks at alerts.
    besides = {"document.read", "alert.raised", "alert.stopped"}
    unknown = {v for one in READERS.values() for v in one.verbs} - set(OPERATIONS) - besides
    assert not unknown


def test_every_view_capability_is_given_by_some_role(world):
    """A model nobody can ever see is a mistake in a role or in the model."""
    from banyan.people.models import Role
    from tests.contracts.registry import scoped_models

    given = {c for role in Role.objects.all() for c in role.capabilities}
    assert {
        m._meta.label: m.view_capability for m in scoped_models() if m.view_capability not in given
    } == {}
