"""Forms: one validates the browser, the API and the spreadsheet row, and ends in one operation."""

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.db import models
from django.utils.translation import gettext as _

from banyan.kernel.period import FIRST_YEAR, LAST_YEAR


class Form(forms.Form):
    """A form that ends in an operation.

    `run` is the operation; `thing` what it acts upon; `actor` who acts. Subclasses set the words.
    """

    run: ClassVar[Callable[..., Any]]
    title: ClassVar[Any] = ""
    lead: Any = ""
    submit_label: ClassVar[Any] = ""
    done: Any = ""  # what is said once it is done
    template: ClassVar[str] = "web/form.html"

    def __init__(self, *args: Any, thing: Any = None, actor: Any = None, **kwargs: Any) -> None:
        self.thing, self.actor = thing, actor
        super().__init__(*args, **kwargs)

    def _post_clean(self) -> None:
        """Refuse a day before 1900 or after 2200: a slip of typing, and the ends of the calendar."""
        super()._post_clean()  # type: ignore[misc]  # Django's stubs leave it out
        for name, value in list(self.cleaned_data.items()):
            if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
                self.add_error(name, _("Write a day between the years 1900 and 2200."))

    def arguments(self) -> dict[str, Any]:
        """The keywords handed to the operation."""
        return dict(self.cleaned_data)

    def perform(self) -> models.Model:
        """Run the operation with what was cleaned; raises Refusal."""
        made: models.Model = type(self).run(self.thing, by=self.actor, **self.arguments())
        return made

    def next_url(self, made: models.Model) -> str:
        """Where the browser goes after it."""
        return made.get_absolute_url()  # type: ignore[attr-defined, no-any-return]


def new_key() -> str:
    """The key of one sending of one form: a second tap bears the same key."""
    return uuid4().hex
