"""What set-up installs: locked, checked by hash, nothing done twice."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from banyan.site import install

LOCKS = sorted((install.CLONE / "requirements").glob("*.txt"))
ADDRESS = re.compile(r"https?://|file:|--(extra-)?index-url|--find-links")


def test_there_is_a_lock_for_each_list_of_wishes() -> None:
    wishes = {path.stem for path in (install.CLONE / "requirements").glob("*.in")}
    assert {path.stem for path in LOCKS} == wishes == {"run", "dev", "node"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_locked_package_has_a_hash_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert not ADDRESS.search(text)
    entries = re.split(r"\n(?=[a-zA-Z])", text.strip())
    assert all(re.match(r"[\w.\[\],-]+==\S+", entry) for entry in entries)
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_tests_run_on_the_very_versions_that_users_get() -> None:
    def versions(name: str) -> dict[str, str]:
        text = (install.CLONE / "requirements" / f"{name}.txt").read_text()
        return dict(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", text, re.MULTILINE))

    assert versions("run").items() <= versions("dev").items()


def test_browser_packages_are_locked_by_hash_without_an_address() -> None:
    lock = json.loads((install.CLONE / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert set(packages) == {"node_modules/@fontsource/be-vietnam-pro", "node_modules/htmx.org"}
    for entry in packages.values():
        assert entry["integrity"].startswith("sha512-")
        assert "resolved" not in entry


def test_the_font_covers_vietnamese_in_four_weights_and_every_file_is_there() -> None:
    sheet = (install.VENDOR / "fonts.css").read_text()
    faces = re.findall(r"@font-face \{(.*?)\}", sheet, re.DOTALL)
    assert len(faces) == 3 * len(install.WEIGHTS)
    for face in faces:
        assert "font-display: swap" in face
        assert "unicode-range: U+" in face
        (name,) = re.findall(r'url\("(fonts/[^"]+\.woff2)"\)', face)
        assert (install.VENDOR / name).read_bytes()[:4] == b"wOF2"
    vietnamese = [face for face in faces if "U+1EA0-1EF9" in face]
    found = {re.findall(r"font-weight: (\d+)", face)[0] for face in vietnamese}
    assert found == {"400", "500", "600", "700"}
    assert "htmx" in (install.VENDOR / "htmx.min.js").read_text()


def test_the_command_works_from_any_folder(tmp_path: Path) -> None:
    linked = tmp_path / "banyan"
    linked.symlink_to(install.VENV / "bin" / "banyan")
    (tmp_path / "banyan.py").write_text("raise SystemExit('the wrong banyan')\n")
    done = subprocess.run(
        [linked, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "ledger" in done.stdout


def test_a_second_set_up_does_nothing() -> None:
    script = install.CLONE / "banyan" / "site" / "install.py"
    done = subprocess.run(
        [sys.executable, "-I", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_lock_that_changed_is_installed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[str] = []
    (tmp_path / "requirements").mkdir()
    for shelf in ("run", "dev"):
        (tmp_path / "requirements" / f"{shelf}.txt").write_text("x==1\n")
    monkeypatch.setattr(install, "CLONE", tmp_path)
    monkeypatch.setattr(install, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(install, "_pip_install", installed.append)
    install.packages("run")
    install.packages("run")
    assert installed == ["run"]
    (tmp_path / "requirements" / "run.txt").write_text("x==2\n")
    install.packages("run")
    assert installed == ["run", "run"]
    install.packages("dev")
    install.packages("run")
    assert installed == ["run", "run", "dev"]
