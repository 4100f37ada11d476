"""The question before one step is made with many models, and the steps a job itself may take."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from banyan.initiatives import bulk
from banyan.initiatives.lists import InitiativeList
from banyan.kernel.errors import Refusal
from banyan.kernel.workflow import Move
from banyan.packs.forms import PackForm, move_form_class
from banyan.web.act import wants_json
from banyan.web.form import Form
from banyan.web.page import BanyanRequest


class BulkForm(Form):
    """How many, which step, and the reason where it asks one."""

    listing: InitiativeList
    arrow: Move
    specs: Sequence[Any] = ()

    def clean(self) -> dict[str, Any]:
        """What was confirmed is what is done: another number since then is asked once more."""
        cleaned = super().clean() or {}
        n = len(self.things)
        if n and cleaned.get("n") not in (None, n):
            said = _("There are %(n)s now; the list has changed since. Confirm once more.")
            given: Any = self.data
            self.data = again = given.copy()
            again["n"] = str(n)
            self.add_error(None, said % {"n": n})
        return cleaned

    @property
    def things(self) -> list[int]:
        """The records chosen: those ticked, or all that the list finds."""
        return chosen(self.listing)

    def perform(self) -> Any:
        """Put the job down."""
        self.cleaned_data.pop("n", None)
        asked = PackForm.answers(self)  # type: ignore[arg-type]
        return bulk.begin(
            self.thing, move=self.arrow.name, things=self.things, asked=asked, by=self.actor
        )

    def next_url(self, made: Any) -> str:
        """To the page that shows how far it is."""
        return reverse("bulk_job", args=[made.pk])


def chosen(listing: InitiativeList) -> list[int]:
    """One more than a job may hold tells that there are too many."""
    known = getattr(listing, "chosen_things", None)
    if known is None:
        rows = listing.rows_all if listing.picked else listing.narrowed(listing.seen())
        known = list(rows.order_by("-code").values_list("pk", flat=True)[: bulk.MOST + 1])
        listing.chosen_things = known  # type: ignore[attr-defined]
    return known


def bulk_form(request: BanyanRequest, _unit: Any) -> type[BulkForm]:
    """The form of the step asked for (`?move=approve`) with the records asked for."""
    listing = InitiativeList(request)
    pack = listing.pack
    offered = bulk.moves_for(pack.workflow, request.actor) if pack else []
    arrow = next((one for one in offered if one.name == request.GET.get("move")), None)
    if pack is None or arrow is None:
        raise Refusal(
            _("This step cannot be made with many models at once."),
            _("Your post does not give it, or each record must be looked at by itself."),
            _("Open the records one by one, or choose another step on the list."),
            status=404 if not wants_json(request) else 409,
        )
    if request.GET.get("how") == "all":
        listing.picked = []
    elif not listing.picked:
        raise Refusal(
            _("No model is chosen."), "", _("Tick some, or take all that were found."), status=409
        )
    label = pack.text(f"moves.{arrow.name}", listing.language)
    asked = move_form_class(pack, arrow.name, language=listing.language)
    n = len(chosen(listing))
    title = ngettext("%(move)s: %(n)s model", "%(move)s: %(n)s models", n)
    count = forms.IntegerField(widget=forms.HiddenInput, initial=n, required=False)
    return type(
        "Bulk",
        (BulkForm,),
        {
            **asked.base_fields,
            "n": count,
            "specs": asked.specs,
            "listing": listing,
            "arrow": arrow,
            "title": title % {"move": label, "n": n},
            "lead": _lead(listing, arrow, n),
            "submit_label": label,
            "cancel_url": _back(request),
        },
    )


def _back(request: BanyanRequest) -> str:
    query = request.GET.copy()
    for key in ("move", "how", "r"):
        query.pop(key, None)
    return f"{reverse('initiatives')}?{query.urlencode()}"


def _lead(listing: InitiativeList, arrow: Move, n: int) -> str:
    rows = listing.seen().filter(pk__in=chosen(listing), state__in=arrow.sources)
    fit = rows.count() if n <= bulk.MOST else 0
    said = [
        ngettext(
            "%(n)s of them stands where this step begins.",
            "%(n)s of them stand where this step begins.",
            fit,
        )
        % {"n": fit}
    ]
    if fit < n:
        said.append(_("The others stay as they are and are named with the reason."))
    said.append(_("It goes on by itself: you may leave the page and come back."))
    return " ".join(said)


class JobStep(Form):
    """Nothing to fill in: stop a job, or take back what it did."""

    def arguments(self) -> dict[str, Any]:
        """The job."""
        return {"job": self.thing}

    def perform(self) -> Any:
        """At the unit of the post one acts in."""
        return type(self).run(self.actor.unit, by=self.actor, **self.arguments())

    def next_url(self, made: Any) -> str:
        """To the page of the job that now goes on."""
        return reverse("bulk_job", args=[made.pk])


class StopForm(JobStep):
    """Begin nothing more."""

    run = bulk.stop
    title = gettext_lazy("Stop this work")
    submit_label = gettext_lazy("Stop")


class TakeBackForm(JobStep):
    """Take back what was done."""

    run = bulk.take_back
    title = gettext_lazy("Take back what was done")
    submit_label = gettext_lazy("Take these steps back")
