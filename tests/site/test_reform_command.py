"""`banyan reform`: the reform of 1 July 2025 from the shell, and its page.

On three provinces of the shipped map, which become one: the whole country takes minutes.
"""

import argparse
import csv
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.kernel.errors import Refusal
from banyan.orgs import shipped
from banyan.orgs.models import Unit
from banyan.people.models import Role
from banyan.people.operations import appoint, register_person
from banyan.reorganisations.models import Reorganisation, State
from banyan.site.commands import reform
from tests.reorganisations.deciding import DATED, FACTS, rows_of, sums
from tests.world import SINCE, installer

pytestmark = pytest.mark.django_db
# Hà Nam, Nam Định, Ninh Bình.
KEPT = {"35", "36", "37"}


def banyan(*words: str) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser()
    reform.add(parser)
    return reform.run(parser.parse_args(words))


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def three_provinces(world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The root of a country of three provinces, cut out of the shipped files."""
    whole = shipped.FOLDER
    older = lines(whole / "legacy_units.csv")
    districts = {r["code"] for r in older if r["level"] == "2" and r["parent_code"] in KEPT}
    eve = lines(whole / "districts_2025_eve.csv")
    districts |= {r["code"] for r in eve if r["province_code"] in KEPT}
    wards = lines(whole / "legacy_wards_2025_eve.csv")
    old = {r["code"] for r in wards if r["province_code"] in KEPT and r["code"]}
    keep = {
        "legacy_units.csv": lambda r: (
            (r["code"] if r["level"] == "1" else r["parent_code"])
            in (KEPT if r["level"] != "3" else districts)
        ),
        "districts_2025_eve.csv": lambda r: r["province_code"] in KEPT,
        "legacy_wards_2025_eve.csv": lambda r: r["province_code"] in KEPT,
        "provinces_2025_07.csv": lambda r: r["old_code"] in KEPT,
        "succession_2025_07.csv": lambda r: r["old_commune"] in old,
        "units_2025_07.csv": lambda r: "37" in (r["parent_code"], r["code"]),
    }
    for name, wanted in keep.items():
        rows = lines(whole / name)
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(row for row in rows if wanted(row))
    shutil.copy(whole / "manifest.toml", tmp_path)
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    return shipped.load(by=installer())


@pytest.fixture
def chief(world: Any, three_provinces: Any) -> Any:
    """An administrator over the country."""
    by, role = installer(), Role.objects.get(key="administrator")
    email = "trung-uong@world.example"
    who = register_person(three_provinces, name="Người Trung ương", email=email, by=by)
    appoint(three_provinces, person=who, role=role, on=SINCE, by=by)
    return who


def test_without_the_shipped_units_it_says_what_to_do(world):
    with pytest.raises(Refusal) as refused:
        banyan("--preview")
    assert "units find" in refused.value.sentence


def test_who_is_not_there_or_reaches_too_little_is_refused(world, three_provinces):
    for email, status in (("nobody@world.example", 404), (world.an.account.email, 403)):
        with pytest.raises(Refusal) as refused:
            banyan("--preview", "--as", email)
        assert refused.value.status == status
    assert not Reorganisation.objects.exists()


def test_it_is_looked_at_carried_out_and_undone(world, three_provinces, chief, capsys):
    before, facts = rows_of(DATED), sums(FACTS)
    assert banyan("--preview", "--as", chief.account.email) == 0
    looked = capsys.readouterr().out
    assert rows_of(DATED) == before
    assert banyan("--apply", "--as", chief.account.email) == 0
    done = capsys.readouterr().out
    assert looked.split("\n")[1:] == done.split("\n")[1:]
    # The world's own province, districts and communes stand beside them.
    assert "Province or city: 4 → 2 (−2)" in done
    assert " s.\n" in done
    decision = Reorganisation.objects.get()
    assert decision.state == State.APPLIED
    below = Unit.objects.below(three_provinces, on=decision.on)
    assert below.filter(kind="province").count() == 1
    assert below.filter(kind="district").count() == 0
    assert below.filter(kind="commune").count() == 129
    with pytest.raises(Refusal) as refused:
        banyan("--apply")
    assert refused.value.status == 409
    assert banyan("--undo", "--as", chief.account.email) == 0
    assert rows_of(DATED) == before
    assert sums(FACTS) == facts


def test_its_page_asks_few_questions_and_offers_it_once(world, three_provinces, chief):
    client = world.client(chief)
    assert "/reorganisations/reform" in client.get("/reorganisations/").content.decode()
    answer = client.post("/reorganisations/reform", {"key": "k-1"})
    assert answer.status_code == 303
    assert "/reorganisations/reform" not in client.get("/reorganisations/").content.decode()
    decision = Reorganisation.objects.get()
    assert client.post(f"/reorganisations/{decision.pk}/look").status_code == 303
    for query in ("", "?q=kim son", "?verb=merge&after=100"):
        client.get(f"/reorganisations/{decision.pk}{query}")
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(f"/reorganisations/{decision.pk}{query}")
        assert answer.status_code == 200
        assert len(asked) <= 12, "\n".join(one["sql"][:150] for one in asked)
    with CaptureQueriesContext(connection) as asked:
        client.get("/reorganisations/")
    assert len(asked) <= 8, "\n".join(one["sql"][:150] for one in asked)
