"""The steps of an import: where one is, and those that ask nothing but to be confirmed."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.imports import operations
from banyan.imports.models import Import
from banyan.web.form import Form

ORDER = ("file", "columns", "values", "preview", "done")


def steps(now: str, one: Import | None = None) -> list[dict[str, str]]:
    """File, columns, values, preview, taken in; those passed lead back."""
    labels = {
        "file": _("File"),
        "columns": _("Columns"),
        "values": _("Values"),
        "preview": _("Preview"),
        "done": _("Taken in"),
    }
    place = ORDER.index(now)
    urls: dict[str, str] = {}
    if one is not None and one.state in operations.LAYABLE and now != "file":
        urls = {
            "columns": reverse("import_columns", args=[one.pk]),
            "values": reverse("import_values", args=[one.pk]),
            "preview": one.get_absolute_url(),
        }
    return [
        {
            "label": labels[name],
            "state": "now" if at == place else "done" if at < place else "todo",
            "url": urls.get(name, "") if at != place else "",
        }
        for at, name in enumerate(ORDER)
    ]


class StepForm(Form):
    """A step of an import that is there already: whoever does not take it is back at its page."""

    @property
    def cancel_url(self) -> str:
        """Its page."""
        return str(self.thing.get_absolute_url())


class ConfirmForm(StepForm):
    """Take in what the preview showed."""

    run = operations.confirm
    title = gettext_lazy("Take the file in")
    submit_label = gettext_lazy("Take in")


class TakeBackForm(StepForm):
    """Take back what an import brought."""

    run = operations.take_back
    template = "imports/step.html"
    title = gettext_lazy("Take the import back")
    lead = gettext_lazy("What somebody has touched since stays as it is, and is listed.")
    submit_label = gettext_lazy("Take the rows back")


class LeaveForm(StepForm):
    """Let go of a file that was not taken in."""

    run = operations.leave
    template = "imports/step.html"
    title = gettext_lazy("Let go of this file")
    submit_label = gettext_lazy("Let go")

    def next_url(self, made: Any) -> str:
        """Back to all imports."""
        return reverse("imports")
