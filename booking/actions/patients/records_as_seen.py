"""Records as somebody saw them: what they decide about them is done only as long as nothing was done to them since."""

from django.utils.translation import gettext_lazy as _

from booking.models import Patient, RecordChange
from core.refusals import Refusal

NO_CHANGE = 0


class RecordChanged(Refusal):
    """The record was changed since it was looked at."""

    code = "record-changed"
    title = _("This record was changed since you looked. Nothing of yours was saved: look at it as it is now.")


def last_change_of(patient: Patient) -> int:
    """Return the number of the last thing that was done to a record; 0 for one to which nothing was."""
    rows = RecordChange.objects.filter(patient=patient).order_by("-pk")
    return rows.values_list("pk", flat=True).first() or NO_CHANGE


def mark_of_both(one: Patient, other: Patient) -> str:
    """Return what is another one as soon as anything is done to one of two records, whichever is named first."""
    return "-".join(str(last_change_of(record)) for record in sorted((one, other), key=lambda record: record.pk))
