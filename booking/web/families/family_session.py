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
from core import clock
from core.accounts.principals import principal_of

FAMILY = "family"

KNOWN_BY_LINK = "known-by-link"
"""Where it is noted who came by their own appointment's link: whoever came last counts, and nobody beside them."""

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
        held = request.session.get(FAMILY) if hasattr(request, "session") else None
        found = cls(**held) if held else None
        return found if found and at < datetime.fromisoformat(found.since) + LASTS else None

    @property
    def named(self) -> FamilyLink | None:
        """The link as it stands now."""
        return link_named(UUID(self.link))


def remember(request: HttpRequest, link: FamilyLink, *, came: bool, at: datetime) -> None:
    """Note that a link was opened in this browser."""
    noted = FamilySession(link=str(link.public_id), since=at.isoformat(), came=came)
    request.session.pop(KNOWN_BY_LINK, None)
    request.session[FAMILY] = asdict(noted)


def forget(request: HttpRequest) -> None:
    """Let whoever sits here be a visitor again."""
    request.session.pop(FAMILY, None)


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
