"""The tables of words."""

from notifications.models.messages import Message
from notifications.models.outbox import OutboxMail

__all__ = ["Message", "OutboxMail"]
