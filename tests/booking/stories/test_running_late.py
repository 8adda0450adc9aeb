"""Somebody is late: the desk reads what to do, does it with one press, and nobody is barred."""

import pytest
import time_machine
from django.core import mail
from django.test import Client

from booking.models import Appointment, ContactPoint
from booking.status import Status
from booking.web.desk.appointments.length_choices import LengthChoices
from core.models import Site
from core.roles import Role
from notifications.channels.mail import compose
from proof.checker.visits import misfits
from scheduler.models import Offering
from scheduler.public import lengths
from tests.booking.pages.reviewing import send
from tests.booking.pages.walk import hidden_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import chicago, make_visit, slot_id

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


def test_what_who_treats_gives_no_more_stands_beside_the_others_and_leads_to_another_time(dana, visits, dr_li):
    Offering.objects.filter(practitioner=dr_li).delete()
    told = page(dana, f"t-{dr_li.public_id}", 138)
    assert "Alice" in told
    assert "Ben" in told
    assert "it is not given any more. Find another time with them." in told
    assert dana.get(f"/desk/appointments/{visits[0].public_id}/").status_code == 200


def row_of(dana, visit, minutes):
    (row,) = dana.get(LATE, {"who": f"a-{visit.public_id}", "minutes": minutes}).context["rows"]
    return row


def test_where_what_is_left_is_too_little_dana_reads_why_and_finds_another_time(dana, visits):
    for one in (row_of(dana, visits[0], minutes) for minutes in range(16, 40, 4)):
        assert bool(one.shorten) is ("it can be shorter" in one.words)
        assert bool(one.shorten) is not bool(one.move)
    words = row_of(dana, visits[0], 27).words.replace("\xa0", " ").replace("\u202f", " ")
    assert "from 10:30 AM on 45 minutes would be left until its planned end, and it takes 50 minutes at least" in words
    assert "Find another time with them. Nothing is counted against them." in words
    assert "nothing would be left until its planned end" in row_of(dana, visits[0], 90).words
    with time_machine.travel(chicago(6, 10, 7), tick=False):  # by now they are later than what is typed
        assert "About 7" in row_of(dana, visits[0], 2).words


@pytest.fixture
def followup(alice, dr_li):
    """An hour at two, of which fifty-five minutes are hands and rest."""
    return make_visit(alice.record, slot_id(dr_li, chicago(6, 14), visit="followup"))


@pytest.mark.parametrize(("minutes", "can_be_shorter"), [(10, False), (15, False), (16, True), (20, True), (25, False)])
def test_by_the_rules_as_they_come_an_hour_can_be_shorter_from_a_quarter_to_twenty_minutes_late(
    dana, followup, minutes, can_be_shorter
):
    row = row_of(dana, followup, minutes)
    assert bool(row.shorten) is can_be_shorter
    assert ("nothing changes" in row.words) is (minutes <= 15)
    if can_be_shorter:
        assert "Retention takes 10 minutes then, and not 30." in row.words.replace("\xa0", " ")


def test_twin_when_each_part_keeps_its_share_an_hour_is_never_shorter(dana, followup, monkeypatch):
    monkeypatch.setattr(lengths, "least", lambda minutes, _who, *, percent: -(-minutes * percent // 100))
    assert not any(row_of(dana, followup, minutes).shorten for minutes in range(10, 30))


def test_where_somebody_else_is_treated_then_dana_reads_who_and_finds_another_time(dana, followup, ben, dr_li):
    # While Alice would have rested: her needles would be placed when Ben's are.
    other = make_visit(ben.record, slot_id(dr_li, chicago(6, 14, 25), visit="followup"))
    row = row_of(dana, followup, 20)
    assert (row.shorten, bool(row.move)) == ("", True)
    assert "it could be shorter, but not everything is free then" in row.words
    assert other.patient.name in row.words
    assert "Find another time with them." in row.words


def test_twin_without_a_look_at_what_is_free_there_is_a_button_that_is_refused(dana, followup, ben, dr_li, monkeypatch):
    make_visit(ben.record, slot_id(dr_li, chicago(6, 14, 25), visit="followup"))
    monkeypatch.setattr(LengthChoices, "against", lambda *_segments, **_start: [])
    row = row_of(dana, followup, 20)
    pressed = dana.post(f"/desk/appointments/{row.id}/length/", {"seen": row.seen, "late": row.late})
    assert (bool(row.shorten), pressed.status_code) == (True, 409)


@pytest.fixture
def early(lakeside):
    """The site asks people to be there a quarter of an hour before."""
    Site.objects.filter(pk=lakeside.pk).update(arrive_early_minutes=15)


def newest_mail():
    send()
    return " ".join(mail.outbox[-1].body.split()).replace("\u202f", " ")


def shorten(dana, visit):
    row = row_of(dana, visit, 20)
    return dana.post(f"/desk/appointments/{row.id}/length/", {"seen": row.seen, "late": row.late})


def test_whoever_is_late_is_not_asked_to_be_early_and_is_again_when_that_is_undone(dana, followup, early):
    with time_machine.travel(chicago(6, 10), tick=False) as clock:
        assert "Please come at 1:45 PM, 15 minutes early." in newest_mail()
        shorten(dana, followup)
        clock.shift(3 * 60)
        told = newest_mail()
        assert "Now: Tuesday, October 6, 2026, 2:20 PM" in told
        assert "it takes until 3:00 PM" in told
        assert "minutes early" not in told
        where = f"/desk/appointments/{followup.public_id}/"
        dana.post(f"{where}undo/", hidden_on(dana.get(where)))
        clock.shift(3 * 60)
        assert "Please come at 1:45 PM, 15 minutes early." in newest_mail()


def test_twin_without_that_look_whoever_is_late_is_asked_to_be_early(dana, followup, early, monkeypatch):
    monkeypatch.setattr(compose, "_begins_later", lambda *_visit: False)
    with time_machine.travel(chicago(6, 10), tick=False) as clock:
        newest_mail()
        shorten(dana, followup)
        clock.shift(3 * 60)
        assert "Please come at 2:05 PM, 15 minutes early." in newest_mail()
