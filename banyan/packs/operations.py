"""Installing packs."""

from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from banyan.kernel.canonical import digest
from banyan.kernel.errors import Refusal
from banyan.ledger.operation import Actor, operation
from banyan.orgs.models import Unit
from banyan.packs.compiled import compile_pack
from banyan.packs.models import Edition, Programme
from banyan.packs.schema import Pack
from banyan.people.models import Role
from banyan.people.operations import define_role


@operation("pack.installed", needs="pack.install", tells=("pack", "edition"))
def install(unit: Unit, *, pack: str, edition: int, content: dict[str, Any], by: Actor) -> Edition:
    """Freeze a pack's content as an edition of the programme `pack`, and define its roles.

    `unit` is the one that runs the programme here, usually the root. Installing the same content
    again changes nothing and returns the edition that stands; other content under a number already
    taken is refused. An older edition ends the day the new one begins. Give content that
    `check.check` accepts.
    """
    compiled = compile_pack(content)
    if (compiled.id, compiled.edition) != (pack, edition):
        raise Refusal(
            _("The content is another pack's."),
            _("It says “%(said)s”, edition %(number)s.")
            % {"said": compiled.id, "number": compiled.edition},
        )
    content_hash = digest(content)
    standing = Edition.objects.of(pack).filter(number=edition).first()
    if standing is not None:
        if standing.content_hash == content_hash:
            return standing
        raise _already_frozen(compiled)
    programme, _new = Programme.objects.get_or_create(key=pack, defaults={"unit": unit})
    _close_older(programme, compiled)
    _define_roles(unit, compiled, by=by)
    end = date.fromisoformat(compiled.valid_until) if compiled.valid_until else None
    return Edition.objects.create(
        programme=programme,
        number=edition,
        content=content,
        content_hash=content_hash,
        valid=DateRange(date.fromisoformat(compiled.valid_from), end),
    )


def role_of(pack: str, role: str) -> Role:
    """The role that an installed pack defines under this id; Role.DoesNotExist when it does not."""
    return Role.objects.get(key=role_key(pack, role))


def role_key(pack: str, role: str) -> str:
    """How a pack's role is called among all roles."""
    return f"{pack}-{role}".replace("_", "-")


def _already_frozen(pack: Pack) -> Refusal:
    return Refusal(
        _("Edition %(number)s of “%(pack)s” is already installed with other content.")
        % {"number": pack.edition, "pack": pack.id},
        _("An installed edition is frozen: what was collected with it must stay readable."),
        _("Raise `edition` to %(next)s in pack.toml, set `valid_from`, and install again.")
        % {"next": pack.edition + 1},
        status=409,
    )


def _close_older(programme: Programme, pack: Pack) -> None:
    begins = date.fromisoformat(pack.valid_from)
    for other in programme.editions.newest_first():
        if other.number > pack.edition or other.valid.lower >= begins:
            raise Refusal(
                _("Edition %(number)s, valid from %(day)s, is installed already.")
                % {"number": other.number, "day": other.valid.lower.strftime("%d/%m/%Y")},
                _("A new edition has a higher number and a later first day."),
                _("Set a higher `edition` and a later `valid_from` in pack.toml."),
                status=409,
            )
        if other.valid.upper is None or other.valid.upper > begins:
            programme.editions.filter(pk=other.pk).update(
                valid=DateRange(other.valid.lower, begins)
            )


def _define_roles(unit: Unit, pack: Pack, *, by: Actor) -> None:
    for role in pack.roles:
        define_role(
            unit,
            key=role_key(pack.id, role.id),
            source=f"{pack.id}/{pack.edition}",
            names={tongue: pack.text(f"roles.{role.id}", tongue) for tongue in pack.languages},
            capabilities=list(role.capabilities),
            clearance=role.clearance,
            by=by,
        )
