"""What a note of the reader of workbooks says, in words: code → sentence with its parameters.

Every code of `kernel.notes.CODES` has its words in `READER`; `OWN` are those of the targets.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = Mapping[str, str | Promise]

READER: Words = {
    "not_a_workbook": _("This file is not a workbook. Send an Excel file (.xlsx) or a CSV file."),
    "encrypted": _(
        "The workbook is protected by a password. Remove the password and send it again."
    ),
    "macro": _(
        "The workbook contains macros. Save it as .xlsx (without macros) and send it again."
    ),
    "old_format": _(
        "This is a format that is not read here (.xls, .ods, .xlsb). Open it and save it as .xlsx."
    ),
    "damaged": _(
        "The workbook is damaged and cannot be read. Open it in Excel, save it again and send it."
    ),
    "is_empty": _("The file is empty."),
    "is_pdf": _("This is a PDF, not a workbook. Send the Excel file that it was made from."),
    "is_program": _("This is a program, not a workbook. It was not opened and is of no use here."),
    "is_text_document": _(
        "This is a text document or slides, not a workbook. Copy its table into Excel and send that."
    ),
    "is_picture": _("This is a picture, not a workbook. Send the Excel file itself."),
    "is_web_page": _(
        "This is a web page saved under the name of a workbook. Open it in Excel, save it as .xlsx, and"
        " send that."
    ),
    "too_large": _("The file is too large when unpacked: %(size)s bytes, at most %(limit)s."),
    "too_many_rows": _(
        "Sheet “%(sheet)s” reaches to row %(rows)s; at most %(limit)s rows are read. "
        "Delete what stands far below the table."
    ),
    "too_many_cells": _(
        "Sheet “%(sheet)s” spans %(cells)s cells; at most %(limit)s are read. Delete "
        "what stands far from the table."
    ),
    "too_many_cells_in_all": _(
        "The sheets of the workbook together span more than %(limit)s cells. Send them in several "
        "files, or delete what stands far from the tables."
    ),
    "too_many_merged": _(
        "On sheet “%(sheet)s” merges cover %(cells)s cells or more; at most %(limit)s are read. Undo "
        "the merges that reach far beyond the table."
    ),
    "csv_encoding": _(
        "The text is neither in Unicode nor in an older Vietnamese encoding that can be told for "
        "certain (TCVN3, VNI, Windows-1258). Save it as “CSV UTF-8”, or send the .xlsx file."
    ),
    "no_table": _("No table with the expected headings was found (sheets: %(sheets)s)."),
    "old_encoding": _(
        "Sheet “%(sheet)s”: text in the encoding %(encoding)s was put into Unicode: "
        "“%(before)s” became “%(after)s”."
    ),
    "sheet_hidden": _("Sheet “%(sheet)s” is hidden and was not read."),
    "sheet_empty": _("Sheet “%(sheet)s” is empty."),
    "sheet_of_notes": _("Sheet “%(sheet)s” explains abbreviations; it holds no records."),
    "sheet_without_table": _("Sheet “%(sheet)s” has no table with the expected headings."),
    "hidden_rows": _("On sheet “%(sheet)s” these rows are hidden; they are read too: %(rows)s."),
    "hidden_columns": _(
        "On sheet “%(sheet)s” these columns are hidden; they are read too: %(columns)s."
    ),
    "columns_beyond": _(
        "Sheet “%(sheet)s” has more than %(limit)s columns; those beyond are not read."
    ),
    "heading_twice": _("Heading “%(heading)s” stands twice: %(used)s is used, %(cell)s is not."),
    "heading_unknown": _(
        "Column “%(heading)s” (%(cell)s) is not part of this register and is not taken over."
    ),
    "total_differs": _(
        "The sheet states a total of %(stated)s (%(cell)s), but %(read)s records were read."
    ),
    "running_number": _(
        "The running number jumps: expected %(expected)s, found %(found)s (%(cell)s)."
    ),
    "totals_row": _("Totals row: %(text)s"),
    "closing_row": _("Recipients or signature: %(text)s"),
    "header_again": _("The heading repeated on a new page."),
    "column_numbers": _("The line that numbers the columns."),
    "only_a_number": _("Only the running number %(number)s, nothing else."),
    "no_title": _("No running number and no name: %(text)s"),
    "row_of_above": _("Belongs to the record in the merged cell %(cell)s."),
    "decomposed": _("Written with combining accents; composed."),
    "merged_down": _("From the merged cell %(cell)s."),
    "as_above": _("“%(raw)s”: as above, from %(cell)s."),
    "above_unreadable": _("“%(raw)s” points to %(cell)s, which itself has no clear value."),
    "nothing_above": _("“%(raw)s” says “as above”, but nothing stands above."),
    "merged_amount": _(
        "One amount merged over %(first)s–%(last)s: say how much belongs to each row."
    ),
    "blank_not_merged": _(
        "Blank, and not merged with %(cell)s (“%(above)s”): say which unit is meant."
    ),
    "dash_is_empty": _("“%(raw)s” is taken as nothing stated."),
    "formula_without_value": _(
        "A formula without a stored result. Open the file in Excel, save it and send it again."
    ),
    "formula_error": _(
        "“%(raw)s” is the error of a formula. Mend the formula in Excel, or type the value."
    ),
    "too_long": _("%(length)s characters; at most %(limit)s."),
    "number_as_text": _("The number %(raw)s is taken as text."),
    "zero_maybe_lost": _(
        "The number %(raw)s is taken as text. If it began with 0, Excel has dropped the 0: write "
        "it again in a cell formatted as text."
    ),
    "zeros_restored": _("Excel has dropped zeros at the beginning: %(raw)s is taken as %(value)s."),
    "date_as_text": _("The date %(date)s is taken as text."),
    "not_text": _("“%(raw)s” is not text."),
    "date_day_first": _("“%(raw)s” read day first: %(date)s."),
    "date_short_year": _("“%(raw)s” read day first, year with two digits: %(date)s."),
    "date_words": _("“%(raw)s” is %(date)s."),
    "date_serial": _("Excel day number %(raw)s is %(date)s."),
    "date_time_dropped": _("Only the day of “%(raw)s” is kept: %(date)s."),
    "date_month_only": _("“%(raw)s” names no day. Give the full date."),
    "date_year_only": _("“%(raw)s” is only a year. Give the full date."),
    "date_without_year": _("“%(raw)s” has no year."),
    "date_several": _("“%(raw)s” names more than one day. Give one date."),
    "date_month_first": _("“%(raw)s” seems to be written month first. Write day/month/year."),
    "date_odd_year": _("The year in “%(raw)s” cannot be right."),
    "date_impossible": _("There is no day “%(raw)s”."),
    "date_unreadable": _("“%(raw)s” is not a date."),
    "outside_period": _("%(date)s lies outside the period %(first)s–%(last)s. Please check."),
    "outside_period_swapped": _(
        "%(date)s lies outside the period %(first)s–%(last)s; were day and month "
        "swapped (%(swapped)s)?"
    ),
    "after_document": _("%(date)s is later than the sheet's own date, %(document)s. Please check."),
    "number_from_text": _("The text “%(raw)s” is the number %(value)s."),
    "number_grouped": _("“%(raw)s” is %(value)s."),
    "number_decimal": _("“%(raw)s” is %(value)s, with a decimal part."),
    "number_two_ways": _("“%(raw)s” can be %(small)s or %(large)s. Say which."),
    "number_unreadable": _("“%(raw)s” is not a number."),
    "number_approximate": _("“%(raw)s” is not exact. Give the number."),
    "number_negative": _("“%(raw)s” is below zero."),
    "number_range": _("“%(raw)s” is a range. Give one number."),
    "number_percent": _("“%(raw)s” is a share. Give the number itself."),
    "number_exponent": _("“%(raw)s” is a shortened number; figures may be lost. Give it in full."),
    "none_is_zero": _("“%(raw)s” is taken as 0."),
    "money_words": _("“%(raw)s” is %(value)s đồng."),
    "money_by_heading": _("“%(raw)s” under “%(heading)s” is %(value)s đồng."),
    "money_unit_missing": _("“%(raw)s” does not say whether đồng, thousand, million or billion."),
    "money_too_small": _("“%(raw)s” đồng is too little. Is million meant?"),
    "money_too_large": _("“%(raw)s” would be %(value)s đồng, which is too much. Check the unit."),
    "money_fraction": _("“%(raw)s” is not a whole number of đồng."),
    "money_unreadable": _("“%(raw)s” is not an amount of money in đồng."),
    "money_for_each": _("“%(raw)s” is an amount for each. Give the whole amount."),
    "count_with_word": _("“%(raw)s” is %(value)s (%(word)s)."),
    "count_in_words": _("“%(raw)s” gives no number. Give the number."),
    "count_other_unit": _("“%(raw)s” counts “%(word)s”, the column “%(heading)s”."),
    "count_fraction": _("“%(raw)s” is not a whole number."),
    "count_unclear": _("“%(raw)s” is not one clear number."),
    "choice_read": _("“%(raw)s” is “%(choice)s”."),
    "choice_by_legend": _("“%(raw)s” is “%(full)s” by the workbook's own legend: “%(choice)s”."),
    "choice_by_initials": _("“%(raw)s” is taken as the initials of “%(choice)s”."),
    "choice_two_ways": _("“%(raw)s” can be: %(choices)s."),
    "choice_unknown": _("“%(raw)s” is not one of the choices. Nearest: %(nearest)s."),
    "flag_read": _("“%(raw)s” is read as a mark, or as none."),
    "flag_unknown": _("“%(raw)s” is neither a mark nor blank."),
    "flags_none": _("None of the columns is marked: %(names)s."),
    "flags_several": _("More than one column is marked: %(names)s."),
    "unit_abbreviated": _("“%(raw)s” is “%(name)s”."),
    "unit_capitals": _("“%(raw)s”, in capitals, is “%(name)s”."),
}

OWN: Words = {
    "unit_unknown": _("“%(raw)s” is no unit under %(parent)s on %(date)s. Nearest: %(nearest)s."),
    "unit_several": _("“%(raw)s” can be: %(names)s. Write which."),
    "unit_other_kind": _(
        "On %(date)s there is no “%(raw)s”, but: %(names)s. Write which is meant."
    ),
    "unit_other_accents": _(
        "“%(raw)s” differs by its accents from: %(names)s. Write which is meant."
    ),
    "unit_without_accents": _("“%(raw)s” is “%(name)s”."),
    "unit_short": _("“%(raw)s” is “%(name)s”."),
    "unit_known_from": _("“%(raw)s” is its name from %(date)s on; counted at “%(name)s”."),
    "unit_known_until": _("“%(raw)s” was its name until %(date)s; counted at “%(name)s”."),
    "unit_date_unverified": _("The date of that change is not verified."),
    "unit_same_code": _(
        "“%(raw)s” did not stand under %(parent)s on %(date)s; “%(name)s” bore its "
        "code %(code)s then and is taken."
    ),
    "unit_not_then": _(
        "“%(raw)s” did not stand under %(parent)s on %(date)s. Nearest: %(nearest)s."
    ),
    "unit_not_within": _(
        "“%(names)s” does not lie in “%(within)s”. Write which unit is meant, or mend the other name."
    ),
    "unit_of_body": _("“%(raw)s” sits at “%(name)s” and is counted there."),
    "unit_gone_over": _("On %(date)s “%(raw)s” did not stand; “%(name)s” stood in its place."),
    "unit_divided": _(
        "On %(date)s “%(raw)s” did not stand, but in its place: %(names)s. Write which is meant."
    ),
    "unit_missing": _("No unit is written."),
    "unit_of_order": _("The sheet has no column of units: every row is counted at %(name)s."),
    "state_of_blank": _("Nothing is written about the progress: %(state)s."),
    "state_not_told": _(
        "“%(raw)s” names no state; it is kept as “%(label)s”, and the model counts as %(state)s."
    ),
    "filled_from_unit": _(
        "The sheet has no column “%(label)s”: it follows from %(name)s, which sends "
        "this workbook: %(choice)s."
    ),
    "phrase_read": _("“%(raw)s” in the remark: %(label)s – yes. The remark is kept."),
    "phrase_negated": _("“%(raw)s” in the remark may say yes or no. Say which."),
    "required_empty": _("“%(label)s” is empty; in the state “%(state)s” it is needed."),
    "required_no_column": _(
        "The sheet has no column “%(label)s”, which is needed in the state “%(state)s”."
    ),
    "form_refuses": _("“%(raw)s”: %(message)s"),
    "there_already": _(
        "Registered already as %(code)s (the same name at the same unit in this "
        "round); not registered twice."
    ),
    "twice_in_file": _(
        "The same name at the same unit stands also on line %(line)s. Both are taken; please check."
    ),
    "twice_wrong": _("It stands also on line %(line)s of this file; only the first is taken."),
    "answered_before": _("“%(raw)s” means “%(meaning)s”: so it was answered."),
    "answered_empty": _("“%(raw)s” is left empty: so it was answered."),
    "state_stays": _(
        "It stands as “%(state)s” here; the sheet says “%(raw)s”. An import moves no state."
    ),
    "code_unknown": _("No model within your reach bears the code “%(code)s”."),
    "code_of_another_round": _("The model %(code)s belongs to another round."),
    "code_twice": _("The model %(code)s stands on an earlier line of this file already."),
    "changed_since_export": _(
        "The model %(code)s was changed here after this file was made. Have the file made anew, or"
        " leave the row as it stood."
    ),
    "answered_since_export": _(
        "What “%(name)s” answered was changed here after this file was made. Have the file made"
        " anew, or leave the row as it stood."
    ),
    "unit_not_asked": _("The round does not ask “%(name)s”."),
    "answered_already": _(
        "“%(name)s” has sent its answer in already. Ask for it to be sent back if it must be changed."
    ),
    "state_not_taken": _(
        "A file cannot register a model in the state “%(state)s”: it comes by its own decision."
    ),
    "no_longer_amended": _(
        "The model %(code)s is in the state “%(state)s” and can no longer be changed. Ask the"
        " reviewer to send it back."
    ),
    "total_agrees": _(
        "The sheet states a total of %(stated)s (%(cell)s), and so many records were read."
    ),
    "no_title_column": _("Sheet “%(sheet)s” has no column “%(label)s” and was not read."),
    "round_will_open": _(
        "No round of %(period)s is open at %(name)s: it will be opened with this "
        "import, due on %(date)s."
    ),
    "round_opened": _("The round of %(period)s was opened at %(name)s, due on %(date)s."),
    "imported_before": _(
        "This very file has already been imported: %(n)s models. It is not taken twice."
    ),
    "period_of_title": _("The period %(period)s is taken from the title of the sheet."),
    # Rows of units, codes and people.
    "name_missing": _("No name is written."),
    "kind_unknown": _(
        "“%(raw)s” does not say what sort of unit it is (xã, phường, thôn …). Write it in front of"
        " the name or in a column of its own."
    ),
    "parent_missing": _("No unit above is written: it is placed under %(name)s."),
    "parent_in_file": _("“%(raw)s” is founded by this same file."),
    "unit_of_code": _("The code %(raw)s is that of “%(name)s”."),
    "unit_code_unknown": _("No unit under %(parent)s bears the code “%(raw)s” on %(date)s."),
    "code_and_name": _("The code %(code)s is that of “%(name)s”, not of “%(raw)s”. Say which."),
    "code_in_use": _("The code “%(code)s” is borne by “%(name)s” in that time."),
    "code_twice_given": _(
        "The code “%(code)s” is given to another unit on line %(line)s already. Give each its own."
    ),
    "code_stays": _("It bears the code “%(code)s” here; the import of codes changes it."),
    "rename_needs_day": _(
        "It is called “%(name)s” here. A new name needs a day: say from which day the list holds."
    ),
    "code_missing": _("No code is written."),
    "role_without_day": _("A post needs its first day: say it in the file, or for the whole list."),
    "post_ends_first": _("The post ends before it begins."),
    "unit_stands_not": _("“%(name)s” does not stand in this tree on all the days of the post."),
    "person_several": _(
        "There are %(n)s persons of this name at “%(name)s”. Write the e-mail address of one."
    ),
    "email_taken": _("The address “%(raw)s” already has an account, of another person."),
    "email_unreadable": _("“%(raw)s” is no e-mail address."),
    "email_not_kept": _(
        "The address is not kept: nobody gets an account by this import. Tick it where you want that."
    ),
    "phone_unreadable": _("“%(raw)s” is no telephone number."),
    "person_known": _("This person is registered at “%(name)s” already and gets the post."),
}

STATES: Words = {
    "reading": _("being read"),
    "asking": _("waits for its columns"),
    "ready": _("to be looked at"),
    "committing": _("being taken in"),
    "done": _("taken in"),
    "undoing": _("being taken back"),
    "undone": _("taken back"),
    "failed": _("not readable"),
    "left": _("let go"),
}

OUTCOMES: Words = {
    "new": _("new row"),
    "changed": _("changed row"),
    "same": _("the same"),
    "wrong": _("wrong"),
}

MENDS: Words = {
    "later": _("Left empty; it can be filled in later."),
    "stays": _("What stands here stays as it is."),
    "again": _("Mend the cell and import the file again; rows taken in are not taken twice."),
    "row": _("Then import the file again; rows taken in are not taken twice."),
    "check": _("Taken as written."),
}

# Without the nearest names, where there are none.
ALONE: Words = {
    "choice_unknown": _("“%(raw)s” is not one of the choices."),
    "unit_unknown": _("“%(raw)s” is no unit under %(parent)s on %(date)s."),
    "unit_not_then": _("“%(raw)s” did not stand under %(parent)s on %(date)s."),
}
