"""Models with all that belongs to them, stored set-based: one is stored as five thousand are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import connection

from banyan.initiatives.models import Batch, BatchRow, Initiative, Registrant
from banyan.kernel.text import folded, nfc
from banyan.ledger.operation import Actor
from banyan.orgs.models import Unit
from banyan.submissions import operations as submissions
from banyan.submissions.copying import insert, numbers
from banyan.submissions.models import Round

# A batch of more changes what is usual in the tables: questions asked next need to know.
MANY = 200


@dataclass(frozen=True)
class Row:
    """One model to be registered: its unit, its stored answers, and what is known beside them.

    `state` is the state it starts in (a sheet may say 'completed'). `line` and `notes` tell where
    in a file it stood and what was understood from context. `code`: what the leader of a greater
    whole took from the year's series beforehand; it also analyses what became of the tables.
    """

    unit: Unit
    answers: dict[str, Any]
    state: str = "draft"
    line: int = 0
    notes: list[dict[str, Any]] = field(default_factory=list)
    code: str = ""


def next_codes(year: int, count: int) -> list[str]:
    """Take numbers of a year's series; the row lock makes two registrations at once take turns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO initiatives_codeseries (year, last) VALUES (%s, %s)"
            " ON CONFLICT (year) DO UPDATE SET last = initiatives_codeseries.last + EXCLUDED.last"
            " RETURNING last",
            [year, count],
        )
        last = cursor.fetchone()[0]
    return [f"MH-{year}-{number:04d}" for number in range(last - count + 1, last + 1)]


def registrants_for(rows: Sequence[Row]) -> list[int]:
    """The registrant of each row, by id: a known one of that unit, kind and name, else a new one."""
    plain = cache(folded)
    keys = []
    names: dict[tuple[int, str, str], str] = {}
    for row in rows:
        name = nfc(str(row.answers.get("registrant_name") or ""))
        key = (row.unit.pk, str(row.answers.get("registrant_kind") or ""), plain(name)[:200])
        names.setdefault(key, name[:200])
        keys.append(key)
    known = _named(sorted((*key, name) for key, name in names.items() if key[2]))
    bare = {"name": "", "folded": ""}
    unnamed = [{"unit_id": unit, "kind": kind, **bare} for unit, kind, name in keys if not name]
    ids = numbers(Registrant, len(unnamed))
    insert(Registrant, [{"id": id, **one} for id, one in zip(ids, unnamed, strict=True)])
    fresh = iter(ids)
    return [known[key] if key[2] else next(fresh) for key in keys]


def _named(wanted: list[tuple[int, str, str, str]]) -> dict[tuple[int, str, str], int]:
    """Registrants by unit, kind and folded name; those not known yet are made. In one order, so that
    two batches do not wait for each other."""
    found: dict[tuple[int, str, str], int] = {}
    missing = wanted
    with connection.cursor() as cursor:
        for statement in (_FIND_REGISTRANTS, _MAKE_REGISTRANTS, _FIND_REGISTRANTS):
            if missing:
                cursor.execute(statement, [list(column) for column in zip(*missing, strict=True)])
                found |= {(unit, kind, name): id for id, unit, kind, name in cursor.fetchall()}
            missing = [one for one in missing if one[:3] not in found]
    return found


# Derives what their rows carry in the same statement, as the trigger does for each (migration 0020).
_STORE = """
    SELECT initiatives_store(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[],
                             %s::text[], %s::bigint[], %s::bigint[], %s)
"""
_ASKED = (
    "unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS a(unit_id, kind, folded, name)"
)
_FIND_REGISTRANTS = f"""
    SELECT r.id, r.unit_id, r.kind, r.folded FROM {_ASKED}
      JOIN initiatives_registrant r USING (unit_id, kind, folded) WHERE r.folded <> ''
"""
_MAKE_REGISTRANTS = f"""
    INSERT INTO initiatives_registrant (unit_id, kind, folded, name) SELECT * FROM {_ASKED}
    ON CONFLICT DO NOTHING RETURNING id, unit_id, kind, folded
"""


def code_of(answers: dict[str, Any]) -> str:
    """The code of the model this one was built after, as it was written; "" for none."""
    return str(answers.get("replicated_from") or "").strip().upper()


def origins_of(answers: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Which of the codes of origins exist, with their models' ids: one query. Lineage crosses units."""
    wanted = {code for code in map(code_of, answers) if code}
    if not wanted:
        return {}
    return dict(Initiative.objects.filter(code__in=wanted).values_list("code", "pk"))


def store(
    round: Round, rows: Sequence[Row], by: Actor, synthetic: bool, batch: Batch | None = None
) -> list[int]:
    """Insert models with all that belongs to them, set-based; their ids in the same order. The codes
    come last: from there on until the end of the operation nobody else of that year gets one."""
    stored = submissions.store(
        round,
        [
            submissions.new_submission(
                round,
                row.unit.pk,
                row.answers,
                state=row.state,
                synthetic=synthetic,
                submitted_by_id=by.account_id if row.state != "draft" else None,
            )
            for row in rows
        ],
    )
    origins = origins_of([row.answers for row in rows])
    ids = numbers(Initiative, len(rows))
    registrants = registrants_for(rows)
    titles = [str(row.answers["title"]) for row in rows]
    told: list[Any] = [
        [row.unit.pk for row in rows],
        registrants,
        [nfc(title)[:300] for title in titles],
        [folded(title)[:300] for title in titles],
        stored,
        [origins.get(code_of(row.answers)) for row in rows],
        synthetic,
    ]
    codes = [row.code for row in rows if row.code]
    is_part = bool(codes)
    if not is_part:
        codes = next_codes(round.covers.year, len(rows))
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [ids, codes, *told])
    if batch is not None:
        _note_lines(batch, ids, rows)
    if len(rows) > MANY and not is_part:
        analyse(len(rows))
    return ids


def analyse(fresh: int) -> None:
    """Have the database know its tables again, where so many fresh rows are a great part of them."""
    with connection.cursor() as cursor:
        cursor.execute(_ANALYSE, [fresh])


def _note_lines(batch: Batch, ids: Sequence[int], rows: Sequence[Row]) -> None:
    """Which line of the file each model comes from."""
    numbered = zip(numbers(BatchRow, len(rows)), ids, rows, strict=True)
    insert(
        BatchRow,
        [
            {
                "id": id,
                "batch_id": batch.pk,
                "initiative_id": one,
                "line": row.line,
                "notes": row.notes,
            }
            for id, one, row in numbered
        ],
    )


def store_one(round: Round, row: Row, by: Actor, synthetic: bool) -> Initiative:
    """Insert one model, and have it with what moves need to know."""
    made: Initiative = Initiative.objects.select_related("unit", "registrant", "submission").get(
        pk=store(round, [row], by, synthetic)[0]
    )
    made.submission.round = round
    return made


# Where a batch is a great part of what stands there: a table that grew a little is known well enough.
_ANALYSE = """
    SELECT initiatives_analyse()
      FROM pg_class c LEFT JOIN pg_stat_user_tables t ON t.relid = c.oid
     WHERE c.oid = 'initiatives_initiative'::regclass
       AND %s + coalesce(t.n_mod_since_analyze, 0) > c.reltuples
"""
