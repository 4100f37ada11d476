"""Signals: where a record is like another, said in a sentence. Never a verdict.

The same photograph may be right (one road, two records), and so may the same words (a model taken
over). So a signal only says what is alike, how much, and shows both beside each other.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from banyan.documents.models import Photo
from banyan.figures.words import period_text
from banyan.orgs.models import Ancestry, UnitName
from banyan.submissions.models import Answer, Likeness, SignalText, Submission
from banyan.submissions.signals_text import COMPARED, SHORTEST, bare

ALIKE_PERCENT = 80
AT_ONCE = 20  # pictures of one record that are compared; pairs of one record that are kept


@dataclass(frozen=True)
class Signal:
    """One likeness of a record, as a page says it."""

    kind: str
    sentence: str
    score: int
    # None where the other record is beyond the reader's reach: then nothing more is told of it.
    other: Submission | None
    url_side_by_side: str


# -- reading: pages -------------------------------------------------------------------------------


def signals_of(submission: Submission, *, seen: Callable[[Any], Any]) -> list[Signal]:
    """The signals of a record, the strongest first; `seen` is the request's. Four queries."""
    pairs = list(Likeness.objects.of(submission.pk))
    others = {p.other_id if p.one_id == submission.pk else p.one_id for p in pairs}
    known = {
        one.pk: one
        for one in seen(Submission)
        .filter(pk__in=others)
        .select_related("unit", "round", "initiative")
        .prefetch_related("unit__names")
    }
    found = []
    for pair in pairs:
        other = known.get(pair.other_id if pair.one_id == submission.pk else pair.one_id)
        url = reverse("side_by_side", args=[submission.pk, other.pk]) if other else ""
        found.append(Signal(pair.kind, _sentence(pair, other), pair.score, other, url))
    return sorted(found, key=lambda s: (s.kind, s.score if s.kind == Likeness.PHOTO else -s.score))


def signal_counts(submissions: Iterable[int]) -> dict[int, int]:
    """How many records each of these is like; those without are left out. One query."""
    wanted = set(submissions)
    pairs = Likeness.objects.of(*wanted).values_list("one", "other").distinct()
    counted = Counter(one for pair in pairs for one in pair if one in wanted)
    return dict(counted)


def _sentence(pair: Likeness, other: Submission | None) -> str:
    photo = pair.kind == Likeness.PHOTO
    if other is None:
        if photo:
            return _("A photograph here looks the same as one in a record of another unit.")
        return _("The wording agrees by %(n)d%% with that of a record of another unit.") % {
            "n": pair.score
        }
    told = {"title": title_of(other), "unit": place_of(other), "n": pair.score}
    if photo:
        return (
            _(
                "A photograph here looks the same as one of “%(title)s”, %(unit)s "
                "(%(n)d of 64 marks differ)."
            )
            % told
        )
    return _("The wording agrees by %(n)d%% with “%(title)s”, %(unit)s.") % told


def title_of(submission: Submission) -> str:
    """What a record is called."""
    return str(submission.answers.get("title") or f"#{submission.pk}")


def place_of(submission: Submission) -> str:
    """Where and when a record was made."""
    name = submission.unit.name_on(submission.counts_on)
    return f"{name}, {period_text(submission.round.covers)}"


# -- writing: the reader and the worker -----------------------------------------------------------


def note(submissions: Iterable[int]) -> None:
    """Keep the words of these records, as far as they were sent in, and let them be compared."""
    rows = list(
        Submission.objects.filter(pk__in=submissions)
        .select_related("round__edition__programme")
        # Each record would else bring the whole pack: gigabytes for a great import.
        .defer("round__edition__content")
        .order_by("pk")
    )
    sent = [row for row in rows if row.state != row.workflow.start]
    names = _names_over({row.unit_id for row in sent})
    SignalText.objects.bulk_create(
        [
            SignalText(
                submission=row,
                programme_id=row.round.edition.programme_id,
                year=row.counts_on.year,
                text=words_of(row.answers, names.get(row.unit_id, ())),
            )
            for row in sent
        ],
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["submission"],
        update_fields=["programme", "year", "text", "waiting"],
    )


def words_of(answers: dict[str, Any], names: Iterable[str]) -> str:
    """The words of a record's answers to compare; nothing when they are too few."""
    told = bare("\n".join(str(answers.get(field) or "") for field in COMPARED), names)
    return told if len(told) >= SHORTEST else ""


def _names_over(units: set[int]) -> dict[int, list[str]]:
    """All names that these units, and those they ever stood under, ever bore."""
    above = Ancestry.objects.filter(unit__in=units).values_list("unit", "ancestor").distinct()
    lines = list(above)
    names: dict[int, list[str]] = {}
    for unit, name in UnitName.objects.filter(unit__in={a for _u, a in lines}).values_list(
        "unit", "name"
    ):
        names.setdefault(unit, []).append(name)
    found: dict[int, list[str]] = {unit: [] for unit in units}
    for unit, ancestor in lines:
        found[unit] += names.get(ancestor, [])
    return found


def compare_waiting(most: int = 10) -> int:
    """Compare some of the records that wait; how many. What the worker does between sealings."""
    with transaction.atomic():
        waiting = SignalText.objects.filter(waiting=True).order_by("pk")
        rows = list(waiting.select_for_update(skip_locked=True)[:most])
        for row in rows:
            compare(row)
        if rows:
            SignalText.objects.filter(pk__in=[row.pk for row in rows]).update(waiting=False)
        return len(rows)


def compare(row: SignalText) -> None:
    """Find anew what one record is like."""
    Likeness.objects.of(row.pk).delete()
    pairs = [*_like_photos(row.pk), *_like_words(row)]
    Likeness.objects.bulk_create(pairs, ignore_conflicts=True)


def _pair(mine: int, theirs: int, kind: str, score: int, photos: tuple[Any, Any]) -> Likeness:
    if mine > theirs:
        mine, theirs, photos = theirs, mine, photos[::-1]
    return Likeness(
        one_id=mine,
        other_id=theirs,
        kind=kind,
        score=score,
        one_photo_id=photos[0],
        other_photo_id=photos[1],
    )


def _like_photos(mine: int) -> list[Likeness]:
    """The nearest pair of photographs with each other record that has a like one."""
    own = Photo.objects.filter(document__in=_documents(Q(submission=mine)), hash__isnull=False)
    nearest: dict[int, tuple[int, int, int]] = {}
    for photo in own.order_by("pk")[:AT_ONCE]:
        alike = dict(Photo.objects.alike(photo.hash or 0).values_list("pk", "distance"))
        theirs = Answer.objects.filter(document__in=alike, submission__signal_text__isnull=False)
        for record, document in theirs.exclude(submission=mine).values_list(
            "submission", "document"
        ):
            found = (alike[document], photo.pk, document)
            nearest[record] = min(nearest.get(record, found), found)
    strongest = sorted(nearest.items(), key=lambda one: (one[1], one[0]))[:AT_ONCE]
    return [
        _pair(mine, record, Likeness.PHOTO, score, (own_photo, their_photo))
        for record, (score, own_photo, their_photo) in strongest
    ]


def _documents(which: Q) -> Any:
    return Answer.objects.filter(which, document__isnull=False).values("document")


_BESIDE = """
   AND programme_id = %(programme)s AND year BETWEEN %(year)s - 1 AND %(year)s + 1
   AND submission_id <> %(mine)s
"""
# The very same words first: of a register in which every record says the same, the index of nearly
# the same words would bring them all, for each of them.
SAME_WORDS = f"""
SELECT submission_id, 1 FROM submissions_signaltext
 WHERE md5(text) = md5(%(text)s) AND text = %(text)s {_BESIDE}
 ORDER BY submission_id LIMIT %(most)s
"""
ALIKE_WORDS = f"""
SELECT submission_id, similarity(text, %(text)s)
  FROM submissions_signaltext
 WHERE text %% %(text)s {_BESIDE}
 ORDER BY 2 DESC, 1 LIMIT %(most)s
"""


def _like_words(row: SignalText) -> list[Likeness]:
    """Records of the same programme, the same year or the one beside it, in nearly these words."""
    if not row.text:
        return []
    words = {
        "text": row.text,
        "programme": row.programme_id,
        "year": row.year,
        "mine": row.pk,
        "most": AT_ONCE,
    }
    with connection.cursor() as cursor:
        cursor.execute(SAME_WORDS, words)
        found = cursor.fetchall()
        if len(found) < AT_ONCE:
            # The threshold of the operator that the index knows; for this transaction alone.
            cursor.execute(
                "SELECT set_config('pg_trgm.similarity_threshold', %s, true)",
                [str(ALIKE_PERCENT / 100)],
            )
            cursor.execute(ALIKE_WORDS, words)
            found = cursor.fetchall()
    return [
        _pair(row.pk, theirs, Likeness.TEXT, round(score * 100), (None, None))
        for theirs, score in found
    ]
