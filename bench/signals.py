"""Signals at a million photographs and a hundred thousand texts: `python bench/signals.py [photos [texts]]`.

Beside the index stands the floor: the same question by a plain scan that counts bits.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from frame import Times, in_a_home_of_its_own

PHOTOS, TEXTS = ([int(word) for word in sys.argv[1:]] + [1_000_000, 100_000])[:2]
ASKED = 40
FILL_PHOTOS = """
INSERT INTO documents_document (id, unit_id, title, filename, media_type, level, blob_id, synthetic)
SELECT n, %(unit)s, 'p', 'p.jpg', 'image/jpeg', 1, %(blob)s, true FROM generate_series(1, %(n)s) n;
INSERT INTO documents_photo (document_id, width, height, thumb_id, hash)
SELECT n, 1600, 1200, %(blob)s,
       (('x' || substr(md5('h' || n), 1, 16))::bit(64)::bigint) FROM generate_series(1, %(n)s) n
"""
SCAN = "SELECT count(*) FROM documents_photo WHERE bit_count((hash # %s)::bit(64)) <= 6"


def measure() -> None:
    from banyan.site import boot, up

    up.prepare_assets()
    boot.django()
    from django.db import connection

    from banyan.documents.models import Photo

    times, dice = Times(), random.Random(1)
    unit, blob = _place()
    words = {"unit": unit, "blob": blob, "n": PHOTOS}

    def fill() -> None:
        with connection.cursor() as cursor:
            cursor.execute(FILL_PHOTOS, words)
        _analyse("documents_photo", "documents_document")

    times.of(f"insert {PHOTOS:,} photographs with their index", fill)
    known = list(Photo.objects.filter(pk__in=dice.sample(range(1, PHOTOS), ASKED)))
    hashes = [_slightly(photo.hash or 0, dice) for photo in known]
    turn = iter(hashes * 3)
    list(Photo.objects.alike(hashes[0]))
    found = times.of(
        "same photograph, by bands", lambda: list(Photo.objects.alike(next(turn))), ASKED
    )
    assert found
    missed = sum(
        photo not in Photo.objects.alike(near) for photo, near in zip(known, hashes, strict=True)
    )

    def scan() -> object:
        with connection.cursor() as cursor:
            cursor.execute(SCAN, [next(turn)])
            return cursor.fetchone()

    times.of("floor: the same by a plain scan", scan, 5)
    _texts(times, dice)
    times.show()
    print(f"missed by the bands: {missed} of {ASKED}")
    with connection.cursor() as cursor:
        for name in ("photo_alike", "signal_text_alike", "documents_photo"):
            cursor.execute("SELECT pg_size_pretty(pg_relation_size(%s::regclass))", [name])
            print(name, cursor.fetchone())


def _slightly(hash: int, dice: random.Random) -> int:
    """The same picture once more: up to six bits differ."""
    bits = hash & (1 << 64) - 1
    for place in dice.sample(range(64), dice.randint(0, 6)):
        bits ^= 1 << place
    return bits - (1 << 64) if bits >> 63 else bits


def _place() -> tuple[int, str]:
    """A unit and a blob for everything to stand at."""
    from banyan.documents import store
    from banyan.documents.models import Blob
    from banyan.orgs.models import Unit

    sha256, size = store.put([b"bench"])
    Blob.objects.create(sha256=sha256, size=size)
    return Unit.objects.create(kind="commune").pk, sha256


def _texts(times: Times, dice: random.Random) -> None:
    """Texts of like records, one in a hundred of them copied."""
    from datetime import date

    from django.db import connection
    from django.db.backends.postgresql.psycopg_any import DateRange

    from banyan.packs.models import Edition, Programme
    from banyan.submissions import signals
    from banyan.submissions.models import Round, SignalText, Submission
    from banyan.submissions.signals_text import bare
    from tests.submissions.texts import FIRST, SECOND

    unit = _first_unit()
    programme = Programme.objects.create(key="bench", unit_id=unit)
    edition = Edition.objects.create(
        programme=programme,
        number=1,
        content={},
        content_hash="bench",
        valid=DateRange(date(2024, 1, 1), None),
    )
    asked = Round.objects.create(
        edition=edition,
        form="register",
        period="2024H1",
        span=DateRange(date(2024, 1, 1), date(2024, 7, 1)),
        unit_id=unit,
        due=date(2024, 6, 1),
    )
    vocabulary = sorted(set(" ".join(bare(t) for t in [*FIRST.values(), *SECOND.values()]).split()))
    Submission.objects.bulk_create(
        [
            Submission(round=asked, unit_id=unit, state="registered", counts_on=date(2024, 2, 1))
            for _n in range(TEXTS)
        ],
        batch_size=5_000,
    )
    keys = list(Submission.objects.order_by("pk").values_list("pk", flat=True))
    rows, text = [], ""
    for place, key in enumerate(keys):
        if place % 100:
            text = " ".join(dice.choices(vocabulary, k=dice.randint(60, 130)))
        else:  # the one before, with a few words of its own
            text = " ".join([*text.split(), *dice.choices(vocabulary, k=4)]) or "none"
        rows.append(SignalText(submission_id=key, programme=programme, year=2024, text=text))
    times.of(
        f"insert {TEXTS:,} texts with their index",
        lambda: SignalText.objects.bulk_create(rows, batch_size=5_000),
    )
    _analyse("submissions_signaltext")
    turn = iter(dice.sample([row for n, row in enumerate(rows) if n and not n % 100], 20))
    times.of("nearly the same words, by trigrams", lambda: signals.compare(next(turn)), 20)
    every = list(range(keys[0], keys[0] + 50))
    times.of("signals of 50 records counted", lambda: signals.signal_counts(every), 20)

    def scan() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM submissions_signaltext WHERE similarity(text, %s) >= 0.8",
                [rows[100].text],
            )

    times.of("floor: the same by a plain scan", scan, 3)


def _analyse(*tables: str) -> None:
    """As the owner: the app's role may not, and the server would get to it later."""
    import psycopg

    from banyan.site import home

    with psycopg.connect(home.database_url("owner"), autocommit=True) as link:
        for table in tables:
            link.execute(f"VACUUM ANALYZE {table}")


def _first_unit() -> int:
    from banyan.orgs.models import Unit

    return int(Unit.objects.order_by("pk").values_list("pk", flat=True)[0])


if __name__ == "__main__":
    in_a_home_of_its_own(__file__, measure)
