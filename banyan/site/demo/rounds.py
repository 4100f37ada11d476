"""The half-year review of the example: the district asks its communes, most have answered."""

from datetime import date

from banyan.packs.models import Edition
from banyan.people.actor import Actor
from banyan.site.demo import people
from banyan.site.demo.records import PERIOD
from banyan.submissions import operations as submissions
from banyan.submissions import rounds
from banyan.submissions.extensions import ask_extension
from banyan.submissions.models import Expectation

FORM, DUE, ON = "review-half-year", date(2024, 6, 22), date(2024, 6, 18)
LATER, UNANSWERED = date(2024, 6, 28), 3
OWN = "Xã Tứ Hiệp"  # the commune of the officer who signs in: he has not answered yet
WORDS = {
    "leadership": "Đảng ủy ban hành kế hoạch, phân công từng đồng chí phụ trách (nội dung minh họa).",
    "results": "Các mô hình đã đăng ký được triển khai đúng tiến độ (nội dung minh họa).",
    "limits": "Một số mô hình còn thiếu số liệu đo trước khi thực hiện (nội dung minh họa).",
    "tasks": "Tiếp tục thực hiện các mô hình đã đăng ký, nhân rộng cách làm tốt (nội dung minh họa).",
    "figures_right": "right",
}


def make(edition: Edition) -> None:
    """Open the review; all but three communes answer, two answers are accepted, one asks for time."""
    compiler, reviewer = people.acting("binh"), people.acting("minh")
    opened = submissions.open_round(
        compiler.unit, edition=edition, form=FORM, period=PERIOD.key, due=DUE, by=compiler
    )
    known = {spec.id for spec in opened.spec.fields}
    words = {name: said for name, said in WORDS.items() if name in known}
    asked = sorted(
        Expectation.objects.filter(round=opened).select_related(
            "unit", "round__edition__programme"
        ),
        key=lambda one: (one.unit.name_on(PERIOD.last) != OWN, one.unit.name_on(PERIOD.last)),
    )
    for n, one in enumerate(asked[UNANSWERED:]):
        answered = rounds.answer(one, told=rounds.Told(words, synthetic=True), on=ON, by=compiler)
        if n < 2:
            submissions.move(answered, move="accept", by=reviewer)
    _ask_for_time(asked[1], by=compiler)


def _ask_for_time(one: Expectation, *, by: Actor) -> None:
    reason = "Đang đo lại chiều dài các tuyến đường, xin gửi sau một tuần (nội dung minh họa)."
    ask_extension(one, until=LATER, reason=reason, by=by)
