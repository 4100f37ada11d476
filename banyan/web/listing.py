"""One definition for the page, the file and the API: columns, filters, order, search."""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import DataError, models
from django.db.models import Q
from django.http import HttpResponseBase, JsonResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.web import sheet
from banyan.web.page import BanyanRequest, page, render_part

PER_PAGE = 50
# What reading a cursor that we never wrote can raise, in JSON, in Django or in the database.
TORN = (ValueError, TypeError, ArithmeticError, RecursionError, ValidationError, DataError)


@dataclass(frozen=True)
class Column:
    """One column. `value` takes a row and gives text, number, date or None.

    `order` names a non-null field or annotation to sort by. `tone` colours a chip's word.
    `sub` is a quiet second line.
    """

    key: str
    label: Any
    value: Callable[[Any], Any]
    kind: str = "text"
    order: str = ""
    sub: Callable[[Any], Any] | None = None
    tone: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Filter:
    """One filter: a form field and what it does to the rows."""

    key: str
    field: forms.Field
    apply: Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Link:
    """A labelled address: a chip, an export, a button."""

    label: Any
    url: str
    active: bool = False
    count: int | None = None
    tone: str = ""
    main: bool = False


@dataclass(frozen=True)
class Cell:
    """What a cell shows."""

    text: Any
    kind: str
    label: Any
    tone: str = ""
    sub: Any = ""


@dataclass(frozen=True)
class Row:
    """One row as shown: where it leads and its cells."""

    url: str
    cells: list[Cell]
    pk: int


@dataclass(frozen=True)
class Head:
    """One column head as shown: where a click sorts, and how it is sorted now."""

    key: str
    label: Any
    numeric: bool
    url: str
    direction: str


def _synthetic(row: Any) -> str:
    return _("Yes") if row.synthetic else ""


class Listing:
    """Subclass, set the class attributes, and get HTML, XLSX, CSV, JSON and the OpenAPI entry."""

    all: ClassVar[dict[str, type["Listing"]]] = {}

    name: ClassVar[str]
    of: ClassVar[type[models.Model]]
    title: ClassVar[Any]
    order: ClassVar[str]
    template: ClassVar[str] = "web/list.html"
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
        """The columns, made once a request; a file says of each record whether it is synthetic."""
        columns = list(self.columns_of())
        if self.request.GET.get("as") and hasattr(self.of, "synthetic"):
            columns.append(Column("synthetic", _("Synthetic record"), _synthetic))
        return columns

    @cached_property
    def filters(self) -> list[Filter]:
        """The filters, made once a request."""
        return list(self.filters_of())

    @cached_property
    def form(self) -> forms.Form:
        """The filter bar."""
        fields = {one.key: one.field for one in self.filters}
        for field in fields.values():
            field.required = False
        made = type("FilterForm", (forms.Form,), fields)(self.request.GET)
        made.is_valid()
        return made  # type: ignore[no-any-return]

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
        rows = self.prepare(self.request.seen(self.of))
        for one in self.filters:
            value = self.form.cleaned_data.get(one.key)
            if value not in (None, "", []):
                rows = one.apply(rows, value)
        return self.search_in(rows, self.search) if self.search else rows

    @cached_property
    def total(self) -> int:
        """How many rows that is."""
        return int(self.rows_all.order_by().count())

    @cached_property
    def sorting(self) -> tuple[str, str, bool]:
        """(column key, field to order by, descending), from `?sort=` or the listing's own order."""
        asked = self.request.GET.get("sort", "")
        orders = {c.key: c.order for c in self.columns_all if c.order}
        if asked.lstrip("-") not in orders:
            asked = self.order
        key = asked.lstrip("-")
        return key, orders[key], asked.startswith("-")

    def sorted_rows(self) -> Any:
        """All rows in the present order; the key makes it total."""
        _key, order, down = self.sorting
        sign = "-" if down else ""
        return self.rows_all.order_by(f"{sign}{order}", f"{sign}pk")

    @cached_property
    def page_rows(self) -> list[Any]:
        """The rows of this page and one more, which tells whether there is a next page."""
        rows = self.sorted_rows()
        if cursor := self.request.GET.get("after"):
            return self._rows_after(rows, cursor)
        return list(rows[: PER_PAGE + 1])

    def _rows_after(self, rows: Any, cursor: str) -> list[Any]:
        try:
            return list(rows.filter(self._beyond(cursor))[: PER_PAGE + 1])
        except TORN as torn:
            raise Refusal(
                _("The address of this page is incomplete."),
                "",
                _("Go back to the first page of the list."),
                status=404,
            ) from torn

    def _beyond(self, cursor: str) -> Q:
        """What follows the row a page ended with; raises one of TORN for what is no such row."""
        _key, order, down = self.sorting
        value, pk = json.loads(base64.urlsafe_b64decode(cursor))
        if value is None or "\0" in str(value):
            raise ValueError(cursor)
        word = "lt" if down else "gt"
        return Q(**{f"{order}__{word}": value}) | Q(**{order: value, f"pk__{word}": int(pk)})

    def _cursor(self, row: Any) -> str:
        value = row
        for part in self.sorting[1].split("__"):
            value = getattr(value, part)
        if isinstance(value, date):
            value = value.isoformat()
        return base64.urlsafe_b64encode(json.dumps([value, row.pk], default=str).encode()).decode()

    def url(self, **changes: str | None) -> str:
        """This list's address with some of the query changed; None takes a key away."""
        query = self.request.GET.copy()
        for key, value in changes.items():
            query.pop(key, None)
            if value is not None:
                query[key] = value
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path

    # What the template reads ----------------------------------------------------------------

    @property
    def columns(self) -> list[Head]:
        """The heads, with the address that sorts by each."""
        key, _order, down = self.sorting
        heads = []
        for c in self.columns_all:
            now = "" if c.key != key else "descending" if down else "ascending"
            turn = f"-{c.key}" if now == "ascending" else c.key
            address = self.url(sort=turn, after=None) if c.order else ""
            heads.append(Head(c.key, c.label, c.kind in ("number", "money"), address, now))
        return heads

    @property
    def rows(self) -> list[Row]:
        """The rows of this page."""
        return [self.shown(row) for row in self.page_rows[:PER_PAGE]]

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
            for c in self.columns_all
        ]
        return Row(self.row_url(row), cells, row.pk)

    @property
    def next_url(self) -> str:
        """The next page, or nothing."""
        if len(self.page_rows) <= PER_PAGE:
            return ""
        return self.url(after=self._cursor(self.page_rows[PER_PAGE - 1]))

    @property
    def first_url(self) -> str:
        """Back to the first page, when this is a later one."""
        return self.url(after=None) if self.request.GET.get("after") else ""

    @property
    def chips(self) -> list[Link]:
        """Quick filters."""
        return self.chips_of()

    @property
    def actions(self) -> list[Link]:
        """Buttons."""
        return self.actions_of()

    @property
    def exports(self) -> list[Link]:
        """The same rows and columns as a file."""
        kinds = (("xlsx", _("Excel")), ("csv", _("CSV")), ("json", _("JSON")))
        return [Link(label, self.url(**{"as": kind, "after": None})) for kind, label in kinds]

    # The three other ways out ---------------------------------------------------------------

    def plain_rows(self) -> Iterator[list[Any]]:
        """Every row of the present filter as plain values, streamed."""
        for row in self.sorted_rows().iterator(chunk_size=2_000):
            yield [c.value(row) for c in self.columns_all]

    def as_json(self) -> dict[str, Any]:
        """One page for the API, with the address of the next."""
        rows = [
            {"id": row.pk, **{c.key: c.value(row) for c in self.columns_all}}
            for row in self.page_rows[:PER_PAGE]
        ]
        return {"total": self.total, "rows": rows, "next": self.next_url or None}

    def respond(self) -> HttpResponseBase:
        """The answer in the form asked for (`?as=xlsx|csv|json`, else a page)."""
        asked = self.request.GET.get("as", "")
        if asked == "json":
            return JsonResponse(self.as_json())
        if asked in ("csv", "xlsx"):
            headings = [str(c.label) for c in self.columns_all]
            return sheet.download(asked, self.name, headings, self.plain_rows())
        return render_part(self.request, self.template, "web/_rows.html", {"listing": self})

    @classmethod
    def view(cls) -> Any:
        """The page."""

        def view(request: BanyanRequest, **kwargs: Any) -> HttpResponseBase:
            return cls(request).respond()

        view.__qualname__ = f"{cls.__qualname__}.view"
        view.__module__ = cls.__module__
        return page(cls.needs)(view)
