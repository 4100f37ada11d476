"""The year before report A's: what the leader's page compares with. No report gives it; it is made up.

236 models of the first half of 2023, 154 completed: our own choice, as on the drawn screen.
"""

import random
from collections.abc import Iterator
from datetime import date

from banyan.initiatives import operations as initiatives
from banyan.initiatives.models import Initiative
from banyan.kernel.canonical import digest
from banyan.kernel.period import Period
from banyan.orgs.models import Unit
from banyan.packs.models import Edition
from banyan.site.demo import people
from banyan.site.demo.records import BODIES, Entry, answers_of, any_field, small
from banyan.submissions import operations as submissions

PERIOD = Period.parse("2023H1")
DUE = date(2023, 6, 15)
NAME = "Thanh Trì 2023 (dữ liệu minh họa)"
MODELS, COMPLETED, RECOGNISED = 236, 154, 88


def make(district: Unit, edition: Edition) -> None:
    """Open the district's round of 2023 and register its models as one batch."""
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


def _rows(district: Unit) -> Iterator[initiatives.Row]:
    dice = random.Random(2023)
    communes = list(Unit.objects.children(district, on=PERIOD.last).named_on(PERIOD.last))
    # The year is over: what was complete was judged, and nothing of it waits on a desk.
    ended = ["recognised"] * RECOGNISED + ["not_recognised"] * (COMPLETED - RECOGNISED)
    states = dice.sample([*ended, *["in_progress"] * (MODELS - COMPLETED)], MODELS)
    for n, state in enumerate(states):
        unit = communes[n % len(communes)]
        body = f"{dice.choice(BODIES)} {small(unit.name_on(PERIOD.last))}"
        entry = Entry(unit, "collective", body, "district")
        answers = answers_of(entry, any_field(dice), dice, PERIOD)
        if state != "in_progress":
            answers |= {"result": "Đã hoàn thành theo kế hoạch (số liệu minh họa)."}
        yield initiatives.Row(unit, answers, state)


def codes() -> list[tuple[str, int]]:
    """The codes of these models with their units' ids: what a later model may be built after."""
    found = Initiative.objects.filter(submission__round__period=PERIOD.key)
    return list(found.order_by("code").values_list("code", "unit_id"))
