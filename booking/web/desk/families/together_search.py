"""What the desk looks for when several people come together: who, which therapy each, and how their times lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import queries
from booking.actions.families.linked_visits import FEWEST, MOST
from booking.audiences import audience_for
from booking.models import Appointment, CancelPolicy, LinkedVisits, Patient
from booking.models.linked_visits import RELATIONS
from booking.patients.patient_search import search
from booking.queries import was_reviewed
from booking.seats.seat_sets import begin_near, search_anchor
from booking.subjects import of_appointment
from booking.suitability.visits import PlaceNeeds, place_needs_of_visit
from booking.web.desk.arrivals.walk_in_times import offers
from booking.web.desk.families.family_rows import PARTED
from booking.web.desk.families.together_form import FROM, TogetherForm
from booking.web.desk.shell import Desk
from booking.web.labels import therapy_in_words
from booking.web.slot_ids import sealed
from core.principal import Principal
from core.refusals import Missing
from core.rights import Action, acting, may
from core.text.languages import date_in_words, near_day_in_words, time_in_words, when_in_words
from scheduler import public as scheduler

NEAR = {0: gettext_lazy("0, the very minute"), 15: "15", 20: "20", 30: "30", 60: "60"}
MOST_FOUND, SHOWN, DAYS = 10, 9, 14
PERSON, THERAPY, WITH = "person", "therapy", "with"

ListedChoice = tuple[str, str, bool]
"""What a list sends, how it reads, and whether it is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TogetherPerson:
    """One of them, as the page shows them. `moving`: their appointment, where it is to move, `now`: when it is."""

    number: int
    patient: Patient
    born: str
    therapies: Sequence[ListedChoice]
    practitioners: Sequence[ListedChoice]
    wanted: tuple[str, str, str] = ("", "", "")
    practitioner: str = ""
    now: str = ""
    moving: Appointment | None = None

    @property
    def therapy_name(self) -> str:
        """What they come for."""
        return next((words for _key, words, chosen in self.therapies if chosen), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TogetherButton:
    """A set of times. `ids`: what books it; `lines`: for each person when they begin and with whom."""

    ids: str
    time: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TogetherDay:
    """A day with the sets that begin on it."""

    name: str
    buttons: Sequence[TogetherButton]


@dataclass(frozen=True)
class TogetherSearch:
    """What an address, or a form, asks for; what cannot be read is left out."""

    sent: QueryDict
    desk: Desk
    by: Principal
    at: datetime
    link: LinkedVisits | None = None

    @cached_property
    def people(self) -> list[TogetherPerson]:
        """Those who were chosen so far, or whose appointments move."""
        if self.link is not None:
            return [self._moving(n, visit) for n, visit in enumerate(still_to_come(self.link, by=self.by, at=self.at))]
        ids = list(dict.fromkeys(filter(None, self.sent.getlist(PERSON))))[:MOST]
        gone = self.sent.get("without", "")
        return [self._person(n, self._patient(one)) for n, one in enumerate(one for one in ids if one != gone)]

    def _patient(self, public_id: str) -> Patient:
        try:
            return queries.patient(UUID(public_id), by=acting(self.by, Action.SEARCH_PATIENTS))
        except (ValueError, Missing) as unknown:
            raise Http404 from unknown

    def _person(self, number: int, patient: Patient) -> TogetherPerson:
        done = {other.therapy for other in queries.others_of(patient, at=self.at)}
        ways = {
            "|".join((card.key, visit, technique)): therapy_in_words(card.name, technique)
            for card, visit, technique in offers(done)
        }
        asked = self.sent.get(f"{THERAPY}-{patient.public_id}", "")
        chosen = _chosen(asked, ways)
        whom = self.sent.get(f"{WITH}-{patient.public_id}", "")
        names = {"": _("anyone"), **self._practitioners}
        return TogetherPerson(
            number=number,
            patient=patient,
            born=date_in_words(patient.birth_date),
            therapies=[
                *([] if chosen else [("", _("Choose the therapy"), True)]),
                *((key, words, key == chosen) for key, words in ways.items()),
            ],
            practitioners=[(key, words, key == whom) for key, words in names.items()],
            wanted=_three(chosen),
            practitioner=whom if whom in names else "",
        )

    @cached_property
    def _practitioners(self) -> dict[str, str]:
        offered = (
            one
            for card in scheduler.therapies()
            for visit, _technique in card.minutes
            for one in scheduler.offered(card.key, visit)
            if one.site.id == self.desk.site.pk
        )
        found = {str(one.practitioner.public_id): one.practitioner.name for one in offered}
        return dict(sorted(found.items(), key=lambda pair: pair[1]))

    def _moving(self, number: int, visit: Appointment) -> TogetherPerson:
        words = therapy_for(visit, self.by)
        return TogetherPerson(
            number=number,
            patient=visit.patient,
            born=date_in_words(visit.patient.birth_date),
            therapies=[("", words, True)],
            practitioners=[],
            wanted=(visit.therapy.key, visit.visit, visit.technique),
            now=when_in_words(visit.period.lower, visit.site.tz),
            moving=visit,
        )

    @property
    def typed(self) -> str:
        """What was typed to find one more."""
        return self.sent.get("find", "").strip()

    def found(self) -> list[tuple[Patient, str]]:
        """Return whom that finds, each with their birth date, but for those who are chosen already."""
        if not self.typed:
            return []
        rows = search(queries.patients(acting(self.by, Action.SEARCH_PATIENTS)), self.typed)
        known = [one.patient.pk for one in self.people]
        rows = rows.exclude(pk__in=known).order_by("folded_name", "pk")[:MOST_FOUND]
        return [(one, date_in_words(one.birth_date)) for one in rows]

    @property
    def full(self) -> bool:
        """Whether nobody more can be added."""
        return len(self.people) >= MOST

    @property
    def enough(self) -> bool:
        """Whether there are enough people to look for times."""
        return len(self.people) >= FEWEST

    @property
    def unclear(self) -> list[str]:
        """The names of those whose therapy is to be chosen again: what was chosen is not given to them any more."""
        return [one.patient.name for one in self.people if not one.wanted[0]]

    @property
    def ready(self) -> bool:
        """Whether times can be looked for."""
        return self.enough and not self.unclear and not self.form.errors

    @property
    def relation(self) -> scheduler.Relation:
        """How their times are to lie."""
        known = self.link.relation if self.link else self.sent.get("relation", "")
        row = scheduler.Relation.BACK_TO_BACK
        return row if known == row.value else scheduler.Relation.SAME_TIME

    @property
    def within(self) -> int:
        """How many minutes apart they may begin, or wait."""
        typed = str(self.link.within_minutes) if self.link else self.sent.get("within", "")
        return int(typed) if typed in {str(one) for one in NEAR} or (self.link and typed.isdigit()) else 20

    @property
    def policy(self) -> CancelPolicy:
        """What becomes of the others when one is cancelled."""
        known = self.sent.get("policy", "")
        return CancelPolicy(known) if known in CancelPolicy.values else CancelPolicy.ASK

    @cached_property
    def form(self) -> TogetherForm:
        """From when on, near what, and against which rules."""
        return TogetherForm(self.sent if FROM in self.sent else None, self.desk, by=self.by)

    @property
    def reason(self) -> str:
        """Why soft rules are set aside; empty where they are not."""
        return self.form.reason

    def choices(self) -> dict[str, Sequence[ListedChoice]]:
        """Return the lists of the page."""
        return {
            "relations": [(key, str(words), key == self.relation.value) for key, words in RELATIONS],
            "nears": [(str(n), str(words), n == self.within) for n, words in NEAR.items()],
            "policies": [(one.value, str(one.label), one is self.policy) for one in CancelPolicy],
        }

    def query(self) -> scheduler.SetQuery:
        """Return the search for their times."""
        near, since = self.form.anchor(), self.form.since(at=self.at)
        starts_at, ends_at = begin_near(near, at=self.at) if near else (since, since + timedelta(days=DAYS))
        return scheduler.SetQuery(
            people=tuple(map(self._asked, self.people)),
            relation=self.relation,
            starts_at=starts_at,
            ends_at=ends_at,
            anchor=search_anchor(near) if near else None,
            within=timedelta(minutes=self.within),
            sites=frozenset({self.desk.site.pk}),
            limit=SHOWN,
        )

    def _asked(self, one: TogetherPerson) -> scheduler.PersonQuery:
        therapy, visit, technique = one.wanted
        site, moving = self.desk.site, one.moving
        audience = audience_for(self.by, site_id=site.pk, at=self.at, patient=one.patient, reason=self.reason)
        needs = PlaceNeeds.on_record(one.patient, site, at=self.at).of(therapy, technique)
        needs |= place_needs_of_visit(moving, at=self.at)
        return scheduler.PersonQuery(
            therapy=therapy,
            visit=visit,
            technique=technique,
            practitioner=UUID(one.practitioner) if one.practitioner else None,
            audience=replace(audience, needs=needs),
            moving=moving.allocation if moving else None,
            segments=moving.lengths if moving else None,
            reviewed=was_reviewed(moving),
        )

    def days(self) -> list[TogetherDay]:
        """Return the soonest sets of times by day."""
        return days_of(scheduler.sets(self.query(), at=self.at), [one.patient.name for one in self.people])


def still_to_come(link: LinkedVisits, *, by: Principal, at: datetime) -> list[Appointment]:
    """Return those of a link that can move together: not what was called off, ran out, or has begun."""
    ahead = Appointment.objects.taking_time(at=at).filter(linked=link, period__startswith__gt=at)
    return list(queries.appointments(acting(by, Action.SEE_NAMES)).filter(pk__in=ahead.order_by()).order_by("pk"))


def therapy_for(visit: Appointment, by: Principal) -> str:
    """Return what an appointment is, to whoever may know that; who runs a site need not."""
    sees = may(by, Action.SEE_THERAPY, of_appointment(visit, by))
    return therapy_in_words(visit.therapy.name, visit.technique) if sees else _("Appointment")


def _chosen(asked: str, ways: Mapping[str, str]) -> str:
    """Return the way that was chosen, the first where none was yet; empty where it is not there any more.

    Whoever has been here meanwhile comes for the same as a later appointment. Nobody gets another therapy unasked.
    """
    if asked in ways or not asked:
        return asked or next(iter(ways), "")
    therapy, _visit, technique = _three(asked) if asked.count("|") == 2 else ("", "", "")  # noqa: PLR2004  (three parts)
    return next((way for way in ways if _three(way)[0] == therapy and _three(way)[2] == technique), "")


def _three(key: str) -> tuple[str, str, str]:
    therapy, visit, technique = (key or "||").split("|")
    return therapy, visit, technique


def days_of(found: Sequence[scheduler.SlotSet], names: Sequence[str]) -> list[TogetherDay]:
    """Return sets by the day on which they begin, in order."""
    by_day: dict[str, list[TogetherButton]] = {}
    for one in sorted(found, key=lambda one: one.start):
        zone = one.slots[0].site.tz
        day = near_day_in_words(one.start.astimezone(zone).date())
        by_day.setdefault(day, []).append(
            TogetherButton(
                ids=PARTED.join(sealed(slot.id) for slot in one.slots),
                time=time_in_words(one.start, zone),
                lines=[_line(name, slot, since=one.start) for name, slot in zip(names, one.slots, strict=True)],
            )
        )
    return [TogetherDay(name=name, buttons=buttons) for name, buttons in by_day.items()]


def _line(name: str, slot: scheduler.Slot, *, since: datetime) -> str:
    """Return who is treated by whom, with the time of whoever begins later than the first."""
    if slot.start == since:
        return f"{name}: {slot.practitioner.name}"
    when = time_in_words(slot.start, slot.site.tz)
    return _("%(name)s %(when)s: %(whom)s") % {"name": name, "when": when, "whom": slot.practitioner.name}
