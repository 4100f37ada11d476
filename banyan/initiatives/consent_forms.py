"""Forms of the public page: agree to publish, take it back."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.documents.models import Document
from banyan.initiatives import consent_operations
from banyan.initiatives.consent import (
    PUBLIC_STATES,
    REGISTRANT,
    Consent,
    Item,
    fit_for_the_public,
    photos_of,
)
from banyan.initiatives.models import Initiative, Recognition, Registrant
from banyan.web.form import Form, new_key
from banyan.web.page import BanyanRequest


class PublishForm(Form):
    """Agree that a recognised model stands on the public page, and choose what of it."""

    run = consent_operations.consent
    title = gettext_lazy("Publish this model")
    lead = gettext_lazy(
        "Anybody can then read it by its code, without signing in: title, code, field, year and the"
        " decision of recognition, and what you choose here. You can take it back at any time; the"
        " page is then gone at once, and from copies on the way within a minute."
    )
    submit_label = gettext_lazy("Publish")
    done = gettext_lazy("Published. This is what everybody sees.")
    template = "initiatives/publish.html"

    items = forms.MultipleChoiceField(
        label=gettext_lazy("What may be shown"),
        choices=Item.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: What the page shows beside the form.
        self.crumbs = [{"label": self.thing.code, "url": self.thing.get_absolute_url()}]

    def arguments(self) -> dict[str, Any]:
        """Items and photos as the operation wants them."""
        data = self.cleaned_data
        named = [REGISTRANT] if data.get("registrant") else []
        return {
            "items": [*data["items"], *named],
            "photos": [int(one) for one in data.get("photos", ())],
        }

    def next_url(self, made: Any) -> str:
        """To the page that was just opened to everybody."""
        return reverse("public_model", args=[made.code])


def publish_form(request: BanyanRequest, initiative: Initiative) -> type[PublishForm]:
    """The form with the photos that are fit to be shown, and the question about the name."""
    own = photos_of(initiative.submission.answers)
    seen = request.seen(Document).filter(pk__in=own).select_related("blob")
    fit = sorted(fit_for_the_public(seen), key=lambda one: own.index(one.pk))
    more: dict[str, Any] = {"photos_left_out": len(set(own)) - len(fit)}
    if fit:
        more["photos"] = forms.MultipleChoiceField(
            label=_("Photos"),
            help_text=_("Only photos on which nobody minds being seen."),
            choices=[(str(one.pk), one.title) for one in fit],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
    name = initiative.registrant.name
    if name:
        individual = initiative.registrant.kind != Registrant.Kind.COLLECTIVE
        more["registrant"] = forms.BooleanField(
            label=_("Name the registrant: %(name)s") % {"name": name},
            help_text=_("Tick it only if this person has agreed to it.") if individual else "",
            required=False,
        )
    more["agreed"] = forms.BooleanField(
        label=_("The unit that owns this model agrees that it is published.")
    )
    return type("Publish", (PublishForm,), more)


def publish_start(request: BanyanRequest, initiative: Initiative) -> dict[str, Any]:
    """What stands in the form at first: the consent in force, else everything but names and photos."""
    held = request.seen(Consent).standing().filter(initiative=initiative).first()
    if held is None:
        return {"items": Item.values}
    return {
        "items": held.items,
        "photos": [str(one) for one in held.photos],
        "registrant": held.shows(REGISTRANT),
    }


def public_actions(request: BanyanRequest, initiative: Initiative) -> list[dict[str, Any]]:
    """What a record's page offers about the public page; nothing for a model that is not recognised."""
    if initiative.submission.state not in PUBLIC_STATES:
        return []
    own = Consent.objects.standing().filter(initiative=OuterRef("pk"))
    decided = Recognition.objects.filter(initiative=OuterRef("pk"))
    seen = request.seen(Initiative).filter(pk=initiative.pk)
    [(standing, is_decided)] = seen.values_list(Exists(own), Exists(decided))
    # A record that came in as recognised has no decision here, and cannot be published without.
    edits = request.actor.holds(consent_operations.EDIT) and is_decided
    offered = []
    if standing:
        url = reverse("public_model", args=[initiative.code])
        offered.append({"label": _("See the public page"), "url": url, "get": True})
    if edits:
        url = reverse("initiative_publish", args=[initiative.pk])
        label = _("Change what is public") if standing else _("Publish…")
        offered.append({"label": label, "url": url, "get": True})
    if edits and standing:
        url = reverse("initiative_unpublish", args=[initiative.pk])
        label = _("Take it off the public page")
        offered.append({"label": label, "url": url, "tone": "red", "receipt_key": new_key()})
    return offered


class UnpublishForm(Form):
    """Take a model off the public page."""

    run = consent_operations.take_consent_back
    title = gettext_lazy("Take it off the public page")
    lead = gettext_lazy("The page is gone at once; its address then says so.")
    submit_label = gettext_lazy("Take it off")
    done = gettext_lazy("It is on no public page any more.")
