"""Which choice of a list a writing stands for: its name, another word for it, its initials."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from banyan.kernel.text import clean, fold, same_tone

_SIGNS = re.compile(r"[^a-z0-9]+")


def _choice_key(text: str) -> str:
    return _SIGNS.sub(" ", fold(text)).strip()


def _accented_key(text: str) -> str:
    return " ".join(re.findall(r"\w+", same_tone(clean(text)).casefold()))


@dataclass(frozen=True)
class Choices:
    """The choices of one column, made ready once: id → its name first, then other writings."""

    names: Mapping[str, str]
    by_key: Mapping[str, tuple[str, ...]]
    by_accents: Mapping[str, tuple[str, ...]]
    words: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, choices: "Mapping[str, Sequence[str]] | Choices") -> "Choices":
        """Prepare {id: [name, synonym, …]}; two ids may share a writing (then it is doubtful)."""
        if isinstance(choices, Choices):
            return choices
        folded: dict[str, dict[str, None]] = {}
        accented: dict[str, dict[str, None]] = {}
        for choice, writings in choices.items():
            for writing in writings:
                folded.setdefault(_choice_key(writing), {})[choice] = None
                accented.setdefault(_accented_key(writing), {})[choice] = None
        return cls(
            {choice: writings[0] if writings else choice for choice, writings in choices.items()},
            {key: tuple(ids) for key, ids in folded.items()},
            {key: tuple(ids) for key, ids in accented.items()},
            tuple(dict.fromkeys(
                (choice, tuple(_choice_key(part).split()))
                for choice, writings in choices.items()
                for writing in writings
                for part in (writing, re.split("[,;(]", writing)[0])
            )),
        )  # fmt: skip

    def meant(self, text: str) -> tuple[str, ...]:
        """The ids a writing may stand for: with its accents, else without."""
        return self.by_accents.get(_accented_key(text)) or self.by_key.get(_choice_key(text), ())

    def abbreviated(self, text: str) -> tuple[str, ...]:
        """The ids a writing may stand for by the initials of their words: QP-AN, đang TH."""
        # Small letters are initials only where nothing but initials is written: vhxh.
        if text.isascii() and text.islower() and " " not in text and len(text) > 2:
            text = text.upper()
        parts = re.findall(r"[^\W_]+", text)
        found = (choice for choice, words in self.words if _abbreviates(parts, words))
        return tuple(dict.fromkeys(found))

    def called(self, ids: Sequence[str]) -> str:
        """The names of some of them, joined by "; "."""
        return "; ".join(self.names[choice] for choice in ids)

    def nearest(self, text: str) -> str:
        """Up to three names that look like a writing, joined by "; "."""
        keys = get_close_matches(_choice_key(text), [k for k in self.by_key if k], n=4, cutoff=0.55)
        found = dict.fromkeys(self.names[self.by_key[key][0]] for key in keys)
        return "; ".join(list(found)[:3])


def _abbreviates(parts: Sequence[str], words: Sequence[str]) -> bool:
    """Whether parts of a writing are words, or capitals that begin words, all of them in order."""
    words = [word for word in words if word != "va"]
    initials = "".join(word[0] for word in words)
    # How many words may be used up so far → the most of them by initials ("an" can be either).
    used = {0: 0}
    for part in parts:
        word, after = fold(part), dict[int, int]()
        for at, short in used.items():
            if words[at : at + 1] == [word]:
                after[at + 1] = max(short, after.get(at + 1, 0))
            if part.isupper() and initials.startswith(word, at):
                ends = at + len(word)
                after[ends] = max(short + len(word), after.get(ends, 0))
        used = after
    return used.get(len(words), 0) > 1
