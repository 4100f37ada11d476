"""Saved views as the register shows and opens them."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

VIEW_ROW = {
    "id": "pk",
    "name": "name",
    "query": "query",
    "account": "account_id",
    "shared_with": "shared_with_id",
    "is_default": "is_default",
}
# Asks for the list with no view at all, also where one is the beginning.
NO_VIEW = "none"
# What an address may hold beside filters.
BESIDE = ("q", "sort", "columns", "show", "programme", "distinct")


@dataclass(frozen=True)
class View:
    """One view as a link."""

    pk: int
    name: str
    url: str
    active: bool
    own: bool
    shared: bool
    is_default: bool
    query: str


class Views:
    """The views one may open, which is open, and the way from a view to its address."""

    def __init__(self, listing: Any, rows: list[dict[str, Any]]) -> None:
        self.listing, self.rows = listing, rows
        self.given = listing.request.GET

    def all(self) -> list[View]:
        """Own ones and shared ones."""
        path, account = self.listing.request.path, self.listing.actor.account_id
        return [
            View(
                row["id"],
                row["name"],
                f"{path}?view={row['id']}",
                str(row["id"]) == self.given.get("saved"),
                row["account"] == account,
                row["shared_with"] is not None,
                row["is_default"] and row["account"] == account,
                row["query"],
            )
            for row in self.rows
        ]

    @property
    def open(self) -> View | None:
        """The view this address came from."""
        return next((one for one in self.all() if one.active), None)

    @property
    def is_changed(self) -> bool:
        """Whether the address has been changed since its view was opened."""
        return self.open is not None and _settled(self.open.query) != _settled(self.here)

    @property
    def here(self) -> str:
        """The address as it would be kept."""
        query = self.given.copy()
        for key in ("after", "before", "as", "part", "saved", "view", "r"):
            query.pop(key, None)
        return str(query.urlencode())

    @property
    def keep_url(self) -> str:
        """Where this address is kept."""
        return f"{reverse('view_new')}?{self.here}"

    def opened(self) -> HttpResponseBase | None:
        """The address that the view asked for, or one's own beginning, stands for."""
        asked = self.given.get("view")
        if asked is None:
            begin = next((one for one in self.all() if one.is_default), None)
            if begin is None or self.given or self.listing.request.path.startswith("/api/"):
                return None
            return self._way(begin)
        if asked == NO_VIEW:
            return None
        wanted = next((one for one in self.all() if str(one.pk) == asked), None)
        if wanted is None:  # beyond reach, dropped, or never there: the same answer
            raise Http404
        return self._way(wanted)

    def _way(self, view: View) -> HttpResponseBase:
        kept, dropped = self._known(QueryDict(view.query))
        for key, values in self.given.lists():
            if key != "view":
                kept.setlist(key, values)
        kept["saved"] = str(view.pk)
        if dropped:
            said = _(
                "The view “%(name)s” asks what this register no longer has; left out: %(what)s."
            )
            messages.warning(
                self.listing.request, said % {"name": view.name, "what": ", ".join(dropped)}
            )
        return HttpResponseRedirect(f"{self.listing.request.path}?{kept.urlencode()}")

    def _known(self, stored: QueryDict) -> tuple[QueryDict, list[str]]:
        """What of a stored address the list still knows, and the names of what it does not."""
        listing = self.listing
        filters = {one.key: one for one in listing.filters}
        columns = {column.key for column in listing.columns_all}
        kept, dropped = QueryDict(mutable=True), []
        for key, values in stored.lists():
            if key in filters:
                field = filters[key].field
                fixed: Any = field.choices if isinstance(field, forms.MultipleChoiceField) else ()
                named = {str(value) for value, _label in fixed}
                parts = [part for value in values for part in value.split(",")]
                gone = [part for part in parts if named and part and part not in named]
                dropped += [f"{key}={part}" for part in gone]
                left = [part for part in parts if part not in gone]
                if left:
                    kept[key] = ",".join(left)
            elif key == "columns":
                wanted = ",".join(values).split(",")
                dropped += [one for one in wanted if one not in columns and one != "all"]
                kept[key] = ",".join(one for one in wanted if one in columns or one == "all")
            elif key == "sort" and values[-1].lstrip("-") not in columns:
                dropped.append(values[-1].lstrip("-"))
            elif key in BESIDE:
                kept[key] = values[-1]
            else:
                dropped.append(key)
        return kept, dropped


def _settled(query: str) -> list[tuple[str, str]]:
    given = QueryDict(query)
    return sorted((key, value) for key, values in given.lists() for value in values if value)
