"""Forms of an import: the file, how it is laid out, and what its values mean."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from banyan.documents import operations as documents
from banyan.imports import operations
from banyan.imports.models import Import
from banyan.imports.notes import sentence
from banyan.imports.reading import asked_of
from banyan.imports.steps import StepForm, steps
from banyan.imports.target import TARGETS, Asked, Target, target_of
from banyan.imports.template_marks import brought
from banyan.kernel.headers import RUNNING
from banyan.kernel.marks import mark_of, template_mark
from banyan.kernel.notes import Note
from banyan.orgs.forms import UnitField
from banyan.orgs.models import Unit
from banyan.web.form import Form
from banyan.web.template_book import THING, VERSION

LEFT_OPEN, LEAVE_EMPTY, OTHER = "?", "", "="
ACCEPTS = ".xlsx,.xls,.ods,.csv"


def target_for_reader(one: Import) -> Target:
    """The target of an import, speaking the language of whoever looks at it now."""
    language = (get_language() or one.language)[:2]
    return target_of(one.target)(replace(asked_of(one), language=language))


class SendForm(Form):
    """Send a file: it is kept as a document, and a process reads it."""

    run = operations.begin
    lead = gettext_lazy(
        "Send the workbook as it is: title lines, merged cells and abbreviations are read."
        " You see what was understood before anything is taken in."
    )
    submit_label = gettext_lazy("Read the file")
    template = "imports/send.html"
    target: ClassVar[type[Target]]
    target_key: ClassVar[str]

    def clean_file(self) -> Any:
        """Refuse what is larger than the installation takes."""
        sent = self.cleaned_data["file"]
        if sent.size > settings.BANYAN_LARGEST_FILE:
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB. Make it smaller or split it.")
                % {"most": settings.BANYAN_LARGEST_FILE // 1_000_000}
            )
        made_for = (template_mark(sent.read()) or {}).get("target", self.target.key)
        sent.seek(0)
        if made_for != self.target.key and made_for in TARGETS:
            raise forms.ValidationError(
                _("This workbook was made for “%(other)s”. Choose that under Imports.")
                % {"other": TARGETS[made_for].title}
            )
        return sent

    def perform(self) -> Import:
        """Keep the file and put the import down."""
        said, sent = self.cleaned_data, self.cleaned_data["file"]
        content = sent.read()
        options = self.target.options_of(said)
        options |= brought(self.target, self.fields, template_mark(content) or {}, options)
        earlier = operations.continued_by(self.actor, self.target.key, mark_of(content) or "")
        day = self.target.day_of(options, self.actor.today)
        begun: Import = operations.begin(
            said["unit"],
            order=operations.Order(self.target.key, options, day),
            file=documents.Incoming(sent.name, media_type(sent.name), [content]),
            continues=earlier,
            by=self.actor,
        )
        return begun

    @property
    def steps(self) -> list[dict[str, str]]:
        """Where one is."""
        return steps("file")

    @property
    def fills(self) -> bool:
        """Whether the workbook can be had with what stands here."""
        return self.target.fills()


class TemplateForm(SendForm):
    """What a workbook to fill in is made for: the same questions, without a file."""

    def target_asked(self, actor: Any, language: str) -> Target:
        """The target as it is asked for. Call once the form is valid."""
        options = self.target.options_of(self.cleaned_data)
        day = self.target.day_of(options, actor.today)
        return self.target(Asked(self.cleaned_data["unit"], day, language[:2], actor, options))


def template_form(actor: Any, day: date, target: type[Target]) -> type[TemplateForm]:
    """The form of a target's workbook."""
    asked = send_form(actor, day, target)
    fields = {name: field for name, field in asked.base_fields.items() if name != "file"}
    return type("Template", (TemplateForm,), {**fields, "target": target})


MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


def media_type(name: str) -> str:
    """What a file is, by its name; text where nothing else is known."""
    return MEDIA.get(name.lower().rpartition(".")[2], "text/csv")


def send_form(actor: Any, day: date, target: type[Target]) -> type[SendForm]:
    """The form of one target: at one's own unit or one right below it."""
    units = Unit.objects.filter(
        ancestry__ancestor=actor.unit,
        ancestry__tree=actor.post.tree,
        ancestry__valid__contains=day,
        ancestry__depth__lte=1,
    ).named_on(day)
    fields: dict[str, Any] = {
        "unit": UnitField(
            list(units),
            day,
            label=_("Unit"),
            help_text=_("Whose file it is: the units named in it stand under this one."),
        ),
        **target.fields(actor, day),
        "file": forms.FileField(
            label=_("File"),
            help_text=_(
                "Excel (.xlsx, .xls), OpenDocument (.ods) or CSV. Nothing that is a state secret."
            ),
            widget=forms.ClearableFileInput(attrs={"accept": ACCEPTS}),
        ),
    }
    title = _("Import: %(what)s") % {"what": target.title}
    return type(
        "Send", (SendForm,), {**fields, "target": target, "target_key": target.key, "title": title}
    )


# --- columns ------------------------------------------------------------------------------------


class ColumnsForm(StepForm):
    """Which sheets are read, where their headings stand, what each column means."""

    run = operations.lay_out
    title = gettext_lazy("What the columns mean")
    lead = gettext_lazy(
        "What was recognised is filled in. Change what is wrong, and say what the others mean; your"
        " unit's next file is read the same way."
    )
    submit_label = gettext_lazy("Read the file like this")
    template = "imports/columns.html"
    target: ClassVar[Target]
    sheets: ClassVar[list[dict[str, Any]]] = []

    @property
    def steps(self) -> list[dict[str, str]]:
        """Where one is."""
        return steps("columns", self.thing)

    @property
    def wanting(self) -> str:
        """What is missing, where nothing could be read so far."""
        target = self.target
        return "; ".join(target.label(column) for column in self.thing.found.get("wanting", []))

    def clean(self) -> dict[str, Any]:
        """A meaning once a sheet; the heading's lines in order; what must be there is there."""
        said = super().clean() or self.cleaned_data
        layouts: dict[str, dict[str, Any]] = {}
        for at, sheet in enumerate(self.sheets):
            if said.get(f"use{at}"):
                layouts[sheet["sheet"]] = self._layout(at, sheet, said)
        self.layouts = layouts
        return said

    def _layout(self, at: int, sheet: dict[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
        columns: dict[str, int] = {}
        for seen in sheet["columns"]:
            meant = said.get(f"c{at}_{seen['place']}") or ""
            if meant in columns:
                self.add_error(
                    f"c{at}_{seen['place']}", _("Another column of this sheet means the same.")
                )
            elif meant:
                columns[meant] = seen["place"]
        target = self.target
        for wanted in sorted(target.required - columns.keys()):
            self.add_error(
                f"use{at}",
                _("Sheet “%(sheet)s” lacks the column “%(label)s”.")
                % {"sheet": sheet["sheet"], "label": target.label(wanted)},
            )
        first, last = said.get(f"first{at}") or 1, said.get(f"last{at}") or 1
        if last < first or last - first > 3:
            self.add_error(
                f"last{at}", _("A heading has one to four lines, the last not before the first.")
            )
        return {"first": first - 1, "last": last - 1, "columns": columns}

    def arguments(self) -> dict[str, Any]:
        """For the operation."""
        return {"layouts": self.layouts}

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The sheets with their fields, for the page."""
        return [
            {
                **sheet,
                "said": sentence(Note(**sheet["why"])) if sheet["why"] else "",
                "open": sum(
                    bool(seen["heading"]) and not self[f"c{at}_{seen['place']}"].value()
                    for seen in sheet["columns"]
                ),
                "use": self[f"use{at}"],
                "lines": [self[f"first{at}"], self[f"last{at}"]],
                "columns": [
                    {**seen, "field": self[f"c{at}_{seen['place']}"]} for seen in sheet["columns"]
                ],
            }
            for at, sheet in enumerate(self.sheets)
        ]


def columns_form(one: Import) -> type[ColumnsForm]:
    """The form of one import's sheets."""
    target = target_for_reader(one)
    choices = [("", _("— not read —")), (RUNNING, _("Running number"))]
    own = {id: [(id, target.label(id))] for id in (THING, VERSION)}
    choices += [(one.id, target.label(one.id)) for one in target.columns if one.id not in own]
    fields: dict[str, Any] = {}
    sheets = one.found.get("sheets", [])
    for at, sheet in enumerate(sheets):
        fields[f"use{at}"] = forms.BooleanField(
            label=_("Read this sheet"), required=False, initial=sheet["use"]
        )
        for name, label in (("first", _("Heading from row")), ("last", _("to row"))):
            fields[f"{name}{at}"] = forms.IntegerField(
                label=label, required=False, min_value=1, max_value=200, initial=sheet[name] + 1
            )
        for seen in sheet["columns"]:
            # What a workbook of ours brings hidden is not asked about.
            ours = own.get(seen["meant"])
            fields[f"c{at}_{seen['place']}"] = forms.ChoiceField(
                label=_("Column %(letter)s") % {"letter": seen["letter"]},
                required=False,
                choices=ours or choices,
                initial=seen["meant"],
                widget=forms.HiddenInput if ours else forms.Select,
            )
    return type("Columns", (ColumnsForm,), {**fields, "sheets": sheets, "target": target})


# --- values -------------------------------------------------------------------------------------


class ValuesForm(StepForm):
    """What values mean that nobody knows: asked once, remembered for the unit."""

    run = operations.answer
    title = gettext_lazy("What these values mean")
    lead = gettext_lazy(
        "Each is asked once for all its rows, and remembered for your unit's next file."
        " What you leave open stays unclear and is shown as such."
    )
    submit_label = gettext_lazy("Read the file like this")
    template = "imports/values.html"
    target: ClassVar[Target]
    asked: ClassVar[list[dict[str, Any]]] = []

    @property
    def steps(self) -> list[dict[str, str]]:
        """Where one is."""
        return steps("values", self.thing)

    def clean(self) -> dict[str, Any]:
        """What was said of each value; a name typed is looked up."""
        said = super().clean() or self.cleaned_data
        self.meant: dict[str, dict[str, str]] = {}
        for at, known in enumerate(self.asked):
            meaning = said.get(f"v{at}", LEFT_OPEN)
            if meaning == OTHER:
                found = self.target.meaning_of(said.get(f"o{at}") or "")
                if found is None:
                    self.add_error(
                        f"o{at}", _("Nothing of this name is known. Write it as it is listed.")
                    )
                    continue
                meaning = found
            if meaning != LEFT_OPEN:
                self.meant.setdefault(known["column"], {})[known["raw"]] = meaning
        if not self.meant and not self.errors:
            raise forms.ValidationError(_("Say of one value at least what it means."))
        return said

    def arguments(self) -> dict[str, Any]:
        """For the operation."""
        return {"meant": self.meant}

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The values with their fields, by column."""
        return [
            {
                **known,
                "why": sentence(Note(**known["note"])) if known.get("note") else "",
                "field": self[f"v{at}"],
                "other": self[f"o{at}"] if f"o{at}" in self.fields else None,
            }
            for at, known in enumerate(self.asked)
        ]


MOST_ASKED = 100


def values_form(one: Import) -> type[ValuesForm]:
    """The form of the values of one import that nobody knows, the most frequent first."""
    target = target_for_reader(one)
    fields: dict[str, Any] = {}
    asked = []
    for at, known in enumerate(one.found.get("values", [])[:MOST_ASKED]):
        column = known["column"]
        near = target.nearest(column, known["raw"])
        choices = [(LEFT_OPEN, _("— not said —")), *(near or target.choices(column))]
        if not near:  # a unit cannot be left out: nothing stands nowhere
            choices.append((LEAVE_EMPTY, _("Nothing: leave it empty")))
        else:
            choices.append((OTHER, _("Another, written beside")))
            fields[f"o{at}"] = forms.CharField(
                label=_("Another"),
                required=False,
                max_length=200,
                widget=forms.TextInput(attrs={"placeholder": _("Another")}),
            )
        fields[f"v{at}"] = forms.ChoiceField(
            label=known["raw"], required=False, choices=choices, initial=LEFT_OPEN
        )
        asked.append({**known, "label": target.label(column)})
    return type("Values", (ValuesForm,), {**fields, "asked": asked, "target": target})
