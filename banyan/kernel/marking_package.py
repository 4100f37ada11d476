"""The parts of an .xlsx, opened to be changed: what is not touched is passed on as it is."""

import hashlib
import io
import posixpath
import zipfile
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import IO, Any

from lxml import etree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."

MAX_UNPACKED = 500_000_000
"""Bytes all parts may have when unpacked, pictures too; they pass in pieces."""
MAX_TREE = 40_000_000
"""Bytes of a part that is read whole."""
PIECE = 1 << 20

Element = Any


class Uneditable(Exception):
    """The package is built in a way that is not changed in place."""


def parsed(content: bytes) -> Element:
    """A small part as a tree. No entities, no network, no document type."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as reason:
        raise Uneditable("a part is not well formed") from reason
    if root.getroottree().docinfo.doctype:
        raise Uneditable("a document type")
    return root


def written(root: Element) -> bytes:
    """A tree as the bytes of a part."""
    told: bytes = etree.tostring(
        root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True
    )
    return told


def children(root: Element, name: str) -> list[Element]:
    """The direct children of that name in the main namespace."""
    return list(root.findall(f"{{{MAIN}}}{name}"))


class Package:
    """A package whose parts may be read, replaced and added, then written anew."""

    def __init__(self, content: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError) as reason:
            raise Uneditable("not a package") from reason
        entries = [entry for entry in self._archive.infolist() if not entry.is_dir()]
        self._entries = {entry.filename.lower(): entry for entry in entries}
        if len(self._entries) != len(entries) or any("\\" in e.filename for e in entries):
            raise Uneditable("odd part names")
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
            raise Uneditable("too large")
        if any(entry.flag_bits & 1 for entry in entries):
            raise Uneditable("a locked part")
        self._trees: dict[str, Element] = {}
        self._as_read: dict[str, bytes] = {}
        self._made: dict[str, bytes | Iterator[bytes]] = {}
        self._gone: set[str] = set()

    def __contains__(self, name: str) -> bool:
        name = name.lower()
        known = name in self._entries or name in self._made or name in self._trees
        return known and name not in self._gone

    def open(self, name: str) -> IO[bytes]:
        """A part as it came, as a stream."""
        if name.lower() not in self._entries:
            raise Uneditable(f"{name} is missing")
        return self._archive.open(self._entries[name.lower()])

    def read(self, name: str) -> bytes:
        """A part as it came, whole."""
        entry = self._entries.get(name.lower())
        if entry is None or entry.file_size > MAX_TREE:
            raise Uneditable(f"{name} is missing or too large")
        return self._archive.read(entry)

    def tree(self, name: str, otherwise: str = "") -> Element:
        """A part as a tree; what is done to it is written. `otherwise` makes a missing part."""
        key = name.lower()
        if key not in self._trees:
            there = key in self._entries and key not in self._gone
            if not there and not otherwise:
                raise Uneditable(f"{name} is missing")
            self._trees[key] = parsed(self.read(name) if there else otherwise.encode())
            self._gone.discard(key)
            if there:
                self._as_read[key] = _digest(self._trees[key])
            else:
                self._made[name] = b""
        return self._trees[key]

    def put(self, name: str, content: bytes | Iterator[bytes]) -> None:
        """Replace or add a part."""
        self._made[name] = content
        self._gone.discard(name.lower())

    def drop(self, name: str) -> None:
        """Leave a part out, with its relationships and its type."""
        for one in (name, relations_of(name)):
            self._gone.add(one.lower())
            self._trees.pop(one.lower(), None)
        types = self.tree("[Content_Types].xml")
        for override in types.findall(f"{{{TYPES}}}Override"):
            if override.get("PartName", "").lower() == f"/{name}".lower():
                types.remove(override)

    def declare(self, name: str, content_type: str) -> None:
        """Say of what type a part is."""
        types = self.tree("[Content_Types].xml")
        etree.SubElement(
            types, f"{{{TYPES}}}Override", PartName=f"/{name}", ContentType=content_type
        )

    def declare_ending(self, ending: str, content_type: str) -> None:
        """Say of what type every part with this ending is, unless that is said."""
        types = self.tree("[Content_Types].xml")
        defaults = types.findall(f"{{{TYPES}}}Default")
        if not any(one.get("Extension", "").lower() == ending for one in defaults):
            made = etree.Element(f"{{{TYPES}}}Default", Extension=ending, ContentType=content_type)
            types.insert(0, made)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Id → (last word of the type, the part meant) of what a part points to inside."""
        name = relations_of(part)
        if name not in self:
            return {}
        return {
            one.get("Id", ""): (
                one.get("Type", "").rpartition("/")[2],
                _resolved(part, one.get("Target", "")),
            )
            for one in self.tree(name).findall(f"{{{PACKAGE}}}Relationship")
            if one.get("TargetMode") != "External"
        }

    def relate(self, part: str, kind: str, target: str) -> str:
        """Let a part point to another; the id."""
        empty = f'<Relationships xmlns="{PACKAGE}"/>'
        root = self.tree(relations_of(part), empty)
        taken = {one.get("Id") for one in root}
        number = len(taken) + 1
        while f"rId{number}" in taken:
            number += 1
        about = {"Id": f"rId{number}", "Type": f"{OFFICE}/{kind}", "Target": f"/{target}"}
        etree.SubElement(root, f"{{{PACKAGE}}}Relationship", **about)
        return f"rId{number}"

    def part_from(self, part: str, kind: str) -> str | None:
        """The first part of a kind that a part points to."""
        found = (target for word, target in self.relations(part).values() if word == kind)
        return next(found, None)

    def unrelate(self, part: str, target: str) -> None:
        """Let a part no longer point to another."""
        root = self.tree(relations_of(part))
        for one in root.findall(f"{{{PACKAGE}}}Relationship"):
            if _resolved(part, one.get("Target", "")).lower() == target.lower():
                root.remove(one)

    def free_name(self, pattern: str, best: str = "") -> str:
        """A part name that is not taken: `xl/comments{}.xml`; the best one if that is free."""
        if best and best not in self:
            return best
        number = 1
        while pattern.format(number) in self:
            number += 1
        return pattern.format(number)

    def write(self, out: IO[bytes], then: Callable[[], None]) -> None:
        """The streamed parts first, then, after `then` was done, all others."""
        made = {name.lower(): (name, content) for name, content in self._made.items()}
        names = [entry.filename for entry in self._entries.values()]
        names += [name for key, (name, _content) in made.items() if key not in self._entries]
        # The list of types first, by which programs know the file; then what is streamed, as trees
        # may still change meanwhile.
        streamed = {key for key, (_name, one) in made.items() if isinstance(one, Iterator)}

        def place(name: str) -> int:
            return 0 if name.startswith("[") else 1 if name.lower() in streamed else 2

        names.sort(key=place)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as again:
            for rest, some in groupby(names, key=lambda n: place(n) == 2):
                if rest:
                    then()
                for name in some:
                    if name.lower() not in self._gone:
                        self._write_one(again, name, made.get(name.lower(), (name, None))[1])

    def _write_one(
        self, again: zipfile.ZipFile, name: str, content: bytes | Iterator[bytes] | None
    ) -> None:
        tree = self._trees.get(name.lower())
        if tree is not None and _digest(tree) != self._as_read.get(name.lower()):
            content = written(tree)
        about = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        about.compress_type = zipfile.ZIP_DEFLATED
        with again.open(about, "w") as part:
            if isinstance(content, bytes):
                part.write(content)
            else:
                for piece in content if content is not None else self._pieces(name):
                    part.write(piece)

    def _pieces(self, name: str) -> Iterator[bytes]:
        with self.open(name) as part:
            while piece := part.read(PIECE):
                yield piece


def _digest(root: Element) -> bytes:
    return hashlib.sha256(written(root)).digest()


def relations_of(part: str) -> str:
    """Where the relationships of a part stand."""
    folder, _slash, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels".lstrip("/")


def _resolved(part: str, target: str) -> str:
    if target.startswith("/"):
        return posixpath.normpath(target.lstrip("/"))
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))
