"""What the worker does over and over: read what was sealed, and by the clock remind and mail."""

import logging
import threading
import time

from banyan.ledger import readers, sealer
from banyan.notices.clock import run_by_the_clock
from banyan.submissions import signals

MINUTE = 60.0
log = logging.getLogger(__name__)


def seal_and_read() -> bool:
    """Seal what was committed, let the readers catch up, compare a few records; whether it did any."""
    sealed, read = sealer.seal_all(), readers.run_all()
    return bool(signals.compare_waiting() or read or sealed)


def start_the_clock() -> None:
    """A thread of its own: a slow mail server must not keep the ledger waiting."""
    threading.Thread(target=_clock, name="clock", daemon=True).start()


def _clock() -> None:
    """Once a minute what comes by the hour or the day; whatever fails is tried again next minute."""
    while True:
        try:
            run_by_the_clock()
        except Exception:
            log.exception("What the clock was to do failed.")
        time.sleep(MINUTE)
