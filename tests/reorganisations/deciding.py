"""Decisions made from outside, as an officer does: by forms, from a browser without a screen."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from banyan.reorganisations.models import Reorganisation

ON = date(2024, 7, 1)
# What a decision may write: the dated tables.
DATED = (
    "orgs_unit",
    "orgs_unitname",
    "orgs_unitcode",
    "orgs_placement",
    "orgs_succession",
    "orgs_covers",
    "orgs_ancestry",
    "people_post",
    "people_membership",
)
# What it never touches: what was answered, said, recognised, reported.
FACTS = (
    "submissions_submission",
    "submissions_answer",
    "submissions_review",
    "submissions_round",
    "submissions_expectation",
    "initiatives_initiative",
    "initiatives_recognition",
    "initiatives_registrant",
    "figures_figure",
    "reports_report",
    "documents_document",
)


def rows_of(tables: Sequence[str]) -> dict[str, list[str]]:
    """Every row of the tables as text; without its number where the database only derives it."""
    told = {}
    with connection.cursor() as cursor:
        for table in tables:
            own = "to_jsonb(t) - 'id'" if table == "orgs_ancestry" else "t"
            cursor.execute(f"SELECT ({own})::text FROM {table} t ORDER BY 1")
            told[table] = [row[0] for row in cursor.fetchall()]
    return told


def sums(tables: Sequence[str] = FACTS) -> dict[str, str]:
    """One md5 a table."""
    return {
        table: hashlib.md5("\n".join(rows).encode()).hexdigest()
        for table, rows in rows_of(tables).items()
    }


def head(**other: Any) -> dict[str, Any]:
    """What an officer writes at the head of a decision."""
    return {
        "number": "12/NQ-HĐND",
        "title_of": "Sắp xếp các xã",
        "decided_on": "2024-06-10",
        "on": ON.isoformat(),
        "signer": "Hội đồng nhân dân huyện",
        "posts": "end",
        **other,
    }


def begun(client: Any, **other: Any) -> Reorganisation:
    """A decision, begun by its form."""
    before = Reorganisation.objects.count()
    answer = client.post("/reorganisations/new", head(**other))
    assert answer.status_code == 303, answer.content.decode()[-2000:]
    assert Reorganisation.objects.count() == before + 1
    return Reorganisation.objects.latest("pk")


def added(client: Any, held: Reorganisation, verb: str, /, **said: Any) -> Any:
    """A change, added by its form."""
    answer = client.post(f"/reorganisations/{held.pk}/add/{verb}", said)
    assert answer.status_code == 303, answer.content.decode()[-3000:]
    return answer


def stepped(client: Any, decision: Reorganisation, step: str, **said: Any) -> Any:
    """A step of the decision, by its button; the decision is read again."""
    answer = client.post(f"/reorganisations/{decision.pk}/{step}", said)
    if Reorganisation.objects.filter(pk=decision.pk).exists():
        decision.refresh_from_db()
    return answer


def looked_at(client: Any, decision: Reorganisation) -> dict[str, Any]:
    """Its effects, looked at by the button."""
    assert stepped(client, decision, "look").status_code == 303
    assert decision.preview is not None
    return decision.preview


def carried_out(client: Any, decision: Reorganisation) -> Any:
    """Looked at and carried out by the buttons."""
    told = looked_at(client, decision)
    assert told["problems"] == [], told["problems"]
    said = {"on": decision.on.isoformat(), "seen": told["at"], "sure": "on"}
    answer = stepped(client, decision, "apply", **said)
    assert answer.status_code == 303, answer.content.decode()[-2000:]
    return answer


def page(client: Any, decision: Reorganisation, query: str = "") -> str:
    """Its page."""
    answer = client.get(f"/reorganisations/{decision.pk}{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())
