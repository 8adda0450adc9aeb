"""Open the demo clinic in an empty database, in one transaction: all of it or nothing."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from booking.actions import appointments
from booking.actions.patients.alike_records import note_alike
from booking.models import Patient
from booking.suitability.shipped import shipped_content
from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from demo import clinic, family_past, family_time, past_weeks, people, programs, screening, suitability
from demo.filling import Filling
from demo.on_call import OnCall, on_call
from demo.today import Today
from demo.waiting_list import DemoWaitingList
from notifications.actions import relay
from notifications.models import Message
from notifications.status import Delivery, DeliveryReason
from scheduler import public as scheduler
from scheduler.actions import catalogue, sheets

SEED = 20_26
ILL = "haddad"
THEIR_VISITS = {"patient": (3, 10), "patient2": (6,), "relative": (4,)}  # days from now


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much was made that is still to come."""

    visits: int
    patients: int


@transaction.atomic
def load(*, at: datetime) -> Loaded | None:
    """Open the clinic; None when there is one already."""
    if Site.objects.exists():
        return None
    catalogue.load()
    sites = clinic.open_sites(at=at)
    staff = clinic.add_practitioners(sites, at=at)
    sheets.extend(at=at)
    users = people.welcome(sites, staff, at=at)
    by = Principal.of(users["admin"], at=at)
    clinicians = [Principal.of(users[key], at=at).key for key in ("clinician", "clinician2")]
    screening.adopt(sites, by=by, approved_by=clinicians)
    filling = fill(sites["lakeside"], by=by, at=at)
    called = sum(call_in(one, filling) for one in on_call(sites["lakeside"], staff, at=at))
    today = Today(sites["lakeside"], Principal.of(users["scheduler"], at=at), at)
    today.lead()
    Today(sites["riverside"], Principal.of(users["scheduler2"], at=at), at).lead()
    visits = [today.ask_for_one(next(filling.newcomers))]
    known = people.own_records(users, sites, by=by, at=at)
    people.enrol(known, sites)
    family_past.fill(users, known, staff, sites["lakeside"], at=at)
    past_weeks.fill(users, sites["lakeside"], at=at)
    say_nothing_of_the_past(at=at)
    programs.adopt(by=by, at=at)
    visits += [book_soon(known[key], days, by=by, at=at) for key, ahead in THEIR_VISITS.items() for days in ahead]
    couple = family_time.book_together(sites["lakeside"], by=Principal.of(users["scheduler"], at=at), at=at)
    screening.answer_some(at=at)
    screening.suggest_absence(staff[ILL], sites["lakeside"], at=at)
    waits = DemoWaitingList(sites["lakeside"], by=Principal.of(users["scheduler"], at=at), at=at)
    waits.register()
    suitability.adopt(shipped_content(), at=at)  # now that all is booked: who was before is asked when they come
    suitability.answer_for_all(at=at)
    visits.append(programs.refer(known, users, sites["lakeside"], by=by, at=at))
    family_time.keep(users, known, sites["lakeside"], at=at)
    today.leave_to_do()
    waits.fill()
    note_alike(at=at)
    return Loaded(
        visits=filling.booked + called + sum(visits) + couple + waits.booked, patients=Patient.objects.count()
    )


@unit
def fill(site: Site, *, by: Principal, at: datetime) -> Filling:
    """Fill the next three weeks as drawn, and the day itself."""
    chance = random.Random(SEED)  # noqa: S311  (the same clinic every time is wanted)
    filling = Filling(chance=chance, by=by, at=at, newcomers=people.others(chance, site, by=by, at=at))
    filling.days()
    filling.today()
    return filling


@unit
def call_in(one: OnCall, filling: Filling) -> int:
    """Let somebody work around the hour at which the demo is opened; return how many come to them."""
    one.work()
    return one.fill(filling.newcomers, by=filling.by)


def say_nothing_of_the_past(*, at: datetime) -> None:
    """Plan the messages of the visits made so far; those already due count as said before the clinic opened.

    They were booked days ago, so that their confirmations would all go out at once now. The rows stay, dropped with
    a reason of their own; reminders that are still to come are due as always.
    """
    while relay.relay(at=at):  # so many at once
        pass
    due = Message.objects.filter(status=Delivery.DUE, due_at__lte=at)
    due.update(status=Delivery.DROPPED, reason=DeliveryReason.SAID_BEFORE, settled_at=at)


def book_soon(patient: Patient, days: int, *, by: Principal, at: datetime) -> bool:
    """Book a follow-up for somebody who signs in, around `days` from now; their confirmation does go out.

    As staff do: no rules for patients who book by themselves are in force yet.
    """
    begins = at + timedelta(days=days)
    kind = scheduler.SearchQuery(
        therapy="acu_manual", visit=scheduler.VisitType.FOLLOWUP, starts_at=begins, ends_at=begins + timedelta(days=4),
        sites=frozenset({patient.site_id}), audience=replace(scheduler.Audience.STAFF, programs=frozenset()), limit=1,
    )  # fmt: skip
    free = scheduler.search(kind, at=at)
    for slot in free:
        appointments.book(slot=slot, patient=patient, by=by, at=at)
    return bool(free)
