"""Migrations say all that the models say, one idea each, by name."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
def test_no_change_of_a_model_is_without_its_migration(capsys):
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except SystemExit:
        pytest.fail(capsys.readouterr().out)


def test_every_migration_is_named_for_its_idea():
    names = [path.stem for path in ROOT.glob("banyan/*/migrations/0*.py")]
    assert names
    assert not [name for name in names if re.search(r"_auto_|_initial$|^\d{4}$", name)]
