"""Somebody is late, or does not come again and again: the desk reads what to do, and nobody is barred."""

import pytest
import time_machine
from django.test import Client

from booking.actions import appointments, calls
from booking.models import Appointment, CallReason, CallTask, ContactPoint
from booking.status import Move, Status
from core.roles import Role
from proof.checker.visits import misfits
from tests.booking.pages.walk import hidden_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, chicago, make_visit, slot_id

LATE = "/desk/late/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def visits(alice, ben, dr_li):
    """Alice comes at ten on Tuesday, Ben at twelve."""
    first, second = (
        make_visit(alice.record, slot_id(dr_li, chicago(6, 10))),
        make_visit(ben.record, slot_id(dr_li, chicago(6, 12))),
    )
    ContactPoint.objects.create(patient=alice.record, system="phone", value="+13125550142", rank=1)
    return first, second


@pytest.fixture
def dana(lakeside):
    with time_machine.travel(chicago(6, 9, 55), tick=False):
        yield sign_in(Client(), "dana", Role.SCHEDULER, lakeside)


def page(dana, who, minutes):
    return text_of(dana.get(LATE, {"who": who, "minutes": minutes}))


def test_a_patient_who_is_late_comes_is_treated_for_less_or_another_day(dana, visits):
    alice = f"a-{visits[0].public_id}"
    assert "About 10\xa0minutes late: nothing changes." in page(dana, alice, 10).replace(" minutes", "\xa0minutes")
    assert "it can be shorter" in page(dana, alice, 20)
    told = page(dana, alice, 50)
    assert "Nothing is counted against them." in told
    assert "(312) 555-0142" in told
    assert "12:00" not in told.partition("Whom it touches today")[2]


def test_who_treats_is_late_and_those_whom_it_touches_are_named(dana, visits, dr_li):
    told = page(dana, f"t-{dr_li.public_id}", 30).partition("Whom it touches today")[2]
    assert "Alice" in told
    assert "Ben" not in told
    assert "nothing changes" in page(dana, f"t-{dr_li.public_id}", 10)
    assert "Ben" in page(dana, f"t-{dr_li.public_id}", 150).partition("Whom it touches today")[2]


def test_whoever_is_being_treated_is_not_touched(dana, visits, dr_li):
    Appointment.objects.filter(pk=visits[0].pk).update(status=Status.CHECKED_IN)
    with time_machine.travel(chicago(6, 10, 5), tick=False):
        told = page(dana, f"t-{dr_li.public_id}", 30).partition("Whom it touches today")[2]
    assert "Alice" not in told
    assert "Ben" in told


def test_it_is_noted_for_colleagues_with_one_press(dana, visits):
    shown = dana.get(LATE, {"who": f"a-{visits[0].public_id}", "minutes": 20})
    row = shown.context["rows"][0]
    dana.post(f"/desk/appointments/{row.id}/note/", {"seen": row.seen, "note": row.note})
    assert "20" in Appointment.objects.get(pk=visits[0].pk).note


def test_alice_who_is_late_is_treated_for_what_is_left_with_one_press_and_as_planned_with_an_undo(dana, visits):
    shown = dana.get(LATE, {"who": f"a-{visits[0].public_id}", "minutes": 18})
    (row,) = shown.context["rows"]
    assert row.shorten.replace("\u202f", " ").replace("\xa0", " ") == "Shorten it: from 10:20 AM on, 55 minutes"
    with time_machine.travel(chicago(6, 10, 5), tick=False):
        where = f"/desk/appointments/{row.id}/"
        assert dana.post(f"{where}length/", {"seen": row.seen, "late": row.late}).status_code == 302
        visit = Appointment.objects.get(pk=visits[0].pk)
        assert (visit.period.lower, visit.period.upper) == (chicago(6, 10, 20), visits[0].period.upper)
        assert list(misfits()) == []
        dana.post(f"{where}undo/", hidden_on(dana.get(where)))
    assert Appointment.objects.get(pk=visits[0].pk).period == visits[0].period
    assert dana.get(LATE, {"who": f"a-{visits[0].public_id}", "minutes": 50}).context["rows"][0].shorten == ""


def test_where_what_is_left_is_too_little_for_its_parts_dana_reads_why_and_finds_another_time(dana, visits):
    def row(minutes):
        return dana.get(LATE, {"who": f"a-{visits[0].public_id}", "minutes": minutes}).context["rows"][0]

    for one in (row(minutes) for minutes in range(16, 40, 4)):
        assert bool(one.shorten) is ("it can be shorter" in one.words)
        assert bool(one.shorten) is not bool(one.move)
    assert "would be left, and it takes" in row(24).words
    with time_machine.travel(chicago(6, 10, 7), tick=False):  # by now they are later than what is typed
        assert "About 7" in row(2).words


@pytest.fixture
def missed(alice, dr_li):
    """Alice has missed one appointment, and the next one is over by a quarter of an hour and more."""
    first, second = (make_visit(alice.record, slot_id(dr_li, chicago(day, 10))) for day in (6, 7))
    miss(first)
    return first, second


def miss(visit):
    return appointments.move(visit.public_id, Move.NO_SHOW, by=SYSTEM, at=visit.period.lower + 25 * MINUTE)


def to_ask():
    return list(
        CallTask.objects.filter(reason=CallReason.MISSED_IN_A_ROW, done_at=None).values_list("appointment", flat=True)
    )


def test_two_missed_in_a_row_are_a_call_about_what_is_in_the_way_and_no_bar(missed, alice, dr_li):
    assert to_ask() == []  # one is no pattern
    miss(missed[1])
    assert to_ask() == [missed[1].pk]
    calls.end_over(at=missed[1].period.upper + DAY)
    assert to_ask() == [missed[1].pk]  # it is talked about after it
    assert make_visit(alice.record, slot_id(dr_li, chicago(8, 10))).status == "booked"


def test_two_missed_in_a_row_are_seen_in_whichever_order_they_are_written_down(alice, dr_li):
    first, second, third = (make_visit(alice.record, slot_id(dr_li, chicago(day, 10))) for day in (6, 8, 13))
    appointments.move(second.public_id, Move.ARRIVE, by=SYSTEM, at=second.period.lower)
    miss(third)
    miss(first)
    assert to_ask() == []
    appointments.move(second.public_id, Move.UNDO, by=SYSTEM, at=second.period.lower)
    miss(second)
    assert to_ask() == [third.pk]


def test_who_came_in_between_is_not_called(missed, alice, dr_li):
    second = missed[1]
    appointments.move(second.public_id, Move.ARRIVE, by=SYSTEM, at=second.period.lower)
    miss(make_visit(alice.record, slot_id(dr_li, chicago(8, 10))))
    assert to_ask() == []


def test_who_comes_after_all_is_not_called(missed):
    miss(missed[1])
    appointments.move(missed[1].public_id, Move.UNDO, by=SYSTEM, at=missed[1].period.lower + HOUR)
    assert to_ask() == []
