"""After a great batch the database knows at once what its tables hold now."""

from typing import Any

import pytest
from django.db import connection

from banyan.initiatives.operations import Row, Source, register_many
from banyan.initiatives.storing import MANY


@pytest.mark.parametrize(("rows", "asked"), [(1, 0), (MANY + 1, 1)])
def test_statistics_are_renewed_after_a_great_batch_alone(rows, asked, world):
    """Without them the first figures of nine districts took 44 seconds."""
    said: list[str] = []

    def listening(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        said.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listening):
        register_many(
            world.district,
            round=world.round,
            rows=[Row(world.commune, {"title": f"Mô hình {n}"}) for n in range(rows)],
            source=Source("synthetic.xlsx", f"{rows:064d}"),
            summary={},
            synthetic=True,
            by=world.actor(world.minh),
        )
    assert sum("initiatives_analyse" in sql for sql in said) == asked


def test_the_app_may_have_them_renewed_but_not_by_itself(db):
    """The role that works owns nothing: it may only call the function."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, initiatives_analyse()")
        assert cursor.fetchone()[0] == "banyan_app"
        cursor.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'submissions_answer'")
        assert cursor.fetchone()[0] != "banyan_app"
