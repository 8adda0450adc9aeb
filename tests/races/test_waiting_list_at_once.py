"""One time is offered to many, and all accept at once: one has it, and everybody else hears that it was just taken."""

import pytest
from django.db import IntegrityError

from booking.actions import appointments
from booking.actions.waiting import answering, list_entries, offers
from booking.models import Appointment, Hold, WaitingListEntry, WaitingListOffer
from booking.status import Move, Status
from booking.waiting.matching import OfferRules
from booking.waiting.policies import offer_rules
from booking.waiting.status import EntryStatus, OfferStatus
from tests.factories.booking import DAY, SYSTEM, chicago, make_patient, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT
from tests.races.together import Gate, at_once, tally, without_constraint
from tests.tables import overlaps, sheet_drift

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, ALL = 8, 10_000


def waiting(site, count=PEOPLE):
    """Let so many wait for a first appointment at any time."""
    preferences = list_entries.Preferences(therapy="acu_manual", visit="first", site=site)
    names = [f"Person {chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(count)]
    return [list_entries.join(preferences, make_patient(site, name), by=SYSTEM, at=AT) for name in names]


def offered(entries, dr_li, number):
    """Offer one time to all of them; return the offers."""
    day, hour = divmod(number, 3)
    slot = read_slot(slot_id(dr_li, chicago(6 + day % 4 + 7 * (day // 4 % 3), 9 + 2 * hour)))
    rules = offer_rules(slot.site.id, at=AT)
    many = OfferRules(**{name: getattr(rules, name) for name in OfferRules.__slots__} | {"at_once": len(entries)})
    asked = offers.offer(slot, [one.pk for one in entries], many, at=AT)
    assert len(asked) == len(entries)
    return list(WaitingListOffer.objects.filter(status=OfferStatus.NEEDS_ACTION))


def all_accept(made):
    return at_once([lambda pk=one.pk: answering.accept(pk, at=AT) for one in made])


def begin_anew():
    """Let the time be free again, and everybody wait as before."""
    for visit in Appointment.objects.filter(status=Status.BOOKED):
        appointments.move(visit.public_id, Move.ENTER_IN_ERROR, by=SYSTEM, at=AT)
    WaitingListEntry.objects.update(status=EntryStatus.ACTIVE, ended_at=None)


def test_of_those_who_accept_at_once_one_has_it_and_the_others_hear_that_it_was_just_taken(lakeside, dr_li, request):
    entries = waiting(lakeside)
    times = ALL // PEOPLE if request.config.getoption("full") else 6
    for number in range(times):
        made = offered(entries, dr_li, number % 30)
        assert tally(all_accept(made)) == {"Appointment": 1, "JustTaken": PEOPLE - 1}
        assert Appointment.objects.filter(status="booked").count() == 1
        begin_anew()
    accepted = WaitingListOffer.objects.filter(status=OfferStatus.ACCEPTED)
    assert accepted.count() == accepted.values("hold").distinct().count() == times
    assert overlaps(at=AT) == sheet_drift() == []


def unlocked(monkeypatch, dr_li, lakeside, people=PEOPLE):
    """Let everybody read the offer before anybody answers, and book whatever was answered by others."""
    gate, somebody = Gate(people), make_patient(lakeside, "Zoe Zed")
    visit = make_visit(somebody, slot_id(dr_li, chicago(9, 15)))

    def read(offer):
        hold = Hold.objects.get(pk=offer.hold_id)
        gate.wait()
        return hold

    monkeypatch.setattr(answering, "lock_hold", read)
    monkeypatch.setattr(answering, "_insist_on", lambda *_, **__: None)
    monkeypatch.setattr(answering, "_book", lambda *_, **__: visit)


def counted(made):
    """Accept all at once; what the constraint refuses is told apart from what is refused in words."""

    def accept(pk):
        try:
            answering.accept(pk, at=AT)
        except IntegrityError:
            return "a fault"
        return None

    all_of_them = [lambda pk=one.pk: accept(pk) for one in made]
    at_once(all_of_them)
    return WaitingListOffer.objects.filter(status=OfferStatus.ACCEPTED).count()


def test_twin_without_the_look_and_the_constraint_several_have_one_time(lakeside, dr_li, monkeypatch):
    made = offered(waiting(lakeside), dr_li, 0)
    unlocked(monkeypatch, dr_li, lakeside)
    with without_constraint("booking.WaitingListOffer", "offered_time_is_accepted_once"):
        assert counted(made) > 1


def test_twin_without_the_look_alone_the_constraint_lets_one_have_it(lakeside, dr_li, monkeypatch):
    made = offered(waiting(lakeside), dr_li, 0)
    unlocked(monkeypatch, dr_li, lakeside)
    assert counted(made) == 1


def test_who_swaps_and_who_books_the_same_time_at_once_leaves_one_with_it_and_nobody_without_theirs(lakeside, dr_li):
    later = make_visit(make_patient(lakeside, "Sue Later"), slot_id(dr_li, chicago(8, 10)))
    preferences = list_entries.Preferences(therapy="acu_manual", visit="first", site=lakeside)
    swaps = list_entries.join(preferences, later.patient, instead_of=later, by=SYSTEM, at=AT)
    made = offered([swaps, *waiting(lakeside, 3)], dr_li, 0)
    results = all_accept(made)
    assert tally(results) == {"Appointment": 1, "JustTaken": 3}
    later.refresh_from_db()
    mine = WaitingListOffer.objects.get(entry=swaps)
    start = mine.starts_at if mine.status == OfferStatus.ACCEPTED else chicago(8, 10)
    assert (later.status, later.period.lower) == ("booked", start)
    assert overlaps(at=AT + DAY) == sheet_drift() == []
