"""The inbox: what one was told, unread first; and what one wants to be told."""

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from banyan.notices.forms import ChoicesForm
from banyan.notices.kinds import KINDS
from banyan.notices.mail import is_set, next_time
from banyan.notices.models import Notice
from banyan.notices.operations import (
    calendar_made,
    choose,
    choose_rhythm,
    open_calendar,
    rhythm_of,
    shut_calendar,
    switches_of,
)
from banyan.notices.wording import destination, lines, post_that_opens
from banyan.web.page import BanyanRequest, get_seen, page

PER_PAGE = 25
# Where a page begins: after an unread or a read notice of this id.
CURSOR = re.compile(r"(new|old)-(\d{1,18})")


@page(None)
def inbox(request: BanyanRequest) -> HttpResponseBase:
    """One's own notices (`?kind=` those of one kind): the unread first, each newest first."""
    after, kind = request.GET.get("after", ""), _kind_asked(request)
    counted = request.seen(Notice).counted()
    found = _after(request, after, kind)
    shown, more = found[:PER_PAGE], len(found) > PER_PAGE
    unread = sum(new for key, (_n, new) in counted.items() if kind in ("", key))
    context = {
        "notices": lines(shown, request.actor),
        "chips": _chips(counted, kind),
        # What a line's own button sends along, to come back to this very page.
        "query": _address(kind, after).removeprefix(request.path),
        "next_url": _address(kind, _cursor(shown[-1])) if more else "",
        # Only what this page had to show: a notice that arrives meanwhile stays unread.
        "read_url": "" if after or not unread else _read_address(kind, _newest(shown)),
        "empty": {
            "what": _("Your inbox is empty."),
            "mend": _("You are told here when something you sent in moves on, or waits for you."),
        },
    }
    return render(request, "notices/inbox.html", context)


def _kind_asked(request: BanyanRequest) -> str:
    """The kind named in the address; every kind without one."""
    kind = request.GET.get("kind", "")
    if kind and kind not in KINDS:
        raise Http404
    return kind


def _chips(counted: dict[str, tuple[int, int]], chosen: str) -> list[dict[str, Any]]:
    """Every kind that there is, with how many of it are unread."""
    kinds = [(key, kind.chip) for key, kind in KINDS.items() if key in counted or key == chosen]
    every = ("", _("Everything"))
    return [
        {
            "label": label,
            "url": _address(key, ""),
            "active": key == chosen,
            "count": counted.get(key, (0, 0))[1] if key else sum(n for _all, n in counted.values()),
        }
        for key, label in [every, *kinds]
    ]


def _address(kind: str, after: str) -> str:
    asked = {key: value for key, value in (("kind", kind), ("after", after)) if value}
    return f"{reverse('inbox')}?{urlencode(asked)}" if asked else reverse("inbox")


def _read_address(kind: str, upto: int) -> str:
    asked = {"upto": upto} | ({"kind": kind} if kind else {})
    return f"{reverse('inbox_read')}?{urlencode(asked)}"


def _after(request: BanyanRequest, cursor: str, kind: str) -> list[Notice]:
    """The notices of a page, and one more when there is a next page."""
    mine = request.seen(Notice)
    if kind:
        mine = mine.of_kind(kind)
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
    kind = _kind_asked(request)
    mine = request.seen(Notice).filter(pk__lte=int(said))
    (mine.of_kind(kind) if kind else mine).mark_read(timezone.now())
    return HttpResponseRedirect(_address(kind, ""), status=303)


@require_POST
@page(None)
def mark(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """Mark one as read (`as=read`) or as unread again, and stay on the page one was on."""
    get_seen(request, Notice, pk=pk)
    one = request.seen(Notice).filter(pk=pk)
    if request.POST.get("as") == "read":
        one.mark_read(timezone.now())
    else:
        one.mark_unread()
    kind, after = _kind_asked(request), request.GET.get("after", "")
    return HttpResponseRedirect(
        _address(kind, after if CURSOR.fullmatch(after) else ""), status=303
    )


@page(None)
def choices(request: BanyanRequest) -> HttpResponseBase:
    """What I am told: a switch for each kind. One's own choice, so no event of the ledger."""
    account = request.actor.account_id
    if request.method == "POST":
        form = ChoicesForm(request.POST)
        if form.is_valid():
            choose(account, form.switches())
            if rhythm := form.cleaned_data["rhythm"]:
                choose_rhythm(account, rhythm, next_time(rhythm, timezone.now()))
            messages.success(request, _("Kept."))
            return HttpResponseRedirect(reverse("inbox_choices"), status=303)
    else:
        form = ChoicesForm(initial=ChoicesForm.begun(switches_of(account), rhythm_of(account)))
    return _choices(request, form)


@require_POST
@page(None)
def calendar_open(request: BanyanRequest) -> HttpResponseBase:
    """A secret address for one's calendar, shown this once; a new one ends the old one."""
    secret = open_calendar(request.actor)
    address = settings.BANYAN_URL + reverse("calendar", args=[secret])
    account = request.actor.account_id
    form = ChoicesForm(initial=ChoicesForm.begun(switches_of(account), rhythm_of(account)))
    return _choices(request, form, address)


@require_POST
@page(None)
def calendar_shut(request: BanyanRequest) -> HttpResponseBase:
    """Take the address back. Repeating it changes nothing, so it needs no key."""
    shut_calendar(request.actor)
    messages.success(request, _("The address opens nothing any more."))
    return HttpResponseRedirect(reverse("inbox_choices"), status=303)


def _choices(request: BanyanRequest, form: ChoicesForm, address: str = "") -> HttpResponseBase:
    context = {
        "crumbs": [{"label": _("Inbox"), "url": reverse("inbox")}],
        "form": form,
        "kinds": form.lines(),
        "mail": is_set(),
        "email": request.actor.account.email,
        "address": address,
        "made_at": calendar_made(request.actor.account_id),
    }
    answer = render(request, "notices/choices.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
