"""The `banyan` command: one module for each subcommand, imported when it is asked for."""

import argparse
import ast
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from banyan.kernel.errors import Refusal

COMMANDS = (
    "up",
    "demo",
    "units",
    "reform",
    "packs",
    "import",
    "figures",
    "report",
    "ledger",
    "code",
    "backup",
    "restore",
    "doctor",
)
# These look after the database and Django themselves: they work while something is still missing.
ON_THEIR_OWN = {"up", "packs", "backup", "restore", "doctor"}

EPILOG = """\
BANYAN_HOME names the folder with database, files and secrets; `banyan doctor` says which it is.
BANYAN_DEBUG=1 shows where an error comes from.
"""


class Command(Protocol):
    """What a module in `banyan/site/commands/` offers."""

    HELP: str

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it; the answer is the exit code."""


def main(words: list[str] | None = None) -> int:
    """Run one command; a refusal is said in plain words and ends with 2."""
    words = sys.argv[1:] if words is None else words
    if any("\udc80" <= sign <= "\udcff" for word in words for sign in word):
        print("A word of this command is not UTF-8 text. Type it again.", file=sys.stderr)
        return 2
    try:
        return _run(words)
    except Refusal as refusal:
        if os.environ.get("BANYAN_DEBUG") == "1":
            raise
        for part in (refusal.what, refusal.why, refusal.mend):
            if part:
                print(part, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:  # a file or folder named on the line that cannot be read or written
        if os.environ.get("BANYAN_DEBUG") == "1" or not error.filename:
            raise
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        print("Nothing was written. Name another place.", file=sys.stderr)
        return 2


def _run(words: list[str]) -> int:
    name = words[0] if words and words[0] in COMMANDS else None
    if name is None:
        _overview().parse_args(words or ["--help"])
        return 2
    if name not in ON_THEIR_OWN:
        _boot().setup()
    command = _module(name)
    parser = argparse.ArgumentParser(prog=f"banyan {name}", description=command.HELP)
    command.add(parser)
    args = parser.parse_args(words[1:])
    if name not in ON_THEIR_OWN:
        _boot().django()
    return command.run(args)


def _overview() -> argparse.ArgumentParser:
    """All commands with a line each, read from their files without importing any of them."""
    parser = argparse.ArgumentParser(
        prog="banyan", epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    listed = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in COMMANDS:
        listed.add_parser(name, help=_help(name))
    return parser


def _help(name: str) -> str:
    """The `HELP` of a command's file: `banyan --help` must not wait for Django."""
    source = _file(name).read_text(encoding="utf-8")
    for line in ast.parse(source).body:
        match line:
            case ast.Assign(targets=[ast.Name(id="HELP")], value=value):
                return str(ast.literal_eval(value))
            case ast.AnnAssign(target=ast.Name(id="HELP"), value=ast.expr() as value):
                return str(ast.literal_eval(value))
    return ""


def _file(name: str) -> Path:
    # `import` is a word of Python's own and cannot name a module.
    return Path(__file__).parent / "commands" / ("import_.py" if name == "import" else f"{name}.py")


def _module(name: str) -> Command:
    return cast(Command, import_module(f"banyan.site.commands.{_file(name).stem}"))


def _boot() -> "_Boot":
    """`banyan.site.boot`, imported late: it brings Django, which --help does without."""
    return cast(_Boot, import_module("banyan.site.boot"))


class _Boot(Protocol):
    def setup(self) -> None: ...
    def django(self) -> None: ...


if __name__ == "__main__":
    sys.exit(main())
