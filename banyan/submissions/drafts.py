"""Reading and erasing what is being typed: no operation, no rule, no event."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from banyan.submissions.models import Draft

KEPT_FOR = timedelta(days=90)


def find_draft(
    post_id: int | None, account_id: int | None, form: str, thing: int = 0
) -> Draft | None:
    """What this account is typing in this form, in this post."""
    known = Draft.objects.filter(post=post_id, account=account_id, form=form, thing=thing)
    return known.first()


def begun_by(post_id: int | None, account_id: int | None) -> list[Draft]:
    """Everything this account has begun to type in this post, newest first."""
    return list(Draft.objects.filter(post=post_id, account=account_id).order_by("-saved_at"))


def forget_old(now: datetime) -> int:
    """Erase what nobody has touched for 90 days; returns how many."""
    gone, _by_model = Draft.objects.filter(saved_at__lt=now - KEPT_FOR).delete()
    return gone


def typed_in(data: Any, unkept: Iterable[str]) -> dict[str, Any]:
    """A post as a draft keeps it: texts, and lists where a name was sent more than once."""
    raw: dict[str, Any] = {}
    for name, values in data.lists():
        if name not in unkept:
            texts = [str(value).replace("\0", "") for value in values]  # the database keeps no NUL
            raw[name] = texts if len(texts) > 1 else texts[-1]
    return raw
