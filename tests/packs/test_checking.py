"""`packs check`: a fault is named with its file, its line and what to write instead."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banyan.packs.check import check
from banyan.packs.lines import Lines
from banyan.packs.reading import read, shipped
from banyan.packs.vocabulary import TREES, UNIT_KINDS

SHIPPED = next(folder for folder in shipped() if folder.name == "dan-van-kheo")

# file, text there, text planted instead, (line's text where the problem must point), words of the
# message, words of the advice
FAULTS = {
    "an unknown key": (
        "forms/register",
        "counted = true",
        "countd = true",
        "countd",
        "countd",
        "counted",
    ),
    "an unknown kind": (
        "forms/register",
        'kind = "money"',
        'kind = "monies"',
        "monies",
        "monies",
        "money",
    ),
    "a missing key": (
        "forms/register",
        'kind = "date"\n',
        "",
        "[[fields]]",
        "kind",
        "kind = ",
    ),
    "a wrong type": (
        "forms/register",
        "maximum = 300",
        "maximum = true",
        "maximum = true",
        "maximum",
        "setting",
    ),
    "a duplicate field": (
        "forms/register",
        'id = "occasion"',
        'id = "result"',
        'id = "result"',
        "result",
        "",
    ),
    "a duplicate choice": (
        "forms/register",
        'id = "individual"',
        'id = "collective"',
        "cá nhân",
        "collective",
        "",
    ),
    "a state that does not exist": (
        "forms/register",
        'required_at = "recognised"',
        'required_at = "recognized"',
        "recognized",
        "recognized",
        "recognised",
    ),
    "a choice without choices": (
        "forms/register",
        'kind = "boolean"',
        'kind = "choice"',
        "continuing",
        "choice",
        "choices",
    ),
    "a word for a state that does not exist": (
        "forms/register",
        "completed = [",
        "complete = [",
        "complete = [",
        "complete",
        "completed",
    ),
    "bounds the wrong way round": (
        "forms/register",
        'minimum = 0\nmeasure = "household"',
        'minimum = 9\nmaximum = 3\nmeasure = "household"',
        "minimum = 9",
        "minimum",
        "",
    ),
    "a day for a number": (
        "forms/register",
        'minimum = 0\nmeasure = "vnd"',
        'minimum = 2024-01-01\nmeasure = "vnd"',
        "2024-01-01",
        "minimum",
        "",
    ),
    "an unreachable state": (
        "workflow",
        'to = "withdrawn"',
        'to = "draft"',
        '"withdrawn"',
        "withdrawn",
        "withdrawn",
    ),
    "a dead end": (
        "workflow",
        'id = "recognised"\nfinal = true',
        'id = "recognised"',
        '"recognised"',
        "recognised",
        "final = true",
    ),
    "a move to nowhere": (
        "workflow",
        'to = "reviewed"',
        'to = "revewed"',
        "revewed",
        "revewed",
        "reviewed",
    ),
    "an unknown rule": (
        "workflow",
        "review_complete",
        "reviw_complete",
        "reviw_complete",
        "reviw_complete",
        "review_complete",
    ),
    "something asked that is not described": (
        "workflow",
        '"decision_number", ',
        '"decision_no", ',
        "decision_no",
        "decision_no",
        "decision_number",
    ),
    "a move nobody may make": (
        "workflow",
        'by = "initiative.recognise"',
        'by = "initiative.bless"',
        "initiative.bless",
        "initiative.bless",
        "",
    ),
    "weights that do not add up": (
        "criteria",
        "maximum = { value = 30",
        "maximum = { value = 35",
        "total = ",
        "105",
        "105",
    ),
    "a grade out of reach": (
        "criteria",
        "at_least = { value = 85",
        "at_least = { value = 185",
        "185",
        "typical",
        "100",
    ),
    "an indicator of a missing field": (
        "indicators",
        'of = "resources_money"',
        'of = "resource_money"',
        "resource_money",
        "resource_money",
        "resources_money",
    ),
    "a sum of words": (
        "indicators",
        'of = "resources_money"',
        'of = "title"',
        '"title"',
        "title",
        "beneficiary_households",
    ),
    "an axis that is none": (
        "indicators",
        'by = ["registrant_kind", "level"]',
        'by = ["registrant_kind", "title"]',
        '"title"',
        "title",
        "",
    ),
    "a condition that never holds": (
        "indicators",
        'registrant_kind = "individual"',
        'registrant_kind = "individuals"',
        "individuals",
        "individuals",
        "individual",
    ),
    "an indicator that leans on itself": (
        "indicators",
        'id = "models"\nop = "count"',
        'id = "models"\nop = "count"\nwithin = "recognised"',
        "[[indicators]]",
        "models",
        "",
    ),
    "a field that is reckoned with but not counted": (
        "forms/register",
        'measure = "vnd"\nlisted = true\ncounted = true',
        'measure = "vnd"\nlisted = true',
        None,
        "resources_money",
        "counted = true",
    ),
    "a table of an unknown indicator": (
        "reports/half-year",
        '["models", "completed", "recognised"]',
        '["models", "complete"]',
        "complete",
        "complete",
        "completed",
    ),
    "a table along an axis its indicator lacks": (
        "reports/half-year",
        '["models", "completed", "recognised"]',
        '["models", "put_forward"]',
        "put_forward",
        "put_forward",
        "",
    ),
    "a missing text": (
        "text/en",
        'withdrawn = "Withdrawn"\n',
        "",
        "[states]",
        "states.withdrawn",
        "Đã rút",
    ),
    "a choice without text": (
        "text/vi",
        'choices.economy = "Kinh tế"\n',
        "",
        "[forms.register.fields.field]",
        "forms.register.fields.field.choices.economy",
        "Economy",
    ),
    "a help in one language only": (
        "text/en",
        'help = "With its symbol, for example 127-QĐ/HU."\n',
        "",
        "[asks.decision_number]",
        "asks.decision_number.help",
        "127-QĐ/HU",
    ),
    "a text nobody uses": (
        "text/vi",
        'draft = "Bản nháp"\n',
        'draft = "Bản nháp"\ndraught = "Bản nháp"\n',
        "draught",
        "states.draught",
        "",
    ),
    "a slot that means nothing": (
        "text/vi",
        "{models.level.district}",
        "{models.level.distric}",
        "distric}",
        "models.level.distric",
        "models.level.district",
    ),
    "a case whose figure is wrong": (
        "tests",
        "values = { models = 4,",
        "values = { models = 5,",
        "models = 5",
        "models = 5",
        "4",
    ),
    "a case whose answers pass": (
        "tests",
        'faulty = ["registrant_name"]',
        "faulty = []",
        "faulty",
        "registrant_name",
        "",
    ),
    "a case whose grade is wrong": (
        "tests",
        'total = 69\ngrade = "none"',
        'total = 69\ngrade = "recognised"',
        "grade",
        "recognised",
        "none",
    ),
    "a case whose moves are wrong": (
        "tests",
        'allowed = ["register", "withdraw"]',
        'allowed = ["register"]',
        "allowed",
        "withdraw",
        "",
    ),
    "a file that is no TOML": (
        "workflow",
        'start = "draft"',
        'start = "draft',
        'start = "draft',
        "TOML",
        "",
    ),
    "an id unlike the file's name": (
        "forms/register",
        'id = "register"',
        'id = "registry"',
        "registry",
        "registry",
        "register",
    ),
    "a kind of unit that does not exist": (
        "pack",
        '"province", ',
        '"provinces", ',
        "provinces",
        "provinces",
        "province",
    ),
    "a setting without a source's text": (
        "criteria",
        'total = { value = 100, source = "review_sheet"',
        'total = { value = 100, source = "hearsay"',
        None,
        "sources.hearsay",
        "",
    ),
}


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
    assert content["pack"]["valid_from"] == "2021-01-01"
