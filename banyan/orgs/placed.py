"""Lists whose rows stand at units take `place`, `reading` and `as_of`, in one way."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.orgs.finding import UnitAt, parse_spec
from banyan.orgs.models import Ancestry, Kind, Tree
from banyan.orgs.places import (
    BY_ID,
    HOME_NOW,
    HOME_THEN,
    OWN_DAY,
    Area,
    Located,
    answering,
    dated,
    find_place,
    locate,
    name_of,
    spec_of,
    written,
)
from banyan.orgs.readings import AS_OF, NOW, THEN, Reading
from banyan.web.listing import Filter, Listing

READING_WORDS = (
    (THEN, gettext_lazy("of that time")),
    (NOW, gettext_lazy("of today")),
    (AS_OF, gettext_lazy("of a day")),
)


def reading_word(key: str) -> str:
    """A reading's key in words: of that time, of today, of 30/06/2025."""
    if key.startswith(f"{AS_OF} "):
        day = date.fromisoformat(key.removeprefix(AS_OF).strip())
        return _("of %(day)s") % {"day": day.strftime("%d/%m/%Y")}
    return str(dict(READING_WORDS).get(key, key))


ITSELF, WITHIN, PERHAPS = "self", "1", "perhaps"
PARAMETERS = {
    "place": "A unit with all below it (CODE@DATE) or a group (its key).",
    "reading": "then: each record under the units of its time; now: under the units of today.",
    "as_of": "A day (2025-06-30): records under the units of that day.",
}


class PlaceInput(forms.TextInput):
    """A place under its name, with what finds it behind: `Huyện Thanh Trì · 020@2024-06-30`."""

    def __init__(self, shown: Any, **attrs: Any) -> None:
        super().__init__(attrs=attrs)
        self.shown = shown

    def format_value(self, value: Any) -> str | None:
        """The name before what was asked."""
        return self.shown() if value else None


class Placed(Listing):
    """A list whose rows stand at units and belong to days."""

    unit_path: ClassVar[str] = "unit_id"
    # Whether its rows can be placed: then it tells those that are not.
    places: ClassVar[bool] = False
    parameters = PARAMETERS

    def own_day(self) -> Any:
        """The day, as an expression, under whose tree a row is read *then*."""
        raise NotImplementedError

    def home(self, day: Any) -> Any:
        """The unit a row counts at on a day."""
        return F(self.unit_path)

    @property
    def default_day(self) -> date:
        """The day a code without a date is meant on."""
        return self.request.today

    @cached_property
    def reading(self) -> Reading:
        """The reading asked for. Raises Refusal (404) for what is none."""
        return Reading.asked(self.request.GET, self.request.today)

    @property
    def place_asked(self) -> str:
        """The place as it was written."""
        return self.request.GET.get("place", "").strip()[:120]

    @cached_property
    def located(self) -> Located | None:
        """The place; None without one. Raises Refusal (404) for what is no place."""
        asked, day = self.place_asked, self.default_day
        if not asked:
            return None
        found = locate(asked, day)
        if found is None:
            place = find_place(asked, day)
            found = locate(f"{BY_ID}{place.unit.pk}", day) if isinstance(place, UnitAt) else None
        return found

    @property
    def place_shown(self) -> str:
        """The place by its name."""
        if self.located is None:
            return self.place_asked
        if self.located.group:
            return written(self.located.group.name, self.located.group.key)
        spec, day = spec_of(self.place_asked), self.default_day
        if "@" not in spec and not spec.startswith(BY_ID):
            spec = self.located.spec_on(day, day)
        return written(self.located.name_on(parse_spec(spec, day)[1]), spec)

    @cached_property
    def area(self) -> Area:
        """What the place holds under the reading."""
        found = self.located
        stretches, grouped = (found.stretches, bool(found.group)) if found else ([], False)
        return Area.of(stretches, self.reading, Tree.STATE, grouped)

    def dated(self, rows: Any) -> Any:
        """Rows with the units they count at."""
        return dated(rows, self.own_day(), self.home, self.reading)

    def with_unit(self, rows: Any) -> Any:
        """With `unit_shown`: the name of the unit of its time, or of who answers for it; NULL: not
        placed. And `unit_own`, its own unit's name of its own time."""
        return self.dated(rows).annotate(
            unit_shown=answering(self.reading),
            unit_own=name_of(OuterRef(self.unit_path), OuterRef(OWN_DAY)),
        )

    @staticmethod
    def unit_of(row: Any) -> str:
        """The unit as the reading has it."""
        return row.unit_shown or _("not placed")

    def unit_before(self, row: Any) -> str:
        """Its own unit, where the reading shows another."""
        if self.reading.day is None or row.unit_own == row.unit_shown:
            return ""
        return _("from %(unit)s") % {"unit": row.unit_own}

    # Filters ------------------------------------------------------------------------------------

    def place_filters(self) -> list[Filter]:
        """Place, reading, day; and what a figure's parts open to, shown while they are on."""
        words = [("", READING_WORDS[0][1]), *READING_WORDS[1:]]
        if self.request.GET.get("reading") == THEN:
            words = list(READING_WORDS)
        place = forms.CharField(
            label=_("Unit or group"), max_length=120, widget=PlaceInput(lambda: self.place_shown)
        )
        day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
        made = [
            Filter("place", place, self.in_place),
            Filter("reading", forms.ChoiceField(label=_("By the units"), choices=words), _as_is),
            Filter("as_of", day, _as_is),
        ]
        return [*made, *self._placing_filters()] if self.places else made

    def _placing_filters(self) -> list[Filter]:
        given = self.request.GET
        words = [
            ("", "—"),
            (WITHIN, _("not placed below")),
            (PERHAPS, _("may belong here")),
        ]
        below = forms.CharField(label=_("Unit below"), max_length=120)
        unplaced = forms.ChoiceField(label=_("Not placed"), choices=words)
        for key, field in (("below", below), ("unplaced", unplaced)):
            if not given.get(key):
                field.widget = forms.HiddenInput()
        return [
            Filter("below", below, self.in_part),
            Filter("unplaced", unplaced, self.not_placed),
        ]

    def in_place(self, rows: Any, value: str) -> Any:
        """Rows of the place under the reading, as figures count them."""
        wanted = self.request.GET.get("unplaced")
        area = self.area
        return self.dated(rows).filter(area.perhaps() if wanted == PERHAPS else area.holds())

    def in_part(self, rows: Any, value: str) -> Any:
        """Rows of one of the units below, as the figures' table by units counts them."""
        if self.located is None:
            return rows.none()
        rows = self.dated(rows).annotate(part=self.area.part())
        if value == ITSELF:
            return rows.filter(~self.area.loose(), part__isnull=True)
        part = locate(value, self.default_day)
        return rows.filter(part__in=[unit.pk for unit in part.units] if part else [])

    def not_placed(self, rows: Any, value: str) -> Any:
        """Rows of divided units that no unit below holds; without a place, that none answers for."""
        if value == PERHAPS:  # said with the place
            return rows if self.place_asked else rows.none()
        if self.place_asked:
            return self.dated(rows).filter(self.area.loose())
        home, day = (
            (HOME_THEN, OuterRef(OWN_DAY))
            if self.reading.day is None
            else (HOME_NOW, self.reading.day)
        )
        torn = Ancestry.objects.filter(
            unit=OuterRef(home), tree=Tree.STATE, sure=False, valid__contains=day
        )
        return self.dated(rows).filter(Q(Exists(torn.filter(ancestor__kind=Kind.COMMUNE))))

    def note(self) -> str:
        """What the reading does, where one is in force."""
        given = self.request.GET
        in_force = given.get("reading") or given.get("as_of") or self.place_asked
        return self.reading.sentence if in_force else ""


def _as_is(rows: Any, value: Any) -> Any:
    """Read by the place and the unit's column."""
    return rows
