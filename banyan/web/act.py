"""From a request to an operation: the same way for a browser form and for JSON."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.ledger.receipts import Request as ReceiptRequest
from banyan.web.form import Form, new_key
from banyan.web.page import BanyanRequest, page

Find = Callable[..., Any]
LONGEST_KEY = 64


def wants_json(request: HttpRequest) -> bool:
    """Whether the sender speaks JSON."""
    return request.content_type == "application/json" or request.path.startswith("/api/")


def _data(request: HttpRequest) -> Mapping[str, Any]:
    if request.content_type != "application/json":
        return request.POST
    try:
        # Numbers stay as they were written; NaN and Infinity are no JSON.
        body = json.loads(request.body, parse_int=str, parse_float=str, parse_constant=_no_number)
        return MultiValueDict({name: _typed(value) for name, value in body.items()})
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Refusal(
            _("The body is not a JSON object."),
            _("It could not be read as {“field”: value}."),
            _("Send the fields named in /api/openapi.json."),
            status=400,
        ) from None


def _no_number(word: str) -> None:
    raise ValueError(word)


def _typed(value: Any) -> list[str]:
    """A JSON value as a browser would send it: texts only, so that no field meets another type."""
    texts = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(one, str | bool) for one in texts):
        raise TypeError(value)
    sent = [one if isinstance(one, str) else str(one).lower() for one in texts]
    for one in sent:
        one.encode()  # half a character (a lone surrogate) is no text
    return sent


def receipt_of(request: HttpRequest, data: Mapping[str, Any]) -> ReceiptRequest | None:
    """The key of this sending (header Idempotency-Key, or the form's hidden field) and its hash."""
    key = request.headers.get("Idempotency-Key") or str(data.get("key") or "")
    if not key:
        return None
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise Refusal(
            _("The key of this request cannot be used."),
            "",
            _("Use at most 64 letters, digits and signs without accents."),
            status=400,
        )
    unhashed = ("key", "csrfmiddlewaretoken")
    pairs = (
        sorted((name, value) for name, values in data.lists() for value in values)
        if hasattr(data, "lists")
        else sorted((name, json.dumps(value, sort_keys=True)) for name, value in data.items())
    )
    sent = ((name, one) for name, many in request.FILES.lists() for one in many)
    files = sorted((name, str(one.name), int(one.size or 0)) for name, one in sent)
    body = json.dumps([request.get_full_path(), [p for p in pairs if p[0] not in unhashed], files])
    return ReceiptRequest(key, hashlib.sha256(body.encode()).hexdigest())


def act(
    form_class: Any,
    find: Find,
    needs: str | None,
    initial: Callable[..., dict[str, Any]] | None = None,
) -> Any:
    """A view: GET shows the form, POST runs its operation on what `find` returns.

    `form_class` is a Form, or a function of the thing that returns one (forms of packs).
    """

    def view(request: BanyanRequest, **kwargs: Any) -> HttpResponseBase:
        thing = find(request, **kwargs)
        made_class: Any = form_class if isinstance(form_class, type) else form_class(request, thing)
        if request.method != "POST":
            start = initial(request, thing) if initial else {}
            start.update({k: v for k, v in request.GET.items() if k in made_class.base_fields})
            return _show(request, made_class(thing=thing, actor=request.actor, initial=start), 200)
        data = _data(request)
        request.actor.request = receipt_of(request, data)
        form = made_class(data, request.FILES, thing=thing, actor=request.actor)
        if str(data.get("as_post") or request.actor.post_id) != str(request.actor.post_id):
            return _other_post(request, form)
        return run_form(request, form)

    guarded: Any = page(needs)
    made: Any = guarded(view)
    made.form_class, made.find = form_class, find
    return made


def run_form(request: BanyanRequest, form: Form) -> HttpResponseBase:
    """Validate, run, answer: 303 or 201 when done; 422, 409, 403 with everything typed kept."""
    try:
        if not form.is_valid():
            return _show(request, form, 422)
        made = form.perform()
    except Refusal as no:
        if wants_json(request):
            raise
        form.add_error(None, no.sentence)
        return _show(request, form, no.status)
    if wants_json(request):
        return JsonResponse({"id": made.pk, "url": form.next_url(made)}, status=201)
    done = getattr(form, "done", "")
    if done:
        messages.success(request, str(done))
    return HttpResponseRedirect(form.next_url(made), status=303)


def _other_post(request: BanyanRequest, form: Form) -> HttpResponseBase:
    """A form opened in one post and sent in another, switched to in a second tab: look once more."""
    no = Refusal(
        _("You have switched to another post since you opened this form."),
        _("It would now be done as “%(post)s”; nothing was changed.")
        % {"post": request.actor.post_label},
        _("Send it again if that is right, or switch back first."),
        status=409,
    )
    if wants_json(request):
        raise no
    form.is_valid()
    form.add_error(None, no.sentence)
    return _show(request, form, no.status)


def _show(request: BanyanRequest, form: Form, status: int) -> HttpResponseBase:
    if wants_json(request):
        return JsonResponse({"errors": form.errors.get_json_data()}, status=status)
    context = {
        "form": form,
        "title": form.title,
        "lead": form.lead,
        "submit": form.submit_label or _("Save"),
        "cancel_url": getattr(form, "cancel_url", "") or request.META.get("HTTP_REFERER", "/"),
        "receipt_key": form.data.get("key") if form.is_bound and status != 409 else new_key(),
        "thing": form.thing,
    }
    if status == 422 and form.is_bound:
        # A refused sending changed nothing: what is sent after mending is a new request.
        context["receipt_key"] = new_key()
    return render(request, form.template, context, status=status)


def _torn_address() -> Refusal:
    return Refusal(
        _("This address cannot be read."),
        _("It holds a character that stands in no text."),
        _("Go back to the first page of the list."),
        status=400,
    )


class RefusalMiddleware:
    """Turns a Refusal that no form caught into an answer in words, as page or as JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on, but for an address with a character that no text holds: the database has none."""
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path:
            return self.process_exception(request, _torn_address()) or HttpResponse(status=400)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say what happened, why, and how to mend it."""
        if not isinstance(error, Refusal):
            return None
        if wants_json(request):
            return JsonResponse(error.as_dict(), status=error.status)
        return render(
            request,
            "web/message.html",
            {**error.as_dict(), "status": error.status},
            status=error.status,
        )
