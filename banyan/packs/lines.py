"""On which line of a TOML file something stands: for messages that an officer can follow.

Not a parser: the file has been parsed already. It walks the lines, keeping track of the table a
line belongs to, and remembers where each table, list element and key begins.
"""

import re

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_INLINE_KEY = re.compile(r"""(?:^|[{,]\s*)([\w-]+|"[^"]*")\s*=""")


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]


class Lines:
    """The places of a file's tables and keys; `of(path)` is the line of the nearest one known."""

    def __init__(self, source: str) -> None:
        self._places: dict[Path, int] = {(): 1}
        self._text = source.splitlines()
        self._counts: dict[Path, int] = {}
        self._read()

    def of(self, path: Path) -> int:
        """The line (from 1) where `path` begins, or the nearest thing around it."""
        known = tuple(path)
        while known not in self._places:
            known = known[:-1]
        return self._places[known]

    def near(self, path: Path, word: str) -> int:
        """The first line at or after `path` that contains `word`; else the line of `path`."""
        start = self.of(path)
        for number in range(start, len(self._text) + 1):
            if word in self._text[number - 1]:
                return number
        return start

    def _read(self) -> None:
        table: Path = ()
        inside: Path | None = None  # the key whose value runs over several lines
        depth, element, quotes = 0, -1, ""
        for number, line in enumerate(self._text, 1):
            if quotes:
                quotes = "" if quotes in line else quotes
                continue
            bare = _without_strings(line)
            if inside is not None:
                # Elements of a list of inline tables, one to a line.
                if depth == 1 and bare.lstrip().startswith("{"):
                    element += 1
                    self._places.setdefault((*inside, element), number)
                    self._inline((*inside, element), line, number)
                depth += bare.count("[") - bare.count("]")
                inside = inside if depth > 0 else None
                continue
            header = _HEADER.match(line) if bare.lstrip().startswith("[") else None
            if header:
                table = self._open(_parts(header[2]), header[1] == "[[", number)
                continue
            key = _KEY.match(line)
            if not key:
                continue
            path = (*table, *_parts(key[1]))
            self._places.setdefault(path, number)
            rest = line[key.end() :]
            self._inline(path, rest, number)
            quotes = next((q for q in ('"""', "'''") if rest.count(q) == 1), "")
            depth = _without_strings(rest).count("[") - _without_strings(rest).count("]")
            inside, element = (path, -1) if depth > 0 else (None, -1)

    def _open(self, parts: list[str], is_element: bool, number: int) -> Path:
        path: Path = ()
        for place, part in enumerate(parts):
            path = (*path, part)
            if is_element and place == len(parts) - 1:
                self._counts[path] = self._counts.get(path, -1) + 1
                self._places.setdefault(path, number)
                path = (*path, self._counts[path])
            elif path in self._counts:
                path = (*path, self._counts[path])
        self._places[path] = number
        return path

    def _inline(self, path: Path, rest: str, number: int) -> None:
        if rest.lstrip().startswith("{"):
            for key in _INLINE_KEY.findall(_without_strings(rest)):
                self._places.setdefault((*path, key.strip('"')), number)


def _without_strings(line: str) -> str:
    """The line with the insides of strings and its comment blanked."""
    blanked = re.sub(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', lambda m: '""', line)
    return blanked.split("#", 1)[0]
