"""A person with several records is one person: limits and presence hold across them, and strangers learn nothing."""
# ruff: noqa: RUF001  (letters that look alike are what this is about)

import re
from datetime import date

import pytest
from django.db import connection
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext

from booking import queries
from booking.actions import appointments, guest_flow, holds, links, move_effects, tidying
from booking.actions.guest_flow import Guest
from booking.actions.patients import patients
from booking.cancel_reasons import CancelReason
from booking.errors import CallToBook, CallToUndo, PatientBusy, TooManyThisWeek
from booking.models import Appointment, Patient
from booking.patients import patient_search
from booking.policies import booking_policy
from booking.status import Move, Status
from scheduler import public as scheduler
from tests.factories.booking import DAY, SYSTEM, chicago, make_visit, read_slot, slot_id, visitor
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.tables import changed, dump, sheet_drift

TEN = chicago(8, 10)
BORN = date(1961, 3, 27)
ZOE = Guest(name="Zoë O’Brien", email="Zoe@example.test", birth_date=BORN)
ZOE_AGAIN = Guest(name="ZOE OBRIEN", email="zoe@example.test", birth_date=BORN)


@pytest.fixture
def dr_wu(dr_li, riverside):
    practitioner = make_practitioner(riverside, name="Dr Wu")
    lay_out()
    return practitioner


def book_as_guest(slot, guest=ZOE, *, browser="browser", at=AT):
    by = visitor(browser)
    kept = holds.choose(read_slot(slot), by=by, at=at)
    return guest_flow.book(kept.public_id, by=by, at=at, patient=None, guest=guest)


def record(site, name="Zoe O'Brien", email="zoe@example.test", birth_date=BORN, **facts):
    return patients.register(name=name, email=email, birth_date=birth_date, site=site, by=SYSTEM, at=AT, **facts)


def test_a_guest_who_comes_back_has_the_record_that_she_made_before(dr_li):
    first = book_as_guest(slot_id(dr_li, TEN))
    second = book_as_guest(slot_id(dr_li, chicago(12, 10)), ZOE_AGAIN, browser="phone")
    assert first.patient == second.patient
    assert Patient.objects.get().name == "Zoë O’Brien"


@pytest.mark.parametrize(
    "name", ["O'Brien, Zoe", "Zoe O Brien", "zoe o´brien", "Zo\u00e9 OBRIEN\u200b", "\uff3aoe O-Brien"]
)
def test_a_guest_who_writes_her_name_in_another_way_is_the_same_person(dr_li, name):
    first = book_as_guest(slot_id(dr_li, TEN))
    again = Guest(name=name, email="zoe@example.test", birth_date=BORN)
    assert book_as_guest(slot_id(dr_li, chicago(12, 10)), again, browser="phone").patient == first.patient
    assert len(queries.records_of(record(dr_li.offerings.first().site, name=name))) == 2


@pytest.mark.parametrize(
    "other",
    [
        Guest(name="Zoe Brien", email="zoe@example.test", birth_date=BORN),
        Guest(name="Zoe OBrien", email="other@example.test", birth_date=BORN),
        Guest(name="Zoe OBrien", email="zoe@example.test", birth_date=date(1990, 3, 27)),
    ],
)
def test_a_guest_who_differs_in_one_of_the_three_is_somebody_else(dr_li, other):
    book_as_guest(slot_id(dr_li, TEN))
    book_as_guest(slot_id(dr_li, chicago(8, 13)), other, browser="phone")
    assert Patient.objects.count() == 2


def test_a_guest_is_not_in_two_places_at_two_sites_in_one_minute_and_a_stranger_does_not_learn_why(dr_li, dr_wu):
    book_as_guest(slot_id(dr_li, TEN))
    with pytest.raises(CallToBook) as refused:
        book_as_guest(slot_id(dr_wu, TEN, site="riverside"), ZOE_AGAIN, browser="phone")
    assert refused.value.facts == {}


def test_a_guest_meets_the_limit_of_the_week_from_whichever_browser(dr_li):
    for number, day in enumerate((12, 13)):
        book_as_guest(slot_id(dr_li, chicago(day, 10)), browser=f"browser {number}")
    with pytest.raises(CallToBook):
        book_as_guest(slot_id(dr_li, chicago(14, 10)), ZOE_AGAIN, browser="another")
    book_as_guest(slot_id(dr_li, chicago(19, 10)), ZOE_AGAIN, browser="another")


def test_a_patient_with_an_account_is_counted_with_the_visits_she_booked_as_a_guest(dr_li, dr_wu, lakeside):
    mine = record(lakeside)
    for day in (12, 13, 19):
        book_as_guest(slot_id(dr_li, chicago(day, 10)))
    with pytest.raises(TooManyThisWeek):
        make_visit(mine, slot_id(dr_li, chicago(14, 10)))
    with pytest.raises(PatientBusy):
        make_visit(mine, slot_id(dr_wu, chicago(19, 10), site="riverside"))
    assert Patient.objects.count() == 2  # the desk merges them


def test_a_visit_does_not_move_or_come_back_to_a_time_when_the_person_is_elsewhere(dr_li, dr_wu, lakeside):
    mine = record(lakeside)
    moved = make_visit(mine, slot_id(dr_li, chicago(13, 10)))
    cancelled = make_visit(mine, slot_id(dr_li, chicago(8, 10, 45)), Status.CANCELLED)
    book_as_guest(slot_id(dr_wu, TEN, site="riverside"))
    before = dump()
    with pytest.raises(PatientBusy):
        appointments.move(
            moved.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=read_slot(slot_id(dr_li, chicago(8, 9, 30)))
        )
    with pytest.raises(PatientBusy):
        appointments.move(cancelled.public_id, Move.UNDO, by=SYSTEM, at=AT)
    assert changed(before, dump()) == []


def test_a_cancelled_visit_is_no_longer_in_the_person_s_way(dr_li, dr_wu):
    visit = book_as_guest(slot_id(dr_li, TEN))
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.PATIENT)
    book_as_guest(slot_id(dr_wu, TEN, site="riverside"), browser="phone")


def test_a_family_with_one_address_are_several_people(dr_li, lakeside):
    book_as_guest(slot_id(dr_li, TEN))
    book_as_guest(slot_id(dr_li, TEN + DAY), Guest(name="Max OBrien", email="zoe@example.test", birth_date=BORN))
    assert {len(queries.records_of(patient)) for patient in Patient.objects.all()} == {1}


def test_a_person_who_changes_her_name_is_found_by_the_new_one(dr_li, lakeside):
    mine = record(lakeside, name="Zoe Miller")
    patients.change(mine, by=SYSTEM, at=AT, name="Zoë O'Brien")
    book_as_guest(slot_id(dr_li, TEN))
    assert len(queries.records_of(Patient.objects.get(pk=mine.pk))) == 2
    assert Appointment.objects.get().patient_id != mine.pk


def by_link(visit):
    return links.principal_of(links.link_of(links.issue(visit, at=AT)))


def test_a_cancel_is_not_taken_back_beyond_the_limit_of_the_week(dr_li, lakeside):
    mine, called_off = record(lakeside), []
    for day in (12, 13, 14):
        called_off.append(make_visit(mine, slot_id(dr_li, chicago(day, 10))))
        appointments.move(
            called_off[-1].public_id, Move.CANCEL, by=by_link(called_off[-1]), at=AT, reason=CancelReason.PATIENT
        )
    for visit in called_off[:2]:
        appointments.move(visit.public_id, Move.UNDO, by=by_link(visit), at=AT)
    before = dump()
    with pytest.raises(CallToUndo) as refused:
        appointments.move(called_off[2].public_id, Move.UNDO, by=by_link(called_off[2]), at=AT)
    assert (refused.value.facts, changed(before, dump())) == ({}, [])
    appointments.move(called_off[2].public_id, Move.UNDO, by=SYSTEM, at=AT)  # staff see what they do


def test_an_address_that_nobody_verified_gets_no_second_visit_by_taking_a_cancel_back(dr_li):
    first = book_as_guest(slot_id(dr_li, chicago(12, 10)))
    appointments.move(first.public_id, Move.CANCEL, by=by_link(first), at=AT, reason=CancelReason.PATIENT)
    instead = book_as_guest(slot_id(dr_li, chicago(19, 10)), browser="phone")
    assert instead.status == Status.BOOKED
    with pytest.raises(CallToUndo):
        appointments.move(first.public_id, Move.UNDO, by=by_link(first), at=AT)
    appointments.move(instead.public_id, Move.CANCEL, by=by_link(instead), at=AT, reason=CancelReason.PATIENT)
    assert appointments.move(first.public_id, Move.UNDO, by=by_link(first), at=AT).status == Status.BOOKED


def test_a_visit_that_waited_in_vain_is_in_nobody_s_way_though_nobody_has_tidied_up(dr_li, dr_wu, lakeside):
    book_as_guest(slot_id(dr_li, chicago(12, 10)))
    slot = slot_id(dr_li, chicago(13, 10))
    lapsed = book_as_guest(slot)
    later = AT + booking_policy(lakeside.pk, at=AT).code_wait
    assert scheduler.explain(read_slot(slot), at=later).free
    again = book_as_guest(slot, at=later)
    lapsed.refresh_from_db()
    assert (again.status, lapsed.status) == (Status.PROPOSED, Status.CANCELLED)
    assert lapsed.cancel_reason == CancelReason.EXPIRED
    appointments.move(again.public_id, Move.APPROVE, by=SYSTEM, at=later)
    assert sheet_drift() == []


def test_a_visit_that_waited_in_vain_on_one_record_leaves_the_person_s_other_record_free(dr_li, dr_wu, lakeside):
    mine, other = record(lakeside), record(lakeside)
    for day in (12, 13):
        make_visit(mine, slot_id(dr_li, chicago(day, 10)), Status.PROPOSED)
    there = slot_id(dr_wu, chicago(13, 10), site="riverside")
    with pytest.raises(TooManyThisWeek):
        make_visit(other, there)
    assert make_visit(other, there, at=AT + 2 * DAY).status == Status.BOOKED


def test_a_visit_moves_to_where_one_waited_in_vain(dr_li, lakeside):
    mine = record(lakeside)
    make_visit(mine, slot_id(dr_li, chicago(13, 10)), Status.PROPOSED)
    moved = make_visit(mine, slot_id(dr_li, chicago(14, 10)))
    there = slot_id(dr_li, chicago(13, 10))
    assert (
        appointments.move(moved.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT + 2 * DAY, slot=read_slot(there)).slot
        == there
    )


LOCKS = re.compile(r"FOR (NO KEY )?UPDATE")


def locked_on_the_way_past_a_request_that_ran_out(dr_li, dr_wu, lakeside):
    """Let Zoe be booked though a request of hers ran out; return what is locked of sheets and people, in order."""
    mine = record(lakeside)
    make_visit(mine, slot_id(dr_li, chicago(13, 10)), Status.PROPOSED)
    with CaptureQueriesContext(connection) as queries:
        make_visit(mine, slot_id(dr_wu, chicago(14, 10), site="riverside"), at=AT + 2 * DAY)
    locking = [q["sql"] for q in queries if LOCKS.search(q["sql"])]
    found = [re.search(r"booking_patient|scheduler_weeksheet", sql) for sql in locking]
    return [one[0] for one in found if one]


def test_whoever_books_past_a_request_that_ran_out_locks_the_person_before_the_sheets(dr_li, dr_wu, lakeside):
    locked = locked_on_the_way_past_a_request_that_ran_out(dr_li, dr_wu, lakeside)
    assert locked == ["booking_patient", "scheduler_weeksheet"]


def test_twin_if_the_request_gave_its_time_back_itself_the_sheets_would_be_locked_first(
    dr_li, dr_wu, lakeside, monkeypatch
):
    monkeypatch.setitem(move_effects.EFFECTS, Move.EXPIRE, move_effects.decline)
    assert locked_on_the_way_past_a_request_that_ran_out(dr_li, dr_wu, lakeside)[0] == "scheduler_weeksheet"


def test_a_record_that_an_older_release_wrote_while_a_newer_one_started_is_the_person_s_too(dr_li):
    for day in (12, 13):
        book_as_guest(slot_id(dr_li, chicago(day, 10)))
    Patient.objects.update(folded_name=RawSQL("''", []), search_words=None)
    with pytest.raises(CallToBook):
        book_as_guest(slot_id(dr_li, chicago(14, 10)), ZOE_AGAIN, browser="phone")
    assert book_as_guest(slot_id(dr_li, chicago(19, 10)), ZOE_AGAIN, browser="phone").patient == Patient.objects.get()
    tidying.tidy(at=AT)
    assert Patient.objects.get().folded_name == "zoe obrien"
    assert patient_search.search(Patient.objects.all(), "O'Brien, Zoe").get().contacts.get().search_words
