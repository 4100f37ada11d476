"""Lists of units: those under one on a day, or those that are or were called so."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import Case, Count, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.kernel.errors import Refusal
from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs.finding import GSO
from banyan.orgs.models import Placement, Tree, Unit, UnitCode, UnitName
from banyan.web.listing import Column, Filter, Link, Listing
from banyan.web.page import BanyanRequest


def day_asked(request: BanyanRequest) -> date:
    """The day of `?on=`, today without it. Raises Refusal (404) for what is no day."""
    asked = request.GET.get("on", "").strip()
    try:
        return date.fromisoformat(asked) if asked else request.today
    except ValueError:
        raise Refusal(
            _("“%(text)s” is no day.") % {"text": asked[:40]},
            _("After on= a day is wanted as year-month-day."),
            _("Write for example 2024-06-30."),
            status=404,
        ) from None


def with_day(url: str, on: date, today: date) -> str:
    """An address that keeps the day asked for."""
    return url if on == today else f"{url}?on={on.isoformat()}"


class UnitList(Listing):
    """Units directly under one; with words searched for, all that ever bore such a name or code."""

    name = "units"
    of = Unit
    title = gettext_lazy("Units")
    order = "name"
    needs: ClassVar[str | None] = None
    searches = True

    def __init__(self, request: BanyanRequest, parent: Unit | None = None) -> None:
        super().__init__(request)
        self.on = day_asked(request)
        self._parent = parent

    @cached_property
    def parent(self) -> Unit | None:
        """Whose units are shown: the one given, else the unit of one's post; None: the tops."""
        return self._parent or self.actor.unit

    def lead(self) -> str:
        """Which units these are."""
        if self.search:
            return _("Everything that is or was called so, or bears this code.")
        if self.parent is None:
            return _("The units at the top.")
        return _("The units directly under %(unit)s.") % {"unit": self.parent.name_on(self.on)}

    def filters_of(self) -> Sequence[Filter]:
        """The day."""
        widget = forms.DateInput(attrs={"type": "date"})
        field = forms.DateField(label=_("On the day"), widget=widget, initial=self.on)
        return [Filter("on", field, lambda rows, _day: rows)]

    @property
    def is_narrowed(self) -> bool:
        """Only words narrow; a day is always meant."""
        return bool(self.search)

    def prepare(self, rows: Any) -> Any:
        """Names, the parent's name and the number of units below, all of the day."""
        placed = Placement.objects.filter(tree=Tree.STATE, valid__contains=self.on)
        below = placed.filter(parent=OuterRef("pk")).order_by().values("parent")
        above = UnitName.objects.filter(
            unit__child_placements__in=placed, unit__child_placements__unit=OuterRef("pk"),
            language="vi", valid__contains=self.on,
        )  # fmt: skip
        codes = UnitCode.objects.filter(unit=OuterRef("pk"), valid__contains=self.on)
        codes = codes.order_by(Case(When(scheme=GSO, then=0), default=1), "scheme")
        rows = rows.named_on(self.on).annotate(
            key=Coalesce("day_key", Value("")),
            above=Subquery(above.values("name")[:1]),
            code=Coalesce(Subquery(codes.values("code")[:1]), Value("")),
            units_below=Coalesce(
                Subquery(below.values(n=Count("pk")), output_field=IntegerField()), 0
            ),
        )
        if self.search:  # may hold units without a name on the day, called by another one then
            return rows.prefetch_related("names")
        return rows.filter(
            placements__in=placed.filter(parent=self.parent) if self.parent
            else placed.filter(parent__isnull=True)
        )  # fmt: skip

    def search_in(self, rows: Any, text: str) -> Any:
        """By any name it ever bore, accents or not, or by its code."""
        plain = fold(same_tone(nfc(text)))
        named = UnitName.objects.filter(folded__contains=plain).values("unit")
        return rows.filter(Q(pk__in=named) | Q(codes__code=text.strip())).distinct()

    def columns_of(self) -> Sequence[Column]:
        """Name, code, kind, parent, number of units below."""
        on = self.on
        columns = [
            Column(
                "name", _("Name"), lambda u: u.name_on(on), kind="title", order="key",
                sub=lambda u: "" if u.day_name else _("not on this day"),
            ),
            Column("code", _("Code"), lambda u: u.code, kind="soft"),
        ]  # fmt: skip
        if self.search:  # those under one unit say it in their names
            columns.append(
                Column("kind", _("Kind"), lambda u: str(u.get_kind_display()), kind="soft")
            )
            columns.append(Column("above", _("Stands under"), lambda u: u.above or ""))
        columns.append(
            Column(
                "below", _("Number of units below"), lambda u: u.units_below or None, kind="number"
            )
        )
        return columns

    def row_url(self, row: Any) -> str:
        """The unit on the same day."""
        return with_day(reverse("unit", args=[row.pk]), self.on, self.request.today)

    def empty(self) -> dict[str, Any]:
        """What is said when there is none."""
        if self.search:
            return {
                "what": _("No unit is or was called so."),
                "mend": _("Try fewer words, or only one word of the name."),
                "url": self.request.path,
                "label": _("Back to the units"),
            }
        return {"what": _("No units stand below on this day."), "mend": "", "url": "", "label": ""}

    def actions_of(self) -> list[Link]:
        """The way to groups of units."""
        return [Link(_("Groups of units"), reverse("groups"))] if self.actor.post else []
