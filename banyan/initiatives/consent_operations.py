"""What can be done about the public page: the owner agrees, the owner takes it back."""

from collections.abc import Collection, Sequence

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from banyan.documents.models import Document
from banyan.initiatives.consent import (
    PUBLIC_STATES,
    REGISTRANT,
    Consent,
    Item,
    fit_for_the_public,
    photos_of,
)
from banyan.initiatives.models import Initiative, Registrant
from banyan.kernel.errors import Refusal
from banyan.ledger.operation import Actor, operation
from banyan.submissions.models import SomeoneWasFaster

EDIT = "submission.edit"


@operation("consent.given", needs=EDIT)
def consent(
    initiative: Initiative, *, items: Collection[str], photos: Sequence[int] = (), by: Actor
) -> Initiative:
    """Agree that a recognised model stands on the public page with these items and photos.

    A consent already standing is replaced by this one; both stay on record.
    """
    state = initiative.submission.state
    if state not in PUBLIC_STATES or not initiative.recognitions.exists():
        raise Refusal(
            _("This model cannot be published."),
            _("Only models recognised by a decision stand on the public page."),
            _("Publish it once it is recognised."),
            status=409,
        )
    _check_photos(initiative, photos)
    _check_title(initiative, items)
    known = {*Item.values, REGISTRANT}
    _withdraw(initiative, by)
    try:
        with transaction.atomic():
            Consent.objects.create(
                initiative=initiative,
                items=sorted(known & set(items)),
                photos=list(dict.fromkeys(photos)),
                given_by_id=by.account_id,
            )
    except IntegrityError as at_once:
        raise SomeoneWasFaster from at_once
    return initiative


@operation("consent.taken_back", needs=EDIT)
def take_consent_back(initiative: Initiative, *, by: Actor) -> Initiative:
    """Take the public page away, at once. A model that is on no public page is refused."""
    if not _withdraw(initiative, by):
        raise Refusal(
            _("This model is not on the public page."), "", _("There is nothing to do."), status=409
        )
    return initiative


def _withdraw(initiative: Initiative, by: Actor) -> int:
    standing = Consent.objects.standing().filter(initiative=initiative)
    if not standing.exists():
        return 0
    return standing.update(withdrawn_at=Now(), withdrawn_by=by.account_id)


def _check_photos(initiative: Initiative, photos: Sequence[int]) -> None:
    own = set(photos_of(initiative.submission.answers))
    chosen = Document.objects.filter(pk__in=own & set(photos)).select_related("blob")
    if {one.pk for one in fit_for_the_public(chosen)} != set(photos):
        raise Refusal(
            _("One of the photos may not be shown in public."),
            _(
                "It does not belong to this model, is restricted, or still tells where it was taken."
            ),
            _("Choose among the photos that the form offers."),
        )


def _check_title(initiative: Initiative, items: Collection[str]) -> None:
    """The title is always shown, so it may name an individual only if that person is to be named."""
    registrant = initiative.registrant
    if registrant.kind == Registrant.Kind.COLLECTIVE or REGISTRANT in items:
        return
    if registrant.folded and registrant.folded in initiative.folded:
        raise Refusal(
            _("The title names a person who is not to be named."),
            _("It holds the registrant's name, and the title is always shown."),
            _("Ask the person and tick the name, or leave the model unpublished."),
        )
