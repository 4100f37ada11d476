"""What the worker does by the clock: reminders and mails. Repeating any of it changes nothing."""

from datetime import date

from django.db import close_old_connections
from django.utils import timezone

from banyan.notices.due import concerned, reminded_on
from banyan.notices.mail import is_set, send_due
from banyan.notices.models import Notice, Switch
from banyan.people.middleware import today
from banyan.submissions.models import Round

DUE = "round.due"


def remind(today: date) -> int:
    """Put today's reminders of due dates into the inboxes, each once; how many rounds that were."""
    rounds = reminded_on(today)
    for one, lines in rounds.items():
        accounts = concerned(lines, today)
        accounts -= Switch.objects.turned_off(DUE, accounts)
        Notice.objects.bulk_create(
            [
                Notice(
                    account_id=account,
                    day=today,
                    kind=DUE,
                    thing_kind=Round._meta.label_lower,
                    thing_id=one,
                )
                for account in sorted(accounts)
            ],
            ignore_conflicts=True,
            batch_size=5_000,
        )
    return len(rounds)


_reminded: set[tuple[date, int]] = set()  # the hour in which this process reminded last


def run_by_the_clock() -> None:
    """Every hour the reminders of the day (what was told is not told again); mails when they are due."""
    close_old_connections()
    try:
        now, day = timezone.localtime(), today()
        if (day, now.hour) not in _reminded:
            remind(day)
            _reminded.clear()
            _reminded.add((day, now.hour))
        if is_set():
            send_due(now)
    finally:
        close_old_connections()
