"""Work that outlives a request: one thing after the other, each in a transaction of its own.

What came of a thing is written in the transaction that did it. A killed worker therefore repeats
nothing that was committed and skips nothing; the next one goes on where it stopped.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.ledger.models import Job, JobThing

log = logging.getLogger(__name__)
Work = Callable[[Job, int], None]
WORKERS: dict[str, Work] = {}
# What the worker does besides, little by little; each says how much it did.
CHORES: list[Callable[[], int]] = []
OPEN, DONE, REFUSED = JobThing.Outcome.OPEN, JobThing.Outcome.DONE, JobThing.Outcome.REFUSED


@dataclass(frozen=True)
class Wish:
    """What a job is to do: who does it, and what that one is told."""

    kind: str
    told: dict[str, Any]


def worker(kind: str) -> Callable[[Work], Work]:
    """Register who does the jobs of a kind: called once for each thing; a Refusal is its answer."""

    def wrap(work: Work) -> Work:
        WORKERS[kind] = work
        return work

    return wrap


def do_chores() -> int:
    """Do some of every chore; how much was done."""
    return sum(chore() for chore in CHORES)


def begin(wish: Wish, things: Sequence[int], *, account: int, post: int, language: str) -> Job:
    """Put a job down. Call inside an operation: it is there when the operation is."""
    job = Job.objects.create(
        kind=wish.kind,
        told=wish.told,
        account=account,
        post=post,
        language=language,
        of=len(things),
    )
    rows = [JobThing(job=job, thing=one) for one in things]
    JobThing.objects.bulk_create(rows, batch_size=5_000)
    return job


def of_account(account: int | None) -> QuerySet[Job]:
    """The jobs somebody began, the newest first: a job is its account's alone."""
    return Job.objects.filter(account=account or 0).order_by("-pk")


def refused(job: Job) -> QuerySet[JobThing]:
    """The things that were refused, with the reasons."""
    return job.lines.filter(outcome=REFUSED).order_by("pk")


def done_things(job: Job) -> list[int]:
    """The ids of what was done."""
    return list(job.lines.filter(outcome=DONE).order_by("pk").values_list("thing", flat=True))


def stop(job: Job) -> None:
    """Ask that nothing more of it be begun; what is done stays done."""
    Job.objects.filter(pk=job.pk, ended_at=None).update(stop_at=Now())


def work_for(seconds: float) -> int:
    """Work on what is open, the oldest job first, about so long; how many things were tried."""
    until, tried = time.monotonic() + seconds, 0
    while time.monotonic() < until and work_one():
        tried += 1
    return tried


def work_one() -> bool:
    """Try the next open thing of the oldest open job; False when nothing is open.

    Another worker that holds the job's next thing makes this one take the thing after it.
    """
    for job in Job.objects.filter(ended_at=None).order_by("pk"):
        with transaction.atomic():
            if job.stop_at is None and _try(job):
                return True
            if _end(job):
                return True
    return False


def _try(job: Job) -> bool:
    open_things = job.lines.select_for_update(skip_locked=True).filter(outcome=OPEN)
    thing = open_things.order_by("pk").first()
    if thing is None:
        return False
    outcome, why = DONE, ""
    try:
        with transaction.atomic(), translation.override(job.language):
            WORKERS[job.kind](job, thing.thing)
    except Refusal as no:
        outcome, why = REFUSED, no.sentence
    except Exception:
        # One record that breaks must not keep the others waiting for ever.
        log.exception("Job %s failed at %s.", job.pk, thing.thing)
        with translation.override(job.language):
            outcome, why = REFUSED, _("Something went wrong inside Banyan; nothing was changed.")
    JobThing.objects.filter(pk=thing.pk).update(outcome=outcome, why=why)
    counted = "done" if outcome == DONE else "refused"
    Job.objects.filter(pk=job.pk).update(**{counted: F(counted) + 1})
    return True


def _end(job: Job) -> bool:
    """End a job that is stopped or has nothing open; one another worker is still at is left."""
    if job.stop_at is None and job.lines.filter(outcome=OPEN).exists():
        return False
    # What was asked with it (a reason) has gone to the records; it is not kept twice.
    told = {name: value for name, value in job.told.items() if name != "asked"}
    return bool(Job.objects.filter(pk=job.pk, ended_at=None).update(ended_at=Now(), told=told))
