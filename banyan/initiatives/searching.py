"""The words of a search, as the database keeps those of a model (migration 0005)."""

import re
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Lookup

from banyan.kernel.text import fold, nfc, same_tone

# The same signs part words in `initiatives_words`; a test compares the two.
_GAP = re.compile("[\\s!-/:-@\\[-`{-~“”‘’–—…·«»]+")
LONGEST, MOST = 60, 12


class Finds(Lookup):
    """`words @@ 'hoa' & 'binh':*`; the words hold no sign that the query's language knows."""

    lookup_name = "finds"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """The condition."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} @@ %s::tsquery", [*params, self.rhs]


SearchVectorField.register_lookup(Finds)


def parts(text: str) -> list[str]:
    """The words of a text in small letters, the tone where the older rule puts it."""
    said = _GAP.split(same_tone(nfc(text).lower()))
    return list(dict.fromkeys(word[:LONGEST] for word in said if word))[:MOST]


def bare_query(text: str) -> str:
    """Every word, accents or not, the last as a beginning; '' for what holds no word."""
    return _query(fold(word) for word in parts(text))


def exact_query(text: str) -> str:
    """Every word as it is written."""
    return _query(f"={word}" for word in parts(text))


def _query(words: Any) -> str:
    quoted = [f"'{word}'" for word in words]
    return " & ".join(quoted) + ":*" if quoted else ""
