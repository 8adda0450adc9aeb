"""The tables of words."""

from notifications.models.link_requests import LinkRequest
from notifications.models.messages import Message
from notifications.models.outbox import OutboxMail

__all__ = ["LinkRequest", "Message", "OutboxMail"]
