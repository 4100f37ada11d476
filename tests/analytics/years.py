"""Two years of models for the tests of the situation, by the real operations."""

import re
from datetime import date
from html import unescape
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from banyan.initiatives.operations import Row, Source, register_many
from banyan.people.models import Post, Role
from banyan.submissions.operations import open_round
from tests.world import PACK, SINCE

RESULT = "Đã hoàn thành theo kế hoạch, bà con cùng làm và cùng hưởng (số liệu minh họa)."
_FILES = iter(range(10_000))


def last_round(world: Any) -> Any:
    """The district's round of the same period last year."""
    return open_round(
        world.district,
        edition=world.edition,
        form="register",
        period="2023H1",
        due=date(2023, 6, 15),
        by=world.actor(world.an),
    )


def models(world: Any, unit: Any, n: int, state: str = "registered", **more: Any) -> None:
    """So many models of a unit; `round` and answers may be named."""
    asked = more.pop("round", world.round)
    day = more.pop("registered_on", asked.covers.first.replace(month=2).isoformat())
    rows = [
        Row(
            unit,
            {
                **world.answers,
                "title": f"Mô hình {unit.pk} {state} {day} {k}",
                "registered_on": day,
                **({"result": RESULT} if state == "completed" else {}),
                **more,
            },
            state=state,
        )
        for k in range(n)
    ]
    register_many(
        world.district,
        round=asked,
        rows=rows,
        source=Source("synthetic.xlsx", f"{next(_FILES):064d}"),
        summary={},
        synthetic=True,
        by=world.actor(world.minh),
    )


def above(world: Any) -> Any:
    """Somebody who leads the province."""
    role = Role.objects.get(key=f"{PACK}-leader")
    days = DateRange(SINCE, None)
    Post.objects.create(person=world.stranger, unit=world.province, role=role, valid=days)
    return world.stranger


def shown(client: Any, query: str = "") -> Any:
    """What the page shows, as its context."""
    answer = client.get(f"/situation/{query}")
    assert answer.status_code == 200, answer.content.decode()[-2000:]
    return answer.context


def line(context: Any) -> str:
    """The sentence as it is read."""
    return "".join(part.text for part in context["figures"]["sentence"])


def text_of(answer: Any) -> str:
    """A page as it is read."""
    bare = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", unescape(bare))


def counted(client: Any, url: str) -> int:
    """How many records the list at an address shows."""
    answer = client.get(f"{url}&as=json")
    assert answer.status_code == 200, url
    return int(answer.json()["total"])
