"""Named sets of units: their list, their pages, the form that makes one. Figures accept their keys."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.kernel.errors import Refusal
from banyan.kernel.text import vi_sort_key
from banyan.orgs import operations
from banyan.orgs.finding import find_unit
from banyan.orgs.lists import day_asked, when, with_day
from banyan.orgs.lives import Life, with_lives
from banyan.orgs.models import Group, Unit
from banyan.orgs.story import told
from banyan.orgs.unit_page import last_day, name_on
from banyan.web.act import act
from banyan.web.form import Form
from banyan.web.listing import Column, Link, Listing
from banyan.web.page import BanyanRequest, get_seen, page
from banyan.web.templatetags.banyan import day as in_words

MOST_NAMED = 20


class GroupList(Listing):
    """Groups kept within reach."""

    name = "groups"
    of = Group
    title = gettext_lazy("Groups of units")
    order = "name"
    needs = "unit.view"

    def prepare(self, rows: Any) -> Any:
        """The keeper's name and the members' names and ends, of today: one question for all."""
        today = self.request.today
        members = Unit.objects.filter(groups=OuterRef("pk")).named_on(today)
        told = JSONObject(name=name_on("pk", today), until=last_day("pk"), key="day_key")
        return rows.annotate(
            keeper=name_on("unit", today), told=ArraySubquery(members.values(told=told))
        )

    def columns_of(self) -> Sequence[Column]:
        """Name, key, keeper, how many units and which."""
        return [
            Column("name", _("Name"), lambda g: g.name, order="name", sub=self.members),
            Column("key", _("Key"), lambda g: g.key, kind="soft", order="key"),
            Column("unit", _("Kept by"), lambda g: g.keeper, kind="soft"),
            Column("units", _("Units"), lambda g: len(g.told), kind="number"),
        ]

    def members(self, group: Any) -> str:
        """The names of its units, and which of them have ended."""
        said = []
        for one in group.told[:MOST_NAMED]:
            last = date.fromisoformat(one["until"]) if one["until"] else None
            ended = _("%(unit)s (ended %(day)s)") % {"unit": one["name"], "day": in_words(last)}
            said.append(ended if last and last < self.request.today else one["name"])
        more = len(group.told) - MOST_NAMED
        return ", ".join(said) + (" …" if more > 0 else "")

    def row_url(self, row: Group) -> str:
        """The page of the group."""
        return reverse("group", args=[row.pk])

    def actions_of(self) -> list[Link]:
        """Form one, where the post allows it."""
        if not self.actor.holds(operations.REORGANISE):
            return []
        return [Link(_("Form a group"), reverse("group_new"), main=True)]


class GroupForm(Form):
    """Form a group from the codes of its units."""

    run = operations.form_group
    title = gettext_lazy("Form a group of units")
    lead = gettext_lazy("Figures and reports can be asked for the group by its key.")
    submit_label = gettext_lazy("Form the group")
    done = gettext_lazy("The group is formed.")

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    key = forms.SlugField(
        label=gettext_lazy("Key"),
        max_length=60,
        help_text=gettext_lazy(
            "Small letters, digits and hyphens, for example mien-nui-quang-nam."
        ),
    )
    codes = forms.CharField(
        label=gettext_lazy("Units"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("One code a line, for example 020@2024-06-30."),
    )

    def clean_codes(self) -> list[Any]:
        """The units, each by its code; the first wrong line is named."""
        found = []
        for line in str(self.cleaned_data["codes"]).split():
            try:
                found.append(find_unit(line, self.actor.today).unit)
            except Refusal as no:
                raise forms.ValidationError(no.sentence) from no
        return found

    def arguments(self) -> dict[str, Any]:
        """The units instead of their codes."""
        said = dict(self.cleaned_data)
        units = list({unit.pk: unit for unit in said.pop("codes")}.values())
        return {**said, "units": units, "on": self.actor.today}

    def next_url(self, made: Any) -> str:
        """The page of the group."""
        return reverse("group", args=[made.pk])


new = act(GroupForm, lambda request: request.actor.unit, operations.REORGANISE)


@page("unit.view")
def show(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """`/groups/3?on=2024-06-30`: who keeps it, its units on a day and what became of each."""
    on, today = day_asked(request), request.today
    group = get_seen(request, Group, pk=pk)
    units = with_lives(request.seen(Unit).filter(groups=group))
    keeper = request.seen(Unit).filter(pk=group.unit_id).values_list(name_on("pk", on)).get()
    rows = sorted((_member(unit, on, today) for unit in units), key=lambda row: row["sort"])
    context = {
        "group": group,
        "on": on,
        "members": rows,
        "record": {
            "crumbs": [{"label": _("Groups of units"), "url": reverse("groups")}],
            "code": group.key,
            "title": group.name,
            "sections": [{"facts": _facts(group, keeper[0], on, today)}],
        },
        "figures": f"{reverse('figures')}?place={group.key}"
        if request.actor.holds("figure.view")
        else "",
    }
    return render(request, "orgs/group.html", context)


def _facts(group: Group, keeper: str, on: date, today: date) -> list[dict[str, Any]]:
    address = with_day(reverse("unit", args=[group.unit_id]), on, today)
    return [
        {"label": _("Kept by"), "value": keeper, "url": address},
        {"label": _("In force"), "value": when(group.valid)},
    ]


def _member(unit: Any, on: date, today: date) -> dict[str, Any]:
    """One unit of the group: under its name of the day; once it has ended, what became of it."""
    life = Life.of(unit)
    place = next((p for p in life.places if on in p.valid), life.last_place())
    end = next((one for one in told(unit, life) if one.is_end and one.on <= on), None)
    name = life.name_on(on)
    links = [
        {"name": one.name, "url": with_day(reverse("unit", args=[one.unit]), one.on, today)}
        for one in (end.units if end else ())
    ]
    return {
        "sort": vi_sort_key(name),
        "name": name,
        "url": with_day(reverse("unit", args=[unit.pk]), life.nearest(on), today),
        "code": life.code_on(life.nearest(on)),
        "above": place.what if place else "",
        "end": end,
        "last": life.last_day,
        "into": links,
    }
