"""The form that takes an officer's workbook: whose register, which period, which file."""

from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.documents import operations as documents
from banyan.documents.models import Document, Level
from banyan.figures.words import period_text
from banyan.initiatives import importing
from banyan.initiatives.forms import UnitField, language
from banyan.initiatives.import_taking import SHEET
from banyan.kernel.period import Period
from banyan.orgs.models import Unit
from banyan.packs.models import Edition
from banyan.web.form import Form

YEARS_BACK = 4


class ImportForm(Form):
    """Read a workbook; what it would become is shown before anything is registered.

    The file itself is kept as a document, so that it need not be sent a second time.
    """

    run = documents.keep
    title = gettext_lazy("Import a workbook")
    lead = gettext_lazy(
        "Send the workbook as it is: title lines, merged cells and abbreviations are read."
        " You see what was understood before anything is registered."
    )
    submit_label = gettext_lazy("Read the file")
    template = "initiatives/import.html"
    programmes: ClassVar[dict[str, str]] = {}

    def clean_file(self) -> Any:
        """Refuse what is larger than the installation takes."""
        sent = self.cleaned_data["file"]
        if sent.size > settings.BANYAN_LARGEST_FILE:
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB. Make it smaller or split it.")
                % {"most": settings.BANYAN_LARGEST_FILE // 1_000_000}
            )
        return sent

    def perform(self) -> Document:
        """Read it, so that a file that is no register is refused at once; then keep it."""
        said, sent = self.cleaned_data, self.cleaned_data["file"]
        content = b"".join(sent.chunks())
        programme = said.get("programme") or next(iter(self.programmes), "")
        period = Period.parse(said["period"]) if said["period"] else None
        order = importing.Order(programme, said["unit"], period, sent.name, content, language())
        reading = importing.read(order, by=self.actor)
        asked = {"programme": programme, "unit": order.unit.pk, "period": reading.period.key}
        self.query = urlencode(asked)
        mine = Document.objects.visible_to(self.actor).filter(
            unit=order.unit, blob=order.sha256, filename=sent.name, level=Level.INTERNAL
        )
        kept = mine.order_by("-pk").first()
        if kept is not None:
            return kept  # type: ignore[no-any-return]
        kind = SHEET if content.startswith(b"PK") else "text/csv"
        file = documents.Incoming(sent.name, kind, [content])
        made: Document = documents.keep(order.unit, file=file, title=sent.name, by=self.actor)
        return made

    def next_url(self, made: Any) -> str:
        """On to what was understood."""
        return f"{reverse('import_preview', args=[made.pk])}?{self.query}"

    @property
    def steps(self) -> list[dict[str, str]]:
        """Where one is."""
        return steps("now")


def steps(first: str, back: str = "") -> list[dict[str, str]]:
    """Choose the file, look at what was understood, register."""
    second = "todo" if first == "now" else "now"
    return [
        {"label": _("The file"), "state": first, "url": back},
        {"label": _("What was understood"), "state": second, "url": ""},
        {"label": _("Registered"), "state": "todo", "url": ""},
    ]


def import_form(actor: Any, day: date) -> type[ImportForm]:
    """The form for whoever imports at these units: one's own unit and those right below it."""
    units = Unit.objects.filter(
        ancestry__ancestor=actor.unit,
        ancestry__tree=actor.post.tree,
        ancestry__valid__contains=day,
        ancestry__depth__lte=1,
    ).named_on(day)
    programmes = {
        edition.programme.key: edition.title
        for edition in Edition.objects.select_related("programme").order_by("number")
        if any(form.purpose == "initiative" for form in edition.pack.forms.values())
    }
    fields: dict[str, Any] = {}
    if len(programmes) > 1:
        choices = list(programmes.items())
        fields["programme"] = forms.ChoiceField(label=_("Programme"), choices=choices)
    fields["unit"] = UnitField(
        list(units),
        day,
        label=_("Unit"),
        help_text=_("Whose register it is: the communes named in it stand under this unit."),
    )
    fields["period"] = forms.ChoiceField(
        label=_("Period"),
        required=False,
        choices=[("", _("As the title of the sheet says")), *_periods(day)],
    )
    fields["file"] = forms.FileField(
        label=_("File"),
        help_text=_("Excel (.xlsx) or CSV. Nothing that is a state secret."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    return type("Import", (ImportForm,), {**fields, "programmes": programmes})


def _periods(day: date) -> Iterator[tuple[str, str]]:
    """Halves and years up to the day's own, the newest first."""
    for year in range(day.year, day.year - YEARS_BACK, -1):
        for key in (f"{year}H2", f"{year}H1", str(year)):
            period = Period.parse(key)
            if period.first <= day:
                words = period_text(period)
                yield key, words[:1].upper() + words[1:]
