"""What may be marked of somebody who comes, by the guards of the moves: what is offered at a door is then done."""

from datetime import datetime

from booking import policies, queries, rules
from booking.models import Appointment
from booking.roles import acts_as_staff
from booking.status import Move
from core.principal import Principal


def is_allowed(visit: Appointment, move: Move, *, by: Principal, at: datetime, covered: bool = True) -> bool:
    """Whether the guard of a move lets it pass now, to whoever looks. `covered`: its time is open still."""
    policy = policies.booking_policy(visit.site_id, at=at)
    staff = acts_as_staff(by, site_id=visit.site_id, own_record=queries.is_own(visit.patient, by))
    # Of a check-in it is asked once it is pressed.
    context = queries.move_context(visit, staff=staff, policy=policy, covered=move is Move.CHECK_IN or covered)
    return rules.guard(move, context, at=at) is None
