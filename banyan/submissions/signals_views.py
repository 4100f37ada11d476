"""Two records beside each other: what is alike in their photographs and their words."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyan.documents.models import Photo
from banyan.kernel.text import fold
from banyan.packs.texts import field_key
from banyan.submissions.models import Likeness, Submission
from banyan.submissions.signals import place_of, title_of
from banyan.submissions.signals_text import COMPARED
from banyan.web.page import BanyanRequest, page

LEAST_RUN = 3  # words in a row that agree, before they are marked
_WORDS = re.compile(r"\S+")


@page("submission.view")
def side_by_side(request: BanyanRequest, pk: int, other: int) -> HttpResponseBase:
    """Both records, where a signal says that they are alike and both may be seen."""
    rows = request.seen(Submission).select_related("unit", "round__edition", "initiative")
    known = {one.pk: one for one in rows.prefetch_related("unit__names").filter(pk__in=(pk, other))}
    low, high = sorted((pk, other))
    pairs = {p.kind: p for p in Likeness.objects.filter(one=low, other=high)}
    if len(known) < 2 or not pairs:
        raise Http404
    mine, theirs = known[pk], known[other]
    sides = [_side(one) for one in (mine, theirs)]
    photo = pairs.get(Likeness.PHOTO)
    if photo is not None:
        _put_photos(request, photo, sides)
    for field in COMPARED if Likeness.TEXT in pairs else ():
        texts = [str(one.answers.get(field) or "") for one in (mine, theirs)]
        for side, record, parts in zip(sides, (mine, theirs), marked(*texts), strict=True):
            if parts:
                side["texts"].append({"label": _label(record, field), "parts": parts})
    context = {
        "sides": sides,
        "photo": photo,
        "text": pairs.get(Likeness.TEXT),
        "back": sides[0],
        "title": _("Two records side by side"),
    }
    return render(request, "submissions/side_by_side.html", context)


def _side(record: Submission) -> dict[str, Any]:
    initiative = getattr(record, "initiative", None)
    url = initiative.get_absolute_url() if initiative is not None else ""
    return {
        "pk": record.pk,
        "title": title_of(record),
        "place": place_of(record),
        "code": getattr(initiative, "code", ""),
        "url": url,
        "photo": None,
        "texts": [],
    }


def _put_photos(request: BanyanRequest, pair: Likeness, sides: list[dict[str, Any]]) -> None:
    """The two photographs that are alike, each as far as it may be seen."""
    wanted = {pair.one_id: pair.one_photo_id, pair.other_id: pair.other_photo_id}
    seen = {p.pk: p for p in request.seen(Photo).filter(pk__in=wanted.values())}
    for side in sides:
        side["photo"] = seen.get(wanted[side["pk"]])


def _label(record: Submission, field: str) -> str:
    pack, key = record.round.edition.pack, f"{field_key(record.round.form, field)}.label"
    return pack.text(key, (get_language() or "vi")[:2]) if pack.has_text(key) else field


Part = tuple[str, bool]


def marked(one: str, other: str) -> tuple[list[Part], list[Part]]:
    """Both texts in parts, each with whether the other has it too; accents do not matter."""
    words = [list(_WORDS.finditer(text)) for text in (one, other)]
    mine, theirs = ([fold(w.group()).strip(".,;:") for w in side] for side in words)
    alike = SequenceMatcher(a=mine, b=theirs, autojunk=False).get_matching_blocks()
    runs = [run for run in alike if run.size >= LEAST_RUN]
    return (
        _parts(one, words[0], ((run.a, run.size) for run in runs)),
        _parts(other, words[1], ((run.b, run.size) for run in runs)),
    )


def _parts(text: str, words: list[Any], runs: Iterable[tuple[int, int]]) -> list[Part]:
    parts, after = [], 0
    for first, size in runs:
        start, end = words[first].start(), words[first + size - 1].end()
        parts += [(text[after:start], False), (text[start:end], True)]
        after = end
    parts.append((text[after:], False))
    return [part for part in parts if part[0]]
