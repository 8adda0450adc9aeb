"""What is locked before appointments are settled: all that settling them may change, in the one order of locks."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from booking.actions import holds
from booking.actions.families.meeting_links import offer_to_move
from booking.actions.impact.choices import SettlingChoice, Wanted
from booking.actions.patients import person_locks
from booking.models import Appointment
from core.models import Site
from scheduler import public as scheduler


def lock_settled(ids: Collection[int], wanted: Mapping[UUID, Wanted], *, at: datetime) -> None:
    """Lock appointments (ids), those that may change with them, what is kept for moving them, and their people.

    Others change with them where they were booked together, and a cancel of one cancels the others; what is offered to
    a family is locked by whoever moves beside it. Calendars and sheets come after all of this.
    """
    rows = Appointment.objects.filter(pk__in=sorted(changing_with(ids, wanted, at=at))).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    visits = list(rows.select_related("patient"))
    holds.lock_holds_for(*visits)
    person_locks.lock_patients({visit.patient_id: visit.patient for visit in visits}.values())


def changing_with(ids: Collection[int], wanted: Mapping[UUID, Wanted], *, at: datetime) -> set[int]:
    """Return appointments (ids) with those that may change with them."""
    links = set(Appointment.objects.filter(pk__in=ids, linked__isnull=False).values_list("linked", flat=True))
    together = Appointment.objects.filter(linked__in=links).values_list("pk", flat=True) if links else ()
    return {*ids, *together, *_offered_beside(wanted, at=at)}


def _offered_beside(wanted: Mapping[UUID, Wanted], *, at: datetime) -> set[int]:
    """Return which appointments (ids) are offered to the families of those who move, beside their new times."""
    moves = [one for one in wanted.values() if one.choice is SettlingChoice.MOVE and one.slot]
    keys = [scheduler.SlotKey.decode(one.slot) for one in moves]
    sites = dict(Site.objects.filter(key__in={key.site for key in keys}).values_list("key", "pk")) if keys else {}
    found = [
        offer_to_move(one.appointment, sites[key.site], key.start, at=at)
        for one, key in zip(moves, keys, strict=True)
        if key.site in sites
    ]
    return {one.appointment_id for one in found if one}
