"""How well signals tell what is the same from what only looks so, on labelled pictures and texts.

The figures below are what was measured on 2026-11-28 (docs/benchmarks.md tells what they mean); they
may rise, not fall. The pictures are drawn from seeds that took no part in choosing the hash.
"""

import pytest
from django.db import connection

from banyan.documents import photos
from banyan.documents.models import ALIKE
from banyan.submissions.signals import ALIKE_PERCENT
from banyan.submissions.signals_text import bare
from tests.documents import pictures
from tests.submissions.texts import PAIRS, TOLD

SEEDS = range(100, 140)


def alike(one: int | None, other: int | None) -> bool:
    assert one is not None
    assert other is not None
    return photos.distance(one, other) <= ALIKE


def hash_of(image: object) -> int | None:
    return photos.clean(pictures.as_bytes(image, "JPEG", quality=90)).hash  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def hashes() -> dict[int, int | None]:
    return {seed: hash_of(pictures.scene(seed)) for seed in SEEDS}


@pytest.mark.parametrize(
    ("again", "least"),
    zip(pictures.AGAIN, (40, 40, 40, 40, 40, 40), strict=True),
    ids=lambda one: getattr(one, "__name__", None),
)
def test_the_same_photo_sent_once_more_is_found(again, least, hashes):
    found = sum(alike(hashes[seed], hash_of(again(pictures.scene(seed)))) for seed in SEEDS)
    assert found >= least


@pytest.mark.parametrize(
    ("nearly", "most"),
    zip(pictures.NEARLY, (11, 1, 0), strict=True),
    ids=lambda one: getattr(one, "__name__", None),
)
def test_a_photo_that_only_looks_so_is_seldom_taken_for_the_same(nearly, most, hashes):
    wrong = sum(alike(hashes[seed], hash_of(nearly(seed))) for seed in SEEDS)
    assert wrong <= most


def test_photos_of_two_places_are_never_taken_for_the_same(hashes):
    pairs = [(a, b) for a in SEEDS for b in SEEDS if a < b]
    assert not [pair for pair in pairs if alike(hashes[pair[0]], hashes[pair[1]])]


def agreement(one: str, other: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT similarity(%s, %s)", [bare(one), bare(other)])
        return float(cursor.fetchone()[0])  # type: ignore[index]


LEAST = {"copied": 12, "copied and lengthened": 10, "copied and cut": 2}


@pytest.mark.django_db
@pytest.mark.parametrize("label", PAIRS)
def test_texts_taken_over_are_told_and_those_of_one_subject_are_not(label):
    told = sum(agreement(*pair) >= ALIKE_PERCENT / 100 for pair in PAIRS[label])
    if label in TOLD:
        assert told >= LEAST[label]
    else:
        assert told == 0


def test_there_are_enough_labelled_pairs_to_speak_of_measure():
    assert sum(map(len, PAIRS.values())) >= 60


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Thôn Bến Mẫu, xã Đồi Mẫu trồng 12 cây", "trong cay"),
        ("xóm 7 và tổ dân phố số 3, tổ 4", "va"),
        ("Khu dân cư xanh, sạch", "khu dan cu xanh sach"),
        ("XÃ ĐỒI MẪU TRỒNG CÂY", "xa trong cay"),
        ("hòa giải ở Đồi Mẫu; hoà giải ở Thử", "hoa giai o hoa giai o thu"),
        ("", ""),
    ],
)
def test_names_of_places_and_numbers_are_left_out(text, kept):
    assert bare(text, ["Xã Đồi Mẫu", "Thôn Thử"]) == kept
