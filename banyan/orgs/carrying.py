"""Carrying out a decision: all its changes written set-based, and one rebuild of each tree."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from banyan.kernel.text import nfc
from banyan.orgs import ancestry, covering
from banyan.orgs.changes import Change, Done, Problem, Ref, Unfit
from banyan.orgs.following import FOLLOWERS, Way
from banyan.orgs.models import Kind, Placement, Succession, Tree, Unit, UnitCode, UnitName
from banyan.orgs.weighing import Weighed

BATCH = 5_000
# Kinds whose codes the state gives out.
OF_THE_STATE = (Kind.COUNTRY, Kind.PROVINCE, Kind.DISTRICT, Kind.COMMUNE)
GSO, OWN = "gso", "own"

_CUT = """
    DELETE FROM {table} WHERE id = ANY(%(rows)s) AND lower(valid) = %(on)s;
    UPDATE {table} SET valid = daterange(lower(valid), %(on)s) WHERE id = ANY(%(rows)s)
"""
# Whoever stands under a unit on days on which that one does not stand itself.
_ORPHANS = """
    SELECT p.unit_id, p.parent_id FROM orgs_placement p
     WHERE p.tree = %(tree)s AND (p.parent_id = ANY(%(units)s) OR p.unit_id = ANY(%(units)s))
       AND p.parent_id IS NOT NULL
       AND NOT datemultirange(p.valid) <@ coalesce(
           (SELECT range_agg(q.valid) FROM orgs_placement q
             WHERE q.unit_id = p.parent_id AND q.tree = p.tree), '{}'::datemultirange)
     LIMIT 20
"""

# Moved units that come back to themselves on the way up.
_ROUND = """
    WITH RECURSIVE up AS (
        SELECT unit_id, parent_id, valid, 1 AS depth
          FROM orgs_placement WHERE tree = %(tree)s AND unit_id = ANY(%(moved)s)
        UNION ALL
        SELECT up.unit_id, p.parent_id, up.valid * p.valid, up.depth + 1
          FROM up JOIN orgs_placement p ON p.unit_id = up.parent_id AND p.tree = %(tree)s
               AND p.valid && up.valid
         WHERE up.parent_id <> up.unit_id AND up.depth < %(deepest)s)
    SELECT unit_id FROM up WHERE parent_id = unit_id ORDER BY unit_id LIMIT 1
"""


def carry_out(changes: Sequence[Change], way: Way) -> Done:
    """Make all changes of a decision from its day on. Call inside an operation's transaction.

    Nothing stored at a unit is touched: dated rows are cut and begun, successions written, the
    closure made anew once. Raises Unfit, which names every problem, and then leaves nothing.
    """
    lock()
    weighed = Weighed(changes, way.on)
    problems = [*weighed.problems, *_codes_in_use(weighed)]
    if problems:
        raise Unfit(problems)
    with transaction.atomic():
        done = _write(weighed, way)
        touched = _rebuild(weighed, done)
        problems = orphans(touched, way)
        for follow in FOLLOWERS:
            problems += follow(done, way)
        if problems:
            raise Unfit(problems)
    return done


def lock() -> None:
    """Hold every tree: one decision at a time, always in the same order."""
    for tree in Tree.values:
        ancestry.lock(tree)


def scheme_for(kind: str) -> str:
    """Which scheme a unit's code belongs to: the state's own list, or the organisation's."""
    return GSO if kind in OF_THE_STATE else OWN


# Codes ------------------------------------------------------------------------------------------


class _Code(NamedTuple):
    """A code that the decision gives: to whom, until when, and the row it takes over from."""

    unit: Ref
    scheme: str
    code: str
    until: date | None = None
    row: int | None = None


def _new_codes(weighed: Weighed) -> list[_Code]:
    """Every code the decision gives. It holds until another was decided on for the same unit."""
    dated = weighed.standing
    found = [
        _Code(key, one.new.scheme, one.new.code)
        for key, one in weighed.founded.items()
        if one.new.code
    ]
    for unit, change in weighed.renamed.items():
        if change.code and unit in dated.units:
            scheme = scheme_for(dated.units[unit].kind)
            rows = [row for row in dated.codes[unit] if row.scheme == scheme]
            row = next(iter(dated.at(rows)), None)
            ends = [r.valid.lower for r in rows if r.valid.lower and r.valid.lower > weighed.on]
            ends += [place.valid.upper for place in dated.places[unit][-1:] if place.valid.upper]
            until = row.valid.upper if row else min(ends, default=None)
            found.append(_Code(unit, scheme, change.code, until, row.pk if row else None))
    return found


def _ending_codes(weighed: Weighed) -> list[int]:
    rows = [row for unit in weighed.ends for row in weighed.standing.codes[unit]]
    taken_over = [one.row for one in _new_codes(weighed) if one.row is not None]
    return [row.pk for row in weighed.standing.at(rows)] + taken_over


def _codes_in_use(weighed: Weighed) -> list[Problem]:
    given = _new_codes(weighed)
    until = {(one.scheme, one.code): one.until for one in given}
    held = (
        UnitCode.objects.filter(code__in={one.code for one in given})
        .filter(valid__overlap=DateRange(weighed.on, None))
        .exclude(pk__among=_ending_codes(weighed))
        .select_related("unit")
        .prefetch_related("unit__names")
    )
    twice = Counter((one.scheme, one.code) for one in given)
    return [
        Problem(
            None,
            _("The code “%(code)s” is given twice.") % {"code": code},
            "",
            _("Leave the code empty or give another one."),
        )
        for (_scheme, code), times in twice.items()
        if times > 1
    ] + [
        Problem(
            None,
            _("The code “%(code)s” is in use.") % {"code": row.code},
            _("“%(unit)s” bears it in that period.") % {"unit": row.unit.name_on(weighed.on)},
            _("Leave the code empty or give another one."),
        )
        for row in held
        if (row.scheme, row.code) in until and _begins_before(row, until[row.scheme, row.code])
    ]


def _begins_before(row: UnitCode, day: date | None) -> bool:
    return day is None or row.valid.lower is None or row.valid.lower < day


# Writing ----------------------------------------------------------------------------------------


def _cut(table: str, rows: Iterable[int], way: Way) -> None:
    """End these rows on the day; one that began on it goes."""
    ids = list(rows)
    if not ids:
        return
    with connection.cursor() as cursor:
        for statement in _CUT.format(table=table).split(";"):
            cursor.execute(statement, {"rows": ids, "on": way.on})


def _write(weighed: Weighed, way: Way) -> Done:
    done = Done()
    keys = list(weighed.founded)
    made = Unit.objects.bulk_create(
        [Unit(kind=weighed.founded[key].new.kind, source=weighed.founded[key].new.source)
         for key in keys],
        batch_size=BATCH,
    )  # fmt: skip
    done.founded = {key: unit.pk for key, unit in zip(keys, made, strict=True)}

    def id_of(ref: Ref) -> int:
        return done.founded[ref] if isinstance(ref, str) else ref

    for unit, end in weighed.ends.items():
        done.ended[unit] = id_of(end.heir) if end.heir is not None else None
        if len(end.successors) == 1:
            done.wholly[unit] = id_of(end.successors[0][0])
    _write_names(weighed, way, id_of)
    _write_codes(weighed, way, id_of)
    _write_places(weighed, way, id_of)
    _write_successions(weighed, way, id_of)
    covering.pass_on(done, way.on, way.decision)
    return done


def _by(weighed: Weighed, ref: Ref, way: Way) -> str:
    """The number of the resolution a unit's new rows rest on."""
    return weighed.rests_on.get(ref, way.decision)


def _write_names(weighed: Weighed, way: Way, id_of: Any) -> None:
    dated = weighed.standing
    rows = [
        row for unit in (*weighed.ends, *weighed.renamed) for row in dated.at(dated.names[unit])
    ]
    old = {row.unit_id: row for row in rows}
    # A name that only gets another code goes on.
    kept = {unit for unit, one in weighed.renamed.items() if old[unit].name == nfc(one.name)}
    _cut("orgs_unitname", [row.pk for row in rows if row.unit_id not in kept], way)
    fresh = [
        UnitName.made(
            Unit(pk=unit),
            one.name,
            DateRange(way.on, old[unit].valid.upper),
            decision=_by(weighed, unit, way),
        )
        for unit, one in weighed.renamed.items()
        if unit not in kept
    ]
    fresh += [
        UnitName.made(
            Unit(pk=id_of(key)),
            one.new.name,
            DateRange(way.on, None),
            decision=_by(weighed, key, way),
        )
        for key, one in weighed.founded.items()
    ]
    UnitName.objects.bulk_create(fresh, batch_size=BATCH)


def _write_codes(weighed: Weighed, way: Way, id_of: Any) -> None:
    _cut("orgs_unitcode", _ending_codes(weighed), way)
    UnitCode.objects.bulk_create(
        [
            UnitCode(
                unit_id=id_of(one.unit),
                scheme=one.scheme,
                code=one.code,
                valid=DateRange(way.on, one.until),
                decision=_by(weighed, one.unit, way),
            )
            for one in _new_codes(weighed)
        ],
        batch_size=BATCH,
    )


def _write_places(weighed: Weighed, way: Way, id_of: Any) -> None:
    dated = weighed.standing
    ending = [row for unit in weighed.ends for row in dated.at(dated.places[unit])]
    moving = {key: dated.place(*key) for key in weighed.moved}
    _cut("orgs_placement", [row.pk for row in (*ending, *filter(None, moving.values()))], way)
    if way.decision:
        ended = Placement.objects.filter(pk__among=[row.pk for row in ending])
        ended.update(ended_by=way.decision)
    fresh = [
        Placement(
            unit_id=unit,
            tree=tree,
            parent_id=id_of(parent),
            valid=DateRange(way.on, row.valid.upper),
            decision=_by(weighed, unit, way),
        )
        for (unit, tree), parent in weighed.moved.items()
        if (row := moving[unit, tree]) is not None
    ]
    fresh += [
        Placement(
            unit_id=id_of(key),
            tree=one.new.tree,
            parent_id=id_of(one.parent) if one.parent is not None else None,
            valid=DateRange(way.on, None),
            decision=_by(weighed, key, way),
        )
        for key, one in weighed.founded.items()
    ]
    Placement.objects.bulk_create(fresh, batch_size=BATCH)


def _write_successions(weighed: Weighed, way: Way, id_of: Any) -> None:
    pairs = [(end.unit, ref, kind) for end in weighed.ends.values() for ref, kind in end.successors]
    pairs += [(unit, ref, Succession.Share.SPLIT) for unit, ref in weighed.carved]
    Succession.objects.bulk_create(
        [
            Succession(
                from_unit_id=unit,
                to_unit_id=id_of(ref),
                on=way.on,
                kind=kind,
                decision=_by(weighed, ref, way),
            )
            for unit, ref, kind in pairs
        ],
        batch_size=BATCH,
    )


def _rebuild(weighed: Weighed, done: Done) -> dict[str, set[int]]:
    """Make the closure anew in each tree where a place was changed; the units touched by tree."""
    touched: dict[str, set[int]] = {}
    for unit, tree in weighed.moved:
        touched.setdefault(tree, set()).add(unit)
    for unit in weighed.ends:
        for place in weighed.standing.at(weighed.standing.places[unit]):
            touched.setdefault(place.tree, set()).add(unit)
    for key, one in weighed.founded.items():
        touched.setdefault(one.new.tree, set()).add(done.founded[key])
    # Who took a part on the very day of his founding has come from the unit that gave it.
    for unit, ref in weighed.carved:
        for place in weighed.standing.at(weighed.standing.places[unit]):
            part = done.founded[ref] if isinstance(ref, str) else ref
            touched.setdefault(place.tree, set()).add(part)
    for tree, units in touched.items():
        try:
            with transaction.atomic():
                ancestry.rebuild_below(units, tree)
        except IntegrityError as cycle:
            raise Unfit([_circle(weighed, tree)]) from cycle
    return touched


def _circle(weighed: Weighed, tree: str) -> Problem:
    """Names one of the moves that close the circle, not any move of the decision."""
    moved = [unit for unit, held in weighed.moved if held == tree]
    with connection.cursor() as cursor:
        cursor.execute(_ROUND, {"tree": tree, "moved": moved, "deepest": ancestry.DEEPEST})
        row = cursor.fetchone()
    to: Ref | None
    if row or moved:
        going = row[0] if row else moved[-1]
        to, unit = weighed.moved[going, tree], weighed.standing.called(going)
    else:  # units that the decision founds name each other
        new = next(one for one in weighed.founded.values() if isinstance(one.parent, str))
        to, unit = new.parent, new.new.name
    parent = (
        weighed.founded[to].new.name if isinstance(to, str) else weighed.standing.called(to or 0)
    )
    return Problem(
        None,
        _("“%(unit)s” cannot stand under “%(parent)s”.") % {"unit": unit, "parent": parent},
        _(
            "The parent itself stands under this unit in that time: they would go round in a circle."
        ),
        _("Choose another parent, or move the parent out first."),
    )


def orphans(touched: dict[str, set[int]], way: Way) -> list[Problem]:
    """Nobody may stand under a unit on a day on which that one does not stand."""
    pairs = []
    with connection.cursor() as cursor:
        for tree, units in touched.items():
            cursor.execute(_ORPHANS, {"tree": tree, "units": list(units)})
            pairs += cursor.fetchall()
    named = Unit.objects.prefetch_related("names").in_bulk([one for pair in pairs for one in pair])
    return [
        Problem(
            None,
            _(
                "“%(unit)s” would stand under “%(parent)s” on days on which that unit does not stand."
            )
            % {"unit": named[unit].name_on(way.on), "parent": named[parent].name_on(way.on)},
            _("The parent begins later or ends earlier, or does not stand in that tree."),
            _("Choose another parent or another day."),
        )
        for unit, parent in pairs
    ]
