"""What an address asks of a list, as the bar above it shows: filters, those in force, columns."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import cached_property

from banyan.web.page import BanyanRequest
from banyan.web.shown import Choice, Column, Filter, Link

# Where in the list one is, not what is asked of it.
PLACES = ("after", "before", "as", "part")
KEPT = ("sort", "columns", "show", "programme")


class Bar:
    """The half of a listing that reads its address."""

    request: BanyanRequest

    @property
    def columns_all(self) -> list[Column]:
        """Every column there is."""
        raise NotImplementedError

    @property
    def columns_shown(self) -> list[Column]:
        """The columns of the table."""
        raise NotImplementedError

    def filters_of(self) -> Sequence[Filter]:
        """The filters, in order."""
        return ()

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

    def url(self, **changes: str | None) -> str:
        """This list's address with some of the query changed; None takes a key away."""
        query = self.request.GET.copy()
        for key, value in changes.items():
            query.pop(key, None)
            if value is not None:
                query[key] = value
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path

    @cached_property
    def columns_offered(self) -> list[Choice]:
        """Every column as it may be chosen, those of the table first and in its order."""
        shown = [c.key for c in self.columns_shown]
        rest = [c for c in self.columns_all if c.key not in shown]
        chosen = [c for c in self.columns_shown if c.key != "synthetic"]
        return [Choice(c.key, c.label, c.key in shown) for c in [*chosen, *rest]]

    @property
    def asked(self) -> list[tuple[str, str]]:
        """What the address asks, without where in the list one is."""
        return [
            (key, value)
            for key, values in self.request.GET.lists()
            for value in values
            if key not in PLACES
        ]

    @property
    def kept_fields(self) -> list[tuple[str, str]]:
        """What the filter bar sends along so that filtering keeps columns, order and view."""
        return [one for one in self.asked if one[0] in ("sort", "columns", "show", "programme")]

    @cached_property
    def active(self) -> list[Link]:
        """The filters in force, each with the address without it."""
        found = []
        for one in self.filters:
            value = self.form.cleaned_data.get(one.key)
            if value not in (None, "", []):
                gone = {one.key: None, "after": None, "before": None}
                label = f"{one.field.label}: {one.said(value)}"
                found.append(Link(label, self.url(**gone)))
        return found

    @cached_property
    def daily_fields(self) -> list[Any]:
        """The filters always in sight: those in daily use, and any that is on."""
        return [self.form[one.key] for one in self.filters if self._in_sight(one)]

    @cached_property
    def more_fields(self) -> list[Any]:
        """The filters behind 'more filters'."""
        return [self.form[one.key] for one in self.filters if not self._in_sight(one)]

    def _in_sight(self, one: Filter) -> bool:
        return not one.more or self.form.cleaned_data.get(one.key) not in (None, "", [])
