"""Pages of the import: one's imports, sending a file, and one import wherever it is on its way."""

import functools
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyan.imports import books, forms, steps
from banyan.imports.models import Import
from banyan.imports.operations import LAYABLE
from banyan.imports.preview import Preview, Result, progress
from banyan.imports.target import TARGETS, open_to, target_of
from banyan.imports.wordings import STATES
from banyan.kernel.errors import Refusal
from banyan.web.act import act
from banyan.web.form import new_key
from banyan.web.page import BanyanRequest, get_seen, no_entry, page, render_part
from banyan.web.sheet import XLSX

MOST_LISTED = 100
TONES = {"done": "leaf", "failed": "red", "asking": "amber", "ready": "amber"}


@page(None)
def all_imports(request: BanyanRequest) -> HttpResponseBase:
    """What can be imported, and one's own imports, the newest first."""
    targets = open_to(request.actor)
    if not targets:
        raise no_entry(", ".join(sorted({target.needs for target in TARGETS.values()})))
    mine = request.seen(Import).exclude(state="left").order_by("-pk")[:MOST_LISTED]
    rows = [
        {
            "one": one,
            "label": target_of(one.target).title if one.target in TARGETS else one.target,
            "state": STATES[one.state],
            "tone": TONES.get(one.state, ""),
            "taken": one.counts.get("taken") if one.state == "done" else None,
        }
        for one in mine
    ]
    # Templates call what can be called, classes too.
    open_here = [{"key": one.key, "title": one.title, "lead": one.lead} for one in targets]
    return render(request, "imports/all.html", {"targets": open_here, "rows": rows})


def _target(request: BanyanRequest, target: str) -> Any:
    """The unit one acts at, with the target asked for, if the post may import it."""
    found = target_of(target)
    if not request.actor.holds(found.needs):
        raise no_entry(found.needs)
    unit = request.actor.unit
    unit.target = found
    return unit


send = act(
    lambda request, unit: forms.send_form(request.actor, request.today, unit.target),
    _target,
    None,
    initial=lambda request, unit: {"unit": unit.pk},
)


@page(None)
def template(request: BanyanRequest, target: str) -> HttpResponseBase:
    """A workbook to fill in, empty or (`?filled=1`) with what stands there, to be changed."""
    unit = _target(request, target)
    form = forms.template_form(request.actor, request.today, unit.target)(request.GET)
    if not form.is_valid():
        said = next(iter(form.errors.values()))[0]
        raise Refusal(
            _("The workbook cannot be made yet."), str(said), _("Choose what is missing.")
        )
    filled = bool(request.GET.get("filled"))
    made_for = form.target_asked(request.actor, get_language() or "vi")
    file = books.template(made_for, timezone.now(), filled=filled)
    return FileResponse(file, as_attachment=True, filename=f"{target}.xlsx", content_type=XLSX)


@page(None)
def marked(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """The file as it was sent, with what is wrong or doubtful marked in it."""
    one = one_import(request, pk)
    file = books.marked_file(one)
    name = f"{one.filename.rpartition('.')[0] or one.filename}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


def one_import(request: BanyanRequest, pk: int) -> Import:
    """An import of one's own, as long as the post still gives the right to make it."""
    one = get_seen(request, Import, pk=pk)
    needs = target_of(one.target).needs
    if not request.actor.holds(needs):
        raise no_entry(needs)
    return one


def _step(form_class: Any, *states: str) -> Any:
    """A step, as long as the import stands at it: who comes back later sees how it stands now."""
    taken = act(form_class, one_import, None)

    @functools.wraps(taken)
    def step(request: BanyanRequest, pk: int) -> HttpResponseBase:
        looks = request.method == "GET" and request.user.is_authenticated
        if looks and one_import(request, pk).state not in states:
            return redirect("import_show", pk=pk)
        answer: HttpResponseBase = taken(request, pk=pk)
        return answer

    return step


columns = _step(lambda request, one: forms.columns_form(one), *LAYABLE)
values = _step(lambda request, one: forms.values_form(one), *LAYABLE)
confirm = _step(steps.ConfirmForm, "ready", "done")
take_back = _step(steps.TakeBackForm, "done")
leave = _step(steps.LeaveForm, "reading", *LAYABLE)
WHERE = {"reading": "preview", "ready": "preview", "failed": "file"}


@page(None)
def show(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """One import: how far it is, what it asks, what it would do, or what came of it."""
    one = one_import(request, pk)
    where = steps.steps(WHERE.get(one.state, "done"), one)
    base = {"one": one, "title": one.filename, "receipt_key": new_key(), "steps": where}
    if one.is_working:
        context = base | {"progress": progress(one)}
        return render_part(request, "imports/working.html", "imports/_working.html", context)
    if request.headers.get("HX-Request") == "true":
        # What asked how far it is asks for the whole page now.
        return HttpResponse(headers={"HX-Refresh": "true"})
    if one.state == "asking":
        return redirect("import_columns", pk=one.pk)
    if one.state == "left":
        return redirect("imports")
    target = forms.target_for_reader(one)
    if one.state == "ready":
        start = request.GET.get("from", "")
        shown = Preview(
            one,
            target,
            show=request.GET.get("show", ""),
            start=int(start) if start.isdecimal() and len(start) < 10 else 0,
            url=request.path,
        )
        context = base | {"preview": shown.context()}
        return render(request, "imports/preview.html", context)
    context = base | {"result": Result(one, target).context()}
    return render(request, "imports/result.html", context)
