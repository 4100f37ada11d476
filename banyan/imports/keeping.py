"""How long the rows of files are kept: they hold what people wrote, often about people."""

from datetime import datetime, timedelta

from banyan.imports.models import Import, StagedLine

UNFINISHED, UNDOABLE = timedelta(days=30), timedelta(days=90)


def forget_old(now: datetime) -> int:
    """Erase the rows of files that nobody took in for 30 days, and of those taken in or back 90 days
    ago (what they brought stays, and can then no longer be taken back at once). How many rows."""
    waiting = Import.objects.filter(
        state__in=("asking", "ready", "failed", "left"), changed_at__lt=now - UNFINISHED
    )
    ended = Import.objects.filter(state__in=("done", "undone"), changed_at__lt=now - UNDOABLE)
    gone = 0
    for old in (waiting, ended):
        rows = StagedLine.objects.filter(job__in=old.values("pk"))
        gone += rows._raw_delete(rows.db)
    waiting.update(state="left", found={}, counts={})
    return gone
