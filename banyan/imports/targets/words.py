"""What is told of rows of units, codes and people, in words: code → sentence with its parameters."""

from django.utils.translation import gettext_lazy as _

from banyan.imports.wordings import OWN, Words

WORDS: Words = {
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


def known() -> None:
    """Make these words known beside the engine's own."""
    assert isinstance(OWN, dict)
    OWN.update(WORDS)


known()
