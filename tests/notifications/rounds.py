"""A worker's round at a moment, and what it led to."""

from datetime import timedelta

from notifications.actions import claims, deliver, dispatch
from notifications.actions.deliver import Start
from notifications.models import Message
from notifications.outgoing import DeliveryResult
from notifications.status import DeliveryOutcome, MessageKind
from tests.factories.visits import BOOKED_AT, STARTS_AT

SOON = BOOKED_AT + timedelta(seconds=1)
QUIET = SOON + timedelta(minutes=2)
"""When what was changed at SOON is told."""

DAY_BEFORE = STARTS_AT - timedelta(days=1)


def run(at=SOON):
    return dispatch.run(now=lambda: at)


def picked_up(at=SOON, **facts):
    """Claim what is due and read it, the longest due first."""
    ids = claims.claim("email", at=at, **facts)
    read = claims.read_claimed(ids, at=at)
    return [read[pk] for pk in ids]


def pick_two():
    return claims.claim("email", at=SOON, limit=2)


def begun(readings, at=SOON):
    """Begin messages; return what may go over the wire, and look again at those that may not."""
    starts = [(reading.outgoing, deliver.begin(reading, at=at)) for reading in readings]
    for outgoing, start in starts:
        if start is Start.CHANGED:
            deliver.look_again(outgoing.message, at=at)
    return [outgoing for outgoing, start in starts if start is Start.BEGUN]


def settled(ready, ending, code=0, *, at=SOON):
    """Note that handing these over ended so, the first time that each was begun."""
    outcome = DeliveryOutcome(ending, code)
    deliver.settle([DeliveryResult(outgoing=each, outcome=outcome, beginning=1, begun_at=at) for each in ready], at=at)


def of(visit, kind, **filters):
    return Message.objects.get(appointment=visit, kind=kind, **filters)


def ended(visit, kind, **filters):
    message = of(visit, kind, **filters)
    return message.status, message.reason


def to(mailoutbox):
    return [mail.to[0] for mail in mailoutbox]


def count(status):
    """Return how many confirmations are in this state."""
    return Message.objects.filter(kind=MessageKind.CONFIRMATION, status=status).count()
