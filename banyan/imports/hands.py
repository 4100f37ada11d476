"""Two hands that take in new lines of one part at once: a great file then takes two cores.

Each has a connection and a transaction of its own, so what a hand takes is whole, and told of in its
lines. Whoever leads them holds what lines are compared with until both are done; lines that are
compared with the same things are in the same hand (`Target.side`), in their order.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from django.db import connection, transaction
from django.utils import translation

from banyan.imports.beside import MovedOn
from banyan.imports.models import Import, StagedLine
from banyan.imports.target import Target

HOW_MANY = 2
AT_ONCE = (
    2_500  # lines of a transaction: of several small ones, one hand reckons while the other writes
)
Take = Callable[[Target, Sequence[StagedLine]], None]
_SAME_ATTEMPT = """
    SELECT FROM imports_import WHERE id = %s AND attempts = %s AND state = 'committing' FOR SHARE
"""


class Hands:
    """The hands of one import. `target` says which side a line is on; each hand makes its own."""

    def __init__(self, one: Import, target: Target, make: Callable[[], Target], take: Take) -> None:
        self.one, self.target, self._take = one, target, take
        self._attempts = Import.objects.values_list("attempts", flat=True).get(pk=one.pk)
        self._pools = [ThreadPoolExecutor(1) for _hand in range(HOW_MANY)]
        self._third = ThreadPoolExecutor(1)  # looks after the tables meanwhile
        self._looking: Future[None] | None = None
        self._targets = self._all(lambda _hand: self._begin(make))

    def take(self, part: Sequence[StagedLine]) -> None:
        """Take in a part that is held. Raises what a hand met, once both are done."""
        shares = self._shares(part)
        self._all(lambda hand: self._pieces(hand, shares[hand]))
        for target in self._targets:
            target.claimed |= {staged.thing for staged in part if staged.thing}
        if self._looking is None or self._looking.done():
            self._looking = self._third.submit(self.target.grown, len(part))

    def _shares(self, part: Sequence[StagedLine]) -> list[list[StagedLine]]:
        """The lines of each hand, about as many for each: those of a side together."""
        sides: dict[int, list[StagedLine]] = defaultdict(list)
        for staged in part:
            sides[self.target.side(staged.values)].append(staged)
        shares: list[list[StagedLine]] = [[] for _hand in self._pools]
        for lines in sorted(sides.values(), key=len, reverse=True):
            min(shares, key=len).extend(lines)
        return [sorted(share, key=lambda staged: staged.place) for share in shares]

    def __enter__(self) -> "Hands":
        return self

    def __exit__(self, *_raised: object) -> None:
        self._all(lambda _hand: connection.close())
        self._third.submit(connection.close)
        for pool in (*self._pools, self._third):
            pool.shutdown()
        if self._looking is not None:
            self._looking.result()

    def _all(self, work: Callable[[int], Any]) -> list[Any]:
        """Let every hand work; what each answered."""
        at_work = [pool.submit(work, hand) for hand, pool in enumerate(self._pools)]
        wait(at_work)
        return [one.result() for one in at_work]

    def _begin(self, make: Callable[[], Target]) -> Target:
        translation.activate(self.one.language)
        return make()

    def _pieces(self, hand: int, lines: Sequence[StagedLine]) -> None:
        for first in range(0, len(lines), AT_ONCE):
            self._whole(hand, lines[first : first + AT_ONCE])

    def _whole(self, hand: int, lines: Sequence[StagedLine]) -> None:
        """Take lines in, all or none. When the process was killed, its last statement may still be
        at work: the next attempt waits for it by the row that is held here, and this one ends there."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_SAME_ATTEMPT, [self.one.pk, self._attempts])
            if not cursor.rowcount:
                raise MovedOn
            # Keys are checked where rows are written: the last rows, which both hands change, are
            # then held for a moment only.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self._take(self._targets[hand], lines)
