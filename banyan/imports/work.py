"""What a process does with an import: one at a time under a lock, tried again when it was killed.

The state is the order: reading, committing, undoing. A process that dies lets go of the lock, and
the next one does the same work anew (reading) or goes on (committing, undoing).
"""

import logging
from collections.abc import Callable

from django.db import connection
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from banyan.imports import carrying, reading
from banyan.imports.beside import MovedOn
from banyan.imports.models import Import
from banyan.kernel.errors import Refusal

LOCK = 0x696D706F  # "impo": one lock for each import
MOST_ATTEMPTS, MOST_LOOKED_AT = 3, 20
WORK: dict[str, Callable[[Import, reading.Tell], None]] = {
    "reading": reading.read,
    "committing": carrying.commit,
    "undoing": carrying.undo,
}
KEPT = ("state", "found", "counts", "said", "done", "of", "attempts", "options", "on", "changed_at")
log = logging.getLogger(__name__)


def waiting() -> list[int]:
    """The imports that wait for work, the oldest first."""
    return list(
        Import.objects.waiting().order_by("pk").values_list("pk", flat=True)[:MOST_LOOKED_AT]
    )


def run(pk: int) -> bool:
    """Do what the import waits for; False when another process is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, pk])
        if not cursor.fetchone()[0]:
            return False
        try:
            one = Import.objects.select_related("unit", "document").get(pk=pk)
            if one.is_working:
                _work(one)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, pk])
    return True


def _work(one: Import) -> None:
    work, state = WORK[one.state], one.state
    if one.attempts >= MOST_ATTEMPTS:
        with translation.override(one.language):
            one.said = _broken_off().as_dict()
        _end(one, state, _failed(state))
        return
    Import.objects.filter(pk=one.pk).update(attempts=one.attempts + 1, done=0, of=0)

    def tell(done: int, of: int) -> None:
        Import.objects.filter(pk=one.pk).update(done=done, of=of, changed_at=Now())
        one.done, one.of = done, of

    with translation.override(one.language):
        try:
            one.said = {}
            work(one, tell)
            _end(one, state, one.state)
        except MovedOn:
            log.info("import %s was let go while it was read", one.pk)
        except MemoryError:
            one.said = _broken_off().as_dict()
            _end(one, state, _failed(state))
        except Refusal as no:
            one.said = no.as_dict()
            _end(one, state, _failed(state))


def _failed(state: str) -> str:
    """Where an import stands when its work was refused: what was taken in can be taken back."""
    return {"reading": "failed", "committing": "done", "undoing": "done"}[state]


def _end(one: Import, was: str, state: str) -> None:
    """Save what came of it; of a file that somebody let go meanwhile nothing is kept."""
    one.state, one.attempts, one.changed_at = state, 0, Now()
    if state == "done":
        one.counts |= carrying.counted(one)
    held = Import.objects.filter(pk=one.pk, state=was)
    if not held.update(**{name: getattr(one, name) for name in KEPT}) and was == "reading":
        one.lines.all().delete()


def _broken_off() -> Refusal:
    return Refusal(
        _("The work on this file could not be brought to its end."),
        _(
            "The process that did it ended before it was done: the file may need more memory than there is."
        ),
        _(
            "Split the file into parts, or delete what stands far from its table, and send it again."
        ),
        status=409,
    )
