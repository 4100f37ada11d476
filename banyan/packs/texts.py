"""Which texts a pack needs, and how its text files are read."""

from collections.abc import Iterator
from typing import Any

from banyan.packs.schema import FieldSpec, Pack

# Optional texts: shown where they stand. What one language has, every language must have.
OPTIONAL = ("help", "short")
# Optional too: the clauses of the sentence that tells how things stand, with slots as in reports.
SITUATION = ("situation.lead", "situation.also")


def flat(data: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested tables as dotted keys: `{"a": {"b": "x"}}` → `{"a.b": "x"}`."""
    found: dict[str, str] = {}
    for name, value in data.items():
        key = f"{prefix}{name}"
        found |= flat(value, f"{key}.") if isinstance(value, dict) else {key: str(value)}
    return found


def field_key(form: str, field: str) -> str:
    """Where the texts of a form's field stand: `.label`, `.help`, `.choices.<id>` under it."""
    return f"forms.{form}.fields.{field}"


def ask_key(ask: str) -> str:
    """Where the texts of something asked with a move stand."""
    return f"asks.{ask}"


def _of_field(spec: FieldSpec, key: str) -> Iterator[str]:
    yield f"{key}.label"
    for choice in spec.choices:
        yield f"{key}.choices.{choice.id}"
    if spec.measure:
        yield f"measures.{spec.measure}"


def _of_reports(pack: Pack) -> Iterator[str]:
    for report in pack.reports.values():
        here = f"reports.{report.id}"
        yield from (
            f"{here}.{name}" for name in ("title", "name", "subject", "above", "issuer", "signer")
        )
        yield from (f"{here}.recipients.{each}" for each in report.recipients)
        for section in report.sections:
            yield f"{here}.sections.{section.id}.heading"
            yield from (f"{here}.sections.{section.id}.{block.id}" for block in section.blocks)


def needed(pack: Pack) -> list[str]:
    """Every key that must have a text in every language of the pack, in a fixed order."""
    keys = ["title", "short", "about", "unclassified"]
    keys += [f"roles.{role.id}" for role in pack.roles]
    for setting in pack.settings:
        keys.append(f"sources.{setting.source}")
        if "." not in setting.id:
            keys.append(f"settings.{setting.id}")
    for form in pack.forms.values():
        keys.append(f"forms.{form.id}.title")
        keys += [f"forms.{form.id}.parts.{part}" for part in form.parts if part]
        for spec in form.fields:
            keys += _of_field(spec, field_key(form.id, spec.id))
    for one in pack.rounds.values():
        keys += [f"rounds.{one.id}.title", f"rounds.{one.id}.about", f"rounds.{one.id}.remind"]
    for life in (pack.workflow, *pack.workflows.values()):
        keys += [f"states.{state.name}" for state in life.states]
        keys += [f"moves.{move.name}" for move in life.moves]
    for ask in pack.asks.values():
        keys += _of_field(ask, ask_key(ask.id))
    if pack.criteria:
        keys += ["criteria.total", "grades.none"]
        keys += [f"criteria.{item.id}.label" for item in pack.criteria.items]
        keys += [f"grades.{grade.id}" for grade in pack.criteria.grades]
    keys += [f"indicators.{id}.label" for id in pack.indicators]
    keys += _of_reports(pack)
    return list(dict.fromkeys(keys))


def optional(key: str, wanted: set[str]) -> bool:
    """Whether a key that nobody needs may still stand: help or short beside a needed label, a clause."""
    if key in SITUATION:
        return True
    stem, _dot, last = key.rpartition(".")
    return last in OPTIONAL and f"{stem}.label" in wanted
