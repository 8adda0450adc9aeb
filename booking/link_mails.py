"""Sending somebody what they have lost, or what did not arrive, by the app that sends: booking itself sends nothing."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from django.utils.module_loading import import_string

from core.principal import Principal

SEND_LINKS = "notifications.actions.send_again.send_links_again"
SEND_MESSAGE = "notifications.actions.resending.send_again"
SEND_CODE = "notifications.actions.send_again.send_code"
"""Named, not imported, as a doorbell's task is: whoever sends messages knows appointments, and not the other way."""


@cache
def sender_of_links() -> Callable[..., None]:
    """Return what sends the links again."""
    found: Callable[..., None] = import_string(SEND_LINKS)
    return found


@cache
def sender_of_messages() -> Callable[..., Any]:
    """Return what sends one message again."""
    found: Callable[..., Any] = import_string(SEND_MESSAGE)
    return found


def send_message_again(message_id: int, *, by: Principal, at: datetime, after: int | None) -> Any:  # noqa: ANN401  (of another app)
    """Send a message again, unless it was sent more often than `after` times already. Raises Missing, Refusal."""
    return sender_of_messages()(message_id, by=by, at=at, after=after)


def send_links_again(patient_id: int, *, at: datetime) -> None:
    """Send somebody a mail with a link to each appointment ahead. Raises Refusal where there is nothing to send."""
    sender_of_links()(patient_id, at=at)


@cache
def sender_of_codes() -> Callable[..., None]:
    """Return what sends a code that shows who has a link."""
    found: Callable[..., None] = import_string(SEND_CODE)
    return found


def send_code(appointment_id: int, *, issue: int, at: datetime) -> None:
    """Send the code of an issue to an appointment's patient, in the caller's unit."""
    sender_of_codes()(appointment_id, issue=issue, at=at)
