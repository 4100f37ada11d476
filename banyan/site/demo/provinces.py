"""Report C's province, and nine mountain districts of another as one group; first half of 2024.

Ninh Bình: 479 newly registered models and typical examples, one number over both; Nho Quan, Kim
Sơn, Yên Mô, Gia Viễn and Hoa Lư among the units with many. Quảng Nam: 286 models in the nine
mountain districts, 59 + 74 + 5 + 38 by field: the other 110 bear none, and the figures say so.
How many each district has is made up, and marked as everything here.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date

from banyan.initiatives import operations as initiatives
from banyan.kernel.canonical import digest
from banyan.orgs import operations as units
from banyan.orgs.finding import find_unit
from banyan.orgs.models import Unit
from banyan.packs.models import Edition
from banyan.people.actor import Actor
from banyan.site.demo import lines, people
from banyan.site.demo.records import BODIES, PERIOD, Entry, answers_of, any_field, small
from banyan.submissions import operations as submissions

DUE = date(2024, 6, 20)

NINH_BINH = "37@2024-06-30"
NINH_BINH_MODELS = 479
NINH_BINH_DISTRICTS = {
    "372": 92,  # Nho Quan
    "376": 84,  # Kim Sơn
    "377": 71,  # Yên Mô
    "373": 66,  # Gia Viễn
    "374": 58,  # Hoa Lư
    "375": 44,  # Yên Khánh
    "370": 33,  # thành phố Tam Điệp
    "369": 31,  # thành phố Ninh Bình
}
EXAMPLE_IN = 9  # every so many is a typical example, of one person

QUANG_NAM = "49@2024-06-30"
GROUP, GROUP_NAME = "mien-nui-quang-nam", "Chín huyện miền núi Quảng Nam"
GROUP_MODELS = 286
GROUP_DISTRICTS = {
    "515": 38,  # Bắc Trà My
    "514": 36,  # Tiên Phước
    "510": 34,  # Nam Giang
    "516": 33,  # Nam Trà My
    "511": 32,  # Phước Sơn
    "504": 31,  # Tây Giang
    "505": 30,  # Đông Giang
    "512": 29,  # Hiệp Đức
    "519": 23,  # Nông Sơn
}
GROUP_FIELDS = {
    "economy": 59,
    "culture_society": 74,
    "defence_security": 5,
    "political_system": 38,
    "": 110,
}


def make(edition: Edition) -> None:
    """Both provinces' rounds with their models, and the group."""
    dice = random.Random(479)
    entries = list(_entries(NINH_BINH_DISTRICTS, dice))
    fields = [any_field(dice) for _entry in entries]
    _register(NINH_BINH, edition, entries, fields, people.acting("mai"))
    dice = random.Random(286)
    entries = list(_entries(GROUP_DISTRICTS, dice))
    fields = [field for field, n in GROUP_FIELDS.items() for _n in range(n)]
    dice.shuffle(fields)
    _register(QUANG_NAM, edition, entries, fields, people.acting("quang"))
    units.form_group(
        _at(QUANG_NAM),
        key=GROUP,
        name=GROUP_NAME,
        units=[_at(code) for code in GROUP_DISTRICTS],
        on=lines.SINCE,
        by=people.acting("thu"),
    )


def _at(spec: str) -> Unit:
    return find_unit(spec, PERIOD.last).unit


def _entries(districts: dict[str, int], dice: random.Random) -> Iterator[Entry]:
    """The registrants of each district, spread over its communes."""
    for code, wanted in districts.items():
        below = Unit.objects.children(_at(code), on=PERIOD.last).named_on(PERIOD.last)
        communes = [(unit, small(unit.name_on(PERIOD.last))) for unit in below]
        for n in range(wanted):
            turn, at = divmod(n, len(communes))
            unit, name = communes[at]
            level = dice.choice(("commune", "commune", "district"))
            if n % EXAMPLE_IN == EXAMPLE_IN - 1:
                yield Entry(unit, "individual", f"Công dân minh họa {code}-{n + 1:02d}", level)
            else:
                yield Entry(unit, "collective", f"{BODIES[turn % len(BODIES)]} {name}", level)


def _register(
    spec: str, edition: Edition, entries: Sequence[Entry], fields: Sequence[str], by: Actor
) -> None:
    """Open a province's round and register its models; the reports say of none that it is done."""
    province = _at(spec)
    dice = random.Random(spec)
    opened = submissions.open_round(
        province, edition=edition, form="register", period=PERIOD.key, due=DUE, by=by
    )
    rows = [
        initiatives.Row(
            entry.unit,
            _said(entry, answers_of(entry, field, dice)),
            dice.choice(("registered", "in_progress")),
        )
        for entry, field in zip(entries, fields, strict=True)
    ]
    initiatives.register_many(
        province,
        round=opened,
        rows=rows,
        source=initiatives.Source(
            f"{province.name_on(PERIOD.last)} (dữ liệu minh họa)",
            digest([row.answers for row in rows]),
        ),
        summary={"synthetic": True},
        synthetic=True,
        by=by,
    )


def _said(entry: Entry, answers: dict[str, object]) -> dict[str, object]:
    """Newly registered ones; what one person does is called a typical example."""
    answers = answers | {"continuing": False}
    if entry.kind == "individual":
        answers |= {"title": f"Điển hình: {answers['title']}"}
    return answers
