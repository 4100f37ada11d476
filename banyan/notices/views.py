"""The inbox: what one was told, unread first."""

import re
from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from banyan.notices.models import Notice
from banyan.notices.wording import destination, lines, post_that_opens
from banyan.web.page import BanyanRequest, get_seen, page

PER_PAGE = 25
# Where a page begins: after an unread or a read notice of this id.
CURSOR = re.compile(r"(new|old)-(\d{1,18})")


@page(None)
def inbox(request: BanyanRequest) -> HttpResponseBase:
    """One's own notices: the unread ones first, then the read ones, each newest first."""
    after = request.GET.get("after", "")
    found = _after(request, after)
    shown, more = found[:PER_PAGE], len(found) > PER_PAGE
    context = {
        "notices": lines(shown, request.actor),
        "next_url": f"{request.path}?after={_cursor(shown[-1])}" if more else "",
        # Only what this page had to show: a notice that arrives meanwhile stays unread.
        "read_url": "" if after or not shown else f"{reverse('inbox_read')}?upto={_newest(shown)}",
        "empty": {
            "what": _("Your inbox is empty."),
            "mend": _("You are told here when something you sent in moves on, or waits for you."),
        },
    }
    return render(request, "web/notices.html", context)


def _after(request: BanyanRequest, cursor: str) -> list[Notice]:
    """The notices of a page, and one more when there is a next page."""
    mine = request.seen(Notice)
    new, old = mine.unread(), mine.already_read()
    if cursor:
        place = CURSOR.fullmatch(cursor)
        if place is None:
            raise Http404
        if place[1] == "new":
            new = new.filter(pk__lt=int(place[2]))
        else:
            new, old = new.none(), old.filter(pk__lt=int(place[2]))
    found = list(new[: PER_PAGE + 1])
    return found + list(old[: PER_PAGE + 1 - len(found)]) if len(found) <= PER_PAGE else found


def _cursor(notice: Notice) -> str:
    return f"{'new' if notice.read_at is None else 'old'}-{notice.pk}"


def _newest(shown: Sequence[Notice]) -> int:
    return max(notice.pk for notice in shown)


@require_GET
@page(None)
def open_notice(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """Mark one as read and go where it leads; where the present post does not reach, say which does."""
    notice = get_seen(request, Notice, pk=pk)
    request.seen(Notice).filter(pk=pk).mark_read(timezone.now())
    url = destination(notice, request.actor)
    if not url:
        other = post_that_opens(notice, request.actor)
        if other is not None:
            said = _("This record opens with another of your posts: “%(post)s”, %(unit)s.")
            unit = other.unit.name_on(request.today)
            messages.info(request, said % {"post": other.label, "unit": unit})
    return HttpResponseRedirect(url or reverse("inbox"))


@require_POST
@page(None)
def read_all(request: BanyanRequest) -> HttpResponseBase:
    """Mark as read what the page showed (`?upto=`). Repeating it changes nothing, so it needs no key."""
    said = request.GET.get("upto", "")
    if not re.fullmatch(r"\d{1,18}", said):
        raise Http404
    request.seen(Notice).filter(pk__lte=int(said)).mark_read(timezone.now())
    return HttpResponseRedirect(reverse("inbox"), status=303)
