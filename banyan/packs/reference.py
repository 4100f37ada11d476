"""The vocabulary as tables for docs/packs.md: `python -m banyan.packs.reference docs/packs.md`.

The passages between `<!-- generated: NAME -->` and `<!-- end -->` are rewritten; a test compares.
"""

import inspect
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from banyan.packs.rules import RULES
from banyan.packs.slots import ASPECTS, REPORT_FACTS
from banyan.packs.vocabulary import BLOCKS, FILLS, KINDS, LINES, OPS, TABLES, TYPES, Key

_PASSAGE = re.compile(r"(<!-- generated: ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_LISTS = {"kinds": KINDS, "operations": OPS, "blocks": BLOCKS, "fills": FILLS, "lines": LINES}


def rewritten(document: str) -> str:
    """The document with every generated passage as the code has it now. KeyError: unknown name."""
    return _PASSAGE.sub(lambda found: f"{found[1]}{passage(found[2])}\n{found[3]}", document)


def passage(name: str) -> str:
    """One generated passage: `table field`, `kinds`, `rules`, `slots` …"""
    if name.startswith("table "):
        return _table_of_keys(TABLES[name.removeprefix("table ")])
    if name in _LISTS:
        return _table(("word", "meaning"), _LISTS[name].items())
    if name == "rules":
        rows = ((rule, inspect.getdoc(function) or "") for rule, function in RULES.items())
        return _table(("rule", "refuses the move unless"), rows)
    if name == "slots":
        facts = ", ".join(f"`{{{fact}}}`" for fact in REPORT_FACTS)
        aspects = ", ".join(f"`{{indicator.{aspect}}}`" for aspect in ASPECTS)
        return f"Facts of the report: {facts}. Aspects of a figure: {aspects}."
    raise KeyError(name)


def _table_of_keys(keys: Iterable[Key]) -> str:
    rows = []
    for key in keys:
        # The long form of a name is said once, at the top of the document.
        holds = TYPES[key.type].split(":")[0] if key.type == "id" else TYPES[key.type]
        holds += f" ([{key.of}](#{key.of}))" if key.of else ""
        if key.allowed:
            holds = "one or more of " if key.type == "ids" else "one of "
            holds += ", ".join(f"`{word}`" for word in key.allowed)
        rows.append((f"{key.name}{' *' if key.needed else ''}", key.says, holds))
    return _table(("key", "what it is", "holds"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for first, *rest in rows:
        name, _blank, star = first.partition(" ")
        cells = [
            f"`{name}`{' ' + star if star else ''}",
            *(cell.replace("\n", " ") for cell in rest),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")
