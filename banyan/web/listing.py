"""One definition for the page, the file and the API: columns, filters, order, search."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.db import models
from django.db.models import IntegerField, Value
from django.http import HttpResponseBase, JsonResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.web import sheet
from banyan.web.bar import Bar
from banyan.web.keyset import TORN, Order, decode
from banyan.web.page import BanyanRequest, page, render_part
from banyan.web.shown import Cell, Column, Filter, Head, Link, Row

__all__ = ["PER_PAGE", "Cell", "Column", "Filter", "Head", "Link", "Listing", "Row"]

PER_PAGE = 50
MOST_PICKED = 200
LONGEST = 19  # digits of a bigint
NUMERIC = ("number", "money")


def _synthetic(row: Any) -> str:
    return _("Yes") if row.synthetic else ""


class Listing(Bar):
    """Subclass, set the class attributes, and get HTML, XLSX, CSV, JSON and the OpenAPI entry."""

    all: ClassVar[dict[str, type["Listing"]]] = {}

    name: ClassVar[str]
    of: ClassVar[type[models.Model]]
    title: ClassVar[Any]
    order: ClassVar[str]
    template: ClassVar[str] = "web/list.html"
    part: ClassVar[str] = "web/_rows.html"
    needs: ClassVar[str | None]
    # What its address may ask beside its filters, each with a sentence: for the description of the API.
    parameters: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls) -> None:
        if "name" in cls.__dict__:  # else it only adds something to lists
            Listing.all[cls.name] = cls

    def __init__(self, request: BanyanRequest) -> None:
        self.request = request
        self.actor = request.actor

    # What subclasses fill -----------------------------------------------------------------

    def columns_of(self) -> Sequence[Column]:
        """The columns, in order."""
        raise NotImplementedError

    def filters_of(self) -> Sequence[Filter]:
        """The filters, in order."""
        return ()

    def seen(self) -> Any:
        """The rows the actor may see."""
        return self.request.seen(self.of)

    def prepare(self, rows: Any) -> Any:
        """Joins and annotations the columns and orders need."""
        return rows

    def search_in(self, rows: Any, text: str) -> Any:
        """Rows that match the searched words; by default the search box is not shown."""
        return rows

    searches: ClassVar[bool] = False

    def row_url(self, row: Any) -> str:
        """Where a row leads."""
        return row.get_absolute_url()  # type: ignore[no-any-return]

    def chips_of(self) -> list[Link]:
        """Quick filters with counts."""
        return []

    def actions_of(self) -> list[Link]:
        """Buttons above the list."""
        return []

    def lead(self) -> str:
        """One sentence above the list."""
        return ""

    def note(self) -> str:
        """One sentence that goes with these rows and changes with the filters."""
        return ""

    def empty(self) -> dict[str, Any]:
        """What is said when nothing is found: what, mend, url, label."""
        if self.is_narrowed:
            return {
                "what": _("Nothing matches these filters."),
                "mend": _("Take a filter away or search for fewer words."),
                "url": self.request.path,
                "label": _("Show everything"),
            }
        return {"what": _("There is nothing here yet."), "mend": "", "url": "", "label": ""}

    # The frame ------------------------------------------------------------------------------

    @cached_property
    def columns_all(self) -> list[Column]:
        """Every column there is, made once a request."""
        return list(self.columns_of())

    @cached_property
    def columns_shown(self) -> list[Column]:
        """The columns of `?columns=a,b,c` in that order, else the usual ones; a file says of each
        record whether it is synthetic."""
        by_key = {column.key: column for column in self.columns_all}
        asked = ",".join(self.request.GET.getlist("columns")).split(",")
        chosen = [by_key[key] for key in dict.fromkeys(asked) if key in by_key]
        if asked == ["all"]:
            chosen = self.columns_all
        columns = chosen or [column for column in self.columns_all if column.usual]
        if self.request.GET.get("as") and hasattr(self.of, "synthetic"):
            columns = [*columns, Column("synthetic", _("Synthetic record"), _synthetic)]
        return columns

    @property
    def search(self) -> str:
        """The searched words."""
        return self.request.GET.get("q", "").strip()[:200]

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter or search is on."""
        return bool(self.search) or any(self.form.cleaned_data.get(one.key) for one in self.filters)

    @cached_property
    def rows_all(self) -> Any:
        """Every row the actor may see under the present filters and search."""
        rows = self.narrowed(self.prepare(self.seen()))
        return rows.filter(pk__in=self.picked) if self.picked else rows

    def narrowed(self, rows: Any, *, but: str = "") -> Any:
        """Rows under the filters, all or all but one, and the search."""
        for one in self.filters:
            value = self.form.cleaned_data.get(one.key)
            if one.key != but and value not in (None, "", []):
                rows = one.apply(rows, value)
        return self.search_in(rows, self.search) if self.search else rows

    @cached_property
    def picked(self) -> list[int]:
        """The records of `?r=1&r=2`: what was ticked."""
        asked = self.request.GET.getlist("r")[:MOST_PICKED]
        return [int(one) for one in asked if one.isdecimal() and len(one) < LONGEST]

    @cached_property
    def total(self) -> int | None:
        """How many rows that is; None where they are counted later."""
        return int(self.rows_all.order_by().count())

    @cached_property
    def sorting(self) -> tuple[Column, bool]:
        """(column, descending), from `?sort=` or the listing's own order."""
        asked = self.request.GET.get("sort", "")
        by_key = {c.key: c for c in self.columns_all if c.order}
        if asked.lstrip("-") not in by_key:
            asked = self.order
        return by_key[asked.lstrip("-")], asked.startswith("-")

    def phases(self) -> list[tuple[Any, Order]]:
        """The rows in the present order, one part after the other; blanks are a part of their own."""
        column, down = self.sorting
        rows, order = self.rows_all, Order(column.order, down, column.tie)
        if not column.blank:
            return [(rows, order)]
        return [
            (rows.filter(**{f"{column.order}__isnull": False}), order),
            (rows.filter(**{f"{column.order}__isnull": True}), Order("", down, column.tie)),
        ]

    def sorted_rows(self) -> Iterator[Any]:
        """All rows in the present order, streamed."""
        for rows, order in self.phases():
            yield from rows.order_by(*order.by(back=False)).iterator(chunk_size=2_000)

    @cached_property
    def page_found(self) -> tuple[list[Any], bool, list[str]]:
        """The rows of this page, whether more lie in the direction walked, the cursors of its ends."""
        try:
            return self._walked()
        except TORN as torn:
            raise Refusal(
                _("The address of this page is incomplete."),
                "",
                _("Go back to the first page of the list."),
                status=404,
            ) from torn

    def _walked(self) -> tuple[list[Any], bool, list[str]]:
        parts = list(enumerate(self.phases()))
        given = self.request.GET
        back = self.goes_back
        cursor = given.get("after") or given.get("before") or ""
        start, value, tie = decode(cursor, len(parts)) if cursor else (0, None, 0)
        wanted = []
        for place, (rows, order) in reversed(parts[: start + 1]) if back else parts[start:]:
            if cursor and place == start:
                rows = rows.filter(order.beyond(value, tie, back))
            rows = rows.annotate(phase=Value(place, output_field=IntegerField()))
            wanted.append(rows.order_by(*order.by(back))[: PER_PAGE + 1])
        met = self._read(wanted)
        if back:
            met.sort(key=lambda row: -row.phase)
        more, met = len(met) > PER_PAGE, met[:PER_PAGE]
        if back:
            met.reverse()
        ends = (
            [parts[row.phase][1][1].cursor(row, row.phase) for row in (met[0], met[-1])]
            if met
            else []
        )
        return met, more, ends

    def _read(self, wanted: list[Any]) -> list[Any]:
        """The first rows of several parts: their keys by one question that reads one part after the
        other and no further than the page, then the rows with all they show."""
        if len(wanted) == 1:
            return list(wanted[0])
        first, *rest = [rows.values_list("pk", "phase") for rows in wanted]
        phases = dict(first.union(*rest, all=True)[: PER_PAGE + 1])
        found = {row.pk: row for row in self.rows_all.filter(pk__in=list(phases))}
        met = [found[pk] for pk in phases if pk in found]
        for row in met:
            row.phase = phases[row.pk]
        return sorted(met, key=lambda row: row.phase)

    @property
    def goes_back(self) -> bool:
        """Whether this page was reached by 'previous'."""
        return bool(self.request.GET.get("before")) and not self.request.GET.get("after")

    @property
    def page_rows(self) -> list[Any]:
        """The rows of this page."""
        return self.page_found[0]

    # What the template reads ----------------------------------------------------------------

    @cached_property
    def columns(self) -> list[Head]:
        """The heads, with the address that sorts by each."""
        sorted_by, down = self.sorting
        heads = []
        for c in self.columns_shown:
            now = "" if c.key != sorted_by.key else "descending" if down else "ascending"
            turn = f"-{c.key}" if now == "ascending" else c.key
            address = self.url(sort=turn, after=None, before=None) if c.order else ""
            heads.append(Head(c.key, c.label, c.kind in NUMERIC, address, now))
        return heads

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of this page."""
        return [self.shown(row) for row in self.page_rows]

    def shown(self, row: Any) -> Row:
        """One row with its cells."""
        cells = [
            Cell(
                c.value(row),
                c.kind,
                c.label,
                c.tone(row) if c.tone else "",
                c.sub(row) if c.sub else "",
            )
            for c in self.columns_shown
        ]
        return Row(self.row_url(row), cells, row.pk)

    @cached_property
    def next_url(self) -> str:
        """The next page, or nothing."""
        rows, more, ends = self.page_found
        if not rows or not (more or self.goes_back):
            return ""
        return self.url(after=ends[1], before=None)

    @property
    def previous_url(self) -> str:
        """The page before, or nothing."""
        rows, more, ends = self.page_found
        if not rows or not (more if self.goes_back else self.request.GET.get("after")):
            return ""
        return self.url(before=ends[0], after=None)

    @cached_property
    def first_url(self) -> str:
        """Back to the first page, when this is a later one."""
        here = self.request.GET.get("after") or self.request.GET.get("before")
        return self.url(after=None, before=None) if here else ""

    @property
    def chips(self) -> list[Link]:
        """Quick filters."""
        return self.chips_of()

    @property
    def actions(self) -> list[Link]:
        """Buttons."""
        return self.actions_of()

    @cached_property
    def exports(self) -> list[Link]:
        """The same rows and columns as a file: every row, whatever page one is on."""
        kinds = (("xlsx", _("Excel")), ("csv", _("CSV")), ("rows", _("JSON")))
        gone = {"after": None, "before": None}
        return [Link(label, self.url(**{"as": kind, **gone})) for kind, label in kinds]

    # The three other ways out ---------------------------------------------------------------

    def plain_rows(self, *, numbered: bool = False) -> Iterator[list[Any]]:
        """Every row of the present filter as plain values, streamed; `numbered` by its id."""
        values = [column.value for column in self.columns_shown]
        for row in self.sorted_rows():
            told = [value(row) for value in values]
            yield [row.pk, *told] if numbered else told

    def as_json(self) -> dict[str, Any]:
        """One page for the API, with the address of the next."""
        rows = [
            {"id": row.pk, **{c.key: c.value(row) for c in self.columns_shown}}
            for row in self.page_rows
        ]
        return {"total": self.total, "rows": rows, "next": self.next_url or None}

    def respond(self) -> HttpResponseBase:
        """The answer in the form asked for: a file (`?as=xlsx|csv|rows|jsonl`), one page of the API
        (`?as=json`), else a page."""
        asked = self.request.GET.get("as", "")
        if asked == "json":
            return JsonResponse(self.as_json())
        if asked in sheet.FILES:
            heads = [sheet.Heading(str(c.label), c.kind, c.key) for c in self.columns_shown]
            rows = self.plain_rows(numbered=asked in ("rows", "jsonl"))
            return sheet.download(asked, self.name, heads, rows, str(self.title))
        part = "web/_counts.html" if self.request.GET.get("part") == "counts" else self.part
        return render_part(self.request, self.template, part, {"listing": self})

    @classmethod
    def view(cls) -> Any:
        """The page."""

        def view(request: BanyanRequest, **kwargs: Any) -> HttpResponseBase:
            return cls(request).respond()

        view.__qualname__ = f"{cls.__qualname__}.view"
        view.__module__ = cls.__module__
        return page(cls.needs)(view)
