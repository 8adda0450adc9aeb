"""The day at the door as its page shows it, and what the page says of acts that were not simply done."""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking import queries
from booking.actions.as_seen import marks_of
from booking.actions.proposed_times import proposed_times
from booking.errors import MoveNotAllowed, NotYet
from booking.models import Appointment, Change
from booking.screening.policies import Masks, ScreeningPolicy, screening_policy
from booking.screening.queries import NOT_ASKED, PATIENT, groups
from booking.screening.questionnaire import QUESTIONNAIRE
from booking.screening.rights import sees_outcome
from booking.status import OCCUPYING, Move, Status, after
from booking.status_display import BEING_TREATED
from booking.subjects import PROGRAM_FACTS
from booking.suitability.day_questions import DayQuestions, day_questions
from booking.suitability.errors import CallFirst, NotBookableWithAnswers
from booking.suitability.unseen import to_look_at
from booking.suitability.visit_words import answers_against
from booking.suitability.visits import judge_visits
from booking.web.desk.arrivals.arrival_rows import (
    NOTHING_TYPED,
    WAITING_AT_DOOR,
    ArrivalRow,
    RowContext,
    TypedTemperature,
    arrival_row,
)
from booking.web.desk.arrivals.arrival_search import is_meant
from booking.web.desk.arrivals.not_now import cannot_take_place
from booking.web.desk.families.linked_words import linked_words
from booking.web.desk.reviews.unsettled_colleagues import UnsettledColleagues
from booking.web.desk.shell import A_DAY, Desk
from core.accounts.names import name_of
from core.principal import Principal
from core.refusals import Refusal
from core.rights import Action, Subject, acting, may
from core.roles import Role
from core.text.languages import day_from_in_words, localized, near_day_in_words, time_in_words, zone_in_words

NOON = time(12)
SHOWN = sorted(OCCUPYING | {Status.NOSHOW, Status.FULFILLED})
OPEN = sorted({Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN})
LOOKED_BACK = 14
"""Days in which visits that nobody has closed are looked for."""


@dataclass(frozen=True, slots=True)
class OtherDay:
    """Another day with visits: with what leads there."""

    url: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _PartOfDay:
    """From when on (UTC) a policy holds, or none."""

    starts_at: datetime
    policy: ScreeningPolicy | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfDayRules:
    """What is asked of everybody at the door, and what else is said there. `when`: from which appointment on."""

    when: str
    recheck: list[str]
    rules: list[str]


@dataclass(frozen=True)
class ArrivalDay:
    """The visits of a day at a site. `find`: what was typed to find somebody among them; `only`: the one of them.

    `own`: of the practitioner (by id) who looks at their own day.
    """

    desk: Desk
    by: Principal
    at: datetime
    find: str = ""
    typed: TypedTemperature = NOTHING_TYPED
    only: Appointment | None = None
    own: int | None = None

    @cached_property
    def rows(self) -> list[ArrivalRow]:
        """The visits in the order of their times."""
        visits = self.visits
        people, for_others = groups(visits, at=self.at), frozenset[int]()
        for visit in visits:
            if not sees_outcome(self.by, visit):
                asked = people[visit.pk][PATIENT].policy or visit.pk in self._asked_today
                for_others |= {visit.pk} if asked else set()
                people[visit.pk] = [NOT_ASKED]
        shared = self._shared(visits, for_others)
        waiting = next((visit.pk for visit in visits if visit.status in WAITING_AT_DOOR), None)
        return [arrival_row(visit, people[visit.pk], shared, is_next=visit.pk == waiting) for visit in visits]

    def _shared(self, visits: list[Appointment], for_others: frozenset[int]) -> RowContext:
        waiting_for = [one for one in visits if one.status in WAITING_AT_DOOR or _is_being_seen(one, at=self.at)]
        judged = judge_visits((one for one in visits if one.status in OCCUPYING), at=self.at)
        uncovered = queries.lacks_cover(waiting_for, at=self.at)
        return RowContext(
            desk=self.desk,
            by=self.by,
            at=self.at,
            uncovered=uncovered,
            proposed=proposed_times(uncovered, at=self.at) if uncovered else (),
            for_others=for_others,
            unsettled=UnsettledColleagues(by=self.by, at=self.at, here=self.desk.site),
            marks=marks_of(visits),
            typed=self.typed,
            judged=judged,
            asked_today=self._asked_today,
            to_look_at=to_look_at(judged if self.desk.on > self.desk.today else {}),
            linked=linked_words(visits, self.desk, by=self.by),
        )

    @cached_property
    def visits(self) -> list[Appointment]:
        """The visits that are shown, in the order of their times."""
        if self.only:
            return [self.only]
        return self._found(_visits_of(self.desk, among=self._mine))

    @cached_property
    def _asked_today(self) -> dict[int, DayQuestions]:
        """What is asked of whoever comes today about their therapy, by visit."""
        today = self.desk.on == self.desk.today
        found = day_questions((one for one in self.visits if one.status in WAITING_AT_DOOR and today), at=self.at)
        return {visit: one for visit, one in found.items() if one.asks}

    @property
    def questions_today(self) -> list[str]:
        """What is asked about a therapy of those who come today, whoever they are."""
        words = (one.words for found in self._asked_today.values() for one in found.on_the_day)
        return list(dict.fromkeys(words))

    @property
    def _mine(self) -> QuerySet[Appointment]:
        """The appointments that they may mark, with what rights ask of them; or their own."""
        if self.own is not None:
            return queries.appointments(acting(self.by, Action.SEE_APPOINTMENT)).filter(practitioner=self.own)
        rows = queries.appointments(acting(self.by, Action.MARK_ATTENDANCE))
        return rows.prefetch_related(*PROGRAM_FACTS) if self.by.has(Role.PROGRAM) else rows

    @property
    def hides_health(self) -> bool:
        """Whether it is kept to others how people stand with the health questions that are asked on this day."""
        here = Subject(sites=frozenset({self.desk.site.pk}), practitioner=self.by.user_id)
        return any(part.policy for part in self._parts) and not may(self.by, Action.SEE_SCREENING, here)

    def _found(self, rows: QuerySet[Appointment]) -> list[Appointment]:
        if not self.find:
            return list(rows)
        visits = rows.prefetch_related("patient__contacts")
        return [
            visit
            for visit in visits
            if is_meant(
                self.find,
                name=visit.patient.name,
                reference=visit.reference,
                phones=(point.value for point in visit.patient.contacts.all()),
            )
        ]

    @property
    def heading(self) -> str:
        """The day, and whose clock counts."""
        return f"{day_from_in_words(self.desk.on, self.desk.today)}, {zone_in_words(self.desk.site.tz)}"

    @property
    def here(self) -> str:
        """The address of this page, without what was typed to find somebody."""
        return reverse("desk-arrivals") + self.desk.where

    @property
    def earlier(self) -> str:
        """The address of the day before."""
        return self._address(-1)

    @property
    def later(self) -> str:
        """The address of the day after."""
        return self._address(1)

    def _address(self, days: int) -> str:
        return self._address_of(self.desk.on + days * A_DAY)

    def _address_of(self, day: date) -> str:
        return f"{reverse('desk-arrivals')}?site={self.desk.site.key}&day={day.isoformat()}"

    @cached_property
    def _parts(self) -> list[_PartOfDay]:
        """What holds for patients at the appointments shown, from when on; at noon of the day where there is none."""
        noon = datetime.combine(self.desk.on, NOON, self.desk.site.tz)
        found: list[_PartOfDay] = []
        for start in [visit.period.lower for visit in self.visits] or [noon]:
            policy = screening_policy(self.desk.site.pk, starts_at=start)
            if not found or policy != found[-1].policy:
                found.append(_PartOfDay(starts_at=start, policy=policy))
        return found

    @property
    def parts_of_day(self) -> list[PartOfDayRules]:
        """What is asked and said at the door; of each part of a day on which another policy begins by itself."""
        told = [(part, self._recheck(part.policy), _rules(part.policy)) for part in self._parts]
        return [
            PartOfDayRules(
                when=time_in_words(part.starts_at, self.desk.site.tz) if len(told) > 1 else "",
                recheck=recheck,
                rules=rules,
            )
            for part, recheck, rules in told
            if part.policy is not None or len(told) > 1
        ]

    def _recheck(self, policy: ScreeningPolicy | None) -> list[str]:
        """Return what is asked of everybody, whatever they answered before, to whoever asks it."""
        if policy is None or self.hides_health:
            return []
        asked = [localized(QUESTIONNAIRE.questions[key].words) for key in policy.recheck]
        hot = _("Take their temperature: %s °F or more is a fever") % policy.fever_f
        return [*asked, *([hot] if policy.temperature_at_door else [])]

    @cached_property
    def unclosed(self) -> list[OtherDay]:
        """The days before today on which visits were left as they were."""
        if self.desk.on != self.desk.today:
            return []
        zone = self.desk.site.tz
        since, until = (datetime.combine(self.desk.today - days * A_DAY, time(), zone) for days in (LOOKED_BACK, 0))
        rows = self._mine.filter(
            site=self.desk.site, status__in=OPEN, period__startswith__gte=since, period__startswith__lt=until
        )
        days = [start.astimezone(zone).date() for start in rows.values_list("period__startswith", flat=True)]
        return [
            OtherDay(url=self._address_of(day), words=f"{near_day_in_words(day)} ({days.count(day)})")
            for day in sorted(set(days))
        ]

    @property
    def next_busy(self) -> OtherDay | None:
        """The first day after this one on which somebody comes, None where nobody has an appointment."""
        zone = self.desk.site.tz
        ends = datetime.combine(self.desk.on + A_DAY, time(), zone)
        here = self._mine.filter(site=self.desk.site, status__in=SHOWN)
        starts = here.filter(period__startswith__gte=ends).values_list("period__startswith", flat=True)
        first = starts.order_by("period").first()
        if first is None:
            return None
        day = first.astimezone(zone).date()
        return OtherDay(url=self._address_of(day), words=near_day_in_words(day))


def _visits_of(desk: Desk, *, among: QuerySet[Appointment]) -> QuerySet[Appointment]:
    begins, ends = (datetime.combine(day, time(), desk.site.tz) for day in (desk.on, desk.on + A_DAY))
    rows = among.filter(site=desk.site, status__in=SHOWN, period__startswith__gte=begins, period__startswith__lt=ends)
    return rows.order_by("period", "pk")


def _rules(policy: ScreeningPolicy | None) -> list[str]:
    """Return what else a policy says to whoever stands at the door: masks, and who may come along."""
    return [_("Nothing is asked.")] if policy is None else [*_masks(policy.mask), _companions(policy)]


def _masks(masks: Masks) -> list[str]:
    words = {
        Masks.SYMPTOMATIC: _("A mask for whoever coughs or sneezes."),
        Masks.WAITING: _("Masks in the waiting room. Give one to whoever has none."),
        Masks.ALL: _("Masks for everybody in the building. Give one to whoever has none."),
    }
    return [words[masks]] if masks in words else []


def _companions(policy: ScreeningPolicy) -> str:
    if not policy.companions_max:
        return _("Patients come alone, unless they need help.")
    many = ngettext("%(count)d person may come along", "%(count)d people may come along", policy.companions_max)
    said = many % {"count": policy.companions_max}
    if policy.companion_min_age:
        return _("%(people)s, %(years)d years old or older.") % {"people": said, "years": policy.companion_min_age}
    return f"{said}."


def refusal_note(visit: Appointment, refusal: Refusal) -> str:
    """Return what is said where something was refused: of whom, why, and what to do."""
    detail = refusal.detail if refusal.detail != refusal.title else ""
    # What comes first, or from when on, says that it cannot be done now.
    whole = detail if isinstance(refusal, (MoveNotAllowed, NotYet)) else words_of_answers(refusal)
    why = [whole] if whole else [refusal.title, detail]
    return " ".join(map(str, filter(None, (f"{visit.patient.name}:", *why))))


def words_of_answers(refusal: Refusal) -> str:
    """Return what to do at a desk where answers stand against something; their own words are for who reads at home."""
    if isinstance(refusal, CallFirst):
        return _("They need help now. Call a clinician here at once, and 911 if it is urgent. Stay with them.")
    if isinstance(refusal, NotBookableWithAnswers):
        return answers_against()
    return ""


def cannot_be_checked_in(visit: Appointment, *, at: datetime) -> bool:
    """Whether somebody is still to be checked in, for a time that is not open any more."""
    return visit.status in WAITING_AT_DOOR and bool(queries.lacks_cover([visit], at=at))


def _is_being_seen(visit: Appointment, *, at: datetime) -> bool:
    return visit.status == Status.CHECKED_IN and visit.period.upper > at


def asked_all_the_same(visit: Appointment) -> str:
    """Return what is asked before somebody is checked in for a time that is not open any more."""
    more = _("If it takes place all the same, press “Check in all the same”.")
    return f"{visit.patient.name}: {cannot_take_place(visit)}. {more}"


def asked_whether_meant(visit: Appointment, refusal: Refusal) -> str:
    """Return what is asked before somebody is said to be treated long before their time."""
    more = _("If they are, press “Start all the same”.")
    return f"{visit.patient.name}: {refusal.detail} {more}"


def already_done(visit: Appointment, what: Move, *, by: Principal) -> str:
    """Return who did before what somebody wanted to do just now; empty where nobody did."""
    last = visit.changes.order_by("pk").last()
    if last is None or last.move != what or after(Status(last.before or visit.status), what) is None:
        return ""
    when = {"who": visit.patient.name, "status": _reached(last), "at": time_in_words(last.at, visit.site.tz)}
    if last.by == by.key:
        return _("%(who)s is %(status)s already: you noted it at %(at)s.") % when
    return _("%(who)s is %(status)s already: %(by)s noted it at %(at)s.") % (when | {"by": _name_of(last)})


def _reached(change: Change) -> object:
    """Return how an appointment stood after a change, in words."""
    return BEING_TREATED if change.move == Move.START else Status(change.after).label


def stands(visit: Appointment) -> object:
    """Return how an appointment stands, in words."""
    begun = visit.started_at is not None and visit.status == Status.CHECKED_IN
    return BEING_TREATED if begun else Status(visit.status).label


def changed_meanwhile(visit: Appointment) -> str:
    """Return who changed a visit since somebody looked, and how it stands by now."""
    facts = {
        "who": visit.patient.name,
        "by": _name_of(visit.changes.order_by("pk").last()),
        "status": stands(visit),
        "when": time_in_words(visit.period.lower, visit.site.tz),
        "with": visit.practitioner.name,
    }
    said = _("%(by)s changed this meanwhile: %(who)s is %(status)s, at %(when)s with %(with)s.") % facts
    return " ".join((said, _("Nothing of yours was done: look, and press again.")))


def _name_of(last: Change | None) -> str:
    return (name_of(last.by) if last else "") or _("somebody else")


def fever_noted(visit: Appointment, typed: str) -> str:
    """Return what is said of whoever has a fever at the door."""
    said = {"who": visit.patient.name, "degrees": typed}
    return _("%(who)s: %(degrees)s is a fever. They must not come in today. Find another time with them.") % said
