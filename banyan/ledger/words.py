"""What the ledger's verbs are called in an activity list: '<who> <words>'."""

from django.utils.translation import gettext_lazy as _

SAID = {
    "account.password_chosen": _("chose a new password after a one-time code"),
    "account.restored": _("opened a shut account again"),
    "account.suspended": _("shut an account"),
    "document.kept": _("stored a document"),
    "document.read": _("opened a restricted document"),
    "entry_code.issued": _("issued a one-time code"),
    "example.begun": _("made the example"),
    "group.formed": _("formed a group of units"),
    "handover.made": _("made a hand-over package"),
    "initiative.amended": _("changed a registration"),
    "initiative.imported": _("imported a workbook"),
    "initiative.recognised": _("recognised a model by decision"),
    "initiative.registered": _("registered a model"),
    "membership.begun": _("entered a membership"),
    "pack.installed": _("installed a programme"),
    "organisation.begun": _("set up the organisation"),
    "people.listed": _("looked at the list of people"),
    "person.read": _("opened a person's page"),
    "person.registered": _("registered a person"),
    "post.ended": _("ended a post"),
    "post.given": _("gave a post"),
    "reorganisation.amended": _("changed the head of a decision on units"),
    "reorganisation.applied": _("carried out a decision on units"),
    "reorganisation.closed": _("closed a decision on units"),
    "reorganisation.drafted": _("began a decision on units"),
    "reorganisation.dropped": _("threw a draft decision away"),
    "reorganisation.extended": _("added changes to a decision on units"),
    "reorganisation.previewed": _("looked at the effects of a decision on units"),
    "reorganisation.shortened": _("took a change out of a decision on units"),
    "reorganisation.undone": _("undid a decision on units"),
    "report.made": _("made a report"),
    "role.defined": _("defined a role"),
    "round.opened": _("opened a round"),
    "submission.moved": _("moved a submission on"),
    "submission.placed": _("placed records of a divided unit"),
    "submission.placing_undone": _("took placings back"),
    "submission.reviewed": _("reviewed a submission"),
    "unit.linked": _("linked a unit to the area it works in"),
    "unit.dissolved": _("dissolved a unit"),
    "unit.founded": _("founded a unit"),
    "unit.merged": _("merged units"),
    "unit.moved": _("placed a unit under another"),
    "unit.renamed": _("renamed a unit"),
    "unit.divided": _("divided a unit"),
    "unit.tree_adopted": _("took over a tree of units"),
    "unit.upgraded": _("raised a unit"),
}


def said(verb: str) -> str:
    """The words of a verb; one that has none yet stands for itself."""
    return str(SAID.get(verb, verb))
