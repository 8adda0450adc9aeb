"""Noting a day before that nobody has a seat yet. Nothing waits for it: the desk says so by the clock alone."""

from datetime import datetime

from booking.actions.families import seat_claims
from booking.models import Reservation, Seat, SeatAct, SeatState
from booking.seats.seat_rules import REMINDED
from core.database.transactions import unit
from core.principal import Principal

REMINDER = Principal.system("remind")
AT_ONCE = 200


def remind(*, at: datetime) -> int:
    """Note once for each seat that nobody was named for a day before others may have it; return how many are new."""
    due = Reservation.objects.filter(name_by__gt=at, name_by__lte=at + REMINDED, reminded_at=None)
    return sum(_remind(pk, at=at) for pk in due.order_by("name_by").values_list("pk", flat=True)[:AT_ONCE])


@unit
def _remind(pk: int, *, at: datetime) -> int:
    seats = list(Seat.objects.select_for_update(no_key=True, skip_locked=True).filter(reservation=pk).order_by("pk"))
    kept = Reservation.objects.get(pk=pk)
    if not seats or kept.reminded_at is not None or not at < kept.name_by <= at + REMINDED:
        return 0
    unnamed = [one for one in seats if one.state == SeatState.OPEN]
    for seat in unnamed:
        seat_claims.record(seat, SeatAct.REMINDED, by=REMINDER, at=at)
    kept.reminded_at = at
    kept.save(update_fields=["reminded_at"])
    return len(unnamed)
