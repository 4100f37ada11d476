"""Reading a unit out of a form's field."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs.finding import GSO, any_code, search, tell
from banyan.orgs.models import Unit, UnitCode

MOST_NAMED = 5


class UnitField(forms.TypedChoiceField):
    """One of a few units known already, by its name on a day; cleaned to the Unit itself."""

    def __init__(self, units: Iterable[Unit], day: date, **kwargs: Any) -> None:
        known = {str(unit.pk): unit for unit in units}
        choices = [(key, unit.name_on(day)) for key, unit in known.items()]
        super().__init__(choices=choices, coerce=known.get, **kwargs)


def unit_called(text: str, on: date) -> Unit:
    """The one unit that bears this code or whole name on a day.

    Raises ValidationError that names the candidates when there are several, or near ones.
    """
    text = nfc(text)
    coded = UnitCode.objects.filter(code=text, valid__contains=on).select_related("unit")
    if held := sorted(coded, key=lambda row: row.scheme != GSO):
        return held[0].unit
    names = [name for name in search(text, 40) if on in name.valid]
    plain = fold(same_tone(text))
    whole = [name for name in names if name.folded == plain]
    if len(whole) == 1:
        return whole[0].unit
    if found := whole or names:
        shown = "; ".join(
            f"{any_code(one.unit, on)} {one.name} ({one.path})"
            for one in tell(found[:MOST_NAMED], on)
        )
        raise forms.ValidationError(
            _("Several units fit. Write the code of one: %(units)s") % {"units": shown}
        )
    raise forms.ValidationError(
        _("No unit bears the code or name “%(text)s” on %(day)s.")
        % {"text": text, "day": on.strftime("%d/%m/%Y")}
    )
