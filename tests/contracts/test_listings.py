"""Every listing keeps the same promises: pages without loss or double, filters, exports, few queries."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from banyan.orgs.operations import Adopted, adopt_tree
from banyan.people.actor import Actor
from banyan.people.models import Post, Role
from banyan.web.listing import PER_PAGE, Listing
from banyan.web.page import PAGES
from tests.contracts.planting import divide, sow
from tests.contracts.registry import everything_is_imported
from tests.world import SINCE, TODAY, installer

everything_is_imported()
NAMES = sorted(Listing.all)
MOST_QUERIES = 8
# No more can exist at one unit of what comes by rounds: one for each month of planting.CENTURY.
FEW, SOME, MANY = 10, 2 * PER_PAGE + 7, 1_000
pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("name", NAMES)]


@pytest.fixture
def reader(world: Any) -> Any:
    """An officer of the district with five roles, who holds three posts in two trees."""
    every = sorted(
        {needs for needs in PAGES.values() if needs}
        | {one.needs for one in Listing.all.values() if one.needs}
    )
    every += ["submission.edit", "submission.import", "submission.review", "document.keep"]
    words = {"vi": "Mọi quyền", "en": "Everything"}
    role = Role.objects.create(
        key="everything", names=words, capabilities=every, clearance=2, source="tests"
    )
    held = {"person": world.an, "valid": DateRange(SINCE, None)}
    Post.objects.create(unit=world.sister_commune, role=role, tree="party", **held)
    return Post.objects.create(unit=world.district, role=role, tree="state", **held)


@pytest.fixture
def client(world: Any, reader: Any) -> Any:
    """That officer's browser, in the post that may read everything."""
    client = world.client(world.an)
    session = client.session
    session["post"] = reader.pk
    session.save()
    return client


def plant(name: str, n: int, world: Any) -> None:
    """That many rows of the listing's model where the reader's district has them."""
    if name == "units":
        plant_units(n, world)
    else:
        if name == "placing":  # its rows are records of a unit that was divided
            divide(world.sister_commune)
        sow(Listing.all[name].of, n, unit=world.sister_commune, mark="Zqk")


def plant_units(n: int, world: Any) -> None:
    """Units belong to no unit; their list shows those directly under the reader's."""
    made = [
        Adopted(
            f"k{k}",
            "commune",
            "planted",
            [(f"Zqk {k:05d}", None, None, "")],
            [],
            [(None, None, None, "")],
        )
        for k in range(n)
    ]
    adopt_tree(world.district, units=made, by=installer())


def walked(client: Any, url: str) -> Iterator[dict[str, Any]]:
    """The rows of every page, from one `next` to another."""
    while url:
        said = client.get(url).json()
        assert len(said["rows"]) <= PER_PAGE
        yield from said["rows"]
        url = said["next"]


def listing_of(name: str, reader: Any, query: str = "") -> Any:
    """The listing as the page makes it."""
    request: Any = RequestFactory().get(f"{reverse(name)}{query}")
    request.user = AnonymousUser()
    request.today = TODAY
    request.actor = Actor(reader.person.account, reader, request.today)
    request.seen = lambda model: model._default_manager.visible_to(request.actor)
    return Listing.all[name](request)


def test_pages_follow_each_other_without_loss_or_double(name, world, client, reader):
    plant(name, SOME, world)
    columns = [c for c in listing_of(name, reader).columns_all if c.order]
    assert columns, "a listing sorts by at least one column"
    every = set(listing_of(name, reader).rows_all.values_list("pk", flat=True))
    for key in [f"{sign}{column.key}" for column in columns for sign in ("", "-")]:
        seen = [row["id"] for row in walked(client, f"/api/{name}?sort={key}")]
        assert len(seen) == len(set(seen)), f"sorted by {key}, a row came twice"
        assert set(seen) == every, f"sorted by {key}, rows were lost"


def test_the_total_is_the_number_of_rows(name, world, client, reader):
    plant(name, SOME, world)
    said = client.get(f"/api/{name}").json()
    assert said["total"] == listing_of(name, reader).rows_all.count() >= SOME


def test_a_file_holds_the_same_rows_as_the_list(name, world, client):
    plant(name, SOME, world)
    url = reverse(name)
    rows = list(walked(client, f"{url}?as=json"))
    text = b"".join(client.get(f"{url}?as=csv").streaming_content).decode("utf-8-sig")
    headings, *lines = list(csv.reader(io.StringIO(text)))
    sheet = b"".join(client.get(f"{url}?as=xlsx").streaming_content)
    heads, *cells = (
        CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()
    )
    assert len(rows) == len(lines) == len(cells)
    assert headings == heads
    first = next(key for key in rows[0] if key != "id")
    assert [str(row[first]) for row in rows] == [line[0].removeprefix("'") for line in lines]
    assert [line[0] for line in lines] == [str(line[0]) for line in cells]


def test_every_filter_narrows_and_never_adds(name, world, client, reader):
    plant(name, FEW, world)
    every = {row["id"] for row in walked(client, f"/api/{name}")}
    for one in listing_of(name, reader).filters:
        choices = [value for value, _label in getattr(one.field, "choices", ()) if value]
        for value in choices or [SAMPLES.get(one.key, "2024")]:
            answer = client.get(f"/api/{name}", {one.key: value})
            assert answer.status_code == 200, f"{one.key}={value}: {answer.content[:200]}"
            assert {row["id"] for row in answer.json()["rows"]} <= every


# What is written into filters that are not chosen from a list.
SAMPLES = {
    "period": "2024H1", "place": "W11", "on": "2024-06-20", "unit": "W11", "as_of": "2024-06-20",
    "below": "W112",
}  # fmt: skip


def test_searching_finds_what_bears_the_word_and_nothing_else(name, world, client):
    if not Listing.all[name].searches:
        pytest.skip("this list has no search")
    plant(name, FEW, world)
    assert client.get(f"/api/{name}", {"q": "Zqk"}).json()["total"] >= FEW
    assert client.get(f"/api/{name}", {"q": "khongaidatten"}).json()["total"] == 0


def test_a_torn_address_of_a_next_page_is_explained(name, world, client):
    answer = client.get(f"{reverse(name)}?after=torn")
    assert answer.status_code == 404
    assert "web/message.html" in {template.name for template in answer.templates}


def test_a_part_for_htmx_is_a_piece_of_the_page(name, world, client):
    plant(name, FEW, world)
    whole = client.get(reverse(name)).content.decode()
    part = client.get(reverse(name), headers={"HX-Request": "true"}).content.decode()
    assert "<html" in whole
    assert "<html" not in part
    assert len(part) < len(whole)


def test_a_list_asks_the_database_at_most_eight_times_however_long_it_is(name, world, client):
    client.get(reverse(name))
    counted = {}
    for planted in (FEW, MANY):
        plant(name, planted, world)
        for way in ("", "?as=json"):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(reverse(name) + way).status_code == 200
            counted[planted, way] = len(asked)
            said = "\n".join(query["sql"][:160] for query in asked)
            assert len(asked) <= MOST_QUERIES, f"{len(asked)} queries at {planted} rows:\n{said}"
    assert counted[FEW, ""] == counted[MANY, ""]
    assert counted[FEW, "?as=json"] == counted[MANY, "?as=json"]
