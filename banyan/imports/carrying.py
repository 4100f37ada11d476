"""Taking staged lines in, and taking them back: in parts, each whole, each told of in the lines.

What a part did is written in its own transaction: a killed process leaves no part half done, and the
next one goes on behind the last. What changed since the preview is refused line by line, by name.
New lines of a great file are taken in by two hands at once (`hands`).
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from banyan.imports.hands import Hands
from banyan.imports.models import Import, StagedLine
from banyan.imports.reading import Tell, made, nobody
from banyan.imports.target import Line, Target

AT_ONCE = 5_000
MANY = 10_000  # lines that wait from which two hands take in what is new
FIRST = 500  # lines that two hands take first: what belongs to all lines is made with them
ahead = False
"""Whether connections beside this one may be used: the next part is fetched meanwhile, two hands
take in. Said by whoever runs imports in processes."""
TAKEN, REFUSED, UNDONE, KEPT = "taken", "refused", "undone", "kept"


def line_of(staged: StagedLine) -> Line:
    """A staged line as a target knows it: what was told of it stays where it is."""
    return Line(
        sheet=staged.sheet,
        number=staged.number,
        title=staged.title,
        key=staged.key,
        values=dict(staged.values),  # a target puts others in their place, and changes none
        shown={} if "shown" in staged.get_deferred_fields() else staged.shown,
        thing=staged.thing,
        version=staged.version,
        outcome=staged.outcome,  # type: ignore[arg-type]  # a column of the database is a text
    )


def commit(one: Import, tell: Tell = nobody) -> None:
    """Take in every new and changed line that is not yet. Raises Refusal when a part is refused."""
    todo = one.lines.defer("told", "before").filter(outcome__in=("new", "changed"))
    told = todo.aggregate(of=Count("pk"), done=Count("pk", filter=~Q(became="")))
    of, done = told["of"], told["done"]
    new = todo.filter(outcome="new").defer("told", "before", "shown")
    two = ahead and of - done >= MANY
    for taken in chain(_by_two(one, new) if two else (), _by_one(one, todo)):
        done += taken
        tell(done, of)
    one.state = "done"


def _by_one(one: Import, todo: QuerySet[StagedLine]) -> Iterator[int]:
    """Take in what waits, a part after the other: how many lines each had."""
    target: Target | None = None
    for part in _parts(todo, AT_ONCE):
        target = target or _ready(one, _met(one))
        with transaction.atomic():
            target.hold(by=target.asked.actor)
            _take(target, part)
        yield len(part)


def _by_two(one: Import, new: QuerySet[StagedLine]) -> Iterator[int]:
    """Take in new lines by two hands, where the target takes them apart."""
    target = made(one)
    if not target.takes_apart:
        return
    met = _met(one)
    with transaction.atomic():  # what is opened for the lines is there before the hands look
        target.hold(by=target.asked.actor)
    with Hands(one, target, lambda: _ready(one, met), _take) as hands:
        for part in _parts(new, 2 * AT_ONCE, FIRST):
            target.number([staged.values for staged in part])
            with transaction.atomic():
                target.hold(by=target.asked.actor)
                hands.take(part)
            yield len(part)


def _met(one: Import) -> set[int]:
    """The things that lines of this file have met, or became."""
    things = one.lines.filter(thing__isnull=False).values_list("thing", flat=True)
    return {thing for thing in things if thing}


def _ready(one: Import, met: set[int]) -> Target:
    """The target of an import that knows them."""
    target = made(one)
    target.claimed |= met
    return target


def _parts(todo: QuerySet[StagedLine], size: int, first: int = 0) -> Iterator[list[StagedLine]]:
    """Lines that wait, in their order; with `ahead` the next are fetched while some are taken in."""
    left = todo.filter(became="").order_by("place")

    def fetch(after: int) -> list[StagedLine]:
        return list(left.filter(place__gt=after)[: size if after or not first else first])

    if not ahead:
        place = 0
        while part := fetch(place):
            yield part
            place = part[-1].place
        return
    with ThreadPoolExecutor(1) as other:
        coming = other.submit(fetch, 0)
        try:
            while part := coming.result():
                coming = other.submit(fetch, part[-1].place)
                yield part
        finally:
            other.submit(connection.close)


def _take(target: Target, part: Sequence[StagedLine]) -> None:
    """Lines of a part, while it is held: looked at once more, taken in by one operation."""
    lines = [line_of(staged) for staged in part]
    for line in lines:
        line.thing, line.version, line.outcome = None, 0, "new"
    target.claimed -= {staged.thing for staged in part if staged.thing}
    target.settle(lines)
    kept: list[tuple[StagedLine, Line]] = []
    for staged, now in zip(part, lines, strict=True):
        if (now.outcome, now.thing, now.version) == (staged.outcome, staged.thing, staged.version):
            kept.append((staged, now))
        else:
            staged.became, staged.why = REFUSED, _("It was changed here since the preview.")
    if kept:
        things = target.commit([line for _staged, line in kept], by=target.asked.actor)
        for (staged, _line), thing in zip(kept, things, strict=True):
            staged.thing, staged.became = thing, TAKEN
        target.claimed |= set(things)
    _told(part)


_TOLD = """
    UPDATE imports_stagedline l SET thing = t.thing, became = t.became, why = t.why
      FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS t(id, thing, became, why)
     WHERE l.id = t.id
"""


def _told(part: Sequence[StagedLine]) -> None:
    """Write down what became of lines: one statement, where `bulk_update` takes a case for each."""
    rows = zip(*((one.pk, one.thing, one.became, one.why) for one in part), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [list(column) for column in rows])


def undo(one: Import, tell: Tell = nobody) -> None:
    """Take back what was taken in, the last first; what was touched since stays, and says why."""
    target = made(one)
    todo = one.lines.defer("told", "before").filter(became=TAKEN)
    of, done = todo.count(), 0
    while part := list(todo.order_by("-place")[:AT_ONCE]):
        with transaction.atomic():
            kept = target.undo([line_of(staged) for staged in part], by=target.asked.actor)
            for index, staged in enumerate(part):
                staged.became = KEPT if index in kept else UNDONE
                staged.why = kept.get(index, "")
            _told(part)
        done += len(part)
        tell(done, of)
    one.counts |= counted(one)
    one.state = "undone"


def counted(one: Import) -> dict[str, int]:
    """How many lines became what."""
    told = one.lines.exclude(became="").order_by().values("became").annotate(n=Count("pk"))
    became = {row["became"]: row["n"] for row in told}
    return {name: became.get(name, 0) for name in (TAKEN, REFUSED, UNDONE, KEPT)}
