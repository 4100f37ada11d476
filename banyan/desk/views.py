"""Pages of the review desk."""

from typing import Any

from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from banyan.desk import deciding, many
from banyan.desk.lives import RECOGNISE, REVIEW, life_of
from banyan.desk.pages import desk
from banyan.desk.queue import Queue
from banyan.desk.reading import DRAFT, find
from banyan.initiatives.forms import move_form
from banyan.initiatives.models import Initiative
from banyan.kernel.errors import Refusal
from banyan.submissions.models import SomeoneWasFaster
from banyan.submissions.operations import save_draft
from banyan.submissions.remarks import remark as say
from banyan.submissions.steps import undo_step
from banyan.web.act import receipt_of
from banyan.web.page import BanyanRequest, page

UNKEPT = ("csrfmiddlewaretoken", "key", "as_post", "draft_version", "version", "next")
MOST_DIGITS, MOST_TYPED = 10, 40


@page(REVIEW)
def home(request: BanyanRequest) -> HttpResponseBase:
    """The queue, and how much waits."""
    return desk(request, Queue(request))


@page(REVIEW)
def show(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """One record beside the queue."""
    queue = Queue(request)
    return desk(request, queue, find(request, queue, pk))


@page(REVIEW)
def decide(request: BanyanRequest, pk: int, move: str) -> HttpResponseBase:
    """Approve, review or send back; then the next record opens."""
    queue = Queue(request)
    initiative = find(request, queue, pk)
    submission = initiative.submission
    life = life_of(submission.pack.workflow)
    arrow = next((one for one in (*life.takes, *life.gives_back) if one.name == move), None)
    if arrow is None:
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(_address(queue, pk))
    request.actor.request = receipt_of(request, request.POST)
    form = move_form(submission.pack, arrow)(request.POST, thing=initiative, actor=request.actor)
    valid = form.is_valid()
    try:
        _same_post(request)
        if not valid:
            return desk(request, queue, initiative, sent=form)
        deciding.as_it_was_seen(submission, request.POST.get("version", ""))
        form.perform()
    except Refusal as no:
        if not deciding.was_done(request.actor):
            # What stands there now, not what stood there when the page was made.
            return desk(request, queue, find(request, queue, pk), sent=form, refusal=no)
    deciding.forget_draft(request.actor, pk)
    after = request.POST.get("next", "")
    to = int(after) if after.isdecimal() and len(after) < MOST_DIGITS else None
    return HttpResponseRedirect(_address(queue, to, done=pk), status=303)


def _address(queue: Queue, pk: int | None, *, done: int | None = None) -> str:
    """A record of the queue under the same filters, or the queue alone."""
    url = reverse("desk_record", args=[pk]) if pk else reverse("desk")
    told = [queue.query] if queue.query else []
    told += [f"done={done}"] if done else []
    return f"{url}?{'&'.join(told)}" if told else url


def _same_post(request: BanyanRequest) -> None:
    """A page opened in one post and sent in another, switched to in a second tab: look once more."""
    said = request.POST.get("as_post") or request.actor.post_id
    if str(said) != str(request.actor.post_id):
        raise Refusal(
            _("You have switched to another post since you opened this form."),
            _("It would now be done as “%(post)s”; nothing was changed.")
            % {"post": request.actor.post_label},
            _("Send it again if that is right, or switch back first."),
            status=409,
        )


@page(REVIEW)
def undo(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """Take back one's own step of some seconds ago, and stand before the record again."""
    queue = Queue(request)
    initiative = find(request, queue, pk)
    if request.method == "POST":
        request.actor.request = receipt_of(request, request.POST)
        words = deciding.words_of_step(initiative.submission, request.actor)
        try:
            undo_step(initiative.submission, by=request.actor)
            deciding.stand_again(request.actor, pk, words)
        except Refusal as no:
            if not deciding.was_done(request.actor):
                return desk(request, queue, initiative, sent=_Nothing(), refusal=no)
    return HttpResponseRedirect(_address(queue, pk), status=303)


class _Nothing:
    """A sending in which nothing was typed."""

    data: dict[str, str] = {}
    errors: dict[str, Any] = {}


class _Typed(_Nothing):
    """A sending with words in it that are to stand there again."""

    def __init__(self, request: BanyanRequest) -> None:
        self.data = {name: str(value) for name, value in request.POST.items()}


@page(REVIEW)
def remark(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """Add a line to the conversation on a record."""
    queue = Queue(request)
    initiative = find(request, queue, pk)
    if request.method == "POST":
        request.actor.request = receipt_of(request, request.POST)
        told = {"field": request.POST.get("field", ""), "text": request.POST.get("text", "")}
        try:
            say(initiative.submission, by=request.actor, **told)
        except Refusal as no:
            return desk(request, queue, initiative, sent=_Typed(request), refusal=no)
        deciding.drop_from_draft(request.actor, pk, "text")
    return HttpResponseRedirect(f"{_address(queue, pk)}#talk", status=303)


@require_POST
@page(REVIEW)
def draft(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """Keep what is being typed; answers with the line that says so."""
    if not request.seen(Initiative).filter(pk=pk).exists():
        raise Http404
    typed = {
        name: str(value).replace("\0", "")[: deciding.LONGEST]
        for name, value in list(request.POST.items())[:MOST_TYPED]
        if name not in UNKEPT
    }
    said = request.POST.get("draft_version", "")
    version = int(said) if said.isdecimal() and len(said) < MOST_DIGITS else 0
    about: dict[str, Any] = {"saved": timezone.localtime()}
    try:
        kept = save_draft(
            request.actor.post_id, request.actor.account_id, DRAFT, pk, typed, version
        )
        about["draft_version"] = kept.version
    except SomeoneWasFaster:
        about = {"draft_version": version, "faster": True}
    return render(request, "desk/_kept.html", about)


@page(REVIEW)
def together(request: BanyanRequest) -> HttpResponseBase:
    """Accept what is unremarkable: the list first, then one by one."""
    queue = Queue(request)
    context = many.plain_page(queue)
    if request.method == "POST":
        request.actor.request = receipt_of(request, request.POST)
        _same_post(request)
        context |= {"outcome": many.accept(queue, request.POST.getlist("pick"))}
    return render(request, "desk/together.html", context)


@page(RECOGNISE)
def recognise(request: BanyanRequest) -> HttpResponseBase:
    """One decision for many models: number, day and signer once, carried out one by one."""
    queue = Queue(request)
    if request.method != "POST":
        return render(request, "desk/recognise.html", many.decision_page(queue))
    request.actor.request = receipt_of(request, request.POST)
    _same_post(request)
    context, status = many.recognise(queue, request.POST)
    return render(request, "desk/recognise.html", context, status=status)
