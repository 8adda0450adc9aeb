"""The tables that a clinic imports, in the order in which they lean on each other."""

from booking.moving_in.appointments import APPOINTMENTS
from booking.moving_in.hours import HOURS
from booking.moving_in.kinds import ImportKind
from booking.moving_in.patients import PATIENTS
from booking.moving_in.practitioners import PRACTITIONERS

KINDS: dict[str, ImportKind] = {one.key: one for one in (PRACTITIONERS, HOURS, PATIENTS, APPOINTMENTS)}
