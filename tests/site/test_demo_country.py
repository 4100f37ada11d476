"""The example beyond its district: report C's province, nine mountain districts, whom they let in."""

from itertools import pairwise
from typing import Any

import pytest
from django.test import Client

from banyan.figures import words
from banyan.figures.rollup import Reckoning, read
from banyan.figures.views import place_of
from banyan.initiatives.models import Batch, Initiative
from banyan.orgs.finding import find_unit
from banyan.orgs.models import Ancestry, Group, Kind, Tree, Unit
from banyan.packs.models import Edition
from banyan.people.middleware import today
from banyan.people.models import Account
from banyan.site import demo
from banyan.site.demo import provinces
from banyan.submissions.models import Expectation, Round
from tests.world import BACKEND

PAGES = (
    "/",
    "/initiatives/",
    "/figures/",
    "/units/",
    "/rounds/",
    "/reports/",
    "/documents/",
    "/inbox/",
)
NINE = {
    "Huyện Nam Giang",
    "Huyện Tây Giang",
    "Huyện Đông Giang",
    "Huyện Phước Sơn",
    "Huyện Bắc Trà My",
    "Huyện Nam Trà My",
    "Huyện Tiên Phước",
    "Huyện Hiệp Đức",
    "Huyện Nông Sơn",
}
MOST_QUERIES = 12


def reckoned(place: str, *indicators: str) -> Reckoning:
    """Figures of a place, as the shell and the page reckon them."""
    pack = Edition.objects.of(demo.PROGRAMME).get().pack
    return read(pack, place_of(place, demo.PERIOD), demo.PERIOD, indicators or None)


def client_of(name: str) -> Client:
    """The browser of one of the example's people."""
    client = Client()
    client.force_login(Account.objects.get(email=f"{name}@vidu.banyan"), backend=BACKEND)
    return client


# -- Ninh Bình ---------------------------------------------------------------------------------


def test_ninh_binh_has_479_newly_registered_models_and_examples(example):
    said = reckoned(provinces.NINH_BINH)
    assert said["models"].value == 479 == sum(provinces.NINH_BINH_DISTRICTS.values())
    assert said["continued"].value == 0
    assert said["completed"].value == 0
    assert said.synthetic


def test_its_districts_add_up_and_those_the_report_names_have_the_most(example):
    on = demo.PERIOD.last
    province = find_unit(provinces.NINH_BINH, on).unit
    found = {
        unit.name_on(on): reckoned(f"{unit.code_on(on)}@{on}", "models")["models"].value
        for unit in Unit.objects.children(province, on=on).prefetch_related("codes")
    }
    assert len(found) == 8
    assert sum(int(n or 0) for n in found.values()) == 479
    most = sorted(found, key=lambda name: -int(found[name] or 0))
    named = {"Huyện Nho Quan", "Huyện Kim Sơn", "Huyện Yên Mô", "Huyện Gia Viễn", "Huyện Hoa Lư"}
    assert set(most[:5]) == named


def test_each_commune_of_ninh_binh_has_models_and_was_asked(example):
    said = reckoned(provinces.NINH_BINH, "models")
    assert said.expected == said.reporting == 143
    asked = Round.objects.get(unit=said.place.unit).expectations.filter(unit__kind=Kind.COMMUNE)
    assert asked.count() == 143


# -- the nine mountain districts ---------------------------------------------------------------


def test_the_group_is_the_nine_mountain_districts_of_2024(example):
    on = demo.PERIOD.last
    group = Group.objects.get(key="mien-nui-quang-nam")
    units = list(group.units.all())
    assert {unit.name_on(on) for unit in units} == NINE
    standing = Ancestry.objects.standing().filter(ancestor=group.unit, valid__contains=on)
    assert standing.filter(unit__in=units, depth=1).count() == 9
    assert group.unit.name_on(on) == "Tỉnh Quảng Nam"


def test_286_models_by_field_leave_110_unclassified_and_the_figures_warn(example):
    said = reckoned("mien-nui-quang-nam")
    assert said["models"].value == 286
    assert said["models"].parts["field"] == {
        "economy": 59,
        "culture_society": 74,
        "defence_security": 5,
        "political_system": 38,
        "unclassified": 110,
    }
    assert sum(provinces.GROUP_DISTRICTS.values()) == 286
    with words.speaking("en"):
        [warning] = words.warnings(said, "en")
    assert "110 of 286 are unclassified" in warning


def test_the_warning_stands_on_the_page_and_the_110_open(example):
    quang = client_of("quang")
    page = quang.get("/figures/?place=mien-nui-quang-nam&period=2024H1").content.decode()
    assert "110 trên 286 chưa phân loại" in page
    opens = reckoned("mien-nui-quang-nam")["models"].part_opens["field"]["unclassified"]
    assert quang.get(f"{opens}&as=json").json()["total"] == 110


# -- all together ------------------------------------------------------------------------------


def test_the_country_is_the_sum_and_each_round_marks_its_records(example):
    assert reckoned("VN", "models")["models"].value == 261 + 479 + 286
    shown = Initiative.objects.filter(submission__round__period="2024H1")
    assert shown.exclude(submission__state="draft").count() == 261 + 479 + 286
    batches = list(Batch.objects.order_by("pk"))
    assert [batch.things for batch in batches] == [236, 261, 479, 286]
    assert all(batch.summary == {"synthetic": True} for batch in batches)
    assert all("minh họa" in batch.filename for batch in batches)


def test_nobody_below_a_commune_was_asked(example):
    asked = Expectation.objects.filter(unit__kind__in=[Kind.VILLAGE, Kind.CELL])
    assert not asked.exists()


def test_single_people_are_called_by_a_number_alone(example):
    single = Initiative.objects.filter(registrant__kind="individual")
    names = set(single.values_list("registrant__name", flat=True))
    assert all(name.startswith("Công dân minh họa ") for name in names)


def test_thu_may_reform_every_unit_and_the_provinces_officers_none(example):
    root = find_unit("VN", today()).unit
    thu = demo.people.acting("thu")
    assert thu.unit == root
    assert thu.may("unit.reorganise", at=root)
    standing = Ancestry.objects.standing().filter(tree=Tree.STATE, valid__contains=today())
    reached = standing.filter(unit__in=thu.reach("unit.reorganise")).values("unit").distinct()
    assert reached.count() == standing.values("unit").distinct().count() > 10_000
    for name, place in (("mai", provinces.NINH_BINH), ("quang", provinces.QUANG_NAM)):
        officer = demo.people.acting(name)
        assert officer.unit == find_unit(place, demo.PERIOD.last).unit
        assert officer.may("submission.review", at=officer.unit)
        assert not officer.may("unit.reorganise", at=officer.unit)


@pytest.mark.parametrize("name", ["thu", "mai", "quang", "son"])
def test_every_page_opens_for_them_with_few_questions(
    name: str, example: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of(name)
    client.get("/")
    for path in PAGES:
        with django_assert_max_num_queries(MOST_QUERIES):
            answer = client.get(path)
        assert answer.status_code == 200, path


@pytest.mark.parametrize(("name", "seen"), [("thu", 1264), ("mai", 479), ("quang", 286)])
def test_each_sees_the_records_of_his_own_units(name, seen, example):
    assert client_of(name).get("/api/initiatives").json()["total"] == seen


def test_mai_is_not_let_into_the_figures_of_quang_nam(example):
    assert client_of("mai").get("/figures/?place=mien-nui-quang-nam").status_code == 403
    assert client_of("mai").get("/figures/?place=37@2024-06-30").status_code == 200


# -- how one gets in ---------------------------------------------------------------------------


def test_the_start_page_says_what_each_does(example):
    said = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT_LANGUAGE="en").get("/").content.decode()
    places = [said.index(one.email) for one in demo.SIGN_INS]
    assert all(a < b for a, b in pairwise(places))
    assert "The whole country: carries out the reform of units" in said
    vietnamese = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT_LANGUAGE="vi").get("/")
    assert "Cả nước: thực hiện sắp xếp đơn vị hành chính" in vietnamese.content.decode()


def test_the_shell_says_it_too_and_where_the_models_are(example, capsys):
    from banyan.site.commands import demo as command

    assert command.run(None) == 0  # type: ignore[arg-type]
    said = capsys.readouterr().out
    for place, name, models in demo.REGISTERS:
        assert f"{models}  {name}" in said
        assert place in said
    assert "carries out the reform of units" in said
