"""docs/packs.md says what the code does."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest
from django.utils import translation

from banyan.packs.check import check
from banyan.packs.compiled import load
from banyan.packs.reading import shipped
from banyan.packs.reference import rewritten
from banyan.packs.vocabulary import TABLES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "packs.md"
TEXT = PAGE.read_text(encoding="utf-8")
SHIPPED = next(folder for folder in shipped() if folder.name == "dan-van-kheo")

PLANTED = {
    "countd": ("forms/register", "counted = true", "countd = true"),
    "add up to 105": ("criteria", "maximum = { value = 30", "maximum = { value = 35"),
    "states.withdrawn": ("text/en", 'withdrawn = "Withdrawn"\n', ""),
    "models = 5": ("tests", "values = { models = 4,", "values = { models = 5,"),
}


def test_the_generated_passages_are_as_the_code_has_them():
    assert rewritten(TEXT) == TEXT, "run: python -m banyan.packs.reference docs/packs.md"


def test_every_table_of_the_vocabulary_is_documented():
    assert set(re.findall(r"<!-- generated: table (\w+) -->", TEXT)) == set(TABLES)


@pytest.mark.parametrize("words", PLANTED)
def test_the_messages_shown_are_what_the_check_says(words, tmp_path):
    shown = [line for line in TEXT.splitlines() if re.match(r"dan-van-kheo/.*\.toml:\d+: ", line)]
    assert len(shown) == len(PLANTED)
    name, there, planted = PLANTED[words]
    copy = shutil.copytree(SHIPPED, tmp_path / "dan-van-kheo")
    path = copy / f"{name}.toml"
    path.write_text(path.read_text("utf-8").replace(there, planted), encoding="utf-8")
    with translation.override("en"):
        said = [f"dan-van-kheo/{problem}" for problem in check(copy)]
    (wanted,) = [line for line in shown if words in line]
    assert wanted in said


def test_the_examples_are_passages_of_the_shipped_pack():
    pack = load(SHIPPED)
    blocks = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)]
    assert len(blocks) == 3
    field, words, share = blocks
    example = field["fields"][0]
    spec = pack.form("register").field(example["id"])
    assert [choice["id"] for choice in example["choices"]] == list(spec.choice_ids)
    assert set(example["headings"]) <= set(spec.headings)
    said = words["forms"]["register"]["fields"]["registrant_kind"]
    assert said["label"] == pack.text("forms.register.fields.registrant_kind.label", "vi")
    indicator = pack.indicator(share["indicators"][0]["id"])
    assert (indicator.op, indicator.of, list(indicator.by)) == (
        "share",
        "models",
        ["level", "field"],
    )
