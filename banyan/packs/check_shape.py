"""Do the files of a pack keep to the vocabulary: known keys, types, closed values, ids once?"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from banyan.packs.findings import Finding, nearest
from banyan.packs.lines import Path
from banyan.packs.reading import Content
from banyan.packs.vocabulary import FILES, NEEDED_FILES, TABLES, TYPES, Key

_ID = re.compile(r"[a-z][a-z0-9_-]*")


def shape(files: dict[str, Content]) -> Iterator[Finding]:
    """Everything wrong with the form of these files, by their name inside the pack."""
    for name in NEEDED_FILES:
        if name not in files:
            yield Finding(
                name, (), _("The file is missing."), _("Add %(file)s.toml.") % {"file": name}
            )
    for part, what in (("forms", _("a form")), ("text", _("a text file"))):
        if not any(name.startswith(f"{part}/") for name in files):
            yield Finding(
                part, (), _("The pack has no such file."), _("Add %(what)s.") % {"what": what}
            )
    for name, content in files.items():
        part, _slash, leaf = name.partition("/")
        if part in FILES:
            yield from _table(name, (), content, FILES[part])
            if leaf and content.get("id", leaf) != leaf:
                what = _("The file is called “%(leaf)s”, its id is “%(id)s”.")
                words = {"leaf": leaf, "id": content["id"]}
                yield Finding(name, ("id",), what % words, _('Write id = "%(leaf)s".') % words)
        elif part == "text":
            yield from _texts(name, (), content)


def _table(file: str, path: Path, data: Content, table: str) -> Iterator[Finding]:
    keys = {key.name: key for key in TABLES[table]}
    for name, value in data.items():
        if name not in keys:
            what = _("Unknown key “%(key)s”.") % {"key": name}
            yield Finding(file, (*path, name), what, nearest(name, keys), name)
        else:
            yield from _value(file, (*path, name), value, keys[name])
    for key in keys.values():
        if key.needed and key.name not in data:
            what = _("“%(key)s” is missing.") % {"key": key.name}
            yield Finding(file, path, what, _("Write %(key)s = …, %(type)s.") % _words(key))


def _words(key: Key) -> dict[str, str]:
    return {"key": key.name, "type": _(TYPES[key.type])}


def _value(file: str, path: Path, value: Any, key: Key) -> Iterator[Finding]:
    if not _FITS[key.type](value):
        what = _("“%(key)s” does not hold what it should.") % _words(key)
        yield Finding(file, path, what, _("Write %(type)s.") % _words(key))
        return
    for word in (value if isinstance(value, list) else [value]) if key.allowed else ():
        if word not in key.allowed:
            what = _("“%(key)s” does not know “%(word)s”.") % {"key": key.name, "word": word}
            yield Finding(file, path, what, nearest(word, key.allowed), word)
    yield from _inside(file, path, value, key)


def _inside(file: str, path: Path, value: Any, key: Key) -> Iterator[Finding]:
    """What is wrong in the tables that a value holds."""
    if key.type == "table":
        yield from _table(file, path, value, key.of)
    elif key.type == "named":
        for name, inner in value.items():
            yield from _table(file, (*path, name), inner, key.of)
    elif key.type == "tables":
        for place, inner in enumerate(value):
            yield from _table(file, (*path, place), inner, key.of)
        yield from _once(file, path, value)
    elif isinstance(value, dict) and "source" in value:
        yield from _table(file, path, value, "setting")


def _once(file: str, path: Path, tables: list[Content]) -> Iterator[Finding]:
    seen: set[str] = set()
    for place, table in enumerate(tables):
        id = table.get("id")
        if isinstance(id, str) and id in seen:
            what = _("“%(id)s” stands twice.") % {"id": id}
            yield Finding(file, (*path, place), what, _("Give one of them another id."), id)
        if isinstance(id, str):
            seen.add(id)


def _texts(file: str, path: Path, data: Content) -> Iterator[Finding]:
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _texts(file, (*path, name), value)
        elif not isinstance(value, str) or not value.strip():
            what = _("“%(key)s” is no text.") % {"key": ".".join(map(str, (*path, name)))}
            yield Finding(file, (*path, name), what, _("Write a text between quotation marks."))


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_whole(value) or (isinstance(value, str) and bool(re.fullmatch(r"-?\d+\.\d+", value)))


def _is_setting(value: Any) -> bool:
    return isinstance(value, dict) and _is_number(value.get("value"))


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(fits(each) for each in value)


def _table_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(fits(each) for each in value.values())


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, bool | int | str)


_FITS: dict[str, Callable[[Any], bool]] = {
    "id": _is_id,
    "ids": _list_of(_is_id),
    "text": _is_text,
    "texts": _list_of(_is_text),
    "whole": _is_whole,
    "number": _is_number,
    "flag": lambda value: isinstance(value, bool),
    "day": _is_day,
    "amount": lambda value: _is_number(value) or _is_setting(value),
    "bound": lambda value: _is_number(value) or _is_day(value) or _is_setting(value),
    "wordlists": _table_of(_list_of(_is_text)),
    "texttable": _table_of(_is_text),
    "where": _table_of(
        lambda each: _is_scalar(each) or (bool(each) and _list_of(_is_scalar)(each))
    ),
    "free": _is_table,
    "rows": _list_of(_is_table),
    "table": _is_table,
    "tables": _list_of(_is_table),
    "named": _table_of(_is_table),
}
