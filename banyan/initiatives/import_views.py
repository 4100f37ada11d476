"""Pages of the import: send a workbook, look at what was understood, register it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from banyan.documents import store
from banyan.documents.models import Document
from banyan.initiatives import import_taking, importing
from banyan.initiatives.forms import language
from banyan.initiatives.import_forms import import_form, steps
from banyan.initiatives.import_preview import Preview
from banyan.initiatives.models import Batch
from banyan.kernel.period import Period
from banyan.orgs.models import Unit
from banyan.web.act import act, receipt_of
from banyan.web.form import new_key
from banyan.web.page import BanyanRequest, get_seen, page

send = act(
    lambda request, unit: import_form(request.actor, request.today),
    lambda request: request.actor.unit,
    importing.CAPABILITY,
    initial=lambda request, unit: {"unit": unit.pk},
)


@page(importing.CAPABILITY)
def preview(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """What the kept file would become; sent back (POST), it is read again and registered."""
    document = get_seen(request, Document, pk=pk)
    order = _order(request, document)
    reading = importing.read(order, by=request.actor)
    if request.method == "POST":
        request.actor.request = receipt_of(request, request.POST)
        batch = import_taking.take(reading, by=request.actor, document=document)
        messages.success(request, _done(batch))
        return HttpResponseRedirect(register_url(reading), status=303)
    asked = {name: request.GET[name] for name in ("programme", "unit", "period")}
    url = f"{request.path}?{urlencode(asked)}"
    start = request.GET.get("start", "")
    shown = Preview(
        reading,
        show=request.GET.get("show", ""),
        start=int(start) if start.isdecimal() and len(start) < 8 else 0,
        url=url,
    )
    again = reverse("import")
    crumbs = [{"label": _("Register of models and exemplars"), "url": reverse("initiatives")}]
    about: dict[str, Any] = {
        "crumbs": crumbs,
        "again_url": again,
    }
    told = shown.context()
    if not told["may"]:
        about["register_url"] = register_url(reading)
    context = {
        "preview": told | about,
        "steps": steps("done", again),
        "receipt_key": new_key(),
    }
    return render(request, "initiatives/import_preview.html", context)


def _order(request: BanyanRequest, document: Document) -> importing.Order:
    """The kept file with what was chosen for it; nothing else comes from the browser."""
    try:
        period = Period.parse(request.GET["period"])
        asked = int(request.GET["unit"])
    except (KeyError, ValueError):
        raise Http404 from None
    own: Unit = request.actor.unit
    unit = own if asked == own.pk else get_seen(request, Unit, pk=asked)
    with store.open_blob(document.blob_id) as file:
        content = file.read()
    programme = request.GET.get("programme", "")
    return importing.Order(programme, unit, period, document.filename, content, language())


def register_url(reading: importing.Reading) -> str:
    """The register of the unit in the period."""
    last = reading.period.last
    code = reading.unit.code_on(last)
    where = {"place": f"{code}@{last.isoformat()}"} if code else {}
    return f"{reverse('initiatives')}?{urlencode({'period': reading.period.key, **where})}"


def _done(batch: Batch) -> str:
    words = ngettext(
        "%(n)d model was registered from “%(file)s”.",
        "%(n)d models were registered from “%(file)s”.",
        batch.things,
    )
    return words % {"n": batch.things, "file": batch.filename}
