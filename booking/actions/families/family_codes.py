"""Codes of family links that are typed: so many for each visitor and network, so that guessing ends.

Each try counts when it begins; the right code is given back. Whoever mistypes waits a minute at most.
"""

import logging
import math
from datetime import datetime, timedelta

from booking.families.errors import TooManyCodes
from booking.families.queries import invited_by_code
from booking.models import FamilyLink
from core.principal import Principal
from core.rates import Rate

log = logging.getLogger(__name__)

OF_A_VISITOR = Rate("family codes of a visitor", burst=10, pause=timedelta(minutes=1))
# A ward's families share a network; 40 bits are not guessed by a try every 20 seconds.
OF_A_NETWORK = Rate("family codes of a network", burst=30, pause=timedelta(seconds=20))

NOWHERE = "unknown"


def open_invitation(typed: str, *, by: Principal, network: str, at: datetime) -> FamilyLink:
    """Return the open invitation of a typed code. Raises FamilyCodeUnknown, TooManyCodes."""
    counted = ((OF_A_VISITOR, by.key), (OF_A_NETWORK, network or NOWHERE))
    answers = [(rate, whom, rate.take(whom, at=at)) for rate, whom in counted]
    waits = [free_at for _rate, _whom, free_at in answers if free_at]
    if waits:
        for rate, whom, free_at in answers:
            if free_at is None:  # nothing is looked up, so that nobody else near by pays for it
                rate.give_back(whom)
        log.warning("family code not looked at: network %s", network[:12] or NOWHERE)
        raise TooManyCodes(retry_after=max(1, math.ceil((max(waits) - at).total_seconds())))
    found = invited_by_code(typed, at=at)
    for rate, whom in counted:
        rate.give_back(whom)
    return found
