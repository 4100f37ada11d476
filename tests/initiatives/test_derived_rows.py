"""What a register's row carries is derived by a quick way for words as people type them."""

import unicodedata
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

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
