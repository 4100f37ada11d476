"""What strangers read of a recognised model: never more than its owner's consent names."""

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from banyan.documents.models import Document, Level
from banyan.initiatives.consent import REGISTRANT, Consent, Item
from banyan.initiatives.models import Initiative, Recognition, Registrant
from banyan.kernel.text import folded
from banyan.orgs.models import Ancestry, Tree
from banyan.orgs.unit_page import name_on
from banyan.packs.forms import answer_text
from banyan.packs.models import Edition
from banyan.packs.texts import field_key
from banyan.people.models import name_of_unit
from banyan.submissions.models import Answer

PER_PAGE = 24
# Item → the fields of the register form that belong to it.
FIELDS = {
    Item.CONTENT: ("content", "target_group", "before"),
    Item.RESULT: ("result", "beneficiary_households", "beneficiary_people"),
}
ALWAYS = ("kind_of", "field")
LONG = ("content", "before", "result")


class Gone(Exception):
    """It was public once; its owner took it back, or it is no longer recognised."""


@dataclass(frozen=True)
class Asked:
    """What a stranger searches for."""

    words: str = ""
    field: str = ""
    place: str = ""
    year: int | None = None
    after: int | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked at all."""
        return bool(self.words or self.field or self.place or self.year)


def found(asked: Asked) -> tuple[list[dict[str, Any]], int, int | None]:
    """The models of a page, how many there are in all, and where the next page begins."""
    rows = _matching(asked)
    total = rows.count()
    if asked.after is not None:
        rows = rows.filter(pk__lt=asked.after)
    page = list(_joined(rows).order_by("-pk")[: PER_PAGE + 1])
    shown, more = page[:PER_PAGE], len(page) > PER_PAGE
    return [_card(one) for one in shown], total, shown[-1].pk if more else None


def _matching(asked: Asked) -> Any:
    rows = Consent.objects.public()
    for word in folded(asked.words).split():
        rows = rows.filter(initiative__folded__contains=word)
    if asked.field:
        said = Answer.objects.filter(submission=OuterRef("initiative__submission"), field="field")
        rows = rows.filter(Exists(said.filter(choice=asked.field)))
    if asked.year:
        rows = rows.filter(initiative__submission__counts_on__year=asked.year)
    if asked.place:
        # Only of those whose place may be told: a search must not tell what the page does not.
        above = Ancestry.objects.filter(
            unit=OuterRef("initiative__unit"),
            tree=Tree.STATE,
            valid__contains=OuterRef("initiative__submission__counts_on"),
            ancestor__names__folded__contains=folded(asked.place),
        )
        rows = rows.filter(Exists(above), items__contains=[Item.PLACE])
    return rows


def _joined(rows: Any) -> Any:
    """With what a card or a page shows; the names of its place from the unit upwards."""
    counts_on = "initiative__submission__counts_on"
    above = Ancestry.objects.standing().filter(
        unit=OuterRef("initiative__unit"), tree=Tree.STATE, valid__contains=OuterRef(counts_on)
    )
    named = above.annotate(named=name_on("ancestor", OuterRef(OuterRef(counts_on))))
    return (
        rows.select_related(
            "initiative__registrant", "initiative__submission__round__edition__programme"
        )
        .defer("initiative__submission__round__edition__content")
        .annotate(place=ArraySubquery(named.order_by("depth").values("named")))
    )


def _card(one: Any) -> dict[str, Any]:
    """One model as the list shows it."""
    model = one.initiative
    return {
        "title": model.title,
        "code": model.code,
        "url": one.get_absolute_url(),
        "field": _choice(model, "field"),
        "place": ", ".join(one.place) if one.shows(Item.PLACE) else "",
        "year": model.submission.counts_on.year,
        "synthetic": model.synthetic,
        "photo": photo_url(one, 0) if one.photos else "",
    }


def one_by(code: str) -> Any:
    """The consent by which a model is public now; Gone where it was once, Http404 for all else."""
    kept = Consent.objects.filter(initiative__code=code)
    one = _joined(kept.public()).first()
    if one is None:
        if kept.exists():
            raise Gone
        raise Http404
    return one


def page_of(one: Any, today: Any) -> dict[str, Any]:
    """The page of one model: what the consent names, masked where a person is not to be named."""
    model = one.initiative
    facts = [_fact(one, name) for name in ALWAYS]
    texts = []
    for item, names in FIELDS.items():
        if one.shows(item):
            made = [_fact(one, name) for name in names]
            texts += [fact for fact in made if fact["long"] and fact["value"]]
            facts += [fact for fact in made if not fact["long"]]
    if one.shows(Item.PLACE):
        facts.insert(0, {"label": pgettext("public", "Place"), "value": ", ".join(one.place)})
    if one.shows(REGISTRANT) and model.registrant.name:
        facts.insert(0, {"label": _("Registered by"), "value": model.registrant.name})
    return {
        "title": model.title,
        "code": model.code,
        "synthetic": model.synthetic,
        "year": model.submission.counts_on.year,
        "facts": [fact for fact in facts if fact["value"] not in (None, "")],
        "texts": texts,
        "recognitions": _recognitions(model, today),
        "photos": [photo_url(one, place) for place in range(len(one.photos))],
        "summary": re.sub(r"\s+", " ", texts[0]["value"])[:200] if texts else "",
    }


def _recognitions(model: Initiative, today: Any) -> list[Any]:
    rows = Recognition.objects.filter(initiative=model).order_by("decided_on")
    return list(rows.annotate(body=name_of_unit("by_unit", today)))


def _fact(one: Any, name: str) -> dict[str, Any]:
    submission = one.initiative.submission
    spec = submission.pack.field_of(name)
    if spec is None:  # an older edition does not ask it
        return {"label": "", "value": "", "long": False}
    key = field_key(submission.round.form, name)
    language = (get_language() or "vi")[:2]
    text = answer_text(
        submission.pack, spec, submission.answers.get(name), key=key, language=language
    )
    return {
        "label": submission.pack.text(f"{key}.label", language),
        "value": masked(text, one),
        "long": name in LONG,
    }


def masked(text: Any, one: Any) -> Any:
    """A text without the name of an individual who has not agreed to be named."""
    registrant = one.initiative.registrant
    name = registrant.name
    if not isinstance(text, str) or not name or one.shows(REGISTRANT):
        return text
    if registrant.kind == Registrant.Kind.COLLECTIVE:
        return text
    return re.sub(re.escape(name), "…", text, flags=re.IGNORECASE)


def _choice(model: Initiative, name: str) -> str:
    submission = model.submission
    spec = submission.pack.field_of(name)
    key = field_key(submission.round.form, name)
    value = submission.answers.get(name)
    if spec is None or not value:
        return ""
    language = (get_language() or "vi")[:2]
    return str(answer_text(submission.pack, spec, value, key=key, language=language) or "")


def photo_url(one: Any, place: int) -> str:
    """Where a chosen photo is fetched."""
    return f"{one.get_absolute_url()}/{place}"


def photo_of(code: str, place: int) -> Document | None:
    """A chosen photo, when the consent stands now and the file is not restricted."""
    kept = Consent.objects.public().filter(initiative__code=code).values_list("photos", flat=True)
    photos = kept.first() or []
    if place >= len(photos):
        return None
    return Document.objects.filter(pk=photos[place], level__lt=Level.RESTRICTED).first()


def fields_asked(language: str) -> list[tuple[str, str]]:
    """The choices of the field of life: of the newest edition whose register asks for it."""
    for edition in Edition.objects.select_related("programme").order_by("-number")[:5]:
        spec = edition.pack.field_of("field")
        if spec is not None and spec.kind == "choice":
            texts = "forms.register.fields.field"
            return [
                (choice.id, edition.pack.text(f"{texts}.choices.{choice.id}", language))
                for choice in spec.choices
            ]
    return []
