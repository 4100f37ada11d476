"""Making a report, and the reports that were made."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.figures import words
from banyan.figures.explore.saved import LISTING
from banyan.figures.models import Figure
from banyan.figures.rollup import read
from banyan.figures.views import ASKED, Asked, asked_by
from banyan.orgs.placed import reading_word
from banyan.people.models import SavedView
from banyan.reports import annexes, operations
from banyan.reports.models import Report
from banyan.reports.writing import spec_for, word_file
from banyan.web.act import act
from banyan.web.form import Form
from banyan.web.page import BanyanRequest, get_seen, page


class MakeForm(Form):
    """Make the Word report of the unit and period of the address."""

    run = operations.make
    title = gettext_lazy("Make the Word report")
    submit_label = gettext_lazy("Make the report")
    done = gettext_lazy("The report has been made. Its figures are kept as they stand now.")
    asked: Asked
    host: str
    questions: Sequence[SavedView] = ()

    language = forms.ChoiceField(
        label=gettext_lazy("Language of the report"),
        choices=[("vi", gettext_lazy("Vietnamese")), ("en", gettext_lazy("English"))],
        initial="vi",
    )

    def arguments(self) -> dict[str, Any]:
        """Reckon now, and write the file from this very reckoning."""
        language, asked = self.cleaned_data["language"], self.asked
        reckoning = read(asked.edition.pack, asked.place, asked.period, reading=asked.reading)
        wanted = self.cleaned_data.get("annexes", [])
        views = [view for view in self.questions if str(view.pk) in wanted]
        with words.speaking(language):
            pivots = [annexes.answered(view, reckoning, self.actor) for view in views]
            file = word_file(
                reckoning,
                language=language,
                on=self.actor.today,
                host=self.host,
                annexes=[annexes.annex(*one) for one in zip(views, pivots, strict=True)],
            )
        return {
            "edition": asked.edition,
            "template": spec_for(reckoning).id,
            "reckoning": reckoning,
            "file": operations.Written(file, language, pivots),
        }


def _make_form(request: BanyanRequest, unit: Any) -> type[MakeForm]:
    asked = asked_by(request)
    day = asked.place.day_meant(asked.period, asked.reading)
    about = f"{asked.place.name_on(day)} · {words.period_text(asked.period)}"
    lead = f"{about}. {asked.reading.sentence}"
    host = f"{request.scheme}://{request.get_host()}"
    made: dict[str, Any] = {"asked": asked, "lead": lead, "host": host}
    views = request.seen(SavedView).of_listing(LISTING).order_by("name", "pk")
    if questions := annexes.fitting(list(views), asked.edition.pack):
        made |= {
            "questions": questions,
            "annexes": forms.MultipleChoiceField(
                label=_("Kept figures as annexes"),
                help_text=_("Each is asked of the unit and period of this report."),
                choices=[(str(view.pk), view.name) for view in questions],
                widget=forms.CheckboxSelectMultiple,
                required=False,
                initial=request.GET.getlist("annex"),
            ),
        }
    return type("Make", (MakeForm,), made)


def _unit(request: BanyanRequest) -> Any:
    place = asked_by(request).place
    return place.group.unit if place.group else place.unit


make = act(_make_form, _unit, "report.write")
make.asks = ASKED  # the question stands in the address, as that of the figures


@page("figure.view")
def show(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """A report that was made: its file and its figures as they stood."""
    report = get_seen(request, Report, pk=pk)
    pack, language = report.edition.pack, words.language_now()
    figures: Sequence[Figure] = list(
        request.seen(Figure)
        .filter(source_kind="reports.report", source_id=pk, axis__in=("", operations.PLACING))
        .order_by("pk")
    )
    rows = [
        {
            "label": pack.text(f"indicators.{one.indicator}.label", language),
            "value": _whole(one.value),
            "sub": "" if one.base is None else _("of %(base)s") % {"base": _whole(one.base)},
        }
        for one in figures
        if not one.axis
    ]
    beside = request.seen(Figure).filter(source_kind=annexes.FROZEN, source_id=pk).count()
    waiting = sum(int(one.value or 0) for one in figures if one.axis)
    read_by = [
        {"label": _("By the units"), "value": reading_word(report.reading)},
        {"label": _("Not placed"), "value": words.number_text(waiting)},
    ]
    if beside:
        in_annexes = {"label": _("Figures of the annexes"), "value": words.number_text(beside)}
        read_by.append(in_annexes)
    record = {
        "crumbs": [{"label": _("Reports"), "url": reverse("reports")}],
        "code": report.period,
        "title": report.document.title,
        "chips": [{"text": _("synthetic record"), "tone": "amber"}] if report.synthetic else [],
        "sections": [{"title": _("Figures as printed"), "facts": [*read_by, *rows]}],
        "actions": [
            {
                "label": _("Word file"),
                "url": report.document.get_absolute_url(),
                "get": True,
                "main": True,
            }
        ],
    }
    return render(request, "web/record.html", {"record": record})


def _whole(value: Any) -> str:
    return words.number_text(
        None if value is None else int(value) if value == int(value) else value
    )
