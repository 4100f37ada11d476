"""What every measurement here shares: a throw-away home, a table of times."""

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def in_a_home_of_its_own(script: str, measure: Callable[[], None]) -> None:
    """Run `measure` in a child that sees only a home made for it and thrown away; `--keep HOME`
    names one that stays, so that the next run finds what this one made."""
    if "BENCH_HOME" in os.environ:
        sys.path.insert(0, str(ROOT))
        measure()
        return
    kept = sys.argv[sys.argv.index("--keep") + 1] if "--keep" in sys.argv else ""
    base = "/var/lib/banyan" if os.geteuid() == 0 else None
    home = kept or tempfile.mkdtemp(prefix="bench-", dir=base)
    Path(home).mkdir(exist_ok=True)
    Path(home).chmod(0o711)  # else the database lies elsewhere, and stays when this is thrown away
    environment = {**os.environ, "BENCH_HOME": home, "BANYAN_HOME": home}
    try:
        subprocess.run(
            [sys.executable, script, *sys.argv[1:]], env=environment, check=True, cwd=ROOT
        )
    finally:
        if not kept:
            shutil.rmtree(home, ignore_errors=True)


class Times:
    """Steps with their median and worst time in milliseconds."""

    def __init__(self) -> None:
        self.rows = [("step", "median ms", "worst ms")]

    def of(self, label: str, work: Callable[[], object], times: int = 1) -> Any:
        """Do the work so many times; its last answer."""
        taken, answer = [], None
        for _n in range(times):
            start = time.perf_counter()
            answer = work()
            taken.append((time.perf_counter() - start) * 1000)
        self.rows.append((label, f"{statistics.median(taken):.0f}", f"{max(taken):.0f}"))
        return answer

    def show(self) -> None:
        """The table, with the machine and what memory this process took."""
        width = max(len(row[0]) for row in self.rows)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
        print(f"memory of this process at most: {memory} MB")
        for row in self.rows:
            print(f"| {row[0]:<{width}} | {row[1]:>9} | {row[2]:>8} |")
