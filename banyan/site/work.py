"""What waits for somebody: records in a state from which his post leads them on."""

from collections import Counter
from typing import Any

from django.db.models import Count, Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from banyan.kernel.workflow import Move, Workflow
from banyan.packs.models import Edition
from banyan.people.actor import Actor
from banyan.submissions.models import Submission
from banyan.web.page import BanyanRequest

# Who judges has these; his desk is what waits to be judged, not what others are still doing.
JUDGING = ("submission.review", "initiative.recognise")


def cards_of(request: BanyanRequest) -> list[dict[str, Any]]:
    """A card for each state with records within reach that wait for this post; two queries."""
    actor = request.actor
    wanted = [one for one in JUDGING if actor.holds(one)] or ["submission.edit"]
    counted: dict[int, Counter[str]] = {}
    own: dict[int, Counter[str]] = {}
    rows = request.seen(Submission).filter(initiative__isnull=False)
    mine = Count("pk", filter=Q(submitted_by=actor.account_id))
    by_state = rows.values_list("round__edition", "state").annotate(n=Count("pk"), mine=mine)
    for edition, state, n, n_own in by_state:
        counted.setdefault(edition, Counter())[state] += n
        own.setdefault(edition, Counter())[state] += n_own
    language = (get_language() or "vi")[:2]
    cards = []
    for edition in Edition.objects.filter(pk__in=counted).select_related("programme"):
        pack = edition.pack
        for state in pack.workflow.states:
            move = _onward(pack.workflow, state.name, wanted)
            n = counted[edition.pk][state.name]
            if move and move.other_person:
                # What one submitted oneself waits for somebody else.
                n -= own[edition.pk][state.name]
            if move and n:
                cards.append(_card(edition, state.name, move, n, language))
    return cards


def _onward(workflow: Workflow, state: str, wanted: list[str]) -> Move | None:
    """The move that leads a record on along its life and that this post may make."""
    names = [one.name for one in workflow.states if not one.aside]
    if state not in names:
        return None
    return next(
        (
            move
            for move in workflow.moves_from(state)
            if move.by in wanted
            and move.target in names
            and names.index(move.target) > names.index(state)
        ),
        None,
    )


def _card(edition: Edition, state: str, move: Move, n: int, language: str) -> dict[str, Any]:
    label = edition.pack.text(f"states.{state}", language)
    programme = edition.programme.key
    return {
        "title": ngettext("%(n)s record: %(state)s", "%(n)s records: %(state)s", n)
        % {"n": n, "state": label},
        "note": edition.title,
        "url": f"{reverse('initiatives')}?programme={programme}&state={state}",
        "label": edition.pack.text(f"moves.{move.name}", language),
        "main": move.by in JUDGING,
    }


def next_steps(actor: Actor, *, has_records: bool) -> list[dict[str, str]]:
    """What one does first in a young organisation."""
    steps = [
        (
            "submission.import",
            "import",
            _("Import your register"),
            _("From the workbook you keep."),
            _("Import"),
        ),
        (
            "submission.edit",
            "initiative_new",
            _("Register a model"),
            _("One form, by hand."),
            _("Register it"),
        ),
        (
            "post.appoint",
            "people",
            _("Add officers"),
            _("Register people and give them posts."),
            _("To the people"),
        ),
        (
            "unit.reorganise",
            "units",
            _("Look over your units"),
            _("Found, rename, or move them."),
            _("To the units"),
        ),
    ]
    if has_records:
        steps = [step for step in steps if step[0] == "submission.edit"]
    return [
        {"title": title, "note": note, "url": reverse(name), "label": label}
        for capability, name, title, note, label in steps
        if actor.holds(capability) and _has_page(name)
    ]


def _has_page(name: str) -> bool:
    """Whether this build has the page: the import is a part that may be left out."""
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True
