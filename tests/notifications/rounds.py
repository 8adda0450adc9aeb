"""A worker's round at a moment, and what it led to."""

from datetime import timedelta

from notifications.actions import dispatch
from notifications.models import Message
from tests.factories.visits import BOOKED_AT, STARTS_AT

SOON = BOOKED_AT + timedelta(seconds=1)
QUIET = SOON + timedelta(minutes=2)
"""When what was changed at SOON is told."""

DAY_BEFORE = STARTS_AT - timedelta(days=1)


def run(at=SOON):
    return dispatch.run(now=lambda: at)


def of(visit, kind, **filters):
    return Message.objects.get(appointment=visit, kind=kind, **filters)


def ended(visit, kind, **filters):
    message = of(visit, kind, **filters)
    return message.status, message.reason


def to(mailoutbox):
    return [mail.to[0] for mail in mailoutbox]
