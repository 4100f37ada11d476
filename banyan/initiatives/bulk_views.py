"""Pages of bulk steps: the question, how far the work is, stopping it, taking it back."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyan.initiatives import bulk, bulk_forms
from banyan.initiatives.lists import InitiativeList
from banyan.initiatives.models import Initiative
from banyan.ledger import tasks as jobs
from banyan.ledger.models import Job
from banyan.submissions.steps import UNDO_GRACE, UNDO_SECONDS
from banyan.web.act import act
from banyan.web.form import new_key
from banyan.web.page import BanyanRequest, page, render_part

VIEW = "submission.view"
MOST_NAMED = 200

ask = act(bulk_forms.bulk_form, lambda request: request.actor.unit, VIEW)


def one_job(request: BanyanRequest, pk: int) -> Job:
    """A job of one's own; another's does not exist."""
    found = jobs.of_account(request.actor.account_id).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


stop = act(bulk_forms.StopForm, one_job, VIEW)
take_back = act(bulk_forms.TakeBackForm, one_job, VIEW)


@page(VIEW)
def show(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """How far a job is; asked again by the page itself while it goes on."""
    job = one_job(request, pk)
    part = "initiatives/_bulk_job.html"
    return render_part(request, "initiatives/bulk_job.html", part, _told(request, job))


def _told(request: BanyanRequest, job: Job) -> dict[str, Any]:
    listing = InitiativeList(request)
    move = listing.text(f"moves.{job.told.get('move', '')}") if job.told.get("move") else ""
    undoing = job.kind == bulk.UNDOES
    since = timezone.now() - timedelta(seconds=UNDO_SECONDS + UNDO_GRACE)
    fresh = job.ended_at is not None and job.ended_at > since
    return {
        "job": job,
        "title": _("Taking back: %(move)s") % {"move": move} if undoing else move,
        "refused": _refused(request, job) if job.refused else [],
        "more": max(job.refused - MOST_NAMED, 0),
        "receipt_key": new_key(),
        "stop_url": reverse("bulk_stop", args=[job.pk]) if job.ended_at is None else "",
        "undo_url": reverse("bulk_undo", args=[job.pk])
        if fresh and job.done and not undoing
        else "",
        "list_url": reverse("initiatives"),
        "language": get_language(),
    }


def _refused(request: BanyanRequest, job: Job) -> list[dict[str, Any]]:
    lines = list(jobs.refused(job)[:MOST_NAMED])
    rows = request.seen(Initiative).filter(pk__in=[line.thing for line in lines])
    named = {row.pk: row for row in rows.only("pk", "code", "title")}
    return [{"row": named.get(line.thing), "why": line.why} for line in lines]


@page(VIEW)
def all_jobs(request: BanyanRequest) -> HttpResponseBase:
    """One's own jobs, the newest first."""
    listing = InitiativeList(request)
    shown = []
    for job in jobs.of_account(request.actor.account_id)[:50]:
        label = listing.text(f"moves.{job.told['move']}") if job.told.get("move") else job.kind
        shown.append({"job": job, "label": label, "url": reverse("bulk_job", args=[job.pk])})
    context = {"jobs": shown, "title": _("Work in progress and done")}
    return render_part(request, "initiatives/bulk_jobs.html", "initiatives/bulk_jobs.html", context)
