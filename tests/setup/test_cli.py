"""The command line: quick help, plain refusals."""

import subprocess
import sys
from pathlib import Path

import pytest

from banyan.kernel.errors import Refusal
from banyan.site import cli

CLONE = Path(cli.__file__).parents[2]

ASK_HELP = """
import sys
from banyan.site import cli
try:
    cli.main(["--help"])
except SystemExit:
    print("django" in sys.modules, "psycopg" in sys.modules)
"""


def test_help_lists_every_command_without_loading_django() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK_HELP],
        cwd=CLONE,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "False False"
    lines = {
        line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line[:4] == "    "
    }
    for name in cli.COMMANDS:
        assert lines.get(name), f"{name} has no line of help"


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_its_arguments(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "banyan.site.cli", name, "--help"],
        cwd=CLONE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"usage: banyan {name}")


def test_an_unknown_command_is_refused_with_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["upp"])
    assert ended.value.code == 2
    assert "upp" in capsys.readouterr().err


def test_a_refusal_is_said_in_plain_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BANYAN_DEBUG", raising=False)
    assert cli.main(["restore", "/nowhere/at/all"]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("/nowhere/at/all cannot be read as a backup.\n")
    assert "Traceback" not in said.err
    assert said.out == ""


def test_with_debug_the_refusal_shows_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANYAN_DEBUG", "1")
    with pytest.raises(Refusal):
        cli.main(["restore", "/nowhere/at/all"])
