"""Finding the units that a change names by what was typed: a code, a name, one founded beside it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.utils import translation
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.kernel.text import fold, nfc, same_tone
from banyan.orgs.carrying import scheme_for
from banyan.orgs.changes import Found, Newcomer, Ref
from banyan.orgs.finding import GSO, find_unit
from banyan.orgs.forms import unit_called
from banyan.orgs.models import Ancestry, Kind, Placement, Tree, Unit, UnitCode, UnitName

_BY_ID = re.compile(r"#(\d{1,18})")
# The word before a name, as written in Vietnam, and what kind of unit it is.
WORDS = {
    Kind.PROVINCE: ("tinh", "thanh pho"),
    Kind.DISTRICT: ("huyen", "quan", "thi xa"),
    Kind.COMMUNE: ("xa", "phuong", "thi tran", "dac khu"),
    Kind.VILLAGE: ("thon", "to dan pho", "khu pho", "ban", "ap", "lang"),
    Kind.CELL: ("chi bo",),
    Kind.COMMITTEE: ("dang bo", "dang uy"),
}
LANGUAGES = ("vi", "en")


@dataclass(frozen=True)
class Typed:
    """A unit to found, as typed; what is empty is taken from the unit it comes from."""

    name: str
    kind: str = ""
    code: str = ""
    parent: str = ""
    decision: str = ""


def plain(text: str) -> str:
    """A name or word without case, accents and the place of its tone mark."""
    return fold(same_tone(nfc(text)))


def parts(text: str) -> list[str]:
    """Several units typed into one field: one a line, or between semicolons."""
    return [one for one in (nfc(piece) for piece in re.split(r"[\n;]", text)) if one]


def new_unit(line: str) -> Typed | None:
    """A line `new: name; kind; code; parent`; None where it names a unit that there is."""
    word, colon, rest = line.partition(":")
    if not colon or plain(word) not in ("new", "moi"):
        return None
    told = [nfc(piece) for piece in rest.split(";")]
    return Typed(*(told + [""] * 4)[:4])


class Naming:
    """The units of the eve of a decision, and those it founds itself."""

    def __init__(self, on: date, founded: Iterable[Found] = ()) -> None:
        self.on, self.eve = on, on - timedelta(days=1)
        self.founded = {one.key: one for one in founded}
        self._codes: dict[str, set[int]] = {}
        self._names: dict[str, set[int]] = {}
        self._places: dict[int, list[Placement]] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Ask for many at once: a workbook names thousands."""
        wanted = set(texts)
        codes: dict[str, dict[int, str]] = defaultdict(dict)
        held = UnitCode.objects.filter(code__in=wanted, valid__contains=self.eve)
        for code, unit, scheme in held.values_list("code", "unit", "scheme"):
            codes[code][unit] = scheme
        for code, units in codes.items():
            state = {unit for unit, scheme in units.items() if scheme == GSO}
            self._codes[code] = state or set(units)
        folded = {plain(text) for text in wanted}
        names = UnitName.objects.filter(folded__in=folded, valid__contains=self.eve)
        for name, unit in names.values_list("folded", "unit"):
            self._names.setdefault(name, set()).add(unit)
        known = {
            unit for found in (self._codes, self._names) for ids in found.values() for unit in ids
        }
        self._learn_places(known)

    def unit(self, text: str) -> int:
        """The one unit of the eve that is meant. Raises ValidationError naming what is near."""
        text = nfc(text)
        found = self._codes.get(text) or self._names.get(plain(text)) or set()
        if len(found) == 1:
            return next(iter(found))
        if by_id := _BY_ID.fullmatch(text):
            return self._by_id(int(by_id[1]))
        if "@" in text:
            try:
                return find_unit(text, self.eve).unit.pk
            except Refusal as no:
                raise forms.ValidationError(no.sentence) from no
        if "," in text and len(under := self._under(text)) == 1:
            return under[0]
        try:
            return unit_called(text, self.eve).pk
        except forms.ValidationError as no:
            try:
                return unit_called(text, self.on).pk  # founded on the day itself, by another
            except forms.ValidationError:
                raise no from None

    def ref(self, text: str) -> Ref:
        """A unit that the decision founds, by its name, else one of the eve."""
        text = nfc(text)
        if text in self.founded:
            return text
        typed = new_unit(text)
        wanted = plain(typed.name if typed else text)
        fitting = [key for key, one in self.founded.items() if plain(one.new.name) == wanted]
        if len(fitting) > 1:
            raise forms.ValidationError(
                _("This decision founds several units of that name. Write one of: %(units)s")
                % {"units": "; ".join(fitting)}
            )
        if fitting:
            return fitting[0]
        if typed:
            raise forms.ValidationError(
                _("This decision founds no unit “%(unit)s”. Found it first.") % {"unit": typed.name}
            )
        return self.unit(text)

    def found(self, typed: Typed, like: int | None = None) -> Found:
        """A unit to found; kind, parent and tree default to those of `like`, which it comes from."""
        if not typed.name:
            raise forms.ValidationError(_("Write the name of the new unit."))
        place = self._place(like) if like is not None else None
        parent: Ref | None = self.ref(typed.parent) if typed.parent else None
        if parent is None and place is not None:
            parent = place.parent_id
        if parent is None:
            raise forms.ValidationError(
                _("Say which unit “%(unit)s” stands under.") % {"unit": typed.name}
            )
        kind = kind_called(typed.kind) if typed.kind else self._kind_like(typed.name, like)
        tree = self._tree(parent, kind, place)
        key = self._free_key(typed.name)
        new = Newcomer(kind, typed.name, typed.code, tree, scheme=scheme_for(kind))
        made = Found(key, new, parent, typed.decision)
        self.founded[key] = made
        return made

    def tree_of(self, unit: int) -> str:
        """The tree that a unit stands in on the eve."""
        place = self._place(unit)
        return place.tree if place else Tree.STATE.value

    def _by_id(self, pk: int) -> int:
        if Unit.objects.filter(pk=pk).exists():
            return pk
        raise forms.ValidationError(_("There is no unit number %(n)d.") % {"n": pk})

    def _under(self, text: str) -> list[int]:
        """`Xã Tân Lập, Huyện Đan Phượng`: by what it stands under on the eve."""
        name, _comma, above = text.rpartition(",")
        on_eve = {"valid__contains": self.eve}
        named = UnitName.objects.filter(folded=plain(name), **on_eve).values("unit")
        over = UnitName.objects.filter(folded=plain(above), **on_eve).values("unit")
        rows = Ancestry.objects.standing().filter(unit__in=named, ancestor__in=over, **on_eve)
        return list(rows.values_list("unit", flat=True).distinct())

    def _learn_places(self, units: Iterable[int]) -> None:
        wanted = [unit for unit in units if unit not in self._places]
        self._places |= {unit: [] for unit in wanted}
        rows = Placement.objects.filter(unit__among=wanted, valid__contains=self.eve)
        for row in rows.select_related("unit"):
            self._places[row.unit_id].append(row)

    def _all_places(self, unit: int) -> Sequence[Placement]:
        self._learn_places([unit])
        order = list(Tree.values)
        return sorted(self._places[unit], key=lambda place: order.index(place.tree))

    def _place(self, unit: int) -> Placement | None:
        return next(iter(self._all_places(unit)), None)

    def _kind_like(self, name: str, like: int | None) -> str:
        """That of the unit it comes from, else by the word before the name."""
        place = self._place(like) if like is not None else None
        first = str(place.unit.kind) if place is not None else kind_of_word(name)
        if first is None:
            raise forms.ValidationError(_("Say what kind of unit “%(unit)s” is.") % {"unit": name})
        return first

    def _tree(self, parent: Ref, kind: str, like: Placement | None) -> str:
        if isinstance(parent, str):
            return self.founded[parent].new.tree
        trees = [place.tree for place in self._all_places(parent)]
        wanted = [like.tree] if like else [Tree.PARTY.value] if kind in PARTY else []
        return next((tree for tree in (*wanted, *trees) if tree in trees), Tree.STATE.value)

    def _free_key(self, name: str) -> str:
        """The name itself, so that it can be said; a second of that name bears a number."""
        key, n = name, 1
        while key in self.founded:
            n += 1
            key = f"{name} ({n})"
        return key


PARTY = (Kind.CELL, Kind.COMMITTEE)


def kind_of_word(name: str) -> str | None:
    """The kind that the word before a name tells; None where none does."""
    text = plain(name)
    for kind, words in WORDS.items():
        if any(text.startswith(f"{word} ") for word in words):
            return str(kind.value)
    return None


def kind_called(text: str) -> str:
    """A kind as typed: its key, its name in either language, or a word such as xã, phường."""
    wanted = plain(text)
    for kind in Kind:
        names = {kind.value, *WORDS.get(kind, ())}
        for language in LANGUAGES:
            with translation.override(language):
                names.add(plain(str(kind.label)))
        if wanted in names and kind != Kind.COUNTRY:
            return str(kind.value)
    told = ", ".join(str(kind.label) for kind in Kind if kind != Kind.COUNTRY)
    raise forms.ValidationError(
        _("“%(kind)s” is no kind of unit. Write one of: %(kinds)s") % {"kind": text, "kinds": told}
    )


def spelled(unit: Unit, on: date) -> str:
    """What a form shows for a unit so that it is found again: its code on the eve, else its number."""
    eve = on - timedelta(days=1)
    codes = UnitCode.objects.filter(unit=unit, valid__contains=eve).values_list("code", "scheme")
    held = sorted(codes, key=lambda row: row[1] != GSO)
    return held[0][0] if held else f"#{unit.pk}"
