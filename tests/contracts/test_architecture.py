"""ARCHITECTURE.md fits a page and stays true; mechanisms stay within their budgets."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PAGE = (ROOT / "ARCHITECTURE.md").read_text()
# design.md §1: lines of code (blank lines, comments and docstrings are not counted).
BUDGETS = {
    "@operation": (["ledger/operation.py"], 80),
    "Ancestry": (["orgs/ancestry.py"], 150),
    "ScopedQuerySet and reach": (["orgs/scope.py", "people/actor.py"], 140),
    "Workflow": (["kernel/workflow.py"], 120),
    "Listing and Form": (
        [f"web/{n}.py" for n in ["listing", "form", "act", "page", "api", "sheet"]],
        1200,
    ),
}


def code_lines(text):
    """Lines that are neither blank, nor comment, nor within a docstring."""
    bare = re.sub(r'^\s*"""(?:.|\n)*?"""', "", text, flags=re.MULTILINE)
    return sum(1 for line in bare.splitlines() if line.strip() and not line.strip().startswith("#"))


def test_the_page_of_architecture_is_one_page():
    assert len(PAGE.splitlines()) <= 75


def test_it_names_every_package_and_no_other():
    named = set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE))
    there = {path.parent.name for path in (ROOT / "banyan").glob("*/__init__.py")}
    assert named == there


def test_every_file_it_sends_the_reader_to_exists():
    missing = []
    for package, cell in re.findall(r"^\| `(\w+)` \|[^|]*\| (.*) \|$", PAGE, flags=re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", cell):
            if not (ROOT / "banyan" / package / name).exists():
                missing.append(f"{package}/{name}")
    assert missing == []


@pytest.mark.parametrize("mechanism", BUDGETS)
def test_a_mechanism_stays_within_its_budget(mechanism):
    files, most = BUDGETS[mechanism]
    lines = sum(code_lines((ROOT / "banyan" / one).read_text()) for one in files)
    assert lines <= most, f"{mechanism}: {lines} lines of code; past {most} write a decision record"


def test_every_decision_stands_on_a_page_with_a_number_of_its_own():
    names = sorted(path.name for path in (ROOT / "docs/decisions").glob("*.md"))
    assert [name[:4] for name in names] == [f"{n:04}" for n in range(1, len(names) + 1)]
