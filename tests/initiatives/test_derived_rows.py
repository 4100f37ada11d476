"""What a register's row carries is derived by a quick way for words as people type them."""

import unicodedata
from typing import Any

import pytest
from django.db import IntegrityError, connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from banyan.initiatives.operations import Row, Source, register_many
from banyan.initiatives.searching import LONGEST, parts
from banyan.kernel.text import fold

pytestmark = pytest.mark.django_db
VIETNAMESE = [
    unicodedata.normalize("NFC", letter + tone)
    for letter in "aăâeêioôơuưyAÂEOUƯY"
    for tone in ["", *"\u0300\u0301\u0303\u0309\u0323"]
]
WORD = st.text(alphabet=st.sampled_from([*VIETNAMESE, *"bcđghlmnqrtvxBĐQ019"]), max_size=7)
# The tone of some is moved, some signs part words, some words are cut.
ODD = ("hoà", "thuỷ", "quý", "văn hoá", "toán", "luật", "ngoặc", "huệ", "xuất", "MH-2024-0001")
SIGNS = ("–", "=", "«Hoà»", "\u0301", "ß", "", " ", "a" * 59, "a" * 60, "ấ" * 61)
PART = WORD | WORD.map(lambda one: unicodedata.normalize("NFD", one)) | st.sampled_from(ODD + SIGNS)
GAPS = st.sampled_from([" ", "-", ", ", "/", "\t"])
SAID = st.builds(lambda gap, some: gap.join(some), GAPS, st.lists(PART, max_size=5))


def one(sql: str, *told: Any) -> Any:
    """The single value of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, told)
        return cursor.fetchone()[0]


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(SAID)
@example("Tổ liên gia PCCC - ANTT (khu 3), «Hoà bình»")
@example("--- ")
def test_words_are_parted_and_folded_as_the_program_does(said):
    kept = set(one("SELECT coalesce(tsvector_to_array(initiatives_words(%s)), '{}')", said))
    bare = {fold(word)[:LONGEST] for word in parts(said)} - {""}
    assert kept == bare | {f"={word}" for word in parts(said)}


ANSWERS: list[dict[str, Any]] = [
    {"registrant_kind": "collective", "registrant_name": "Chi hội 3", "field": "economy"},
    {"continuing": True, "resources_money": 288_000_000, "resources_labour": "161"},
    {"registered_on": "2024-02-29", "content": "Vận động, mỗi tháng 3 lần."},
    {
        "resources_land": -2.5,
        "first_year": "1234567890123456",
        "level": "Commune",
        "content": "a" * 61,
    },
    {"resources_money": "12.3456", "resources_land": "12.34567", "content": "abc", "extra": [1]},
]
CARRIED = (
    "SELECT json_agg((state, counts_on, span, facets, measures, words, folded) ORDER BY id)::text"
    "  FROM initiatives_initiative WHERE id = ANY(%s)"
)


def test_many_at_once_carry_what_the_trigger_derives_of_each(world):
    batch = register_many(
        world.district,
        round=world.round,
        rows=[
            Row(world.commune, {"title": f"{title} {n}", **answers})
            for n, answers in enumerate(ANSWERS)
            for title in ("Tuyến đường hoa", "Tổ hoà giải – «luật»")
        ],
        source=Source("synthetic.xlsx", "0" * 64),
        summary={},
        synthetic=True,
        by=world.actor(world.minh),
    )
    ids = batch.registered
    at_once = one(CARRIED, ids)
    spoiled = (
        "state = '', counts_on = NULL, span = NULL, facets = '{}', measures = '{}', words = NULL"
    )
    with connection.cursor() as cursor:
        for sign in ("title || '!'", "left(title, -1)"):
            cursor.execute(
                f"UPDATE initiatives_initiative SET {spoiled}, title = {sign} WHERE id = ANY(%s)",
                [ids],
            )
    assert one(CARRIED, ids) == at_once
    assert one(
        "SELECT count(DISTINCT (facets, measures)) FROM initiatives_initiative WHERE id = ANY(%s)",
        ids,
    ) == len(ANSWERS)


def test_none_of_a_batch_is_lost_whose_record_is_not_there(world):
    told = "ARRAY[1]::bigint[], ARRAY['x'], ARRAY[1]::bigint[], ARRAY[1]::bigint[], ARRAY['x'], ARRAY['x']"
    with pytest.raises(IntegrityError, match="a submission that is not there"):
        one(f"SELECT initiatives_store({told}, ARRAY[0]::bigint[], ARRAY[NULL]::bigint[], true)")
