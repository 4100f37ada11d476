"""`unit__among=ids`: one array instead of a placeholder for every id; or an ArraySubquery.

A decision of a whole country names 11,000 units; Django's `in` writes each of them into the
statement, which takes longer to read than to answer.
"""

from typing import Any

from django.db.models import BigIntegerField, ForeignKey, Lookup


class Among(Lookup):
    """`column = ANY(array)`."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """The condition."""
        column, params = self.process_lhs(compiler, connection)
        if hasattr(self.rhs, "as_sql"):  # ArraySubquery: read once, before the rows
            array, given = self.process_rhs(compiler, connection)
            return f"{column} = ANY({array})", [*params, *given]
        return f"{column} = ANY(%s)", [*params, list(self.rhs)]


ForeignKey.register_lookup(Among)
BigIntegerField.register_lookup(Among)  # keys too, and the ids that the ledger keeps
