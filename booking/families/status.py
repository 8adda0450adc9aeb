"""The life of a family link: its states and what is done to it, read aloud from one table."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from django.db import models
from django.utils.translation import gettext_lazy as _


class FamilyState(models.TextChoices):
    """How a family link stands. Whether one of LIVE still counts is told by its `ends_at`."""

    INVITED = "invited", _("invited")
    CLAIMED = "claimed", _("waits for the patient's word")
    ACTIVE = "active", _("confirmed")
    REVOKED = "revoked", _("taken back")
    ENDED = "ended", _("ended")
    EXPIRED = "expired", _("not used in time")


class FamilyAct(models.TextChoices):
    """What is done to a family link. USE: a time is asked for by it, which is written down where it is refused.

    UNHEARD: somebody was not reached by a mail about it, for staff to tell them.
    """

    INVITE = "invite", _("invitation made")
    CLAIM = "claim", _("invitation taken up")
    CONFIRM = "confirm", _("confirmed by the patient")
    VOUCH = "vouch", _("vouched for by staff")
    RENEW = "renew", _("renewed")
    GRACE = "grace", _("kept for a year of grace")
    UNGRACE = "ungrace", _("the year of grace undone")
    REVOKE = "revoke", _("taken back")
    LEAVE = "leave", _("given up by the family member")
    REMIND = "remind", _("both told that it ends soon")
    END = "end", _("ended by its date")
    EXPIRE = "expire", _("not used in time")
    USE = "use", _("time was asked for")
    KEPT_FOR = "kept-for", _("a time was kept for the family member")
    UNHEARD = "unheard", _("a mail about it did not arrive")


ONLY_STAFF_READ = frozenset({FamilyAct.UNHEARD, FamilyAct.KEPT_FOR, FamilyAct.GRACE, FamilyAct.UNGRACE})
"""Acts of which neither side reads: they tell of the other's mailbox, of their times, and of a death."""


class FamilyRelation(models.TextChoices):
    """What somebody is to the patient, by codes of HL7 v3-RoleCode."""

    SPOUSE = "SPS", _("wife or husband")
    PARTNER = "DOMPART", _("partner")
    PARENT = "PRN", _("mother or father")
    CHILD = "CHILD", _("daughter or son")
    SIBLING = "SIB", _("sister or brother")
    GRANDPARENT = "GRPRN", _("grandmother or grandfather")
    FAMILY = "FAMMEMB", _("another member of the family")
    FRIEND = "FRND", _("friend who cares for them")
    GUARDIAN = "GUARD", _("guardian")


LIVE = frozenset({FamilyState.INVITED, FamilyState.CLAIMED, FamilyState.ACTIVE})
"""What counts as one of the few links that a patient has, until its end."""

MOST_LIVE = 4
"""So many live links a patient has."""

INVITATION_LIFE = timedelta(days=14)
"""How long a code can be used; as long the patient then has to confirm who used it."""

LINK_LIFE = relativedelta(years=1)
"""How long a confirmed link lasts, and one in grace: until the same day of the next year."""

RENEWABLE = timedelta(days=30)
"""How long before its end both are told of it, and can renew it."""

ACTS: dict[tuple[FamilyState | None, FamilyAct], FamilyState] = {
    (None, FamilyAct.INVITE): FamilyState.INVITED,
    (FamilyState.INVITED, FamilyAct.CLAIM): FamilyState.CLAIMED,
    (FamilyState.INVITED, FamilyAct.VOUCH): FamilyState.INVITED,
    (FamilyState.CLAIMED, FamilyAct.CONFIRM): FamilyState.ACTIVE,
    (FamilyState.CLAIMED, FamilyAct.VOUCH): FamilyState.ACTIVE,
    (FamilyState.ACTIVE, FamilyAct.RENEW): FamilyState.ACTIVE,
    (FamilyState.ACTIVE, FamilyAct.GRACE): FamilyState.ACTIVE,
    (FamilyState.ACTIVE, FamilyAct.UNGRACE): FamilyState.ACTIVE,
    (FamilyState.ACTIVE, FamilyAct.REMIND): FamilyState.ACTIVE,
    (FamilyState.INVITED, FamilyAct.REVOKE): FamilyState.REVOKED,
    (FamilyState.CLAIMED, FamilyAct.REVOKE): FamilyState.REVOKED,
    (FamilyState.ACTIVE, FamilyAct.REVOKE): FamilyState.REVOKED,
    (FamilyState.CLAIMED, FamilyAct.LEAVE): FamilyState.ENDED,
    (FamilyState.ACTIVE, FamilyAct.LEAVE): FamilyState.ENDED,
    (FamilyState.INVITED, FamilyAct.EXPIRE): FamilyState.EXPIRED,
    (FamilyState.CLAIMED, FamilyAct.EXPIRE): FamilyState.EXPIRED,
    (FamilyState.ACTIVE, FamilyAct.END): FamilyState.ENDED,
}


RESULTS = {
    FamilyAct.CONFIRM: FamilyState.ACTIVE,
    FamilyAct.VOUCH: FamilyState.ACTIVE,
    FamilyAct.REVOKE: FamilyState.REVOKED,
    FamilyAct.LEAVE: FamilyState.ENDED,
}
"""What a link stands at once an act was done: pressed twice, it is done once."""


def reached(state: FamilyState | None, what: FamilyAct) -> FamilyState | None:
    """Return the state that an act leads to, None when it leads nowhere. `state` is None before the invitation."""
    return ACTS.get((state, what))
