"""Do the parts of a pack fit each other: fields, states, texts, weights, indicators, slots?

Works on content that keeps to the vocabulary; yields findings, never raises.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from banyan.kernel.workflow import Workflow
from banyan.packs.check_rounds import lives_and_rounds, lives_of
from banyan.packs.compiled import amount, bound, workflow_of
from banyan.packs.findings import Finding, nearest
from banyan.packs.lines import Path
from banyan.packs.reading import Content
from banyan.packs.reckon import FACTS, YES_NO_FACTS
from banyan.packs.rules import RULES
from banyan.packs.schema import ADD_UP, OF_SOME

_CAPABILITY = re.compile(r"[a-z_]+\.[a-z_]+")
HEADLINE = 4
_RESERVED = {"fields": ("state", "registrant", "unit", "unclassified"), "items": ("total",)}


def meaning(files: dict[str, Content]) -> Iterator[Finding]:
    """Everything in these files that does not fit the rest of the pack."""
    forms = {name: data for name, data in files.items() if name.startswith("forms/")}
    lives = lives_of(files)
    states = [state["id"] for state in files["workflow"]["states"]]
    for name, form in forms.items():
        life = lives.get(f"workflows/{form.get('workflow')}", files["workflow"])
        yield from _form(name, form, [state["id"] for state in life["states"]])
    for name, life in lives.items():
        yield from _workflow(name, life, files["pack"], files["workflow"].get("asks", []))
    yield from lives_and_rounds(files)
    if "criteria" in files:
        yield from _criteria(files["criteria"], [form["id"] for form in forms.values()])
    fields = {field["id"]: field for form in forms.values() for field in form["fields"]}
    counted = files.get("indicators", {})
    indicators = counted.get("indicators", [])
    yield from _indicators(indicators, fields, states)
    yield from _situation(counted, {each["id"]: each["op"] for each in indicators})
    for name, data in files.items():
        if name.startswith("reports/"):
            yield from _blocks(name, data, indicators)


def _form(file: str, form: Content, states: list[str]) -> Iterator[Finding]:
    yield from _fields(file, ("fields",), form["fields"], states)
    sheet = form.get("sheet", {})
    for state in sheet.get("state_words", {}):
        if state not in states:
            what = _("“%(state)s” is not a state of the workflow.") % {"state": state}
            yield Finding(
                file, ("sheet", "state_words", state), what, nearest(state, states), state
            )
    ids = [field["id"] for field in form["fields"]]
    note = sheet.get("note_field")
    if note is not None and note not in ids:
        what = _("The form has no field “%(field)s”.") % {"field": note}
        yield Finding(file, ("sheet", "note_field"), what, nearest(note, ids))


def _fields(file: str, at: Path, fields: list[Content], states: list[str]) -> Iterator[Finding]:
    for place, field in enumerate(fields):
        path = (*at, place)
        if field["id"] in _RESERVED["fields"]:
            what = _("“%(id)s” is a fact that every record has.") % {"id": field["id"]}
            yield Finding(file, path, what, _("Give the field another id."), field["id"])
        wanted = field.get("required_at")
        if wanted is not None and wanted not in states:
            what = _("“%(state)s” is not a state of the workflow.") % {"state": wanted}
            yield Finding(file, (*path, "required_at"), what, nearest(wanted, states), wanted)
        if (field["kind"] == "choice") != bool(field.get("choices")):
            what = _("“%(id)s” has the kind %(kind)s.") % {"id": field["id"], "kind": field["kind"]}
            instead = _("A choice needs `choices`; no other kind may have them.")
            yield Finding(file, path, what, instead, field["id"])
        if field["kind"] == "boolean" and (field.get("required") or wanted):
            what = _("A box to tick cannot be required: unticked means no.")
            instead = _("Leave it out, or make it a choice of two.")
            yield Finding(file, path, what, instead, field["id"])
        if field.get("phrases") and field["kind"] != "boolean":
            what = _("`phrases` answer yes, but “%(id)s” is no boolean.") % {"id": field["id"]}
            yield Finding(file, (*path, "phrases"), what, _("Leave `phrases` out."))
        if field.get("decimals") and field["kind"] != "number":
            what = _("Only a number has `decimals`.")
            yield Finding(file, (*path, "decimals"), what, _("Leave `decimals` out."))
        if not 0 <= field.get("decimals", 0) <= 2:
            what = _("More than two decimals cannot be told from thousands.")
            yield Finding(file, (*path, "decimals"), what, _("Write 0, 1 or 2."))
        yield from _bounds(file, path, field)


def _bounds(file: str, path: Path, field: Content) -> Iterator[Finding]:
    least, most = bound(field, "minimum"), bound(field, "maximum")
    for name in ("minimum", "maximum"):
        value = amount(field.get(name))
        if value is None:
            continue
        is_day = isinstance(value, str) and "-" in value[1:]
        if field["kind"] in ("choice", "boolean", "unit", "person", "file", "files"):
            what = _("A %(kind)s has no `%(bound)s`.") % {"kind": field["kind"], "bound": name}
            yield Finding(file, (*path, name), what, _("Leave it out."))
        elif is_day != (field["kind"] == "date"):
            what = _("`%(bound)s` does not fit the kind %(kind)s.")
            instead = _("Days bound a date, numbers everything else.")
            words = {"kind": field["kind"], "bound": name}
            yield Finding(file, (*path, name), what % words, instead)
    if (
        isinstance(least, str) == isinstance(most, str)
        and None not in (least, most)
        and least > most
    ):
        what = _("`minimum` is greater than `maximum`.")
        yield Finding(file, (*path, "minimum"), what, _("Exchange the two."))


def _workflow(file: str, data: Content, pack: Content, common: list[Content]) -> Iterator[Finding]:
    """`common`: what the pack's own workflow asks; moves of other lives may ask it too."""
    states = [state["id"] for state in data["states"]]
    asks = [ask["id"] for ask in (*common, *data.get("asks", []))]
    table = list(_table_of_moves(file, data, states, asks))
    yield from table
    if not table:
        yield from _life(file, workflow_of(data))
    yield from _fields(file, ("asks",), data.get("asks", []), states)
    held = sorted({right for role in pack.get("roles", []) for right in role["capabilities"]})
    for place, move in enumerate(data["moves"]):
        path = ("moves", place)
        if not _CAPABILITY.fullmatch(move["by"]):
            what = _("“%(right)s” is no capability.") % {"right": move["by"]}
            yield Finding(file, (*path, "by"), what, _("Write it as `thing.verb`."))
        elif move["by"] not in held:
            what = _("No role of the pack holds “%(right)s”, so nobody could make the move.")
            instead = nearest(move["by"], held)
            yield Finding(file, (*path, "by"), what % {"right": move["by"]}, instead)
        rule = move.get("rule")
        if rule is not None and rule not in RULES:
            what = _("Unknown rule “%(rule)s”.") % {"rule": rule}
            yield Finding(file, (*path, "rule"), what, nearest(rule, RULES))


def _table_of_moves(
    file: str, data: Content, states: list[str], asks: list[str]
) -> Iterator[Finding]:
    """Whether the start and every move name states that are there, and asks that are described."""
    named: list[tuple[Path, str]] = [(("start",), data["start"])]
    for place, move in enumerate(data["moves"]):
        named += [(("moves", place, "from"), state) for state in move["from"]]
        named.append((("moves", place, "to"), move["to"]))
        if not move["from"]:
            what = _("“%(move)s” starts nowhere.") % {"move": move["id"]}
            yield Finding(file, ("moves", place, "from"), what, _("Name a state in `from`."))
        for ask in move.get("ask", []):
            if ask not in asks:
                what = _("Nothing of the name “%(ask)s” is asked.") % {"ask": ask}
                yield Finding(file, ("moves", place, "ask"), what, nearest(ask, asks))
    for path, state in named:
        if state not in states:
            what = _("“%(state)s” is not a state of the workflow.") % {"state": state}
            yield Finding(file, path, what, nearest(state, states), state)


def _life(file: str, workflow: Workflow) -> Iterator[Finding]:
    """Whether every state can be reached, and every end is meant."""
    for place, state in enumerate(workflow.states):
        words = {"state": state.name, "start": workflow.start}
        path = ("states", place)
        if workflow.route(workflow.start, state.name) is None:
            what = _("“%(state)s” cannot be reached from “%(start)s”.") % words
            instead = _('Add a move with to = "%(state)s", or take the state out.') % words
            yield Finding(file, path, what, instead, state.name)
        if not state.final and not workflow.moves_from(state.name):
            what = _("Nothing leads on from “%(state)s”.") % words
            instead = _("Write final = true at the state, or give it a move.")
            yield Finding(file, path, what, instead, state.name)


def _criteria(data: Content, forms: list[str]) -> Iterator[Finding]:
    if data["form"] not in forms:
        what = _("There is no form “%(form)s”.") % {"form": data["form"]}
        yield Finding("criteria", ("form",), what, nearest(data["form"], forms))
    total = Decimal(amount(data["total"]))
    found = sum((Decimal(amount(item["maximum"])) for item in data["items"]), Decimal(0))
    if total != found:
        what = _("The items add up to %(found)s, the total says %(total)s.")
        instead = _("Change the items, or write total = %(found)s.")
        words = {"found": found, "total": total}
        yield Finding("criteria", ("total",), what % words, instead % words)
    for place, item in enumerate(data["items"]):
        if item["id"] in _RESERVED["items"]:
            what = _("“%(id)s” is the name of the sum.") % {"id": item["id"]}
            yield Finding("criteria", ("items", place), what, _("Give the item another id."))
    for place, grade in enumerate(data["grades"]):
        if not 0 < Decimal(amount(grade["at_least"])) <= total:
            what = _("The grade “%(id)s” can never or always be reached.") % {"id": grade["id"]}
            instead = _("Write a number above 0, at most %(total)s.") % {"total": total}
            yield Finding("criteria", ("grades", place, "at_least"), what, instead)


def _indicators(
    indicators: list[Content], fields: dict[str, Content], states: list[str]
) -> Iterator[Finding]:
    known = {each["id"]: each for each in indicators}
    axes = [id for id, field in fields.items() if field["kind"] in ("choice", "boolean")]
    for place, each in enumerate(indicators):
        path = ("indicators", place)
        yield from _sources(path, each, fields, known)
        yield from _where(path, each, fields, states)
        yield from _uncounted(path, each, fields)
        for axis in each.get("by", []):
            if axis not in (*axes, "state"):
                what = _("“%(axis)s” is no axis: neither a choice nor a boolean.") % {"axis": axis}
                yield Finding("indicators", (*path, "by"), what, nearest(axis, axes), axis)
        if _in_circle(each, known):
            what = _("“%(id)s” leans on itself.") % {"id": each["id"]}
            yield Finding("indicators", path, what, _("Change `of` or `within`."))


def _situation(data: Content, ops: dict[str, str]) -> Iterator[Finding]:
    """Whether what the page of the situation is made of is there, and fits on it. `ops`: indicator →
    how it is reckoned."""
    for key in ("headline", "to_decide"):
        for id in data.get(key, []):
            if id not in ops:
                what = _("There is no indicator “%(id)s”.") % {"id": id}
                yield Finding("indicators", (key,), what, nearest(id, list(ops)), id)
    first = next((ops[id] for id in data.get("headline", []) if id in ops), "count")
    if first not in (*ADD_UP, "distinct"):
        what = _("“%(op)s” comes first, but does not add up over the units below.") % {"op": first}
        instead = _("Let `headline` begin with what units are to have at all: a count.")
        yield Finding("indicators", ("headline",), what, instead)
    if len(data.get("headline", [])) > HEADLINE:
        what = _("`headline` names more than four indicators.")
        yield Finding("indicators", ("headline",), what, _("Keep the four that matter most."))


def _sources(
    path: Path, each: Content, fields: dict[str, Content], known: dict[str, Content]
) -> Iterator[Finding]:
    """Whether `of`, `over`, `on`, `within` are there as the operation needs them, and no others."""
    needed = _references(each, fields, known)
    for key, names, why in needed:
        value = each.get(key)
        if value is None:
            what = _("“%(op)s” needs `%(key)s`.") % {"op": each["op"], "key": key}
            instead = _("Add `%(key)s`: %(why)s.") % {"key": key, "why": why}
            yield Finding("indicators", path, what, instead)
        elif value not in names:
            what = _("“%(value)s” is not %(why)s.") % {"value": value, "why": why}
            yield Finding("indicators", (*path, key), what, nearest(value, names), value)
    used = {key for key, _names, _why in needed}
    if each["op"] not in ("share", "ratio"):
        used.add("within")
    for key in ("of", "over", "on", "within"):
        if key in each and key not in used:
            what = _("“%(op)s” has no use for `%(key)s`.") % {"op": each["op"], "key": key}
            yield Finding("indicators", (*path, key), what, _("Leave it out."))
    wider = each.get("within")
    if wider is not None and wider not in known:
        what = _("There is no indicator “%(id)s”.") % {"id": wider}
        yield Finding("indicators", (*path, "within"), what, nearest(wider, known), wider)


def _uncounted(path: Path, each: Content, fields: dict[str, Content]) -> Iterator[Finding]:
    used = [each.get("of"), each.get("on"), *each.get("where", {}), *each.get("by", [])]
    for id in dict.fromkeys(name for name in used if name in fields):
        if not fields[id].get("counted"):
            what = _("The field “%(id)s” is reckoned with but not marked as counted.") % {"id": id}
            instead = _("Write counted = true at the field.")
            yield Finding("indicators", path, what, instead, id)


def _references(
    each: Content, fields: dict[str, Content], known: dict[str, Content]
) -> list[tuple[str, list[str], str]]:
    """Which keys an operation needs, what they may name, and how that is called."""
    numbers = [id for id, field in fields.items() if field["kind"] in ("number", "money")]
    days = [id for id, field in fields.items() if field["kind"] == "date"]
    indicators = list(known)
    return {
        "count": [],
        "distinct": [("of", [*fields, *FACTS], _("a field or fact"))],
        "sum": [("of", numbers, _("a number field"))],
        "share": [("of", indicators, _("an indicator"))],
        "ratio": [("of", indicators, _("an indicator")), ("over", indicators, _("an indicator"))],
        "latest": [("of", numbers, _("a number field")), ("on", days, _("a date field"))],
        **{op: [("of", numbers, _("a number field"))] for op in OF_SOME if op != "latest"},
    }[str(each["op"])]


def _where(
    path: Path, each: Content, fields: dict[str, Content], states: list[str]
) -> Iterator[Finding]:
    for fact, values in each.get("where", {}).items():
        here = (*path, "where", fact)
        known = _values_of(fact, fields, states)
        if known is None:
            what = _("“%(fact)s” is neither a choice or boolean field nor `state`.") % {
                "fact": fact
            }
            choices = [id for id in fields if _values_of(id, fields, states) is not None]
            yield Finding("indicators", here, what, nearest(fact, [*choices, "state"]), fact)
            continue
        for value in values if isinstance(values, list) else [values]:
            if value not in known:
                what = _("“%(fact)s” is never “%(value)s”.") % {"fact": fact, "value": value}
                instead = nearest(str(value), [str(word).lower() for word in known])
                yield Finding("indicators", here, what, instead, str(value))


def _values_of(fact: str, fields: dict[str, Content], states: list[str]) -> list[Any] | None:
    if fact == "state":
        return list(states)
    if fact in YES_NO_FACTS:
        return [True, False]
    kind = fields.get(fact, {}).get("kind")
    if kind == "boolean":
        return [True, False]
    return (
        [choice["id"] for choice in fields[fact].get("choices", [])] if kind == "choice" else None
    )


def _in_circle(each: Content, known: dict[str, Content]) -> bool:
    waiting, seen = [each["id"]], set()
    while waiting:
        here = known.get(waiting.pop(), {})
        uses_indicators = here.get("op") in ("share", "ratio")
        for key in ("of", "over", "within") if uses_indicators else ("within",):
            if here.get(key) == each["id"]:
                return True
            if here.get(key) in known and here[key] not in seen:
                seen.add(here[key])
                waiting.append(here[key])
    return False


def _blocks(file: str, report: Content, indicators: list[Content]) -> Iterator[Finding]:
    by = {each["id"]: each.get("by", []) for each in indicators}
    for s, section in enumerate(report["sections"]):
        for b, block in enumerate(section["blocks"]):
            path = ("sections", s, "blocks", b)
            if block["id"] == "heading":
                what = _("“heading” is the name of the section's heading.")
                yield Finding(file, path, what, _("Give the block another id."))
            if (block["kind"] == "table") != bool(block.get("indicators") and block.get("by")):
                what = _("“%(id)s” is a %(kind)s.") % {"id": block["id"], "kind": block["kind"]}
                instead = _("A table needs `indicators` and `by`; no other block has them.")
                yield Finding(file, path, what, instead)
                continue
            for each in block.get("indicators", []):
                if each not in by:
                    what = _("There is no indicator “%(id)s”.") % {"id": each}
                    yield Finding(file, (*path, "indicators"), what, nearest(each, by), each)
                elif block["by"] not in by[each]:
                    what = _("“%(id)s” is not split by “%(axis)s”.") % {
                        "id": each,
                        "axis": block["by"],
                    }
                    yield Finding(file, (*path, "by"), what, nearest(block["by"], by[each]), each)
