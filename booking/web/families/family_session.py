"""Who came by a family link: noted in their session, and asked anew at each request whether it still counts."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.http import HttpRequest

from booking.actions.families import family_links
from booking.families.errors import FamilyLinkEnded
from booking.families.queries import link_named
from booking.families.status import FamilyAct, FamilyState
from booking.models import FamilyLink, Patient
from booking.web import came_by_link
from core import clock
from core.accounts.principals import principal_of

LASTS = timedelta(hours=12)
"""After this long the code or the mail's link is needed again: phones and computers are shared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilySession:
    """The link that was opened here. `came`: its details were given here, or its owner came back by their mail."""

    link: str
    since: str
    came: bool

    @classmethod
    def of(cls, request: HttpRequest, *, at: datetime) -> Self | None:
        """Return what was opened in this browser, unless that was long ago."""
        found = came_by_link.noted(request, came_by_link.FAMILY, lasts=LASTS, at=at)
        return cls(**found) if found else None

    @property
    def named(self) -> FamilyLink | None:
        """The link as it stands now."""
        return link_named(UUID(self.link))


def remember(request: HttpRequest, link: FamilyLink, *, came: bool, at: datetime) -> None:
    """Note that a link was opened in this browser."""
    noted = FamilySession(link=str(link.public_id), since=at.isoformat(), came=came)
    came_by_link.note(request, came_by_link.FAMILY, asdict(noted))


def opened_link(request: HttpRequest, *, came: bool, at: datetime) -> FamilyLink | None:
    """Return the link that was opened here, as it stands: to take it up, or as whoever `came`."""
    session = FamilySession.of(request, at=at)
    return session.named if session and session.came == came else None


def relative_of(request: HttpRequest) -> Patient | None:
    """Return the record of whoever came by a family link, once they are confirmed. Raises FamilyLinkEnded."""
    at = clock.now()
    link = opened_link(request, came=True, at=at)
    if link is None or link.is_in_force(at=at):
        return link.relative if link else None
    if link.state_at(at) is FamilyState.CLAIMED:
        return None
    refusal = FamilyLinkEnded()
    if request.method == "POST":  # a page that is opened writes nothing
        family_links.note_refusal(FamilyAct.USE, refusal, link, by=principal_of(request), at=at)
    raise refusal
