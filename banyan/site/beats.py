"""What the worker does over and over: read what was sealed, and by the clock remind and mail."""

import logging
import threading
import time

from django.utils import timezone

from banyan.analytics.watching import watcher
from banyan.imports import keeping
from banyan.ledger import readers, sealer, tasks
from banyan.notices.clock import run_by_the_clock
from banyan.submissions import signals
from banyan.submissions.drafts import forget_old

MINUTE = 60.0
SLICE = 0.3  # so long at most a job keeps events from being sealed
log = logging.getLogger(__name__)


def seal_and_read(*, imports: bool = False) -> bool:
    """Seal what was committed, let the readers catch up, then a slice of what can wait: comparing
    records (not while `imports` are worked on), chores, jobs, alerts. Whether there was anything to do."""
    sealed, read = sealer.seal_all(), readers.run_all()
    compared = 0 if imports else signals.compare_waiting()
    did = tasks.do_chores() or tasks.work_for(SLICE) or watcher.work()
    return bool(did or compared or read or sealed)


def start_the_clock() -> None:
    """A thread of its own: a slow mail server must not keep the ledger waiting."""
    threading.Thread(target=_clock, name="clock", daemon=True).start()


def _clock() -> None:
    """Once a minute what comes by the hour or the day; whatever fails is tried again next minute."""
    swept = None
    while True:
        try:
            run_by_the_clock()
            if swept != timezone.localdate():  # once a day: old drafts, rows of old imports
                forget_old(timezone.now())
                keeping.forget_old(timezone.now())
                swept = timezone.localdate()
        except Exception:
            log.exception("What the clock was to do failed.")
        time.sleep(MINUTE)
