"""The phone's form: a photo, a title, the field, for whom, and the day; the rest later."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from banyan.initiatives.forms import RegisterForm, language
from banyan.initiatives.operations import REGISTER
from banyan.packs.forms import PackForm
from banyan.packs.rules import Case, unmet
from banyan.packs.texts import field_key
from banyan.submissions.models import Round
from banyan.web.page import BanyanRequest

# What a phone asks, in this order, of the fields the edition has.
FIRST = ("photos_before", "title", "field", "target_group", "registered_on")


class QuickForm(RegisterForm):
    """Register one model in a minute: sent in when complete, else kept as a draft record."""

    title = gettext_lazy("Register a model")
    lead = gettext_lazy("Five answers now, the rest later. Works without a network too.")
    template = "initiatives/quick.html"
    address: ClassVar[str] = ""
    is_blank: ClassVar[bool] = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.required = name in ("title", "unit")

    @property
    def first(self) -> list[Any]:
        """The five."""
        return [self[name] for name in FIRST if name in self.fields]

    @property
    def later(self) -> list[Any]:
        """The others; the unit only where there is a choice."""
        one_unit = len(self.fields["unit"].choices) == 1  # type: ignore[attr-defined]
        return [
            field
            for field in self.visible_fields()
            if field.name not in FIRST and not (field.name == "unit" and one_unit)
        ]

    @cached_property
    def only_unit(self) -> str:
        """The unit's key, where there is but one."""
        choices = self.fields["unit"].choices  # type: ignore[attr-defined]
        return str(choices[0][0]) if len(choices) == 1 else ""

    @property
    def wanted(self) -> list[dict[str, Any]]:
        """What sending in requires, each with whether it is there."""
        typed = {name: self[name].value() for name in self.fields}
        missing = {one.field for one in unmet(self._case(typed))}
        pack, form = self.round.edition.pack, self.round.form
        return [
            {
                "name": one.field,
                "label": pack.text(f"{field_key(form, one.field or '')}.label", language()),
                "anchor": f"id_{one.field}",
                "done": one.field not in missing,
                "first": one.field in FIRST,
            }
            for one in unmet(self._case({}))
        ]

    def _case(self, answers: Mapping[str, Any]) -> Case:
        return Case(
            pack=self.round.edition.pack,
            form=self.round.spec,
            move=REGISTER,
            state=self.round.edition.pack.workflow.start,
            answers=answers,
            language=language(),
        )

    def arguments(self) -> dict[str, Any]:
        """Sent in only when nothing is wanting."""
        answers = PackForm.answers(self)  # type: ignore[arg-type]
        missing = unmet(self._case(answers))
        if self.is_kept or missing:
            n = len(missing)
            kept = _("Kept as a draft: it can be sent in whenever you like.")
            wanting = ngettext(
                "Kept as a draft: %(n)s answer is still wanted before it is sent in.",
                "Kept as a draft: %(n)s answers are still wanted before it is sent in.",
                n,
            ) % {"n": n}
            self.done = wanting if n else kept
        submit = not self.is_kept and not missing
        return {"round": self.round, "answers": answers, "submit": submit}


def quick_form(full: type[RegisterForm], round: Round, request: BanyanRequest) -> type[QuickForm]:
    """The quick form of a round, made from its full one."""
    asked = QueryDict(mutable=True)
    asked["round"] = str(round.pk)
    about = {
        "address": f"{reverse('initiative_quick')}?{asked.urlencode()}",
        "is_blank": "blank" in request.GET,
        "round": round,
        "specs": full.specs,
    }
    return type("Quick", (QuickForm,), {**full.base_fields, **about})


def level_of(round: Round) -> str:
    """The level that follows from whose round it is, where the pack says so."""
    for spec in round.spec.fields:
        if spec.fill == "receiver_kind":
            return next((c.id for c in spec.choices if round.unit.kind in c.unit_kinds), "")
    return ""
