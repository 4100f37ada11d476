"""From a pack's report template and live figures to the content of a Party document."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from banyan.figures import words
from banyan.figures.rollup import Reckoning
from banyan.packs.schema import Block, Pack, ReportSpec, Section
from banyan.reports import party_report as party

# The body's abbreviation is given with the number, by hand.
BODY = "………"
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def compose(
    reckoning: Reckoning, spec: ReportSpec, *, language: str, on: date | None, host: str = ""
) -> party.PartyReport:
    """The report of a place and period: what figures say is filled in, the rest is left to write.

    `host` (https://…) makes the addresses in the annex of sources complete.
    """
    pack = reckoning.pack
    here = f"reports.{spec.id}"
    name = reckoning.name
    facts = {**words.facts_of(reckoning), "committee": spec.committee_of(name)}

    def text(key: str) -> str:
        return "".join(
            part.text
            for part in words.parts_of(reckoning, pack.text(f"{here}.{key}", language), facts)
        )

    heading = party.Heading(
        superior=text("above"),
        issuer=text("issuer"),
        number=party.number_line(None, f"{spec.document_kind}/{BODY}", word=_("No.")),
        place=_short(name),
        on=on,
    )
    return party.PartyReport(
        heading=heading,
        kind=text("name"),
        subject=(text("subject"),),
        intro=(),
        sections=tuple(
            party.Section(
                1,
                f"{ROMAN[n]}.",
                text(f"sections.{section.id}.heading"),
                _blocks(reckoning, spec, section, facts, language),
            )
            for n, section in enumerate(spec.sections)
        ),
        annexes=(),
        recipients=tuple(text(f"recipients.{one}") for one in spec.recipients),
        authority="",
        signer_post=text("signer"),
        signer_name=None,
        synthetic=reckoning.synthetic,
        language=language,
        figures_note=_note(reckoning),
        annex_sources=_sources(reckoning, spec, language, host),
    )


def _short(name: str) -> str:
    """The place before the date bears the bare name: Thanh Trì, ngày …"""
    heads = ("Thành phố", "Thị trấn", "Thị xã", "Đặc khu", "Huyện", "Quận", "Tỉnh", "Phường", "Xã")
    for head in heads:
        if name.startswith(head + " "):
            return name[len(head) :].strip()
    return name


Blocks = tuple[party.Paragraph | party.Slot | party.Table | party.Section, ...]


def _blocks(
    reckoning: Reckoning, spec: ReportSpec, section: Section, facts: dict[str, str], language: str
) -> Blocks:
    """The numbered parts of a section: each narrative is one; what figures say together is one."""
    pack = reckoning.pack
    parts: list[party.Section] = []
    for told, together in groupby(section.blocks, key=lambda block: block.kind == "narrative"):
        texts = {
            block: pack.text(f"reports.{spec.id}.sections.{section.id}.{block.id}", language)
            for block in together
        }
        if told:
            slot = party.Slot(_("to be written by the officer who compiles the report"))
            parts += [
                party.Section(2, f"{len(parts) + n}.", t, (slot,)) for n, t in _from_one(texts)
            ]
            continue
        inside = tuple(
            _table(reckoning, block, written, language)
            if block.kind == "table"
            else _paragraph(reckoning, written, facts)
            for block, written in texts.items()
        )
        parts.append(party.Section(2, f"{len(parts) + 1}.", pack.text("title", language), inside))
    return tuple(parts)


def _from_one(texts: Mapping[Block, str]) -> Iterator[tuple[int, str]]:
    return enumerate(texts.values(), 1)


def _paragraph(reckoning: Reckoning, written: str, facts: dict[str, str]) -> party.Paragraph:
    pieces = [
        party.Shown(part.text, part.source) if part.strong else part.text
        for part in words.parts_of(reckoning, written, facts)
    ]
    return party.sentence(*pieces)


def _table(reckoning: Reckoning, block: Block, caption: str, language: str) -> party.Table:
    pack, axis = reckoning.pack, str(block.by)
    shown = [reckoning[name] for name in block.indicators]
    labels = [pack.text(f"indicators.{v.indicator}.label", language) for v in shown]
    parts = shown[0].parts[axis]
    rows = [
        (
            words.part_label(pack, axis, part, language),
            *(words.number_text(value.parts[axis][part]) for value in shown),
        )
        for part in parts
        if part != "unclassified" or any(value.parts[axis][part] for value in shown)
    ]
    rows.append((_("Total"), *(words.number_text(value.value) for value in shown)))
    return party.Table(
        caption=caption,
        headers=(words.axis_label(pack, axis, language), *labels),
        rows=tuple(rows),
        numeric=frozenset(range(1, len(shown) + 1)),
        total_rows=1,
    )


def _note(reckoning: Reckoning) -> party.FiguresNote:
    local = timezone.localtime(reckoning.as_of)
    return party.FiguresNote(
        as_of=_("Figures of %(at)s.") % {"at": local.strftime("%d/%m/%Y %H:%M")},
        reading=words.reading_text(reckoning),
        completeness=words.completeness(reckoning) + ".",
        placing=" ".join(f"{one.title}. {one.text}" for one in words.unplaced(reckoning)),
        base=" ".join(words.warnings(reckoning, words.language_now())),
    )


def _sources(
    reckoning: Reckoning, spec: ReportSpec, language: str, host: str
) -> tuple[party.AnnexSource, ...]:
    """Each figure that the report's sentences print, with its base and where its records are."""
    pack = reckoning.pack
    found = {}
    for section, block in (
        (s, b) for s in spec.sections for b in s.blocks if b.kind == "paragraph"
    ):
        written = pack.text(f"reports.{spec.id}.sections.{section.id}.{block.id}", language)
        for part in words.parts_of(reckoning, written, words.facts_of(reckoning)):
            if part.source and part.source not in found:
                found[part.source] = _source(reckoning, part.source, language, host)
    return tuple(found.values())


def _source(reckoning: Reckoning, key: str, language: str, host: str) -> party.AnnexSource:
    pack = reckoning.pack
    name, _dot, rest = key.partition(".")
    value = reckoning[name]
    label = pack.text(f"indicators.{name}.label", language)
    address = host + permalink(reckoning, key)
    if rest:
        axis, part = rest.split(".")
        label = f"{label} – {words.part_label(pack, axis, part, language)}"
        return party.AnnexSource(
            key, label, words.number_text(value.parts[axis][part]), "", address
        )
    shown = words.number_text(value.value)
    if value.base is None:
        return party.AnnexSource(key, label, shown, "", address)
    shown = f"{shown} ({words.percent_text(value.percent)})"
    return party.AnnexSource(key, label, shown, words.number_text(value.base), address)


def permalink(reckoning: Reckoning, key: str) -> str:
    """A short address of a figure's records, fit for paper."""
    where = [reckoning.pack.id, reckoning.period.key, reckoning.place.label or "-", key]
    asked = urlencode(reckoning.reading.query)
    return f"{reverse('figure', args=where)}?{asked}" if asked else reverse("figure", args=where)


def template_of(pack: Pack, period_kind: str) -> ReportSpec | None:
    """The pack's report for this kind of period, else its first."""
    fitting = [one for one in pack.reports.values() if one.period == period_kind]
    return next(iter([*fitting, *pack.reports.values()]), None)
