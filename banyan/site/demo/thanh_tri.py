"""Report A: Thanh Trì, first half of 2024.

261 models; 146 collectives and 18 individuals; 7 at city level and 254 at district level
(139 + 18); 185 completed; 2 put forward for the commemorative mark.
"""

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

from banyan.initiatives import operations as initiatives
from banyan.initiatives.models import Initiative
from banyan.kernel.canonical import digest
from banyan.orgs.models import Unit
from banyan.packs.models import Edition
from banyan.people.actor import Actor
from banyan.site.demo import desk, earlier, people
from banyan.site.demo.records import (
    BODIES,
    NAME,
    PERIOD,
    Entry,
    answers_of,
    any_field,
    more_of,
    small,
)
from banyan.submissions import operations as submissions
from banyan.submissions.models import Round

DUE = date(2024, 6, 15)

# Report A.
CITY, DISTRICT_COLLECTIVES, INDIVIDUALS = 7, 139, 18
MODELS, COMPLETED, PUT_FORWARD = 261, 185, 2
# Our own choice, so that the review desk is not empty: of the completed ones, so many went on.
REVIEWED, RECOGNISED = 14, 6
REPLICATED = 22
OCCASION = "Kỷ niệm 70 năm Ngày Giải phóng Thủ đô"


def make(district: Unit, edition: Edition) -> None:
    """Open the district's round, register its models, and let some go on to be recognised."""
    compiler = people.acting("binh")
    opened = submissions.open_round(
        district, edition=edition, form="register", period=PERIOD.key, due=DUE, by=compiler
    )
    rows = list(_rows(district))
    initiatives.register_many(
        district,
        round=opened,
        rows=rows,
        source=initiatives.Source(NAME, digest([row.answers for row in rows])),
        summary={"synthetic": True},
        synthetic=True,
        by=compiler,
    )
    _life(opened, people.acting("minh"), people.acting("hung"))
    desk.make(opened)


def _registrants(communes: list[Unit], dice: random.Random) -> Iterator[Entry]:
    """The registrants, the city's first, then the district's."""
    names = {unit: small(unit.name_on(PERIOD.last)) for unit in communes}
    bodies = [(unit, f"{body} {names[unit]}") for body in BODIES for unit in communes]
    for n, (unit, body) in enumerate(bodies[: CITY + DISTRICT_COLLECTIVES]):
        yield Entry(unit, "collective", body, "province" if n < CITY else "district")
    for n in range(INDIVIDUALS):
        name = f"Công dân minh họa {n + 1:02d}"
        yield Entry(dice.choice(communes), "individual", name, "district")


def _rows(district: Unit) -> Iterator[initiatives.Row]:
    dice = random.Random(2024)
    communes = list(Unit.objects.children(district, on=PERIOD.last).named_on(PERIOD.last))
    all_of_them = list(_registrants(communes, dice))
    more = [one for one in all_of_them if one.level == "district" and one.kind == "collective"]
    entries = [*all_of_them, *dice.choices(more, k=MODELS - len(all_of_them))]
    states = ["completed"] * COMPLETED + ["in_progress", "registered"] * MODELS
    states = dice.sample(states[:MODELS], MODELS)
    marked = [n for n, state in enumerate(states) if state == "completed"][:PUT_FORWARD]
    # Dice of their own: what the first ones threw stays as it was.
    further, origins = random.Random(1964), earlier.codes()
    copies = set(further.sample(range(MODELS), REPLICATED))
    for n, (entry, state) in enumerate(zip(entries, states, strict=True)):
        answers = answers_of(entry, any_field(dice), dice)
        answers |= more_of(answers, further)
        if n in copies:
            elsewhere = [code for code, unit in origins if unit != entry.unit.pk]
            answers |= {"replicated_from": further.choice(elsewhere)}
        if state == "completed":
            answers |= {"result": _result(answers)}
        if n in marked:
            answers |= {"commemorative_mark": True, "occasion": OCCASION}
        yield initiatives.Row(entry.unit, answers, state)


def _result(answers: dict[str, Any]) -> str:
    households = answers["beneficiary_households"]
    return f"Đã hoàn thành theo kế hoạch, {households} hộ tham gia và hưởng lợi (số liệu minh họa)."


def _life(opened: Round, reviewer: Actor, leader: Actor) -> None:
    """Let some completed models be reviewed and recognised, each by its operation."""
    dice = random.Random(70)
    done = Initiative.objects.filter(submission__round=opened, submission__state="completed")
    for n, one in enumerate(done.with_page().order_by("code")[:REVIEWED]):
        criteria = one.submission.pack.criteria
        items = criteria.items if criteria else ()
        scores = {item.id: str(int(item.maximum) - dice.randint(0, 3)) for item in items}
        submissions.review(one.submission, move="review", scores=scores, by=reviewer)
        if n < RECOGNISED:
            initiatives.recognise(
                one,
                body=leader.unit,
                decision_number=f"{n + 11}-QĐ/MH",
                decided_on=date(2024, 6, 12),
                by=leader,
            )
