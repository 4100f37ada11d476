"""Who acts: an account in one of its posts, on a day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from banyan.ledger import operation
from banyan.ledger.receipts import Request
from banyan.orgs.models import Ancestry, Unit
from banyan.people.models import Account, Post, Role, name_of_unit


class Officer(operation.Actor, Protocol):
    """An actor as operations on people need him: what he may hand on."""

    def may_give(self, role: Role) -> bool:
        """Whether he holds every right and the clearance of this role himself."""

    def stands_in(self, tree: str) -> bool:
        """Whether his rights run in this tree."""


@dataclass
class Actor:
    """An account in one post (or in none). Everything it may do comes from that post alone."""

    account: Account | None
    post: Post | None
    today: date
    request: Request | None = None
    posts: list[Post] = field(default_factory=list)
    # The units within reach, where somebody has read them already and they are few.
    within: list[int] | None = None
    # (model, ids of the units beyond reach), where no row of the model stands at any of these.
    outside: tuple[Any, Any] | None = None
    _capabilities: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        held = self.post is not None and self.post.held_on(self.today)
        self._capabilities = frozenset(self.post.role.capabilities if held and self.post else ())

    @classmethod
    def in_first_post(cls, account: Account, today: date) -> "Actor":
        """The account in the first of today's posts, by id: what a shell command acts as."""
        return cls(account, next(iter(posts_of(account, today)), None), today)

    @property
    def account_id(self) -> int | None:
        """The account's id, or None for nobody."""
        return self.account.pk if self.account else None

    @property
    def post_id(self) -> int | None:
        """The post's id."""
        return self.post.pk if self.post else None

    @property
    def unit(self) -> Unit | None:
        """The unit of the post."""
        return self.post.unit if self.post else None

    @property
    def name(self) -> str:
        """The person's name, or the account's address."""
        return self.post.person.name if self.post else str(self.account or "")

    @property
    def post_label(self) -> str:
        """What the post is called."""
        return self.post.label if self.post else ""

    @property
    def unit_label(self) -> str:
        """The name of the post's unit today."""
        return self.post.unit.name_on(self.today) if self.post else ""

    def holds(self, capability: str) -> bool:
        """Whether the post gives this capability at all."""
        return capability in self._capabilities

    def clearance(self) -> int:
        """The highest confidentiality level it may read."""
        return self.post.role.clearance if self.post and self._capabilities else 0

    def may_give(self, role: Role) -> bool:
        """Whether the post itself holds every right and the clearance of this role."""
        return (
            self._capabilities.issuperset(role.capabilities) and role.clearance <= self.clearance()
        )

    def stands_in(self, tree: str) -> bool:
        """Whether the post's rights run in this tree: nothing crosses trees."""
        return self.post is not None and self.post.tree == tree

    def reach(self, capability: str) -> Any:
        """Ids of the units the capability reaches today, as a subquery. Rights flow down only.

        Units that ended below the post's unit stay within reach: their records live on.
        """
        if not self.post or capability not in self._capabilities:
            return Ancestry.objects.none().values("unit_id")
        return self.post.unit.charge(on=self.today, tree=self.post.tree)

    def reach_known(self, capability: str) -> list[int] | None:
        """The ids of the units the capability reaches, when they were read; the same for every
        capability the post holds."""
        return self.within if capability in self._capabilities else None

    def may(self, capability: str, *, at: Unit | Sequence[Unit] | None) -> bool:
        """Whether the capability reaches this unit, or every unit of a sequence: one query."""
        if at is None or not self.post or capability not in self._capabilities:
            return False
        if isinstance(at, Unit) and at.pk == self.post.unit_id:
            return Ancestry.objects.filter(
                unit=at, ancestor=at, tree=self.post.tree, valid__contains=self.today
            ).exists()
        wanted = {at.pk} if isinstance(at, Unit) else {unit.pk for unit in at}
        reached = self.reach(capability).filter(unit__in=wanted)
        return bool(wanted) and reached.distinct().count() == len(wanted)


@dataclass
class Installer:
    """Who acts before anybody holds a post: sets up the organisation from the machine itself.

    Never bound to a web session; `may` is true only for what set-up needs.
    """

    account_id: int | None = None
    post_id: int | None = None
    request: Request | None = None
    rights: frozenset[str] = frozenset(
        {"unit.reorganise", "person.manage", "post.appoint", "pack.install", "role.define"}
    )

    def may(self, capability: str, *, at: Any) -> bool:
        """True for the rights of set-up."""
        return capability in self.rights

    def reach(self, capability: str) -> Any:
        """It lists nothing."""
        return Ancestry.objects.none().values("unit_id")

    def may_give(self, role: Role) -> bool:
        """Set-up gives the first posts, which nobody holds yet."""
        return True

    def stands_in(self, tree: str) -> bool:
        """Set-up works in every tree."""
        return True


def actor_in_post(account: int, post: int, today: date) -> Actor:
    """The account in that post of its own: what work done later acts as. A post that has ended
    since gives no right."""
    held = (
        Post.objects.filter(pk=post, person__account=account)
        .select_related("person__account", "role", "unit")
        .first()
    )
    return Actor(held.person.account if held else None, held, today)


def posts_of(account: Account, today: date) -> list[Post]:
    """The account's posts in force today, oldest entry first, each with its unit's name of today."""
    posts = list(
        Post.objects.filter(person__account=account)
        .held_on(today)
        .select_related("person", "role", "unit")
        .annotate(unit_name=name_of_unit("unit", today))
        .order_by("pk")
    )
    for post in posts:
        # Asked for on every page: one query for all instead of one for the names apart.
        post.unit.day_name, post.unit.named_day = post.unit_name, today
    return posts
