"""The tables of messages, and of what sending them needs to know."""

from notifications.models.breakers import Breaker
from notifications.models.family_mails import FamilyMail, FamilyMailKind
from notifications.models.link_requests import LinkRequest
from notifications.models.messages import Message
from notifications.models.outbox import OutboxMail
from notifications.models.single_mails import SingleMail
from notifications.models.sweeps import Sweep
from notifications.models.waiting_list_mails import WaitingListMail, WaitingListMailKind

__all__ = [
    "Breaker",
    "FamilyMail",
    "FamilyMailKind",
    "LinkRequest",
    "Message",
    "OutboxMail",
    "SingleMail",
    "Sweep",
    "WaitingListMail",
    "WaitingListMailKind",
]
