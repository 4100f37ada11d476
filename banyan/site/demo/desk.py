"""What makes the review desk of the example alive: approvals, own points, changes, words, returns.

None of it changes report A's totals: what is returned stands beside them as a draft.
"""

import random
from typing import Any

from banyan.documents.operations import Incoming, keep
from banyan.initiatives import operations as initiatives
from banyan.initiatives.models import Initiative
from banyan.people.actor import Actor
from banyan.site.demo import people, pictures
from banyan.submissions import operations as submissions
from banyan.submissions import remarks
from banyan.submissions.models import Round, Submission

APPROVED, OWN_POINTS, CHANGED, PICTURED = 9, 40, 8, 12
# What the commune's officer registered by hand and the reviewer returned: title, deed, his words.
RETURNED = (
    (
        "Đường hoa xóm 4 do chi hội phụ nữ chăm sóc",
        "Ảnh chưa thấy tuyến đường sau khi làm. Bổ sung một ảnh sau và số hộ tham gia.",
    ),
    (
        "Tổ tự quản an ninh trật tự xóm 6",
        "Chưa nêu cách làm khác với năm trước. Viết rõ nội dung và người phụ trách.",
    ),
)
PHRASES = (
    "Đã đo lại chiều dài, gửi kèm biên bản.",
    "Đề nghị nêu rõ số hộ tham gia và cách thống kê.",
    "Kết quả tốt, cần thêm minh chứng trước khi thực hiện.",
)


def make(opened: Round) -> None:
    """Let officers work on the round as on a usual day."""
    dice = random.Random(1954)
    reviewer, compiler, lan = (people.acting(name) for name in ("minh", "binh", "lan"))
    waiting = list(_in(opened, "registered"))
    for one in waiting[:APPROVED]:
        submissions.move(one.submission, move="approve", by=reviewer)
    completed = list(_in(opened, "completed"))
    for one in dice.sample(completed, OWN_POINTS):
        remarks.score_own(one.submission, scores=_own(one, dice), by=compiler)
    for n, one in enumerate(dice.sample(completed, CHANGED)):
        _change(one, dice, by=compiler)
        fresh = Submission.objects.get(pk=one.submission_id)
        remarks.remark(fresh, field="result", text=PHRASES[n % 2], by=(compiler, reviewer)[n % 2])
    _show(opened, dice, by=compiler)
    for title, words in RETURNED:
        _return(opened, title, words, lan=lan, reviewer=reviewer)


def _in(opened: Round, state: str) -> Any:
    of_round = Initiative.objects.filter(submission__round=opened, submission__state=state)
    return of_round.with_page().order_by("code")


def _own(one: Initiative, dice: random.Random) -> dict[str, str]:
    criteria = one.submission.pack.criteria
    items = criteria.items if criteria else ()
    return {item.id: str(int(item.maximum) - dice.randint(0, 4)) for item in items}


def _change(one: Initiative, dice: random.Random, *, by: Actor) -> None:
    """The unit mends its figures after it sent them: the reviewer sees what changed."""
    answers = dict(one.submission.answers)
    households = int(answers["beneficiary_households"]) + dice.randint(4, 40)
    answers |= {
        "beneficiary_households": households,
        "result": f"Đã hoàn thành, đo lại thực tế: {households} hộ tham gia (số liệu minh họa).",
    }
    initiatives.amend(one, answers=answers, version=one.submission.version, by=by)


def _show(opened: Round, dice: random.Random, *, by: Actor) -> None:
    """Pictures before and after for some records; one was used twice, as the desk will notice."""
    shown = list(_in(opened, "completed"))[:PICTURED]
    kept: list[bytes] = []
    for n, one in enumerate(shown):
        after = pictures.lane(n, after=True) if n < PICTURED - 1 else pictures.sent_again(kept[0])
        kept.append(after)
        answers = dict(one.submission.answers)
        for field, picture in (
            ("photos_before", pictures.lane(n, after=False)),
            ("photos_after", after),
        ):
            file = Incoming(f"{one.code}-{field}.jpg", "image/jpeg", [picture])
            title = f"{one.title} ({one.code})"
            photo = keep(one.unit, file=file, title=title, synthetic=True, by=by)
            answers[field] = [photo.pk]
        initiatives.amend(one, answers=answers, version=one.submission.version, by=by)


def _return(opened: Round, title: str, words: str, *, lan: Actor, reviewer: Actor) -> None:
    """A registration of the commune that came back with the reviewer's words."""
    answers = {
        "title": title,
        "registrant_kind": "collective",
        "kind_of": "model",
        "level": "district",
        "registered_on": "2024-06-03",
        "field": "culture_society",
    }
    assert lan.unit is not None
    made = initiatives.register(lan.unit, round=opened, answers=answers, by=lan, synthetic=True)
    submissions.move(made.submission, move="send_back", asked={"reason": words}, by=reviewer)
