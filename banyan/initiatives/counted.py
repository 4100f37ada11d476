"""What a figure of one month opens to: records of a period by the day they count on."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from banyan.figures import words
from banyan.web.listing import Filter
from banyan.web.page import BanyanRequest
from banyan.web.periods import period_of

KEY = "counted"


def counted_filters(request: BanyanRequest) -> list[Filter]:
    """Records that count in a part of the period; shown while it is on."""
    field = forms.CharField(label=_("Counted in"), max_length=10)
    if not request.GET.get(KEY):
        field.widget = forms.HiddenInput()
    return [Filter(KEY, field, _counted, say=lambda key: words.period_text(period_of(key)))]


def _counted(rows: Any, key: str) -> Any:
    part = period_of(key)
    return rows.filter(submission__counts_on__gte=part.first, submission__counts_on__lt=part.after)
