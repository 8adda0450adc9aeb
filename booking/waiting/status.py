"""How an entry of the waiting list and an offer stand (FHIR RequestStatus, ParticipationStatus, as far as used)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EntryStatus(models.TextChoices):
    """How an entry stands. DRAFT: whoever asked has not shown yet that the address is theirs."""

    DRAFT = "draft", _("to be confirmed by e-mail")
    ACTIVE = "active", _("waits")
    COMPLETED = "completed", _("has a time")
    REVOKED = "revoked", _("left the list")
    ENDED = "ended", _("ended")


WAITS = frozenset({EntryStatus.DRAFT, EntryStatus.ACTIVE})
"""Of these somebody still waits."""


class OfferStatus(models.TextChoices):
    """What came of an offer. Whether an open one still holds is told by `expires_at`."""

    NEEDS_ACTION = "needs-action", _("asked")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    EXPIRED = "expired", _("not answered in time")
    TAKEN = "taken", _("somebody else was first")


class EntryAct(models.TextChoices):
    """What is done about an entry."""

    JOIN = "join", _("asked to be told")
    CONFIRM = "confirm", _("confirmed the address")
    OFFER = "offer", _("was offered a time")
    ACCEPT = "accept", _("accepted")
    DECLINE = "decline", _("declined")
    EXPIRE = "expire", _("did not answer in time")
    LOSE = "lose", _("somebody else was first")
    ASK = "ask", _("was asked to answer the questions again")
    ANSWER = "answer", _("answered the questions again")
    LEAVE = "leave", _("left the list")
    END = "end", _("was taken off the list")


class WaitingCallReason(models.TextChoices):
    """Why staff call somebody who waits."""

    OFFER = "offer", _("a time has opened for them, and no mail tells them")
    ANSWERS = "answers", _("their answers count no more, and no mail tells them")
    MAIL = "mail", _("a mail about the waiting list did not arrive")
