"""Whatever the reader of workbooks notes has words that people can read."""

import re

from banyan.imports.wordings import READER
from banyan.kernel.notes import CODES


def test_every_note_has_words_with_no_other_parameters_than_its_own():
    assert set(READER) == set(CODES)
    for code, words in READER.items():
        assert set(re.findall(r"%\((\w+)\)s", str(words))) <= set(CODES[code]), code
