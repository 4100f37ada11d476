"""The round, the edition and the form that a register of a file belongs to."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from banyan.figures.words import period_text
from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.orgs.models import Tree, Unit
from banyan.packs.models import Edition
from banyan.packs.schema import FormSpec, Pack
from banyan.people.actor import Actor
from banyan.submissions import operations as submissions
from banyan.submissions.models import Round

YEARS_BACK = 4


def programmes_with_a_register() -> dict[str, str]:
    """Programmes whose records are models, by key, with their titles."""
    return {
        edition.programme.key: edition.title
        for edition in Edition.objects.select_related("programme").order_by("number")
        if any(form.purpose == "initiative" for form in edition.pack.forms.values())
    }


def periods_until(day: date) -> Iterator[tuple[str, str]]:
    """Halves and years up to the day's own, the newest first: key and words."""
    for year in range(day.year, day.year - YEARS_BACK, -1):
        for key in (f"{year}H2", f"{year}H1", str(year)):
            period = Period.parse(key)
            if period.first <= day:
                words = period_text(period)
                yield key, words[:1].upper() + words[1:]


def register_form(pack: Pack) -> FormSpec:
    """The form whose records are models. Raises Refusal when a programme has none."""
    for form in pack.forms.values():
        if form.purpose == "initiative":
            return form
    raise Refusal(
        _("This programme keeps no register of models."), "", _("Choose another programme.")
    )


def round_at(programme: str, unit: Unit, period: Period) -> Round | None:
    """The programme's round of the period at the unit, else the nearest above it."""
    above = {
        "unit__descent__unit": unit,
        "unit__descent__tree": Tree.STATE,
        "unit__descent__valid__contains": period.last,
    }
    rounds = Round.objects.filter(edition__programme__key=programme, period=period.key, **above)
    nearest = rounds.select_related("edition__programme").order_by("unit__descent__depth")
    return next((one for one in nearest if one.spec.purpose == "initiative"), None)


def edition_of(programme: str, period: Period | None) -> Edition:
    """The edition in force when the period ended; the newest while the period is not known.

    Raises Refusal when the programme is not installed (404), or did not run then.
    """
    editions = list(Edition.objects.of(programme).newest_first())
    if not editions:
        raise Refusal(
            _("The programme “%(key)s” is not installed here.") % {"key": programme},
            "",
            _("Install it: banyan packs install %(key)s") % {"key": programme},
            status=404,
        )
    fitting = [one for one in editions if period is None or period.last in one.valid]
    if not fitting and period is not None:
        raise Refusal(
            _("This programme did not run on %(day)s.") % {"day": period.last.strftime("%d/%m/%Y")},
            "",
            _("Choose a period in which it runs."),
        )
    return fitting[0]


def opened_round(unit: Unit, edition: Edition, form: FormSpec, period: Period, by: Actor) -> Round:
    """The round of the period at a unit, opened now (due when its period ends) or by somebody else."""
    try:
        with transaction.atomic():
            opened: Round = submissions.open_round(
                unit,
                edition=edition,
                form=form.id,
                period=period.key,
                due=period.last,
                by=replace(by, request=None),
            )
            return opened
    except (IntegrityError, Refusal):
        known = round_at(edition.programme.key, unit, period)
        if known is None:
            raise
        return known
