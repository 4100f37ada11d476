"""The situation as one page of Word: the same words in the same order, the same bytes."""

import io
from typing import Any

import docx
import pytest

from banyan.analytics.paper import ROWS, word_page
from banyan.kernel.documents_layout import shipped_layout
from tests.analytics.years import last_round, line, models, shown

pytestmark = pytest.mark.django_db
HOST = "http://banyan.example"


def told(world: Any) -> dict[str, Any]:
    """What the page tells, by its names."""
    context = shown(world.client(world.hung))
    named = ("figures", "numbers", "decisions", "table", "foot", "reading_means")
    return {name: context[name] for name in named}


def words(data: bytes) -> str:
    """Everything a Word file says, in its order."""
    document = docx.Document(io.BytesIO(data))
    texts = []
    for block in document.iter_inner_content():
        cells = [c for row in getattr(block, "rows", ()) for c in row.cells]
        texts += [p.text for c in cells for p in c.paragraphs] if cells else [block.text]
    return "\n".join(texts)


def test_word_says_what_the_page_says_in_the_same_order(world):
    models(world, world.commune, 2, "completed")
    models(world, world.commune, 1, "completed", round=last_round(world))
    client = world.client(world.hung)
    context = shown(client)
    answer = client.get(context["word_url"])
    assert answer["Content-Disposition"] == (
        'attachment; filename="tinh-hinh-huyen-suoi-mau-2024H1.docx"'
    )
    said = words(answer.content).replace("\xa0", " ")
    wanted = [
        context["figures"]["title"],
        line(context).replace("\xa0", " "),
        context["numbers"][0]["label"],
        "Cần quyết định",
        context["table"]["title"],
        context["table"]["rows"][0]["label"],
        context["foot"][1],
    ]
    places = [said.index(text) for text in wanted]
    assert places == sorted(places)


def test_the_same_question_at_the_same_instant_gives_the_same_bytes(world):
    context = told(world)
    first, again = (word_page(context, shipped_layout(), HOST) for _n in range(2))
    assert first == again


def test_figures_in_word_open_to_their_records(world):
    data = word_page(told(world), shipped_layout(), HOST)
    rels = docx.Document(io.BytesIO(data)).part.rels.values()
    links = [one.target_ref for one in rels if one.is_external]
    assert any(link.startswith(f"{HOST}/initiatives/?programme=dan-van-kheo") for link in links)


def test_word_holds_no_more_rows_than_one_sheet(world):
    context: dict[str, Any] = told(world)
    table = context["table"]
    table["rows"], table["is_all"], table["more"] = (
        table["rows"][:1] * 20,
        True,
        "và 12 đơn vị khác",
    )
    data = word_page(context, shipped_layout(), HOST)
    assert len(docx.Document(io.BytesIO(data)).tables[-1].rows) == ROWS + 1
    assert "và 12 đơn vị khác" in words(data)


def test_a_stranger_gets_neither_the_page_nor_the_file(world):
    for path in ("/situation/", "/situation/word"):
        assert world.client(world.stranger).get(path).status_code == 403
        assert world.client().get(path).status_code == 302
