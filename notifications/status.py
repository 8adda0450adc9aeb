"""The vocabulary of messages: what a message is about, how it is said, what became of it."""

from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageKind(models.TextChoices):
    """What a message is about."""

    CONFIRMATION = "confirmation", _("confirmation")
    REMINDER = "reminder", _("reminder")
    MOVED = "moved", _("the appointment was moved")
    CANCELLED = "cancelled", _("the appointment was cancelled")
    HEALTH = "health", _("health questions are asked anew")
    REVIEWED = "reviewed", _("what came of the health answers")
    CLOSED = "closed", _("the appointment cannot take place at its time")
    OTHER_TIME = "other-time", _("another time is proposed")
    REOPENED = "reopened", _("the appointment takes place after all")
    TOGETHER = "together", _("whether they keep their time")
    LINK = "link", _("links to the appointments")
    CODE = "code", _("the code that shows an address to be theirs")
    CONTACT_CHANGED = "contact-changed", _("the address was changed")


NOBODY_TO_CALL = frozenset({MessageKind.CONTACT_CHANGED})
"""What goes to an address that is gone: that it does not arrive is no reason to call anybody."""

NO_NEWS = NOBODY_TO_CALL | {MessageKind.CODE}
"""What says nothing of a visit: that it arrives spares nobody a call about one."""


OF_A_CLOSURE = frozenset({MessageKind.CLOSED, MessageKind.OTHER_TIME})
"""What staff let people know of a time that is closed."""

SENT_UNCOVERED = OF_A_CLOSURE | {MessageKind.LINK, MessageKind.CONTACT_CHANGED}
"""What goes out also where the time of a visit is not open: it does not say that anything stands."""


class Delivery(models.TextChoices):
    """What became of a message. UNKNOWN: the server's answer was lost; shown to staff, never sent again by itself."""

    DUE = "due", _("waiting")
    CLAIMED = "claimed", _("picked up")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    UNKNOWN = "unknown", _("unknown")
    DROPPED = "dropped", _("no longer needed")


class DeliveryReason(models.TextChoices):
    """Why a message was dropped, failed, or has an unknown end. Refusals of a mail server add its three digits."""

    SUPERSEDED = "superseded", _("a newer version of the appointment has its own message")
    NOT_STANDING = "not-standing", _("the appointment does not stand any more")
    WITHOUT_COVER = "without-cover", _("the time of the appointment is no longer open: staff calls")
    TOO_LATE = "too-late", _("too late to be of use")
    UNCHANGED = "unchanged", _("the patient knows it already: it is as they last heard")
    TOLD_AT_DESK = "told-at-desk", _("they were told at the desk, where they stood")
    REMINDERS_OFF = "reminders-off", _("they asked for no reminders")
    SAID_BEFORE = "said-before-opening", _("it was told before this service was in use")
    NO_ADDRESS = "no-address", _("there is no way to write to them: please call")
    BAD_ADDRESS = "bad-address", _("mail cannot be sent to the address on file: please call")
    REFUSED = "refused", _("the mail server refused it")
    GAVE_UP = "gave-up", _("the mail server put it off until it was too late")
    UNWRITABLE = "unwritable", _("it could not be written")
    ANSWER_LOST = "answer-lost", _("the mail server's answer was lost")
    WORKER_LOST = "worker-lost", _("the worker stopped while sending")


ENDS_AS = dict.fromkeys(DeliveryReason, Delivery.DROPPED) | {
    DeliveryReason.NO_ADDRESS: Delivery.FAILED,
    DeliveryReason.BAD_ADDRESS: Delivery.FAILED,
    DeliveryReason.GAVE_UP: Delivery.FAILED,
    DeliveryReason.REFUSED: Delivery.FAILED,
    DeliveryReason.UNWRITABLE: Delivery.FAILED,
    DeliveryReason.ANSWER_LOST: Delivery.UNKNOWN,
    DeliveryReason.WORKER_LOST: Delivery.UNKNOWN,
}
"""What becomes of a message that does not arrive, by the reason; what is dropped nobody misses."""

FOR_STAFF = frozenset({Delivery.FAILED, Delivery.UNKNOWN})
"""Somebody may be without word: staff are to call."""


class Ending(StrEnum):
    """How handing a message over ended, as far as the sender knows.

    UNWRITABLE: there was nothing to hand over. PUT_OFF: the server does not take this one now. NOT_GIVEN: the server
    takes nothing now, or the wire broke before the last dot. UNKNOWN: it broke after it. NOT_BEGUN: nothing was said.
    """

    SENT = "sent"
    UNWRITABLE = "unwritable"
    REFUSED = "refused"
    PUT_OFF = "put-off"
    NOT_GIVEN = "not-given"
    NOT_BEGUN = "not-begun"
    UNKNOWN = "unknown"


WHY = {
    Ending.REFUSED: DeliveryReason.REFUSED,
    Ending.UNWRITABLE: DeliveryReason.UNWRITABLE,
    Ending.UNKNOWN: DeliveryReason.ANSWER_LOST,
}
"""The reason of an ending that is no success and leaves nothing to try."""

AFTER_AN_ANSWER = frozenset({Ending.SENT, Ending.REFUSED, Ending.PUT_OFF})
"""The server spoke about this one message: it does its work."""

AFTER_NO_ANSWER = frozenset({Ending.NOT_GIVEN, Ending.UNKNOWN})
"""The server is in trouble, whatever the message."""


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """An ending with the server's reply code (0: none was given)."""

    ending: Ending
    code: int = 0
