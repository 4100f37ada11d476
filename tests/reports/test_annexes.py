"""Kept questions as annexes of a report: asked of its unit and period, printed, frozen."""

import io
from typing import Any

import pytest
from docx import Document as Word

from banyan.figures.models import Figure
from banyan.people.models import SavedView
from banyan.reports.annexes import FROZEN
from banyan.reports.models import Report
from tests.analytics.years import models

pytestmark = pytest.mark.django_db
REPORT = "/reports/new?programme=dan-van-kheo&place=W11@2024-06-30&period=2024H1"


def keep(world: Any, who: Any, name: str, query: str) -> SavedView:
    """A question kept by the page's own form."""
    world.client(who).post(f"/views/new?{query}&listing=explore", {"name": name, "whom": ""})
    return SavedView.objects.get(name=name)


def test_a_kept_question_is_printed_in_an_annex_and_its_figures_are_frozen(world):
    models(world, world.commune, 3, "completed", registered_on="2024-03-05")
    models(world, world.sister_commune, 2, registered_on="2024-05-05")
    by_unit = keep(world, world.minh, "Theo xã", "period=2023H1&rows=units&i=models&i=completed")
    by_month = keep(world, world.minh, "Theo tháng", "show=heat&rows=units&i=models")
    client = world.client(world.minh)
    form = client.get(REPORT)
    assert "Bảng biểu đã lưu làm phụ lục" in form.content.decode()
    answer = client.post(REPORT, {"language": "vi", "annexes": [by_unit.pk, by_month.pk]})
    assert answer.status_code in (302, 303), answer.content.decode()[:800]
    report = Report.objects.get()
    file = client.get(report.document.get_absolute_url())
    content = b"".join(file.streaming_content) if file.streaming else file.content
    word = Word(io.BytesIO(content))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in word.tables]
    printed = next(table for table in tables if table[0][0] == "Đơn vị" and len(table[0]) <= 6)
    assert any(row[:3] == ["Xã Đồi Mẫu", "4", "3"] for row in printed), printed
    assert printed[-1][0] == "Tổng cộng"
    frozen = Figure.objects.filter(source_kind=FROZEN, source_id=report.pk)
    march = frozen.get(indicator="models", unit=world.commune, period="2024-03")
    assert march.value == 3
    whole = frozen.get(indicator="completed", unit=world.district, period="2024H1")
    assert (whole.value, whole.base) == (3, 6)
    models(world, world.commune, 1, "completed", registered_on="2024-03-06")
    assert frozen.get(pk=march.pk).value == 3, "it stays as it was printed"
    assert "Số liệu trong phụ lục" in client.get(report.get_absolute_url()).content.decode()


def test_a_question_kept_by_somebody_else_is_not_offered(world):
    mine = keep(world, world.hung, "Của Hùng", "rows=units&i=models")
    client = world.client(world.minh)
    assert "Của Hùng" not in client.get(REPORT).content.decode()
    assert client.post(REPORT, {"language": "vi", "annexes": [mine.pk]}).status_code in (
        302,
        303,
        422,
    )
    assert not Figure.objects.filter(source_kind=FROZEN).exists()


def test_a_report_without_annexes_is_made_as_ever(world):
    keep(world, world.minh, "Theo xã", "rows=units&i=models")
    answer = world.client(world.minh).post(REPORT, {"language": "en"})
    assert answer.status_code in (302, 303)
    assert not Figure.objects.filter(source_kind=FROZEN).exists()
