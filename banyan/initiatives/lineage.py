"""Who took a model over from whom, in which state and with what results."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import OuterRef
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banyan.initiatives.models import Initiative
from banyan.people.models import name_of_unit

# Further up or down is another story; so many are drawn at most.
DEEPEST, MOST = 4, 60
# Up by what each was built after, down by what was built after it; no further than DEEPEST from
# where one stands, and a circle that somebody made by mistake ends by itself.
_AROUND = """
    WITH RECURSIVE up(id, steps) AS (
        SELECT %(here)s::bigint, 0
        UNION
        SELECT i.replicated_from_id, up.steps + 1
          FROM up JOIN initiatives_initiative i ON i.id = up.id
         WHERE i.replicated_from_id IS NOT NULL AND up.steps < %(deepest)s),
    top AS (SELECT id FROM up ORDER BY steps DESC LIMIT 1),
    down(id, steps) AS (
        SELECT id, 0 FROM top
        UNION
        SELECT i.id, down.steps + 1
          FROM down JOIN initiatives_initiative i ON i.replicated_from_id = down.id
         WHERE down.steps < 2 * %(deepest)s)
    SELECT i.id, i.replicated_from_id, i.unit_id FROM initiatives_initiative i
     WHERE i.id IN (SELECT id FROM down) ORDER BY i.counts_on, i.id LIMIT %(most)s
"""


@dataclass
class Node:
    """One model of a lineage. Beyond reach it is only 'a model elsewhere'."""

    title: str
    url: str = ""
    code: str = ""
    unit: str = ""
    state: str = ""
    tone: str = ""
    result: str = ""
    households: Any = None
    here: bool = False
    children: list["Node"] = field(default_factory=list)
    # Where it is drawn: column by generation, row by order.
    x: int = 0
    y: int = 0

    @property
    def points(self) -> list[str]:
        """The lines to those built after it, as SVG paths."""
        ends = [(one.x, one.y + MIDDLE) for one in self.children]
        start = (self.x + WIDE, self.y + MIDDLE)
        bend = start[0] + (ACROSS - WIDE) // 2
        return [f"M{start[0]} {start[1]}H{bend}V{y}H{x}" for x, y in ends]


@dataclass
class Lineage:
    """The trees around one model, and how large they are drawn."""

    roots: list[Node]
    nodes: list[Node]
    width: int
    height: int
    more: bool

    @property
    def is_told(self) -> bool:
        """Whether there is anything but the model itself."""
        return len(self.nodes) > 1


WIDE, HIGH, ACROSS, DOWN, MIDDLE = 210, 58, 250, 72, 29


def lineage_of(initiative: Initiative, actor: Any) -> Lineage:
    """What it was built after and what was built after it: at most two questions.

    A model beyond the actor's reach keeps its place in the tree and loses its name.
    """
    asked = {"here": initiative.pk, "deepest": DEEPEST, "most": MOST + 1}
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, asked)
        rows = cursor.fetchall()
    if len(rows) < 2:
        return Lineage([], [], 0, 0, more=False)
    around = Initiative.objects.visible_to(actor).filter(pk__in=[pk for pk, *_rest in rows])
    named = name_of_unit("unit", OuterRef("submission__counts_on"))
    page = around.with_page().prefetch_related(None).annotate(unit_name=named)
    seen = {row.pk: row for row in page}
    made = {pk: _node(seen.get(pk), pk == initiative.pk) for pk, _after, _unit in rows[:MOST]}
    roots: list[Node] = []
    for pk, after, _unit in rows[:MOST]:
        parent = made.get(after)
        (parent.children if parent is not None else roots).append(made[pk])
    height, width = _placed(roots)
    return Lineage(roots, list(made.values()), width, height, len(rows) > MOST)


def _node(row: Any, here: bool) -> Node:
    if row is None:
        return Node(_("a model elsewhere"), here=here)
    language = (get_language() or "vi")[:2]
    answers = row.submission.answers
    households = answers.get("beneficiary_households")
    return Node(
        row.title,
        row.get_absolute_url(),
        row.code,
        row.unit_name or "",
        row.submission.state_label(language),
        result=str(answers.get("result") or "")[:160],
        households=Decimal(str(households)) if households not in (None, "") else None,
        here=here,
    )


def _placed(roots: list[Node]) -> tuple[int, int]:
    """Give every node its place; the height and the width of the drawing."""
    bottom, widest = 0, 0

    def place(node: Node, depth: int) -> None:
        nonlocal bottom, widest
        node.x, node.y = depth * ACROSS, bottom
        widest = max(widest, node.x + WIDE)
        for number, child in enumerate(node.children):
            if number:
                bottom += DOWN
            place(child, depth + 1)

    for number, root in enumerate(roots):
        if number:
            bottom += DOWN
        place(root, 0)
    return bottom + HIGH, widest
