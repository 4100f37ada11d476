"""The closed vocabulary of packs: every table, its keys, what each may hold and what it is for.

`packs check` reads it, and docs/packs.md prints it, so the two cannot drift apart.
"""

from dataclasses import dataclass

from banyan.packs.reckon import FACTS


def N_(text: str) -> str:
    """Mark a text for the catalogues. Django's own marker reads the settings at import."""
    return text


@dataclass(frozen=True)
class Key:
    """A key of a table. `type` is one of TYPES; `allowed` closes its values; `of` names the table
    inside a `table` or `tables`."""

    name: str
    type: str
    says: str
    needed: bool = False
    allowed: tuple[str, ...] = ()
    of: str = ""


TYPES = {
    "id": N_("a name: small letters, digits, `_` and `-`, beginning with a letter"),
    "ids": N_("a list of names"),
    "text": N_("text"),
    "texts": N_("a list of texts"),
    "whole": N_("a whole number"),
    "number": N_("a number"),
    "flag": N_("`true` or `false`"),
    "day": N_("a day, as 2024-06-30"),
    "amount": N_('a number, or a setting `{ value = 15, source = "…", verified = false }`'),
    "bound": N_('a number, a day, or a setting `{ value = …, source = "…", verified = false }`'),
    "wordlists": N_("a table of lists of texts"),
    "texttable": N_("a table of texts"),
    "where": N_("a table: fact = value or list of values"),
    "free": N_("a table of values"),
    "rows": N_("a list of tables of values"),
    "table": N_("a table"),
    "tables": N_("a list of tables"),
    "named": N_("a table of tables"),
}

KINDS = {
    "text": "one line; `minimum`, `maximum` count characters",
    "longtext": "several lines; `minimum`, `maximum` count characters",
    "number": "a number; `decimals` says how many places, `measure` in what unit",
    "money": "an amount in whole đồng",
    "date": "a day; `minimum`, `maximum` are days",
    "choice": "one of `choices`",
    "boolean": "a box to tick; unticked means no",
    "unit": "a unit of the organisation",
    "person": "a person of the organisation",
    "file": "a stored file",
    "files": "stored files: photos, minutes, lists",
}
OPS = {
    "count": "how many records",
    "distinct": "how many different values of `of`",
    "sum": "the sum of the number field `of`",
    "share": "how many records of the indicator `of` also satisfy `where`; printed with its base",
    "ratio": "indicator `of` over indicator `over`; printed with its base",
    "latest": "the number field `of` of the record with the latest day `on`",
    "min": "the least of the number field `of`; none where no record says one",
    "max": "the greatest of the number field `of`; none where no record says one",
    "median": "the middle one of the number field `of`; of an even number the mean of the two middle ones",
}
BLOCKS = {
    "paragraph": "text with figure slots such as `{models}`",
    "table": "a table of `indicators` by the axis `by`",
    "narrative": "an officer writes it; the pack's text is the prompt",
}
FILLS = {
    "receiver_kind": "the choice whose `unit_kinds` has the kind of the unit that the sheet is for"
}
TREES = ("state", "party", "front")
UNIT_KINDS = (
    "country",
    "province",
    "district",
    "commune",
    "village",
    "committee",
    "agency",
    "cell",
    "organisation",
)
LINES = {
    "same_tree": "a unit reports to the unit above it in its own tree",
    "covers": "a unit reports across trees, to the body that covers it",
}

PERIODS = ("year", "half", "quarter", "month")

_PACK = (
    Key("id", "id", "the pack's name, equal to its folder's", True),
    Key(
        "edition",
        "whole",
        "number of this edition; raise it for every change that is installed",
        True,
    ),
    Key("valid_from", "day", "first day this edition is in force", True),
    Key("valid_until", "day", "first day it no longer is; absent: until succeeded"),
    Key("trees", "ids", "the trees it concerns", True, allowed=TREES),
    Key("unit_kinds", "ids", "the kinds of unit it concerns", True, allowed=UNIT_KINDS),
    Key("languages", "ids", "the languages of its texts", True),
    Key("line", "id", "along which line units report", True, allowed=tuple(LINES)),
    Key("roles", "tables", "the roles it brings", of="role"),
    Key("rounds", "tables", "what units are asked for, period by period", of="round"),
    Key("settings", "named", "numbers from law, guidance or habit", of="setting"),
)
_ROUND = (
    Key("id", "id", "the name of this kind of round", True),
    Key("form", "id", "the form that units answer", True),
    Key("periods", "ids", "kinds of period it is opened for, the usual one first", True, PERIODS),
    Key("asks", "ids", "the kinds of unit that answer", True, allowed=UNIT_KINDS),
    Key(
        "receives",
        "ids",
        "who receives: the nearest unit of these kinds above, along `line`; else whoever opened it",
        True,
        allowed=UNIT_KINDS,
    ),
    Key("least", "id", "setting: the fewest records a unit registers in a year"),
    Key("most", "id", "setting: the most records a unit registers in a year"),
    Key(
        "remind_days", "ids", "settings: so many days before and after the due date one is reminded"
    ),
    Key("due_days", "id", "setting: the due date suggested is so many days after the period ends"),
)
_ROLE = (
    Key("id", "id", "the role's name", True),
    Key("capabilities", "texts", "what it may do, as `thing.verb`", True),
    Key("clearance", "whole", "highest level of confidentiality it reads; 1 when absent"),
)
_SETTING = (
    Key("value", "number", "the number", True),
    Key("source", "id", "where it comes from: the key `sources.<id>` of the texts", True),
    Key("verified", "flag", "whether somebody compared it with the document", True),
)
_FORM = (
    Key("id", "id", "the form's name, equal to its file's", True),
    Key("purpose", "id", "what a filled form becomes", True, allowed=("initiative", "submission")),
    Key("workflow", "id", "its own life, of workflows/<id>.toml; absent: that of workflow.toml"),
    Key("fields", "tables", "the questions, in order", True, of="field"),
    Key("sheet", "table", "how officers' own workbooks are read", of="sheet"),
)
_FIELD = (
    Key("id", "id", "lives for ever; an edition may only map it", True),
    Key("kind", "id", "what kind of answer", True, allowed=tuple(KINDS)),
    Key("required", "flag", "must always be answered"),
    Key("required_at", "id", "must be answered from this state on"),
    Key("minimum", "bound", "least number, first day, or fewest characters"),
    Key("maximum", "bound", "greatest number, last day, or most characters"),
    Key("decimals", "whole", "decimal places of a number, at most 2; 0 when absent"),
    Key("measure", "id", "unit of measure: the key `measures.<id>` of the texts"),
    Key("choices", "tables", "the answers of a choice", of="choice"),
    Key("listed", "flag", "a column of the list"),
    Key("filter", "flag", "the list can be filtered by it"),
    Key("counted", "flag", "indicators may count it or split by it"),
    Key("headings", "texts", "titles that its column bears in workbooks"),
    Key("phrases", "texts", "for a boolean: words in the note column that mean yes"),
    Key(
        "part", "id", "the heading it stands under: the key `forms.<form>.parts.<id>` of the texts"
    ),
    Key("fill", "id", "what answers it when a workbook has no such column", allowed=tuple(FILLS)),
)
_CHOICE = (
    Key("id", "id", "the answer's name; lives for ever", True),
    Key("synonyms", "texts", "words in workbooks that mean it"),
    Key("headings", "texts", "titles of a column in which a tick means it"),
    Key("unit_kinds", "ids", "kinds of unit for which `fill` takes it", allowed=UNIT_KINDS),
)
_SHEET = (
    Key("unit_headings", "texts", "titles of the column that names the unit"),
    Key("number_headings", "texts", "titles of the column of running numbers"),
    Key("state_headings", "texts", "titles of the column that tells the state"),
    Key("note_field", "id", "the field that takes the note column"),
    Key("total_words", "texts", "words that mark a row of totals"),
    Key("ditto_words", "texts", "words that mean: as above"),
    Key("tick_words", "texts", "words that mean: yes, here"),
    Key("state_words", "wordlists", "state = words that mean it"),
)
_CRITERIA = (
    Key("form", "id", "the form that is reviewed", True),
    Key("total", "amount", "what the maxima of all items add up to", True),
    Key("items", "tables", "the lines of the review sheet", True, of="item"),
    Key("grades", "tables", "what a total is called", True, of="grade"),
)
_ITEM = (
    Key("id", "id", "the criterion's name; lives for ever", True),
    Key("maximum", "amount", "most points", True),
)
_GRADE = (
    Key("id", "id", "the grade's name", True),
    Key("at_least", "amount", "the total from which it is reached", True),
)
_WORKFLOW = (
    Key("start", "id", "the state a record begins in", True),
    Key("states", "tables", "the states, in the order of life", True, of="state"),
    Key("moves", "tables", "what can be done", True, of="move"),
    Key("asks", "tables", "what is asked with a move: fields, as in a form", of="field"),
)
_STATE = (
    Key("id", "id", "the state's name", True),
    Key("final", "flag", "nothing need follow"),
    Key("aside", "flag", "off the line of life: nothing before it counts as reached"),
)
_MOVE = (
    Key("id", "id", "the move's name", True),
    Key("from", "ids", "the states it leaves from", True),
    Key("to", "id", "the state it leads to", True),
    Key("by", "text", "the capability it needs, as `thing.verb`", True),
    Key("ask", "ids", "what is asked with it: ids of `asks`"),
    Key("rule", "id", "a rule that may refuse it, by name"),
    Key("other_person", "flag", "not by whoever submitted the record"),
)
_INDICATORS = (
    Key("indicators", "tables", "what is counted", True, of="indicator"),
    Key("headline", "ids", "at most four indicators that tell how things stand, in order"),
    Key("to_decide", "ids", "indicators whose records wait for a decision until their life ends"),
)
_INDICATOR = (
    Key("id", "id", "the indicator's name", True),
    Key("op", "id", "how it is reckoned", True, allowed=tuple(OPS)),
    Key("of", "id", f"the field, fact ({', '.join(FACTS)}) or indicator it is reckoned from"),
    Key("over", "id", "the indicator below the line of a ratio"),
    Key("on", "id", "the date field that decides the latest"),
    Key("within", "id", "another indicator, whose conditions hold here too"),
    Key("where", "where", "conditions, all of which must hold"),
    Key("by", "ids", "axes: choice or boolean fields, or `state`"),
)
_REPORT = (
    Key("id", "id", "the report's name, equal to its file's", True),
    Key("layout", "id", "the layout of the document", True, allowed=("party", "state")),
    Key("document_kind", "text", "the abbreviation in its number, such as BC", True),
    Key("period", "id", "the kind of period", True, allowed=PERIODS),
    Key("recipients", "ids", "who gets it, in order", True),
    Key("sections", "tables", "its numbered parts", True, of="section"),
    Key("committees", "texttable", "first word of a unit's name = how its committee is called"),
)
_SECTION = (
    Key("id", "id", "the part's name", True),
    Key("blocks", "tables", "its pieces, in order", True, of="block"),
)
_BLOCK = (
    Key("id", "id", "the piece's name", True),
    Key("kind", "id", "what it is", True, allowed=tuple(BLOCKS)),
    Key("required", "flag", "a narrative that must be written"),
    Key("indicators", "ids", "the columns of a table"),
    Key("by", "id", "the axis of a table"),
)
_TESTS = (
    Key("answers", "tables", "given answers → which fields are at fault", of="answers_case"),
    Key("reviews", "tables", "given points → total and grade", of="review_case"),
    Key("moves", "tables", "a state → the moves allowed", of="move_case"),
    Key("figures", "tables", "given records → figures", of="figure_case"),
)
_ANSWERS_CASE = (
    Key("form", "id", "the form", True),
    Key("at", "id", "the state the record is in or moves to", True),
    Key("given", "free", "field = answer", True),
    Key("faulty", "ids", "the fields at fault; empty when all is well", True),
)
_REVIEW_CASE = (
    Key("scores", "free", "criterion = points", True),
    Key("total", "whole", "the total", True),
    Key("grade", "id", "the grade, or `none`", True),
)
_MOVE_CASE = (
    Key("workflow", "id", "which of workflows/ is meant; absent: workflow.toml"),
    Key("state", "id", "the state", True),
    Key("allowed", "ids", "the moves possible from it, in order", True),
)
_FIGURE_CASE = (
    Key("rows", "rows", "records: answers with `state` and `registrant`", True),
    Key("values", "free", "indicator = number", True),
    Key("bases", "free", "indicator = base"),
    Key("parts", "free", '"indicator.axis" = table of part = number'),
)

TABLES: dict[str, tuple[Key, ...]] = {
    "pack": _PACK,
    "role": _ROLE,
    "setting": _SETTING,
    "round": _ROUND,
    "form": _FORM,
    "field": _FIELD,
    "choice": _CHOICE,
    "sheet": _SHEET,
    "criteria": _CRITERIA,
    "item": _ITEM,
    "grade": _GRADE,
    "workflow": _WORKFLOW,
    "state": _STATE,
    "move": _MOVE,
    "indicators": _INDICATORS,
    "indicator": _INDICATOR,
    "report": _REPORT,
    "section": _SECTION,
    "block": _BLOCK,
    "tests": _TESTS,
    "answers_case": _ANSWERS_CASE,
    "review_case": _REVIEW_CASE,
    "move_case": _MOVE_CASE,
    "figure_case": _FIGURE_CASE,
}

# The file (or the folder of files) whose top is this table.
FILES = {
    "pack": "pack",
    "forms": "form",
    "criteria": "criteria",
    "workflow": "workflow",
    "workflows": "workflow",
    "indicators": "indicators",
    "reports": "report",
    "tests": "tests",
}
NEEDED_FILES = ("pack", "workflow", "tests")
