"""A family link's year of grace after a patient's death, and how whoever gave it takes it back the same day."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from booking.families.errors import FamilyActNotAllowed
from booking.families.status import FamilyAct
from booking.models import FamilyLink
from core.principal import Principal


def stands_at_once(link: FamilyLink) -> Collection[FamilyAct]:
    """Return which of the two acts has nothing to do: pressed twice, it is done once."""
    return {FamilyAct.UNGRACE if link.grace_at is None else FamilyAct.GRACE}


def give(link: FamilyLink, *, until: datetime, at: datetime) -> None:
    """Let a link last until the end of its year of grace, and remember when it would have ended."""
    link.ends_without_grace, link.ends_at, link.grace_at = link.ends_at, until, at


def may_take_back(link: FamilyLink, *, by: Principal, at: datetime) -> bool:
    """Whether it was given by the same person, on this day at its site."""
    if link.grace_at is None or link.ends_without_grace is None:
        return False
    given_on, today = (moment.astimezone(link.site.tz).date() for moment in (link.grace_at, at))
    if given_on != today:
        return False
    last = link.changes.filter(act=FamilyAct.GRACE, refused="").order_by("pk").last()
    return last is not None and last.by == by.key


def take_back(link: FamilyLink, *, by: Principal, at: datetime) -> None:
    """Let a link end when it would have. Raises FamilyActNotAllowed."""
    if not may_take_back(link, by=by, at=at) or link.ends_without_grace is None:
        words = _("Only whoever kept it for a year can undo that, on the same day. Take it back, and invite them anew.")
        raise FamilyActNotAllowed(words, stands=link.state, act=FamilyAct.UNGRACE.value)
    link.ends_at, link.ends_without_grace, link.grace_at = link.ends_without_grace, None, None
