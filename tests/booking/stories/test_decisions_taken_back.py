"""Carol takes back what she decided about answers: an approval on its day, and what need not be looked at again."""

import re

import pytest
import time_machine

from booking.models import Appointment, CallTask, Clearance
from booking.status import Move, Status
from tests.booking.stories.test_reviews_before_booking import PAGE, TEN, book, clinician, press, text_of
from tests.factories.booking import DAY, HOUR, MINUTE
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def carol(lakeside, clock):
    """A clinician's browser, where the shipped rules are asked."""
    adopt_suitability(site=lakeside)
    return clinician("carol", lakeside, first_name="Carol", last_name="Diaz")


@pytest.fixture
def visit(carol, alice, dr_li):
    """What Alice asks for, who takes a blood thinner."""
    return book(alice, dr_li)


def test_carol_takes_a_clearance_back_and_what_was_booked_by_it_is_looked_at_again(carol, visit, alice, dr_li, clock):
    clock.shift(60)
    press(carol, visit, "clear", scope="all", ends_on="")
    at_once = book(alice, dr_li, TEN + DAY, at=AT + 2 * MINUTE)
    assert at_once.status == Status.BOOKED
    page = text_of(carol.get(PAGE))
    assert "blood thinner (for example warfarin, heparin, apixaban): not looked at again for every kind of" in page
    assert re.search(r"until [^.]*January 3, 2027\. Given by Carol Diaz, [^.]*October 5, 2026\.", page)
    clock.shift(120)
    for _twice in range(2):
        assert press(carol, visit, "clearance-out", clearance=str(Clearance.objects.get().public_id)).status_code == 302
    given = Clearance.objects.get()
    assert (given.withdrawn_at, given.withdrawn_by[:5]) == (AT + 3 * MINUTE, "user:")
    assert [call.appointment_id for call in CallTask.objects.filter(done_at=None)] == [at_once.pk]
    assert "not looked at again for every" not in text_of(carol.get(PAGE))
    assert book(alice, dr_li, TEN + 7 * DAY, at=AT + 4 * MINUTE).status == Status.PROPOSED


def test_what_is_cleared_stands_on_their_card_and_on_nobody_elses(carol, visit, ben, dr_li):
    Clearance.objects.create(patient=visit.patient, rule="R16", given_at=AT, given_by="user:7", ends_on=AT.date() + DAY)
    book(ben, dr_li, TEN + 3 * HOUR)
    cards = carol.get(PAGE).content.decode().split("<section")[1:]
    assert [("clearance-out" in card) for card in cards] == [True, False]
    theirs = str(Clearance.objects.get().public_id)
    other = Appointment.objects.exclude(pk=visit.pk).get()
    assert press(carol, other, "clearance-out", clearance=theirs).status_code == 404
    assert Clearance.objects.get().withdrawn_at is None


def test_carol_takes_an_approval_back_on_its_day_and_a_second_press_does_nothing_more(carol, visit, clock, lakeside):
    done = press(carol, visit, "approve")
    page = text_of(carol.get(done["Location"]))
    assert "Alice Adams is booked. They hear so by e-mail. Until tonight you can take it back here." in page
    assert re.search("Approved today .* Alice Adams , [^.]*October 12, 2026[^.]*. Approved by Carol Diaz", page)
    for _twice in range(2):
        back = press(carol, visit, "take-back")
        assert back.status_code == 302
    assert "The request of Alice Adams is to be looked at again." in text_of(carol.get(back["Location"]))
    assert "Approved today" not in text_of(carol.get(PAGE))
    visit.refresh_from_db()
    assert (visit.status, visit.changes.filter(move=Move.UNDO).count()) == (Status.PROPOSED, 1)
    press(carol, visit, "approve")
    clock.shift(DAY.total_seconds())
    assert "Approved today" not in text_of(clinician("cora", lakeside).get(PAGE))
