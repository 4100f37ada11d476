"""What the mark of a template of ours may say: it is a file that anybody could have changed."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from banyan.imports.target import Target
from banyan.kernel.errors import Refusal
from banyan.kernel.marks import template_in
from banyan.kernel.sheets import Workbook


def brought(
    target: type[Target],
    fields: Mapping[str, forms.Field],
    mark: Mapping[str, str],
    options: Mapping[str, str],
) -> dict[str, str]:
    """The options a template brings, where nobody said otherwise and the form would take them."""
    told = target.options_of_template(mark, options)
    return {
        name: said
        for name, said in told.items()
        if name not in fields or _takes(fields[name], said)
    }


def _takes(field: Any, said: str) -> bool:
    if isinstance(field, forms.BooleanField):
        # What opens accounts or sends answers in is ticked by a person, never by a file.
        return False
    try:
        return bool(field.clean(said))
    except forms.ValidationError:
        return False


def refuse_another(book: Workbook, target: Target) -> None:
    """Refuse a template of ours that was made for something else: its columns mean other things."""
    other = target.made_for(template_in(book.sheets) or {})
    if other:
        raise Refusal(
            _("The file cannot be imported."),
            _("It is a template that was made for “%(other)s”.") % {"other": other},
            _("Send it there, or fill in a template of what you are importing here."),
        )
