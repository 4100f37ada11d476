"""Every text a reader sees stands in every language."""

from banyan.site import texts


def test_every_text_has_its_translation_and_no_translation_is_left_over():
    assert texts.problems() == []
