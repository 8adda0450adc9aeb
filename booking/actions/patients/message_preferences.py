"""What somebody wishes of their messages, said by themselves behind a mail's link."""

from datetime import datetime, time

from booking.actions import links
from booking.actions.patients import patients
from booking.models import ManageLink, MessagePreferences
from booking.patients.known_by_link import refuse_what_is_not_shown
from core.database.transactions import unit
from core.doorbell import ring


@unit
def change(
    link: ManageLink, *, reminders: bool, not_before: time | None, not_after: time | None, language: str, at: datetime
) -> MessagePreferences:
    """Let the patient of a link be reminded, or not, at these hours and in this language from now on.

    Reminders that wait are planned anew. Raises AskByPhone, NewestLinkNeeded, Invalid.
    """
    visit, by = link.appointment, links.principal_of(link)
    patient = visit.patient = patients.lock_to_change(visit.patient)
    links.refuse_ended(link)  # until the patient was locked
    refuse_what_is_not_shown(link)
    if language != patient.language:
        patients.change(patient, language=language, by=by, at=at)
    hours = {"not_before": not_before, "not_after": not_after}
    values = {"reminders": reminders, **hours, "changed_by": by.key, "changed_at": at, "relayed_at": None}
    found, _made = MessagePreferences.objects.update_or_create(patient=patient, defaults=values)
    ring("notifications.tasks.dispatch")
    return found
