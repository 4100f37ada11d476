"""Units, their dated names, codes and parents, what became of them, and named sets of them."""

from datetime import date
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from banyan.kernel.text import fold, nfc, same_tone, vi_sort_key
from banyan.orgs import among  # noqa: F401  (makes the lookup known)
from banyan.orgs.scope import ScopedQuerySet


class Tree(models.TextChoices):
    """Parallel lines over units."""

    STATE = "state", _("State administration")
    PARTY = "party", _("Party")
    FRONT = "front", _("Front and unions")


class Kind(models.TextChoices):
    """What sort of unit; the official word (xã, phường, thị trấn …) is part of its name."""

    COUNTRY = "country", _("Country")
    PROVINCE = "province", _("Province or city")
    DISTRICT = "district", _("District")
    COMMUNE = "commune", _("Commune or ward")
    VILLAGE = "village", _("Village or quarter")
    COMMITTEE = "committee", _("Committee")
    AGENCY = "agency", _("Agency")
    CELL = "cell", _("Cell")
    ORGANISATION = "organisation", _("Organisation")


class UnitQuerySet(models.QuerySet["Unit"]):
    """Words for sets of units."""

    def visible_to(self, actor: Any) -> "UnitQuerySet":
        """Every unit, for whoever is signed in: that a unit exists is no secret of the house."""
        return self if actor.account_id is not None else self.none()

    def below(self, top: "Unit", *, on: date, tree: str = Tree.STATE) -> "UnitQuerySet":
        """The unit itself and all under it on that day."""
        return self.filter(pk__in=top.subtree(on=on, tree=tree))

    def children(self, parent: "Unit", *, on: date, tree: str = Tree.STATE) -> "UnitQuerySet":
        """Directly under it on that day."""
        return self.filter(
            placements__parent=parent, placements__tree=tree, placements__valid__contains=on
        )

    def named_on(self, on: date) -> "UnitQuerySet":
        """With `.name` and `.sort_key` as of that day, in one query, sorted."""
        names = UnitName.objects.filter(
            unit=models.OuterRef("pk"), valid__contains=on, language="vi"
        )
        return self.annotate(
            day_name=models.Subquery(names.values("name")[:1]),
            day_key=models.Subquery(names.values("sort_key")[:1]),
            named_day=models.Value(on, output_field=models.DateField()),
        ).order_by("day_key")


class Unit(models.Model):
    """Any node of an organisation. Identity only: names, codes and parents are dated rows."""

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    source = models.CharField(max_length=120, blank=True)

    objects = UnitQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name_on(None)

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("unit", args=[self.pk])

    @cached_property
    def all_names(self) -> list["UnitName"]:
        """Its names of all times, asked for once."""
        return list(self.names.all())

    def name_on(self, day: date | None) -> str:
        """Its name on a day; without a day, or before its first name, the newest known."""
        known = getattr(self, "day_name", None)
        if known and (day is None or getattr(self, "named_day", day) == day):
            return str(known)
        names = sorted(self.all_names, key=lambda n: n.valid.lower or date.min, reverse=True)
        language = (get_language() or "vi")[:2]
        names.sort(key=lambda n: n.language != language)
        fitting = [n for n in names if day is not None and day in n.valid]
        return (fitting or names)[0].name if names else f"#{self.pk}"

    def code_on(self, day: date, scheme: str = "gso") -> str:
        """Its code on a day in a scheme, or an empty text."""
        return next((c.code for c in self.codes.all() if c.scheme == scheme and day in c.valid), "")

    def subtree(self, *, on: date, tree: str = Tree.STATE) -> Any:
        """Ids of itself and all units under it on a day, as a subquery."""
        rows = Ancestry.objects.standing().filter(ancestor=self, tree=tree, valid__contains=on)
        return rows.values("unit_id")

    def charge(self, *, on: date, tree: str = Tree.STATE) -> Any:
        """Ids of the units in its charge on a day, as a subquery: itself and all below it, and
        those that live on at it or below it, whose records somebody must still answer for.

        A unit that does not stand on that day has charge of nothing.
        """
        rows = Ancestry.objects.filter(ancestor=self, tree=tree, valid__contains=on)
        return rows.filter(sure=True).values("unit_id")


class UnitName(models.Model):
    """A name during a time."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="names")
    language = models.CharField(max_length=5, default="vi")
    name = models.CharField(max_length=200)
    sort_key = models.CharField(max_length=450, db_collation="C", editable=False)
    folded = models.CharField(max_length=200, editable=False)
    valid = DateRangeField()
    note = models.CharField(max_length=200, blank=True)
    decision = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_name_at_a_time",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    ("language", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This unit already has a name in that period."),
            )
        ]
        indexes = [GinIndex(OpClass("folded", name="gin_trgm_ops"), name="unit_name_search")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def made(cls, unit: Unit, name: str, valid: Any, **more: Any) -> "UnitName":
        """A row with its keys filled (bulk inserts do not call `save`)."""
        name = nfc(name)
        return cls(
            unit=unit,
            name=name,
            sort_key=vi_sort_key(name),
            folded=fold(same_tone(name)),
            valid=valid,
            **more,
        )


class UnitCode(models.Model):
    """A code during a time. Codes are not identity: the state reuses them."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="codes")
    scheme = models.CharField(max_length=20, default="gso")
    code = models.CharField(max_length=40)
    valid = DateRangeField()
    decision = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_unit_a_code",
                expressions=[
                    ("scheme", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Another unit bears this code in that period."),
            )
        ]

    def __str__(self) -> str:
        return self.code


class Placement(models.Model):
    """A unit's parent in one tree during a time; no parent: a root."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="placements")
    tree = models.CharField(max_length=20, choices=Tree.choices, default=Tree.STATE)
    parent = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="child_placements"
    )
    valid = DateRangeField()
    note = models.CharField(max_length=200, blank=True)
    decision = models.CharField(max_length=120, blank=True)
    # The decision by which the unit ended here; the end of a move stands in the next row.
    ended_by = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_parent_at_a_time",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    ("tree", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This unit already has a parent in that period."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("unit")),
                name="no_unit_under_itself",
            ),
        ]


class AncestryQuerySet(models.QuerySet["Ancestry"]):
    """Words for the closure."""

    def standing(self) -> "AncestryQuerySet":
        """Only units that stand on the days of the row."""
        return self.filter(depth__isnull=False)


class Ancestry(models.Model):
    """Derived: which unit stands under which, in which tree, when. Self included at depth 0.

    On days on which a unit does not stand it *lives on*: in the units that took over from it after
    it ended, in those it came from before it was founded, and without any of these at its last or
    first parent. Such rows have no depth. They are `sure` where everything that carries on the
    unit's work stands at or below the ancestor, and not where only some of it does: there somebody
    has to place its records. Made by `ancestry.rebuild_below` and `inheritance.rebuild`.
    """

    # No foreign keys in the database: the rows come from placements, which have them, and checking
    # 90,000 of them again took longer than making them.
    unit = models.ForeignKey(
        Unit, on_delete=models.CASCADE, related_name="ancestry", db_constraint=False
    )
    ancestor = models.ForeignKey(
        Unit, on_delete=models.CASCADE, related_name="descent", db_index=False, db_constraint=False
    )
    tree = models.CharField(max_length=20, choices=Tree.choices)
    depth = models.SmallIntegerField(null=True)
    sure = models.BooleanField(default=True, db_default=True)
    valid = DateRangeField()

    objects = AncestryQuerySet.as_manager()

    class Meta:
        constraints = [
            # Refuses cycles by itself: going round one, a unit would stand under an ancestor at
            # two depths at once.
            ExclusionConstraint(
                name="one_path_at_a_time",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    ("ancestor", RangeOperators.EQUAL),
                    ("tree", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=Q(depth__isnull=False),
            )
        ]
        indexes = [
            # A B-tree: GiST takes no id written as a plain number (int4) for a bigint column. All
            # three columns, so that a planner without statistics still finds one unit at once.
            models.Index(fields=["ancestor", "tree", "unit"], name="ancestry_below"),
        ]


class Covers(models.Model):
    """A unit of one tree works in the area of a unit of another: a cell for its village."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="covering")
    covered = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="covered_by")
    valid = DateRangeField()
    decision = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="covered_once_at_a_time",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    ("covered", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=~Q(unit=models.F("covered")), name="nobody_covers_himself"
            ),
        ]


class Succession(models.Model):
    """What became of a unit, on which day: one row for each unit that took over from it."""

    class Share(models.TextChoices):
        """How much of the older unit went over; by SPLIT a part left and the older one stays."""

        WHOLE = "whole", _("whole")
        PART = "part", _("part")
        SPLIT = "split", _("split off")

    from_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successions")
    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="predecessors")
    on = models.DateField()
    kind = models.CharField(max_length=10, choices=Share.choices)
    share = models.DecimalField(max_digits=7, decimal_places=6, null=True, blank=True)
    decision = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["from_unit", "to_unit", "on"], name="one_succession"),
            models.CheckConstraint(
                condition=~Q(from_unit=models.F("to_unit")), name="nobody_succeeds_himself"
            ),
        ]


class Group(models.Model):
    """A named set of units: emulation blocks, peer groups, 'nine mountain districts'."""

    view_capability = "unit.view"

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="groups_kept")
    units = models.ManyToManyField(Unit, related_name="groups", through="GroupMember")
    valid = DateRangeField()

    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """One unit's place in a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "unit"], name="once_in_a_group")]
