"""What the page tells of a decision: figures that change, and why counts differ from changes."""

import pytest

from banyan.figures.rollup import read
from banyan.figures.views import edition_asked, place_of
from banyan.kernel.period import Period
from tests.reorganisations.deciding import added, begun, carried_out, looked_at, page

pytestmark = pytest.mark.django_db


def test_records_of_the_months_after_a_backdated_decision_are_told(world, officer):
    period, pack = Period.parse("2024H1"), edition_asked("dan-van-kheo").pack
    before = read(pack, place_of("W112", period), period).values
    decision = begun(officer, on="2024-01-15")
    added(officer, decision, "merge", units="W111", into="W112")
    told = looked_at(officer, decision)
    assert told["late"] == {"n": 1, "first": "2024H1", "last": "2024H1"}
    said = page(officer, decision)
    assert "15/01/2024: 1 hồ sơ từ tháng đó trở đi (6 tháng đầu năm 2024)" in said
    assert "không số liệu nào thay đổi" not in said
    carried_out(officer, decision)
    place = place_of("W112", period)
    assert read(pack, place, period).values != before, "what the page says is what happens"


def test_without_such_records_no_figure_changes_and_the_page_says_so(officer, decision):
    assert looked_at(officer, decision)["late"] == {"n": 0}
    said = page(officer, decision)
    assert "không số liệu nào thay đổi" in said
    assert 'class="note amber late"' not in said


def test_records_below_a_unit_that_moves_are_counted_too(world, chief):
    client = world.client(chief)
    decision = begun(client, on="2024-01-15")
    added(client, decision, "move", units="W11", parent="W12")
    told = looked_at(client, decision)
    assert told["problems"] == []
    assert told["late"]["n"] == 1


def test_why_more_units_move_or_get_a_name_than_changes_say(world, officer, decision):
    decision.changes.filter(verb="rename").delete()
    added(officer, decision, "upgrade", unit="W1111", name="Khu phố Bến Mẫu")
    told = looked_at(officer, decision)
    assert told["units"]["moved"]["unnamed"] == 1
    assert told["names"]["raised"] == 1
    said = page(officer, decision)
    assert "trong đó 1 đơn vị chuyển theo do cấp trên kết thúc" in said
    assert "trong đó 1 đơn vị do nâng cấp" in said
