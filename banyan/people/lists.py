"""The list of people."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from banyan.ledger.operation import record
from banyan.people.models import Person, Post, name_of_unit
from banyan.web.listing import Column, Filter, Link, Listing

OPEN, SHUT, NONE = "open", "shut", "none"
STATES = ((OPEN, _("may sign in")), (SHUT, _("shut")), (NONE, _("no account")))
TONES = {OPEN: "leaf", SHUT: "red", NONE: ""}
SHOWN_POSTS = 2


def state_of(person: Person) -> str:
    """Whether the person may sign in."""
    if person.account is None:
        return NONE
    return OPEN if person.account.is_active else SHUT


class PersonList(Listing):
    """People within reach, by given name; every look at it is written in the ledger."""

    name = "people"
    of = Person
    title = _("People and posts")
    order = "name"
    needs = "person.view"
    searches = True

    def prepare(self, rows: Any) -> Any:
        """Join the account, the name of the home unit and the posts of today within reach."""
        today = self.request.today
        posts = (
            self.request.seen(Post)
            .held_on(today)
            .filter(person=OuterRef("pk"))
            .annotate(unit_name=name_of_unit("unit", today))
            .order_by("pk")
            .values(told=JSONObject(title="title", names="role__names", unit="unit_name"))
        )
        return rows.select_related("account").annotate(
            home_name=name_of_unit("home", today), posts_now=ArraySubquery(posts)
        )

    def search_in(self, rows: Any, text: str) -> Any:
        """By name, accents or not, or by the beginning of the address."""
        return rows.called(text)

    def columns_of(self) -> Sequence[Column]:
        """Name, unit, posts, account."""
        return [
            Column("name", _("Full name"), lambda p: p.name, kind="title", order="sort_key"),
            Column("posts", _("Posts now"), _posts_in_words),
            Column("home", _("Registered at"), lambda p: p.home_name or "", kind="soft"),
            Column(
                "account",
                _("Account"),
                lambda p: str(dict(STATES)[state_of(p)]),
                kind="chip",
                tone=lambda p: TONES[state_of(p)],
            ),
        ]

    def filters_of(self) -> Sequence[Filter]:
        """By account, and who holds no post today."""
        held = self.request.seen(Post).held_on(self.request.today).values("person")
        states = forms.ChoiceField(label=_("Account"), choices=[("", _("All")), *STATES])
        posts = forms.ChoiceField(
            label=_("Post"),
            choices=[("", _("All")), ("yes", _("with a post")), ("no", _("without a post"))],
        )
        return [
            Filter("account", states, _by_state),
            Filter(
                "post",
                posts,
                lambda rows, word: (
                    rows.filter(pk__in=held) if word == "yes" else rows.exclude(pk__in=held)
                ),
            ),
        ]

    def actions_of(self) -> list[Link]:
        """Register, where the post allows it."""
        if not self.actor.holds("person.manage"):
            return []
        return [
            Link(_("Register a person"), reverse("person_new"), main=True),
            Link(_("Import a list"), reverse("import_new", args=["people"])),
        ]

    def lead(self) -> str:
        """Say that looking is remembered."""
        return str(_("Who looks at this list is written in the ledger."))

    def respond(self) -> HttpResponseBase:
        """Write down that the list was read, in which form, and answer."""
        answer = super().respond()
        record(
            "people.listed",
            None,
            by=self.actor,
            unit=self.actor.unit,
            things=self.total,
            form=self.request.GET.get("as", "page")[:10],
        )
        return answer


def _by_state(rows: Any, state: str) -> Any:
    if state == NONE:
        return rows.filter(account=None)
    return rows.filter(account__is_active=state == OPEN)


def _posts_in_words(person: Any) -> str:
    language = (get_language() or "vi")[:2]
    shown = [
        f"{post['title'] or post['names'].get(language) or post['names'].get('vi')}, {post['unit']}"
        for post in person.posts_now[:SHOWN_POSTS]
    ]
    rest = len(person.posts_now) - len(shown)
    return "; ".join([*shown, f"+{rest}"] if rest else shown)
