"""Which sort of unit a written name is, and the name as it is entered."""

import re
from collections.abc import Mapping

from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs.models import Kind

# The official word → its sort. A thành phố is a province only where it stands under the country.
_SORTS: Mapping[str, str] = {
    "tỉnh": Kind.PROVINCE,
    "thành phố": Kind.DISTRICT,
    "huyện": Kind.DISTRICT,
    "quận": Kind.DISTRICT,
    "thị xã": Kind.DISTRICT,
    "xã": Kind.COMMUNE,
    "phường": Kind.COMMUNE,
    "thị trấn": Kind.COMMUNE,
    "đặc khu": Kind.COMMUNE,
    "thôn": Kind.VILLAGE,
    "tổ dân phố": Kind.VILLAGE,
    "khu phố": Kind.VILLAGE,
    "khu dân cư": Kind.VILLAGE,
    "bản": Kind.VILLAGE,
    "ấp": Kind.VILLAGE,
    "khóm": Kind.VILLAGE,
    "buôn": Kind.VILLAGE,
    "làng": Kind.VILLAGE,
    "xóm": Kind.VILLAGE,
    "tiểu khu": Kind.VILLAGE,
    "chi bộ": Kind.CELL,
    "đảng bộ": Kind.COMMITTEE,
    "đảng ủy": Kind.COMMITTEE,
    "huyện ủy": Kind.COMMITTEE,
    "tỉnh ủy": Kind.COMMITTEE,
    "thành ủy": Kind.COMMITTEE,
    "ban thường vụ": Kind.COMMITTEE,
    "ủy ban": Kind.COMMITTEE,
    "ban dân vận": Kind.AGENCY,
    "ban tổ chức": Kind.AGENCY,
    "ban tuyên giáo": Kind.AGENCY,
    "văn phòng": Kind.AGENCY,
    "phòng": Kind.AGENCY,
    "sở": Kind.AGENCY,
    "trung tâm": Kind.AGENCY,
    "trường": Kind.AGENCY,
    "hội": Kind.ORGANISATION,
    "đoàn": Kind.ORGANISATION,
    "mặt trận": Kind.ORGANISATION,
    "liên đoàn": Kind.ORGANISATION,
    "công đoàn": Kind.ORGANISATION,
}
WORDS: Mapping[str, tuple[str, ...]] = {
    Kind.PROVINCE: ("Tỉnh", "Thành phố trực thuộc trung ương", "Province"),
    Kind.DISTRICT: ("Huyện", "Quận", "Thị xã", "Thành phố", "District"),
    Kind.COMMUNE: ("Xã", "Phường", "Thị trấn", "Đặc khu", "Commune", "Ward"),
    Kind.VILLAGE: ("Thôn", "Tổ dân phố", "Khu phố", "Bản", "Ấp", "Khóm", "Xóm", "Làng", "Buôn"),
    Kind.CELL: ("Chi bộ", "Cell"),
    Kind.COMMITTEE: ("Cấp ủy", "Đảng bộ", "Đảng ủy", "Ủy ban", "Committee"),
    Kind.AGENCY: ("Cơ quan", "Ban", "Phòng", "Sở", "Agency"),
    Kind.ORGANISATION: ("Đoàn thể", "Tổ chức", "Hội", "Organisation"),
}
OFFICIAL = {same_tone(word): kind for word, kind in _SORTS.items()}
_LONGEST_FIRST = sorted(OFFICIAL, key=len, reverse=True)
# Words that stand in front of a name that lacks them; a committee's name is its own.
_IN_FRONT = frozenset({Kind.PROVINCE, Kind.DISTRICT, Kind.COMMUNE, Kind.VILLAGE, Kind.CELL})
_BLANKS = re.compile(r"\s+")


def official(name: str) -> str:
    """The official word that a name begins with, or "". Hội is not Hồi; only whoever writes no
    accents at all leaves them out."""
    plain = name.isascii()
    said = (fold(name) if plain else same_tone(nfc(name)).casefold()).strip() + " "
    return next(
        (one for one in _LONGEST_FIRST if said.startswith((fold(one) if plain else one) + " ")), ""
    )


def kind_of(name: str, parent_kind: str = "") -> str:
    """The sort of unit that a name tells, or ""."""
    word = official(name)
    if word == "thành phố" and parent_kind == Kind.COUNTRY:
        return Kind.PROVINCE
    return str(OFFICIAL.get(word, ""))


def full_name(name: str, kind_raw: str) -> str:
    """A name with its official word: “Hồi Ninh” in a row of sort “Xã” is “Xã Hồi Ninh”."""
    name = _BLANKS.sub(" ", nfc(name)).strip()
    word = _BLANKS.sub(" ", nfc(kind_raw)).strip()
    if official(name) or OFFICIAL.get(official(word)) not in _IN_FRONT:
        return name
    return f"{word[:1].upper()}{word[1:].lower()} {name}"
