"""The mail digest: counts and links, no title, no name. Asked for by its reader, or never sent."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from banyan.notices.kinds import KINDS
from banyan.notices.models import Digest, Notice
from banyan.notices.operations import switches_of

SALT = "banyan.notices.mail-off"
MORNING = 7  # o'clock, in the installation's time
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=24)
CLAIM = timedelta(minutes=10)
AT_ONCE = 200  # mails sent in one go of the worker
log = logging.getLogger(__name__)


def is_set() -> bool:
    """Whether this installation has a mail server."""
    return bool(settings.EMAIL_HOST)


def next_time(rhythm: str, after: datetime) -> datetime | None:
    """The next morning of a rhythm after a moment; None for never."""
    if rhythm == Digest.Rhythm.NEVER:
        return None
    local = timezone.localtime(after)
    morning = local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if morning <= local:
        morning += timedelta(days=1)
    if rhythm == Digest.Rhythm.WEEKLY:
        morning += timedelta(days=-morning.weekday() % 7)
    return morning


def token_of(account: int) -> str:
    """What a mail's link carries to switch mails off without signing in; good for nothing else."""
    return signing.dumps(account, salt=SALT)


def account_of(token: str) -> int | None:
    """The account of a mail's link; None when we did not sign it."""
    try:
        read = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return read if isinstance(read, int) else None


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many failures in a row: 5, 10, 20 minutes … at most a day."""
    doubled: int = 2 ** min(max(tries - 1, 0), 12)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


def send_due(now: datetime) -> int:
    """Send every digest whose time has come; how many were sent.

    Each is claimed for itself, so that a second worker sends nothing twice. A failure is written
    down and tried again later; it ends neither the others nor the worker.
    """
    sent = 0
    for _turn in range(AT_ONCE):
        went = _send_one(now)
        if went is None:
            break
        sent += went
    return sent


def _send_one(now: datetime) -> bool | None:
    """The digest that has waited longest: whether a mail went out; None when none is due."""
    digest = _claim(now)
    if digest is None:
        return None
    counted, newest = _new_for(digest)
    try:
        if counted:
            message_for(digest, counted, newest).send()
    except (OSError, SMTPException) as failure:
        tries = digest.tries + 1
        # The class alone: a server's answer may hold the address.
        log.warning("A digest was not sent (%s), try %d", type(failure).__name__, tries)
        mine = Digest.objects.wanted().filter(pk=digest.pk)
        mine.update(tries=tries, next_at=now + wait_after(tries))
        return False
    digest.refresh_from_db(fields=["rhythm"])  # chosen anew while the mail went out
    later = next_time(digest.rhythm, now)
    Digest.objects.filter(pk=digest.pk).update(tries=0, told=newest, next_at=later)
    return bool(counted)


def _claim(now: datetime) -> Digest | None:
    """Take one for a while: no lock is held while a server is spoken to, and nobody takes it twice."""
    with transaction.atomic():
        waiting = Digest.objects.due(now).select_for_update(skip_locked=True, of=("self",))
        digest = waiting.select_related("account").first()
        if digest is not None:
            Digest.objects.filter(pk=digest.pk).update(next_at=now + CLAIM)
        return digest


def _new_for(digest: Digest) -> tuple[dict[str, int], int]:
    """Kind → how many unread notices came since the last mail, and the newest of them."""
    mailed = [key for key, (_in, mail) in switches_of(digest.account_id).items() if mail]
    new = Notice.objects.filter(
        account=digest.account_id, pk__gt=digest.told, kind__in=mailed, read_at=None
    )
    found = {kind: n for kind, (_all, n) in new.counted().items()}
    return found, new.aggregate(newest=Max("pk"))["newest"] or digest.told


def message_for(digest: Digest, counted: dict[str, int], newest: int) -> EmailMessage:
    """The mail, in the language of the account."""
    off = settings.BANYAN_URL + reverse("mail_off", args=[token_of(digest.account_id)])
    with translation.override(digest.account.language):
        total = sum(counted.values())
        subject = ngettext("Banyan: %(n)d new notice", "Banyan: %(n)d new notices", total)
        inbox = settings.BANYAN_URL + reverse("inbox")
        lines = [
            {"label": kind.chip, "count": counted[key], "url": f"{inbox}?kind={key}"}
            for key, kind in KINDS.items()
            if key in counted
        ]
        about = {"lines": lines, "inbox": inbox, "off": off}
        body = render_to_string("notices/digest.txt", about)
        return EmailMessage(
            subject % {"n": total},
            body,
            to=[digest.account.email],
            headers={
                # The same digest sent twice (a process killed in between) is one to a mail program.
                "Message-ID": f"<digest-{digest.account_id}-{newest}@{_host()}>",
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{off}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )


def _host() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "banyan"
