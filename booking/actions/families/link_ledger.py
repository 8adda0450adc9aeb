"""What was done to what links appointments: rows that are only added."""

from collections.abc import Iterable
from datetime import datetime

from booking.models import Appointment, LinkAct, LinkedVisits, LinkedVisitsChange
from core.principal import Principal


def note(visits: Iterable[Appointment], link: LinkedVisits, act: LinkAct, *, by: Principal, at: datetime) -> None:
    """Write down what was done to what links appointments."""
    LinkedVisitsChange.objects.bulk_create(
        LinkedVisitsChange(linked=link, appointment=visit, act=act, by=by.key, at=at) for visit in visits
    )


def followers(link_id: int) -> dict[int, datetime]:
    """Return since when which appointments (ids) are beside one that was offered: what becomes of them moves none."""
    rows = LinkedVisitsChange.objects.filter(linked=link_id).exclude(act=LinkAct.UNLINKED).order_by("pk")
    last = {visit: (act, since) for visit, act, since in rows.values_list("appointment_id", "act", "at")}
    return {visit: since for visit, (act, since) in last.items() if act == LinkAct.JOINED}
