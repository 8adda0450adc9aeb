"""What stands in the calendar feed of somebody who treats: no word about who comes, and nothing that a title tells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from booking.actions.calendar_feeds import LONGEST, digest_of
from booking.models import Appointment, CalendarFeed, Change
from booking.queries import has_lapsed
from booking.status import WAITING, Move, Status
from core.models import Site, User
from core.principal import Principal
from core.rights import Action, acting, may_ever
from core.text.ical import CalendarEntry, EventStatus, calendar_feed
from core.text.languages import localized

KEPT = timedelta(days=30)
"""So long what was cancelled, or left the calendar, is told to programs that show it still; and what has been."""

CALLED_OFF = (Status.CANCELLED, Status.ENTERED_IN_ERROR)
LANGUAGE = settings.LANGUAGE_CODE
"""Programs say what language their server speaks, not what their reader does: a feed is in one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReading:
    """A feed with whose it is."""

    feed: CalendarFeed
    by: Principal
    at: datetime


def live_feed(token: str) -> CalendarFeed | None:
    """Return the feed of a token while it is live, else None."""
    if not token.isascii() or len(token) > LONGEST:
        return None
    rows = CalendarFeed.objects.select_related("practitioner__user", "patient")
    return rows.filter(digest=digest_of(token), revoked_at=None).first()


def reading_of(feed: CalendarFeed, *, at: datetime) -> FeedReading | None:
    """Return the reading of a practitioner's feed, as long as they may still see their calendar; else None."""
    who = feed.practitioner
    user: User | None = who.user if who else None
    if who is None or user is None or not (user.is_active and who.active):
        return None
    by = Principal.of(user, at=at)
    return FeedReading(feed=feed, by=by, at=at) if may_ever(by, Action.SEE_OWN_DAY) else None


def as_ical(reading: FeedReading) -> bytes:
    """Return a feed as iCalendar text: the same bytes for as long as nothing in it changes."""
    with translation.override(LANGUAGE):
        # As stable as what it says: programs compare.
        entries = sorted([*_appointments(reading), *_gone(reading)], key=lambda one: (one.starts_at, one.uid))
        return calendar_feed(entries, name=_("Appointments"))


def _appointments(reading: FeedReading) -> Iterator[CalendarEntry]:
    at, who = reading.at, reading.feed.practitioner
    rows = Appointment.objects.visible_to(acting(reading.by, Action.SEE_APPOINTMENT)).filter(practitioner=who)
    recent = rows.filter(period__startswith__gte=at - KEPT).exclude(Q(status__in=CALLED_OFF), updated_at__lt=at - KEPT)
    for visit in recent.select_related("site", "place", "therapy").order_by("period", "pk"):
        lapsed = has_lapsed(visit, at=at)
        yield CalendarEntry(
            uid=feed_uid(visit.public_id),
            # What ran out is called off by whoever tidies up next, with a version more: it is told so at once.
            sequence=visit.version + (lapsed and visit.status in WAITING),
            stamped_at=visit.updated_at,
            starts_at=visit.period.lower,
            ends_at=visit.period.upper,
            zone=visit.site.tz,
            summary=localized(visit.therapy.name, LANGUAGE) if reading.feed.says_therapy else _("Appointment"),
            location=", ".join(filter(None, (_place(visit), localized(visit.site.name, LANGUAGE), visit.site.address))),
            url=settings.PUBLIC_URL + reverse("desk-appointment", args=[visit.public_id]),
            status=EventStatus.CANCELLED if lapsed else event_status(visit.status),
            alarm=False,
        )


def _place(visit: Appointment) -> str:
    return localized(visit.place.name, LANGUAGE) if visit.place else ""


def event_status(status: str) -> EventStatus:
    """Return how sure it is that an appointment of a status takes place."""
    if status in CALLED_OFF:
        return EventStatus.CANCELLED
    return EventStatus.TENTATIVE if status in WAITING else EventStatus.CONFIRMED


def _gone(reading: FeedReading) -> Iterator[CalendarEntry]:
    """Yield what went to somebody else's calendar: programs that show it still are told that it is off there."""
    who, at = reading.feed.practitioner, reading.at
    assert who is not None  # noqa: S101  (tells the type checker: it is a practitioner's)
    moved = Change.objects.filter(move=Move.RESCHEDULE, at__gte=at - KEPT).exclude(appointment__practitioner=who)
    away = moved.filter(facts__from__practitioner=str(who.public_id)).select_related("appointment").order_by("pk")
    last = {change.appointment_id: change for change in away}
    sites = {site.key: site for site in _sites(last.values())}
    for change in last.values():
        visit, start = change.appointment, datetime.fromisoformat(change.facts["from"]["start"])
        yield CalendarEntry(
            uid=feed_uid(visit.public_id),
            sequence=change.version,
            stamped_at=change.at,
            starts_at=start,
            ends_at=start + (visit.period.upper - visit.period.lower),
            zone=sites[change.facts["from"]["site"]].tz,
            summary=_("Appointment"),
            location="",
            status=EventStatus.CANCELLED,
            alarm=False,
        )


def _sites(changes: Iterable[Change]) -> Iterable[Site]:
    keys = {change.facts["from"]["site"] for change in changes}
    return Site.objects.filter(key__in=keys) if keys else ()


def feed_uid(public_id: UUID) -> str:
    """Return the name of an appointment in the calendar of whoever treats: another one than in its patient's."""
    return f"desk-{public_id}@meridian"
