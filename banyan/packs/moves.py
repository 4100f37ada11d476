"""Whether a record may make a move by its pack, said in the reader's words."""

from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.workflow import Workflow, WrongMove
from banyan.packs.rules import Case, Unmet, unmet
from banyan.packs.schema import Pack


def target(
    pack: Pack, move: str, state: str, language: str = "vi", workflow: Workflow | None = None
) -> str:
    """The state that a move leads to. Raises Refusal (409) when it does not leave from `state`.

    `workflow`: the form's own, where it has one.
    """
    try:
        return (workflow or pack.workflow).target(move, state)
    except WrongMove as wrong:
        possible = ", ".join(pack.text(f"moves.{name}", language) for name in wrong.possible)
        raise Refusal(
            _("“%(move)s” cannot be done now.") % {"move": pack.text(f"moves.{move}", language)},
            _("The record is in the state “%(state)s”.")
            % {"state": pack.text(f"states.{state}", language)},
            _("Possible now: %(moves)s.") % {"moves": possible} if possible else "",
            status=409,
        ) from wrong


def checked(case: Case) -> str:
    """The state after the move, when the workflow and the move's rule allow it. Raises Refusal."""
    state = target(case.pack, case.move, case.state, case.language, case.workflow)
    if found := unmet(case):
        raise unmet_refusal(case, found)
    return state


def unmet_refusal(case: Case, found: list[Unmet]) -> Refusal:
    """What someone hears when a move's rule is not met: every reason at once."""
    name = case.pack.text(f"moves.{case.move}", case.language)
    return Refusal(
        _("“%(move)s” cannot be done yet.") % {"move": name},
        " ".join(each.what for each in found),
        _("Complete this and try again."),
    )
