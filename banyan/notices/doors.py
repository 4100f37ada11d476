"""Doors of notices: a calendar behind a secret address, and the link that stops mails."""

import hashlib
from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from banyan.notices.due_calendar import calendar_of
from banyan.notices.mail import account_of
from banyan.notices.models import Calendar
from banyan.notices.operations import hashed, stop_mail
from banyan.people.models import Account
from banyan.web.page import BanyanRequest, door

LONGEST = 100  # signs of a secret; ours have 43
MOST_GUESSES = 30  # wrong addresses from one machine within a minute


@door
@require_safe
def calendar(request: BanyanRequest, secret: str) -> HttpResponseBase:
    """`/calendar/<secret>.ics`: the due dates of whoever holds this address.

    Right or wrong, one hash is made and one row is looked for by it: the time tells nothing.
    """
    guesses = f"calendar-guesses-{get_adapter().get_client_ip(request)}"
    if cache.get(guesses, 0) >= MOST_GUESSES:
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "60"})
    kept = Calendar.objects.select_related("account").filter(
        address_hash=hashed(secret[:LONGEST]), account__is_active=True
    )
    found = kept.first()
    if found is None:
        # Only wrong addresses are counted: a whole office may ask from one machine's number.
        cache.set(guesses, cache.get(guesses, 0) + 1, timeout=60)
        raise Http404
    with translation.override(found.account.language):
        body = calendar_of(found.account, request.today)
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="banyan.ics"'
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Robots-Tag"] = "noindex"
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    answer["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=answer) or answer


@csrf_exempt
@door
def mail_off(request: BanyanRequest, token: str) -> HttpResponseBase:
    """`/mail/off/<token>`: stop the mail digest without signing in. Looking at it changes nothing.

    Without a CSRF token, because mail programs press it themselves (RFC 8058): what the signed link
    can do is this one thing, and it harms nobody.
    """
    account = account_of(token)
    found = Account.objects.filter(pk=account).first() if account is not None else None
    if found is None:
        raise Http404
    if request.method == "POST":
        stop_mail(found.pk)
    with translation.override(found.language):
        about = {"stopped": request.method == "POST"}
        return render(request, "notices/mail_off.html", about)
