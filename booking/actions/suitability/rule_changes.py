"""Other suitability rules are put in force: what stands and would not be booked as it was is looked at again."""

from booking.actions import calls
from booking.models import CallReason
from booking.status import Status
from booking.suitability.impact import judged_again
from core.database.transactions import unit
from core.policies.keys import PolicyChange


@unit
def look_again(change: PolicyChange) -> None:
    """Make a task of each appointment ahead that would not be booked as it was; none is cancelled.

    What is proposed is looked at anyway.
    """
    stand = [one.visit.pk for one in judged_again(change) if one.is_worse and one.visit.status == Status.BOOKED]
    calls.raise_for(stand, CallReason.RULES_CHANGED, at=change.at, again=True)
