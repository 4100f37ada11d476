"""Does the pack do what its own cases in tests.toml say?"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from banyan.packs.findings import Finding, nearest
from banyan.packs.forms import form_class, review_form_class
from banyan.packs.lines import Path
from banyan.packs.reading import Content
from banyan.packs.reckon import UNCLASSIFIED, reckon
from banyan.packs.schema import Pack


def cases(pack: Pack, tests: Content) -> Iterator[Finding]:
    """Every case that fails, and every kind of case that is missing."""
    for kind, run in (
        ("answers", _answers),
        ("reviews", _review),
        ("moves", _moves),
        ("figures", _figures),
    ):
        given = tests.get(kind, [])
        if not given and _concerns(pack, kind):
            what = _("There is no case of “%(kind)s”.") % {"kind": kind}
            yield Finding("tests", (), what, _("Add at least one [[%(kind)s]].") % {"kind": kind})
        for place, case in enumerate(given):
            yield from run(pack, case, (kind, place))


def _concerns(pack: Pack, kind: str) -> bool:
    return {"reviews": pack.criteria is not None, "figures": bool(pack.indicators)}.get(kind, True)


def _unknown(path: Path, name: str, known: Any) -> Finding:
    what = _("The case names “%(name)s”, which the pack does not know.") % {"name": name}
    return Finding("tests", path, what, nearest(name, known), name)


def _differs(path: Path, name: str, said: Any, found: Any) -> Finding:
    what = _("The case says %(name)s = %(said)s, the pack gives %(found)s.")
    words = {"name": name, "said": said, "found": found}
    instead = _("Write %(found)s if the pack is right, else mend the pack.") % words
    return Finding("tests", path, what % words, instead)


def _answers(pack: Pack, case: Content, path: Path) -> Iterator[Finding]:
    if case["form"] not in pack.forms:
        yield _unknown((*path, "form"), case["form"], pack.forms)
        return
    states = [state.name for state in pack.workflow_of(case["form"]).states]
    if case["at"] not in states:
        yield _unknown((*path, "at"), case["at"], states)
        return
    form = pack.form(case["form"])
    ids = [spec.id for spec in form.fields]
    for name in (*case["given"], *case["faulty"]):
        if name not in ids:
            yield _unknown(path, name, ids)
            return
    filled = form_class(pack, form, at=case["at"])(case["given"])
    found = sorted(filled.errors)
    if found != sorted(case["faulty"]):
        yield _differs((*path, "faulty"), "faulty", sorted(case["faulty"]), found)


def _review(pack: Pack, case: Content, path: Path) -> Iterator[Finding]:
    if pack.criteria is None:
        yield _unknown(path, "reviews", ["answers", "moves", "figures"])
        return
    items = [item.id for item in pack.criteria.items]
    for name in case["scores"]:
        if name not in items:
            yield _unknown((*path, "scores"), name, items)
            return
    sheet = review_form_class(pack)(case["scores"])
    if not sheet.is_valid():
        what = _("The points of %(items)s are missing or out of bounds.")
        words = {"items": ", ".join(sheet.errors)}
        yield Finding(
            "tests", (*path, "scores"), what % words, _("Give every item points it allows.")
        )
        return
    total = pack.criteria.sum(sheet.cleaned_data)
    if total != Decimal(str(case["total"])):
        yield _differs((*path, "total"), "total", case["total"], total)
    grade = pack.criteria.grade(total) or "none"
    if grade != case["grade"]:
        yield _differs((*path, "grade"), "grade", case["grade"], grade)


def _moves(pack: Pack, case: Content, path: Path) -> Iterator[Finding]:
    named = case.get("workflow")
    if named is not None and named not in pack.workflows:
        yield _unknown((*path, "workflow"), named, pack.workflows)
        return
    life = pack.workflows[named] if named else pack.workflow
    states = [state.name for state in life.states]
    if case["state"] not in states:
        yield _unknown((*path, "state"), case["state"], states)
        return
    found = [move.name for move in life.moves_from(case["state"])]
    if found != case["allowed"]:
        yield _differs((*path, "allowed"), "allowed", case["allowed"], found)


def _figures(pack: Pack, case: Content, path: Path) -> Iterator[Finding]:
    for key, what in (("values", "value"), ("bases", "base")):
        for indicator, said in case.get(key, {}).items():
            if indicator not in pack.indicators:
                yield _unknown((*path, key), indicator, pack.indicators)
                continue
            found = getattr(reckon(pack, indicator, case["rows"]), what)
            if found is None or Decimal(str(said)) != found:
                yield _differs((*path, key), indicator, said, found)
    for name, said in case.get("parts", {}).items():
        indicator, _dot, axis = name.partition(".")
        if indicator not in pack.indicators or axis not in pack.indicator(indicator).by:
            known = [f"{each.id}.{by}" for each in pack.indicators.values() for by in each.by]
            yield _unknown((*path, "parts"), name, known)
            continue
        found_parts = reckon(pack, indicator, case["rows"]).parts[axis]
        for part, number in said.items():
            if part not in found_parts:
                yield _unknown((*path, "parts"), part, [*pack.parts_of(axis), UNCLASSIFIED])
            elif Decimal(str(number)) != found_parts[part]:
                yield _differs((*path, "parts"), f"{name}.{part}", number, found_parts[part])
