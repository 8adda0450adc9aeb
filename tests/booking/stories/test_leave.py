"""Dr Li asks for leave and sees what it touches; Dana sees the same, and enters it or says why not."""

import re

import pytest
import time_machine
from django.test import Client

from booking.models import CalendarEdit, LeaveRequest
from scheduler.models import Absence
from tests.booking.impact_pages import form_of
from tests.booking.pages.walk import text_of
from tests.factories.booking import DAY, chicago, make_visit, slot_id
from tests.factories.scheduler import AT

PAGE, DECIDED = "/desk/my-day/leave/", "/desk/absences/"
ASKED = {"first": "2026-10-06", "last": "2026-10-07"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(alice, dr_li):
    """Alice's appointment of Tuesday at ten."""
    return make_visit(alice.record, slot_id(dr_li, chicago(6, 10)), at=AT)


@pytest.fixture
def li(visit, dr_li):
    client = Client()
    client.force_login(dr_li.user)
    return client


@pytest.fixture
def desk(dana):
    client = Client()
    client.force_login(dana.user)
    return client


def test_what_leave_touches_is_seen_before_it_is_asked_for(li):
    page = text_of(li.get(PAGE, {"first": "10/6/2026", "last": "10/7/2026"}))
    assert "Tuesday, October 6 to Wednesday, October 7: 1 appointment" in page
    assert "Alice Adams" in page
    assert "0 appointments" in text_of(li.get(PAGE, {"first": "10/8/2026"}))
    wrong = li.get(PAGE, {"first": "10/8/2026", "last": "10/7/2026"})
    assert (wrong.status_code, "The last day is before the first one" in text_of(wrong)) == (422, True)
    assert li.get(PAGE, {"first": "some day"}).status_code == 422
    assert "October 6, 2026 to Wednesday" not in page
    assert "Saturday, January 1, 2028" in text_of(li.get(PAGE, {"first": "10/8/2026", "last": "1/1/2028"}))
    assert "Type the first day that you are away" in text_of(li.get(PAGE, {"first": "", "last": ""}))
    over = li.get(PAGE, {"first": "10/1/2026"})
    assert ("These days are over" in text_of(over), "Ask for this leave" in text_of(over)) == (True, False)
    assert not LeaveRequest.objects.exists()


@pytest.mark.parametrize("meanwhile", ["declined", "taken back"])
def test_what_was_declined_or_taken_back_meanwhile_is_not_entered_and_that_is_told(li, desk, meanwhile):
    li.post(f"{PAGE}ask/", ASKED)
    asked = LeaveRequest.objects.get().public_id
    (settle,) = re.findall(r'href="(/desk/away/[^"]+first=[^"]+)"', desk.get(DECIDED).content.decode())
    settle = settle.replace("&amp;", "&")
    opened = desk.get(settle)
    if meanwhile == "declined":
        desk.post(f"{DECIDED}leave/{asked}/decline/", {"because": "Too many are away"})
    else:
        assert "It is taken back: nobody decides about it any more." in text_of(
            li.post(f"{PAGE}{asked}/take-back/", follow=True)
        )
    pressed, how = desk.post(settle, form_of(opened), follow=True), meanwhile == "declined"
    said = text_of(pressed).replace("\xa0", " ")
    assert "Nothing was entered. " in said
    assert ("declined this leave, Monday, October 5" in said, "Too many are away." in said) == (how, how)
    assert ("took this request for leave back, Monday, October 5" in said) is not how
    assert not Absence.objects.exists()


def test_leave_that_another_scheduler_entered_meanwhile_is_not_entered_twice(li, desk):
    li.post(f"{PAGE}ask/", ASKED)
    (settle,) = re.findall(r'href="(/desk/away/[^"]+first=[^"]+)"', desk.get(DECIDED).content.decode())
    settle = settle.replace("&amp;", "&")
    first, second = desk.get(settle), desk.get(settle)
    assert "is away" in text_of(desk.post(settle, form_of(first), follow=True))
    pressed = desk.post(settle, form_of(second), follow=True)
    entered = "Nothing was entered. Somebody entered this leave meanwhile: it stands in the calendar."
    assert entered in text_of(pressed)
    opened_late = desk.get(settle, follow=True)
    assert entered in text_of(opened_late)
    assert (Absence.objects.count(), CalendarEdit.objects.count()) == (1, 1)
    desk.post(f"/desk/away/{CalendarEdit.objects.get().public_id}/undo/")
    assert "Waits for a decision" in text_of(li.get(PAGE))
    again = desk.get(settle)
    assert "is away" in text_of(desk.post(settle, form_of(again), follow=True)), "what was taken back is decided anew"


def test_dana_is_led_from_what_is_to_do_to_what_it_does_and_li_reads_that_it_is_entered(li, desk, visit):
    assert li.post(f"{PAGE}ask/", ASKED).status_code == 302
    assert "Waits for a decision" in text_of(li.get(PAGE))
    twice = li.post(f"{PAGE}ask/", {"first": "2026-10-07"})
    assert (twice.status_code, LeaveRequest.objects.count()) == (409, 1)
    assert "Leave that is asked for" in text_of(desk.get("/desk/to-do/"))
    page = desk.get(DECIDED)
    assert "Li, Tuesday, October 6 to Wednesday, October 7 1 appointment" in text_of(page)
    assert page.content.decode().count('hidden">, Dr Li, Tuesday, October 6 to Wednesday, October 7</span>') == 2
    settle = re.search(r'href="(/desk/away/[^"]+first=[^"]+)"', page.content.decode())[1].replace("&amp;", "&")
    assert "Alice Adams" in text_of(desk.get(settle))
    Absence.objects.create(practitioner=visit.practitioner, period=(chicago(6, 0), chicago(8, 0)))
    assert "It stands in your calendar" in text_of(li.get(PAGE))
    assert "October 7: It stands in your calendar." in text_of(li.get("/desk/my-day/"))
    assert "Leave that is asked for" not in text_of(desk.get("/desk/to-do/")) + text_of(desk.get(DECIDED))


def test_what_is_declined_says_why_and_nobody_decides_twice(li, desk):
    li.post(f"{PAGE}ask/", ASKED)
    row = LeaveRequest.objects.get()
    where = f"{DECIDED}leave/{row.public_id}/decline/"
    assert desk.post(where, {"because": " "}).status_code == 422
    assert "It is declined" in text_of(desk.post(where, {"because": "Dr Kim is away then"}))
    assert "Declined: Dr Kim is away then" in text_of(li.get(PAGE))
    told = "The leave that you asked for, Tuesday, October 6 to Wednesday, October 7: Declined: Dr Kim is away then."
    assert told in text_of(li.get("/desk/my-day/")), "where their day begins"
    assert desk.post(f"{PAGE}{row.public_id}/read/").status_code == 403
    assert told not in text_of(li.post(f"{PAGE}{row.public_id}/read/", follow=True))
    assert desk.post(where, {"because": "Again"}).status_code == 409
    assert li.post(f"{PAGE}{row.public_id}/take-back/").status_code == 409
    li.post(f"{PAGE}ask/", ASKED)
    second = LeaveRequest.objects.get(ended_at=None)
    assert li.post(f"{PAGE}{second.public_id}/take-back/").status_code == 302
    assert "Leave that is asked for" not in text_of(desk.get(DECIDED))
    li.post(f"{PAGE}ask/", ASKED)
    third = LeaveRequest.objects.get(ended_at=None)
    assert desk.post(f"{PAGE}{third.public_id}/take-back/").status_code == 403
    assert li.post(f"{DECIDED}leave/{third.public_id}/decline/", {"because": "Mine"}).status_code == 403


def test_leave_that_is_over_is_not_asked_for(li):
    past = (AT - 2 * DAY).date().isoformat()
    assert li.post(f"{PAGE}ask/", {"first": past}).status_code == 422
    assert li.post(f"{PAGE}ask/", {"first": "2026-10-06", "last": "2028-10-06"}).status_code == 422


def test_what_was_declined_by_mistake_is_taken_back_until_tonight_and_decided_again(li, desk, dana, clock):
    li.post(f"{PAGE}ask/", ASKED)
    row = LeaveRequest.objects.get()
    where = f"{DECIDED}leave/{row.public_id}/"
    assert desk.post(f"{where}take-back/").status_code == 409
    desk.post(f"{where}decline/", {"because": "We are short of hands. Please ask for another day."})
    assert "another day.." not in text_of(li.get("/desk/my-day/"))
    assert "another day." in text_of(li.get("/desk/my-day/"))
    page = text_of(desk.get(DECIDED))
    assert "Dr Li , Tuesday, October 6 to Wednesday, October 7: declined" in page, page
    assert "it is to be decided again" in text_of(desk.post(f"{where}take-back/"))
    assert "Waits for a decision" in text_of(li.get(PAGE))
    assert "Leave that is asked for" in text_of(desk.get("/desk/to-do/"))
    desk.post(f"{where}decline/", {"because": "Dr Kim is away then"})
    li.post(f"{PAGE}ask/", {"first": "2026-10-07"})  # asked anew: the one of before is over
    assert desk.post(f"{where}take-back/").status_code == 409
    LeaveRequest.objects.exclude(pk=row.pk).delete()
    clock.shift(DAY)
    desk.force_login(dana.user)
    assert desk.post(f"{where}take-back/").status_code == 409
    row.refresh_from_db()
    assert row.declined_because


def test_from_leave_that_is_entered_dana_is_led_on_to_the_other_requests(li, desk):
    for days in (ASKED, {"first": "2026-10-20"}):
        li.post(f"{PAGE}ask/", days)
    settle = re.findall(r'href="(/desk/away/[^"]+first=[^"]+)"', desk.get(DECIDED).content.decode())
    first, second = (one.replace("&amp;", "&") for one in settle)
    on = desk.post(first, form_of(desk.get(first)), follow=True)
    assert on.request["PATH_INFO"] == DECIDED
    assert "Tuesday, October 20" in text_of(on)
    last = desk.post(second, form_of(desk.get(second)), follow=True)
    assert last.request["PATH_INFO"] == "/desk/away/"


def test_days_that_are_in_the_calendar_already_leave_nothing_to_take_back(li, desk, visit):
    days = f"/desk/away/?who={visit.practitioner.public_id}&first=2026-10-20&last=2026-10-20"
    for _press in range(2):
        said = text_of(desk.post(days, form_of(desk.get(days)), follow=True))
    assert said.count("Take back") == 1
