"""The worker: seals the ledger every 200 ms and lets the readers catch up; beside it runs a clock."""

import logging
import os
import signal
import time

import django

INTERVAL = 0.2
PATIENCE = 5.0
log = logging.getLogger(__name__)


def main() -> None:
    """Work until told to stop; a lost database is waited for, never a reason to end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyan.site.settings")
    django.setup()
    # Models exist only after setup.
    from django.db import DatabaseError, close_old_connections  # noqa: PLC0415

    from banyan.site import beats  # noqa: PLC0415
    from banyan.site.importer import Importer  # noqa: PLC0415

    going = True

    def stop(_signal: int, _frame: object) -> None:
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    beats.start_the_clock()
    importer = Importer()
    while going:
        try:
            busy = beats.seal_and_read(imports=importer.look_after())
        except DatabaseError:
            log.warning("The database does not answer; trying again.")
            close_old_connections()
            time.sleep(PATIENCE)
            continue
        except Exception:
            # One broken reader must not stop the sealing; it is tried again, and the log names it.
            log.exception("A reader failed.")
            time.sleep(PATIENCE)
            continue
        if not busy:
            time.sleep(INTERVAL)


if __name__ == "__main__":
    main()
