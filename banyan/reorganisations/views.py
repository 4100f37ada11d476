"""Pages of decisions on units."""

from typing import Any

from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from banyan.orgs.models import Unit
from banyan.orgs.operations import REORGANISE
from banyan.reorganisations import forms, template_book
from banyan.reorganisations.change_forms import FORMS
from banyan.reorganisations.decision_page import page_of, with_its_page
from banyan.reorganisations.models import Reorganisation
from banyan.web.act import act
from banyan.web.page import BanyanRequest, page
from banyan.web.sheet import XLSX


def one(request: BanyanRequest, pk: int) -> Reorganisation:
    """A decision within reach, with what its page needs."""
    rows = request.seen(Reorganisation).select_related("document", "unit")
    found: Reorganisation | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@page(REORGANISE)
def show(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """One decision: its head, what stands in its way, its effects, its changes."""
    rows = with_its_page(request.seen(Reorganisation), request.today)
    decision = rows.filter(pk=pk).first()
    if decision is None:
        raise Http404
    return render(request, "reorganisations/show.html", page_of(request, decision))


def _own(request: BanyanRequest) -> Unit:
    """The unit of one's post, at which a decision is entered."""
    unit: Unit = request.actor.unit
    return unit


new = act(forms.HeadForm, _own, REORGANISE, lambda request, _unit: forms.start_of(request.today))
reform = act(forms.ReformForm, _own, REORGANISE)
amend = act(forms.AmendForm, one, REORGANISE, lambda _request, held: forms.head_of(held))
look = act(forms.LookForm, one, REORGANISE)
apply = act(forms.ApplyForm, one, REORGANISE, lambda _request, held: forms.looked_at(held))
undo = act(forms.UndoForm, one, REORGANISE)
close = act(forms.CloseForm, one, REORGANISE)
drop = act(forms.DropForm, one, REORGANISE)
take_out = act(forms.TakeOutForm, one, REORGANISE)
workbook = act(forms.WorkbookForm, one, REORGANISE)
ADDING: dict[str, Any] = {verb: act(form, one, REORGANISE) for verb, form in FORMS.items()}


@page(REORGANISE)
def template(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """The workbook to fill in, with an example on units of one's own."""
    decision = one(request, pk)
    name = _("changes-of-units")
    return FileResponse(
        template_book.written(decision), as_attachment=True, filename=f"{name}.xlsx",
        content_type=XLSX,
    )  # fmt: skip
