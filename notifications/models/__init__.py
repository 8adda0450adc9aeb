"""The tables of messages, and of what sending them needs to know."""

from notifications.models.breakers import Breaker
from notifications.models.link_requests import LinkRequest
from notifications.models.messages import Message
from notifications.models.outbox import OutboxMail
from notifications.models.sweeps import Sweep

__all__ = ["Breaker", "LinkRequest", "Message", "OutboxMail", "Sweep"]
