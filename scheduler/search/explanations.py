"""Why a start cannot be had: every reason, in words, by the rules that search and claims go by."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from core.text.languages import time_in_words, when_in_words
from scheduler.audience import Audience
from scheduler.calendars.closed_times import ClosedTime
from scheduler.calendars.works_instead import works_instead
from scheduler.catalogue import Catalogue, Offer, Plan, catalogue
from scheduler.errors import BlockFull, ClosedThen, NotOpenYet, ReferralNeeded
from scheduler.search import place_access
from scheduler.search.availability import Availability
from scheduler.search.frames import Frame
from scheduler.search.search_query import Explanation, UnavailableReason
from scheduler.search.site_hours import outside_opening
from scheduler.search.slot_ids import Slot, SlotKey, resolve
from scheduler.search.windows import no_time_for_referral, reviewable_start, window


def explain(
    slot: Slot,
    *,
    at: datetime,
    audience: Audience = Audience.PATIENT,
    moving: UUID | None = None,
    reviewed: bool = False,
) -> Explanation:
    """Say whether an audience may have a slot, or all reasons why not. Raises UnknownSlot."""
    known, start = catalogue(), slot.start
    offer, plan = resolve(slot.key, known)
    frame = Frame.around(start, known.reach(plan, offer.site))
    available = Availability(known, plan, [offer], at, frame, (moving,) if moving else (), audience)
    available.load(frame.weeks)
    if offer.site in known.blocks:
        available.read_hours_again()
    # A hold makes the sheets that are missing, so the explanation counts them as open: both must say the same.
    available.load_unmade()
    closed = known.closed_in_words(plan, offer.site, start)
    # Closed alone: who would have had time then helps nobody.
    hard = [UnavailableReason(code=ClosedThen.code, detail=closed)] if closed else _hard(available, offer, start)
    allowed = window(offer.site, audience=audience, at=at, start=start, known=known)
    reasons = (
        *([] if moving else _online(plan, known, offer.site, audience=audience, at=at)),
        *_soft(start, allowed, at, by_staff=audience.is_staff),
        *_referred(start, plan, offer.site, audience=audience, at=at, known=known),
        *([] if reviewed else _reviewable(start, plan.visit, offer.site, audience=audience, at=at, known=known)),
        *hard,
    )
    if not reasons:
        slot = replace(slot, only_for=place_access.only_for(available, offer, start))
    return Explanation(slot=slot, free=not reasons, reasons=reasons)


def why_closed(available: Availability, offer: Offer, start: datetime) -> str:
    """Say that a start lies in a closure, or beyond the site's hours, and when it is open; empty where it does not."""
    closed = available.catalogue.closed_in_words(available.plan, offer.site, start)
    outside = None if closed else outside_opening(available, offer, start)
    return outside.detail if outside else closed


def closed_in_words(key: SlotKey) -> str:
    """Say until when the site, or the therapy there, is closed at a start; empty where it is not."""
    known, plan, site = _named(key)
    return known.closed_in_words(plan, site, key.start) if plan and site else ""


def closed_at(key: SlotKey) -> ClosedTime | None:
    """Return what closes the site, or the therapy there, at a start; None where it is open."""
    known, plan, site = _named(key)
    return known.closed_at(plan, site, key.start) if plan and site else None


def reopens_at(key: SlotKey) -> datetime | None:
    """Return from when on a start can be had again that is closed; None where nobody knows."""
    known, plan, site = _named(key)
    return known.reopens(plan, site, key.start) if plan and site else None


def closed_ahead_at(site: int, *, at: datetime) -> list[ClosedTime]:
    """Return what closes a site (its id), or a therapy there, now or later, the first to begin first."""
    ahead = [one for one in catalogue().closed.get(site, ()) if one.ends is None or one.ends > at]
    return sorted(ahead, key=lambda one: (one.starts or at, one.key, one.therapy))


def _named(key: SlotKey) -> tuple[Catalogue, Plan | None, int | None]:
    known = catalogue()
    site = next((card.id for card in known.sites.values() if card.key == key.site), None)
    plan = known.plan(key.therapy, key.visit, key.technique)
    return known, plan.at(key.start).lasting(key.segments) if plan else None, site


def _online(
    plan: Plan, known: Catalogue, site: int, *, audience: Audience, at: datetime
) -> Iterator[UnavailableReason]:
    if not known.bookable_by(audience, plan.therapy, site, at=at):
        yield UnavailableReason(code="not-bookable-online", detail=_("This is booked by our staff. Please call us."))


def _soft(
    start: datetime, allowed: tuple[datetime, datetime], at: datetime, *, by_staff: bool
) -> Iterator[UnavailableReason]:
    # What each can do about it differs: staff set these two aside with a reason, patients have somebody to call.
    if start < at:
        yield UnavailableReason(code="past", detail=_("This time has passed."))
    elif start < allowed[0]:
        soon = _("This time is too soon to book online. Please call us, or choose a later one.")
        detail = _("This time is sooner than may be booked without a reason.") if by_staff else soon
        yield UnavailableReason(code="notice-too-short", detail=detail)
    elif start >= allowed[1]:
        early = _("This time cannot be booked yet. Please choose an earlier one, or come back later.")
        detail = _("This time is farther ahead than may be booked without a reason.") if by_staff else early
        yield UnavailableReason(code="beyond-horizon", detail=detail)


def _referred(
    start: datetime, plan: Plan, site: int, *, audience: Audience, at: datetime, known: Catalogue
) -> Iterator[UnavailableReason]:
    lacking = no_time_for_referral(site, plan.therapy, audience=audience, start=start, at=at, known=known)
    if at <= start and lacking:
        yield UnavailableReason(code=ReferralNeeded.code, detail=str(ReferralNeeded.what_to_do))


def _reviewable(
    start: datetime, visit: str, site: int, *, audience: Audience, at: datetime, known: Catalogue
) -> Iterator[UnavailableReason]:
    if at <= start < reviewable_start(site, visit, audience=audience, at=at, known=known):
        detail = _("We look at this before it is booked, and there is no time left for that.")
        yield UnavailableReason(code="no-time-to-review", detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotForThem:
    """Why time that is open to others alone is not open to whoever asks, and from when on it is, if ever."""

    kind: type[NotOpenYet | BlockFull]
    detail: str
    opens_at: datetime | None = None


def not_for_them(available: Availability, offer: Offer, start: datetime) -> NotForThem | None:
    """Say why a start lies in others' time; None where it does not. Whether it is taken is told to nobody else."""
    staff, tick = available.audience.is_staff, available.frame.only(start)
    if not available.for_others_alone(offer) & tick:
        return None
    full, opens_at = available.full_or_opens_at(offer, tick)
    if full:
        return NotForThem(kind=BlockFull, detail=BlockFull.what_to_do(staff=staff))
    return _not_open_yet(available, offer, start, opens_at)


def place_not_for_them(available: Availability, offer: Offer, start: datetime) -> NotForThem | None:
    """Say why a start has no place for whoever asks, where some that would do are kept for others; None otherwise."""
    if not place_access.are_for_others(available, offer, start):
        return None
    return _not_open_yet(available, offer, start, place_access.opens_at(available, offer, start))


def _not_open_yet(available: Availability, offer: Offer, start: datetime, opens_at: datetime | None) -> NotForThem:
    # A date on which nobody could book it any more, since that is too short before it, would be a false promise.
    programs = available.audience.programs_at(offer.site)
    notice = available.catalogue.window(offer.site, at=available.at, programs=programs, start=start).min_notice
    if opens_at is not None and not available.at < opens_at <= start - notice:
        opens_at = None
    zone = available.catalogue.sites[offer.site].tz
    opens = when_in_words(opens_at, zone) if opens_at else ""
    detail = NotOpenYet.what_to_do(staff=available.audience.is_staff, opens=opens)
    return NotForThem(kind=NotOpenYet, detail=detail, opens_at=opens_at)


def _hard(available: Availability, offer: Offer, begins: datetime) -> Iterator[UnavailableReason]:
    start = available.frame.only(begins)
    if not start:
        yield UnavailableReason(code="off-grid", detail=_("Appointments start on five minutes."))
        return
    closed = outside_opening(available, offer, begins)
    if closed and closed.from_the_start:
        yield UnavailableReason(code=ClosedThen.code, detail=closed.detail)
        return
    # This alone: whether it is taken as well would tell a stranger who comes when.
    if theirs := not_for_them(available, offer, begins):
        yield UnavailableReason(code=theirs.kind.code, detail=theirs.detail, opens_at=theirs.opens_at)
        return
    yield from _practitioner(available, offer, begins)
    if closed:
        yield UnavailableReason(code=ClosedThen.code, detail=closed.detail)
    else:
        yield from _rooms(available, offer, begins)


def _rooms(available: Availability, offer: Offer, begins: datetime) -> Iterator[UnavailableReason]:
    plan, start = available.plan, available.frame.only(begins)
    if kept := place_not_for_them(available, offer, begins):
        yield UnavailableReason(code=kept.kind.code, detail=kept.detail, opens_at=kept.opens_at)
    elif plan.features and not available.places(offer.site) & start:
        yield UnavailableReason(code="no-suitable-room", detail=_("No suitable room is free."))
    elif not available.near(offer) & start and available.devices(offer.site) & start:
        yield UnavailableReason(
            code="practitioner-elsewhere", detail=_("The practitioner has a patient in another part of the building.")
        )
    if not available.devices(offer.site) & start:
        yield UnavailableReason(code="device-in-use", detail=_("A device that this appointment needs is in use."))


def _practitioner(available: Availability, offer: Offer, begins: datetime) -> Iterator[UnavailableReason]:
    start = available.frame.only(begins)
    if not available.in_hours(offer) & start:
        yield UnavailableReason(code="practitioner-off", detail=_off_in_words(available, offer, begins))
    elif not available.hands(offer) & available.lanes(offer) & start:
        yield UnavailableReason(code="practitioner-busy", detail=_("The practitioner has other patients at this time."))
    if not available.in_time(offer) & start:
        yield UnavailableReason(
            code="practitioner-travelling",
            detail=_("The practitioner is at another site around this time and cannot be here in time."),
        )


def _off_in_words(available: Availability, offer: Offer, begins: datetime) -> str:
    """Say that somebody does not work at a start, or to staff that what is asked for ends after their hours."""
    hours, start = available.within_hours(offer), available.frame.only(begins)
    # Strangers are not told when hours end that may go on for others.
    if not available.audience.is_staff:
        return _("The practitioner does not work at this time.")
    if not hours & start:
        who, zone = offer.practitioner, available.catalogue.sites[offer.site].tz
        return works_instead(who.id, offer.site, zone, begins, name=who.name)
    # The first tick is the highest bit: of those after the start that are no hours, the highest is where they end.
    over = ~hours & (start - 1)
    ends = available.frame.at(available.frame.total - over.bit_length())
    zone = available.catalogue.sites[offer.site].tz
    return _("This does not fit before %(time)s, when the practitioner's hours end.") % {
        "time": time_in_words(ends, zone)
    }
