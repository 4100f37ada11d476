"""Named sets of units: their list and the form that makes one. Figures accept their keys."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.kernel.errors import Refusal
from banyan.orgs import operations
from banyan.orgs.finding import find_unit
from banyan.orgs.models import Group
from banyan.web.act import act
from banyan.web.form import Form
from banyan.web.listing import Column, Link, Listing


class GroupList(Listing):
    """Groups kept within reach."""

    name = "groups"
    of = Group
    title = gettext_lazy("Groups of units")
    order = "name"
    needs = "unit.view"

    def prepare(self, rows: Any) -> Any:
        """Join the keeper and the members' names."""
        return rows.select_related("unit").prefetch_related("unit__names", "units__names")

    def columns_of(self) -> Sequence[Column]:
        """Name, key, keeper, how many units and which."""
        today = self.request.today
        return [
            Column("name", _("Name"), lambda g: g.name, order="name", sub=self.members),
            Column("key", _("Key"), lambda g: g.key, kind="soft", order="key"),
            Column("unit", _("Kept by"), lambda g: g.unit.name_on(today), kind="soft"),
            Column("units", _("Units"), lambda g: len(g.units.all()), kind="number"),
        ]

    def members(self, group: Group) -> str:
        """The names of its units."""
        return ", ".join(unit.name_on(self.request.today) for unit in group.units.all()[:20])

    def row_url(self, row: Group) -> str:
        """The figures of the group."""
        return f"{reverse('figures')}?place={row.key}"

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
        """The list."""
        return reverse("groups")


new = act(GroupForm, lambda request: request.actor.unit, operations.REORGANISE)
