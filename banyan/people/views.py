"""Pages on people, one's own account, switching posts, and entering by a one-time code."""

from typing import Any

from allauth.account.utils import perform_login
from allauth.core import ratelimit
from allauth.core.exceptions import RateLimited
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from banyan.kernel.errors import Refusal
from banyan.ledger.operation import record
from banyan.people import entry, finding
from banyan.people.activity import own_activity
from banyan.people.forms import (
    AppointForm,
    EndPostForm,
    IssueCodeForm,
    PhoneForm,
    RegisterForm,
    RestoreForm,
    SuspendForm,
)
from banyan.people.lists import STATES, TONES, state_of
from banyan.people.middleware import POST_KEY
from banyan.people.models import Membership, Person, Post, name_of_unit
from banyan.people.operations import CODE_LIFE
from banyan.people.sign_forms import EnterForm, NewPasswordForm
from banyan.web.act import act, receipt_of, wants_json
from banyan.web.form import new_key
from banyan.web.page import BanyanRequest, door, get_seen, number_asked, page

HOURS = int(CODE_LIFE.total_seconds() // 3600)


def find_person(request: BanyanRequest, pk: int) -> Person:
    """A person within reach."""
    return get_seen(request, Person, pk=pk)


def find_post(request: BanyanRequest, pk: int) -> Post:
    """A post within reach."""
    return get_seen(request, Post, pk=pk)


register = act(RegisterForm, lambda request: request.actor.unit, "person.manage")
appoint = act(
    AppointForm,
    find_person,
    "post.appoint",
    initial=lambda request, person: {
        "on": request.today,
        "unit": person.home.name_on(request.today),
    },
)
end_post = act(
    EndPostForm, find_post, "post.appoint", initial=lambda request, post: {"on": request.today}
)
phone = act(
    PhoneForm,
    find_person,
    "person.manage",
    initial=lambda _request, person: {"phone": person.phone},
)
suspend = act(SuspendForm, find_person, "person.manage")
restore = act(RestoreForm, find_person, "person.manage")


@page("person.view")
def person(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """One person: posts and memberships within reach. That it was read is written in the ledger."""
    found = (
        request.seen(Person)
        .select_related("account")
        .annotate(home_name=name_of_unit("home", request.today))
    )
    one = get_seen_from(found, pk)
    posts = list(
        request.seen(Post)
        .filter(person=one)
        .select_related("role")
        .annotate(unit_name=name_of_unit("unit", request.today))
        .order_by("-valid")
    )
    memberships = list(
        request.seen(Membership)
        .filter(person=one)
        .annotate(unit_name=name_of_unit("unit", request.today))
        .order_by("-valid")
    )
    record("person.read", one, by=request.actor, unit=one.home)
    context = {
        "record": _record_of(request, one),
        "person": one,
        "now": [post for post in posts if post.held_on(request.today)],
        "other": [post for post in posts if not post.held_on(request.today)],
        "memberships": memberships,
        "doors": _doors_of(request, one),
        "may_end": request.actor.holds("post.appoint"),
    }
    return render(request, "people/person.html", context)


def get_seen_from(rows: Any, pk: int) -> Any:
    """One row of rows already narrowed to what the actor sees, or 404."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _record_of(request: BanyanRequest, one: Any) -> dict[str, Any]:
    state = state_of(one)
    facts = [{"label": _("Registered at"), "value": one.home_name}]
    if request.actor.holds("person.manage"):
        facts.append(
            {"label": _("E-mail address"), "value": one.account.email if one.account else ""}
        )
        facts.append({"label": _("Telephone number"), "value": one.phone})
    return {
        "crumbs": [{"label": _("People and posts"), "url": reverse("people")}],
        "title": one.name,
        "chips": [{"text": dict(STATES)[state], "tone": TONES[state]}],
        "lead": _("That you opened this page is written in the ledger."),
        "sections": [{"title": "", "facts": facts}],
        "actions": [
            _link(label, name, one) | {"main": name == "appoint"}
            for label, name, right in (
                (_("Give a post"), "appoint", "post.appoint"),
                (_("Telephone number"), "person_phone", "person.manage"),
            )
            if request.actor.holds(right)
        ],
    }


def _link(label: str, name: str, one: Person) -> dict[str, Any]:
    return {"label": label, "url": reverse(name, args=[one.pk]), "get": True, "main": True}


def _doors_of(request: BanyanRequest, one: Person) -> list[dict[str, Any]]:
    """What the actor may do to the person's account: never to his own."""
    if one.account is None or not request.actor.holds("person.manage"):
        return []
    if one.account.pk == request.actor.account_id:
        return []
    if not one.account.is_active:
        return [_link(_("Open the account again"), "account_restore", one)]
    return [
        _link(_("Issue a one-time code"), "entry_code", one),
        _link(_("Shut the account"), "account_suspend", one),
    ]


@page("person.manage")
@never_cache
def entry_code(request: BanyanRequest, pk: int) -> HttpResponseBase:
    """Issue a one-time code; the answer to the sending is the one page that ever shows it."""
    one = find_person(request, pk)
    if request.method != "POST":
        return _ask_for_code(request, IssueCodeForm(thing=one, actor=request.actor), 200)
    request.actor.request = receipt_of(request, request.POST)
    form = IssueCodeForm(request.POST, thing=one, actor=request.actor)
    try:
        if not form.is_valid():
            return _ask_for_code(request, form, 422)
        form.perform()
    except Refusal as no:
        if wants_json(request):
            raise
        form.add_error(None, no.sentence)
        return _ask_for_code(request, form, no.status)
    if wants_json(request):
        return JsonResponse({"code": form.code.plain, "hours": HOURS}, status=201)
    context = {"person": one, "code": form.code.plain, "hours": HOURS}
    return render(request, "people/code.html", context)


def _ask_for_code(request: BanyanRequest, form: IssueCodeForm, status: int) -> HttpResponseBase:
    context = {
        "form": form,
        "title": form.title,
        "lead": form.lead,
        "submit": form.submit_label,
        "receipt_key": new_key(),
        "cancel_url": form.thing.get_absolute_url(),
    }
    return render(request, "web/form.html", context, status=status)


# One's own account ------------------------------------------------------------------------------


@page(None)
def my_account(request: BanyanRequest) -> HttpResponseBase:
    """My posts, my language, how I sign in, where I am signed in, what the ledger says I did."""
    account = request.actor.account
    before = number_asked(request, "before")
    lines, older = own_activity(account, before, request.today)
    keys = list(Authenticator.objects.filter(user=account).values_list("type", flat=True))
    context = {
        "account": account,
        "lines": lines,
        "older": older,
        "paged": before is not None,
        "has_app": Authenticator.Type.TOTP in keys,
        "passkeys": keys.count(Authenticator.Type.WEBAUTHN),
        "has_recovery": Authenticator.Type.RECOVERY_CODES in keys,
        "sessions": UserSession.objects.filter(user=account).count(),
    }
    return render(request, "people/me.html", context)


@page(None)
def my_language(request: BanyanRequest) -> HttpResponseBase:
    """Keep the language chosen for every machine."""
    chosen = request.POST.get("language", "")
    answer = redirect("my_account")
    if chosen in dict(settings.LANGUAGES):
        entry.choose_language(request.actor.account, chosen)
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, samesite="Lax")
        with translation.override(chosen):
            messages.success(request, _("The language is kept."))
    return answer


@page(None)
def post_switch(request: BanyanRequest) -> HttpResponseBase:
    """Act as another of one's posts, and go on where one was."""
    if request.method != "POST":
        return redirect("home")
    chosen = request.POST.get("post", "")
    post = next((one for one in request.actor.posts if str(one.pk) == chosen), None)
    if post is None:
        raise Refusal(
            _("You do not hold this post today."),
            _("It has ended, or it was never yours."),
            _("Choose among the posts shown at the top of the page."),
            status=409,
        )
    request.session[POST_KEY] = post.pk
    return HttpResponseRedirect(_safe_next(request, post), status=303)


def _safe_next(request: BanyanRequest, post: Post) -> str:
    """The page one was on, if it is ours and open to the new post; else home."""
    path = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        path, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return reverse("home")
    try:
        view = resolve(path.partition("?")[0]).func
    except Resolver404:
        return reverse("home")
    needs = getattr(view, "needs", None)
    return path if needs is None or needs in post.role.capabilities else reverse("home")


@page(None)
def no_post(request: BanyanRequest) -> HttpResponseBase:
    """What one sees who holds no post today: why, and who can give one."""
    if request.actor.post is not None:
        return redirect("home")
    one = getattr(request.actor.account, "person", None)
    today = request.today
    context = {
        "givers": finding.who_can_appoint(one, today) if one else [],
        "ended": finding.ended_posts(one, today) if one else [],
    }
    return render(request, "people/no_post.html", context)


# Entering without a password -------------------------------------------------------------------


@door
def forgot(request: BanyanRequest) -> HttpResponseBase:
    """How to get in again: there is no mail to a link, a person one knows gives a code."""
    return render(request, "people/forgot.html")


@door
@never_cache
@sensitive_post_parameters("code")
def enter(request: BanyanRequest) -> HttpResponseBase:
    """Address and one-time code; whatever is wrong, the answer is the same."""
    if request.method != "POST":
        return render(request, "people/enter.html", {"form": EnterForm()})
    form = EnterForm(request.POST)
    if not form.is_valid():
        return render(request, "people/enter.html", {"form": form}, status=422)
    email, now = form.cleaned_data["email"], timezone.now()
    try:
        ratelimit.consume(request, action="enter", key=email.lower(), raise_exception=True)
    except RateLimited:
        slow_down: HttpResponseBase = ratelimit.respond_429(request)
        return slow_down
    account = entry.enter_by_code(email, form.cleaned_data["code"], now)
    if account is None:
        form.add_error(None, _wrong_code())
        return render(request, "people/enter.html", {"form": form}, status=422)
    entry.begin_entering(request.session, account, now)
    return redirect("enter_password")


def _wrong_code() -> str:
    return _(
        "Address and code do not fit together, or the code was used, has run out, or was tried too"
        " often. Ask for a new one."
    )


@door
@never_cache
@sensitive_post_parameters("password1", "password2")
def enter_password(request: BanyanRequest) -> HttpResponseBase:
    """Choose a password after the code; then sign in, with the second step where one is set up."""
    account = entry.who_enters(request.session, timezone.now())
    if account is None:
        return redirect("enter")
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"form": form, "email": account.email}
        status = 422 if form.is_bound else 200
        return render(request, "people/enter_password.html", context, status=status)
    entry.choose_password(request.session, account, form.cleaned_data["password1"], request.actor)
    messages.success(request, _("The new password holds from now on."))
    answer: HttpResponseBase = perform_login(request, account, email_verification="none")
    return answer
