"""Lists of units: those under one on a day, all below one, or those that are or were called so."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from banyan.kernel.errors import Refusal
from banyan.orgs.finding import find_unit, parse_spec
from banyan.orgs.lives import Life, with_fates, with_lives
from banyan.orgs.matching import matched, ranked
from banyan.orgs.models import Placement, Tree, Unit
from banyan.orgs.story import became, came_from, successors
from banyan.orgs.unit_page import code_on, name_on
from banyan.web import sheet
from banyan.web.listing import Column, Filter, Link, Listing
from banyan.web.page import BanyanRequest
from banyan.web.templatetags.banyan import day as in_words


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


def tree_asked(request: BanyanRequest) -> str:
    """The tree of `?tree=`, else that of one's post, else the state's."""
    asked = request.GET.get("tree", "")
    own = request.actor.post.tree if request.actor.post else Tree.STATE.value
    return asked if asked in Tree.values else str(own)


def with_day(url: str, on: date, today: date) -> str:
    """An address that keeps the day asked for."""
    return url if on == today else f"{url}?on={on.isoformat()}"


def when(valid: Any) -> str:
    """A range in words, with its last day; nothing to say of one without ends."""
    first = in_words(valid.lower) if valid.lower else ""
    last = in_words(valid.upper - timedelta(days=1)) if valid.upper else ""
    if first and last:
        return f"{first} – {last}"
    if first:
        return _("from %(day)s") % {"day": first}
    return _("until %(day)s") % {"day": last} if last else ""


class UnitList(Listing):
    """Units directly under one; `below=020@2024-06-30`: all below; `q=`: all ever called so."""

    name = "units"
    of = Unit
    title = gettext_lazy("Units")
    order = "name"
    needs: ClassVar[str | None] = None
    searches = True
    parameters: ClassVar[dict[str, str]] = {
        "below": "A unit as CODE@DATE: it and everything below it, instead of one level.",
        "tree": "The line of units that is meant: state, party or front.",
    }

    def __init__(
        self, request: BanyanRequest, parent: Unit | None = None, tree: str | None = None
    ) -> None:
        super().__init__(request)
        self.on = self._day()
        self.tree = tree or tree_asked(request)
        self._parent = parent

    def _day(self) -> date:
        """The day of `on=`; without it that of `below=CODE@DATE`; else today."""
        today: date = day_asked(self.request)
        below = self.request.GET.get("below", "")
        return today if self.request.GET.get("on") else parse_spec(below, today)[1]

    @cached_property
    def parent(self) -> Unit | None:
        """Whose units are shown: the one given, else the unit of one's post; None: the tops."""
        return self._parent or self.actor.unit

    @cached_property
    def top(self) -> Unit | None:
        """The unit of `?below=`, whose whole subtree is shown; found by its code."""
        asked = self.request.GET.get("below", "").strip()
        return find_unit(asked, self.on).unit if asked and self._parent is None else None

    @property
    def as_file(self) -> bool:
        """Whether the rows go out whole: a file, or the API."""
        return self.request.GET.get("as") in ("json", *sheet.FILES)

    @property
    def noun(self) -> str:
        """What is counted above the list."""
        return ngettext("unit", "units", self.total or 0)

    def lead(self) -> str:
        """Which units these are."""
        if self.search:
            return _("Everything that is or was called so, or bears this code.")
        if self.top is not None:
            return _("%(unit)s and everything below it.") % {"unit": self.top.name_on(self.on)}
        if self.parent is None:
            return _("The units at the top.")
        return _("The units directly under %(unit)s.") % {"unit": self.parent.name_on(self.on)}

    def filters_of(self) -> Sequence[Filter]:
        """The day."""
        widget = forms.DateInput(attrs={"type": "date"})
        field = forms.DateField(label=_("On the day"), widget=widget, initial=self.on)
        return [Filter("on", field, lambda rows, _day: rows)]

    @cached_property
    def form(self) -> forms.Form:
        """The filter bar; it keeps whose subtree and which tree is looked at."""
        made = super().form
        for key in ("below", "tree"):
            if self.request.GET.get(key):
                made.fields[key] = forms.CharField(widget=forms.HiddenInput, required=False)
        return made

    @property
    def is_narrowed(self) -> bool:
        """Only words narrow; a day is always meant."""
        return bool(self.search)

    def prepare(self, rows: Any) -> Any:
        """Names, codes, the parent's name and the number of units below, all of the day."""
        if self.search:
            return rows  # what is needed of them depends on how they were found
        placed = Placement.objects.filter(tree=self.tree, valid__contains=self.on)
        rows = self._told(rows.named_on(self.on), placed).annotate(
            key=Coalesce("day_key", Value("")),
            code=Coalesce(code_on("pk", self.on), Value("")),
        )
        if self.top is not None:
            return rows.filter(pk__in=self.top.subtree(on=self.on, tree=self.tree))
        return rows.filter(
            placements__in=placed.filter(parent=self.parent) if self.parent
            else placed.filter(parent__isnull=True)
        )  # fmt: skip

    def _told(self, rows: Any, placed: Any) -> Any:
        """With the units directly above and below, and for a file with their whole lives."""
        above = placed.filter(unit=OuterRef("pk")).annotate(named=name_on("parent", self.on))
        rows = rows.annotate(
            above=Subquery(above.values("named")[:1]), units_below=Coalesce(self._counted(), 0)
        )
        return with_fates(rows) if self.as_file else rows

    def search_in(self, rows: Any, text: str) -> Any:
        """By any name it ever bore, accents or not, or by its code; the best fitting first."""
        rows = with_lives(ranked(matched(rows, text, self.on)))
        return rows.annotate(units_below=Coalesce(self._counted(), 0))

    def _counted(self) -> Subquery:
        """How many units stand directly below on the day."""
        below = Placement.objects.filter(
            tree=self.tree, valid__contains=self.on, parent=OuterRef("pk")
        )
        counted = below.order_by().values("parent").annotate(n=Count("pk"))
        return Subquery(counted.values("n"), output_field=IntegerField())

    def life(self, row: Any) -> Life:
        """The life of a row, read once."""
        if not hasattr(row, "life"):
            row.life = Life.of(row)
        life: Life = row.life
        return life

    def columns_of(self) -> Sequence[Column]:
        """On the page what one looks for; in a file everything."""
        below = Column(
            "below", _("Number of units below"), lambda u: u.units_below or None, kind="number"
        )
        if self.search and not self.as_file:
            return self._found()
        name = Column("name", _("Name"), self._name, kind="title", order="key")
        code = Column("code", _("Code"), lambda u: u.code, kind="soft")
        if not self.as_file:
            kind = Column("kind", _("Kind"), lambda u: str(u.get_kind_display()), kind="soft")
            above = Column("above", _("Stands under"), self._above)
            return [name, code, *([kind, above] if self.top else []), below]
        return [name, code, *self._whole(), below]

    def _name(self, row: Any) -> str:
        found = getattr(row, "found_name", "")
        return str(found or row.day_name or "…")

    def _above(self, row: Any) -> str:
        """What it stands under; of a search everything above, of the day it bore the name."""
        path = getattr(row, "path", None)
        return str(row.above or "") if path is None else ", ".join(path)

    def _whole(self) -> list[Column]:
        """The columns of a file beyond name and code."""
        return [
            Column("kind", _("Kind"), lambda u: str(u.get_kind_display())),
            Column("above", _("Stands under"), self._above),
            Column("from", _("First day"), lambda u: self.life(u).begins, kind="date"),
            Column("until", _("Last day"), lambda u: self.life(u).last_day, kind="date"),
            Column("predecessors", _("Came from"), lambda u: came_from(self.life(u))),
            Column(
                "successors",
                _("Carried on by"),
                lambda u: "; ".join(one.name for one in successors(self.life(u))),
            ),
        ]

    def _found(self) -> list[Column]:
        """The columns of a search: the name then and now, where it stands, what became of it."""
        return [
            Column("name", _("Name"), self._name, kind="title", order="key", sub=self._now),
            Column("code", _("Code"), lambda u: u.code, kind="soft"),
            Column("kind", _("Kind"), lambda u: str(u.get_kind_display()), kind="soft"),
            Column("above", _("Stands under"), self._above),
            Column("time", _("From – until"), self._time, kind="date"),
            Column("became", _("What became of it"), lambda u: became(u, self.life(u))),
        ]

    def _now(self, row: Any) -> str:
        """Today's name where it stands today under another."""
        life, today = self.life(row), self.request.today
        name = life.name_on(today)
        if not life.stands(today) or name == self._name(row):
            return ""
        return _("now %(name)s") % {"name": name}

    def _time(self, row: Any) -> str:
        life = self.life(row)
        return when(DateRange(life.begins, life.ends))

    def row_url(self, row: Any) -> str:
        """The unit on the same day; of a search on the nearest day it bore the name."""
        on = getattr(row, "found_on", None) or self.on
        return with_day(reverse("unit", args=[row.pk]), on, self.request.today)

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
        """The ways to the tree and to groups of units."""
        tree = Link(_("Tree of units"), with_day(reverse("unit_tree"), self.on, self.request.today))
        groups = [Link(_("Groups of units"), reverse("groups"))]
        lists = [
            Link(_("Import a list"), reverse("import_new", args=["units"])),
            Link(_("Import codes"), reverse("import_new", args=["codes"])),
        ]
        seen = groups if self.actor.holds("unit.view") else []
        return [tree, *seen, *(lists if self.actor.holds("unit.reorganise") else [])]
