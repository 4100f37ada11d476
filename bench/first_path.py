"""How long the steps of the first path take, each on its own: `python bench/first_path.py`.

Makes the example in a throw-away home, then measures. Prints a table for docs/benchmarks.md.
"""

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TIMES = 7


def main() -> None:
    """Prepare a home of its own, measure in a child that sees only that."""
    if "BENCH_HOME" not in os.environ:
        base = "/var/lib/banyan" if os.geteuid() == 0 else None
        home = tempfile.mkdtemp(prefix="bench-", dir=base)
        environment = {**os.environ, "BENCH_HOME": home, "BANYAN_HOME": home}
        try:
            subprocess.run([sys.executable, __file__], env=environment, check=True, cwd=ROOT)
        finally:
            shutil.rmtree(home, ignore_errors=True)
        return
    sys.path.insert(0, str(ROOT))
    measure()


def measure() -> None:
    """The steps, in the order of the path."""
    from banyan.site import boot, up

    up.prepare_assets()
    boot.django()
    from django.test import Client
    from django.utils import translation

    from banyan.figures.rollup import Place, read
    from banyan.ledger import sealer
    from banyan.orgs import shipped
    from banyan.orgs.ancestry import rebuild_below
    from banyan.orgs.finding import find_unit
    from banyan.people.actor import Installer
    from banyan.people.models import Account
    from banyan.reports.writing import word_file
    from banyan.site import demo

    translation.activate("vi")
    rows = [("step", "median ms", "worst ms")]

    def timed(label: str, work: Callable[[], object], times: int = TIMES) -> object:
        taken, answer = [], None
        for _n in range(times):
            start = time.perf_counter()
            answer = work()
            taken.append((time.perf_counter() - start) * 1000)
        rows.append((label, f"{statistics.median(taken):.0f}", f"{max(taken):.0f}"))
        return answer

    timed("take over the shipped tree (11,4xx units)", lambda: shipped.load(by=Installer()), 1)
    root = shipped.loaded()
    assert root is not None
    timed("rebuild the whole closure", lambda: rebuild_below([root.pk], "state"), 3)
    timed("make the example (261 models, 14 reviews)", demo.make_demo, 1)
    timed("seal its events", sealer.seal_all, 1)
    timed("verify the ledger", sealer.verify, 3)
    district = find_unit(demo.PLACE, demo.PERIOD.last).unit
    from banyan.packs.models import Edition

    pack = Edition.objects.of(demo.PROGRAMME).newest_first()[0].pack
    place = Place(district, spec=demo.PLACE)
    reckoning = timed("figures of a district, all axes", lambda: read(pack, place, demo.PERIOD))
    timed(
        "Word report from figures",
        lambda: word_file(reckoning, language="vi", on=demo.DUE),  # type: ignore[arg-type]
    )
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(Account.objects.get(email="minh@vidu.banyan"))
    for name in ("/", "/initiatives/", "/figures/", "/initiatives/1"):
        timed(f"page {name}", lambda name=name: client.get(name))
    width = max(len(row[0]) for row in rows)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for row in rows:
        print(f"| {row[0]:<{width}} | {row[1]:>9} | {row[2]:>8} |")


if __name__ == "__main__":
    main()
