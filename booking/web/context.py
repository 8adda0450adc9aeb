"""Whole pages put together: the times, the check, the visit behind a link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.errors import NotBookableOnline
from booking.models import Appointment, Hold, Patient
from booking.policies import booking_policy
from booking.queries import mail_of
from booking.web.empty_days import EmptyDays, FilterLinks, ListedDays
from booking.web.families.family_times import times_for_families
from booking.web.forms import PersonForm, TimesFilterForm
from booking.web.labels import closed_lines, masked_email, minutes_in_words, therapy_in_words, visit_in_words
from booking.web.suitability.suitability_page import BeforeBooking
from booking.web.times_list import Day, Listing, Span, address, listing
from booking.web.times_query import TimesQuery
from booking.web.visit_card import CheckedPerson, HeldTime, check_lines
from booking.web.weeks_ahead import WeekLine
from core.forms import Problem, problems
from core.refusals import Invalid
from core.text.languages import (
    date_in_words,
    day_from_in_words,
    near_day_in_words,
    time_in_words,
    when_in_words,
    zone_in_words,
)
from core.text.phone_numbers import readable
from core.text.typed_dates import iso_date
from scheduler import public as scheduler
from scheduler.public import NotOffered, Offered, Slot, TechniqueNeeded, TherapyCard


def refuse_not_offered(request: HttpRequest, times_query: TimesQuery, *, at: datetime) -> None:
    """Refuse an address that narrows the times down to what is not offered, before any question. Raises Invalid."""
    offered = times_query.offered()
    if offered and NARROWING.intersection(request.GET):
        TimesFilter.of(request, offered, at=at)


NARROWING = frozenset({"practitioner", "part", "weekday", "language", "site"})
CARRIED = ("visit", "technique", "for")
"""What of an address says what times are for, and stays whatever is filtered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesFilter:
    """The filters in an address. `carried`: what their form sends along; `here`: this page with its filters."""

    form: TimesFilterForm
    path: str
    carried: Mapping[str, str]
    here: str
    cleared: str

    @classmethod
    def of(cls, request: HttpRequest, offered: Sequence[Offered], *, at: datetime) -> Self:
        """Read the filters. Raises Invalid for those that are not offered."""
        today = at.astimezone(offered[0].site.tz if offered else UTC).date()
        form = TimesFilterForm(request.GET, offered=offered, on=today)
        if form.asks_for_what_is_not_offered:
            raise Invalid(_("This address asks for something that we do not offer. Choose the therapy anew."))
        carried = {name: value for name in CARRIED if (value := request.GET.get(name))}
        here, cleared = (address(request.path, values) for values in (carried | form.chosen(), carried))
        return cls(form=form, path=request.path, carried=carried, here=here, cleared=cleared)

    def waiting(self, therapy: str) -> str:
        """Return where somebody asks to be told when such a time opens."""
        return address(reverse("waiting-join", args=[therapy]), {**self.carried, **self.form.chosen()})

    def links(self, waiting: str) -> FilterLinks:
        """Return where the same page is with other choices."""
        chosen = self.form.chosen()
        anywhere = {name: value for name, value in chosen.items() if name != "site"}
        return FilterLinks(
            cleared=self.cleared,
            all_days=self.here,
            all_places=address(self.path, {**self.carried, **anywhere}) if "site" in chosen else "",
            waiting=waiting,
        )

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with what was typed."""
        return problems(self.form)

    @property
    def first_day(self) -> str:
        """The day from which on times are listed, in words, where one was typed."""
        return day_from_in_words(self.form.from_day, self.form.on) if self.form.from_day else ""

    def from_day(self, day: date | None) -> str:
        """Return where times are listed from a day on; nothing for none."""
        return f"{self.here}&start={day.isoformat()}" if day else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesPage:
    """The page of free times. `waiting`: where somebody asks to be told when one opens that suits them."""

    heading: str
    summary: str
    tz: ZoneInfo
    back: str
    action: str
    filters: TimesFilter
    for_families: Sequence[Day]
    closed: Sequence[str]
    found: Listing
    listed: ListedDays
    waiting: str
    moves: bool

    @property
    def zone(self) -> str:
        """Whose clock it is, in words."""
        return zone_in_words(self.tz)

    @property
    def weeks(self) -> Sequence[WeekLine]:
        """The weeks ahead in words."""
        return self.found.weeks

    @property
    def earlier(self) -> str:
        """Where the days before these are."""
        return self.filters.from_day(self.found.earlier)

    @property
    def later(self) -> str:
        """Where the days after these are."""
        return self.filters.from_day(self.found.later)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLinks:
    """Where the page leads: back, where a chosen time is sent, and where somebody asks for an earlier one."""

    back: str
    action: str
    waiting: str = ""


def times_page(
    request: HttpRequest, times_query: TimesQuery, page_links: PageLinks, *, heading: str, at: datetime
) -> TimesPage:
    """Return the page of times for what was asked and filtered. Raises NotOffered, TechniqueNeeded, Invalid."""
    card, offered = chosen_therapy(times_query, at=at), times_query.offered()
    if not offered:  # nor does anybody any more who did when the card was read
        raise NotOffered
    filters, only = TimesFilter.of(request, offered, at=at), _day(request, "day")
    narrowed, span = times_query.narrowed(filters.form.chosen()), Span(start=filters.form.from_day, only=only)
    found = listing(narrowed, offered, span, here=filters.here, at=at)
    waiting = page_links.waiting if times_query.visit_now else filters.waiting(times_query.therapy)
    return TimesPage(
        heading=heading,
        summary=_summary(times_query, card),
        tz=offered[0].site.tz,
        back=filters.here if only else page_links.back,
        action=page_links.action,
        filters=filters,
        for_families=times_for_families(times_query, offered, at=at),
        closed=closed_lines(times_query.therapy, times_query.visit, at=at),
        found=found,
        listed=EmptyDays(narrowed, offered, at).listed(found, span, filters.links(waiting)),
        waiting=waiting,
        moves=times_query.visit_now is not None,
    )


def chosen_therapy(times_query: TimesQuery, *, at: datetime) -> TherapyCard:
    """Return the therapy that somebody looks for. Raises NotOffered, TechniqueNeeded, NotBookableOnline."""
    for card in scheduler.therapies(at=at):
        if card.key == times_query.therapy and _offers(card, times_query):
            return card
        if card.key == times_query.therapy and card.lacks_rules:
            raise NotBookableOnline
        ways = _techniques(card, times_query.visit) if card.self_bookable and not times_query.technique else []
        if card.key == times_query.therapy and ways:
            raise TechniqueNeeded(techniques=ways)
    raise NotOffered


def _techniques(card: TherapyCard, visit: str) -> list[str]:
    return sorted(technique for known, technique in card.minutes if known == visit and technique)


def _offers(card: TherapyCard, times_query: TimesQuery) -> bool:
    """Whether people find times for it themselves; a visit that staff booked may move all the same."""
    # Of a visit that only moves nobody asks whether patients book it online: staff may have booked it for them.
    if times_query.visit_now:
        return card.length(times_query.visit, times_query.technique) is not None
    return card.self_bookable and (times_query.visit, times_query.technique) in card.minutes


def _summary(times_query: TimesQuery, card: TherapyCard) -> str:
    if times_query.visit_now:  # behind a link nobody is told what the visit is for
        return _now_in_words(times_query.visit_now)
    return _("%(therapy)s · %(visit)s, %(minutes)s") % {
        "therapy": therapy_in_words(card.name, times_query.technique),
        "visit": visit_in_words(times_query.visit),
        "minutes": minutes_in_words(card.length(times_query.visit, times_query.technique) or 0),
    }


def _now_in_words(visit: Appointment) -> str:
    zone, start = visit.site.tz, visit.period.lower
    values = {"day": near_day_in_words(start.astimezone(zone).date()), "time": time_in_words(start, zone)}
    return _("Your time now: %(day)s, %(time)s") % values


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return iso_date(request.GET[name]) if request.GET.get(name) else None
    except ValueError as error:
        raise Invalid(_("This address names a day that does not exist.")) from error


def check_page(
    held: Hold,
    slot: Slot,
    person: CheckedPerson,
    before: BeforeBooking,
    *,
    times: str,
    at: datetime,
) -> dict[str, Any]:
    """Return what is checked before booking: what is held, after what was asked. Raises NotOffered."""
    card = next((card for card in scheduler.therapies() if card.key == slot.therapy), None)
    if card is None:  # it went out of use since the slot was read
        raise NotOffered
    facts = check_lines(slot, card.name, person, times=times, questions=before.back)
    return {
        "held": HeldTime.of(held, at=at),
        "facts": facts,
        "sent": dict(person.typed),
        "back": reverse("you") if person.typed else times,
        "review": _review_text(held, slot, before),
        "before": before,
        "rules_at": held.site_id,
    }


def _review_text(held: Hold, slot: scheduler.Slot, before: BeforeBooking) -> str:
    """Say that somebody looks at it first, by when, and until when it is kept; nothing where it is booked at once."""
    policy = booking_policy(held.site_id, at=held.created_at)
    audience = replace(scheduler.Audience.PATIENT, reviews=before.reviews)
    reviews = scheduler.reviews_of(slot.visit, policy.reviews, audience)
    if not reviews:
        return ""
    days = scheduler.business_days(held.site_id)
    due_at = max(takes.due_at(days, at=held.created_at) for takes in reviews.values())
    due = near_day_in_words(due_at.astimezone(days.zone).date())
    looks = _("We look at this before it is booked, and keep the time for you. We usually answer by %s.") % due
    until = slot.start - max(takes.until_before for takes in reviews.values())
    kept = _("We keep it until %s at the latest.") % when_in_words(until, days.zone)
    return f"{before.follows} {kept}" if before.reviews else looks


def checked_person(form: PersonForm, patient: Patient | None, *, by_link: bool) -> CheckedPerson:
    """Return who comes: whoever is known here, perhaps by a link or code (`by_link`), or a guest, as they typed it."""
    if patient and by_link:  # others may have the link: of what is on record no more is shown than is needed
        mail, more = masked_email(mail_of(patient)), _("Known by the link or code that you used.")
        return CheckedPerson(name=patient.name, more=more, email=mail, change=reverse("you"))
    if patient:
        mail = mail_of(patient) or _("none on file")
        return CheckedPerson(name=patient.name, more=_("You are signed in."), email=mail)
    cleaned = form.cleaned_data
    typed = {name: str(form[name].value()) for name in form.fields}
    you, born = reverse("you"), _("Born %(day)s") % {"day": date_in_words(cleaned["birth_date"])}
    return CheckedPerson(
        name=cleaned["name"],
        more=born,
        email=cleaned["email"],
        phone=readable(cleaned["phone"], form.country),
        change=you,
        change_email=you,
        typed=typed,
    )
