"""Reading an officer's workbook for the register: what each row would become, and what is unclear.

Nothing is changed here, so it may be repeated; `import_taking.take` registers what was read.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _

from banyan.figures.words import period_text
from banyan.imports import notes as import_notes
from banyan.imports.pack_rows import ImportRow, RowTaker
from banyan.imports.pack_sheet import TITLE, Plan
from banyan.imports.places import Places, call
from banyan.imports.told import CellTold
from banyan.initiatives.models import Batch, Initiative
from banyan.kernel.errors import Refusal
from banyan.kernel.notes import Note, note
from banyan.kernel.period import Period
from banyan.kernel.sheets import UnreadableWorkbook, read_workbook
from banyan.kernel.tables import Table, find_tables
from banyan.ledger.operation import refusal
from banyan.orgs.models import Tree, Unit
from banyan.packs.models import Edition
from banyan.packs.schema import FormSpec, Pack
from banyan.people.actor import Actor
from banyan.submissions.models import Round

CAPABILITY = "submission.import"


@dataclass(frozen=True)
class Order:
    """What is to be imported: which file, for which programme, by which unit, for which period.

    Without a period, the one that the title of the sheet names is taken.
    """

    programme: str
    unit: Unit
    period: Period | None
    filename: str
    content: bytes
    language: str

    @cached_property
    def sha256(self) -> str:
        """The file's own name: the hash of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class Reading:
    """A workbook, read for a register."""

    order: Order
    period: Period
    edition: Edition
    plan: Plan
    round: Round | None
    places: Places
    tables: list[Table]
    rows: list[ImportRow]
    earlier: Batch | None
    notes: list[Note] = field(default_factory=list)

    @property
    def unit(self) -> Unit:
        """The unit whose register it is."""
        return self.order.unit

    @property
    def taken(self) -> list[ImportRow]:
        """Rows that become models."""
        return [row for row in self.rows if row.is_taken]

    @property
    def left_out(self) -> list[ImportRow]:
        """Rows kept out because something needed is missing or unclear."""
        return [row for row in self.rows if row.outcome == "wrong"]

    @property
    def set_aside(self) -> Iterator[tuple[str, int, Note]]:
        """Lines that are no records: sheet, line, why."""
        for table in self.tables:
            for row in table.set_aside:
                if row.set_aside is not None:
                    yield table.sheet, row.number, row.set_aside

    def counts(self) -> dict[str, int]:
        """read = ready + there_already + wrong; `doubtful` of the ready have a cell left empty."""
        by = Counter(row.outcome for row in self.rows)
        return {
            "read": len(self.rows),
            "ready": by["ready"] + by["doubtful"],
            "doubtful": by["doubtful"],
            "wrong": by["wrong"],
            "there_already": by["there"],
            "set_aside": len(list(self.set_aside)),
        }


def read(order: Order, *, by: Actor) -> Reading:
    """Read a workbook. Raises Refusal for whoever may not import there, and for what is no register."""
    if not by.may(CAPABILITY, at=order.unit):
        raise refusal(CAPABILITY)
    # The form as it was when the period ended; which period, the title may have to tell.
    told = order.period
    if told is None:
        told = _named(_tables(order, edition_of(order.programme, None).pack, None)[1])
    round = round_at(order, told) if told else None
    edition = round.edition if round else edition_of(order.programme, told)
    plan, tables, aside = _tables(order, edition.pack, told)
    period, notes = _period(order, tables)
    places = Places(order.unit, period.last, edition.pack.unit_kinds)
    call(order.unit, places.parent_name)
    if round is None:
        notes.append(_round_to_open(order.unit, period, by))
    rows: list[ImportRow] = []
    for table in tables:
        taker = RowTaker(plan, table, places)
        rows += [taker.take(row) for row in table.records]
        notes += [one for one in taker.once.values() if one not in notes]
        notes += [*_total_agrees(table), *table.notes]
    earlier = round.batches.filter(sha256=order.sha256).first() if round else None
    if earlier is not None:
        notes.append(note("imported_before", n=str(earlier.things)))
    reading = Reading(order, period, edition, plan, round, places, tables, rows, earlier)
    _mark_repeats(reading)
    reading.notes = [*notes, *aside]
    return reading


def register_form(pack: Pack) -> FormSpec:
    """The form whose records are models. Raises Refusal when a programme has none."""
    for form in pack.forms.values():
        if form.purpose == "initiative":
            return form
    raise Refusal(
        _("This programme keeps no register of models."), "", _("Choose another programme.")
    )


def unreadable(error: UnreadableWorkbook, plan: Plan) -> Refusal:
    """Why a file cannot be imported, in words; with the headings that were looked for."""
    why = ""
    if error.note.code == "no_table":
        wanted = [column.headings[0] for column in plan.columns if column.headings]
        why = _("The headings looked for: %(headings)s.") % {"headings": "; ".join(wanted)}
    return Refusal(
        _("The file cannot be imported."),
        " ".join(filter(None, [import_notes.sentence(error.note), why])),
        _("Nothing was changed."),
    )


# --- reading ------------------------------------------------------------------------------------


def _tables(
    order: Order, pack: Pack, period: Period | None
) -> tuple[Plan, list[Table], list[Note]]:
    """The tables of the file that name models, and why other sheets were set aside."""
    plan = Plan(pack, register_form(pack), order.language)
    within = (period.first, period.last) if period else None
    try:
        found = find_tables(read_workbook(order.content), plan.columns, within=within)
        tables = [table for table in found.tables if TITLE not in table.missing]
        if not tables:
            raise UnreadableWorkbook(
                note("no_table", sheets="; ".join(one.sheet for one in found.tables))
            )
    except UnreadableWorkbook as error:
        raise unreadable(error, plan) from error
    label = plan.label(TITLE)
    untitled = [
        note("no_title_column", sheet=one.sheet, label=label)
        for one in found.tables
        if TITLE in one.missing
    ]
    return plan, tables, [*found.set_aside, *untitled]


def _named(tables: tuple[Table, ...] | list[Table]) -> Period | None:
    """The period that the titles name, if they name one."""
    named = {table.period for table in tables if table.period}
    return Period.parse(named.pop()) if len(named) == 1 else None


def _period(order: Order, tables: list[Table]) -> tuple[Period, list[Note]]:
    """The period asked for; else the title's. They must not contradict each other."""
    named = _named(tables)
    if order.period is None:
        if named is None:
            raise Refusal(
                _("The title of the sheet names no period."),
                _("A register is always that of a period."),
                _("Choose the period."),
            )
        return named, [note("period_of_title", period=period_text(named))]
    asked = order.period
    if named and not (asked.first <= named.first and named.after <= asked.after):
        raise Refusal(
            _("The title of the sheet says %(named)s, you asked for %(asked)s.")
            % {"named": named.key, "asked": asked.key},
            _("A register goes into the round of its own period."),
            _("Choose the other period, or mend the title of the sheet."),
        )
    return asked, []


def round_at(order: Order, period: Period) -> Round | None:
    """The programme's round of the period at the unit, else the nearest above it."""
    above = {
        "unit__descent__unit": order.unit,
        "unit__descent__tree": Tree.STATE,
        "unit__descent__valid__contains": period.last,
    }
    rounds = Round.objects.filter(
        edition__programme__key=order.programme, period=period.key, **above
    )
    nearest = rounds.select_related("edition__programme").order_by("unit__descent__depth")
    return next((one for one in nearest if one.spec.purpose == "initiative"), None)


def edition_of(programme: str, period: Period | None) -> Edition:
    """The edition in force when the period ended; the newest while the period is not known.

    Raises Refusal when the programme is not installed (404), or did not run then.
    """
    editions = list(Edition.objects.of(programme).newest_first())
    if not editions:
        raise Refusal(
            _("The programme “%(key)s” is not installed here.") % {"key": programme},
            "",
            _("Install it: banyan packs install %(key)s") % {"key": programme},
            status=404,
        )
    fitting = [one for one in editions if period is None or period.last in one.valid]
    if not fitting and period is not None:
        raise Refusal(
            _("This programme did not run on %(day)s.") % {"day": period.last.strftime("%d/%m/%Y")},
            "",
            _("Choose a period in which it runs."),
        )
    return fitting[0]


def _round_to_open(unit: Unit, period: Period, by: Actor) -> Note:
    if not by.may("round.open", at=unit):
        raise Refusal(
            _("No round of registration is open for your unit."),
            _("A model is always registered in a round: a programme, a period, a due date."),
            _("Ask the officer above to open the round of this period."),
            status=409,
        )
    return note("round_will_open", **round_told(unit, period))


def round_told(unit: Unit, period: Period) -> dict[str, str]:
    """What is said of a round that an import opens: it is due when its period ends."""
    name, due = unit.name_on(period.last), period.last.isoformat()
    return {"period": period_text(period), "name": name, "date": due}


def _total_agrees(table: Table) -> list[Note]:
    if table.stated_total is None or table.stated_total != len(table.records):
        return []
    at = next((row.total_at for row in table.set_aside if row.total_at), "") or ""
    return [note("total_agrees", stated=str(table.stated_total), cell=at)]


def _mark_repeats(reading: Reading) -> None:
    """Rows that stand in the register already are not taken; twice in one file is only told."""
    there = there_already(reading)
    seen: dict[tuple[int, str, str], int] = {}
    for row in reading.rows:
        if row.is_out:
            continue
        row.there = there.get(row.same, "")
        label = reading.plan.label(TITLE)
        at, raw = row.at.get(TITLE, ""), row.raw.get(TITLE, "")
        if row.there:
            told = note("there_already", code=row.there)
            row.told.append(CellTold(at, TITLE, label, raw, "", "understood", (told,)))
        elif row.same in seen:
            told = note("twice_in_file", line=str(seen[row.same]))
            row.told.append(CellTold(at, TITLE, label, raw, row.title, "understood", (told,)))
        seen.setdefault(row.same, row.line)


def there_already(reading: Reading) -> dict[tuple[int, str, str], str]:
    """Unit, folded title and kind of registrant of models in this round → their codes."""
    if reading.round is None:
        return {}
    known = Initiative.objects.filter(
        submission__round=reading.round, folded__in={row.same[1] for row in reading.rows}
    ).exclude(submission__state="withdrawn")
    rows = known.values_list("unit", "folded", "registrant__kind", "code")
    return {(unit, folded, kind): code for unit, folded, kind, code in rows}
