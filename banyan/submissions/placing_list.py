"""Records of divided units: which are not placed, by the village they name, and which are."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.db.models import Case, Exists, F, OuterRef, Subquery, Value, When
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from banyan.figures.periods import PeriodField
from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs.models import Ancestry, Succession, Unit
from banyan.orgs.placed import READING_WORDS, Placed
from banyan.orgs.places import HOME_NOW, OWN_DAY, month_end, name_of
from banyan.orgs.readings import AS_OF, NOW, THEN, Reading
from banyan.submissions.models import Placing, Submission
from banyan.submissions.placing_groups import Groups, Scanned, page_of, village_of, with_titles
from banyan.submissions.placing_rules import PLACE, Heirs, heirs_of, listed
from banyan.submissions.placing_villages import SEVERAL
from banyan.web.listing import Column, Filter, Link
from banyan.web.page import render_part
from banyan.web.periods import period_of

WAITING, GIVEN, UNKNOWN = "waiting", "placed", "unknown"


class PlacingList(Placed):
    """`?programme=…&period=2024H1&place=020@2024-06-30&reading=now&state=placed&unit=…&village=…`"""

    name = "placing"
    of = Submission
    title = gettext_lazy("Records of divided units")
    order = "title"
    needs = PLACE
    searches = True
    template = "submissions/placing.html"
    picks: ClassVar[str] = "picks"

    # What is asked -------------------------------------------------------------------------------

    def own_day(self) -> Any:
        """The end of the month it counts from."""
        return month_end("counts_on")

    def home(self, day: Any) -> Any:
        """Where it was placed, else its own unit."""
        return Placing.home("pk", "unit_id", day)

    @cached_property
    def reading(self) -> Reading:
        """A day's reading, today's without saying: *then* every record counts at its own unit."""
        asked = Reading.asked(self.request.GET, self.request.today)
        return Reading(NOW, self.request.today) if asked.kind == THEN else asked

    @property
    def day(self) -> date:
        """The day whose units are meant."""
        return self.reading.day or self.request.today

    @property
    def state(self) -> str:
        """Which records: those that wait, those that were placed, those nobody is known for."""
        asked = self.request.GET.get("state", "")
        return asked if asked in (GIVEN, UNKNOWN) else WAITING

    @cached_property
    def period(self) -> Period | None:
        """The period asked for. Raises Refusal when it cannot be read."""
        asked = self.request.GET.get("period", "").strip()
        return period_of(asked) if asked else None

    @property
    def default_day(self) -> date:
        """The day a code without a date is meant on."""
        return self.period.last if self.period else self.request.today

    @property
    def query(self) -> dict[str, str]:
        """What was asked, without village and page: to come back to."""
        kept = ("programme", "period", "place", "reading", "as_of", "state", "unit", "q")
        return {name: self.request.GET[name] for name in kept if self.request.GET.get(name)}

    # Which records -------------------------------------------------------------------------------

    @cached_property
    def within(self) -> Any:
        """Records of the place and period whose own unit lies within reach, whatever their state."""
        rows = self.request.seen(Submission).filter(unit__in=self.actor.reach(PLACE))
        if key := self.request.GET.get("programme"):
            rows = rows.of_programme(key)
        if self.period is not None:
            rows = rows.within_period(self.period)
        rows = self.dated(rows)
        if self.place_asked:
            rows = rows.filter(self.area.holds() | self.area.perhaps())
        return rows

    @cached_property
    def told_apart(self) -> Any:
        """Those records with `is_now`. Waiting: several carry on their unit's work, each a part.
        Unknown: the unit ended and no source says who took over. Placed: by a decision."""
        over = Ancestry.objects.filter(unit=OuterRef(HOME_NOW), valid__contains=self.day)
        kind = Unit.objects.filter(pk=OuterRef(OuterRef(HOME_NOW))).values("kind")
        passed_on = Succession.objects.exclude(kind=Succession.Share.SPLIT)
        led_on = Exists(over.filter(ancestor__kind=Subquery(kind))) | Exists(
            passed_on.filter(from_unit=OuterRef(HOME_NOW), on__lte=self.day)
        )
        given = Placing.objects.filter(submission=OuterRef("pk"), on__lte=self.day)
        is_now = Case(
            When(Exists(over.filter(sure=False)), then=Value(WAITING)),
            When(~led_on, then=Value(UNKNOWN)),
            When(Exists(given), then=Value(GIVEN)),
            default=Value(""),
        )
        return self.within.annotate(is_now=is_now)

    @cached_property
    def scope(self) -> Any:
        """The records of the state asked for, before unit, village and search."""
        return self.told_apart.filter(is_now=self.state)

    @cached_property
    def _all_scanned(self) -> dict[str, list[Scanned]]:
        """By state, all records that are in one of them, with the village each names; one query."""
        mine = Placing.objects.filter(submission=OuterRef("pk"), placed_by=self.actor.account_id)
        rows = self.told_apart.exclude(is_now="").annotate(
            own_name=name_of(OuterRef("unit_id"), OuterRef(OWN_DAY)),
            mine_at=Subquery(mine.order_by("-at").values("at")[:1]),
        )
        told = ("is_now", "pk", "unit", "own_name", HOME_NOW, "answers", "mine_at")
        found: dict[str, list[Scanned]] = {state: [] for state in (WAITING, GIVEN, UNKNOWN)}
        for state, pk, unit, name, home, answers, at in rows.order_by("pk").values_list(*told):
            title, village = str(answers.get("title") or ""), village_of(answers)
            found[state].append(Scanned(pk, unit, name or f"#{unit}", home, title, village, at))
        return found

    @property
    def scanned(self) -> list[Scanned]:
        """Those of the state asked for."""
        return self._all_scanned[self.state]

    @cached_property
    def matching(self) -> list[Scanned]:
        """Those of the unit, the village and the words asked for."""
        unit, village = (self.request.GET.get(name, "") for name in ("unit", "village"))
        words = fold(same_tone(nfc(self.search)))
        return [
            one
            for one in self.scanned
            if (not unit or str(one.unit) == unit)
            and (not village or one.group == village)
            and (not words or words in fold(same_tone(nfc(one.title))))
        ]

    @cached_property
    def rows_all(self) -> Any:
        """Every row under the present filters and search."""
        rows = self.prepare(self.scope)
        if len(self.matching) == len(self.scanned):
            return rows
        return rows.filter(pk__in=[one.pk for one in self.matching])

    @cached_property
    def total(self) -> int:
        """How many rows that is."""
        return len(self.matching)

    def prepare(self, rows: Any) -> Any:
        """What the columns show."""
        newest = Placing.objects.filter(submission=OuterRef("pk"), on__lte=self.day).order_by("-on")
        return (
            with_titles(rows.select_related("round__edition__programme"))
            .annotate(
                unit_own=name_of(OuterRef("unit_id"), OuterRef(OWN_DAY)),
                placed_by_number=Subquery(newest.values("decision_number")[:1]),
                at_home=F(HOME_NOW),
                home_name=name_of(OuterRef(HOME_NOW), self.day),
            )
            .defer("round__edition__content")
        )

    # What is shown -------------------------------------------------------------------------------

    @cached_property
    def heirs(self) -> Heirs:
        """Who took parts of the units these records count at, on the day."""
        return heirs_of({one.home for one in self.scanned}, self.day)

    def row_url(self, row: Any) -> str:
        """The record's page."""
        return page_of(row.known)

    def columns_of(self) -> Sequence[Column]:
        """Title, unit of its time, village, state, where it may go or went."""
        language = (get_language() or "vi")[:2]
        where = Column("where", _("May go to"), self.candidates, sub=self.why_not)
        if self.state == GIVEN:
            where = Column("where", _("Placed at"), self.place_now, sub=self.decision)
        return [
            Column("title", _("Record"), lambda r: r.said_title, order="title_key"),
            Column("unit", _("Unit of that time"), lambda r: r.unit_own, kind="soft"),
            Column("village", _("Village named"), self.village),
            Column("state", _("State of the record"), lambda r: r.state_label(language)),
            where,
            Column("day", _("Day"), lambda r: r.counts_on, kind="date", order="counts_on"),
        ]

    @staticmethod
    def village(row: Any) -> str:
        """The village a record names, in words."""
        named = village_of(row.answers)
        return _("several") if named == SEVERAL else named.label if named else ""

    def candidates(self, row: Any) -> str:
        """The units that took a part of the record's unit."""
        return listed(self.heirs[row.at_home])

    def why_not(self, row: Any) -> str:
        """Where nobody is known: that the sources do not say."""
        return "" if self.heirs[row.at_home] else _("no source says who took over")

    def place_now(self, row: Any) -> str:
        """The unit it was placed at."""
        return row.home_name or ""

    @staticmethod
    def decision(row: Any) -> str:
        """By which decision."""
        return _("decision %(number)s") % {"number": row.placed_by_number}

    def filters_of(self) -> Sequence[Filter]:
        """Period, place and day as figures ask for them; programme, state, unit and village go along."""
        day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
        asked = self.request.GET.get("reading", "")
        today = asked if asked in (THEN, NOW) else ""
        words = [(today, dict(READING_WORDS)[NOW]), (AS_OF, dict(READING_WORDS)[AS_OF])]
        shown = [
            ("period", PeriodField(_("Period"), self.period, self.request.today)),
            *[(one.key, one.field) for one in self.place_filters() if one.key == "place"],
            ("reading", forms.ChoiceField(label=_("By the units"), choices=words)),
            ("as_of", day),
        ]
        along = ("programme", "state", "unit", "village")
        hidden = [(name, forms.CharField(widget=forms.HiddenInput())) for name in along]
        return [Filter(name, field, _told) for name, field in (*shown, *hidden)]

    def chips_of(self) -> list[Link]:
        """The three states, with how many records each."""
        words = {
            WAITING: (_("Not placed"), "amber"),
            GIVEN: (_("Placed"), "leaf"),
            UNKNOWN: (_("No successor known"), ""),
        }
        return [
            Link(
                label,
                self.url(
                    state=None if key == WAITING else key, unit=None, village=None, after=None
                ),
                self.state == key,
                len(self._all_scanned[key]),
                tone,
            )
            for key, (label, tone) in words.items()
        ]

    @cached_property
    def groups(self) -> list[Link]:
        """By unit where there are several, then by the village that the records of one unit name."""
        given = self.request.GET
        return Groups(
            self.scanned,
            given.get("unit", ""),
            given.get("village", ""),
            lambda **asked: self.url(after=None, **asked),
        ).links

    @property
    def noun(self) -> str:
        """What is counted above the list."""
        return ngettext("record", "records", self.total)

    def note(self) -> str:
        """What the reading does; of those nobody is known for, also where they count."""
        if self.state != UNKNOWN:
            return super().note()
        where = _(
            "The unit of these records ended and no source names a successor: they count at the"
            " lowest unit above it that carries on, and nobody has to do anything."
        )
        return " ".join(filter(None, (where, super().note())))

    def lead(self) -> str:
        """What this page is for."""
        return _(
            "A record stays with the unit that sent it in. Where that unit was divided, an officer"
            " decides which of its successors answers for the record from then on."
        )

    def empty(self) -> dict[str, Any]:
        """Nothing waits: said differently for a unit whose last record was placed just now."""
        given = self.request.GET
        if (
            self.state == WAITING
            and (given.get("unit") or given.get("village"))
            and not self.search
        ):
            return {
                "what": _("Nothing here waits to be placed any more."),
                "mend": "",
                "url": self.url(unit=None, village=None, after=None),
                "label": _("All units"),
            }
        if self.state != WAITING or self.search:
            return super().empty()
        super().empty()  # says it when the place does not exist
        return {
            "what": _("No record waits to be placed."),
            "mend": _(
                "Records come here when their unit is divided; whoever stands over all its parts"
                " places them."
            ),
            "url": "",
            "label": "",
        }

    # Choosing ------------------------------------------------------------------------------------

    @property
    def may_pick(self) -> bool:
        """Whether the rows have boxes to tick."""
        return self.state != UNKNOWN

    @property
    def page_ids(self) -> list[int]:
        """The records of this page."""
        return [row.pk for row in self.rows]

    @property
    def asked_with(self) -> list[tuple[str, str]]:
        """What the buttons that choose send along."""
        village = self.request.GET.get("village", "")
        return [*self.query.items(), *([("village", village)] if village else [])]

    @cached_property
    def last(self) -> dict[str, Any] | None:
        """The officer's own last placing among these: where to, how many, when; it can be undone."""
        acts = Counter(one.mine_at for one in self._all_scanned[GIVEN] if one.mine_at is not None)
        if not acts:
            return None
        at = max(acts)
        asked = urlencode({**self.query, "at": at.isoformat()})
        return {"n": acts[at], "at": at, "url": f"{reverse('placing_take_back')}?{asked}"}

    def placed_by_me(self, at: datetime) -> set[int]:
        """The records that the officer placed in one act."""
        return {one.pk for one in self._all_scanned[GIVEN] if one.mine_at == at}

    def respond(self) -> HttpResponseBase:
        """The answer in the form asked for; the part for htmx has the boxes and buttons too."""
        if self.request.GET.get("as"):
            return super().respond()
        part = "submissions/_placing_rows.html"
        try:
            return render_part(self.request, self.template, part, {"listing": self})
        except Refusal as no:
            if self.request.headers.get("HX-Request") != "true":
                raise
            # htmx shows no answer with an error's status: the filter would seem to do nothing.
            said = {"what": no.what, "mend": " ".join(filter(None, (no.why, no.mend)))}
            return render(self.request, "web/_empty.html", {"empty": said})


def _told(rows: Any, value: Any) -> Any:
    """Read from the address by `within` and `matching`."""
    return rows
