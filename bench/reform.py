"""How long changes of units take, on the example with all units of the country:
`python bench/reform.py`.

The floor beside them: as many rows of journal and closure written into the same tables by two plain
statements, without weighing, reckoning, checking. Prints a table for docs/benchmarks.md.
"""

from datetime import date
from typing import Any

from frame import Times, in_a_home_of_its_own

FLOOR = (
    "INSERT INTO reorganisations_effect (reorganisation_id, of_table, of_row, before, after)"
    " SELECT reorganisation_id, of_table, of_row, before, after FROM reorganisations_effect",
    "INSERT INTO orgs_ancestry (unit_id, ancestor_id, tree, depth, sure, valid)"
    " SELECT unit_id, ancestor_id, 'floor', depth, sure, valid FROM orgs_ancestry",
)


def measure() -> None:
    """The reform of 2025 and single changes; figures and pages under it."""
    from banyan.site import boot, up

    up.prepare_assets()
    boot.django()
    from django.db import connection, transaction
    from django.test import Client
    from django.utils import translation

    from banyan.figures.rollup import read
    from banyan.figures.views import edition_asked, place_of
    from banyan.orgs import operations as orgs
    from banyan.orgs.changes import Newcomer
    from banyan.orgs.finding import find_unit
    from banyan.orgs.readings import NOW, THEN, Reading
    from banyan.people.actor import Actor
    from banyan.people.models import Account
    from banyan.reorganisations import operations, preview
    from banyan.site import demo

    translation.activate("vi")
    today, may = date(2026, 11, 21), date(2025, 5, 1)
    times = Times()
    timed = times.of

    def floor() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in FLOOR:
                cursor.execute(statement)
            transaction.set_rollback(True)

    def unit(spec: str) -> Any:
        return find_unit(spec, may).unit

    timed("make the example, shipped tree included", demo.make_demo)
    by = Actor.in_first_post(Account.objects.get(email="thu@vidu.banyan"), today)
    decision = timed("reform: draft 7,687 changes", lambda: operations.draft_reform(by.unit, by=by))
    seen = timed("reform: preview", lambda: preview.look(decision, by=by))
    assert not seen.preview["problems"], seen.preview["problems"]
    timed("reform: carry out", lambda: operations.apply(decision, on=decision.on, by=by))
    timed("  floor: only its journal and the closure, two statements", floor)
    pack = edition_asked(demo.PROGRAMME).pack
    place = place_of(demo.PLACE, demo.PERIOD)
    for reading in (Reading(THEN), Reading(NOW, today)):
        timed(
            f"figures of Thanh Trì 2024H1, {reading.kind}",
            lambda reading=reading: read(pack, place, demo.PERIOD, reading=reading),
            7,
        )
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(by.account)
    root = by.unit.pk
    for name in (
        f"/units/{root}",
        "/units/tree",
        f"/figures/?place={demo.PLACE}&period=2024H1&reading=now",
        f"/initiatives/?place={demo.PLACE}&period=2024H1&reading=now",
        f"/reorganisations/{decision.pk}",
    ):
        timed(f"page {name}", lambda name=name: client.get(name), 7)
    timed("reform: undo", lambda: operations.undo(decision, by=by))
    new = Newcomer("village", "Thôn đo thời gian")
    timed("found one village", lambda: orgs.found(unit("00640"), new=new, on=may, by=by), 5)
    timed(
        "move one district with its 17 communes",
        lambda: orgs.move(unit("016"), parent=unit("22"), on=may, by=by),
    )
    timed(
        "merge one commune into another",
        lambda: orgs.merge([unit("00652")], into=unit("00649"), on=may, by=by),
    )
    times.show()


if __name__ == "__main__":
    in_a_home_of_its_own(__file__, measure)
