"""What follows events on records: their words are kept to be compared. Quick; comparing comes later."""

from banyan.ledger.models import Event
from banyan.ledger.readers import reader
from banyan.submissions.models import Submission
from banyan.submissions.signals import note

# How the thing of an event leads to its records. The features that tell these stand above.
RECORDS = {
    "submissions.submission": "pk",
    "initiatives.initiative": "initiative",
    "initiatives.batch": "initiative__origin__batch",
}


@reader("initiative.registered", "initiative.amended", "initiative.imported", "submission.moved")
def keep_words(event: Event) -> None:
    """Note the records that an event tells of."""
    path = RECORDS.get(event.thing_kind)
    if path is None or event.thing_id is None:
        return
    records = Submission.objects.filter(**{path: event.thing_id})
    if event.verb == "initiative.imported":  # one part of a great batch after the other
        records = records.filter(signal_text=None)
    note(records.values_list("pk", flat=True))
