"""Pages of saved views: keep, change, prefer, drop."""

from typing import Any

from banyan.people import saved, saved_forms
from banyan.people.models import SavedView
from banyan.web.act import act
from banyan.web.page import BanyanRequest, get_seen

NEED = "unit.view"


def _one(request: BanyanRequest, pk: int) -> SavedView:
    return get_seen(request, SavedView, pk=pk)


def _keep_form(request: BanyanRequest, _unit: Any) -> type[saved_forms.KeepForm]:
    query = saved.plain(request.GET.urlencode())
    made: dict[str, Any] = {"query": query}
    if request.GET.get("listing") == saved_forms.QUESTIONS:
        made |= {"listing": saved_forms.QUESTIONS, "lead": saved_forms.QUESTION_LEAD}
    return type("Keep", (saved_forms.KeepForm,), made)


def _amend_form(request: BanyanRequest, view: SavedView) -> type[saved_forms.AmendForm]:
    query = saved.plain(request.GET.urlencode()) or view.query
    return type("Amend", (saved_forms.AmendForm,), {"query": query, "listing": view.listing})


def _as_it_is(request: BanyanRequest, view: SavedView) -> dict[str, Any]:
    whom, unit = saved_forms.ALONE, ""
    if view.shared_with is not None:
        own = request.actor.unit == view.shared_with
        whom = saved_forms.OWN if own else saved_forms.OTHER
        unit = "" if own else view.shared_with.name_on(request.today)
    return {"name": view.name, "whom": whom, "unit": unit}


keep = act(_keep_form, lambda request: request.actor.unit, NEED)
amend = act(_amend_form, _one, NEED, initial=_as_it_is)
drop = act(saved_forms.DropForm, _one, NEED)
pin = act(saved_forms.PinForm, _one, NEED)
prefer = act(saved_forms.PreferForm, _one, NEED)
