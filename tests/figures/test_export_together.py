"""Whoever writes while figures are exported: all files are of one instant."""

import threading
from pathlib import Path
from typing import Any

from django.db import connection

from banyan.figures import folding
from banyan.figures.archive import exporting
from banyan.figures.archive.checking import check
from banyan.figures.archive.exporting import export
from banyan.figures.archive.manifest import Manifest
from banyan.initiatives.models import Initiative
from tests.figures.test_folding import elsewhere
from tests.house import PATIENCE


def counted(folder: Path) -> int:
    """How many records an archive adds up."""
    manifest = Manifest.load(folder)
    assert manifest
    assert check(folder, manifest) == []
    return sum(
        one.n for span in manifest.periods for one in span.sums if one.measure == "[[],null,null]"
    )


def test_all_files_are_of_one_instant_whoever_writes_meanwhile(
    own_database, world, tmp_path, monkeypatch
):
    elsewhere(world)
    before, staged, read = Initiative.objects.count(), exporting._Writing._stage, []

    def disturb() -> None:
        """Somebody registers in the middle of the export, and it is folded."""
        try:
            elsewhere(world)
            folding.fold_all()
            read.append(Initiative.objects.count())
        finally:
            connection.close()

    def interrupted(writing: Any, *what: Any) -> None:
        staged(writing, *what)
        writer = threading.Thread(target=disturb)
        writer.start()
        writer.join(PATIENCE)
        assert not writer.is_alive()

    with monkeypatch.context() as patch:
        patch.setattr(exporting._Writing, "_stage", interrupted)
        export(tmp_path, [world.edition])
    assert read == [before + 1]
    assert counted(tmp_path) == before
    export(tmp_path, [world.edition])
    assert counted(tmp_path) == before + 1
