"""One time is offered to many, and all accept at once: one has it, and everybody else hears that it was just taken."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from booking.actions import appointments
from booking.actions.guest_flow import Guest
from booking.actions.waiting import answering, list_entries, offers
from booking.models import Appointment, Hold, WaitingListEntry, WaitingListOffer
from booking.status import Move, Status
from booking.waiting.matching import OfferRules
from booking.waiting.policies import offer_rules
from booking.waiting.status import EntryStatus, OfferStatus
from core.refusals import Busy
from proof.benchmarks import waiting_race
from tests.factories.booking import DAY, SYSTEM, chicago, make_patient, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT
from tests.races.together import Gate, at_once, tally, until_somebody_waits, without_constraint
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
    assert len(asked.entries) == len(entries)
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
    assert waiting_race.doubles() == 0
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


def counted(made, *, presses=1):
    """Accept all at once; what the constraint refuses is told apart from what is refused in words."""

    def accept(pk, more=presses - 1):
        try:
            answering.accept(pk, at=AT)
        except IntegrityError:
            return "a fault"
        except Busy:  # on a slow machine some wait too long for each other, and press again
            return accept(pk, more - 1) if more else "busy"
        return None

    all_of_them = [lambda pk=one.pk: accept(pk) for one in made]
    at_once(all_of_them)
    return WaitingListOffer.objects.filter(status=OfferStatus.ACCEPTED).count()


def test_twin_without_the_look_and_the_constraint_several_have_one_time(lakeside, dr_li, monkeypatch):
    made = offered(waiting(lakeside), dr_li, 0)
    unlocked(monkeypatch, dr_li, lakeside)
    with without_constraint("booking.WaitingListOffer", "offered_time_is_accepted_once"):
        assert counted(made, presses=3) > 1
        assert waiting_race.doubles() >= 1, "the bench of ten thousand who accept counts it"


def test_twin_without_the_look_alone_the_constraint_lets_one_have_it(lakeside, dr_li, monkeypatch):
    made = offered(waiting(lakeside), dr_li, 0)
    unlocked(monkeypatch, dr_li, lakeside)
    assert counted(made) == 1


def offered_at_once(lakeside, dr_li, monkeypatch):
    """Two sweeps offer two times to one person, who waits by two entries; return how many they are asked about."""
    ann, rules, gate = make_patient(lakeside, "Ann One"), offer_rules(lakeside.pk, at=AT), Gate(2)
    asked = list_entries.Preferences(therapy="acu_manual", visit="first", site=lakeside)
    list_entries.join(asked, ann, by=SYSTEM, at=AT)
    other = list_entries.join(asked, make_patient(lakeside, "Ann Won"), by=SYSTEM, at=AT)
    WaitingListEntry.objects.filter(pk=other.pk).update(patient=ann)  # as merging two records of hers does
    looked, waited = offers._still_waiting, offers.wait_for

    def both_have_looked(pk):
        found = looked(pk)
        gate.wait()
        return found

    if waited is UNGUARDED:
        monkeypatch.setattr(offers, "_still_waiting", both_have_looked)
    slots = [read_slot(slot_id(dr_li, chicago(8, 9))), read_slot(slot_id(dr_li, chicago(9, 9)))]
    at_once(
        [
            lambda pair=pair: offers.offer(pair[0], [pair[1].pk], rules, at=AT)
            for pair in zip(slots, WaitingListEntry.objects.order_by("pk"), strict=True)
        ]
    )
    return WaitingListOffer.objects.count()


def UNGUARDED(_name):  # noqa: N802  (stands in for the guard)
    """Wait for nobody."""


def test_two_sweeps_at_once_ask_one_person_about_one_time(lakeside, dr_li, monkeypatch):
    assert offered_at_once(lakeside, dr_li, monkeypatch) == 1


def test_twin_where_sweeps_do_not_wait_for_each_other_one_person_is_asked_twice(lakeside, dr_li, monkeypatch):
    monkeypatch.setattr(offers, "wait_for", UNGUARDED)
    assert offered_at_once(lakeside, dr_li, monkeypatch) == 2


def left_while_asked_again(lakeside, monkeypatch):
    """Ann asks once more as a guest, and leaves the list by her mail's link meanwhile; return how her entry ends."""
    ann = Guest(name="Ann One", email="ann@example.test", birth_date=date(1961, 3, 27))
    asked = list_entries.Preferences(therapy="acu_manual", visit="first", site=lakeside)

    def ask():
        return list_entries.join_as_guest(asked, ann, answers="", network="", by=SYSTEM, at=AT)

    entry, writes = ask(), list_entries._write
    left = threading.Event()

    def leave():
        try:
            answering.leave(entry, by=SYSTEM, at=AT)
        finally:
            left.set()
            connection.close()

    def written_once_she_leaves(*args):
        pool.submit(leave)
        until_somebody_waits(or_else=left.is_set)
        writes(*args)

    monkeypatch.setattr(list_entries, "_write", written_once_she_leaves)
    with ThreadPoolExecutor(1) as pool:
        ask()
    return WaitingListEntry.objects.get().status


def test_who_leaves_the_list_has_left_it_whoever_asks_for_them_meanwhile(lakeside, monkeypatch):
    assert left_while_asked_again(lakeside, monkeypatch) == EntryStatus.REVOKED


def test_twin_without_the_lock_of_the_entry_they_wait_again(lakeside, monkeypatch):
    monkeypatch.setattr(list_entries, "_locked_for_the_same", list_entries.for_the_same)
    assert left_while_asked_again(lakeside, monkeypatch) == EntryStatus.DRAFT


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


def locked_first(lakeside, dr_li, monkeypatch):
    """Offer a time to two; return whether the second one's entry was locked before the time was kept for the first."""
    entries, locked_by_then, keep = waiting(lakeside, 2), [], offers._keep

    def kept(*args, **kwargs):
        with ThreadPoolExecutor(1) as pool:
            locked_by_then.append(pool.submit(is_locked, entries[1].pk).result())
        return keep(*args, **kwargs)

    monkeypatch.setattr(offers, "_keep", kept)
    offered(entries, dr_li, 0)
    return locked_by_then == [True]


def is_locked(pk):
    try:
        with transaction.atomic():
            return not WaitingListEntry.objects.select_for_update(skip_locked=True).filter(pk=pk).exists()
    finally:
        connection.close()


def test_who_may_be_asked_is_locked_before_sheets_are(lakeside, dr_li, monkeypatch):
    assert locked_first(lakeside, dr_li, monkeypatch)


def test_twin_where_each_is_locked_as_it_is_asked_the_second_is_locked_after_sheets(lakeside, dr_li, monkeypatch):
    monkeypatch.setattr(offers, "_locked_all", lambda entries: entries)
    assert not locked_first(lakeside, dr_li, monkeypatch)
