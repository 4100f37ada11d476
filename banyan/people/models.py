"""Persons and their accounts, memberships, roles and posts."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from banyan.kernel.text import fold, nfc, same_tone, vi_sort_key
from banyan.orgs.models import Ancestry, Tree, Unit, UnitName
from banyan.orgs.scope import Reaching, ScopedQuerySet


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts; the e-mail address is the name one signs in with."""

    def make(self, email: str, password: str | None = None) -> "Account":
        """An account; without a password it can only be entered by a one-time code."""
        account = self.model(email=self.normalize_email(email).lower())
        if password:
            account.set_password(password)
        else:
            account.set_unusable_password()
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> "Account":
        """Case does not matter in an address."""
        return self.get(email__iexact=username)


class Account(AbstractBaseUser):
    """The key to the door: an address and a password. Rights come from posts alone."""

    email = models.EmailField(_("e-mail address"), unique=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    language = models.CharField(_("language"), max_length=5, default="vi")
    created_at = models.DateTimeField(db_default=Now())

    objects = AccountManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.email


def name_of_unit(path: str, day: Any) -> models.Subquery:
    """The name on that day (a date, or a column's) of the unit whose id stands at `path`: joined in
    the same query."""
    names = UnitName.objects.filter(unit=models.OuterRef(path), language="vi", valid__contains=day)
    return models.Subquery(names.values("name")[:1])


class PersonQuerySet(ScopedQuerySet):
    """Words for persons."""

    def called(self, text: str) -> "PersonQuerySet":
        """Whose name contains the words, accents or not, or whose address begins with them."""
        return self.filter(
            models.Q(folded__contains=fold(same_tone(nfc(text))))
            | models.Q(account__email__istartswith=text)
        )


class Person(models.Model):
    """Someone who holds posts or memberships. Kept thin: nothing no screen needs."""

    view_capability = "person.view"
    scope = "home"

    name = models.CharField(_("full name"), max_length=120)
    # For a call about an answer that is late; shown to who receives it, and that is recorded.
    phone = models.CharField(_("telephone number"), max_length=20, blank=True, default="")
    sort_key = models.CharField(max_length=280, db_collation="C", editable=False)
    folded = models.CharField(max_length=120, editable=False, default="")
    account = models.OneToOneField(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="person"
    )
    home = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="people")
    synthetic = models.BooleanField(default=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(OpClass("folded", name="gin_trgm_ops"), name="person_search")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The person's page."""
        return reverse("person", args=[self.pk])

    @property
    def unit(self) -> Unit:
        """The unit that keeps this person's record."""
        return self.home

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the keys in step."""
        self.fill_keys()
        super().save(*args, **kwargs)

    def fill_keys(self) -> None:
        """The keys that searches and lists use; these sort by the given name, which stands last."""
        self.name = nfc(self.name)
        self.folded = fold(same_tone(self.name))
        *rest, given = self.name.split(" ")
        self.sort_key = vi_sort_key(" ".join([given, *rest]))


class Membership(models.Model):
    """A person belongs to a unit (a cell, a union) during a time. Sensitive."""

    view_capability = "membership.view"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="memberships")
    kind = models.CharField(max_length=40)
    valid = DateRangeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_membership_of_a_kind",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This person is already a member in that period."),
            )
        ]


class Role(models.Model):
    """A set of capabilities, from a pack or from the installation's file."""

    key = models.SlugField(max_length=60, unique=True)
    source = models.CharField(max_length=80)
    names = models.JSONField(default=dict)
    capabilities = ArrayField(models.CharField(max_length=60), default=list)
    clearance = models.SmallIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.names.get((get_language() or "vi")[:2]) or self.names.get("vi") or self.key)


class PostQuerySet(ScopedQuerySet):
    """Words for posts."""

    def held_on(self, day: date) -> "PostQuerySet":
        """Posts in force on that day."""
        return self.filter(valid__contains=day)

    def visible_to(self, actor: Reaching) -> "PostQuerySet":
        """Within reach and in the tree of the actor's own post: nothing crosses trees."""
        post = getattr(actor, "post", None)
        return super().visible_to(actor).filter(tree=post.tree if post else "")


class Post(models.Model):
    """A person holds a role at a unit during a period: the source of every right."""

    view_capability = "person.view"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="posts")
    tree = models.CharField(max_length=20, choices=Tree.choices, default=Tree.STATE)
    title = models.CharField(_("title of the post"), max_length=120, blank=True)
    valid = DateRangeField()

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_post_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("tree", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This person already holds that post in that period."),
            )
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        """A post is read on its holder's page."""
        return self.person.get_absolute_url()

    @property
    def label(self) -> str:
        """What the post is called: its own title, else the role's name."""
        return self.title or str(self.role)

    def held_on(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return day in self.valid


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Words for saved views."""

    def visible_to(self, actor: Any) -> "SavedViewQuerySet":
        """One's own, and those shared to a unit at or above that of one's post today."""
        own = models.Q(account=actor.account_id)
        post = getattr(actor, "post", None)
        if post is None or not post.held_on(actor.today):
            return self.filter(own) if actor.account_id else self.none()
        above = Ancestry.objects.filter(
            unit=post.unit_id, tree=post.tree, sure=True, valid__contains=actor.today
        )
        return self.filter(own | models.Q(shared_with__in=above.values("ancestor")))

    def pinned(self) -> "SavedViewQuerySet":
        """Those that stand on the page of the situation."""
        return self.filter(is_pinned=True)

    def of_listing(self, name: str) -> "SavedViewQuerySet":
        """Of one list."""
        return self.filter(listing=name)


class SavedView(models.Model):
    """A list as somebody keeps it: filters, columns, order, as they stand in its address.

    Its owner's alone, or shared with whoever holds a post at a unit or below it. It holds no rows:
    whoever opens it sees what his own post lets him see.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="saved_views")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    listing = models.CharField(max_length=60)
    name = models.CharField(_("name of the view"), max_length=80)
    query = models.TextField(max_length=2000)
    shared_with = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, related_name="saved_views"
    )
    is_default = models.BooleanField(default=False)
    # Shown on the page of the situation, to its owner and to those it is shared with.
    is_pinned = models.BooleanField(default=False)
    made_at = models.DateTimeField(db_default=Now())

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "listing", "name"], name="one_view_of_a_name"
            ),
            models.UniqueConstraint(
                fields=["account", "listing"],
                condition=models.Q(is_default=True),
                name="one_default_view",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The list under this view."""
        return f"{reverse(self.listing)}?view={self.pk}"


class EntryCode(models.Model):
    """A one-time code for one who forgot the password and has no e-mail: issued by the officer above."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="entry_codes")
    code_hash = models.CharField(max_length=128)
    issued_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
