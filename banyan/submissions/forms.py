"""Forms of rounds: open one, move its due date, close it, answer it, ask for more time."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from banyan.figures.words import period_text
from banyan.kernel.period import Period
from banyan.kernel.workflow import Move
from banyan.orgs.models import Kind, Unit
from banyan.packs.forms import PackForm, form_class, move_form_class
from banyan.packs.models import Edition
from banyan.packs.schema import RoundSpec
from banyan.submissions import extensions, operations, rounds
from banyan.submissions.asked import asked_of
from banyan.submissions.models import Expectation, Submission
from banyan.web.form import Form

DAY_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]
# The period that runs, those before it, and the one to come.
BACK, AHEAD = 3, 1


def language() -> str:
    """The reader's language."""
    return (get_language() or "vi")[:2]


def day_field(label: Any, **more: Any) -> forms.DateField:
    """A day, by the browser's own field or typed."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, input_formats=DAY_FORMATS, widget=widget, **more)


def periods_near(kinds: Sequence[str], day: date) -> list[Period]:
    """Periods of these kinds that an officer may mean on a day, the latest of the first kind first."""
    months = {"year": 12, "half": 6, "quarter": 3, "month": 1}
    found = []
    for kind in kinds:
        for step in range(AHEAD, -BACK - 1, -1):
            at = day.year * 12 + day.month - 1 + step * months[kind]
            year, month = divmod(at, 12)
            key = {
                "year": f"{year}",
                "half": f"{year}H{month // 6 + 1}",
                "quarter": f"{year}Q{month // 3 + 1}",
                "month": f"{year}-{month + 1:02d}",
            }[kind]
            found.append(Period.parse(key))
    return found


class OpenRoundForm(Form):
    """Ask the units below one's own for a form of a programme in a period."""

    run = operations.open_round
    title = gettext_lazy("Open a round")
    submit_label = gettext_lazy("Open the round")
    done = gettext_lazy("The round is open.")
    template = "submissions/round_open.html"
    edition: ClassVar[Edition]
    spec: ClassVar[RoundSpec]

    period = forms.ChoiceField(label=gettext_lazy("Period"), widget=forms.Select)
    due = day_field(gettext_lazy("Due"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near = periods_near(self.spec.periods, self.actor.today)
        choices = [(one.key, _capital(period_text(one))) for one in near]
        self.initial.setdefault("period", near[AHEAD].key)
        asked = self.data.get("period") or self.initial["period"]
        if asked and asked not in dict(choices):
            choices += _typed(asked, self.spec)
        self.fields["period"].choices = choices  # type: ignore[attr-defined]
        self.lead = self.edition.text(f"rounds.{self.spec.id}.about")
        chosen = self._period(asked)
        if self.spec.due_days is not None and not self.is_bound and chosen:
            self.initial.setdefault("due", chosen.last + timedelta(days=self.spec.due_days))
        self.preview = preview(self.thing, self.edition, self.spec, chosen) if chosen else []

    @staticmethod
    def _period(key: str) -> Period | None:
        try:
            return Period.parse(key)
        except ValueError:
            return None

    def clean(self) -> dict[str, Any]:
        """Refuse a round that asks nobody."""
        given: dict[str, Any] = super().clean() or {}
        if "period" in given and not self.preview:
            raise forms.ValidationError(
                _("This round would ask nobody: no unit of these kinds stands below yours.")
            )
        return given

    def arguments(self) -> dict[str, Any]:
        """The form of this kind of round."""
        return {**self.cleaned_data, "edition": self.edition, "form": self.spec.form}


def _typed(key: str, spec: RoundSpec) -> list[tuple[str, str]]:
    """A period that the list does not offer, as an address or the API names it."""
    try:
        period = Period.parse(key)
    except ValueError:
        return []
    return [(period.key, _capital(period_text(period)))] if period.kind in spec.periods else []


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def preview(unit: Unit, edition: Edition, spec: RoundSpec, period: Period) -> list[dict[str, Any]]:
    """Whom the round would ask, by kind, and to how many units they answer."""
    asked = asked_of(unit, edition.pack, spec.form, period.last)
    kinds = dict(Unit.objects.filter(pk__in=asked).values_list("pk", "kind"))
    found = []
    for kind in spec.asks:
        these = [one for one, its in kinds.items() if its == kind]
        if these:
            to = {asked[one] for one in these}
            found.append({"kind": str(Kind(kind).label), "n": len(these), "to": len(to)})
    return found


def open_form(edition: Edition, spec: RoundSpec) -> type[OpenRoundForm]:
    """The form that opens a kind of round of a programme."""
    title = edition.text(f"rounds.{spec.id}.title")
    words = {
        "edition": edition,
        "spec": spec,
        "title": _("Open a round: %(kind)s") % {"kind": title},
    }
    return type("OpenRound", (OpenRoundForm,), words)


class DueForm(Form):
    """Another due date for everybody."""

    run = rounds.change_due
    title = gettext_lazy("Change the due date")
    lead = gettext_lazy("For every unit asked. Later days granted to single units stay.")
    submit_label = gettext_lazy("Change the due date")
    done = gettext_lazy("The due date is changed.")

    due = day_field(gettext_lazy("Due"))


class _OnTheDay(Form):
    def arguments(self) -> dict[str, Any]:
        """As of today."""
        return {"on": self.actor.today}


class CloseForm(_OnTheDay):
    """End a round."""

    run = rounds.close
    title = gettext_lazy("Close the round")
    lead = gettext_lazy("Nobody is asked or reminded any more. What was answered stays.")
    submit_label = gettext_lazy("Close the round")
    done = gettext_lazy("The round is closed.")


class ReopenForm(Form):
    """Open a closed round again."""

    run = rounds.reopen
    title = gettext_lazy("Open the round again")
    submit_label = gettext_lazy("Open the round again")
    done = gettext_lazy("The round is open again.")


class NewcomersForm(_OnTheDay):
    """Ask units founded since the round was opened."""

    run = rounds.ask_newcomers
    title = gettext_lazy("Ask the new units")
    lead = gettext_lazy("Units founded since the round was opened are asked too, by the same day.")
    submit_label = gettext_lazy("Ask the new units")
    done = gettext_lazy("The new units are asked.")


# Answering ---------------------------------------------------------------------------------------


class AnswerForm(Form):
    """A unit answers a round: sent in, or kept as a draft."""

    run = rounds.answer
    template = "submissions/answer.html"
    specs: ClassVar[tuple[Any, ...]] = ()
    version: ClassVar[int] = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_kept:
            for field in self.fields.values():
                field.required = False

    @property
    def is_kept(self) -> bool:
        """Whether it is only kept, not sent in."""
        return self.data.get("draft", "") not in ("", "false")

    @property
    def done(self) -> str:
        """What is said afterwards."""
        return _("Kept. It is not sent in yet.") if self.is_kept else _("Sent in.")

    def arguments(self) -> dict[str, Any]:
        """The stored answers; the version of what they were made from."""
        version = self.cleaned_data.pop("version") or 0
        answers = PackForm.answers(self)  # type: ignore[arg-type]
        told = rounds.Told(answers, version, send=not self.is_kept)
        return {"told": told, "on": self.actor.today}

    def next_url(self, made: Any) -> str:
        """Back to the page of the expectation."""
        return str(self.thing.get_absolute_url())


def answer_form(expectation: Expectation) -> type[AnswerForm]:
    """The form of a round for a unit: what must be answered to send it in is required."""
    round = expectation.round
    pack = round.edition.pack
    life = pack.workflow_of(round.form)
    step = life.moves_from(life.start)[0]
    made = form_class(pack, round.spec, at=step.target, language=language())
    for field in made.base_fields.values():
        if isinstance(field.widget, forms.Textarea):
            field.widget.attrs["rows"] = 4
    words = {
        "title": f"{pack.text(f'forms.{round.form}.title', language())} · {period_text(round.covers)}",
        "submit_label": pack.text(f"moves.{step.name}", language()),
        "version": forms.IntegerField(widget=forms.HiddenInput, required=False),
    }
    return type("Answer", (AnswerForm,), {**made.base_fields, **words, "specs": made.specs})


class JudgeForm(Form):
    """Who receives an answer accepts it or sends it back."""

    move: ClassVar[str] = ""
    specs: ClassVar[tuple[Any, ...]] = ()
    expectation: Expectation

    def perform(self) -> Any:
        """Make the move on the answer; the thing is the answer itself."""
        asked = PackForm.answers(self)  # type: ignore[arg-type]
        return operations.move(self.thing, move=self.move, asked=asked, by=self.actor)

    def next_url(self, made: Any) -> str:
        """Back to the round, where the others wait."""
        return reverse("round", args=[self.thing.round_id])


def judge_form(submission: Submission, move: Move) -> type[JudgeForm]:
    """The form of a move on an answer, with what the pack asks for it."""
    pack = submission.pack
    label = pack.text(f"moves.{move.name}", language())
    asked = move_form_class(pack, move.name, language=language(), form=submission.round.form)
    words = {"title": label, "submit_label": label, "move": move.name, "done": _("Done.")}
    return type("Judge", (JudgeForm,), {**asked.base_fields, **words, "specs": asked.specs})


class ExtensionForm(Form):
    """Ask for a later due date."""

    run = extensions.ask_extension
    title = gettext_lazy("Ask for a later day")
    lead = gettext_lazy("The unit that receives your answer decides.")
    submit_label = gettext_lazy("Ask for it")
    done = gettext_lazy("Asked. You will see here what was decided.")

    until = day_field(gettext_lazy("Until the day"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DecideForm(Form):
    """Grant a later due date, or refuse it."""

    run = extensions.decide_extension
    title = gettext_lazy("Decide on a later day")
    submit_label = gettext_lazy("Decide")
    done = gettext_lazy("Decided.")

    granted = forms.TypedChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("yes", gettext_lazy("Grant")), ("no", gettext_lazy("Refuse"))],
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
    )
    until = day_field(
        gettext_lazy("Until the day"),
        required=False,
        help_text=gettext_lazy("Left empty: the day asked for."),
    )
    remark = forms.CharField(
        label=gettext_lazy("Remark on the request"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self.thing
        days = (asked.until - asked.expectation.round.due).days
        said = ngettext("%(n)d day later", "%(n)d days later", days) % {"n": days}
        who = asked.expectation.unit.name_on(self.actor.today)
        self.lead = f"{who}: {asked.until:%d/%m/%Y} ({said}). “{asked.reason}”"
