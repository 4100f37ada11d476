"""The state of the trees as one short text: another one after every change of any unit."""

from django.db import connection

_ROWS = "SELECT concat_ws('-', max(id), count(*)) FROM {table}"
_DATED = "SELECT concat_ws('-', max(id), count(*), count(*) FILTER (WHERE upper_inf(valid))) FROM {table}"
_PARTS = [
    _DATED.format(table=table)
    for table in ("orgs_placement", "orgs_unitname", "orgs_unitcode", "orgs_covers")
]
_STATE = "SELECT md5(concat_ws('.', ({})))".format(
    "), (".join([*_PARTS, _ROWS.format(table="orgs_succession")])
)


def stamp() -> str:
    """The state now. Founding, moving, renaming, ending, linking and undoing all change it."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        return str(cursor.fetchone()[0])
