"""A world with enough in it to show every page with data."""

from typing import Any

from banyan.documents.operations import Incoming, keep
from banyan.figures.rollup import Place, read
from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import Row, Source, recognise, register_many
from banyan.kernel.period import Period
from banyan.ledger.readers import run_all
from banyan.ledger.sealer import seal_all
from banyan.orgs.operations import form_group
from banyan.people.models import Role
from banyan.reports.operations import Written, make
from banyan.submissions.operations import move, review
from banyan.web.listing import Listing
from banyan.web.page import PAGES
from tests.world import PERIOD, TODAY

LONG = (
    "Vận động nhân dân hiến đất mở rộng đường liên thôn, trồng hoa hai bên và lắp đèn"
    " chiếu sáng bằng nguồn xã hội hóa tại ba khu dân cư giáp ranh"
)
FIELDS = ["economy", "culture_society", "defence_security", "political_system", None]
LEVELS = ["district", "commune", "province"]
STATES = ["registered", "in_progress", "completed", "completed", "withdrawn"]
MANY = 20


def rows(world: Any) -> list[Row]:
    """Models in every field, level and state, with long and short names."""
    units = [world.commune, world.sister_commune, world.village]
    made = []
    for n in range(MANY):
        answers = {
            **world.answers,
            "title": f"{LONG if n % 4 == 0 else 'Tổ tự quản số'} {n}",
            "registrant_kind": "individual" if n % 5 == 0 else "collective",
            "registrant_name": f"Chủ thể minh họa {n % 17}",
            "level": LEVELS[n % 3],
            "commemorative_mark": n % 11 == 0,
            "result": "Đã hoàn thành theo kế hoạch (số liệu minh họa).",
        }
        field = FIELDS[n % 5]
        answers = (
            {**answers, "field": field}
            if field
            else {k: v for k, v in answers.items() if k != "field"}
        )
        made.append(Row(units[n % 3], answers, state=STATES[n % 5], line=n + 4))
    return made


def crowd(world: Any) -> None:
    """Fill the world by its operations."""
    sent = world.initiative  # while it is the only one there
    minh, lan, an = (world.actor(who) for who in (world.minh, world.lan, world.an))
    register_many(
        world.district,
        round=world.round,
        rows=rows(world),
        source=Source("sổ đăng ký minh họa.xlsx", "0" * 64),
        summary={},
        synthetic=True,
        by=minh,
    )
    judge(world)
    move(sent.submission, move="send_back", asked={"reason": "Thiếu lĩnh vực"}, by=minh)
    file = Incoming("công văn.pdf", "application/pdf", [b"%PDF-1.4 synthetic"])
    keep(world.commune, file=file, title="Công văn minh họa", by=lan)
    units = [world.commune, world.sister_commune]
    form_group(world.district, key="hai-xa", name="Hai xã", units=units, on=TODAY, by=an)
    report(world, minh)
    seal_all()
    run_all()
    give_every_right()


def judge(world: Any) -> None:
    """One completed model is reviewed and recognised, by others than who sent it in."""
    done = Initiative.objects.with_page().filter(
        submission__state="completed", submission__answers__has_key="field"
    )
    one = done.order_by("pk").first()
    scores = {item.id: str(item.maximum) for item in world.edition.pack.criteria.items}
    review(one.submission, move="review", scores=scores, by=world.actor(world.hung))
    recognise(
        one,
        body=world.district,
        decision_number="11-QĐ/MH",
        decided_on=TODAY,
        by=world.actor(world.hung),
    )


def report(world: Any, by: Any) -> None:
    """A half-year report of the district."""
    reckoning = read(world.edition.pack, Place(world.district), Period.parse(PERIOD))
    make(
        world.district,
        edition=world.edition,
        template=next(iter(world.edition.pack.reports)),
        reckoning=reckoning,
        file=Written(b"PK synthetic", "vi"),
        by=by,
    )


def give_every_right() -> None:
    """Let `an` open every page there is."""
    needed = {word for word in PAGES.values() if word}
    needed |= {one.needs for one in Listing.all.values() if one.needs}
    needed |= {"submission.edit", "submission.import", "submission.review"}
    needed |= {"document.keep", "initiative.recognise"}
    Role.objects.filter(key="administrator").update(capabilities=sorted(needed), clearance=2)
