"""Many people and posts at once, by a list: the same rules as by hand, asked set-based.

Nobody gives by a list what he may not give by hand: not a role, not a unit, not another tree. An
account is opened only where an entry bears an address; nobody is written to, no code is issued.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.ledger.operation import operation, refusal
from banyan.orgs.many import named, told
from banyan.orgs.models import Placement, Unit
from banyan.orgs.unused import rests_on
from banyan.people.actor import Officer
from banyan.people.models import Account, Person, Post, Role
from banyan.people.operations import must_hold

MANAGE, APPOINT = "person.manage", "post.appoint"
BATCH = 2_000
# That somebody looked at a person is no use of what a list made.
READS = ("person.read", "people.listed", "phones.read")


@dataclass(frozen=True)
class Entry:
    """Somebody to register: a key within the list, the home unit, an address only for an account."""

    key: str
    name: str
    home: int
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Appointment:
    """A post: whose (an id, or an entry's key), where, as what, from a day, before another."""

    person: int | str
    unit: int
    role: str
    since: date
    until: date | None = None
    title: str = ""


@dataclass(frozen=True)
class Roll:
    """What a list brings: people, posts, and other numbers of people there already."""

    people: Sequence[Entry] = ()
    posts: Sequence[Appointment] = ()
    phones: Mapping[int, str] = ()  # type: ignore[assignment]

    def units(self) -> set[int]:
        """Where somebody is registered or appointed."""
        return {one.home for one in self.people} | {one.unit for one in self.posts}


def _at(unit: Unit, roll: Roll, people: Sequence[int] = ()) -> list[Unit]:
    """The units at which one must have the right: the list's own first."""
    known = {*people, *dict(roll.phones), *(p.person for p in roll.posts)}
    homes = Person.objects.filter(pk__in=[one for one in known if isinstance(one, int)])
    wanted = roll.units() | set(homes.values_list("home", flat=True))
    return [unit, *named(wanted - {unit.pk})]


def enter_many(unit: Unit, *, roll: Roll, tree: str, by: Officer) -> dict[str, int]:
    """Register people and give them posts, all or none. Returns the people by their keys."""
    done = _enter(_at(unit, roll), roll=roll, tree=tree, by=by)
    made: dict[str, int] = done.made
    return made


@operation("person.imported", needs=MANAGE)
def _enter(units: Sequence[Unit], *, roll: Roll, tree: str, by: Officer) -> Any:
    """Register people and give them posts by a list; the first unit is whose list it is."""
    roles = _roles(roll, tree, by)
    _stand(roll.posts, tree)
    made = _register(roll.people)
    rows = [
        Post(
            person_id=made[one.person] if isinstance(one.person, str) else one.person,
            unit_id=one.unit,
            role=roles[one.role],
            tree=tree,
            title=one.title,
            valid=DateRange(one.since, one.until),
        )
        for one in roll.posts
    ]
    try:
        with transaction.atomic():
            Post.objects.bulk_create(rows, batch_size=BATCH)
    except IntegrityError as held:
        raise Refusal(
            _("Somebody of this list already holds that post."),
            _("One person holds one role at one unit once at a time."),
            _("Send the file again: what is there already is left out then."),
            status=409,
        ) from held
    for person, phone in dict(roll.phones).items():
        Person.objects.filter(pk=person).update(phone=phone)
    count = len(roll.people) + len(roll.posts) + len(roll.phones)
    return told(units[0], count, made=made)


def _roles(roll: Roll, tree: str, by: Officer) -> dict[str, Role]:
    """The roles of a list, each of which the actor may give, where he may appoint."""
    roles = {role.key: role for role in Role.objects.filter(key__in={p.role for p in roll.posts})}
    for role in roles.values():
        must_hold(role, tree, by=by)
    if roll.posts and not by.may(APPOINT, at=named({one.unit for one in roll.posts})):
        raise refusal(APPOINT)
    return roles


def standing(units: Collection[int], tree: str) -> dict[int, list[Any]]:
    """When units stand in a tree: id → their spans."""
    spans: dict[int, list[Any]] = {}
    rows = Placement.objects.filter(tree=tree, unit__in=units)
    for unit, valid in rows.values_list("unit", "valid"):
        spans.setdefault(unit, []).append(valid)
    return spans


def stands(spans: Sequence[Any], since: date, until: date | None) -> bool:
    """Whether it stands on the first day, and to the last."""
    begins = any(since in span for span in spans)
    return begins and any(
        span.upper is None or (until is not None and until <= span.upper) for span in spans
    )


def _stand(posts: Sequence[Appointment], tree: str) -> None:
    """Raises Refusal where a unit does not stand on the first or the last day of a post."""
    spans = standing({one.unit for one in posts}, tree)
    for one in posts:
        if not stands(spans.get(one.unit, []), one.since, one.until):
            name = Unit.objects.get(pk=one.unit).name_on(one.since)
            raise Refusal(
                _("“%(unit)s” does not stand in this tree on %(day)s.")
                % {"unit": name, "day": one.since.isoformat()},
                _("It was dissolved or merged, or not yet founded."),
                _("Choose the unit that took over its work, or another day."),
                status=409,
            )


def _register(people: Sequence[Entry]) -> dict[str, int]:
    accounts = {one.key: Account(email=one.email.lower()) for one in people if one.email}
    for account in accounts.values():
        account.set_unusable_password()
    try:
        with transaction.atomic():
            Account.objects.bulk_create(accounts.values(), batch_size=BATCH)
    except IntegrityError as taken:
        raise Refusal(
            _("An address of this list already has an account."),
            _("One address opens one account."),
            _("Use another address, or give that person another post instead."),
            status=409,
        ) from taken
    rows = [
        Person(name=one.name, phone=one.phone, home_id=one.home, account=accounts.get(one.key))
        for one in people
    ]
    for row in rows:
        row.fill_keys()
    made = Person.objects.bulk_create(rows, batch_size=BATCH)
    return {one.key: row.pk for one, row in zip(people, made, strict=True)}


# --- taking back ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Left:
    """What was not taken back, each with why: posts by their place in the list, people by id."""

    posts: Mapping[int, str]
    people: Mapping[int, str]


def undo_enter_many(
    unit: Unit, *, roll: Roll, people: Sequence[int], was: Mapping[int, str], by: Officer
) -> Left:
    """Take back what a list brought: `people` it registered, its posts, its numbers (`was`: those
    from before). What was used since stays."""
    done = _take_back(_at(unit, roll, people), roll=roll, people=people, was=was, by=by)
    left: Left = done.left
    return left


@operation("person.import_undone", needs=MANAGE)
def _take_back(
    units: Sequence[Unit],
    *,
    roll: Roll,
    people: Sequence[int],
    was: Mapping[int, str],
    by: Officer,
) -> Any:
    """Delete posts and people of a list that nobody has used since; numbers go back."""
    posts = _posts_back(roll.posts, by)
    left = _people_back(people)
    for person, phone in dict(roll.phones).items():
        same = Person.objects.filter(pk=person, phone=phone)
        if not same.update(phone=was.get(person, "")):
            left[person] = _("The number has been changed since.")
    return told(units[0], len(people) + len(roll.posts), left=Left(posts, left))


def _posts_back(posts: Sequence[Appointment], by: Officer) -> dict[int, str]:
    rows = Post.objects.filter(person__in=[one.person for one in posts]).select_related("role")
    found = {(p.person_id, p.unit_id, p.role.key, p.valid.lower): p for p in rows}
    left: dict[int, str] = {}
    going: dict[int, int] = {}
    for at, one in enumerate(posts):
        post = found.get((int(one.person), one.unit, one.role, one.since))
        if post is None or post.valid.upper != one.until:
            left[at] = _("The post has been ended or changed since.")
        else:
            must_hold(post.role, post.tree, by=by)
            going[post.pk] = at
    if going and not by.may(APPOINT, at=named({one.unit for one in posts})):
        raise refusal(APPOINT)
    acted = Event.objects.filter(post__in=going).values_list("post", flat=True)
    used = {pk for pk in acted if pk is not None} | rests_on(Post, list(going))
    left |= {going[pk]: _("Somebody has acted in this post since.") for pk in used}
    Post.objects.filter(pk__in=going.keys() - used).delete()
    return left


def _people_back(people: Sequence[int]) -> dict[int, str]:
    rows = Person.objects.filter(pk__in=people).select_related("account")
    persons = {row.pk: row for row in rows}
    accounts = {row.account_id: row.pk for row in persons.values() if row.account_id}
    used = rests_on(Person, list(persons))
    events = Event.objects.filter(thing_kind="people.person", thing_id__in=persons)
    changed = events.exclude(verb__in=READS).values_list("thing_id", flat=True)
    used |= {pk for pk in changed if pk is not None}
    acted = Event.objects.filter(account__in=accounts).values_list("account", flat=True)
    signed = {pk for pk in acted if pk is not None}
    signed |= rests_on(Account, list(accounts), but={"people.person"})
    signed |= {
        row.account.pk
        for row in persons.values()
        if row.account and (row.account.last_login or row.account.has_usable_password())
    }
    used |= {accounts[account] for account in signed}
    going = persons.keys() - used
    Person.objects.filter(pk__in=going).delete()
    Account.objects.filter(
        pk__in=[id for id, person in accounts.items() if person in going]
    ).delete()
    why = _("This person has posts or an account in use, or was changed since.")
    return dict.fromkeys(used, why)
