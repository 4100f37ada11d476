"""Which drawing belongs to a way of showing."""

from collections.abc import Sequence

from banyan.figures.explore import bars
from banyan.figures.explore import lines as courses
from banyan.figures.explore import question as q
from banyan.figures.explore.drawing import Drawing
from banyan.figures.explore.pivot import Line, Pivot


def drawn(pivot: Pivot, lines: Sequence[Line], title: str, width: float) -> Drawing | None:
    """The drawing of an answer; None for a table."""
    show = pivot.question.show
    if show == q.RANKING:
        return bars.ranking(pivot, lines, title, width)
    if show == q.HEAT:
        return bars.heat(pivot, lines, title, width)
    if show == q.FUNNEL:
        return bars.funnel(pivot, title, width)
    if show == q.LINE:
        return courses.lines(pivot, title, width)
    if show == q.MULTIPLES:
        return courses.multiples(pivot, lines, title, width)
    return None
