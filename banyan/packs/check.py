"""Check a pack folder and say what is wrong, where, and what to write instead."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from banyan.packs.check_cases import cases
from banyan.packs.check_meaning import meaning
from banyan.packs.check_shape import shape
from banyan.packs.check_texts import texts
from banyan.packs.compiled import compile_pack
from banyan.packs.findings import Finding
from banyan.packs.lines import Lines
from banyan.packs.reading import Content, assemble, files_of, read_toml


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `file` is relative to the pack's folder, `line` counts from 1."""

    file: str
    line: int
    what: str
    write_instead: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what} {self.write_instead}".rstrip()


def check(folder: Path) -> list[Problem]:
    """Everything wrong with the pack in a folder, in file order; empty when it may be installed.

    Stages build on each other (syntax, shape, meaning, texts and cases), so a later stage is only
    run once the earlier ones are clean. Needs no database.
    """
    paths = files_of(folder)
    files: dict[str, Content] = {}
    broken = []
    for name, path in paths.items():
        try:
            files[name] = read_toml(path)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            broken.append(_syntax(path.relative_to(folder), error))
    if broken:
        return broken
    found = list(shape(files))
    if not found and files["pack"]["id"] != folder.name:
        what = _("The folder is called “%(folder)s”, the pack's id is “%(id)s”.")
        words = {"folder": folder.name, "id": files["pack"]["id"]}
        instead = _('Write id = "%(folder)s".') % words
        found.append(Finding("pack", ("id",), what % words, instead))
    found = found or list(meaning(files))
    if not found:
        pack = compile_pack(assemble(files))
        found = [*texts(pack), *cases(pack, files["tests"])]
    return _located(folder, found)


def _syntax(path: Path, error: Exception) -> Problem:
    at = re.search(r"line (\d+)", str(error))
    return Problem(
        str(path),
        int(at[1]) if at else 1,
        _("The file is not valid TOML: %(error)s.") % {"error": error},
        _("Look for a missing quotation mark, bracket or equals sign there."),
    )


def _located(folder: Path, findings: Iterable[Finding]) -> list[Problem]:
    sources: dict[str, Lines] = {}
    problems = []
    for each in findings:
        path = folder / f"{each.file}.toml"
        if path.is_dir() or not path.exists():
            problems.append(Problem(f"{each.file}.toml", 1, each.what, each.write_instead))
            continue
        if each.file not in sources:
            sources[each.file] = Lines(path.read_text(encoding="utf-8"))
        places = sources[each.file]
        line = places.near(each.path, each.word) if each.word else places.of(each.path)
        problems.append(Problem(f"{each.file}.toml", line, each.what, each.write_instead))
    return sorted(problems, key=lambda problem: (problem.file, problem.line))
