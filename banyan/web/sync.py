"""`POST /sync`: takes one form that a browser kept while it had no network.

The same form and the same operation as the form's own page; only the answer differs: always JSON,
never a redirect. The browser deletes what it kept on one answer alone: a receipt that bears the
item's key and the hash of the body it sent.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpResponseBase, JsonResponse, QueryDict
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from banyan.kernel.errors import Refusal
from banyan.ledger import receipts
from banyan.web.act import LONGEST_KEY
from banyan.web.form import Form
from banyan.web.page import BanyanRequest, no_entry, page

# What the queue does with an item depends on these words alone.
CODES = {403: "forbidden", 404: "gone", 409: "changed", 422: "refused"}
WAITING = "Banyan-Waiting"


class OtherHands(Refusal):
    """409: another account (code `account`) or the same one in another post (`post`)."""

    def __init__(self, code: str, what: str, why: str, mend: str) -> None:
        super().__init__(what, why, mend, status=409)
        self.code = code


@dataclass(frozen=True)
class Item:
    """One sending as the browser kept it: whose, in which post, to which form, with what."""

    key: str
    account: str
    post: str
    path: str
    fields: QueryDict


@require_POST
@page(None)
def sync(request: BanyanRequest) -> HttpResponseBase:
    """Take one kept form; answer with a receipt, or say what is in the way and what to do."""
    try:
        item = _read(request)
        _same_hands(request, item)
        sent = receipts.Request(item.key, hashlib.sha256(request.body).hexdigest())
        request.actor.request = sent
        return _take(request, item, sent)
    except Refusal as no:
        code = no.code if isinstance(no, OtherHands) else CODES.get(no.status, "refused")
        return JsonResponse({"code": code, **no.as_dict()}, status=no.status)


def _take(request: BanyanRequest, item: Item, sent: receipts.Request) -> HttpResponseBase:
    made: Any = receipts.answered(request.actor)
    if made is not None:  # it arrived before, and only the answer was lost
        return _receipt(sent, made, made.get_absolute_url())
    form = _form(request, item)
    if not form.is_valid():
        said = {"what": _("Not sent yet: please mend what follows"), "why": _why(form)}
        errors = {name: [str(one) for one in many] for name, many in form.errors.items()}
        return JsonResponse({"code": "refused", **said, "errors": errors}, status=422)
    made = form.perform()
    if request.headers.get(WAITING) and form.done:  # somebody looks on
        messages.success(request, str(form.done))
    return _receipt(sent, made, form.next_url(made))


def _receipt(sent: receipts.Request, made: Any, url: str) -> HttpResponseBase:
    receipt = {"key": sent.key, "hash": sent.body_hash}
    return JsonResponse({"receipt": receipt, "id": made.pk, "url": url})


def _why(form: Form) -> str:
    """Every error with the name of its field, as one paragraph."""
    said = []
    for name, many in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        said += [f"{label}: {one}" if label else str(one) for one in many]
    return " ".join(said)


def _read(request: BanyanRequest) -> Item:
    """The item in the body; Refusal (400) when it is none."""
    try:
        body = json.loads(request.body)
        fields = QueryDict(mutable=True)
        for name, value in body["fields"]:
            f"{name}{value}".encode()  # half a character (a lone surrogate) is no text
            fields.appendlist(str(name), str(value))
        key, path = str(body["key"]), str(body["path"])
        item = Item(key, str(body["account"]), str(body["post"]), path, fields)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _torn() from None
    if not 0 < len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise _torn()
    return item


def _torn() -> Refusal:
    return Refusal(
        _("What was kept cannot be read."),
        _("It is torn or of another version of Banyan."),
        _("Open it, copy what you wrote, and register it again."),
        status=400,
    )


def _same_hands(request: BanyanRequest, item: Item) -> None:
    """Refuse (409) what another account, or the same one in another post, has kept here."""
    actor = request.actor
    if item.account != str(actor.account_id):
        raise OtherHands(
            "account",
            _("This was written by another account."),
            _("Nobody sends in another's name."),
            _("Sign in as who wrote it; then it goes by itself."),
        )
    if item.post != str(actor.post_id or ""):
        raise OtherHands(
            "post",
            _("This was written in another of your posts."),
            _("You now act as “%(post)s”.") % {"post": actor.post_label},
            _("Switch to the post it was written in; then it goes by itself."),
        )


def _form(request: BanyanRequest, item: Item) -> Form:
    """The form of the page it was written on, bound to what was written."""
    try:
        address = urlsplit(item.path)
    except ValueError:
        raise _gone() from None
    if address.netloc:
        raise _gone()
    match = _resolved(address.path)
    view: Any = match.func
    if not hasattr(view, "find"):
        raise _gone()
    if view.needs is not None and not request.actor.holds(view.needs):
        raise no_entry(view.needs)
    request.resolver_match, request.GET = match, QueryDict(address.query)
    try:
        thing = view.find(request, **match.kwargs)
        is_class = isinstance(view.form_class, type)
        made = view.form_class if is_class else view.form_class(request, thing)
    except Http404:
        raise _gone() from None
    form: Form = made(item.fields, MultiValueDict(), thing=thing, actor=request.actor)
    return form


def _resolved(path: str) -> ResolverMatch:
    try:
        return resolve(path)
    except Resolver404:
        raise _gone() from None


def _gone() -> Refusal:
    return Refusal(
        _("The form it was written for is no longer there."),
        _("The record was taken back, or your post no longer reaches it."),
        _("Open it to copy what you wrote, or ask the officer above you."),
        status=404,
    )
