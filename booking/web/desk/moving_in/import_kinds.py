"""The tables that the desk imports, in the order in which they lean on each other."""

from booking.moving_in.kinds import ImportKind
from booking.moving_in.practitioners import PRACTITIONERS

KINDS: dict[str, ImportKind] = {one.key: one for one in (PRACTITIONERS,)}
