"""From a pack's report template and live figures to the content of a Party document."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from banyan.figures import words
from banyan.figures.rollup import Reckoning
from banyan.packs.schema import Block, Pack, ReportSpec
from banyan.reports import party_report as party

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def compose(
    reckoning: Reckoning, spec: ReportSpec, *, language: str, on: date | None, host: str = ""
) -> party.PartyReport:
    """The report of a place and period: what figures say is filled in, the rest is left to write.

    `host` (https://…) makes the addresses in the annex of sources complete.
    """
    pack, place = reckoning.pack, reckoning.place
    here = f"reports.{spec.id}"
    name = place.name_on(reckoning.period.last)
    facts = {**words.facts_of(reckoning), "committee": spec.committee_of(name)}

    def text(key: str) -> str:
        return "".join(
            part.text
            for part in words.parts_of(reckoning, pack.text(f"{here}.{key}", language), facts)
        )

    heading = party.Heading(
        superior=text("above"),
        issuer=text("issuer"),
        number=party.number_line(None, spec.document_kind, word=_("No.")),
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
                tuple(
                    made
                    for place_in, block in enumerate(section.blocks, 1)
                    for made in _block(
                        reckoning, spec, section.id, block, facts, language, place_in
                    )
                ),
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
        annex_sources=_sources(reckoning, language, host),
    )


def _short(name: str) -> str:
    """The place before the date bears the bare name: Thanh Trì, ngày …"""
    heads = ("Thành phố", "Thị trấn", "Thị xã", "Đặc khu", "Huyện", "Quận", "Tỉnh", "Phường", "Xã")
    for head in heads:
        if name.startswith(head + " "):
            return name[len(head) :].strip()
    return name


def _block(
    reckoning: Reckoning,
    spec: ReportSpec,
    section: str,
    block: Block,
    facts: dict[str, str],
    language: str,
    number: int,
) -> list[party.Paragraph | party.Slot | party.Table | party.Section]:
    pack = reckoning.pack
    written = pack.text(f"reports.{spec.id}.sections.{section}.{block.id}", language)
    if block.kind == "narrative":
        return [party.Section(2, f"{number}.", written, (party.Slot(written),))]
    if block.kind == "table":
        return [_table(reckoning, block, written, language)]
    pieces = [
        party.Shown(part.text, part.source) if part.strong else part.text
        for part in words.parts_of(reckoning, written, facts)
    ]
    return [party.sentence(*pieces)]


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
        base=" ".join(words.warnings(reckoning, words.language_now())),
    )


def _sources(reckoning: Reckoning, language: str, host: str) -> tuple[party.AnnexSource, ...]:
    pack = reckoning.pack
    found = []
    for value in reckoning.values.values():
        label = pack.text(f"indicators.{value.indicator}.label", language)
        base = "" if value.base is None else words.number_text(value.base)
        shown = words.number_text(value.value)
        if value.base is not None:
            shown = f"{shown} ({words.percent_text(value.percent)})"
        found.append(party.AnnexSource(value.indicator, label, shown, base, host + value.opens))
        for axis, parts in value.parts.items():
            for part, number in parts.items():
                key = f"{value.indicator}.{axis}.{part}"
                where = f"{label} – {words.part_label(pack, axis, part, language)}"
                opens = host + value.part_opens[axis][part]
                found.append(party.AnnexSource(key, where, words.number_text(number), "", opens))
    return tuple(found)


def template_of(pack: Pack, period_kind: str) -> ReportSpec | None:
    """The pack's report for this kind of period, else its first."""
    fitting = [one for one in pack.reports.values() if one.period == period_kind]
    return next(iter([*fitting, *pack.reports.values()]), None)
