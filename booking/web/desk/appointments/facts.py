"""All that is on an appointment, in words, as far as whoever looks may know it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from booking import queries
from booking.actions import proposed_times
from booking.calls import calls_to_make
from booking.models import Appointment, Hold
from booking.references import as_written
from booking.screening.rights import sees_why
from booking.status import OCCUPYING, Status
from booking.subjects import of_appointment
from booking.suitability.answers_by_link import awaited_of
from booking.web.desk.appointments.words import CANCELLED_BECAUSE, WAITS_FOR
from booking.web.desk.arrivals.arrival_rows import ArrivalRow
from booking.web.desk.phones import phone_numbers
from booking.web.desk.shell import Desk
from booking.web.labels import minutes_in_words, therapy_in_words, visit_in_words
from core.principal import Principal
from core.rights import Action, Subject, may
from core.text.languages import (
    date_in_words,
    localized,
    near_day_in_words,
    time_in_words,
    when_in_words,
    zone_in_words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing on an appointment. `url`: where there is more of it; `strong`: it is to be seen first."""

    name: str
    words: str
    url: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedTime:
    """A time that was proposed, in words.

    `url`: where whoever may move the appointment takes it for its patient; `no`: where they give it back for them.
    """

    words: str
    url: str = ""
    no: str = ""


def proposed_in_words(held: Hold) -> str:
    """Return which time was proposed, with whom and where, and until when it is kept."""
    zone = held.site.tz
    facts = {
        "when": when_in_words(held.period.lower, zone),
        "who": held.practitioner.name,
        "where": localized(held.site.name),
        "until": when_in_words(held.expires_at, zone),
    }
    return _("Proposed: %(when)s, with %(who)s, %(where)s. It is kept for them until %(until)s.") % facts


def proposed_to(visit: Appointment, by: Principal, *, at: datetime) -> ProposedTime | None:
    """Return the time that was proposed to an appointment's patient and is still kept, if there is one."""
    if visit.status not in OCCUPYING:
        return None
    held = proposed_times.proposed_times([visit.pk], at=at).get(visit.pk)
    if held is None:
        return None
    return proposed_time(visit, held, by)


def declined_by(visit: Appointment, by: Principal, *, at: datetime) -> ProposedTime | None:
    """Return the time that its patient did not want, as staff noted, where that can be taken back by one press."""
    held = proposed_times.declined_time(visit, at=at)
    if held is None or not may(by, Action.MOVE, of_appointment(visit, by)):
        return None
    facts = {"when": when_in_words(held.period.lower, held.site.tz), "who": held.practitioner.name}
    url = reverse("desk-appointment-proposed-again", args=[visit.public_id, held.public_id])
    return ProposedTime(words=_("They said no to %(when)s, with %(who)s.") % facts, url=url)


def proposed_time(visit: Appointment, held: Hold, by: Principal) -> ProposedTime:
    """Return what is read of a time that was proposed, and pressed as its patient says on the phone."""
    words, names = proposed_in_words(held), [visit.public_id, held.public_id]
    if not may(by, Action.MOVE, of_appointment(visit, by)):
        return ProposedTime(words=words)
    yes, no = reverse("desk-appointment-proposed", args=names), reverse("desk-appointment-declined", args=names)
    return ProposedTime(words=words, url=yes, no=no)


def moved_in_words(made: Appointment, was: Appointment, place: str = "") -> str:
    """Say when and with whom an appointment is by now, and where: the `place` if named, its site if that is another."""
    site = str(made.site) if made.site_id != was.site_id else ""
    facts = {"when": when_of(made), "who": made.practitioner.name, "where": ", ".join(filter(None, (place, site)))}
    if facts["where"]:
        return _("Moved to %(when)s, with %(who)s, %(where)s.") % facts
    return _("Moved to %(when)s, with %(who)s.") % facts


def when_of(visit: Appointment) -> str:
    """Return the day and time of an appointment, by the clock of its site."""
    start, end, zone = visit.period.lower, visit.period.upper, visit.site.tz
    times = {"start": time_in_words(start, zone), "end": time_in_words(end, zone)}
    return f"{near_day_in_words(start.astimezone(zone).date())}, {_('%(start)s to %(end)s') % times}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentFacts:
    """What the page of an appointment shows. `row`: as it stands at the door, with what can be pressed there."""

    visit: Appointment
    row: ArrivalRow
    desk: Desk
    by: Principal
    at: datetime

    @property
    def _subject(self) -> Subject:
        return of_appointment(self.visit, self.by)

    def may(self, action: Action) -> bool:
        """Whether whoever looks may do this to the appointment."""
        return may(self.by, action, self._subject)

    @property
    def heading(self) -> str:
        """Who comes; to whoever sees no names, which appointment it is."""
        return self.visit.patient.name if self.may(Action.SEE_NAMES) else as_written(self.visit.reference)

    @property
    def when(self) -> str:
        """The day and time, by the clock of the site."""
        return f"{when_of(self.visit)}, {zone_in_words(self.visit.site.tz)}"

    @property
    def status(self) -> str:
        """How it stands, in words."""
        visit, lapsed = self.visit, queries.has_lapsed(self.visit, at=self.at)
        said = queries.status_in_words(visit, at=self.at)
        waits = WAITS_FOR.get(awaited_of(visit)) if visit.status in OCCUPYING and not lapsed else None
        until = self._until if not lapsed else ""
        return ". ".join(str(one) for one in (said[:1].upper() + said[1:], waits, until, self._cancelled) if one)

    @property
    def _until(self) -> str:
        kept = self.visit.kept_until
        return _("Its time is kept until %s") % when_in_words(kept, self.visit.site.tz) if kept else ""

    @property
    def _cancelled(self) -> str:
        visit = self.visit
        if visit.status != Status.CANCELLED or not sees_why(visit, self.by):
            return ""
        together = visit.cancel_reason == "together" and not self.may(Action.SEE_LINKED)
        because = "" if together else CANCELLED_BECAUSE.get(visit.cancel_reason, "")  # type: ignore[call-overload]
        late = _("at short notice") if visit.late_cancel else ""
        return ", ".join(str(one) for one in (because, late) if one)

    @property
    def note(self) -> str:
        """What staff wrote for each other, to whoever reads that."""
        return self.visit.note if self.may(Action.SEE_DETAILS) else ""

    @property
    def facts(self) -> list[Fact]:
        """What is shown below, in the order in which it is asked for."""
        return [*self._who(), *self._where(), *self._health(), *self._beside()]

    @property
    def proposed(self) -> "ProposedTime | None":
        """The time that was proposed to the patient and is still kept, if there is one."""
        return proposed_to(self.visit, self.by, at=self.at)

    def _who(self) -> Iterator[Fact]:
        visit, patient = self.visit, self.visit.patient
        if not self.may(Action.SEE_NAMES):
            return
        yield Fact(name=_("Born"), words=date_in_words(patient.birth_date))
        if self.may(Action.SEE_PATIENT):
            yield Fact(name=_("Patient"), words=_("Their page, with all of their appointments"), url=self._patient_url)
            phones = phone_numbers(visit)
            mails = [one.value for one in patient.contacts.all() if one.system == "email"]
            words = ", ".join([*(one.words for one in phones), *mails])
            yield Fact(name=_("Reached by"), words=words or _("Nothing is on file"), strong=not words)

    @property
    def _patient_url(self) -> str:
        return f"{reverse('desk-patient', args=[self.visit.patient.public_id])}?site={self.visit.site.key}"

    def _where(self) -> Iterator[Fact]:
        visit = self.visit
        word = f", {self.row.word}" if self.row.word else ""
        yield Fact(name=_("With"), words=f"{visit.practitioner.name}{word}", strong=bool(word))
        place = localized(visit.place.name) if visit.place else ""
        yield Fact(name=_("Where"), words=", ".join(filter(None, (localized(visit.site.name), place))))
        if self.may(Action.SEE_THERAPY):
            name = therapy_in_words(visit.therapy.name, visit.technique)
            yield Fact(name=_("For"), words=f"{name}, {visit_in_words(visit.visit)}")
        if visit.segments is not None:
            minutes = (visit.period.upper - visit.period.lower) // timedelta(minutes=1)
            own = _("%(minutes)s, a length of its own") % {"minutes": minutes_in_words(minutes)}
            yield Fact(name=_("Length"), words=own)
        yield Fact(name=_("Reference"), words=as_written(visit.reference))
        if visit.source:
            yield Fact(name=_("Booked from the page"), words=visit.source)

    def _health(self) -> Iterator[Fact]:
        row, ahead = self.row, self.visit.status in OCCUPYING
        if ahead and row.patient.health:
            yield Fact(name=_("Health"), words=row.patient.health, strong=not row.patient.calm)
        for one in row.companions if ahead else ():
            yield Fact(name=one.who, words=one.health, strong=not one.calm)
        if ahead and row.today:
            yield Fact(name=_("Today"), words=row.today, strong=True)
        if ahead and row.asked_for:
            yield Fact(name=_("Asked for"), words=row.asked_for, strong=True)
        if row.needs:
            yield Fact(name=_("To be prepared"), words=row.needs, strong=True)
        if row.flags:
            yield Fact(name=_("For you"), words=row.flags, strong=True)

    def _beside(self) -> Iterator[Fact]:
        visit = self.visit
        if self.row.linked.words:
            yield Fact(name=_("Together"), words=self.row.linked.words, url=self.row.linked.url)
        if visit.override_reason and self.may(Action.SEE_DETAILS):
            yield Fact(name=_("Set aside because"), words=visit.override_reason)
        calls = calls_to_make.call_tasks(self.by).filter(appointment=visit, done_at=None)
        if calls.exists():
            url = f"{reverse('desk-calls')}?site={visit.site.key}"
            yield Fact(name=_("To do"), words=_("They are to be called"), url=url, strong=True)
        if visit.replaces_id and visit.replaces:
            yield self._other(_("In place of"), visit.replaces)
        for one in queries.appointments(self.by).filter(replaces=visit):
            yield self._other(_("Replaced by"), one)

    def _other(self, name: str, visit: Appointment) -> Fact:
        url = reverse("desk-appointment", args=[visit.public_id])
        return Fact(name=name, words=when_in_words(visit.period.lower, self.visit.site.tz), url=url)
