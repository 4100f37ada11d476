"""What the register can be beside a table: a saved view, tiles, a choice of rows for one step."""

from typing import Any

from django.http import HttpResponseBase
from django.utils.functional import cached_property

from banyan.initiatives import bulk
from banyan.initiatives.list_views import Views
from banyan.initiatives.tiles import Tiles
from banyan.web.listing import Listing


class Shapes(Listing):
    """Views, columns, tiles, boxes to tick."""

    start: Any
    pack: Any

    def text(self, key: str) -> str:
        """A text of the pack."""
        raise NotImplementedError

    @cached_property
    def views(self) -> Views:
        """The views kept of this list that one may open."""
        return Views(self, getattr(self.start, "views", []))

    def respond(self) -> HttpResponseBase:
        """The answer; a saved view opens as the address it stands for."""
        return self.views.opened() or super().respond()

    @property
    def usual_columns_url(self) -> str:
        """The address without a choice of columns."""
        return self.url(columns=None)

    @property
    def table_url(self) -> str:
        """The same rows as a table."""
        return self.url(show=None, after=None, before=None)

    @property
    def tiles_url(self) -> str:
        """The same rows as tiles."""
        return self.url(show="tiles", after=None, before=None)

    @cached_property
    def tiles(self) -> Tiles:
        """The same rows by communes."""
        return Tiles(self)

    @property
    def show(self) -> str:
        """`tiles`, or nothing for the table."""
        return "tiles" if self.request.GET.get("show") == "tiles" else ""

    # Choosing -------------------------------------------------------------------------------------

    @property
    def may_pick(self) -> bool:
        """Whether the rows have boxes to tick: a file of some is for everybody."""
        return True

    @property
    def bulk_moves(self) -> list[dict[str, str]]:
        """Steps that may be made with many at once, in words."""
        if self.pack is None:
            return []
        moves = bulk.moves_for(self.pack.workflow, self.actor)
        return [{"name": m.name, "label": self.text(f"moves.{m.name}")} for m in moves]
