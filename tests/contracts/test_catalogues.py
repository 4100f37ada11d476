"""Every text a reader sees stands in every language."""

from babel.messages.pofile import read_po

from banyan.site import texts
from banyan.site.texts import BANYAN


def test_every_text_has_its_translation_and_no_translation_is_left_over():
    assert texts.problems() == []


def test_the_same_words_mean_the_same_in_every_app():
    """Django joins the catalogues of all apps: of two translations of one text only one is shown."""
    known: dict[tuple[str | None, str], dict[str, str]] = {}
    for path in sorted(BANYAN.glob("*/locale/vi/LC_MESSAGES/django.po")):
        with path.open("rb") as source:
            for entry in read_po(source):
                if entry.id:
                    ident = entry.id if isinstance(entry.id, str) else entry.id[0]
                    said = entry.string if isinstance(entry.string, str) else entry.string[0]
                    known.setdefault((entry.context, ident), {})[path.parts[-5]] = said
    torn = {ident: said for ident, said in known.items() if len(set(said.values())) > 1}
    assert torn == {}
