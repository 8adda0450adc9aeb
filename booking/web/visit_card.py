"""What pages show of a visit, shaped for their templates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.models import Appointment, Hold
from booking.policies import booking_policy
from booking.web.labels import name_with_credentials, therapy_in_words, visit_in_words
from booking.web.slot_ids import sealed
from core.models import Site
from core.text.languages import (
    localized,
    month_in_words,
    near_day_in_words,
    time_in_words,
    weekday_in_words,
    zone_in_words,
)
from core.text.maps import map_link
from scheduler.public import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCard:
    """When, with whom and where. It stands behind links, so it does not tell what the visit is for."""

    weekday: str
    day: int
    month: str
    times: str
    zone: str
    with_whom: str
    site: str
    address: str
    gone: bool = False
    map_link: str = ""
    starts: str = ""
    zone_key: str = ""

    @classmethod
    def at(cls, start: datetime, end: datetime, zone: ZoneInfo, **words: str | bool) -> Self:
        """Word a period by the wall clock of `zone`; `words` are the card's other fields."""
        on = start.astimezone(zone).date()
        return cls(
            weekday=weekday_in_words(on),
            day=on.day,
            month=month_in_words(on),
            times=_("%(start)s to %(end)s") % {"start": time_in_words(start, zone), "end": time_in_words(end, zone)},
            zone=zone_in_words(zone),
            starts=start.isoformat(),
            zone_key=zone.key,
            **words,  # type: ignore[arg-type]  # the words of the class, all of them texts but `gone`
        )

    @classmethod
    def of(cls, visit: Appointment, *, gone: bool = False) -> Self:
        """Return the card of an appointment; needs its site and practitioner."""
        return cls.at(
            visit.period.lower,
            visit.period.upper,
            visit.site.tz,
            with_whom=visit.practitioner.name,
            site=localized(visit.site.name),
            address=visit.site.address,
            map_link="" if gone else map_link(visit.site.address),
            gone=gone,
        )

    @classmethod
    def offered(cls, slot: Slot) -> Self:
        """Return the card of a slot to which an appointment would move."""
        return cls.at(
            slot.start,
            slot.end,
            slot.site.tz,
            with_whom=slot.practitioner.name,
            site=localized(slot.site.name),
            address=slot.site.address,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NearlyOver:
    """What a script says five minutes and one minute before a time is kept no more: by a moment, and a zone."""

    until: str
    zone: str
    in_five: str
    in_one: str

    @classmethod
    def of(cls, hold: Hold) -> Self:
        """Return what is said of a hold; needs its site."""
        zone = hold.site.tz
        until = {"until": time_in_words(hold.expires_at, zone)}
        return cls(
            until=hold.expires_at.isoformat(),
            zone=zone.key,
            in_five=_("5 minutes left: we keep this time until %(until)s.") % until,
            in_one=_("1 minute left: we keep this time until %(until)s. Your answers stay here.") % until,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTime:
    """A held time, and until when; `slot` is sealed. `lost`: that while is over.

    `no_more`: why nobody can ask for more time again.
    """

    hold: str
    slot: str
    when: str
    sentence: str
    lost: bool
    extendable: bool
    url: str
    nearly: NearlyOver
    no_more: str = ""

    @classmethod
    def of(cls, hold: Hold, *, at: datetime) -> Self:
        """Return what to say of a hold; needs its site."""
        zone, start, lost = hold.site.tz, hold.period.lower, hold.expires_at <= at
        facts = {
            "day": near_day_in_words(start.astimezone(zone).date()),
            "time": time_in_words(start, zone),
            "until": time_in_words(hold.expires_at, zone),
            "zone": zone_in_words(zone),
        }
        held = _("We are keeping %(day)s, %(time)s for you until %(until)s, %(zone)s.")
        # What was typed is in the session, not in the hold: it outlives it.
        over = _("We kept %(day)s, %(time)s for you until %(until)s. That time is over, but your answers are safe.")
        most = booking_policy(hold.site_id, at=at).extensions
        return cls(
            hold=str(hold.public_id),
            slot=sealed(hold.slot),
            when=_("%(day)s, %(time)s") % facts,
            sentence=(over if lost else held) % facts,
            lost=lost,
            extendable=not lost and hold.extended < most,
            url=reverse("check"),
            nearly=NearlyOver.of(hold),
            no_more="" if lost or hold.extended < max(most, 1) else _no_more(hold.extended),
        )


def _no_more(times: int) -> str:
    """Say why a time is kept no longer, though somebody asks for more."""
    kept = ngettext("You have asked for more time once.", "You have asked for more time %(count)d times.", times)
    why = _("We cannot keep it longer, so that others can have it too. What you typed stays here.")
    return f"{kept % {'count': times}} {why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """A line of the page that is checked before booking. `at`: the moment that it names, for other clocks.

    `what`: what its link changes, where that is more than it names.
    """

    name: str
    value: str
    more: str = ""
    change: str = ""
    what: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPerson:
    """Who comes, as the page that is checked says it; `change` and `change_email` lead to where it can be changed.

    `typed`: what a guest has typed, which is sent along.
    """

    name: str
    more: str
    email: str
    phone: str = ""
    change: str = ""
    change_email: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


def check_lines(
    slot: Slot, therapy: Mapping[str, str], who: CheckedPerson, *, times: str, questions: str = ""
) -> Sequence[CheckLine]:
    """Return what is checked before booking. `times`: where another time is chosen; `questions`: what was answered."""
    length = {"visit": visit_in_words(slot.visit), "minutes": int((slot.end - slot.start) / timedelta(minutes=1))}
    what = {"value": therapy_in_words(therapy, slot.technique), "change": reverse("therapy")}
    cost = _("Please ask us about insurance, your program or paying yourself.")
    return [
        CheckLine(name=_("Who"), value=who.name, more=who.more, change=_at(who.change, "id_name")),
        CheckLine(name=_("What"), more=capfirst(_("%(visit)s, %(minutes)d minutes") % length), **what),
        *([CheckLine(name=_("Questions"), value=_("Answered"), change=questions)] if questions else []),
        *_time_lines(slot, times),
        CheckLine(name=_("E-mail"), value=who.email, change=_at(who.change_email, "id_email")),
        *([CheckLine(name=_("Phone"), value=who.phone, change=_at(who.change_email, "id_phone"))] if who.phone else []),
        CheckLine(name=_("Cost"), value=cost, more=_("You pay nothing now.")),
    ]


def _time_lines(slot: Slot, times: str) -> Iterator[CheckLine]:
    """Yield when, with whom and where: it is one question, and one link leads to it."""
    zone, person = slot.site.tz, slot.practitioner
    on = near_day_in_words(slot.start.astimezone(zone).date())
    when = _("%(day)s, %(time)s") % {"day": on, "time": time_in_words(slot.start, zone)}
    asked, at = _("When, with whom and where"), slot.start.isoformat()
    yield CheckLine(name=_("When"), value=when, more=zone_in_words(zone), change=times, what=asked, at=at)
    yield CheckLine(name=_("With"), value=name_with_credentials(person.name, person.credentials))
    yield CheckLine(name=_("Where"), value=localized(slot.site.name), more=slot.site.address)


def _at(page: str, field_id: str) -> str:
    """Return the address of a field; nothing where there is no page on which it could be changed."""
    return f"{page}#{field_id}" if page else ""


def directions_to(site: Site) -> list[str]:
    """Return how to get to a site."""
    return [words for words in (localized(site.directions), localized(site.parking)) if words]


def arrival_text(visit: Appointment) -> str:
    """Return when to be there."""
    minutes, zone = visit.site.arrive_early_minutes, visit.site.tz
    time = time_in_words(visit.period.lower - timedelta(minutes=minutes), zone)
    if not minutes:
        return _("Please come at %(time)s.") % {"time": time}
    sentence = ngettext(
        "Please come at %(time)s, %(count)d minute early.", "Please come at %(time)s, %(count)d minutes early.", minutes
    )
    return sentence % {"time": time, "count": minutes}
