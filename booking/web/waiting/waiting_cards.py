"""What pages show of an entry of the waiting list and of the time that is offered, shaped for their templates."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.access_needs import AskedFor
from booking.models import WaitingListEntry, WaitingListOffer
from booking.waiting.matching import OfferRules
from booking.waiting.policies import ORDER_WORDS, offer_rules
from booking.waiting.status import EntryStatus, OfferStatus
from booking.web.forms import PARTS_OF_DAY
from booking.web.visit_card import VisitCard
from core.text.languages import (
    language_in_words,
    localized,
    near_day_in_words,
    wall_time_in_words,
    weekday_in_words,
    when_in_words,
    zone_in_words,
)
from scheduler import public as scheduler

MONDAY = date(2026, 1, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCard:
    """A time that is offered. `id`: as its buttons send it; `until`: until when it is kept."""

    id: str
    visit: VisitCard
    until: str
    several: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryCard:
    """An entry as whoever waits sees it; what for stands nowhere, since a link may be read by others as well.

    `missed`: why they have not the time that was offered last; `asks`: they are to answer the questions again.
    """

    draft: bool
    waits: bool
    booked: bool
    left: bool
    preferences: tuple[tuple[str, str], ...]
    swaps: str
    offer: OfferCard | None
    missed: str
    asks: bool

    @classmethod
    def of(cls, entry: WaitingListEntry, offer: WaitingListOffer | None, *, at: datetime) -> Self:
        """Return the card of an entry, with what it was offered and can still accept."""
        stands = offer is not None and offer.stands(at=at)
        zone = entry.site.tz
        asked = _("as you told us") if AskedFor.of_visit_alone(entry) else ""  # a link may be read by others as well
        return cls(
            draft=entry.status == EntryStatus.DRAFT,
            waits=entry.status == EntryStatus.ACTIVE,
            booked=entry.status == EntryStatus.COMPLETED,
            left=entry.status == EntryStatus.REVOKED,
            preferences=tuple(preferences_in_words(entry, asked_for=asked)),
            swaps=when_in_words(entry.later.period.lower, zone) if entry.later else "",
            offer=_offer(offer) if stands and offer else None,
            missed=_missed(entry, at=at) if entry.status == EntryStatus.ACTIVE else "",
            asks=entry.status == EntryStatus.ACTIVE and entry.answers_asked_at is not None,
        )


def _offer(offer: WaitingListOffer) -> OfferCard:
    held, zone = offer.hold, offer.hold.site.tz
    return OfferCard(
        id=str(offer.public_id),
        visit=VisitCard.at(
            held.period.lower,
            held.period.upper,
            zone,
            with_whom=held.practitioner.name,
            site=localized(held.site.name),
            address=held.site.address,
        ),
        until=_("%(until)s, %(zone)s") % {"until": when_in_words(offer.expires_at, zone), "zone": zone_in_words(zone)},
        several=offer.hold.offers.count() > 1,
    )


def _missed(entry: WaitingListEntry, *, at: datetime) -> str:
    """Return what became of the last time that they were offered and have not, until it would have begun."""
    offer = entry.offers.order_by("-pk").first()
    if offer is None or offer.starts_at <= at or offer.stands(at=at):
        return ""
    told = {"when": when_in_words(offer.starts_at, entry.site.tz)}
    if offer.status == OfferStatus.TAKEN:
        return _("We offered you %(when)s. This time is taken: somebody else has it now.") % told
    if offer.status == OfferStatus.DECLINED:
        return _("You did not want %(when)s, so we offer it to somebody else.") % told
    if offer.status in {OfferStatus.EXPIRED, OfferStatus.NEEDS_ACTION}:
        until = when_in_words(offer.expires_at, entry.site.tz)
        return _("We offered you %(when)s. We kept it until %(until)s.") % {**told, "until": until}
    return ""


def _part_in_words(part: str) -> str:
    return str(dict(PARTS_OF_DAY)[part]) if part else ""


def preferences_in_words(entry: WaitingListEntry, *, asked_for: str) -> list[tuple[str, str]]:
    """Return what suits somebody: what each preference is called, and what it says.

    `asked_for`: what helps them to come, as far as whoever reads may know it.
    """
    named = [
        (_("Days"), ", ".join(weekday_in_words(MONDAY + timedelta(days=day - 1)) for day in entry.weekdays)),
        (_("Time of day"), _part_in_words(entry.part_of_day)),
        (_("With"), entry.practitioner.name if entry.practitioner else ""),
        (_("Where"), localized(entry.site.name)),
        (_("Language they speak"), language_in_words(entry.language) if entry.language else ""),
        (_("From"), near_day_in_words(entry.earliest_on) if entry.earliest_on else ""),
        (_("Until"), near_day_in_words(entry.latest_on) if entry.latest_on else ""),
        (_("Help to come"), asked_for),
    ]
    return [(name, words) for name, words in named if words]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCard:
    """Who is asked first at a site, and how; no name where it is so at all of them."""

    name: str
    order: tuple[str, ...]
    rules: tuple[str, ...]


def orders_in_words(*, at: datetime) -> list[OrderCard]:
    """Return in plain words who is asked first, site by site where they differ."""
    by_site = {localized(site.name): offer_rules(site.id, at=at) for site in scheduler.sites().values()}
    alike = len(set(by_site.values())) == 1
    shown = list(by_site.items())[:1] if alike else sorted(by_site.items())
    return [OrderCard(name="" if alike else name, order=_order(rules), rules=_rules(rules)) for name, rules in shown]


def _order(rules: OfferRules) -> tuple[str, ...]:
    return tuple(capfirst(str(ORDER_WORDS[by])) for by in rules.order)


def _rules(rules: OfferRules) -> tuple[str, ...]:
    asked = ngettext(
        "We ask one person after the other.",
        "We ask %(count)d people at once: whoever accepts first has the time.",
        rules.at_once,
    )
    begins, ends = (wall_time_in_words(one) for one in rules.quiet)
    most = _("You get %(day)d offer a day and %(week)d a week at most, and none between %(begins)s and %(ends)s.")
    return (
        asked % {"count": rules.at_once},
        most % {"day": rules.a_day, "week": rules.a_week, "begins": begins, "ends": ends},
        _("If you told us at which hours you want to hear from us, we ask you at those hours only."),
        _("A time that you do not want costs you nothing: you stay on the list."),
    )
