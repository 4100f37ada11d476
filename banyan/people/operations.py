"""What can be done to people: register, appoint, relieve, invite, issue a one-time code."""

import secrets
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.ledger.operation import Actor, operation
from banyan.orgs.models import Tree, Unit
from banyan.people.models import Account, EntryCode, Membership, Person, Post, Role

CODE_LIFE = timedelta(hours=24)
# Letters and digits that are not mistaken for each other when read out over the telephone.
ALPHABET = "ACDEFGHJKMNPQRTUVWXY3479"


@operation("role.defined", needs="role.define", tells=("key",))
def define_role(
    unit: Unit | None,
    *,
    key: str,
    names: dict[str, str],
    capabilities: list[str],
    clearance: int,
    source: str,
    by: Actor,
) -> Role:
    """Make or renew a role from the installation's file or from a pack."""
    role, _made = Role.objects.update_or_create(
        key=key,
        defaults={
            "names": names,
            "capabilities": sorted(set(capabilities)),
            "clearance": clearance,
            "source": source,
        },
    )
    return role


@operation("person.registered", needs="person.manage", tells=())
def register_person(
    unit: Unit, *, name: str, email: str = "", password: str | None = None, synthetic: bool = False, by: Actor
) -> Person:
    """Enter a person at a unit, with an account where an address is given."""
    if not name.strip():
        raise Refusal(_("A person needs a name."), "", _("Write family name and given name."))
    account = None
    if email:
        try:
            with transaction.atomic():
                account = Account.objects.make(email, password)
        except IntegrityError as taken:
            raise Refusal(
                _("The address %(email)s already has an account.") % {"email": email},
                _("One address opens one account."),
                _("Use another address, or give that person another post instead."),
            ) from taken
    return Person.objects.create(name=name, account=account, home=unit, synthetic=synthetic)


@operation("post.given", needs="post.appoint", tells=("on",))
def appoint(
    unit: Unit,
    *,
    person: Person,
    role: Role,
    on: date,
    tree: str = Tree.STATE,
    title: str = "",
    by: Actor,
) -> Post:
    """Give a person a role at a unit from a day on."""
    try:
        with transaction.atomic():
            return Post.objects.create(
                person=person, unit=unit, role=role, tree=tree, title=title, valid=DateRange(on, None)
            )
    except IntegrityError as held:
        raise Refusal(
            _("%(name)s already holds that post.") % {"name": person.name},
            "",
            _("End the present post first, or choose another role."),
            status=409,
        ) from held


@operation("post.ended", needs="post.appoint", tells=("on",))
def relieve(post: Post, *, on: date, by: Actor) -> Post:
    """End a post: its last day is the day before `on`. Rights end with it at the next request."""
    if post.valid.lower is not None and on <= post.valid.lower:
        raise Refusal(_("A post cannot end before it begins."), "", _("Choose a later day."))
    post.valid = DateRange(post.valid.lower, on)
    post.save(update_fields=["valid"])
    return post


@operation("membership.begun", needs="membership.manage", tells=("on", "kind"))
def enrol(unit: Unit, *, person: Person, kind: str, on: date, by: Actor) -> Membership:
    """Make a person a member of a unit from a day on; an older membership of the kind ends then."""
    running = person.memberships.filter(kind=kind, valid__contains=on).first()
    if running is not None:
        running.valid = DateRange(running.valid.lower, on)
        running.save(update_fields=["valid"])
    return Membership.objects.create(person=person, unit=unit, kind=kind, valid=DateRange(on, None))


class IssuedCode:
    """The code as it is read out once; only its hash is stored."""

    def __init__(self) -> None:
        parts = ["".join(secrets.choice(ALPHABET) for _n in range(4)) for _p in range(3)]
        self.plain = "-".join(parts)


@operation("entry_code.issued", needs="person.manage", tells=())
def issue_entry_code(person: Person, *, code: IssuedCode, at: datetime, by: Actor) -> Person:
    """Let one in who forgot the password: a code for 24 hours, one use, told in person.

    Issued by an officer above; never by oneself. Older unused codes lose their force.
    """
    account = person.account
    if account is None or by.account_id is None:
        raise Refusal(_("This person has no account."), "", _("Give the person an address first."))
    if account.pk == by.account_id:
        raise Refusal(_("Nobody issues a code to himself."), "", _("Ask the officer above you."), status=403)
    EntryCode.objects.filter(account=account, used_at=None).update(expires_at=at)
    EntryCode.objects.create(
        account=account,
        code_hash=make_password(code.plain),
        issued_by_id=by.account_id,
        expires_at=at + CODE_LIFE,
    )
    return person
