"""Whether a word is a Vietnamese syllable: what tells a right decoding from a wrong one."""

import unicodedata
from functools import lru_cache

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_STOP_TONES = {"\u0301", "\u0323"}

_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
# After q and g the second letter belongs to the consonant, so qu- and gi- take the rhyme left.
_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu
i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet
oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uc uê uêch uên uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut
uy uya uych uyên uyêt uynh uyt uyu ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
y yêm yên yêng yêt yêu yn ynh yt ych
"""
_BEGINS, _ENDS = frozenset((*_ONSETS.split(), "")), frozenset(_RHYMES.split())
_STOPS = ("c", "ch", "p", "t")


@lru_cache(maxsize=100_000)
def is_syllable(word: str) -> bool:
    """Whether Vietnamese could have this syllable, its tone included: "nghiêng", not "école"."""
    apart = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in apart if mark in _TONES]
    bare = unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in _TONES))
    if len(tones) > 1 or len(bare) > 7:
        return False
    for length in range(4):
        onset, rhyme = bare[:length], bare[length:]
        if onset in _BEGINS and rhyme in _ENDS:
            return not rhyme.endswith(_STOPS) or bool(_STOP_TONES.intersection(tones))
    return False
