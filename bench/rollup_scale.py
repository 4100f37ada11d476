"""`bench/rollup.py --scale province|national`: the example with so many models more, and how long pages take.

Models come by the operation that imports files (`register_many`, 5,000 at a time), with its checks, events,
derived rows and changes of figures; the folder folds beside it. Then every page that shows figures is asked.
"""

import os
import random
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from register import Table, settle

MANY = int(os.environ.get("BENCH_MODELS", "0"))
SCALES = {"province": ("37@2024-06-30", MANY or 100_000), "national": ("", MANY or 1_000_000)}
PERIODS = ("2021H1", "2021H2", "2022H1", "2022H2", "2023H1", "2023H2")
AT_ONCE = 5_000
PLACES = (
    ("country", "VN@2024-06-30"),
    ("province", "37@2024-06-30"),
    ("district", "370@2024-06-30"),
)
PAGES = (
    ("figures", "/figures/?place={place}&period=2023H2&reading={reading}"),
    ("situation", "/situation/?place={place}&period=2023H2&reading={reading}"),
    (
        "explore: rounds × units below",
        "/figures/explore?place={place}&period=2023&reading={reading}",
    ),
)


def communes_of(spec: str) -> list[Any]:
    """The communes of a province, or all, on the last day of the last round."""
    from banyan.kernel.period import Period
    from banyan.orgs.finding import find_unit
    from banyan.orgs.models import Kind, Unit

    day = Period.parse(PERIODS[-1]).last
    found = Unit.objects.filter(kind=Kind.COMMUNE, ancestry__valid__contains=day)
    if spec:
        top = find_unit(spec, day).unit
        found = Unit.objects.filter(
            kind=Kind.COMMUNE, ancestry__ancestor=top, ancestry__valid__contains=day
        )
    return list(found.distinct().order_by("pk"))


def rows_of(units: list[Any], period: Any, n: int, dice: random.Random) -> Iterator[Any]:
    """Models of a round, drawn as the example's are."""
    from banyan.initiatives.operations import Row
    from banyan.site.demo.records import Entry, answers_of, any_field

    for k in range(n):
        unit = units[k % len(units)]
        name = f"Chi hội Mẫu {unit.pk}"
        level = dice.choice(("commune", "commune", "district"))
        answers = answers_of(Entry(unit, "collective", name, level), any_field(dice), dice, period)
        answers |= {
            "title": f"{answers['title']} số {k + 1}",
            "registrant_kind": "collective",
            "registrant_name": name,
            "level": level,
        }
        yield Row(unit, answers, dice.choice(("registered", "in_progress", "completed")))


def make(scale: str) -> None:
    """The example, its rounds, its models."""
    from banyan.figures import folding
    from banyan.initiatives.operations import Source, register_many
    from banyan.kernel.period import Period
    from banyan.orgs.models import Unit
    from banyan.packs.models import Edition
    from banyan.people.actor import Installer
    from banyan.site import demo
    from banyan.submissions import operations as submissions

    demo.make_demo()
    spec, many = SCALES[scale]
    by = Installer(
        rights=Installer().rights | {"submission.import", "submission.edit", "round.open"}
    )
    edition, dice = Edition.objects.of("dan-van-kheo").newest_first()[0], random.Random(6)
    units, top = communes_of(spec), Unit.objects.get(kind="country")
    written = folded = 0.0
    for key in PERIODS:
        period = Period.parse(key)
        opened = submissions.open_round(
            top, edition=edition, form="register", period=key, due=period.last, by=by
        )
        rows = rows_of(units, period, many // len(PERIODS), dice)
        part = 0
        while taken := list(islice(rows, AT_ONCE)):
            part += 1
            start = time.perf_counter()
            register_many(
                top,
                round=opened,
                rows=taken,
                source=Source(f"thu-tai-{key}.xlsx", f"{key}{part}".rjust(64, "0")),
                summary={"synthetic": True},
                synthetic=True,
                by=by,
            )
            written += time.perf_counter() - start
            start = time.perf_counter()
            folding.fold_all()
            folded += time.perf_counter() - start
        print(f"{key}: written {written:.0f} s, folded {folded:.0f} s", flush=True)
    settle()
    print(
        f"| {many:,} models by the importing operation; folded | {written:.0f} s; {folded:.0f} s |"
    )


def pages(scale: str) -> None:
    """Every page that shows figures, at every level, by the units of then and of now."""
    from django.test import Client

    from banyan.people.models import Account

    client, table = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT_LANGUAGE="vi"), Table()
    client.force_login(Account.objects.get(email="thu@vidu.banyan"))
    for label, url in PAGES:
        for name, place in PLACES:
            for reading in ("then", "now"):
                table.ask(
                    f"{label}, {name}, *{reading}*",
                    client,
                    url.format(place=place, reading=reading),
                )
    print(f"\n| page at scale {scale} | p50 ms | p95 ms | queries | size |\n|---|---|---|---|---|")
    for row in table.rows:
        print("| " + " | ".join(row) + " |")


def measure_at(scale: str) -> None:
    """Make what is not there, ask."""
    from django.utils import translation

    from banyan.initiatives.models import Initiative

    translation.activate("vi")
    if Initiative.objects.count() < SCALES[scale][1]:
        make(scale)
    pages(scale)
