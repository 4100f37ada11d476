"""Figures as files: what lies in an archive, that it is whole, and what happens where it is not."""

import json
import resource
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.db import connection
from django.utils import translation

from banyan.figures.archive import exporting
from banyan.figures.archive.checking import CHANGED, MISSING, SUMS, TOO_MANY, check
from banyan.figures.archive.exporting import export
from banyan.figures.archive.manifest import Manifest, hash_of
from banyan.figures.verifying import verify
from banyan.initiatives.models import Initiative
from banyan.kernel.errors import Refusal
from banyan.kernel.period import Period
from banyan.orgs.ancestry import alone, rebuild_below
from banyan.orgs.models import Placement
from tests.analytics.years import last_round, models
from tests.figures.test_folding import figures
from tests.figures.test_folding import rolled as rolled

pytestmark = pytest.mark.django_db
HERE = "programme=dan-van-kheo/period=2024H1/month=2024-0{}/province=W1.parquet"


def held(folder: Path) -> dict[str, str]:
    """Every file of figures with its hash."""
    return {
        path.relative_to(folder).as_posix(): hash_of(path)
        for path in sorted(folder.rglob("*.parquet"))
    }


def rows(folder: Path, what: str, where: str = "true") -> list[Any]:
    """What another program reads out of the files, without a word about them."""
    files = f"{folder}/programme=*/**/*.parquet"
    return duckdb.sql(f"SELECT {what} FROM '{files}' WHERE {where}").fetchall()


def faults(folder: Path) -> list[tuple[str, str]]:
    """What is wrong with an archive."""
    manifest = Manifest.load(folder)
    assert manifest
    return [(one.kind, one.path) for one in check(folder, manifest)]


@pytest.fixture
def archive(rolled: Any, tmp_path: Path) -> Iterator[Path]:
    """An archive of the world; refusals in English."""
    export(tmp_path / "archive", [rolled.edition])
    with translation.override("en"):
        yield tmp_path / "archive"


# What lies in it ----------------------------------------------------------------------------------


def test_a_file_holds_a_month_of_a_period_in_a_province(archive):
    assert set(held(archive)) == {"units.parquet", *(HERE.format(n) for n in range(1, 7))}
    told = rows(archive, "DISTINCT programme, period, month, strftime(day, '%d'), province_name")
    assert len(told) == 6
    assert ("dan-van-kheo", "2024H1", "2024-02", "29", "Tỉnh Thử Nghiệm") in told


def test_a_row_explains_itself(rolled, archive):
    where = "axis = 'level' AND list_contains(indicators, 'models') AND unit_kind = 'village'"
    what = "unit_name, commune_name, district_name, province_name, ancestors, part, n"
    name, commune, district, province, ancestors, part, n = rows(archive, what, where)[0]
    above = [rolled.province, rolled.district, rolled.commune, rolled.village]
    day = Period.parse("2024-05").last
    assert [province, district, commune, name] == [unit.name_on(day) for unit in above]
    assert ancestors == [unit.pk for unit in above]
    assert part in ("commune", "district", "province")
    assert n > 0
    said = rows(archive, "DISTINCT conditions, fact", "list_contains(indicators, 'money')")
    assert [fact for _conditions, fact in said] == ["resources_money"] * len(said)
    assert json.loads(said[0][0])[0][:2] == ["state", "state"]


def test_the_rows_add_up_to_the_records(archive):
    whole = "conditions = '[]' AND fact IS NULL AND axis IS NULL"
    assert rows(archive, "sum(n)", whole) == [(Initiative.objects.count(),)]
    money = rows(archive, "sum(total)", "fact = 'resources_money' AND axis IS NULL")
    assert money[0][0] > Decimal(1_000_000)


def test_nothing_in_it_is_a_single_records_text(archive):
    texts = {
        text
        for row in rows(
            archive, "programme, measure, part, unit_name, unit_code, indicators::VARCHAR"
        )
        for text in row
    }
    answers = Initiative.objects.values_list("title", "registrant__name")
    assert answers
    assert texts.isdisjoint(text for row in answers for text in row if text)


def test_the_manifest_says_what_each_file_must_be_and_what_a_period_adds_up_to(rolled, archive):
    told = json.loads((archive / "manifest.json").read_text())
    assert (told["format"], told["version"]) == ("banyan-figures", 1)
    programme = told["programmes"]["dan-van-kheo"]
    assert programme["edition"] == rolled.edition.number
    assert programme["edition_hash"] == rolled.edition.content_hash
    assert {"registrants", "taken_over"} <= set(programme["not_told"])
    assert {one["path"]: one["sha256"] for one in told["files"]} == {
        path: made for path, made in held(archive).items() if path != "units.parquet"
    }
    sums = {one["measure"]: one["n"] for one in told["periods"][0]["sums"]}
    assert sums["[[],null,null]"] == Initiative.objects.count()


def test_what_has_no_province_lies_apart(rolled, tmp_path):
    Placement.objects.filter(unit=rolled.district).update(parent=None)
    with alone("state"):
        rebuild_below([rolled.district.pk], "state")
    export(tmp_path, [rolled.edition])
    assert any(path.endswith("/province=none.parquet") for path in held(tmp_path))
    assert faults(tmp_path) == []


# Again --------------------------------------------------------------------------------------------


def test_the_same_figures_give_the_same_bytes(rolled, archive, tmp_path):
    export(tmp_path / "other", [rolled.edition])
    assert held(tmp_path / "other") == held(archive)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM figures_cell")
    verify(repair=True)  # the same cells, in another order
    done = export(archive, [rolled.edition])
    assert (done.written, done.same, done.removed) == (0, 7, 0)


def test_only_what_changed_is_written_anew(rolled, archive):
    before = held(archive)
    models(rolled, rolled.commune, 1, registered_on="2024-03-05")
    assert export(archive, [rolled.edition]).written == 1
    after = held(archive)
    assert [path for path in after if after[path] != before.get(path)] == [HERE.format(3)]
    assert faults(archive) == []


def test_what_is_gone_is_removed(rolled, archive):
    for one in Initiative.objects.filter(counts_on__month=4):
        one.delete()
    done = export(archive, [rolled.edition])
    assert (done.written, done.removed) == (0, 1)
    assert not (archive / HERE.format(4)).parent.exists()
    assert faults(archive) == []


def test_one_period_alone_leaves_the_others_as_they_were(rolled, archive):
    models(rolled, rolled.commune, 2, round=last_round(rolled))
    models(rolled, rolled.commune, 1, registered_on="2024-03-05")
    before = held(archive)
    done = export(archive, [rolled.edition], Period.parse("2023"))
    assert done.written == 1
    after = held(archive)
    assert {path: after[path] for path in before} == before
    assert any("period=2023H1" in path for path in after)
    assert faults(archive) == []


def test_a_period_is_not_put_beside_others_that_lack_what_it_counts(rolled, archive):
    before = held(archive)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM figures_cell WHERE measure_id = (SELECT max(id) FROM figures_measure)"
        )
        cursor.execute(
            "DELETE FROM figures_measure WHERE id = (SELECT max(id) FROM figures_measure)"
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("banyan.figures.folding.fold_all", lambda: None)
        with pytest.raises(Refusal, match="counted other things"):
            export(archive, [rolled.edition], Period.parse("2024-03"))
    assert held(archive) == before


def test_an_export_that_was_killed_is_mended_by_the_next(rolled, archive, monkeypatch):
    for month in (2, 3):
        models(rolled, rolled.commune, 1, registered_on=f"2024-0{month}-05")
    kept = exporting.keep

    def killed(new: Path, path: Path) -> None:
        if path.as_posix().endswith(HERE.format(3)):
            raise KeyboardInterrupt
        kept(new, path)

    with monkeypatch.context() as patch:
        patch.setattr(exporting, "keep", killed)
        with pytest.raises(KeyboardInterrupt):
            export(archive, [rolled.edition])
    assert faults(archive) == [(CHANGED, HERE.format(2))]
    assert export(archive, [rolled.edition]).written == 1
    assert faults(archive) == []
    assert not list(archive.rglob(".*"))


# Whether it is whole ------------------------------------------------------------------------------


def test_checking_says_what_is_missing_changed_or_too_many(archive, capsys):
    assert figures("export", "--check", str(archive), "--language", "en") == 0
    (archive / HERE.format(1)).unlink()
    changed = archive / HERE.format(2)
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    (archive / "programme=dan-van-kheo" / "other.parquet").write_bytes(b"")
    capsys.readouterr()
    assert figures("export", "--check", str(archive), "--language", "en") == 1
    said = capsys.readouterr()
    assert f"{HERE.format(1)}: missing\n" in said.out
    assert f"{HERE.format(2)}: changed after it was exported\n" in said.out
    assert "other.parquet: not in the manifest\n" in said.out
    assert "Export again" in said.err
    assert {kind for kind, _path in faults(archive)} == {MISSING, CHANGED, TOO_MANY}


def test_sums_that_are_not_those_of_the_rows_are_found(archive):
    manifest = archive / "manifest.json"
    told = json.loads(manifest.read_text())
    told["periods"][0]["sums"][0]["n"] += 1
    manifest.write_text(json.dumps(told))
    assert faults(archive) == [(SUMS, "programme=dan-van-kheo/period=2024H1")]


# Where it cannot be -------------------------------------------------------------------------------


def test_a_place_that_cannot_be_written_is_said_in_words(rolled, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal) as no, translation.override("vi"):
        export(tmp_path / "file" / "archive", [rolled.edition])
    assert "Không ghi được" in no.value.what
    assert no.value.mend


def test_a_full_disk_is_said_in_words_and_leaves_the_archive_as_it_was(rolled, archive):
    models(rolled, rolled.commune, 1, registered_on="2024-03-05")
    before, (soft, hard) = held(archive), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(Refusal) as no:
            export(archive, [rolled.edition])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert no.value.what.startswith("The archive could not be written")
    assert no.value.why == "File too large"
    assert held(archive) == before
    assert faults(archive) == []
    assert not list(archive.rglob(".*"))


def test_two_exports_into_one_folder_do_not_meet(rolled, archive):
    with exporting._alone(archive), pytest.raises(Refusal) as no:
        export(archive, [rolled.edition])
    assert no.value.status == 409


def test_an_unknown_programme_or_period_is_refused(rolled, tmp_path):
    for words in (["nope"], ["--period", "2024-13"]):
        with pytest.raises(Refusal):
            figures("export", *words, "--into", str(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "told",
    [
        "",
        "[]",
        '{"format": "another"}',
        '{"format": "banyan-figures", "version": 2}',
        '{"format": "banyan-figures", "version": 1}',
        '{"format": "banyan-figures", "version": 1, "written_at": "", "as_of": "", "programmes": {},'
        ' "periods": [], "units": null, "files": [{"path": "../x", "rows": 1, "bytes": 1, "sha256": ""}]}',
    ],
)
def test_a_manifest_that_is_none_or_of_another_version_is_refused(told, rolled, tmp_path):
    (tmp_path / "manifest.json").write_text(told)
    with pytest.raises(Refusal) as no:
        export(tmp_path, [rolled.edition])
    assert no.value.mend
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]
