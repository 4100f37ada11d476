"""Beside a model's answers: its photographs, the conversation, own points, the next year's record."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import OuterRef, Subquery
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from banyan.figures.words import period_text
from banyan.initiatives import operations
from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import AMENDABLE, CONTINUABLE
from banyan.packs.forms import PackForm, review_form_class
from banyan.packs.texts import field_key
from banyan.people.models import Person
from banyan.submissions import remarks
from banyan.submissions.models import Round, Submission
from banyan.web.form import Form, new_key
from banyan.web.page import BanyanRequest

EDIT, VIEW = "submission.edit", "submission.view"
PHOTOS, FILES = ("photos_before", "photos_after"), "evidence"


def _language() -> str:
    return (get_language() or "vi")[:2]


class RemarkForm(Form):
    """One line of the conversation."""

    run = remarks.remark
    title = gettext_lazy("Write a remark")
    submit_label = gettext_lazy("Send")
    done = gettext_lazy("Sent.")

    text = forms.CharField(
        label=gettext_lazy("Your remark"),
        max_length=remarks.LONGEST_REMARK,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def perform(self) -> Any:
        """The remark stands on the submission; the page stays the model's."""
        remarks.remark(self.thing.submission, text=self.cleaned_data["text"], by=self.actor)
        return self.thing


class OwnPointsForm(Form):
    """The points a unit gives itself on the pack's sheet."""

    run = remarks.score_own
    title = gettext_lazy("Own points")
    lead = gettext_lazy(
        "The reviewer sees them beside the points he gives. They are not counted as a review."
    )
    submit_label = gettext_lazy("Keep the points")
    done = gettext_lazy("The points are kept.")
    specs: ClassVar[tuple[Any, ...]] = ()

    def perform(self) -> Any:
        """Keep them; the page stays the model's."""
        points = PackForm.answers(self)  # type: ignore[arg-type]
        remarks.score_own(self.thing.submission, scores=points, by=self.actor)
        return self.thing


def own_points_form(_request: BanyanRequest, initiative: Initiative) -> type[OwnPointsForm]:
    """The sheet of the model's programme; 404 where it has none."""
    pack = initiative.submission.pack
    if pack.criteria is None:
        raise Http404
    sheet = review_form_class(pack, language=_language())
    return type("OwnPoints", (OwnPointsForm,), {**sheet.base_fields, "specs": sheet.specs})


class ContinueForm(Form):
    """Carry a model that still works on into a later round."""

    run = operations.continue_in
    title = gettext_lazy("Continue in a later round")
    lead = gettext_lazy(
        "A draft with the same content is made in that round, to be looked over and sent in there."
        " This record and its figures stay as they are."
    )
    submit_label = gettext_lazy("Make the draft")
    done = gettext_lazy("The draft is made. Look it over and send it in.")


def continue_form(request: BanyanRequest, initiative: Initiative) -> type[ContinueForm]:
    """With the later rounds of its programme that ask for the same form."""
    own = initiative.submission.round
    later = Round.objects.filter(
        edition__programme=own.programme_id,
        form=own.form,
        span__startswith__gt=own.covers.first,
        closed_on=None,
    ).select_related("edition__programme")
    known = {str(one.pk): one for one in later.order_by("span")}
    choices = [(pk, f"{one.edition.title}, {period_text(one.covers)}") for pk, one in known.items()]
    help_text = "" if choices else _("No later round is open yet.")
    field = forms.TypedChoiceField(
        label=_("Round"), choices=choices, coerce=known.get, help_text=help_text
    )
    return type("Continue", (ContinueForm,), {"round": field})


def actions_beside(request: BanyanRequest, initiative: Initiative) -> list[dict[str, Any]]:
    """Own points and continuing, where they make sense."""
    submission, found = initiative.submission, []
    if not request.actor.holds(EDIT):
        return []
    address = [initiative.pk]
    if submission.pack.criteria and submission.state in AMENDABLE:
        url = reverse("initiative_own_points", args=address)
        found.append({"label": _("Give own points"), "url": url, "get": True})
    if submission.state in CONTINUABLE and not hasattr(initiative, "continued_by"):
        url = reverse("initiative_continue", args=address)
        found.append({"label": _("Continue in a later round"), "url": url, "get": True})
    return found


def years_of(initiative: Initiative) -> list[dict[str, str]]:
    """The same model in the year before and the year after."""
    years = (
        (_("The year before"), initiative.continues),
        (_("Continued as"), getattr(initiative, "continued_by", None)),
    )
    return [
        {"label": label, "value": one.code, "url": one.get_absolute_url()}
        for label, one in years
        if one is not None
    ]


def pictures_of(submission: Submission) -> list[dict[str, Any]]:
    """Photographs by field, and other files; each is fetched within the reader's own reach."""
    found = []
    for name in (*PHOTOS, FILES):
        ids = submission.answers.get(name) or []
        if not ids:
            continue
        label = submission.pack.text(f"{field_key(submission.round.form, name)}.label", _language())
        found.append({"label": label, "ids": ids, "are_photos": name in PHOTOS})
    return found


def talk_of(submission: Submission, day: date) -> dict[str, Any]:
    """The conversation: who said what about which item, and the form to answer."""
    whose = Person.objects.filter(account=OuterRef("account")).values("name")[:1]
    lines: Any = submission.remarks.annotate(who=Subquery(whose)).order_by("pk")
    pack, form = submission.pack, submission.round.form
    items = {item.id for item in pack.criteria.items} if pack.criteria else set()

    def about(field: str) -> str:
        key = f"criteria.{field}" if field in items else field_key(form, field)
        return pack.text(f"{key}.label", _language()) if field else ""

    return {
        "lines": [
            {"who": one.who or "", "text": one.text, "at": one.at, "about": about(one.field)}
            for one in lines
        ],
        "form": RemarkForm(auto_id="id_talk_%s"),
        "key": new_key(),
    }
