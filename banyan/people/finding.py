"""Finding units and roles for forms on people: only within reach, only what one may hand on."""

from datetime import date, timedelta
from typing import Any

from django.forms import ValidationError
from django.utils.translation import gettext as _

from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs.models import Ancestry, Unit
from banyan.people.actor import Actor
from banyan.people.models import Person, Post, Role, name_of_unit

MOST_SUGGESTED = 200
MOST_ENDED = 3
MOST_NAMED = 5


def units_within(actor: Actor, capability: str) -> Any:
    """Units the capability reaches, with their names of today."""
    reached = Unit.objects.filter(pk__in=actor.reach(capability))
    return reached.annotate(day_name=name_of_unit("pk", actor.today)).order_by("pk")


def suggested_units(actor: Actor, capability: str) -> list[str]:
    """The actor's unit and those directly under it, as one types them."""
    if actor.post is None:
        return []
    here = Ancestry.objects.filter(
        ancestor=actor.post.unit, tree=actor.post.tree, valid__contains=actor.today, depth__lte=1
    )
    near = units_within(actor, capability).filter(pk__in=here.values("unit_id"))
    return [str(unit.day_name) for unit in near[:MOST_SUGGESTED] if unit.day_name]


def unit_named(text: str, actor: Actor, capability: str) -> Unit:
    """The one unit within reach that bears this code or name today; nothing written: one's own.

    Raises ValidationError that names the candidates when several fit.
    """
    text = nfc(text)
    if not text:
        if actor.unit is None:
            raise ValidationError(_("Write the unit's name or code."))
        return actor.unit
    within = units_within(actor, capability)
    today = actor.today
    coded = within.filter(codes__code=text, codes__valid__contains=today)
    plain = fold(same_tone(text))
    named = within.filter(names__folded=plain, names__valid__contains=today)
    near = within.filter(names__folded__contains=plain, names__valid__contains=today)
    for found in (coded, named, near):
        units = list(found.distinct()[: MOST_NAMED + 1])
        if len(units) == 1:
            unit: Unit = units[0]
            return unit
        if units:
            raise ValidationError(_several(units, actor))
    raise ValidationError(
        _("No unit within your reach bears the name or code “%(text)s” today.") % {"text": text}
    )


def _several(units: list[Any], actor: Actor) -> str:
    steps: Any = Ancestry.objects.filter(
        unit__in=units,
        depth=1,
        tree=actor.post.tree if actor.post else "",
        valid__contains=actor.today,
    ).annotate(above=name_of_unit("ancestor", actor.today))
    above = {step.unit_id: f" ({step.above})" for step in steps}
    lines = [
        f"{unit.code_on(actor.today)} {unit.day_name}{above.get(unit.pk, '')}".strip()
        for unit in units[:MOST_NAMED]
    ]
    more = " …" if len(units) > MOST_NAMED else ""
    return _("Several units bear that name. Write the code of one: %(units)s") % {
        "units": "; ".join(lines) + more
    }


def roles_to_give(actor: Actor) -> list[Role]:
    """Roles whose every right and clearance the actor holds himself."""
    return sorted((role for role in Role.objects.all() if actor.may_give(role)), key=str)


def who_can_appoint(person: Person, today: date) -> list[Any]:
    """Posts that could give this person a post: at the home unit or above it, nearest first."""
    above = Ancestry.objects.filter(unit=person.home_id, valid__contains=today, sure=True)
    depth = dict(above.values_list("ancestor_id", "depth"))
    posts = (
        Post.objects.held_on(today)
        .filter(unit__in=list(depth), role__capabilities__contains=["post.appoint"])
        .select_related("role")
        .annotate(unit_name=name_of_unit("unit", today))
    )
    return sorted(posts[:50], key=lambda post: depth[post.unit_id] or 0)


def ended_posts(person: Person, today: date) -> list[dict[str, Any]]:
    """The posts that ended last, each with the unit's name then, its last day, and whether the
    unit itself ended with it."""
    rows = person.posts.filter(valid__endswith__lte=today).select_related("role", "unit")
    found = []
    for post in rows.prefetch_related("unit__names").order_by("-valid")[:MOST_ENDED]:
        last = post.valid.upper - timedelta(days=1)
        stands = post.unit.subtree(on=today, tree=post.tree).filter(unit=post.unit).exists()
        url = f"{post.unit.get_absolute_url()}?on={last.isoformat()}"
        name = post.unit.name_on(last)
        found.append(
            {"label": post.label, "unit": name, "last": last, "gone": not stands, "url": url}
        )
    return found
