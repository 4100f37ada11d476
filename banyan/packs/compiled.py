"""From content to a typed Pack. What `packs check` accepts compiles; other content may raise."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from banyan.kernel.canonical import digest
from banyan.kernel.workflow import Move, State, Workflow
from banyan.packs.reading import Content, read
from banyan.packs.schema import (
    Block,
    Choice,
    Condition,
    Criteria,
    Criterion,
    FieldSpec,
    FormSpec,
    Grade,
    Indicator,
    Pack,
    ReportSpec,
    Role,
    RoundSpec,
    Section,
    Setting,
    SheetSpec,
    by_id,
)
from banyan.packs.texts import flat

_CACHE: dict[str, Pack] = {}


def load(folder: Path) -> Pack:
    """The pack in a folder."""
    return compile_pack(read(folder))


def compile_pack(content: Content, content_hash: str | None = None) -> Pack:
    """The pack of a content; compiled once per content. `content_hash` spares hashing it again."""
    key = content_hash or digest(content)
    if key not in _CACHE:
        _CACHE[key] = _compiled(content, key)
    return _CACHE[key]


def known_pack(content_hash: str) -> Pack | None:
    """The pack of a content this process has compiled already."""
    return _CACHE.get(content_hash)


def amount(value: Any) -> Any:
    """The bare value of a number that may be written as a setting `{value, source, verified}`."""
    return value["value"] if isinstance(value, dict) else value


def bound(field: Mapping[str, Any], name: str) -> Any:
    """A field's `minimum` or `maximum`: int, Decimal, an ISO day of a date field, or None."""
    value = amount(field.get(name))
    is_number = isinstance(value, str) and "-" not in value[1:]
    return Decimal(value) if is_number else value


def tuples(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Those keys of `data` that are there, lists as tuples."""
    return {n: tuple(data[n]) if isinstance(data[n], list) else data[n] for n in names if n in data}


def _compiled(content: Content, key: str) -> Pack:
    pack = content["pack"]
    # By name: jsonb gives tables back in an order of its own.
    forms = by_id(form_spec(data) for _name, data in sorted(content["forms"].items()))
    workflow = content["workflow"]
    own_lives = sorted(content.get("workflows", {}).items())
    lives = [workflow, *(data for _name, data in own_lives)]
    settings = tuple(settings_of(content))
    return Pack(
        id=pack["id"],
        edition=pack["edition"],
        valid_from=pack["valid_from"],
        valid_until=pack.get("valid_until"),
        trees=tuple(pack["trees"]),
        unit_kinds=tuple(pack["unit_kinds"]),
        languages=tuple(pack["languages"]),
        line=pack["line"],
        roles=tuple(Role(**tuples(data, *data)) for data in pack.get("roles", [])),
        settings=settings,
        forms=forms,
        criteria=_criteria(content["criteria"]) if "criteria" in content else None,
        workflow=workflow_of(workflow),
        asks=by_id(field_spec(data) for life in lives for data in life.get("asks", ())),
        indicators=_indicators(content.get("indicators", {}).get("indicators", [])),
        reports=by_id(_report(data) for _name, data in sorted(content["reports"].items())),
        texts={language: flat(data) for language, data in content["text"].items()},
        hash=key,
        rounds=by_id(round_spec(data, settings) for data in pack.get("rounds", ())),
        workflows={name: workflow_of(data) for name, data in own_lives},
        **tuples(content.get("indicators", {}), "headline", "to_decide"),
    )


def round_spec(data: Content, settings: tuple[Setting, ...]) -> RoundSpec:
    """A kind of round, typed; its days are those of the settings it names."""
    values = {one.id: int(one.value) for one in settings}
    numbers: dict[str, Any] = {
        key: values[data[key]] for key in ("due_days", "least", "most") if key in data
    }
    return RoundSpec(
        **tuples(data, "id", "form", "periods", "asks", "receives"),
        remind_days=tuple(values[name] for name in data.get("remind_days", ())),
        **numbers,
    )


def form_spec(data: Content) -> FormSpec:
    """A form file, typed."""
    sheet = dict(data.get("sheet", {}))
    words = {state: tuple(said) for state, said in sheet.pop("state_words", {}).items()}
    fields = tuple(field_spec(each) for each in data["fields"])
    read = SheetSpec(**tuples(sheet, *sheet), state_words=words)
    return FormSpec(data["id"], data["purpose"], fields, read, data.get("workflow"))


def field_spec(data: Content) -> FieldSpec:
    """A field, typed."""
    given = tuples(data, *data) | {
        "minimum": bound(data, "minimum"),
        "maximum": bound(data, "maximum"),
        "choices": tuple(Choice(**tuples(each, *each)) for each in data.get("choices", ())),
    }
    return FieldSpec(**given)


def workflow_of(data: Content) -> Workflow:
    """The workflow file, typed."""
    states = tuple(
        State(each["id"], final=each.get("final", False), aside=each.get("aside", False))
        for each in data["states"]
    )
    moves = tuple(
        Move(
            each["id"],
            tuple(each["from"]),
            each["to"],
            each["by"],
            ask=tuple(each.get("ask", ())),
            rule=each.get("rule"),
            other_person=each.get("other_person", False),
        )
        for each in data["moves"]
    )
    return Workflow(data["start"], states, moves)


def _criteria(data: Content) -> Criteria:
    items = tuple(Criterion(each["id"], Decimal(amount(each["maximum"]))) for each in data["items"])
    grades = (Grade(each["id"], Decimal(amount(each["at_least"]))) for each in data["grades"])
    high_first = tuple(sorted(grades, key=lambda grade: -grade.at_least))
    return Criteria(data["form"], Decimal(amount(data["total"])), items, high_first)


def _indicators(data: list[Content]) -> dict[str, Indicator]:
    given = {each["id"]: each for each in data}

    def conditions(each: Content) -> tuple[Condition, ...]:
        own = tuple(
            Condition(fact, tuple(values) if isinstance(values, list) else (values,))
            for fact, values in each.get("where", {}).items()
        )
        wider = each.get("of") if each["op"] == "share" else each.get("within")
        return (conditions(given[wider]) if wider else ()) + own

    return {
        id: Indicator(id=id, where=conditions(each), **tuples(each, "op", "of", "over", "on", "by"))
        for id, each in given.items()
    }


def _report(data: Content) -> ReportSpec:
    sections = tuple(
        Section(each["id"], tuple(Block(**tuples(block, *block)) for block in each["blocks"]))
        for each in data["sections"]
    )
    given = tuples(data, "id", "layout", "document_kind", "period", "recipients")
    return ReportSpec(**given, sections=sections, committees=data.get("committees", {}))


def settings_of(content: Content) -> list[Setting]:
    """Every number with a source: of pack.toml by its name, others by where they stand."""
    found: list[Setting] = []

    def walk(value: Any, path: tuple[str, ...]) -> None:
        if isinstance(value, dict) and "value" in value and "source" in value:
            number = value["value"]
            found.append(
                Setting(
                    ".".join(path),
                    number if isinstance(number, int) else Decimal(number),
                    value["source"],
                    bool(value.get("verified", False)),
                )
            )
        elif isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, (*path, name))
        elif isinstance(value, list):
            for place, inner in enumerate(value):
                name = inner["id"] if isinstance(inner, dict) and "id" in inner else str(place)
                walk(inner, (*path, name))

    walk(content["pack"].get("settings", {}), ())
    for part in ("criteria", "forms", "workflow", "workflows"):
        walk(content.get(part, {}), (part,))
    return found
