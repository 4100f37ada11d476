"""`python -m tests.faults.sender begin ROWS | confirm PK | leave PK | state PK` on the home in
BANYAN_HOME: what an officer does with a file, from a process of its own. Prints the import's id, or
its state."""

import sys
from typing import Any

TITLE = "Mô hình chịu lỗi"


def main(words: list[str]) -> None:
    """One step of the wizard."""
    import django

    django.setup()
    from banyan.documents.operations import Incoming
    from banyan.imports import operations
    from banyan.imports.models import Import
    from tests.initiatives.books import line, workbook
    from tests.world import World

    world: Any = World()
    by = world.actor(world.minh)
    if words[0] == "begin":
        rows = [line(n, "Xã Đồi Mẫu", f"{TITLE} {n}") for n in range(1, int(words[1]) + 1)]
        order = operations.Order(
            "models", {"programme": "dan-van-kheo", "period": "2024H1"}, by.today
        )
        file = Incoming("so.xlsx", "x", [workbook(rows)])
        print(operations.begin(world.district, order=order, file=file, by=by).pk)
        return
    one = Import.objects.get(pk=int(words[1]))
    if words[0] == "confirm":
        operations.confirm(one, by=by)
    if words[0] == "leave":
        operations.leave(one, by=by)
    print(one.state, one.done, one.attempts)


if __name__ == "__main__":
    main(sys.argv[1:])
