"""Where records come from: a feature says which rows it has and how each fact is read from them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import F, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from banyan.kernel.period import Period
from banyan.packs.schema import Pack

# How a fact stands in the row that tells a change of a record (`Source.kind_of`): as its state; as one
# of its `facets` `name=value` (a choice; yes or no of a form, `true` or `false` there; a mark that is
# there or not); among its `measures`; or nowhere, where the programme asks no such thing.
STATE, CHOICE, YES_NO, FLAG, NUMBER, NOTHING = "state", "choice", "yes_no", "flag", "number", ""


class Source(ABC):
    """Records of one kind, for programmes whose register form has this purpose.

    A feature subclasses it; the figures never know the feature.
    """

    purpose: ClassVar[str]

    @abstractmethod
    def records(self, pack: Pack, period: Period) -> Any:
        """A queryset of the programme's records in the period, with no regard to place."""

    @abstractmethod
    def fact(self, pack: Pack, name: str) -> Combinable:
        """The value of a fact (a field's id, `state`, `registrant`) as an expression over records.

        Choices and states as text, yes/no fields as 'yes' or 'no' or NULL, numbers as numbers.
        """

    unit: ClassVar[str] = "unit_id"
    counts_on: ClassVar[str]
    synthetic: ClassVar[str]

    def home(self, day: Any) -> Any:
        """The unit a record counts at on a day (a date or an OuterRef): where it was placed, else
        its own."""
        return F(self.unit)

    # The view of all records as rows of `figures_delta`: what the roll-ups are made of at first.
    told_in: ClassVar[str]

    @abstractmethod
    def kind_of(self, pack: Pack, name: str) -> str | None:
        """How a fact stands in the rows of changes; None for one they do not tell: figures that want
        it are reckoned from the records."""

    def elsewhere(self) -> Q:
        """Records that may count at another unit than their own (`home`)."""
        return Q(pk__in=())

    @abstractmethod
    def opens_to(self, pack: Pack, where: dict[str, str]) -> str:
        """The address of the list that shows exactly these records (filters → query)."""

    @abstractmethod
    def newest_period(self, pack: Pack, units: Any) -> str | None:
        """The key of the newest period with records at these units (a subquery of ids)."""

    def known(self, submission: OuterRef) -> Any:
        """By what its record of a submission is known: a subquery of `{code, id, page, sorts}`,
        `page` the name of the address that takes the id, `sorts` the title as it sorts. None where its
        records are no submissions."""
        return None

    def counts(self) -> dict[str, Q]:
        """Conditions: how many records meet them `notes` wants to know."""
        return {}

    def notes(self, counted: Mapping[str, int]) -> list[str]:
        """Sentences a reader of these figures must know (already in the reader's language)."""
        return []


SOURCES: dict[str, Source] = {}


def source(cls: type[Source]) -> type[Source]:
    """Register a feature's records under their purpose."""
    SOURCES[cls.purpose] = cls()
    return cls


def source_of(pack: Pack) -> Source:
    """The source of a programme's records: by the purpose of its first form that has one."""
    for form in pack.forms.values():
        if form.purpose in SOURCES:
            return SOURCES[form.purpose]
    raise LookupError(pack.id)


def known_by(submission: OuterRef) -> Any:
    """By what a submission's record is known, whichever feature has it (`Source.known`)."""
    told = [one for one in (each.known(submission) for each in SOURCES.values()) if one is not None]
    return Coalesce(*told) if len(told) > 1 else told[0]
