"""An appointment as somebody saw it: what they decide about it is done only as long as it stands like that."""

from collections.abc import Collection
from datetime import UTC, datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from booking.models import Appointment, Change
from core.refusals import Refusal

NO_CHANGE = 0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AppointmentChanged(Refusal):
    """The appointment was changed since it was looked at: what was seen is not what would be acted on."""

    code = "appointment-changed"
    title = _("This appointment was changed since you looked. Nothing of yours was done: look at it as it is now.")


def mark_of(visit: Appointment) -> str:
    """Return what is another one as soon as anything is done to an appointment: to its state, its time or its note."""
    return marks_of([visit])[visit.pk]


def marks_of(visits: Collection[Appointment]) -> dict[int, str]:
    """Return the marks of several appointments by their ids, in one query."""
    rows = Change.objects.filter(appointment__in=visits).order_by().values_list("appointment").annotate(Max("pk"))
    last = dict(rows) if visits else {}
    return {visit.pk: _mark(visit, last.get(visit.pk, NO_CHANGE)) for visit in visits}


def _mark(visit: Appointment, last: int) -> str:
    # A note is no act of the life cycle: it leaves no row of the ledger.
    moments = (visit.updated_at, visit.noted_at or EPOCH)
    return "-".join(str(one) for one in (last, *((moment - EPOCH) // EPOCH.resolution for moment in moments)))


def refuse_changed(visit: Appointment, seen: str | None) -> None:
    """Refuse to act on an appointment that is not as it was `seen`. Its row must be locked. Raises AppointmentChanged.

    None: whoever acts has seen nothing that they decide on, such as a task.
    """
    if seen is not None and seen != mark_of(visit):
        raise AppointmentChanged


def has_other_note(visit: Appointment, seen: str) -> bool:
    """Whether the note of an appointment was written since it was seen."""
    return seen.rpartition("-")[2] != mark_of(visit).rpartition("-")[2]


def last_change_seen(seen: str) -> int:
    """Return the number of the last change that somebody had seen; 0 for what nobody can have seen."""
    number = seen.partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < len(str(2**63)) else NO_CHANGE
