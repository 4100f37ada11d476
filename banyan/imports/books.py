"""Workbooks out: the office's own file with its wrong cells marked, and a template to fill in."""

from collections.abc import Iterator
from datetime import datetime
from typing import IO

from django.utils.translation import gettext as _

from banyan.documents import store
from banyan.imports.models import Import
from banyan.imports.target import Target
from banyan.imports.told import CellTold
from banyan.kernel.marking import marked
from banyan.kernel.marks import Wrong
from banyan.web import marked_words, template_book


def marked_file(one: Import) -> IO[bytes]:
    """The file as it was sent, its unclear cells coloured and noted, and a first sheet that lists them."""
    content = store.path_of(one.document.blob_id).read_bytes()
    return marked(content, list(_wrong(one)), marked_words.words(), str(one.pk))


def _wrong(one: Import) -> Iterator[Wrong]:
    headings, letters = {}, {}
    for sheet in one.found.get("sheets", []):
        for seen in sheet["columns"]:
            headings[sheet["sheet"], seen["letter"]] = seen["heading"]
            letters[sheet["sheet"], seen["meant"]] = seen["letter"]
    lines = one.lines.filter(look__gte=2).order_by("place")
    for line in lines.iterator(chunk_size=2_000):
        for told in map(CellTold.of, line.told):
            if not told.unclear and not told.warns:
                continue
            cell = told.cell or f"{letters.get((line.sheet, told.column), 'A')}{line.number}"
            yield Wrong(
                sheet=line.sheet,
                cell=cell,
                value=told.raw,
                rule=told.text,
                mend=told.mend_of(line.outcome),
                column=headings.get((line.sheet, cell.rstrip("0123456789")), told.label),
                tone="wrong" if told.keeps_out else "doubtful",
            )


def template(target: Target, at: datetime, *, filled: bool) -> IO[bytes]:
    """A workbook to fill in; `filled` with what stands there, to be changed and sent back."""
    asked, filled = target.asked, filled and target.fills()
    about = {"target": target.key, "unit": str(asked.unit.pk), "made_at": at.isoformat()}
    mark: dict[str, str] = {**asked.options, **about, "filled": "yes" if filled else ""}
    book = template_book.TemplateBook(
        title=" – ".join(target.about()) or str(target.title),
        columns=target.book_columns(),
        mark=mark,
        guidance=(
            _("Leave out what is not known; do not guess."),
            _(
                "Send the workbook back under Imports: you see what it changes before it is taken in."
            ),
        ),
        rows=target.book_rows() if filled else (),
        tracked=target.fills(),
    )
    return template_book.write(book)
