"""What an edition asks, who may do what in it and what it counts, as tables an administrator reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from banyan.kernel.workflow import Move
from banyan.orgs.models import Kind, Tree
from banyan.packs.models import Edition
from banyan.packs.schema import FieldSpec, FormSpec, Indicator, Pack, Setting
from banyan.packs.texts import ask_key, field_key
from banyan.web.templatetags.banyan import day

Words = Mapping[str, str | Promise]

KINDS: Words = {
    "text": gettext_lazy("one line of text"),
    "longtext": gettext_lazy("several lines of text"),
    "number": gettext_lazy("a number"),
    "money": gettext_lazy("an amount in đồng"),
    "date": gettext_lazy("a day"),
    "choice": gettext_lazy("one of several answers"),
    "boolean": gettext_lazy("a box to tick"),
    "unit": gettext_lazy("a unit"),
    "person": gettext_lazy("a person"),
    "file": gettext_lazy("a file"),
    "files": gettext_lazy("files"),
}
PURPOSES: Words = {
    "initiative": gettext_lazy("enters a model or exemplar in the register"),
    "submission": gettext_lazy("answers what was asked of the unit"),
}
RULES: Words = {
    "all_required_answered": gettext_lazy("once everything required has been answered"),
    "review_complete": gettext_lazy("once every criterion has its points"),
    "review_reaches_a_grade": gettext_lazy("once the points suffice for a grade"),
}
OPS: Words = {
    "count": gettext_lazy("how many records"),
    "distinct": gettext_lazy("how many different ones, each counted once"),
    "sum": gettext_lazy("the sum over the records"),
    "share": gettext_lazy("a share, printed with its base"),
    "ratio": gettext_lazy("a ratio, printed with its base"),
    "latest": gettext_lazy("the latest number reported"),
    "min": gettext_lazy("the least number reported"),
    "max": gettext_lazy("the greatest number reported"),
    "median": gettext_lazy("the median: as many lie below it as above"),
}
LINES: Words = {
    "same_tree": gettext_lazy("to the unit above, in the same tree"),
    "covers": gettext_lazy("across trees, to the body that covers the unit"),
}
PERIODS: Words = {
    "year": gettext_lazy("a year"),
    "half": gettext_lazy("half a year"),
    "quarter": gettext_lazy("a quarter"),
    "month": gettext_lazy("a month"),
}
LANGUAGES: Words = {"vi": gettext_lazy("Vietnamese"), "en": gettext_lazy("English")}


@dataclass(frozen=True)
class Cell:
    """One cell; with a tone it is a chip."""

    text: Any
    numeric: bool = False
    tone: str = ""


@dataclass(frozen=True)
class Line:
    """One row: what it is called, a quiet second line, its cells."""

    label: str
    cells: list[Cell]
    sub: str = ""
    url: str = ""


@dataclass(frozen=True)
class Table:
    """A table as `packs/_table.html` shows it; the first column is the rows' label."""

    title: str
    columns: list[str]
    rows: list[Line]
    lead: str = ""


@dataclass
class Shown:
    """An edition in the reader's language. `roles`: (name, capabilities) of all roles that exist."""

    edition: Edition
    roles: list[tuple[str, frozenset[str]]] = field(default_factory=list)

    @property
    def pack(self) -> Pack:
        """The programme as typed data."""
        return self.edition.pack

    def text(self, key: str) -> str:
        """A text of the pack."""
        return self.pack.text(key, (get_language() or "vi")[:2])

    def help(self, key: str) -> str:
        """The optional help beside a label."""
        return self.text(f"{key}.help") if self.pack.has_text(f"{key}.help") else ""

    def tables(self) -> list[Table]:
        """Everything but the facts of the edition itself, in the order an administrator asks."""
        found = [self.settings(), self.forms(), *self.rounds(), self.moves()]
        found += [self.moves(form) for form in self.pack.forms.values() if form.workflow]
        if self.pack.criteria:
            found.append(self.review_sheet())
        found += [self.indicators(), self.role_rights()]
        return [table for table in found if table.rows]

    def facts(self, unit_name: str) -> list[dict[str, Any]]:
        """What the edition is, since when, for whom."""
        valid, pack = self.edition.valid, self.pack
        until = day(valid.upper) if valid.upper else _("until a newer edition")
        trees = [str(Tree(tree).label) for tree in pack.trees]
        kinds = [str(Kind(kind).label) for kind in pack.unit_kinds]
        spoken = [str(LANGUAGES.get(each, each)) for each in pack.languages]
        # In eights, so that two people can compare it aloud and a phone can break the line.
        whole = self.edition.content_hash
        eights = " ".join(whole[at : at + 8] for at in range(0, len(whole), 8))
        return [
            {"label": _("Edition"), "value": str(self.edition.number)},
            {"label": _("In force from"), "value": day(valid.lower)},
            {"label": _("In force until (not included)"), "value": until},
            {"label": _("Runs at"), "value": unit_name},
            {"label": _("Trees"), "value": " · ".join(trees)},
            {"label": _("Kinds of unit"), "value": " · ".join(kinds)},
            {"label": _("Units report"), "value": str(LINES[pack.line])},
            {"label": _("Languages"), "value": " · ".join(spoken)},
            {"label": _("Hash of its content (SHA-256)"), "value": eights},
        ]

    def settings(self) -> Table:
        """Every number from law, guidance or habit, its source, and whether anybody verified it."""
        return Table(
            _("Numbers and thresholds"),
            [_("Setting"), _("Value"), _("Source"), _("Verified?")],
            [self._setting(one) for one in self._settings_in_order()],
            _("A number counts as verified once somebody has compared it with the document."),
        )

    def _settings_in_order(self) -> list[Setting]:
        # jsonb forgets the order of pack.toml; numbers inside lists keep theirs.
        own = sorted((one for one in self.pack.settings if "." not in one.id), key=lambda s: s.id)
        return [*own, *(one for one in self.pack.settings if "." in one.id)]

    def _setting(self, one: Setting) -> Line:
        state = (
            Cell(_("verified"), tone="leaf")
            if one.verified
            else Cell(_("not yet verified"), tone="amber")
        )
        source = Cell(self.text(f"sources.{one.source}"))
        return Line(self.setting_label(one), [Cell(one.value, numeric=True), source, state])

    def setting_label(self, one: Setting) -> str:
        """What a number is: its own text, or the place it stands at in words."""
        match one.id.split("."):
            case ["criteria", "total"]:
                return _("Review sheet: total of all points")
            case ["criteria", "items", item, _key]:
                return _("Most points for “%(name)s”") % {
                    "name": self.text(f"criteria.{item}.label")
                }
            case ["criteria", "grades", grade, _key]:
                return _("Points needed for “%(name)s”") % {"name": self.text(f"grades.{grade}")}
            case ["forms", form, "fields", question, key]:
                return self._bound(self.text(f"{field_key(form, question)}.label"), key)
            case ["workflow", "asks", ask, key] | ["workflows", _, "asks", ask, key]:
                return self._bound(self.text(f"{ask_key(ask)}.label"), key)
        return self.text(f"settings.{one.id}")

    def _bound(self, label: str, key: str) -> str:
        said = _("Least for “%(name)s”") if key == "minimum" else _("Most for “%(name)s”")
        return said % {"name": label}

    def forms(self) -> Table:
        """The forms, each with its preview."""
        rows = []
        for form in self.pack.forms.values():
            url = reverse("programme_form", args=[self.pack.id, form.id])
            cells = [Cell(str(PURPOSES[form.purpose])), Cell(len(form.fields), numeric=True)]
            address = f"{url}?edition={self.edition.number}"
            rows.append(Line(self.text(f"forms.{form.id}.title"), cells, url=address))
        return Table(_("Forms"), [_("Form"), _("What it does"), _("Questions")], rows)

    def rounds(self) -> list[Table]:
        """The kinds of round: who is asked, for what period, to whom it goes."""
        rows = [
            Line(
                self.text(f"rounds.{one.id}.title"),
                [
                    Cell(" · ".join(str(PERIODS[kind]) for kind in one.periods)),
                    Cell(" · ".join(str(Kind(kind).label) for kind in one.asks)),
                    Cell(" · ".join(str(Kind(kind).label) for kind in one.receives)),
                    Cell(", ".join(str(days) for days in one.remind_days)),
                ],
                self.text(f"rounds.{one.id}.about"),
            )
            for one in self.pack.rounds.values()
        ]
        heads = [_("Round"), _("Period"), _("Asks"), _("Goes to"), _("Reminds (days)")]
        return [Table(_("Kinds of round"), heads, rows)]

    def questions(self, form: FormSpec) -> Table:
        """What a form asks: of what kind, and from which step on it must be answered."""
        rows = []
        for spec in form.fields:
            key = field_key(form.id, spec.id)
            cells = [Cell(self._kind(spec)), Cell(self._required(spec))]
            rows.append(Line(self.text(f"{key}.label"), cells, self._choices(spec, key)))
        return Table(_("What is asked"), [_("Question"), _("Answer"), _("Must be answered")], rows)

    def _kind(self, spec: FieldSpec) -> str:
        said = str(KINDS[spec.kind])
        return f"{said} ({self.text(f'measures.{spec.measure}')})" if spec.measure else said

    def _choices(self, spec: FieldSpec, key: str) -> str:
        return " · ".join(self.text(f"{key}.choices.{id}") for id in spec.choice_ids)

    def _required(self, spec: FieldSpec) -> str:
        if spec.required:
            return _("always")
        if spec.required_at is None:
            return _("no")
        return _("from “%(state)s” on") % {"state": self.text(f"states.{spec.required_at}")}

    def moves(self, form: FormSpec | None = None) -> Table:
        """The steps of a workflow: from where to where, who may, what is asked."""
        life = self.pack.workflow_of(form.id) if form else self.pack.workflow
        named = self.text(f"forms.{form.id}.title") if form else ""
        columns = [_("Step"), _("From"), _("To"), _("Who may"), _("Asks for")]
        rows = [self._move(one) for one in life.moves]
        start = self.text(f"states.{life.start}")
        return Table(
            _("Steps of “%(form)s”") % {"form": named} if form else _("Steps of a record"),
            columns,
            rows,
            _("A record begins as “%(state)s”.") % {"state": start},
        )

    def _move(self, one: Move) -> Line:
        conditions = [str(RULES.get(one.rule, one.rule))] if one.rule else []
        if one.other_person:
            conditions.append(_("not by whoever submitted it"))
        asked = [self.text(f"{ask_key(ask)}.label") for ask in one.ask]
        cells = [
            Cell(" · ".join(self.text(f"states.{state}") for state in one.sources)),
            Cell(self.text(f"states.{one.target}")),
            Cell(" · ".join(self.holders(one.by))),
            Cell(" · ".join(asked)),
        ]
        return Line(self.text(f"moves.{one.name}"), cells, "; ".join(conditions))

    def holders(self, right: str) -> list[str]:
        """The names of the roles that give a right here."""
        return [name for name, rights in self.roles if right in rights]

    def indicators(self) -> Table:
        """What is counted, how, and split by what."""
        rows = [self._indicator(one) for one in self.pack.indicators.values()]
        return Table(_("Indicators"), [_("Indicator"), _("Reckoned as"), _("Split by")], rows)

    def _indicator(self, one: Indicator) -> Line:
        axes = Cell(" · ".join(self._axis(axis) for axis in one.by))
        key = f"indicators.{one.id}"
        return Line(self.text(f"{key}.label"), [Cell(str(OPS[one.op])), axes], self.help(key))

    def _axis(self, axis: str) -> str:
        for form in self.pack.forms.values():
            if any(spec.id == axis for spec in form.fields):
                return self.text(f"{field_key(form.id, axis)}.label")
        return _("State")

    def review_sheet(self) -> Table:
        """The criteria with their greatest points."""
        criteria = self.pack.criteria
        assert criteria is not None
        rows = [
            Line(
                self.text(f"criteria.{item.id}.label"),
                [Cell(item.maximum, numeric=True)],
                self.help(f"criteria.{item.id}"),
            )
            for item in criteria.items
        ]
        rows.append(Line(self.text("criteria.total"), [Cell(criteria.total, numeric=True)]))
        grades = [
            _("%(grade)s: from %(points)s points")
            % {"grade": self.text(f"grades.{grade.id}"), "points": grade.at_least}
            for grade in criteria.grades
        ]
        return Table(
            _("Review sheet"), [_("Criterion"), _("Most points")], rows, " · ".join(grades)
        )

    def role_rights(self) -> Table:
        """The roles the programme brings, with their rights as refusals name them."""
        rows = [
            Line(self.text(f"roles.{role.id}"), [Cell(", ".join(sorted(role.capabilities)))])
            for role in self.pack.roles
        ]
        return Table(_("Roles"), [_("Role"), _("Rights")], rows)


def names_of(roles: Iterable[Any], programme: str) -> list[tuple[str, frozenset[str]]]:
    """(name, capabilities) of roles, those that the programme brings first."""
    ordered = sorted(roles, key=lambda role: (not role.source.startswith(f"{programme}/"), role.pk))
    return [(str(role), frozenset(role.capabilities)) for role in ordered]
