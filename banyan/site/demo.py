"""The example: synthetic records, made by the operations alone, whose totals are report A's.

Thanh Trì, first half of 2024: 261 models; 146 collectives and 18 individuals; 7 at city level and
254 at district level (139 + 18); 185 completed; 2 put forward for the commemorative mark.
Everything else (which commune, which field, which day, every name) is made up and marked.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from banyan.initiatives import operations as initiatives
from banyan.initiatives.models import Initiative
from banyan.kernel.canonical import digest
from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.orgs import shipped
from banyan.orgs.finding import find_unit
from banyan.orgs.models import Unit
from banyan.packs.operations import install
from banyan.packs.reading import read
from banyan.people import operations as people
from banyan.people.actor import Actor, Installer
from banyan.people.middleware import today
from banyan.people.models import Account, Person, Role
from banyan.people.roles import define_installation_roles
from banyan.site.models import Organisation
from banyan.site.operations import begin_example
from banyan.submissions import operations as submissions
from banyan.submissions.models import Round

PROGRAMME = "dan-van-kheo"
PLACE = "020@2024-06-30"
PERIOD = Period.parse("2024H1")
DUE = date(2024, 6, 15)
SINCE = date(2021, 1, 1)
PASSWORD = "vi-du-banyan"  # shown on the sign-in page, which only loopback sees in the demo
NAME = "Thanh Trì (dữ liệu minh họa)"

# Report A.
CITY, DISTRICT_COLLECTIVES, INDIVIDUALS = 7, 139, 18
MODELS, COMPLETED, PUT_FORWARD = 261, 185, 2
# Our own choice, so that the review desk is not empty: of the completed ones, so many went on.
REVIEWED, RECOGNISED = 14, 6

BODIES = (
    "Hội Liên hiệp Phụ nữ",
    "Hội Nông dân",
    "Hội Cựu chiến binh",
    "Đoàn Thanh niên",
    "Ủy ban Mặt trận Tổ quốc",
    "Công an",
    "Ban Chỉ huy Quân sự",
    "Trường Tiểu học",
    "Trạm Y tế",
    "Hội Chữ thập đỏ",
)
DEEDS = {
    "economy": (
        "Vận động nhân dân hiến đất mở rộng đường",
        "Giúp nhau phát triển kinh tế vườn",
        "Tổ hợp tác rau an toàn",
        "Cánh đồng không dấu chân",
    ),
    "culture_society": (
        "Tuyến đường hoa phụ nữ tự quản",
        "Nhà sạch, vườn đẹp",
        "Dòng họ khuyến học",
        "Tổ tự quản thu gom rác thải nông nghiệp",
        "Nuôi heo đất giúp trẻ em khó khăn",
    ),
    "defence_security": (
        "Camera an ninh khu dân cư",
        "Tiếng kẻng an ninh",
        "Khu dân cư không có tội phạm",
    ),
    "political_system": (
        "Chính quyền thân thiện, vì nhân dân phục vụ",
        "Ngày thứ bảy cùng dân",
        "Đối thoại với nhân dân hằng quý",
    ),
}
WEIGHTS = {"economy": 5, "culture_society": 7, "defence_security": 3, "political_system": 3}
OCCASION = "Kỷ niệm 70 năm Ngày Giải phóng Thủ đô"


@dataclass(frozen=True)
class SignIn:
    """One sign-in of the example."""

    email: str
    name: str
    role: str
    does: str


SIGN_INS = (
    SignIn("an@vidu.banyan", "Trần Văn Mẫu An", "administrator", "accounts, units, programmes"),
    SignIn("binh@vidu.banyan", "Lê Thị Mẫu Bình", "dan-van-kheo-reviewer", "imports, compiles"),
    SignIn("minh@vidu.banyan", "Phạm Văn Mẫu Minh", "dan-van-kheo-reviewer", "reviews, reports"),
    SignIn("hung@vidu.banyan", "Đỗ Văn Mẫu Hùng", "dan-van-kheo-leader", "leads, recognises"),
    SignIn(
        "lan@vidu.banyan", "Nguyễn Thị Mẫu Lan", "dan-van-kheo-registrar", "registers (Tứ Hiệp)"
    ),
)
LAN_AT = "Xã Tứ Hiệp"


def make_demo() -> Unit:
    """Make the example whole or not at all; a second call finds it and changes nothing."""
    by = Installer()
    with transaction.atomic():
        standing = _standing()
        if standing is not None:
            return standing
        shipped.load(by=by)
        district = find_unit(PLACE, PERIOD.last).unit
        begin_example(district, name=NAME, by=by)
        define_installation_roles(by=by)
        content = read(Path(settings.PACKS) / PROGRAMME)
        number = content["pack"]["edition"]
        edition = install(district, pack=PROGRAMME, edition=number, content=content, by=by)
        _people(district, by)
        compiler, reviewer, leader = (_actor(one) for one in ("binh", "minh", "hung"))
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
        _life(opened, reviewer, leader)
        return district


def _standing() -> Unit | None:
    """The example's unit when it is there; refuses to mix it with an organisation's own records."""
    here = Organisation.objects.select_related("unit").order_by("is_demo").first()
    if here is None or here.is_demo:
        return here.unit if here else None
    raise Refusal(
        _("An organisation works in this installation already."),
        _("Synthetic records are never mixed with its own."),
        _("Make the example in another home: BANYAN_HOME=/another/folder banyan demo"),
        status=409,
    )


def _people(district: Unit, by: Any) -> None:
    for sign_in in SIGN_INS:
        unit = district
        if sign_in.role.endswith("registrar"):
            communes = Unit.objects.children(district, on=PERIOD.last).named_on(PERIOD.last)
            unit = next(one for one in communes if one.name_on(PERIOD.last) == LAN_AT)
        person: Person = people.register_person(
            unit, name=sign_in.name, email=sign_in.email, password=PASSWORD, synthetic=True, by=by
        )
        role = Role.objects.get(key=sign_in.role)
        people.appoint(unit, person=person, role=role, on=SINCE, by=by)


def _actor(name: str) -> Actor:
    account = Account.objects.get(email=f"{name}@vidu.banyan")
    return Actor.in_first_post(account, today())


def _registrants(communes: list[Unit], dice: random.Random) -> Iterator[dict[str, Any]]:
    """(unit, kind, name) of each registrant, the city's first, then the district's."""
    called = {unit: unit.name_on(PERIOD.last) for unit in communes}
    names = {unit: name[:1].lower() + name[1:] for unit, name in called.items()}
    bodies = [(unit, f"{body} {names[unit]}") for body in BODIES for unit in communes]
    for n, (unit, body) in enumerate(bodies[: CITY + DISTRICT_COLLECTIVES]):
        level = "province" if n < CITY else "district"
        yield {"unit": unit, "kind": "collective", "name": body, "level": level}
    for n in range(INDIVIDUALS):
        name = f"Công dân minh họa {n + 1:02d}"
        yield {
            "unit": dice.choice(communes),
            "kind": "individual",
            "name": name,
            "level": "district",
        }


def _rows(district: Unit) -> Iterator[initiatives.Row]:
    dice = random.Random(2024)
    communes = list(Unit.objects.children(district, on=PERIOD.last).named_on(PERIOD.last))
    all_of_them = list(_registrants(communes, dice))
    more = [
        one for one in all_of_them if one["level"] == "district" and one["kind"] == "collective"
    ]
    entries = [*all_of_them, *dice.choices(more, k=MODELS - len(all_of_them))]
    states = ["completed"] * COMPLETED + ["in_progress", "registered"] * MODELS
    states = dice.sample(states[:MODELS], MODELS)
    marked = [n for n, state in enumerate(states) if state == "completed"][:PUT_FORWARD]
    for n, (entry, state) in enumerate(zip(entries, states, strict=True)):
        answers = _answers(entry, state, dice)
        if n in marked:
            answers |= {"commemorative_mark": True, "occasion": OCCASION}
        yield initiatives.Row(entry["unit"], answers, state)


def _answers(entry: dict[str, Any], state: str, dice: random.Random) -> dict[str, Any]:
    kinds = list(WEIGHTS)
    field = dice.choices(kinds, [WEIGHTS[kind] for kind in kinds])[0]
    households = dice.randint(18, 320)
    day = PERIOD.first + timedelta(days=dice.randint(9, 150))
    answers = {
        "title": f"{dice.choice(DEEDS[field])} tại thôn {dice.randint(1, 9)}",
        "registrant_kind": entry["kind"],
        "registrant_name": entry["name"],
        "field": field,
        "level": entry["level"],
        "registered_on": day.isoformat(),
        "continuing": dice.random() < 0.2,
        "resources_money": dice.randint(4, 180) * 500_000,
        "beneficiary_households": households,
    }
    if state == "completed":
        answers["result"] = (
            f"Đã hoàn thành theo kế hoạch, {households} hộ tham gia và hưởng lợi (số liệu minh họa)."
        )
    return answers


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
