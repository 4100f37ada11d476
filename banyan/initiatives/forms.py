"""Forms of the register: register, amend, move, review, recognise."""

from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from banyan.documents.fields import files_picker
from banyan.initiatives import operations
from banyan.initiatives.models import Initiative
from banyan.kernel.workflow import Move
from banyan.orgs.forms import UnitField
from banyan.packs.forms import (
    PackForm,
    form_class,
    initial_of,
    move_form_class,
    review_form_class,
)
from banyan.packs.schema import FormSpec, Pack
from banyan.submissions import operations as submissions
from banyan.submissions.models import Round
from banyan.web.form import Form


def parts_of(form: Form, pack: Pack, spec: FormSpec) -> list[dict[str, Any]]:
    """The fields of a form under the headings of its pack, as `web/_form.html` shows groups."""
    headed = [
        {
            "title": pack.text(f"forms.{spec.id}.parts.{part}", language()) if part else "",
            "fields": [form[field.id] for field in fields if field.id in form.fields],
        }
        for part, fields in spec.parts.items()
    ]
    named = {field.id for field in spec.fields}
    others = [field for field in form.visible_fields() if field.name not in named]
    return [{"fields": others}, *headed] if others else headed


def language() -> str:
    """The reader's language."""
    return (get_language() or "vi")[:2]


class RegisterForm(Form):
    """Register one model by hand in a round, at a unit within reach."""

    run = operations.register
    title = gettext_lazy("Register a model or exemplar")
    submit_label = gettext_lazy("Register the model")
    done: Any = gettext_lazy("Registered. It now waits for review.")
    template = "initiatives/register.html"
    round: ClassVar[Round]
    specs: ClassVar[tuple[Any, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_kept:
            for name, field in self.fields.items():
                field.required = name in ("title", "unit")

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The unit, then the parts of the pack's form."""
        return parts_of(self, self.round.edition.pack, self.round.spec)

    @property
    def draft_url(self) -> str:
        """Where what is typed is kept."""
        return f"{reverse('initiative_draft')}?round={self.round.pk}"

    @property
    def is_kept(self) -> bool:
        """Whether it is only kept, not sent in."""
        return self.data.get("draft", "") not in ("", "false")

    def arguments(self) -> dict[str, Any]:
        """The stored answers, and whether they are sent in or kept."""
        answers = PackForm.answers(self)  # type: ignore[arg-type]
        return {"round": self.round, "answers": answers, "submit": not self.is_kept}

    def perform(self) -> Any:
        """The thing acted upon is the unit chosen in the form."""
        unit = self.cleaned_data.pop("unit")
        return operations.register(unit, by=self.actor, **self.arguments())


def register_form(round: Round, units: Any, by: Any) -> type[RegisterForm]:
    """The register form of a round for whoever may register at these units."""
    pack = round.edition.pack
    pickers = {"files": files_picker(by)}
    made = form_class(pack, round.spec, at="registered", language=language(), pickers=pickers)
    unit = UnitField(list(units), by.today, label=_("Unit"))
    fields = {"unit": unit, **made.base_fields}
    return type("Register", (RegisterForm,), {**fields, "specs": made.specs, "round": round})


class AmendForm(Form):
    """Change the answers of a model; refused when somebody was faster."""

    run = operations.amend
    title = gettext_lazy("Change the registration")
    submit_label = gettext_lazy("Save")
    done = gettext_lazy("Saved.")
    template = "initiatives/amend.html"
    specs: ClassVar[tuple[Any, ...]] = ()

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The parts of the pack's form."""
        submission = self.thing.submission
        return parts_of(self, submission.pack, submission.round.spec)

    @property
    def words_back(self) -> str:
        """What the reviewer wrote when it was sent back, until it is sent in again."""
        back = self.thing.submission.reviews.filter(kind="review").order_by("-pk").first()
        if back is None or not back.move.startswith("send_back"):
            return ""
        life = self.thing.submission.workflow
        is_back = self.thing.submission.state == life.move(back.move).target
        return str(back.remark) if is_back else ""

    @property
    def sends(self) -> bool:
        """Whether it can be sent in with the same press."""
        submission = self.thing.submission
        return bool(submission.state == submission.workflow.start)

    @property
    def draft_url(self) -> str:
        """Where what is typed is kept."""
        return reverse("initiative_amend_draft", args=[self.thing.pk])

    def perform(self) -> Any:
        """Keep it; with “save and send in” make the step too, in one transaction."""
        with transaction.atomic():
            kept = super().perform()
            if "send" in self.data and self.sends:
                sending, self.actor.request = self.actor.request, None
                try:
                    # As anybody finds it now: the first sending of a double tap has moved it on.
                    submission = self.thing.submission
                    submission.refresh_from_db(fields=["state", "version", "answers"])
                    if submission.state == submission.workflow.start:
                        submissions.move(submission, move=operations.REGISTER, by=self.actor)
                finally:
                    self.actor.request = sending
        return kept

    def arguments(self) -> dict[str, Any]:
        """The stored answers and the version they were made from."""
        version = self.cleaned_data.pop("version")
        return {"answers": PackForm.answers(self), "version": version}  # type: ignore[arg-type]


def amend_form(initiative: Initiative, by: Any) -> type[AmendForm]:
    """The form of a model in its present state, filled with what was answered."""
    submission = initiative.submission
    pickers: Any = {"files": files_picker(by)}
    pack, spec, state = submission.pack, submission.round.spec, submission.state
    made = form_class(pack, spec, at=state, language=language(), pickers=pickers)
    version = forms.IntegerField(widget=forms.HiddenInput)
    return type(
        "Amend", (AmendForm,), {**made.base_fields, "version": version, "specs": made.specs}
    )


def amend_initial(initiative: Initiative) -> dict[str, Any]:
    """What stands in the form at first."""
    submission = initiative.submission
    known = initial_of(submission.round.spec.fields, submission.answers)
    return {**known, "version": submission.version}


class MoveForm(Form):
    """One move of the workflow with what it asks."""

    move: ClassVar[str] = ""
    specs: ClassVar[tuple[Any, ...]] = ()

    def perform(self) -> Any:
        """Move the submission; the page stays the model's."""
        asked = PackForm.answers(self)  # type: ignore[arg-type]
        submissions.move(self.thing.submission, move=self.move, asked=asked, by=self.actor)
        return self.thing


class RecogniseForm(MoveForm):
    """Recognise: the decision is kept with the model."""

    def perform(self) -> Any:
        """Ends in the register's own operation."""
        return operations.recognise(
            self.thing,
            body=self.actor.unit,
            decision_number=self.cleaned_data["decision_number"],
            decided_on=self.cleaned_data["decision_date"],
            award=operations.Award(
                self.cleaned_data.get("signer", ""), self.cleaned_data.get("reward", "")
            ),
            by=self.actor,
        )


class ReviewForm(MoveForm):
    """The review sheet: points for each criterion and a remark."""

    def perform(self) -> Any:
        """Score and move."""
        remark = self.cleaned_data.pop("remark")
        scores = PackForm.answers(self)  # type: ignore[arg-type]
        submissions.review(
            self.thing.submission, move=self.move, scores=scores, remark=remark, by=self.actor
        )
        return self.thing


def move_form(pack: Pack, move: Move) -> type[MoveForm]:
    """The form of a move: the review sheet, a recognition, or what the pack asks."""
    label = pack.text(f"moves.{move.name}", language())
    words = {"title": label, "submit_label": label, "move": move.name}
    if move.rule == "review_complete":
        sheet = review_form_class(pack, language=language())
        remark = forms.CharField(
            label=_("Remark"),
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 3}),
        )
        fields = {**sheet.base_fields, "remark": remark, "specs": sheet.specs}
        return type("Review", (ReviewForm,), {**fields, **words})
    asked = move_form_class(pack, move.name, language=language())
    base = RecogniseForm if move.name == "recognise" else MoveForm
    return type("Move", (base,), {**asked.base_fields, "specs": asked.specs, **words})
