"""`packs check`: a fault is named with its file, its line and what to write instead."""

import shutil

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from banyan.packs.check import check
from banyan.packs.lines import Lines
from banyan.packs.reading import read, shipped
from banyan.packs.vocabulary import TREES, UNIT_KINDS
from tests.packs.faults import FAULTS

SHIPPED = next(folder for folder in shipped() if folder.name == "dan-van-kheo")


@pytest.fixture(autouse=True)
def in_english():
    """Messages in the language of their source, whatever the default of the installation."""
    with translation.override("en"):
        yield


@pytest.fixture
def copy(tmp_path):
    """The shipped pack in a folder of its own, to plant faults in."""
    return shutil.copytree(SHIPPED, tmp_path / "dan-van-kheo")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_with_its_line_and_what_to_write_instead(fault, copy):
    name, text, planted, pointed_at, said, advised = FAULTS[fault]
    path = copy / f"{name}.toml"
    source = path.read_text(encoding="utf-8")
    assert text in source
    path.write_text(source.replace(text, planted), encoding="utf-8")
    problems = check(copy)
    assert problems, "the fault was not found"
    fitting = [p for p in problems if said in p.what and advised in p.write_instead]
    assert fitting, [str(problem) for problem in problems]
    if pointed_at is not None:
        lines = path.read_text(encoding="utf-8").splitlines()
        shown = [lines[p.line - 1] for p in fitting if p.file == f"{name}.toml"]
        assert any(pointed_at in line for line in shown), (shown, [str(p) for p in problems])


def test_a_missing_file_is_named(copy):
    (copy / "tests.toml").unlink()
    assert [(p.file, p.line) for p in check(copy)] == [("tests.toml", 1)]


def test_a_language_without_texts_is_named(copy):
    (copy / "text" / "en.toml").unlink()
    assert [p.file for p in check(copy)] == ["text/en.toml"]


def test_a_pack_in_a_folder_of_another_name_is_named(copy):
    moved = copy.rename(copy.with_name("other"))
    assert [(p.file, p.line) for p in check(moved)] == [("pack.toml", 2)]


def test_a_folder_with_nothing_but_a_name_is_told_what_it_lacks(tmp_path):
    (tmp_path / "pack.toml").write_text('id = "x"\n', encoding="utf-8")
    files = {problem.file for problem in check(tmp_path)}
    assert {"workflow.toml", "tests.toml", "forms.toml", "text.toml", "pack.toml"} == files


def test_lines_are_known_for_tables_lists_keys_and_what_runs_over_several_lines():
    lines = Lines(
        'id = "a" # = [\n'
        'list = [\n    "x", # [\n    "y",\n]\n'
        '[[fields]]\nid = "one"\n'
        'choices = [\n    { id = "p" },\n    { id = "q", words = ["]"] },\n]\n'
        '[[fields]]\nid = \'two\'\ntext = """\nid = 3\n[no]\n"""\nlast = 1\n'
        '[sheet]\nwords.yes = ["x"]\n[sheet.inner]\nkey = { value = 1 }\n'
    )
    assert lines.of(("id",)) == 1
    assert lines.of(("list",)) == 2
    assert lines.of(("fields", 0)) == 6
    assert lines.of(("fields", 0, "id")) == 7
    assert lines.of(("fields", 0, "choices", 1, "id")) == 10
    assert lines.of(("fields", 1, "id")) == 13
    assert lines.of(("fields", 1, "last")) == 18
    assert lines.of(("no",)) == 1
    assert lines.of(("sheet", "words", "yes")) == 20
    assert lines.of(("sheet", "inner", "key", "value")) == 22
    assert lines.of(("sheet", "inner", "nothing")) == 21
    assert lines.near(("fields", 0), "two") == 13
    assert lines.near(("fields", 0), "never there") == 6


@given(st.text(max_size=200))
def test_any_text_has_lines(source):
    assert Lines(source).of(("a", 0, "b")) >= 1


def test_the_vocabulary_of_trees_and_units_is_that_of_the_organisation():
    from banyan.orgs.models import Kind, Tree

    assert list(UNIT_KINDS) == [str(kind) for kind in Kind.values]
    assert list(TREES) == [str(tree) for tree in Tree.values]


def test_content_is_plain_json(copy):
    import json

    content = read(copy)
    assert json.loads(json.dumps(content)) == content
    assert content["pack"]["valid_from"] == "2022-01-01"
