"""Two sites with everything twice, and somebody of every role, for asking who may reach what."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import uuid4

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from knox.models import AuthToken

from booking.actions.families import family_links
from booking.models import (
    Appointment,
    Clearance,
    Enrolment,
    FamilyLink,
    Hold,
    LabKind,
    LabValue,
    LinkedVisits,
    MeetingTime,
    Patient,
    Referral,
)  # fmt: skip
from core.models import RoleAssignment, Site, User
from core.principal import Principal
from core.rights import Subject
from core.roles import Role
from notifications.models import Message
from scheduler.actions import catalogue
from scheduler.actions.family_blocks import release_occurrence
from scheduler.models import (
    Absence,
    Closure,
    FamilyBlock,
    Place,
    Practitioner,
    Program,
    Therapy,
    TravelTime,
    WorkingHours,
)
from scheduler.public import CANCER_PROGRAM
from tests.api.waiting_things import waiting_things
from tests.factories import booking as people
from tests.factories import families
from tests.factories import scheduler as clinic
from tests.factories.blocks import FRANK, make_block
from tests.factories.scheduler import AT

FOR_ALL = (
    "site", "account", "role", "room", "place", "device", "therapy", "practitioner", "opening_hour", "travel_time",
    "offering", "working_hours", "absence", "closure", "slot", "count",
    "clearance", "enrolment", "referral", "program", "linked", "family_block", "block_decision",
    "meeting_time", "message",
)  # fmt: skip
"""Kinds of which the same are there whoever asks."""

KEPT_PLACE = "5d1c7c52-8c1f-4f0e-9a3b-0d6c1c2f7a11"  # at Lakeside; blocks may keep it


@dataclass
class Thing:
    """Something that an address names, and what rights ask about it."""

    id: object
    subject: Subject


class World:
    """Lakeside with Dr Li and Alice, Riverside with Dr Roe and Mallory, and Dr Kim, a clinician, who treats Ben.

    Nora takes part in the program of Riverside, where her record is, and sees Dr Li at Lakeside. Alice has confirmed
    Rosa, of her family, not yet Ben; Otis she had confirmed, until his link ended. Both see Dr Kim.
    """

    def __init__(self) -> None:
        catalogue.load()
        self._principals: dict[str, Principal] = {}
        self.lakeside, self.riverside = clinic.make_site("lakeside"), clinic.make_site("riverside")
        for site in (self.lakeside, self.riverside):
            clinic.make_places(site, 3)
            clinic.make_device(site)
        mine = Place.objects.filter(room__site=self.lakeside).order_by("pk")[:1]
        Place.objects.filter(pk__in=mine.values("pk")).update(public_id=KEPT_PLACE)
        self.people = {
            "anonymous": None,
            "patient": people.make_user("alice", Role.PATIENT),
            "relative": people.make_user("ben", Role.PROXY),
            "scheduler": people.make_user("dana", Role.SCHEDULER, site=self.lakeside),
            "scheduler of another site": people.make_user("rita", Role.SCHEDULER, site=self.riverside),
            "practitioner": people.make_user("li", Role.PRACTITIONER, site=self.lakeside),
            "practitioner of another site": people.make_user("roe", Role.PRACTITIONER, site=self.riverside),
            "clinician": people.make_user("kim", Role.CLINICIAN, site=self.lakeside),
            "program staff": people.make_user("frank", Role.PROGRAM, site=self.lakeside),
            "program staff of two sites": people.make_user("finn", Role.PROGRAM, site=self.lakeside),
            "admin": people.make_user("ada", Role.ADMIN, site=self.lakeside),
            "client": people.make_user("app", Role.CLIENT, site=self.lakeside),
            "auditor": people.make_user("otto", Role.AUDITOR, site=self.lakeside),
        }
        RoleAssignment.objects.create(
            user=self.people["program staff of two sites"],
            role=Role.PROGRAM,
            site=self.riverside,
            starts_at=people.SINCE,
        )
        self.li = self._practitioner("Dr Li", self.lakeside, "practitioner")
        self.roe = self._practitioner("Dr Roe", self.riverside, "practitioner of another site")
        self.kim = self._practitioner("Dr Kim", self.lakeside, "clinician")
        self.alice = self._patient("Alice Adams", self.lakeside, self.people["patient"])
        self.ben = self._patient("Ben Adams", self.lakeside, self.people["relative"])
        self.mallory = self._patient("Mallory Moss", self.riverside, None)
        self.nora = self._patient("Nora North", self.riverside, None)
        self.enrolments = [
            Enrolment.objects.create(patient=self.alice, site=self.lakeside),
            Enrolment.objects.create(patient=self.nora, site=self.riverside),
        ]
        clinic.lay_out()
        self.visits = [
            self._visit(self.alice, self.li, self.lakeside),
            self._visit(self.mallory, self.roe, self.riverside),
            self._visit(self.ben, self.kim, self.lakeside),
            self._visit(self.nora, self.li, self.lakeside, hour=14),
        ]
        self.family = [
            family_links.claim(families.invited(self.alice), own=self.ben, by=people.SYSTEM, at=AT),
            families.invited(self.nora),
        ]
        self.rosa = self._relative("Rosa Reed")
        self.otis = self._relative("Otis Reed", ends_at=AT)
        self.family_visits = [
            self._visit(self.rosa, self.kim, self.lakeside, hour=13),
            self._visit(self.otis, self.kim, self.lakeside, hour=15),
        ]
        self._things = {kind: getattr(self, f"_{kind}s")() for kind in FOR_ALL} | waiting_things(self, Thing)

    def principal(self, name: str) -> Principal:
        """Return somebody as the views see them."""
        if name not in self._principals:
            user = self.people[name]
            self._principals[name] = people.visitor("") if user is None else Principal.of(user, at=AT)
        return self._principals[name]

    def _practitioner(self, name: str, site: Site, user: str) -> Practitioner:
        made = clinic.make_practitioner(site, name=name)
        made.user = self.people[user]
        made.save()
        return made

    def _patient(self, name: str, site: Site, user: User | None) -> Patient:
        return people.make_patient(site, name, user=user)

    def _relative(self, name: str, **link: object) -> Patient:
        """Return somebody whom Alice has confirmed: known by a link alone."""
        details = replace(families.BEN, name=name, email=f"{name.split(maxsplit=1)[0].lower()}@example.test")
        made = families.confirmed(self.alice, details=details)
        FamilyLink.objects.filter(pk=made.pk).update(**link)
        return Patient.objects.get(pk=made.relative_id)

    def _visit(self, patient: Patient, practitioner: Practitioner, site: Site, *, hour: int = 10) -> Appointment:
        return people.make_visit(patient, people.slot_id(practitioner, people.chicago(12, hour), site=site.key))

    def things(self, kind: str, name: str) -> list[Thing]:
        """Return what of a kind there is, as addresses of it name it; `name` is who asks."""
        return self._things[kind] if kind in self._things else getattr(self, f"_{kind}s")(name)

    def _linkeds(self) -> list[Thing]:
        found = []
        for site, visits in ((self.lakeside, (self.visits[0], self.visits[2])), (self.riverside, (self.visits[1],))):
            link = LinkedVisits.objects.create(site=site, relation="same-time", made_by="system:test", made_at=AT)
            Appointment.objects.filter(pk__in=[visit.pk for visit in visits]).update(linked=link)
            programs = frozenset(
                enrolment.site_id for visit in visits for enrolment in Enrolment.objects.filter(patient=visit.patient)
            )
            found.append(Thing(link.public_id, Subject(sites=frozenset({site.pk}), programs=programs)))
        return found

    def _messages(self) -> list[Thing]:
        found = []
        for visit in self.visits[:2]:
            about = {"appointment": visit, "recipient": visit.patient, "version": visit.version}
            told = {"status": "sent", "due_at": AT, "settled_at": AT, "created_at": AT}
            made = Message.objects.create(kind="confirmation", **about, **told)
            found.append(Thing(made.pk, Subject(sites=frozenset({visit.site_id}))))
        return found

    def _sites(self) -> list[Thing]:
        return [Thing(s.public_id, Subject(sites=frozenset({s.pk}))) for s in (self.lakeside, self.riverside)]

    def _accounts(self) -> list[Thing]:
        found = []
        for name, site in (("scheduler", self.lakeside), ("scheduler of another site", self.riverside)):
            called = {"first_name": "Dana", "last_name": "Day", "email": "day@clinic.example"}
            User.objects.filter(pk=self.people[name].pk).update(is_staff=True, **called)
            found.append(Thing(self.people[name].public_id, Subject(sites=frozenset({site.pk}))))
        return found

    def _roles(self) -> list[Thing]:
        rows = [self.people[name].assignments.get() for name in ("scheduler", "scheduler of another site")]
        return [Thing(row.public_id, Subject(sites=frozenset({row.site_id}))) for row in rows]

    def _rooms(self) -> list[Thing]:
        rooms = [site.rooms.first() for site in (self.lakeside, self.riverside)]
        return [Thing(r.public_id, Subject(sites=frozenset({r.site_id}))) for r in rooms]

    def _places(self) -> list[Thing]:
        rooms = [site.rooms.first() for site in (self.lakeside, self.riverside)]
        return [Thing(r.places.first().public_id, Subject(sites=frozenset({r.site_id}))) for r in rooms]

    def _devices(self) -> list[Thing]:
        devices = [site.devices.first() for site in (self.lakeside, self.riverside)]
        return [Thing(d.public_id, Subject(sites=frozenset({d.site_id}))) for d in devices]

    def _therapys(self) -> list[Thing]:
        both = frozenset({self.lakeside.pk, self.riverside.pk})
        return [Thing(Therapy.objects.get(key="acu_manual").public_id, Subject(sites=both))]

    def _practitioners(self) -> list[Thing]:
        return [
            Thing(self.li.public_id, Subject(sites=frozenset({self.lakeside.pk}))),
            Thing(self.roe.public_id, Subject(sites=frozenset({self.riverside.pk}))),
        ]

    def _opening_hours(self) -> list[Thing]:
        rows = [site.opening_hours.first() for site in (self.lakeside, self.riverside)]
        return [Thing(r.public_id, Subject(sites=frozenset({r.site_id}))) for r in rows]

    def _travel_times(self) -> list[Thing]:
        pairs = [(self.lakeside, self.riverside), (self.riverside, clinic.make_site("harbor"))]
        rows = [TravelTime.objects.create(site=a, other_site=b, minutes=20) for a, b in pairs]
        return [Thing(r.public_id, Subject(sites=frozenset({r.site_id, r.other_site_id}))) for r in rows]

    def _offerings(self) -> list[Thing]:
        rows = [who.offerings.first() for who in (self.li, self.roe)]
        return [Thing(r.public_id, Subject(sites=frozenset({r.site_id}))) for r in rows]

    def _working_hourss(self) -> list[Thing]:
        rows = [WorkingHours.objects.filter(practitioner=who).first() for who in (self.li, self.roe)]
        return [Thing(r.public_id, _calendar(r.site_id, r.practitioner)) for r in rows]

    def _absences(self) -> list[Thing]:
        period = DateTimeTZRange(AT + timedelta(days=30), AT + timedelta(days=31))
        found = []
        for who, site in ((self.li, self.lakeside), (self.roe, self.riverside)):
            row = Absence.objects.create(practitioner=who, period=period)
            found.append(Thing(row.public_id, _calendar(site.pk, who)))
        return found

    def _closures(self) -> list[Thing]:
        day, found = date(2026, 11, 26), []
        for site in (self.lakeside, self.riverside):
            row = Closure.objects.create(site=site, first_on=day, last_on=day, name="Thanksgiving")
            found.append(Thing(row.public_id, Subject(sites=frozenset({site.pk}))))
        return found

    def _mes(self, name: str) -> list[Thing]:
        users = filter(None, (self.people[name], self.people["auditor" if name != "auditor" else "admin"]))
        return [Thing(AuthToken.objects.create(user)[0].token_key, Subject(owner=user.pk)) for user in users]

    def _slots(self) -> list[Thing]:
        return [Thing(people.slot_id(self.li, people.chicago(13, 9)), Subject())]

    def _holds(self, name: str) -> list[Thing]:
        return [self._hold(self.principal(name).key), self._hold("user:0")]

    def _hold(self, maker: str) -> Thing:
        start = people.chicago(14, 9)
        row = Hold.objects.create(
            allocation=uuid4(),
            slot=people.slot_id(self.li, start),
            made_by=maker,
            practitioner=self.li,
            site=self.lakeside,
            period=(start, start + timedelta(hours=1)),
            expires_at=AT + timedelta(minutes=10),
            created_at=AT,
        )
        return Thing(row.public_id, Subject(maker=maker))

    def _appointments(self, name: str) -> list[Thing]:
        return [Thing(v.public_id, self.of_visit(v)) for v in self._asked_about(name)]

    def _asked_about(self, name: str) -> list[Appointment]:
        """Return the visits by which somebody is asked about: to all but program staff a relative's is like Ben's."""
        return [*self.visits, *(self.family_visits if name.startswith("program") else [])]

    def of_visit(self, visit: Appointment) -> Subject:
        """Return what rights ask about a visit, worked out by hand."""
        return Subject(
            sites=frozenset({visit.site_id}),
            owner=visit.patient.user_id,
            practitioner=visit.practitioner.user_id,
            programs={self.alice: frozenset({self.lakeside.pk}), self.nora: frozenset({self.riverside.pk})}.get(
                visit.patient, frozenset()
            ),
            families=frozenset({self.lakeside.pk} if visit.patient == self.rosa else ()),
        )

    def _patients(self, name: str) -> list[Thing]:
        return [
            Thing(v.patient.public_id, replace(self.of_visit(v), sites=frozenset({v.site_id, v.patient.site_id})))
            for v in self._asked_about(name)
        ]

    def _enrolments(self) -> list[Thing]:
        found = []
        for row in self.enrolments:
            here = frozenset({row.site_id})
            found.append(Thing(row.public_id, Subject(sites=here, owner=row.patient.user_id, programs=here)))
        return found

    def _family_blocks(self) -> list[Thing]:
        self.blocks = [make_block(who, 2, "12:00", "13:00") for who in (self.li, self.roe)]
        return [Thing(block.public_id, _kept(block)) for block in self.blocks]

    def _block_decisions(self) -> list[Thing]:
        found = []
        for block in self.blocks:
            row = release_occurrence(block, clinic.chicago("2026-10-20", "12:00"), by=FRANK, at=AT)
            found.append(Thing(row.public_id, _kept(block)))
        return found

    def _family_links(self, name: str) -> list[Thing]:
        """Return what either side sees: whoever asks is theirs where it is about them."""
        user = self.people[name]
        return [
            self._link(row, user if user in {row.patient.user, row.relative and row.relative.user} else None)
            for row in self.family
        ]

    def _own_links(self, name: str) -> list[Thing]:
        return [self._link(row, row.patient.user) for row in self.family]

    def _meeting_times(self) -> list[Thing]:
        found = []
        for visit in (self.visits[0], self.visits[3]):
            made = MeetingTime.objects.create(appointment=visit, offered_by="system:test", offered_at=AT)
            here, owner = frozenset({visit.site_id}), visit.patient.user_id
            found.append(Thing(made.public_id, Subject(sites=here, owner=owner)))
        return found

    def _left_links(self, name: str) -> list[Thing]:
        return [self._link(row, row.relative.user if row.relative else None) for row in self.family]

    def _link(self, row: FamilyLink, owner: User | None) -> Thing:
        here = frozenset({row.site_id})
        return Thing(row.public_id, Subject(sites=here, owner=owner and owner.pk, programs=here))

    def _referrals(self) -> list[Thing]:
        found = []
        for patient, site in ((self.alice, self.lakeside), (self.nora, self.riverside)):
            row = Referral.objects.create(
                patient=patient,
                site=site,
                program=CANCER_PROGRAM,
                referred_by="Dr. Moore",
                visits_allowed=3,
                expires_on=date(2026, 12, 1),
                expires_at=AT + timedelta(days=50),
                entered_by=people.SYSTEM.key,
                entered_at=AT,
            )
            here = frozenset({site.pk})
            found.append(Thing(row.public_id, Subject(sites=here, owner=patient.user_id, programs=here)))
        return found

    def _programs(self) -> list[Thing]:
        return [Thing(Program.objects.get(key=CANCER_PROGRAM).public_id, Subject())]

    def _counts(self) -> list[Thing]:
        return [self._count(visit) for visit in self.visits[:2]]

    def _count(self, visit: Appointment) -> Thing:
        row = LabValue.objects.create(
            patient=visit.patient,
            kind=LabKind.PLATELETS,
            value=150,
            taken_on=AT.date(),
            entered_at=AT,
            entered_by=people.SYSTEM.key,
        )
        return self._known(visit, row)

    def _known(self, visit: Appointment, row: LabValue | Clearance) -> Thing:
        return Thing(row.public_id, Subject(sites=frozenset({visit.site_id}), owner=visit.patient.user_id))

    def _clearances(self) -> list[Thing]:
        return [self._known(visit, self._cleared(visit)) for visit in self.visits[:2]]

    def _cleared(self, visit: Appointment) -> Clearance:
        ends_on = AT.date() + timedelta(days=30)
        by = people.SYSTEM.key
        return Clearance.objects.create(patient=visit.patient, rule="R16", given_at=AT, given_by=by, ends_on=ends_on)


def _kept(block: FamilyBlock) -> Subject:
    return replace(_calendar(block.site_id, block.practitioner), programs=frozenset({block.site_id}))


def _calendar(site: int, practitioner: Practitioner) -> Subject:
    return Subject(sites=frozenset({site}), practitioner=practitioner.user_id)
