"""Sending somebody what they have lost, or what did not arrive, by the app that sends: booking itself sends nothing."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from django.utils.module_loading import import_string

SEND_LINKS = "notifications.actions.send_again.send_links_again"
"""Named, not imported, as a doorbell's task is: whoever sends messages knows appointments, and not the other way."""


@cache
def sender_of_links() -> Callable[..., None]:
    """Return what sends the links again."""
    found: Callable[..., None] = import_string(SEND_LINKS)
    return found


def send_links_again(patient_id: int, *, at: datetime) -> None:
    """Send somebody a mail with a link to each appointment ahead. Raises Refusal where there is nothing to send."""
    sender_of_links()(patient_id, at=at)
