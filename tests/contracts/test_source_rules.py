"""What pages may not do, read from the source: no rows past `request.seen`, no rules of drawers."""

import ast
import re
from pathlib import Path

from tests.contracts.registry import everything_is_imported, scoped_models

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("views", "lists", "forms", "urls", "jobs")

# Models that belong to no unit: the shape of the organisation and the words of programmes, which
# everybody signed in may know. Their rows may be read past `request.seen`.
REFERENCE = {"Unit", "UnitName", "UnitCode", "Placement", "Ancestry", "Edition", "Programme"}
REFERENCE |= {"Role", "Organisation"}

# file:function:model → why it may look at a manager itself. Every line is a promise that no row of
# a unit reaches a reader through it without having been within reach.
EXCEPTIONS: dict[str, str] = {
    "initiatives/views.py:open_round_for:Round": "rounds at and above one's own post: reach goes down",
    "submissions/lists.py:RoundList.prepare:Submission": "how many, of a round that was seen",
    "site/setup/views.py:enter_example:Account": "the example's own synthetic people, on loopback",
    "people/views.py:my_account:Authenticator": "one's own second steps",
    "people/views.py:my_account:UserSession": "one's own sign-ins",
    "initiatives/lists.py:InitiativeList.start:Initiative": "whether any stands beyond reach, no row",
    "initiatives/lists.py:InitiativeList.in_place:Placing": "narrows rows that were seen",
}


def page_files() -> list[Path]:
    """Files of pages: these names, and folders of these names."""
    return [
        path
        for path in (ROOT / "banyan").rglob("*.py")
        if path.stem in PAGES or path.parent.name in PAGES
    ]


def touches(path: Path) -> set[str]:
    """`function:Model` for each manager a file names, but those of reference models."""
    found: set[str] = set()

    def walk(node: ast.AST, label: str) -> None:
        for child in ast.iter_child_nodes(node):
            named = isinstance(child, ast.FunctionDef | ast.ClassDef)
            inside = ".".join(filter(None, [label, child.name])) if named else label
            if isinstance(child, ast.Attribute) and child.attr in MANAGERS:
                model = ast.unparse(child.value)
                if model not in REFERENCE:
                    found.add(f"{label or 'module'}:{model}")
            walk(child, inside)

    walk(ast.parse(path.read_text()), "")
    return found


MANAGERS = ("objects", "_default_manager", "_base_manager")


def test_no_page_touches_the_manager_of_a_model_that_belongs_to_units():
    found = {
        f"{path.relative_to(ROOT / 'banyan')}:{touched}"
        for path in page_files()
        for touched in touches(path)
    }
    assert page_files()
    assert sorted(found - set(EXCEPTIONS)) == [], "Pages get rows by request.seen(Model) alone."


def test_no_exception_outlives_its_need():
    for place in EXCEPTIONS:
        name, touched = place.split(":", 1)
        path = ROOT / "banyan" / name
        assert path.is_file(), place
        assert touched in touches(path), place


def test_a_reference_model_belongs_to_no_unit():
    everything_is_imported()
    assert REFERENCE.isdisjoint({model.__name__ for model in scoped_models()})


def test_no_django_signals_and_no_rules_in_save():
    """What happens is written where it happens (design.md §13)."""
    hidden = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "banyan").rglob("*.py")
        if "django.db.models.signals" in path.read_text() or "@receiver" in path.read_text()
    ]
    assert hidden == []


def test_no_template_carries_script_or_style_of_its_own():
    """The content policy refuses both; a browser would show a page without them."""
    pattern = re.compile(
        r'<script(?![^>]*(?:\bsrc=|type="application/json"))|\sstyle=|\son(?:click|change|submit|load)=|<style',
        re.I,
    )
    found = [
        f"{path.relative_to(ROOT)}: {hit.group()}"
        for path in (ROOT / "banyan").rglob("templates/**/*.html")
        for hit in pattern.finditer(path.read_text())
    ]
    assert found == []
