"""Explore: what an address asks, what is answered, to whom, and in which shape."""

import csv
import io
import re
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from PIL import Image

from banyan.figures.explore import pivot as pivot_module
from banyan.figures.explore import question as q
from banyan.figures.explore.pivot import Pivot, pivot_of
from banyan.figures.explore.question import Ground, Question, question
from banyan.figures.place import Place
from banyan.figures.views import place_of
from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.orgs.operations import form_group
from tests.analytics.years import above, counted, last_round, models
from tests.figures.changes import PERIOD, THEN, dissolved, divided
from tests.world import TODAY, installer

pytestmark = pytest.mark.django_db
HERE = "/figures/explore?period=2024H1"


@pytest.fixture
def filled(world: Any) -> Any:
    """Ten models in two communes: three and two of them completed, in March and in May."""
    assert world.round.covers == PERIOD
    models(world, world.commune, 3, "completed", registered_on="2024-03-05")
    models(world, world.commune, 2, registered_on="2024-05-05")
    models(world, world.sister_commune, 2, "completed", registered_on="2024-05-06")
    models(world, world.sister_commune, 2, registered_on="2024-05-07")
    return world


def asked(world: Any, query: str = "", place: Any = None) -> Question:
    """A question of the district, as an address asks it."""
    where = Place(place or world.district)
    ground = Ground(world.edition.pack, where, PERIOD, THEN)
    return question(ground, QueryDict(query), ["models", "completed"])


def told(world: Any, query: str = "", who: Any = None, place: Any = None) -> Pivot:
    """Its answer."""
    return pivot_of(asked(world, query, place), world.actor(who or world.hung), TODAY)


def numbers(pivot: Pivot) -> dict[str, list[Any]]:
    """Row → numbers."""
    return {line.head.label: [cell.value for cell in line.cells] for line in pivot.lines}


# The question -------------------------------------------------------------------------------------


def test_without_a_word_it_asks_for_units_by_the_programmes_headline(world):
    one = asked(world)
    assert (one.rows, one.columns, one.show) == (q.UNITS, q.INDICATORS, q.TABLE)
    assert one.indicators == ("models", "completed")


@pytest.mark.parametrize("show", q.SHOWN)
@pytest.mark.parametrize("rows", q.DIMENSIONS)
@pytest.mark.parametrize("columns", q.DIMENSIONS)
def test_rows_and_columns_are_never_the_same_and_always_such_as_can_be_shown(
    show, rows, columns, world
):
    one = asked(world, f"show={show}&rows={rows}&columns={columns}")
    assert one.rows != one.columns
    may_rows, may_columns = q.SHAPES[show]
    assert one.rows in may_rows
    assert one.columns in may_columns
    again = question(
        Ground(one.pack, one.place, one.period, one.reading),
        QueryDict(one.url().partition("?")[2]),
        ["money"],
    )
    assert again == one, "an address asks what it was made of"


@pytest.mark.parametrize(
    "wrong", ["show=pie", "i=nothing", "axis=nothing", "each=week", "rows=people", "by=weight"]
)
def test_words_it_does_not_know_are_refused_and_named(wrong, world):
    with pytest.raises(Refusal) as no:
        asked(world, wrong)
    assert no.value.status == 422
    assert wrong.split("=")[1] in no.value.sentence


def test_a_period_is_split_into_what_lies_in_it(world):
    year = Period.parse("2024")
    assert [one.key for one in q.split(PERIOD, q.MONTH, 2020)][::5] == ["2024-01", "2024-06"]
    assert [one.key for one in q.split(PERIOD, q.QUARTER, 2020)] == ["2024Q1", "2024Q2"]
    assert [one.key for one in q.split(year, q.HALF, 2020)] == ["2024H1", "2024H2"]
    assert [one.key for one in q.split(PERIOD, q.YEAR, 2022)] == ["2022H1", "2023H1", "2024H1"]
    assert q.split(Period.parse("2024-05"), q.QUARTER, 2020) == [Period.parse("2024-05")]


def test_a_funnel_is_the_longest_chain_of_shares(world):
    pack = world.edition.pack
    assert q.chain_of(pack, ["recognised"]) == ("models", "completed", "recognised")
    assert q.chain_of(pack, ["money"])[0] == "models", "else the programme's longest"


# The answer ---------------------------------------------------------------------------------------


def test_units_by_figures_with_totals_reckoned_for_the_whole(filled):
    pivot = told(filled)
    assert numbers(pivot) == {"Xã Đồi Mẫu": [6, 3], "Xã Đồng Mẫu": [4, 2]}
    assert [cell.value for cell in pivot.foot.cells] == [10, 5]
    assert pivot.foot.cells[1].base == 10
    assert pivot.rest is None


def test_a_total_of_different_ones_is_no_sum_and_says_so(filled):
    pivot = told(filled, "i=registrants&i=models")
    assert pivot.uneven == ["registrants"]
    rows = sum(line.cells[0].value for line in pivot.lines)
    assert pivot.foot.cells[0].value <= rows
    answer = filled.client(filled.hung).get(f"{HERE}&i=registrants&place=W11")
    assert "không phải số cộng" in answer.content.decode()


def test_months_add_up_and_months_to_come_are_no_nought(filled):
    pivot = told(filled, "rows=units&columns=periods&i=models")
    for line in pivot.lines:
        assert sum(cell.value or 0 for cell in line.cells) == line.total.value
    year = Ground(filled.edition.pack, Place(filled.district), Period.parse("2024"), THEN)
    whole = question(year, QueryDict("rows=periods&i=models"), [])
    later = pivot_of(whole, filled.actor(filled.hung), TODAY).lines
    assert [line.cells[0].value is None for line in later] == [False] * 6 + [True] * 6


def test_the_parts_of_an_axis_are_rows_or_one_choice(filled):
    by_part = told(filled, "rows=parts&columns=indicators&axis=level&i=models")
    one = by_part.lines[0]
    assert sum(line.cells[0].value for line in by_part.lines) == by_part.foot.cells[0].value
    only = told(filled, f"rows=units&axis=level&only={one.head.key}&i=models")
    assert only.foot.cells[0].value == one.cells[0].value


def test_last_year_stands_beside_each_number(filled):
    last = last_round(filled)
    models(filled, filled.commune, 1, "completed", round=last)
    pivot = told(filled, "compare=1&i=completed")
    cell = next(line for line in pivot.lines if line.head.label == "Xã Đồi Mẫu").cells[0]
    assert (cell.value, cell.before.value, cell.change) == (3, 1, 2)
    assert counted(filled.client(filled.hung), cell.before.opens) == 1


def test_rows_go_by_a_column_and_by_its_share_where_shares_are_shown(filled):
    names = [line.head.label for line in told(filled, "sort=-models").lines]
    assert names == ["Xã Đồi Mẫu", "Xã Đồng Mẫu"]
    assert [line.head.label for line in told(filled, "sort=models").lines] == names[::-1]
    shares = [line.cells[1].percent for line in told(filled, "sort=-completed&by=share").lines]
    assert shares == [Decimal(50), Decimal(50)]


def test_a_whole_kind_below_a_place_may_be_the_rows(filled):
    who = above(filled)
    pivot = told(filled, "units=commune&i=models", who, filled.province)
    assert {"Xã Đồng Mẫu", "Xã Đồi Mẫu"} < set(numbers(pivot))
    assert pivot.foot.cells[0].value == sum(row[0] for row in numbers(pivot).values())


def test_the_units_of_a_group_are_rows(filled):
    form_group(
        filled.district,
        key="hai-xa-thu",
        name="Hai xã thử",
        units=[filled.commune, filled.sister_commune],
        on=PERIOD.first,
        by=installer(),
    )
    ground = Ground(filled.edition.pack, place_of("hai-xa-thu", PERIOD), PERIOD, THEN)
    one = question(ground, QueryDict("i=models"), [])
    pivot = pivot_of(one, filled.actor(filled.hung), TODAY)
    assert numbers(pivot) == {"Xã Đồi Mẫu": [6], "Xã Đồng Mẫu": [4]}


@pytest.mark.parametrize("change", [divided, dissolved])
def test_what_no_unit_below_holds_is_a_row_of_its_own(change, filled):
    change(filled)
    client = filled.client(above(filled))
    for place in (f"~{filled.province.pk}", "W11@2024-05-31"):
        for reading in ("", "&reading=now", "&as_of=2024-05-31"):
            answer = client.get(f"{HERE}&place={place}&i=models{reading}&as=json").json()
            rows = [line["cells"]["models"]["value"] for line in answer["rows"]["lines"]]
            rest = answer["rest"]["cells"]["models"] if answer["rest"] else {"value": 0}
            assert sum(rows) + rest["value"] == answer["total"]["cells"]["models"]["value"]
            assert rest["value"] >= 0


@pytest.mark.parametrize(
    "query",
    [
        "rows=units&columns=indicators",
        "rows=units&columns=periods&i=completed",
        "rows=parts&columns=indicators&axis=level",
        "rows=units&columns=parts&axis=level&i=models",
        "rows=periods&columns=parts&axis=level&i=models",
    ],
)
def test_every_number_of_every_shape_opens_to_as_many_records(query, filled):
    client, pivot = filled.client(filled.hung), told(filled, query)
    opened = 0
    lines = [*pivot.lines, *([pivot.foot] if pivot.foot else [])]
    for cell in (cell for line in lines for cell in (*line.cells, line.total) if cell):
        if cell.value is not None and cell.opens:
            assert counted(client, cell.opens) == cell.value, cell.opens
            opened += 1
    assert opened >= 4


# To whom ------------------------------------------------------------------------------------------


def test_a_place_out_of_reach_is_refused(filled):
    client = filled.client(filled.hung)
    for place in ("W12@2024-06-30", "W1@2024-06-30"):
        for kind in ("", "&as=json", "&as=xlsx", "&as=svg&show=ranking"):
            assert client.get(f"{HERE}&place={place}{kind}").status_code in (403, 404)
    assert filled.client().get(HERE).status_code == 302


def test_the_way_down_is_kept_and_leads_up_again(filled):
    client = filled.client(filled.hung)
    page = client.get(f"{HERE}&i=models&columns=indicators")
    row = page.context["table"]["rows"][0]
    below = client.get(row["url"])
    assert below.context["title"] == row["label"]
    first, last = below.context["crumbs"]
    assert (first["label"], last["label"]) == (page.context["title"], row["label"])
    back = client.get(first["url"])
    assert back.context["title"] == page.context["title"]
    assert not back.context["crumbs"]


def test_a_way_that_does_not_lead_here_is_not_shown(filled):
    far = filled.other_commune.pk
    page = filled.client(filled.hung).get(f"{HERE}&via={far}&via={filled.province.pk}&via=x-y")
    assert page.status_code == 200
    assert page.context["crumbs"] == []


def test_what_cannot_be_read_is_said_above_the_form(filled):
    client = filled.client(filled.hung)
    for query in ("&show=pie", "&place=KHONGCO", "&reading=xyz"):
        answer = client.get(f"{HERE}{query}")
        assert answer.status_code in (404, 422)
        assert answer.context["asked"]["wrong"]["place"]
    part = client.get(f"{HERE}&show=pie", headers={"HX-Request": "true"})
    assert part.status_code == 200


# Shapes and files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("show", q.SHOWN)
def test_every_way_of_showing_has_its_table_its_as_of_and_its_completeness(show, filled):
    page = filled.client(filled.hung).get(f"{HERE}&show={show}")
    html = page.content.decode()
    assert page.status_code == 200
    assert '<table class="table' in html
    assert "Số liệu lúc" in html
    assert "1 trên 2 xã" in html or "2 trên 2 xã" in html
    drawn = page.context["drawings"]
    assert bool(drawn) == (show not in (q.TABLE, q.HEAT))
    for one in drawn:
        tree = ElementTree.fromstring(str(one))
        assert tree.find("title").text
        assert tree.find("desc").text
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("show", [one for one in q.SHOWN if one != q.TABLE])
def test_a_drawing_is_an_svg_and_a_png_that_say_of_when_they_are(show, filled):
    client = filled.client(filled.hung)
    svg = client.get(f"{HERE}&show={show}&as=svg")
    assert svg.headers["Content-Disposition"].startswith("attachment")
    tree = ElementTree.fromstring(svg.content)
    words = "".join(tree.itertext())
    assert "Số liệu lúc" in words
    assert "dữ liệu minh họa" in words
    assert "href" not in svg.content.decode()
    png = client.get(f"{HERE}&show={show}&as=png")
    image = Image.open(io.BytesIO(png.content))
    assert image.format == "PNG"
    assert image.width > 1000
    assert len(image.getcolors(1_000_000) or []) > 10, "something is drawn on it"


def test_a_table_is_no_drawing(filled):
    assert filled.client(filled.hung).get(f"{HERE}&as=svg").status_code == 404


def test_the_workbook_says_what_was_asked_and_has_every_number(filled):
    answer = filled.client(filled.hung).get(f"{HERE}&as=xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(n for n, row in enumerate(rows) if row[0] == "Đơn vị")
    assert ["Xã Đồi Mẫu", 6, 3, 6, 50] in [row[:5] for row in rows[head:]]
    assert rows[-1][:3] == ["Tổng cộng", 10, 5]
    said = " ".join(str(cell) for row in rows[:head] for cell in row if cell)
    for word in ("6 tháng đầu năm 2024", "Số liệu lúc", "xã", "dữ liệu minh họa"):
        assert word in said


def test_the_csv_is_a_table_first(filled):
    answer = filled.client(filled.hung).get(f"{HERE}&i=models&as=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["Đơn vị", "Đăng ký"]
    assert ["Xã Đồi Mẫu", "6"] in rows
    assert any("Số liệu lúc" in cell for row in rows for cell in row)


# What it costs ------------------------------------------------------------------------------------

MOST_QUERIES = 12


@pytest.mark.parametrize("show", q.SHOWN)
def test_beside_the_matrix_a_page_asks_few_questions(show, filled, monkeypatch):
    """What the matrix asks is its own affair; the page asks as much for ten units as for two."""
    asked_by_matrix: list[int] = []
    real = pivot_module.matrix

    def watched(*given: Any, **how: Any) -> Any:
        before = len(connection.queries_log)
        made = real(*given, **how)
        asked_by_matrix.append(len(connection.queries_log) - before)
        return made

    monkeypatch.setattr(pivot_module, "matrix", watched)
    client = filled.client(filled.hung)
    row = client.get(f"{HERE}&show={show}").context["table"]["rows"][0]
    query = row["url"] if row["url"] else f"{HERE}&show={show}"
    asked_by_matrix.clear()
    with CaptureQueriesContext(connection) as log:
        assert client.get(query).status_code == 200
    assert len(asked_by_matrix) == 1, "one matrix answers a page"
    told = [one["sql"] for one in log.captured_queries]
    assert len(told) - asked_by_matrix[0] <= MOST_QUERIES, "\n".join(told)
