"""Dana moves an appointment and reads what became of it: where to, who hears of it, and what she did already."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from booking.actions import appointments, practitioner_changes
from booking.models import Appointment, Change
from booking.status import Move
from booking.web.slot_ids import opened, sealed
from core.roles import Role
from scheduler.public import SlotKey
from tests.booking.pages.reviewing import send
from tests.booking.pages.walk import hidden_on, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM, chicago, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(alice, dr_li):
    """Alice's appointment of Tuesday."""
    return make_visit(alice.record, slot_id(dr_li, chicago(6, 10)))


@pytest.fixture
def dana(lakeside):
    return sign_in(Client(), "dana", Role.SCHEDULER, lakeside)


def move_page(visit):
    return reverse("desk-appointment-move", args=[visit.public_id])


def words(response):
    return text_of(response).replace("\u202f", " ")


def test_from_a_stale_page_she_reads_what_she_did_herself_and_from_when_to_when(dana, visit, dr_li):
    stale = hidden_on(dana.get(move_page(visit)))["seen"]
    for day, status in ((8, 302), (12, 409)):
        sent = dana.post(move_page(visit), {"seen": stale, "slot": sealed(slot_id(dr_li, chicago(day, 10)))})
        assert sent.status_code == status
    told = words(sent)
    assert "Nothing of yours was done: look at it as it is now." in told
    assert "From Tuesday, October 6, 2026, 10:00 AM, Dr Li, to Thursday, October 8" in told
    assert Appointment.objects.get().period.lower == chicago(8, 10)


def test_another_place_is_named_and_nobody_is_said_to_be_written_to(dana, visit):
    page = dana.get(move_page(visit))
    place = page.context["times"].other_places[0]
    sent = {"seen": hidden_on(page)["seen"], "slot": page.context["times"].own_slot, "place": place.public_id}
    told = words(dana.get(dana.post(move_page(visit), sent)["Location"]))
    assert f"with Dr Li, {Appointment.objects.get().place}." in told
    assert "Nobody is written to" in told
    assert "They hear so by e-mail" not in told


def test_a_place_that_stays_as_it_was_is_not_said_to_be_another_from_now_on(dana, visit, dr_li):
    seen, slot = hidden_on(dana.get(move_page(visit)))["seen"], sealed(slot_id(dr_li, chicago(8, 10)))
    told = dana.post(move_page(visit), {"seen": seen, "slot": slot, "place": visit.place.public_id}, follow=True)
    assert Change.objects.latest("pk").facts["place"] == {"from": visit.place_id, "to": visit.place_id}
    assert "from now on" not in words(told)


def test_what_it_is_at_already_has_no_reason_of_the_time_against_it(dana, visit, dr_li):
    page = dana.get(move_page(visit))
    same = dana.post(move_page(visit), {"seen": hidden_on(page)["seen"], "slot": sealed(visit.slot)})
    assert same.status_code == 409
    assert same.context["conflict"].reasons == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("10/4", "This day is over. Choose one that is still to come."),
        ("10/4/2026", "This day is over. Choose one that is still to come."),
        ("12/3/2031", "This day is too far ahead. Is the year right?"),
        ("2/30", "Type a month and a day"),
    ],
)
def test_a_day_on_which_nothing_can_be_is_said_above_and_in_the_title(dana, visit, typed, said):
    page = dana.get(move_page(visit), {"start": typed})
    assert said in text_of(page)
    assert "There is a problem" in text_of(page)
    assert "<title>Error: " in page.content.decode()


def test_where_nothing_is_free_from_a_day_on_it_is_that_day_that_is_named(dana, visit):
    page = dana.get(move_page(visit), {"start": "4/25/2027"})
    assert "in the three months from Sunday, April 25, 2027 on" in text_of(page), text_of(page)
    first = slots_on(dana.get(move_page(visit), {"start": "10/8"}))[0]
    assert SlotKey.decode(opened(first)).start >= chicago(8, 0)


def test_whoever_declined_takes_it_back_and_who_has_no_phone_is_not_told_of_a_call(alice, visit, kim, mailoutbox):
    send()
    slot = read_slot(slot_id(kim, chicago(6, 10)))
    appointments.move(visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=slot)
    token = mailoutbox[0].body.partition("/m/")[2].split("/")[0].split()[0]
    page = reverse("manage-other-practitioner", args=[token])
    alice.record.contacts.filter(system="phone").delete()
    browser, named = Client(), {"practitioner": str(kim.public_id)}
    assert "we write to you and look for somebody else" in text_of(browser.get(page))
    said = text_of(browser.post(page, named, follow=True))
    assert "We write to you by e-mail within one business day" in said
    assert "We call you" not in said
    assert practitioner_changes.has_declined(visit)
    for _press in range(2):
        assert "I would rather see somebody else" in text_of(browser.post(page, {"act": "take-back"}, follow=True))
    assert not practitioner_changes.has_declined(visit)
    browser.post(page, named)
    assert practitioner_changes.has_declined(visit), "and may say so once more"
