"""Records on the list of placing in groups: by their unit, then by the village they name."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from banyan.figures.sources import known_by
from banyan.kernel.text import vi_sort_key
from banyan.submissions.placing_villages import SEVERAL, Village, tally, village_named
from banyan.web.listing import Link

MOST_GROUPS = 40


@dataclass(frozen=True)
class Scanned:
    """What grouping needs of a record: its own unit and what that was called, where it counts, its
    title and village; and when the reader placed it, if he did."""

    pk: int
    unit: int
    name: str
    home: int
    title: str
    village: Village | None
    mine_at: datetime | None

    @property
    def group(self) -> str:
        """The key of its village within its own unit."""
        return f"{self.unit}:{self.village.key if self.village else ''}"


def village_of(answers: dict[str, Any]) -> Village | None:
    """The village a record names: in its title, else anywhere in its answers."""
    title = str(answers.get("title") or "")
    rest = (v for k, v in sorted(answers.items()) if k != "title" and isinstance(v, str))
    return village_named(title, " | ".join(rest))


def with_titles(rows: Any) -> Any:
    """Submissions with `said_title`, `known` (its record's code and page) and `title_key`, by which
    titles stand as in the record's own register."""
    title = KeyTextTransform("title", "answers")
    key = KeyTextTransform("sorts", "known")
    said = Coalesce(title, Value(""), output_field=TextField())
    return rows.annotate(said_title=said, known=known_by(OuterRef("pk"))).annotate(
        title_key=Coalesce(key, "said_title", output_field=TextField())
    )


def page_of(known: dict[str, Any] | None) -> str:
    """The page of the record by which a submission is known."""
    return reverse(known["page"], args=[known["id"]]) if known else ""


@dataclass(frozen=True)
class Groups:
    """The groups of some records as links. `unit`, `village`: which are open now, as asked."""

    scanned: Sequence[Scanned]
    unit: str
    village: str
    url: Callable[..., str]

    @property
    def links(self) -> list[Link]:
        """The units; of one unit (the only one, or the one asked for) its villages."""
        counted = Counter(one.unit for one in self.scanned)
        names = {one.unit: one.name for one in self.scanned}
        if self.unit or len(counted) == 1:
            return self._villages(self.unit or str(next(iter(counted))), single=len(counted) == 1)
        return [
            Link(names[unit], self.url(unit=str(unit)), False, counted[unit])
            for unit in sorted(counted, key=lambda unit: vi_sort_key(names[unit]))
        ]

    def _villages(self, unit: str, *, single: bool) -> list[Link]:
        inside = [one for one in self.scanned if str(one.unit) == unit]
        back = [] if single else [Link(_("All units"), self.url(unit=None, village=None))]
        if not inside:
            return back
        whole = Link(inside[0].name, self.url(village=None), not self.village, len(inside))
        counted = tally((one.unit, one.village) for one in inside)
        return [*back, whole, *(self._village(*each) for each in ranked(counted)[:MOST_GROUPS])]

    def _village(self, at: tuple[int, str], counted: tuple[str, int]) -> Link:
        label, n = counted
        key = f"{at[0]}:{at[1]}"
        words = label[:1].upper() + label[1:] if label else _("no village named")
        if at[1] == SEVERAL.key:
            words = _("several villages named")
        return Link(words, self.url(village=key), self.village == key, n)


def ranked(counted: Mapping[tuple[int, str], tuple[str, int]]) -> list[Any]:
    """The largest groups first; those without one certain village last."""
    return sorted(
        counted.items(), key=lambda each: (each[0][1] in ("", SEVERAL.key), -each[1][1], each[0])
    )
