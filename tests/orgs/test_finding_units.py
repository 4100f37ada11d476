"""Finding a unit as people write it: page, form and command know one way."""

import json
from datetime import date

import pytest

from banyan.kernel.errors import Refusal
from banyan.orgs.changes import Newcomer
from banyan.orgs.finding import alike, find_unit, search, tell
from banyan.orgs.operations import found, rename
from banyan.site.cli import main
from tests.world import TODAY, installer


def names(text):
    return [one.name for one in tell(search(text), TODAY)]


def test_accents_and_case_do_not_matter(world):
    assert names("xa doi mau") == ["Xã Đồi Mẫu"]


def test_the_unit_written_with_its_accents_comes_first(world):
    assert names("Đồng Mẫu")[0] == "Xã Đồng Mẫu"


def test_a_higher_unit_of_the_same_name_comes_first(world):
    new = Newcomer("commune", "Xã Suối Mẫu", "W113")
    found(world.district, new=new, on=TODAY, by=installer())
    assert names("suoi mau") == ["Huyện Suối Mẫu", "Xã Suối Mẫu"]


def test_an_old_name_leads_to_the_unit_and_to_a_day_it_was_called_so(world):
    rename(world.commune, name="Xã Mới", on=date(2023, 1, 1), by=installer())
    [one] = tell(search("Đồi Mẫu"), TODAY)
    assert (one.spec, one.now) == ("W111@2022-12-31", "Xã Mới")
    assert one.parents == ["Huyện Suối Mẫu", "Tỉnh Thử Nghiệm"]


def test_a_misspelt_name_has_near_ones(world):
    assert not search("Đồi Mẫy Xz")
    assert "Xã Đồi Mẫu" in [name.name for name in alike("Đồi Mẫy")]


def test_a_code_nobody_bore_on_the_day_says_when_it_was_in_use(world):
    with pytest.raises(Refusal, match="01/01/2019") as refused:
        find_unit("W111@2019-01-01", TODAY)
    assert "01/01/2020" in refused.value.why


def test_a_code_of_ones_own_is_found_where_the_state_has_none(world):
    new = Newcomer("cell", "Chi bộ Bến Mẫu", "CB1", scheme="own")
    cell = found(world.village, new=new, on=TODAY, by=installer())
    assert find_unit("CB1", TODAY).unit == cell


def test_finding_twenty_units_asks_the_database_five_times(world, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        assert len(tell(search("mẫu"), TODAY)) == 4


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def _no_server(self, monkeypatch):
        """The database of the test is up already."""
        monkeypatch.setattr("banyan.site.boot.django", lambda: None)

    def test_it_tells_what_commands_take(self, world, capsys):
        assert main(["units", "find", "doi", "mau"]) == 0
        assert "W111@2024-06-20" in capsys.readouterr().out

    def test_it_tells_programs_everything(self, world, capsys):
        main(["units", "find", "Đồi Mẫu", "--on", "2024-01-31", "--json"])
        [one] = json.loads(capsys.readouterr().out)["found"]
        assert one["use"] == "W111@2024-01-31"
        assert one["kind"] == "commune"
        assert one["parents"][0] == "Huyện Suối Mẫu"
        assert (one["from"], one["until"]) == ("2020-01-01", None)

    def test_it_offers_near_names_and_ends_with_one(self, world, capsys):
        assert main(["units", "find", "Đồi Mẫy"]) == 1
        said = capsys.readouterr()
        assert "No unit is or was called" in said.err
        assert "Xã Đồi Mẫu" in said.out

    def test_a_date_that_is_none_is_refused(self, world, capsys):
        with pytest.raises(SystemExit):
            main(["units", "find", "mau", "--on", "30/06/2024"])
        assert "YYYY-MM-DD" in capsys.readouterr().err
