"""What is to be done at a site, read from what is there: each with by when, and the page on which it is done."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.actions.proposed_times import proposed_times
from booking.actions.screening import practitioner_screening
from booking.actions.suitability.suitability_requests import due_at, waiting_requests
from booking.calls import site_decisions
from booking.calls.calls_to_make import BUSINESS_DAYS
from booking.calls.open_tasks import turning_blocks, unverified_firsts
from booking.calls.stay_away import staying_away
from booking.calls.waiting_calls import script, waiting_calls_with_all
from booking.models import Appointment, CallReason, Patient
from booking.patients import duplicates
from booking.patients.coming_soon import coming_soon
from booking.screening.questionnaire import Outcome
from booking.screening.reviews import to_review
from booking.seats import seat_queries
from booking.web.desk.appointments.facts import proposed_in_words
from booking.web.desk.call_rows import NOT_ARRIVED, CallRow, CallsOfSite
from booking.web.desk.calls import MOST as MOST_CALLS
from booking.web.desk.families.family_block_rows import day_anchor, turn_in_words
from booking.web.desk.my_day.leave_page import days_in_words
from booking.web.desk.patients.page import CORRECTING
from booking.web.desk.patients.same_person import WHY
from booking.web.desk.phones import numbers_of, phone_numbers
from booking.web.desk.to_do.order import Task, TaskKind
from core.models import Site
from core.principal import Principal
from core.rights import Action, may_ever
from core.text.languages import near_day_in_words, when_in_words
from core.text.phone_numbers import country_of
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitsForAnswer:
    """Who was asked about another time, and has yet to answer. `words`: which, and until when; `url`: where it is."""

    who: str
    about: str
    words: str
    url: str


class TasksOfSite:
    """What is to be done at a site, as far as somebody has a right to do it."""

    def __init__(self, site: Site, *, by: Principal, at: datetime) -> None:
        self.site, self.by, self.at = site, by, at
        self.where = f"?site={site.key}"
        self.proposed: dict[int, str] = {}
        self.for_clinicians = 0
        """How many health answers others look at, of which whoever looks may know the number alone."""

    def all(self) -> list[Task]:
        """Return what is to be done, of every kind that is theirs."""
        without = self._without_cover()
        found = [*map(self._cover, without), *self._calls({one.public_id for one in without}), *self._stays_away()]
        found += [*self._reviews(), *self._seats(), *self._blocks(), *self._absences(), *self._leave()]
        found += [*self._waiting_list(), *self._holidays(), *self._calendars()]
        return [*found, *self._duplicates(), *self._unverified()]

    def _without_cover(self) -> list[Appointment]:
        """Return what stands on time that is not open; whoever was told by mail and chooses another is waited for."""
        found = site_decisions.without_cover(self.site, by=self.by, at=self.at)
        if not found:
            return []
        self.proposed = {pk: proposed_in_words(held) for pk, held in proposed_times(found, at=self.at).items()}
        return list(_with_all(Appointment.objects.filter(pk__in=found)).order_by("period", "pk"))

    def _cover(self, visit: Appointment) -> Task:
        return self._with_them(
            visit,
            TaskKind.COVER,
            why=_with_proposal(str(CallReason.WITHOUT_COVER.label), self.proposed.get(visit.pk, "")),
            url=reverse("desk-appointment-move", args=[visit.public_id]),
            act=_("Find another time"),
        )

    def asked(self) -> list[WaitsForAnswer]:
        """Return who was asked about another time and has yet to answer, the soonest first; after `all`.

        Whose time is to be found all the same stands there, with what is proposed.
        """
        rows = site_decisions.with_a_proposal(self.site, by=self.by, at=self.at).exclude(pk__in=self.proposed)
        found = list(_with_all(rows).order_by("period", "pk"))
        held = proposed_times([one.pk for one in found], at=self.at) if found else {}
        return [
            WaitsForAnswer(
                who=one.patient.name,
                about=self._about(one),
                words=proposed_in_words(held[one.pk]),
                url=reverse("desk-appointment", args=[one.public_id]) + self.where,
            )
            for one in found
            if one.pk in held
        ]

    def _stays_away(self) -> Iterator[Task]:
        """Yield who must not come in by their answers, and has not found another time by themselves."""
        for visit in staying_away(self.site, by=self.by, at=self.at):
            yield self._with_them(
                visit,
                TaskKind.AWAY,
                why=_("They must not come in then. Find another time with them."),
                url=reverse("desk-another-time", args=[visit.public_id]),
                act=_("Find another time"),
            )

    def _calls(self, without_cover: Collection[UUID]) -> Iterator[Task]:
        """Yield whom to call, but about those times without cover that are looked for already."""
        pages = {reverse("desk-appointment", args=[one]) for one in without_cover}
        rows = CallsOfSite(self.site, by=self.by, at=self.at).to_make()
        listed = reverse("desk-calls") + self.where + ("&all=yes" if len(rows) > MOST_CALLS else "")
        for row in rows:
            found = row.reason == CallReason.WITHOUT_COVER and row.page in pages
            if not found and (row.ends_here or row.look or row.first):
                yield self._call(row, listed)

    def _call(self, row: CallRow, listed: str) -> Task:
        kind, url, act = self._act(row, f"{listed}#c-{row.kind}-{row.pk}")
        return Task(
            kind=kind,
            due_at=row.due_at,
            first=row.first,
            who=row.person,
            why=_with_proposal(row.why, row.proposed.words if row.proposed else ""),
            about=row.about,
            phones=row.phones,
            url=url,
            act=act,
        )

    def _act(self, row: CallRow, card: str) -> tuple[TaskKind, str, str]:
        """Return under which heading a call stands, what leads to its cure, and in which words."""
        kind = TaskKind.MESSAGES if row.reason in NOT_ARRIVED else TaskKind.CALLS
        if row.reason == CallReason.ACCESS:
            return TaskKind.NEEDS, card, _("See to it, and note that it is done")
        if not row.ends_here:
            return TaskKind.REVIEWS, row.look or card, _("Look at it")
        if row.move:
            return kind, row.move, _("Find another time")
        if row.is_unreachable:
            correct = f"{reverse('desk-patient', args=[row.patient])}{self.where}&{CORRECTING}=1#correct"
            return TaskKind.UNREACHABLE, correct, _("Enter how they are reached")
        if row.reason == CallReason.CODE:
            return kind, row.page, _("Call, and book it or correct the address")
        called = row.phones or row.here
        return (
            kind,
            card,
            _("Call, and note that it is done") if called else _("Write to them, and note that it is done"),
        )

    def _reviews(self) -> Iterator[Task]:
        """Yield health answers to decide about, to whoever may read them; count them for who sees how people stand."""
        reads = self._here(Action.READ_SCREENING_ANSWERS)
        if not reads and not self._here(Action.SEE_SCREENING):
            return
        before, today = waiting_requests({self.site.pk}, at=self.at), to_review({self.site.pk}, at=self.at)
        if not reads:
            self.for_clinicians = len(before) + len(today)
            return
        page = reverse("desk-suitability-reviews") + self.where
        for one in before:
            yield self._review(one, due_at(one), f"{page}#r-{one.public_id}")
        page = reverse("desk-screening-reviews") + self.where
        for row in today:
            due, urgent = row.due_at or row.answered_at, row.outcome == Outcome.SEEK_CARE
            yield self._review(row.appointment, due, f"{page}#r-{row.public_id}", first=urgent)

    def _review(self, visit: Appointment, due: datetime, url: str, *, first: bool = False) -> Task:
        return Task(
            kind=TaskKind.REVIEWS,
            due_at=due,
            first=first,
            who=visit.patient.name,
            why="",
            about=self._about(visit),
            url=url,
            act=_("Look at it"),
        )

    def _seats(self) -> Iterator[Task]:
        """Yield the times that somebody keeps for families, and that others may book within a day."""
        if not may_ever(self.by, Action.RESERVE_SEATS):
            return
        rows = seat_queries.due_seats(self.site, by=self.by, at=self.at)
        for seat in rows.select_related("reservation", "practitioner").order_by("reservation__name_by", "pk"):
            when = when_in_words(seat.period.lower, self.site.tz)
            yield Task(
                kind=TaskKind.SEATS,
                due_at=seat.reservation.name_by,
                who=_("%(when)s, %(with)s") % {"when": when, "with": seat.practitioner.name},
                why=_("Kept for a family, and free for others from then on. Say for whom it is, or give it back."),
                url=reverse("desk-seat", args=[seat.public_id]) + self.where,
                act=_("Say for whom it is"),
            )

    def _blocks(self) -> Iterator[Task]:
        """Yield the days that a program keeps week by week: opened to more within a day, or soon to everybody."""
        for one in turning_blocks(self.site, by=self.by, at=self.at):
            when, day = when_in_words(one.start, self.site.tz), day_anchor(one)
            yield Task(
                kind=TaskKind.SEATS,
                due_at=one.opens_at or one.everyone_at,
                who=_("%(when)s, %(with)s") % {"when": when, "with": one.practitioner_name},
                why=turn_in_words(one),
                url=reverse("desk-families") + self.where + f"&kept_day={day}#{day}",
                act=_("Keep it, or let it open"),
            )

    def _absences(self) -> Iterator[Task]:
        """Yield who should not work by the health questions, and nobody has decided yet."""
        for one in site_decisions.absences_to_decide(self.site, by=self.by, at=self.at):
            until = practitioner_screening.away_until(one)
            yield Task(
                kind=TaskKind.ABSENCES,
                due_at=one.answered_at.astimezone(self.site.tz).replace(hour=23, minute=59),
                who=one.practitioner.name,
                why=_("Suggests to be away until %s") % near_day_in_words(until) if until else "",
                url=f"{reverse('desk-suggested-absences')}{self.where}#a-{one.public_id}",
                act=_("See what it does, and decide"),
            )

    def _leave(self) -> Iterator[Task]:
        """Yield who asks for leave, and nobody has decided yet."""
        for one in site_decisions.leave_to_decide(self.site, by=self.by, at=self.at):
            yield Task(
                kind=TaskKind.LEAVE,
                due_at=datetime.combine(one.first_on, time(), self.site.tz),
                who=one.practitioner.name,
                why=days_in_words(one.first_on, one.last_on, self.at.astimezone(self.site.tz).date()),
                url=f"{reverse('desk-suggested-absences')}{self.where}#l-{one.public_id}",
                act=_("See what it does, and decide"),
            )

    def _holidays(self) -> Iterator[Task]:
        """Yield the public holidays that nobody has decided about."""
        for name, day in site_decisions.holidays_to_decide(self.site, by=self.by, at=self.at):
            yield Task(
                kind=TaskKind.HOLIDAYS,
                due_at=datetime.combine(day, time(), self.site.tz),
                who=name,
                why=_("Times of this day can be booked. Is the site open, or closed?"),
                url=reverse("desk-holidays") + self.where,
                act=_("Decide about it"),
            )

    def _waiting_list(self) -> Iterator[Task]:
        """Yield whom to call of those who wait for a time: while it is kept for them, and within a business day."""
        days = scheduler.business_days(self.site.pk)
        for call in waiting_calls_with_all(self.site, by=self.by, at=self.at):
            patient = call.entry.patient
            yield Task(
                kind=TaskKind.WAITING_LIST,
                due_at=call.offer.expires_at if call.offer else days.end_after(BUSINESS_DAYS, at=call.raised_at),
                who=patient.name,
                why=script(call),
                phones=numbers_of(patient, country_of(self.site.zone)),
                url=f"{reverse('desk-waiting-list')}{self.where}#w-{call.entry.public_id}",
                act=_("Call, and note what they say"),
            )

    def _calendars(self) -> Iterator[Task]:
        """Yield the busy calendars that could not be read: what they said before stays, and may not hold any more."""
        for one in site_decisions.failing_calendars(self.site, by=self.by):
            yield Task(
                kind=TaskKind.CALENDARS,
                due_at=one.read_at or self.at,
                who=one.practitioner.name,
                why=_("Their calendar at %(host)s could not be read: %(why)s") % {"host": one.host, "why": one.problem},
                url=f"{reverse('desk-busy')}{self.where}#b-{one.public_id}",
                act=_("Read it now, or give another address"),
            )

    def _duplicates(self) -> Iterator[Task]:
        """Yield who comes soon and may have a second record."""
        pairs = site_decisions.alike_soon(self.site, by=self.by)
        people = Patient.objects.filter(pk__in=[pair.one_id for pair in pairs])
        next_at = coming_soon(self.site, people, at=self.at) if pairs else {}
        for one, other in ((pair.one, pair.other) for pair in pairs):
            common = duplicates.in_common(duplicates.Identity.of(one), duplicates.Identity.of(other))
            why = ", ".join(str(words) for what, words in WHY.items() if what in common)
            yield Task(
                kind=TaskKind.DUPLICATES,
                due_at=next_at.get(one.pk, self.at),
                who=one.name,
                why=_("May have a second record, of %(name)s: %(why)s") % {"name": other.name, "why": why},
                url=reverse("desk-patient", args=[one.public_id]) + self.where,
                act=_("Compare the records"),
            )

    def _unverified(self) -> Iterator[Task]:
        """Yield first appointments of guests whose e-mail address nobody has shown to be theirs."""
        rows = _with_all(unverified_firsts(self.site, by=self.by, at=self.at))
        for one in rows.order_by("period", "pk"):
            yield self._with_them(
                one,
                TaskKind.UNVERIFIED,
                why=_("Nobody has shown that the e-mail address is theirs. Make sure that they come."),
                url=reverse("desk-patient", args=[one.patient.public_id]),
                act=_("See how they are reached"),
            )

    def _with_them(self, visit: Appointment, kind: TaskKind, *, why: str, url: str, act: str) -> Task:
        """Return what is to be settled with whoever an appointment is for, before it begins."""
        return Task(
            kind=kind,
            due_at=visit.period.lower,
            who=visit.patient.name,
            why=why,
            about=self._about(visit),
            phones=phone_numbers(visit),
            url=url + self.where,
            act=act,
            person=str(visit.patient_id),
        )

    def _here(self, action: Action) -> bool:
        """Whether somebody may do something everywhere at the site."""
        return site_decisions.may_here(self.by, action, self.site)

    def _about(self, visit: Appointment) -> str:
        facts = {"when": when_in_words(visit.period.lower, self.site.tz), "with": visit.practitioner.name}
        return _("%(when)s, %(with)s") % facts


def _with_proposal(why: str, proposed: str) -> str:
    """Return why something is to be done, and which other time is proposed meanwhile."""
    return f"{why.rstrip('.')}. {proposed}" if proposed else why


def _with_all(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Return appointments with what is said of each."""
    return rows.select_related("patient", "practitioner", "site").prefetch_related("patient__contacts")
