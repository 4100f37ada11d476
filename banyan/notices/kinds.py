"""The kinds of notices: what each is called, whether it comes without asking, which one must come."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Kind:
    """One reason to be told something.

    `chip` is the word above the inbox, `label` a sentence beside its switch. `mail`: counted in the
    mail digest unless one says otherwise. `must`: why it cannot be switched off; empty where it can.
    """

    key: str
    chip: Any
    label: Any
    mail: bool = True
    must: Any = ""


KINDS = {
    one.key: one
    for one in (
        Kind(
            "submission.waiting",
            pgettext_lazy("notices", "Waiting for you"),
            _("A record waits for the next step, and I may take it"),
        ),
        Kind(
            "submission.returned",
            pgettext_lazy("notices", "Sent back"),
            _("A record I sent in is sent back to me, with the reason"),
        ),
        Kind(
            "submission.remarked",
            pgettext_lazy("notices", "Remarks"),
            _("Somebody writes a remark on a record I sent in, judged or wrote on"),
        ),
        Kind("round.due", pgettext_lazy("notices", "Due dates"), _("A due date is near or past")),
        Kind(
            "submission.moved",
            pgettext_lazy("notices", "Moved on"),
            _("A record I sent in moves on"),
            mail=False,
        ),
        Kind(
            "initiative.recognised",
            pgettext_lazy("notices", "Recognised"),
            _("A record I sent in is recognised by a decision"),
        ),
        Kind(
            "initiative.replicated",
            pgettext_lazy("notices", "Replicated"),
            _("Somebody registers a model built after one I sent in"),
        ),
        Kind(
            "initiative.imported",
            pgettext_lazy("notices", "Imported"),
            _("A workbook is imported that I may review"),
            mail=False,
        ),
        Kind(
            "alert.raised",
            pgettext_lazy("notices", "Alerts"),
            _("An alert I set on figures comes true"),
        ),
        Kind(
            "alert.stopped",
            pgettext_lazy("notices", "Ended alerts"),
            _("An alert I set is looked at no more"),
            mail=False,
        ),
        Kind("post.given", pgettext_lazy("notices", "Posts"), _("I am given a post"), mail=False),
        Kind(
            "entry_code.issued",
            pgettext_lazy("notices", "One-time codes"),
            _("Somebody issues a one-time code for my account"),
            must=_(
                "Always on: whoever holds that code can enter as you, so you must hear of it even if"
                " somebody else has changed these switches."
            ),
        ),
    )
}
