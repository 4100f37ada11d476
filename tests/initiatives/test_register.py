"""The register as people want it: counts, order, search, columns, tiles, lineage."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count

from banyan.figures import folding
from banyan.initiatives import operations, searching, tallies
from banyan.initiatives.lineage import lineage_of
from banyan.initiatives.models import Initiative
from banyan.kernel.text import fold
from banyan.submissions import operations as submissions
from banyan.submissions.models import Answer
from banyan.web.keyset import encode
from tests.world import ANSWERS

pytestmark = pytest.mark.django_db
REGISTER = "/initiatives/"


def register(world: Any, **answers: Any) -> Initiative:
    """A model of the commune, registered by lan."""
    assert world.initiative  # found by its unit while it is the only one there
    given = {key: value for key, value in {**ANSWERS, **answers}.items() if value is not None}
    made: Initiative = operations.register(
        world.commune, round=world.round, answers=given, by=world.actor(world.lan)
    )
    return made


def rows(client: Any, query: str = "") -> list[dict[str, Any]]:
    """The rows of the API's first page."""
    answer = client.get(f"/api/initiatives?{query}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def recount() -> dict[str, int]:
    """By state, the slow way."""
    found = Initiative.objects.values_list("submission__state").annotate(n=Count("pk"))
    return dict(found.order_by())


def told() -> dict[str, int]:
    """By state, by the tally."""
    return {state: one.n for state, one in tallies.read([""], None).items()}


# Counts -------------------------------------------------------------------------------------------


def test_the_tally_is_right_under_every_step_folded_or_not(world):
    one = register(world, resources_money=5_000_000)
    assert told() == recount()
    folding.fold_all()
    assert told() == recount()
    submissions.move(one.submission, move="begin", by=world.actor(world.lan))
    assert told() == recount()
    one.refresh_from_db()
    changed = {**one.submission.answers, "resources_money": 9_000_000, "field": "economy"}
    operations.amend(
        one, answers=changed, version=one.submission.version, by=world.actor(world.lan)
    )
    assert told() == recount()
    economy = sum(c.n for c in tallies.read(["field=economy"], None).values())
    assert economy == Answer.objects.filter(field="field", choice="economy").count()
    folding.fold_all()
    sums = [c.sums["resources_money"] for c in tallies.read([""], None).values() if c.sums]
    known = Answer.objects.filter(field="resources_money", submission__initiative__isnull=False)
    assert sum(n for n, _total in sums) == known.count()
    assert sum((total for _n, total in sums), Decimal(0)) == sum(a.number for a in known)


def test_the_totals_say_how_many_of_the_rows_state_the_number(world):
    register(world, title="Mô hình có kinh phí", resources_money=7_000_000)
    register(world, title="Mô hình không ghi", resources_money=None)
    page = world.client(world.minh).get(f"{REGISTER}?period=2024H1").content.decode()
    assert "19.000.000" in page
    assert "2 trong 3" in page


def test_the_row_follows_its_submission_whoever_changes_it(world):
    one = register(world)
    submissions.move(one.submission, move="begin", by=world.actor(world.lan))
    one.refresh_from_db()
    assert one.state == "in_progress"
    assert "field=culture_society" in one.facets
    assert one.measures["resources_money"] == 12_000_000


# Search -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said", ["Hoà bình", "hòa BÌNH", "Thuý, quý – 2024", "Đường hoa", "Hoàn thiện thuỷ lợi", "ĐẶNG"]
)
def test_the_database_parts_and_folds_words_as_the_program_does(said):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(initiatives_words(%s))", [said])
        kept = set(cursor.fetchone()[0])
    words = searching.parts(said)
    assert kept == {fold(word) for word in words} | {f"={word}" for word in words}


def test_a_search_finds_with_and_without_accents_and_shows_the_exact_first(world):
    flower = register(world, title="Đường hoa phụ nữ")
    peace = register(world, title="Tổ hoà giải giỏi")
    client = world.client(world.minh)
    assert [row["id"] for row in rows(client, "q=hòa+giải")][:1] == [peace.pk]
    assert [row["id"] for row in rows(client, "q=hoà+giải")][:1] == [peace.pk]
    assert {flower.pk, peace.pk} <= {row["id"] for row in rows(client, "q=hoa")}
    exact_first = [row["id"] for row in rows(client, "q=hòa")]
    assert exact_first.index(peace.pk) < exact_first.index(flower.pk)
    assert [row["id"] for row in rows(client, f"q={peace.code}")] == [peace.pk]
    assert peace.pk in {row["id"] for row in rows(client, "q=chi+hội+phụ+nữ+bến")}
    assert rows(client, "q='+%26+|+:*") == []


# Order, pages, columns ----------------------------------------------------------------------------


def test_a_number_sorts_with_ties_and_blanks_last_and_pages_go_both_ways(world):
    client = world.client(world.minh)
    made = [
        register(
            world, title=f"Mô hình {k}", resources_money=None if k % 3 == 0 else k // 6 * 10**6
        )
        for k in range(60)
    ]
    for sign in ("", "-"):
        query = f"sort={sign}resources_money&columns=title,resources_money"
        first = client.get(f"/api/initiatives?{query}").json()
        second = client.get(first["next"]).json()
        seen = [row["id"] for row in first["rows"] + second["rows"]]
        assert len(seen) == len(set(seen)) == first["total"] >= len(made)
        money = [row["resources_money"] for row in first["rows"] + second["rows"]]
        said = [one for one in money if one != ""]
        assert money == said + [""] * (len(money) - len(said))
        assert said == sorted(said, reverse=bool(sign))
        page = client.get(
            first["next"].replace("/api/initiatives", REGISTER).replace("as=json&", "")
        )
        listing = page.context["listing"]
        back = client.get(listing.previous_url).context["listing"]
        assert [row.pk for row in back.page_rows] == [row["id"] for row in first["rows"]]


def test_a_choice_sorts_in_the_order_of_the_pack(world):
    for level in ("province", "commune", "district"):
        register(world, title=f"Cấp {level}", level=level)
    words = ["xã", "huyện", "tỉnh"]
    order = [row["level"] for row in rows(world.client(world.minh), "sort=level&columns=level")]
    met = list(dict.fromkeys(order))
    assert met == sorted(met, key=lambda word: [one in word for one in words].index(True))


def test_columns_stand_in_the_address_and_in_the_file(world):
    client = world.client(world.minh)
    query = "columns=code,beneficiary_households,title"
    answer = client.get(f"{REGISTER}?{query}&as=csv")
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row[0] for row in lines[1:]] == [row["code"] for row in rows(client, query)]
    assert lines[1][1] == "40"
    heads = client.get(f"{REGISTER}?columns=khong_co").context["listing"].columns
    assert "title" in [head.key for head in heads]


def test_a_torn_or_forged_place_in_the_list_is_explained(world):
    client = world.client(world.minh)
    for cursor in ("rách", encode([9, "x", 1]), encode([0, None, "x"])):
        assert client.get(f"{REGISTER}?sort=code&after={cursor}").status_code == 404


def test_a_filter_in_force_is_a_chip_that_takes_it_away(world):
    page = world.client(world.minh).get(
        f"{REGISTER}?field=culture_society&resources_money_from=1.000.000&sort=title"
    )
    active = page.context["listing"].active
    assert len(active) == 2
    assert all("sort=title" in one.url for one in active)
    assert "field=" not in active[0].url
    assert [row.pk for row in page.context["listing"].page_rows] == [world.initiative.pk]


def test_a_file_of_the_ticked_ones_holds_no_other(world):
    other = register(world, title="Mô hình khác")
    client = world.client(world.minh)
    answer = client.get(f"{REGISTER}?as=csv&r={other.pk}&r={world.other_initiative.pk}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "Mô hình khác" in text
    assert world.initiative.title not in text
    assert world.other_initiative.title not in text or world.other_initiative.title == other.title


@pytest.mark.parametrize(
    "bad", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", " =1", "\t=1", "|calc", "＝1"]
)
def test_a_cell_of_a_file_is_never_a_formula(bad, world):
    from banyan.web.sheet import harmless

    assert harmless(bad) == f"'{bad}"
    assert harmless("-5") == "-5"
    assert harmless(-5) == -5
    assert harmless("Tổ 1 = tổ 2") == "Tổ 1 = tổ 2"


# Tiles and lineage --------------------------------------------------------------------------------


def test_tiles_name_every_commune_with_a_number_and_a_word(world):
    page = world.client(world.minh).get(f"{REGISTER}?show=tiles&period=2024H1")
    tiles = {
        tile.name: tile for bunch in page.context["listing"].tiles.bunches for tile in bunch.tiles
    }
    assert tiles["Xã Đồi Mẫu"].n == 1
    assert tiles["Xã Đồng Mẫu"].n == 0
    assert "Xã Cầu Giả" not in tiles
    text = page.content.decode()
    assert str(tiles["Xã Đồng Mẫu"].word) in text
    opened = world.client(world.minh).get(tiles["Xã Đồi Mẫu"].url)
    assert [row.pk for row in opened.context["listing"].page_rows] == [world.initiative.pk]


def test_lineage_tells_what_was_built_after_what_and_hides_what_lies_beyond_reach(
    world, django_assert_max_num_queries
):
    child = register(world, title="Mô hình nhân rộng")
    Initiative.objects.filter(pk=child.pk).update(replicated_from=world.other_initiative)
    world.initiative.replicated_from = child
    Initiative.objects.filter(pk=world.initiative.pk).update(replicated_from=child)
    actor = world.actor(world.minh)
    with django_assert_max_num_queries(3):
        told = lineage_of(child, actor)
    assert [node.title for node in told.nodes].count("Mô hình nhân rộng") == 1
    root = told.roots[0]
    assert root.url == ""
    assert world.other_initiative.title != root.title
    assert root.children[0].here
    assert root.children[0].children[0].title == world.initiative.title
    page = world.client(world.minh).get(child.get_absolute_url()).content.decode()
    assert "Mô hình nhân rộng" in page


def test_a_lineage_in_a_circle_ends(world):
    one, two = register(world, title="Một"), register(world, title="Hai")
    Initiative.objects.filter(pk=one.pk).update(replicated_from=two)
    Initiative.objects.filter(pk=two.pk).update(replicated_from=one)
    assert len(lineage_of(one, world.actor(world.minh)).nodes) == 2
