"""The house measures of the design: small files, small functions, no drawers named 'utils'.

What stood above a measure when it was introduced is written in baseline.toml with its number; the
number may only fall, and a line whose trouble is gone must go too.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASELINE = tomllib.loads((Path(__file__).parent / "baseline.toml").read_text())
FORBIDDEN = {"utils", "helpers", "common", "services", "managers", "base", "core"}
Function = ast.FunctionDef | ast.AsyncFunctionDef

FILE, FUNCTION, ARGUMENTS, TEMPLATE, SCRIPTS, STYLES, INNER_IMPORTS = (
    400,
    50,
    5,
    120,
    1_000,
    1_500,
    3,
)


@cache
def sources() -> dict[str, str]:
    """Every Python file of the product and its tests, by its path."""
    found = {}
    for top in ("banyan", "tests", "bench"):
        for path in sorted((ROOT / top).rglob("*.py")):
            if "migrations" not in path.parts:
                found[str(path.relative_to(ROOT))] = path.read_text()
    return found


@cache
def trees() -> dict[str, ast.Module]:
    """The product's files, parsed."""
    return {name: ast.parse(text) for name, text in sources().items() if name.startswith("banyan/")}


def functions(tree: ast.Module, owner: str = "") -> Iterator[tuple[str, Function]]:
    """Each function with its name, methods as Class.name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, Function):
                    yield f"{node.name}.{inner.name}", inner
    for node in tree.body:
        if isinstance(node, Function):
            yield node.name, node


def held(measure: str, found: dict[str, int], most: int) -> None:
    """Nothing above the measure but what the baseline names, and nothing named without need."""
    kept: dict[str, int] = BASELINE.get(measure, {})
    over = {name: n for name, n in found.items() if n > kept.get(name, most)}
    assert not over, f"{measure}: more than {most} (or than the baseline): {over}"
    loose = {name: n for name, n in kept.items() if found.get(name, 0) < n}
    assert not loose, f"Lower or take out in baseline.toml [{measure}]: {sorted(loose)}"


def test_no_file_is_longer_than_400_lines():
    held("file", {name: text.count("\n") for name, text in sources().items()}, FILE)


def test_no_function_is_longer_than_50_lines():
    found = {}
    for name, tree in trees().items():
        for label, node in functions(tree):
            found[f"{name}:{label}"] = (node.end_lineno or node.lineno) - node.lineno + 1
    held("function", found, FUNCTION)


def test_no_function_takes_more_than_five_arguments_and_by():
    found = {}
    for name, tree in trees().items():
        for label, node in functions(tree):
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            counted = [a.arg for a in given if a.arg not in ("self", "cls", "by", "request")]
            found[f"{name}:{label}"] = len(counted)
    held("arguments", found, ARGUMENTS)


def test_no_template_is_longer_than_120_lines():
    found = {
        str(path.relative_to(ROOT)): path.read_text().count("\n")
        for path in (ROOT / "banyan").rglob("*.html")
    }
    held("template", found, TEMPLATE)


@pytest.mark.parametrize(("kind", "most"), [("js", SCRIPTS), ("css", STYLES)])
def test_own_scripts_and_styles_stay_within_their_budget(kind, most):
    own = [p for p in (ROOT / "banyan").rglob(f"*.{kind}") if "vendor" not in p.parts]
    assert own
    held(kind, {"all": sum(p.read_text().count("\n") for p in own)}, most)


def inner_imports() -> dict[str, str]:
    """Imports inside functions, with the words of the comment that gives the reason."""
    found = {}
    for name, tree in trees().items():
        lines = sources()[name].splitlines()
        for _label, function in functions(tree):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    near = lines[max(node.lineno - 6, 0) : node.lineno]
                    said = [line.split("#", 1)[1] for line in near if "#" in line]
                    found[f"{name}:{node.lineno}"] = " ".join(said)
    return found


def test_imports_inside_functions_are_few():
    held("inner_imports", {"all": len(inner_imports())}, INNER_IMPORTS)


def test_every_import_inside_a_function_gives_its_reason():
    silent = [where for where, said in inner_imports().items() if not re.sub("noqa.*", "", said)]
    assert not silent


def test_nothing_is_imported_by_a_star():
    starred = [
        f"{name}:{node.lineno}"
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names)
    ]
    assert not starred


def test_no_file_or_folder_is_a_drawer_for_everything():
    drawers = [
        str(path.relative_to(ROOT))
        for top in ("banyan", "tests")
        for path in (ROOT / top).rglob("*")
        if path.stem in FORBIDDEN and (path.is_dir() or path.suffix == ".py")
    ]
    assert not drawers


def test_nothing_names_the_machine_it_was_made_on():
    pattern = re.compile(r"/(?:root|home/\w+)/|/tmp/w\b|/wo" + r"rk/(?:main|shared)")
    named = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in [*(ROOT / "banyan").rglob("*"), *(ROOT / "packs").rglob("*"), ROOT / "Makefile"]
        if path.suffix in (".py", ".toml", ".html", ".js", ".css", ".po", "") and path.is_file()
        for found in pattern.finditer(path.read_text())
    ]
    assert not named
