"""The two doors: the example, and beginning one's own organisation in three steps."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from banyan.kernel.errors import Refusal
from banyan.orgs import ancestry, shipped
from banyan.orgs.finding import find_unit
from banyan.orgs.models import Tree as TreeOfUnits
from banyan.orgs.models import Unit
from banyan.orgs.operations import adopt_tree
from banyan.people.actor import Installer
from banyan.people.models import Account
from banyan.site.demo import SIGN_INS, make_demo
from banyan.site.models import Organisation
from banyan.site.operations import BegunAlready, FirstOfficer, begin
from banyan.site.setup import offers
from banyan.site.setup.draft import Draft, forget
from banyan.site.setup.forms import SHIPPED, WORKBOOK, FileForm, OfficerForm, UnitForm
from banyan.site.setup.local import local_door
from banyan.site.setup.preview import preview_of
from banyan.site.setup.tree import Sent, adopted, understand
from banyan.web.page import BanyanRequest

SIGN_IN_BY = "allauth.account.auth_backends.AuthenticationBackend"


def _see_other(name: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(name), status=303)


def _only_before() -> None:
    """The way is shut once there is an organisation; beside the example, none is begun."""
    standing = Organisation.objects.first()
    if standing is None:
        return
    if not standing.is_demo:
        raise Http404
    raise Refusal(
        _("The example works in this installation."),
        _("Its synthetic records are never mixed with an organisation's own."),
        _("Stop Banyan and start it with a home of its own: BANYAN_HOME=/another/folder make run"),
        status=409,
    )


def _steps(now: int, draft: Draft) -> list[dict[str, str]]:
    labels = (_("Organisation and unit"), _("First officer"), _("Done"))
    addresses = (reverse("begin"), reverse("begin_officer") if draft.has_unit else "", "")
    return [
        {
            "label": label,
            "state": "done" if at < now else "now" if at == now else "todo",
            "url": url if at < now else "",
        }
        for at, (label, url) in enumerate(zip(labels, addresses, strict=True))
    ]


# The example ------------------------------------------------------------------------------------


@local_door
@require_POST
def try_example(request: BanyanRequest) -> HttpResponseBase:
    """Make the example where nothing is yet; its sign-ins stand on the start page then."""
    make_demo()
    return _see_other("home")


@local_door
@require_POST
def enter_example(request: BanyanRequest) -> HttpResponseBase:
    """Enter the example as one of its people, in one tap."""
    email = request.POST.get("email", "")
    if not Organisation.objects.filter(is_demo=True).exists():
        raise Http404
    if email not in {one.email for one in SIGN_INS}:
        raise Http404
    account = Account.objects.filter(email=email, is_active=True, person__synthetic=True).first()
    if account is None:
        raise Http404
    login(request, account, backend=SIGN_IN_BY)
    return _see_other("home")


# One's own organisation -------------------------------------------------------------------------


@local_door
def first_step(request: BanyanRequest) -> HttpResponseBase:
    """The organisation's name, and where its units come from."""
    _only_before()
    draft = Draft.of(request)
    form = UnitForm(request.POST or None, initial={"name": draft.name, "way": draft.way or SHIPPED})
    if request.method == "POST" and form.is_valid():
        if draft.way != form.cleaned_data["way"]:
            draft = Draft(way=form.cleaned_data["way"])
        draft.name = form.cleaned_data["name"]
        draft.keep(request)
        return _see_other("begin_unit" if draft.way == SHIPPED else "begin_file")
    context = {
        "form": form,
        "title": _("Begin our own organisation"),
        "lead": _("Three steps; you can stop after each and go on later in this browser."),
        "submit": _("Continue"),
        "cancel_url": reverse("home"),
        "steps": _steps(0, draft),
    }
    return render(request, "web/steps.html", context, status=422 if form.errors else 200)


@local_door
def send_tree(request: BanyanRequest) -> HttpResponseBase:
    """The workbook with one's own units."""
    _only_before()
    draft = Draft.of(request)
    if draft.way != WORKBOOK:
        return _see_other("begin")
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        draft.tree, draft.tree_taken = form.sent.stored(), False
        draft.keep(request)
        return _see_other("begin_tree")
    context = {
        "form": form,
        "title": _("Your units"),
        "submit": _("Read the file"),
        "cancel_url": reverse("begin"),
        "steps": _steps(0, draft),
    }
    return render(request, "site/send_tree.html", context, status=422 if form.errors else 200)


@local_door
def choose_unit(request: BanyanRequest) -> HttpResponseBase:
    """The shipped units that are or were called so; one is chosen."""
    _only_before()
    draft = Draft.of(request)
    if draft.way != SHIPPED or not draft.name:
        return _see_other("begin")
    wrong = ""
    if request.method == "POST":
        chosen = offers.offer(request.POST.get("unit", ""), request.today)
        if chosen is not None and chosen.ended is None:
            draft.unit = chosen.key
            draft.keep(request)
            return _see_other("begin_officer")
        wrong = _("Choose a unit that stands today.")
    asked = request.GET.get("q")
    if asked is not None and asked.strip():
        draft.words, draft.unit = asked.strip()[:120], ""
        draft.keep(request)
    context = {
        "title": _("Which unit is it?"),
        "steps": _steps(0, draft),
        "words": draft.words,
        "offers": offers.search(draft.words, request.today) if draft.words else [],
        "most": offers.MOST,
        "wrong": wrong,
    }
    return render(request, "site/choose_unit.html", context, status=422 if wrong else 200)


@local_door
def check_tree(request: BanyanRequest) -> HttpResponseBase:
    """One's own tree as it was understood, with every wrong cell named; taken when none is."""
    _only_before()
    draft = Draft.of(request)
    if not draft.tree:
        return _see_other("begin")
    tree = understand(Sent.restored(draft.tree))
    if request.method == "POST" and not tree.wrongs:
        draft.tree_taken = True
        draft.keep(request)
        return _see_other("begin_officer")
    context = {
        "preview": preview_of(tree, draft.name),
        "steps": _steps(0, draft),
        "is_good": not tree.wrongs,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "site/check_tree.html", context, status=status)


@local_door
@never_cache
@sensitive_post_parameters("password", "again")
def first_officer(request: BanyanRequest) -> HttpResponseBase:
    """Who holds the first post. Sending it does everything at once, or nothing."""
    if request.method == "POST" and (entered := _entered_already(request)):
        return entered
    _only_before()
    draft = Draft.of(request)
    if not draft.has_unit:
        return _see_other("begin")
    form = OfficerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _establish(request, draft, form)
        except BegunAlready:
            # A second tap that waited for the first one: it is the same officer, so let him in.
            return _entered_already(request) or _see_other("home")
        except Refusal as no:
            form.add_error(None, no.sentence)
    context = {
        "form": form,
        "title": _("The first officer"),
        "lead": _("You set up everything else: people, posts, programmes. Others can follow you."),
        "submit": _("Begin the organisation"),
        "cancel_url": reverse("begin"),
        "steps": _steps(1, draft),
        "summary": _summary(request, draft),
    }
    return render(request, "site/first_officer.html", context, status=422 if form.errors else 200)


def _summary(request: BanyanRequest, draft: Draft) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [{"label": _("Name of the organisation"), "value": draft.name}]
    if draft.way == SHIPPED:
        chosen = offers.offer(draft.unit, request.today)
        if chosen:
            facts.append({"label": _("Unit"), "value": chosen.name, "sub": chosen.path})
    else:
        sent = Sent.restored(draft.tree)
        facts.append(
            {"label": _("Units"), "value": len(sent.lines), "sub": f"{sent.filename}, {sent.sheet}"}
        )
    return facts


def _establish(request: BanyanRequest, draft: Draft, form: OfficerForm) -> HttpResponseBase:
    said = form.cleaned_data
    first = FirstOfficer(said["name"], said["email"], said["password"])
    by = Installer()
    with ancestry.alone(TreeOfUnits.STATE):
        if Organisation.objects.exists():
            raise BegunAlready
        unit = _unit_of(draft, request, by)
        begin(unit, name=draft.name, first=first, on=request.today, by=by)
    forget(request)
    _sign_in(request, first.email, first.password)
    messages.success(request, _("%(name)s begins here.") % {"name": draft.name})
    return _see_other("home")


def _unit_of(draft: Draft, request: BanyanRequest, by: Installer) -> Unit:
    """The unit the organisation runs, taken over with its whole tree."""
    if draft.way != SHIPPED:
        tree = understand(Sent.restored(draft.tree))
        top: Unit = adopt_tree(None, units=adopted(tree, draft.name), by=by)
        return top
    root = shipped.load(by=by)
    chosen = offers.offer(draft.unit, request.today)
    if chosen is None or chosen.ended is not None:
        raise Refusal(_("That unit does not stand today."), "", _("Choose another unit."))
    if not chosen.key:
        return root
    return find_unit(chosen.code, shipped.known_day(request.today), scheme="gso").unit


def _entered_already(request: BanyanRequest) -> HttpResponseBase | None:
    """The answer to a repeated sending: the organisation stands, and this is its officer."""
    if not Organisation.objects.filter(is_demo=False).exists():
        return None
    email, password = request.POST.get("email", ""), request.POST.get("password", "")
    return _see_other("home") if _sign_in(request, email, password) else None


def _sign_in(request: HttpRequest, email: str, password: str) -> bool:
    account = authenticate(request, email=email, password=password)
    if account is None:
        return False
    login(request, account, backend=SIGN_IN_BY)
    return True
