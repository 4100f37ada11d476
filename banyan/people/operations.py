"""What can be done to people: register, appoint, relieve, let in, suspend, restore."""

import hmac
import secrets
from datetime import date, datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.ledger.operation import Actor, operation
from banyan.orgs import ancestry
from banyan.orgs.models import Tree, Unit
from banyan.people.actor import Officer
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
    unit: Unit,
    *,
    name: str,
    email: str = "",
    password: str | None = None,
    synthetic: bool = False,
    by: Actor,
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


@operation("person.phone_changed", needs="person.manage")
def change_phone(person: Person, *, phone: str, by: Actor) -> Person:
    """Enter the number at which a person can be called about an answer that is late; empty: none."""
    person.phone = phone
    person.save(update_fields=["phone"])
    return person


@operation("post.given", needs="post.appoint", tells=("on",))
def appoint(
    unit: Unit,
    *,
    person: Person,
    role: Role,
    on: date,
    tree: str = Tree.STATE,
    title: str = "",
    by: Officer,
) -> Post:
    """Give a person a role at a unit from a day on.

    Nobody hands on what he does not hold himself: not a right, not a clearance, not another tree.
    """
    must_hold(role, tree, by=by)
    if not unit.subtree(on=on, tree=tree).filter(unit=unit).exists():
        raise Refusal(
            _("“%(unit)s” does not stand in this tree on %(day)s.")
            % {"unit": unit.name_on(on), "day": on.isoformat()},
            _("It was dissolved or merged, or not yet founded."),
            _("Choose the unit that took over its work, or another day."),
            status=409,
        )
    try:
        with transaction.atomic():
            return Post.objects.create(
                person=person,
                unit=unit,
                role=role,
                tree=tree,
                title=title,
                valid=DateRange(on, None),
            )
    except IntegrityError as held:
        raise Refusal(
            _("%(name)s already holds that post.") % {"name": person.name},
            _("One person holds one role at one unit once at a time."),
            _("End the present post first, or choose another role."),
            status=409,
        ) from held


def must_hold(role: Role, tree: str, *, by: Officer) -> None:
    """Raises Refusal where the actor does not hold himself what he would give or take."""
    if not by.stands_in(tree):
        raise Refusal(
            _("Your post stands in another tree."),
            _("Rights do not cross from one tree into another."),
            _("Switch to your post in that tree, or ask an officer there."),
            status=403,
        )
    if not by.may_give(role):
        raise Refusal(
            _("You may not give or take the role “%(role)s”.") % {"role": role},
            _("It has rights, or reads documents, that your own post does not."),
            _("Ask an officer above you who holds them."),
            status=403,
        )


@operation("post.ended", needs="post.appoint", tells=("on",))
def relieve(post: Post, *, on: date, by: Officer) -> Post:
    """End a post: its last day is the day before `on`. Rights end with it at the next request.

    Who may not give a role may not take it; nobody ends the post he acts in, so that no unit is
    left without anyone by a slip of the hand.
    """
    must_hold(post.role, post.tree, by=by)
    if post.pk == by.post_id:
        raise Refusal(
            _("Nobody ends the post he acts in."),
            _("You would lose the right to undo it."),
            _("Ask the officer above you, or another one here."),
            status=403,
        )
    if post.valid.upper is not None and post.valid.upper <= on:
        raise Refusal(
            _("This post has already ended."),
            _("Its last day was before %(day)s.") % {"day": post.valid.upper.isoformat()},
            _("Open the person's page again: it shows the posts as they are now."),
            status=409,
        )
    if post.valid.lower is not None and on <= post.valid.lower:
        raise Refusal(_("A post cannot end before it begins."), "", _("Choose a later day."))
    post.valid = DateRange(post.valid.lower, on)
    post.save(update_fields=["valid"])
    return post


@operation("membership.begun", needs="membership.manage", tells=("on", "kind"))
def enrol(unit: Unit, *, person: Person, kind: str, on: date, by: Actor) -> Membership:
    """Make a person a member of a unit from a day on; an older membership of the kind ends then.

    It lasts until the next one that was decided on before, and as long as the unit stands.
    """
    for tree in Tree.values:
        ancestry.keep(tree)
    held = person.memberships.filter(kind=kind, valid__overlap=DateRange(on, None))
    running = held.filter(valid__contains=on).first()
    later = held.filter(valid__startswith__gt=on).order_by("valid").first()
    until = running.valid.upper if running else later.valid.lower if later else None
    _must_stand(unit, on, until)
    if running is not None and running.valid.lower == on:
        running.delete()
    elif running is not None:
        running.valid = DateRange(running.valid.lower, on)
        running.save(update_fields=["valid"])
    valid = DateRange(on, until)
    return Membership.objects.create(person=person, unit=unit, kind=kind, valid=valid)


def _must_stand(unit: Unit, on: date, until: date | None) -> None:
    """Raises Refusal where a unit does not stand on all these days, in whichever tree."""
    spans = list(unit.placements.order_by("valid").values_list("valid", flat=True))
    begins = min((span.lower or date.min for span in spans), default=date.max)
    ends = max((span.upper or date.max for span in spans), default=date.min)
    if begins <= on and (until or date.max) <= ends:
        return
    day = on if on < begins or on >= ends else ends
    raise Refusal(
        _("“%(unit)s” does not stand in this tree on %(day)s.")
        % {"unit": unit.name_on(on), "day": day.isoformat()},
        _("It was dissolved or merged, or not yet founded."),
        _("Choose the unit that took over its work, or another day."),
        status=409,
    )


class IssuedCode:
    """The code as it is read out once; only its hash is stored.

    With a seed (the key of the sending) a second tap makes the same code again, so that the page
    which answers last shows the one that is in force; without the installation's secret the seed
    tells nothing.
    """

    def __init__(self, seed: str = "") -> None:
        source = secrets.token_bytes(32)
        if seed:
            source = hmac.digest(
                settings.SECRET_KEY.encode(), b"entry-code:" + seed.encode(), "sha256"
            )
        # 256 bits against 24^12 (55 bits): the remainders are even enough.
        number, letters = int.from_bytes(source), []
        for _place in range(12):
            number, rest = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[rest])
        self.plain = "-".join("".join(letters[at : at + 4]) for at in (0, 4, 8))


@operation("entry_code.issued", needs="person.manage", tells=("lost_device",))
def issue_entry_code(
    person: Person,
    *,
    code: IssuedCode,
    at: datetime,
    on: date,
    lost_device: bool = False,
    by: Officer,
) -> Person:
    """Let one in who forgot the password: a code for 24 hours, one use, told in person.

    Issued by an officer above; never by oneself. Older unused codes lose their force. Where the
    device is lost too, authenticator app, passkeys and recovery codes are forgotten.
    """
    account = _account_below(person, on, by=by)
    EntryCode.objects.filter(account=account, used_at=None).update(expires_at=at)
    if lost_device:
        Authenticator.objects.filter(user=account).delete()
    EntryCode.objects.create(
        account=account,
        code_hash=make_password(code.plain),
        issued_by_id=by.account_id,
        expires_at=at + CODE_LIFE,
    )
    return person


@operation("account.suspended", needs="person.manage")
def suspend(person: Person, *, on: date, by: Officer) -> Person:
    """Shut an account: its sessions end now, its codes lose their force, posts stay as they are."""
    account = _account_below(person, on, by=by)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    EntryCode.objects.filter(account=account, used_at=None).delete()
    # Not only shut out: ended, or they would come to life again when the account is restored.
    for session in UserSession.objects.filter(user=account):
        session.end()
    return person


@operation("account.restored", needs="person.manage")
def restore(person: Person, *, on: date, by: Officer) -> Person:
    """Open a shut account again; the old password holds, old sessions do not come back."""
    account = _account_below(person, on, by=by)
    Account.objects.filter(pk=account.pk).update(is_active=True)
    return person


def _account_below(person: Person, on: date, *, by: Officer) -> Account:
    """The person's account, where the actor stands above everything it may do.

    Whoever can enter an account holds its rights; so who issues a code or shuts a door must hold
    them already, at every unit where the person has a post.
    """
    account = person.account
    if account is None:
        raise Refusal(
            _("This person has no account."),
            _("No e-mail address was given at registration."),
            _("Register the address first."),
        )
    if account.pk == by.account_id:
        raise Refusal(
            _("Nobody does this for himself."), "", _("Ask the officer above you."), status=403
        )
    held = list(person.posts.held_on(on).select_related("role", "unit"))
    for post in held:
        must_hold(post.role, post.tree, by=by)
    if held and not by.may("person.manage", at=[post.unit for post in held]):
        raise Refusal(
            _("%(name)s also holds a post outside your reach.") % {"name": person.name},
            _("Who opens an account holds all its rights."),
            _("Ask the officer above both units."),
            status=403,
        )
    return account
