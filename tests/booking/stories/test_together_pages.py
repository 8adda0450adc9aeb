"""Staff book several people who come together, see them as one, move them and take them apart again."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client

from booking.actions import appointments
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, FamilyLink, LinkedVisits
from booking.status import Move, Status
from booking.suitability.answers_by_link import ANSWERS_NEEDED
from booking.web.slot_ids import opened
from core.roles import Role
from scheduler.public import SlotKey
from tests.factories.booking import DAY, chicago, make_staff, make_visit, slot_id
from tests.factories.families import confirmed
from tests.factories.scheduler import AT, lay_out, make_practitioner

PAGE = "/desk/families/together/"
GONE = chicago(5, 13, 10)


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def dr_kim(lakeside):
    made = make_practitioner(lakeside, name="Dr Kim")
    lay_out()
    return made


@pytest.fixture
def desk(dana):
    browser = Client()
    browser.force_login(dana.user)
    return browser


@pytest.fixture
def pair(alice, ben, dr_li, dr_kim):
    return alice, ben


def asking(people, **said):
    return f"{PAGE}?" + urlencode([("person", str(one.record.public_id)) for one in people] + list(said.items()))


def text(response):
    return unescape(response.content.decode())


def buttons(page):
    return re.findall(r'<button name="set" value="([^"]+)">', page)


def hidden(page):
    """Return the fields that go with the buttons of a page."""
    form = page[page.index('action="/desk/families/together/book/') :]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[: form.index("</form>")]
    ):
        fields.setdefault(name, []).append(value)
    return fields


def press(desk, page, number=0):
    return desk.post(f"{PAGE}book/", hidden(page) | {"set": buttons(page)[number]}, follow=True)


def test_from_a_name_to_two_people_booked_together(desk, pair):
    alice, ben = pair
    found = text(desk.get(PAGE, {"find": "Alice Adams"}))
    assert f'name="person" value="{alice.record.public_id}"' in found
    one = text(desk.get(asking([alice], find="Ben Adams")))
    assert "Add one more person" in one
    assert f'name="person" value="{ben.record.public_id}"' in one
    page = text(desk.get(asking(pair, times="yes", relation="same-time", within="0")))
    assert re.search(r"Alice Adams: Dr \w+", page)
    done = press(desk, page)
    link = LinkedVisits.objects.get()
    assert done.redirect_chain == [(f"{PAGE}{link.public_id}/?site=lakeside", 302)]
    assert [one.patient for one in link.visits.order_by("pk")] == [alice.record, ben.record]
    assert {one.status for one in link.visits.all()} <= {Status.BOOKED, Status.PROPOSED}
    assert "Alice Adams" in text(done)
    assert "Ben Adams" in text(done)


def test_nobody_gets_another_therapy_than_was_chosen_for_them(desk, pair):
    alice, _ben = pair
    one = f"therapy-{alice.record.public_id}"
    gone = text(desk.get(asking(pair, times="yes", **{one: "cup_dry|first|"})))
    assert "Choose the therapy of Alice Adams again" in gone
    assert not buttons(gone)
    later = text(desk.get(asking(pair, times="yes", **{one: "acu_manual|first|"})))
    assert press(desk, later).status_code == 200
    again = text(desk.get(asking(pair, times="yes", **{one: "acu_manual|first|"})))
    assert 'value="acu_manual|followup|" selected' in again
    assert "Choose the therapy" not in again


def test_whoever_booked_people_together_finds_the_way_back_to_them(desk, pair):
    assert "Booked together, still to come" not in text(desk.get(PAGE))
    press(desk, text(desk.get(asking(pair, times="yes"))))
    page = text(desk.get(PAGE))
    link = LinkedVisits.objects.get()
    assert f"/desk/families/together/{link.public_id}/" in page
    assert "Alice Adams, Ben" in page


def test_the_same_press_twice_books_once(desk, pair):
    page = text(desk.get(asking(pair, times="yes")))
    assert [press(desk, page).status_code for _ in range(2)] == [200, 200]
    assert LinkedVisits.objects.count() == 1


def test_a_time_that_has_gone_is_said_so_with_the_nearest_beside_it(desk, pair, mallory, dr_li):
    page = text(desk.get(asking(pair, times="yes", within="0")))
    make_visit(mallory.record, slot_id(dr_li, GONE, visit="first"))
    number = next(n for n, one in enumerate(buttons(page)) if SlotKey.decode(opened(one.split()[0])).start == GONE)
    refused = press(desk, page, number)
    assert refused.status_code == 409
    assert "Nothing was booked. These times are not free together." in text(refused)
    assert LinkedVisits.objects.count() == 0
    assert press(desk, text(refused)).status_code == 200
    assert LinkedVisits.objects.count() == 1


def test_they_are_moved_taken_apart_and_linked_again(desk, pair):
    done = press(desk, text(desk.get(asking(pair, times="yes"))), number=3)
    link = LinkedVisits.objects.get()
    before = [one.period.lower for one in link.visits.order_by("pk")]
    page = text(desk.get(PAGE, {"move": str(link.public_id), "times": "yes"}))
    assert "Undo the last move" not in text(done)
    moved = text(press(desk, page, number=1))
    assert "All of them are moved." in moved
    assert "Undo the last move" in moved
    assert [one.period.lower for one in link.visits.order_by("pk")] != before
    assert desk.post(f"{PAGE}{link.public_id}/undo/", follow=True).status_code == 200
    assert [one.period.lower for one in link.visits.order_by("pk")] == before
    first = link.visits.order_by("pk")[0]
    apart = desk.post(f"{PAGE}{link.public_id}/unlink/", {"appointment": str(first.public_id)}, follow=True)
    assert "stand by themselves now" in text(apart)
    desk.post(f"{PAGE}{link.public_id}/undo/")
    assert link.visits.count() == 2
    assert done.status_code == 200


def test_of_two_of_whom_one_has_cancelled_nobody_moves_together_any_more(desk, pair):
    press(desk, text(desk.get(asking(pair, times="yes"))))
    link = LinkedVisits.objects.get()
    assert "Move all of them" in text(desk.get(f"{PAGE}{link.public_id}/"))
    one = link.visits.order_by("pk")[0]
    appointments.move(one.public_id, Move.CANCEL, by=pair[0].principal, at=AT, reason=CancelReason.PATIENT)
    assert "Move all of them" not in text(desk.get(f"{PAGE}{link.public_id}/"))
    assert "still to come" not in text(desk.get(PAGE))


def test_the_list_at_the_door_says_with_whom_somebody_comes_to_staff_and_nobody_else(desk, pair):
    page = text(desk.get(asking(pair, times="yes", within="0")))
    press(desk, page)
    visit = Appointment.objects.get(patient=pair[0].record)
    day = visit.period.lower.date().isoformat()
    assert "Together with Ben Adams" in text(desk.get(f"/desk/arrivals/?day={day}"))


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.CLINICIAN, Role.AUDITOR])
def test_who_may_not_book_together_opens_no_such_page(role, lakeside, pair):
    browser = Client()
    browser.force_login(make_staff("other", role, site=lakeside).user)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(f"{PAGE}book/").status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        {"person": "nobody"}, {"person": "00000000-0000-0000-0000-000000000000"}, {"move": "x"},
        {"move": "00000000-0000-0000-0000-000000000000"},
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_not_to_be(desk, dr_li, query):
    assert desk.get(PAGE, query).status_code == 404


def test_odd_values_are_left_out(desk, pair):
    odd = asking(pair, times="yes", relation="x", within="x", policy="x")
    assert desk.get(odd).status_code == 200
    nothing = {"person": [str(one.record.public_id) for one in pair], "set": "x"}
    assert desk.post(f"{PAGE}book/", nothing).status_code == 422


def starts(page):
    return [SlotKey.decode(opened(one.split()[0])).start for one in buttons(page)]


def test_they_come_near_a_time_of_a_day_and_what_is_then_is_asked_nowhere(desk, pair):
    near = {"from": "10/6/2026", "clock": "2 pm", "near": "30"}
    after = starts(text(desk.get(asking(pair, times="yes", within="0", side="after", **near))))
    assert after
    assert {(one.date(), chicago(6, 14) <= one <= chicago(6, 14, 30)) for one in after} == {(AT.date() + DAY, True)}
    before = starts(text(desk.get(asking(pair, times="yes", within="0", side="before", **near))))
    assert before
    assert max(before) < chicago(6, 14)
    none = text(desk.get(asking(pair, times="yes", **near | {"from": "10/10/2026"})))
    assert "Nothing is free together so near that time." in none


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"from": "x"}, "Please type a day such as 12/31/2026."),
        ({"from": "10/1/2026"}, "This day is over."),
        ({"from": "10/1/2036"}, "Is the year right?"),
        ({"from": "10/6/2026", "clock": "soonish"}, "Please type a time of day such as 2 pm."),
        ({"from": "", "clock": "2 pm"}, "Type the day of that time of day"),
    ],
)
def test_a_day_or_a_time_that_cannot_be_is_said_beside_it_and_nothing_is_offered(desk, pair, said, words):
    answer = desk.get(asking(pair, times="yes", **said))
    assert (answer.status_code, words in text(answer), buttons(text(answer))) == (422, True, [])


def test_who_may_set_rules_aside_does_so_with_a_reason_that_stays_on_record(desk, pair):
    plain = starts(text(desk.get(asking(pair, times="yes", within="0"))))
    page = text(desk.get(asking(pair, times="yes", within="0", override_reason="They came from far", **{"from": ""})))
    assert min(starts(page)) < min(plain)
    press(desk, page)
    assert set(Appointment.objects.values_list("override_reason", flat=True)) == {"They came from far"}


def test_staff_of_a_program_set_no_rule_aside_and_book_a_relative_with_the_patient(frank, alice, dr_li, dr_kim):
    browser, link = Client(), confirmed(alice.record)
    browser.force_login(frank.user)
    found = text(browser.get(asking([alice], find="Ben Adams")))
    assert f'name="person" value="{link.relative.public_id}"' in found
    both = f"{asking([alice], times='yes', override_reason='please', **{'from': ''})}&person={link.relative.public_id}"
    page = text(browser.get(both))
    assert "Why rules are set aside" not in page
    press(browser, page)
    assert LinkedVisits.objects.get().visits.count() == 2
    assert set(Appointment.objects.values_list("override_reason", flat=True)) == {""}
    FamilyLink.objects.update(ends_at=AT)
    assert browser.get(both).status_code == 404


def test_what_is_asked_before_is_read_aloud_from_the_page_about_all_of_them(desk, pair):
    done = press(desk, text(desk.get(asking(pair, times="yes", within="0"))))
    visit = Appointment.objects.get(patient=pair[0].record)
    Appointment.objects.filter(pk=visit.pk).update(status=Status.PROPOSED, suitability=ANSWERS_NEEDED)
    here = done.redirect_chain[0][0]
    aloud = f"/desk/arrivals/{visit.public_id}/before-booking/?together={visit.linked.public_id}"
    assert aloud in text(desk.get(here))
    assert f'href="{here}"' in text(desk.get(aloud))


def test_whoever_books_at_one_site_books_nobody_together_at_another(desk, pair, riverside):
    doctors = [make_practitioner(riverside, name=name) for name in ("Dr Roe", "Dr Poe")]
    lay_out()
    page = text(desk.get(asking(pair, times="yes", within="0")))
    there = " ".join(slot_id(who, chicago(12, 10), site="riverside") for who in doctors)
    refused = desk.post(f"{PAGE}book/", hidden(page) | {"set": there})
    assert (refused.status_code, "Choose one of the times." in text(refused)) == (422, True)
    assert not Appointment.objects.exists()


@pytest.fixture
def booked(desk, pair):
    """Two who were booked together."""
    press(desk, text(desk.get(asking(pair, times="yes"))))
    return LinkedVisits.objects.get()


def test_who_runs_a_site_sees_who_comes_together_and_not_for_what(desk, booked, lakeside):
    browser = Client()
    browser.force_login(make_staff("ada", Role.ADMIN, site=lakeside).user)
    for address in (f"{PAGE}{booked.public_id}/", f"{PAGE}?move={booked.public_id}"):
        shown = text(browser.get(address))
        assert "Ben Adams" in shown
        assert "Acupuncture" not in shown
    assert "Acupuncture" in text(desk.get(f"{PAGE}{booked.public_id}/"))


@pytest.mark.usefixtures("desk")
def test_who_may_see_what_is_linked_at_one_site_takes_it_apart_there_only_by_that_right(booked, lakeside, riverside):
    cleo = make_staff("cleo", Role.CLINICIAN, site=lakeside).user
    cleo.assignments.create(role=Role.SCHEDULER, site=riverside, starts_at=AT)
    browser = Client()
    browser.force_login(cleo)
    visit = booked.visits.first()
    shown = text(browser.get(f"{PAGE}{booked.public_id}/"))
    assert "Move all of them" not in shown
    assert "Take apart from the others" not in shown
    sent = {"appointment": str(visit.public_id)}
    assert browser.post(f"{PAGE}{booked.public_id}/unlink/", sent).status_code == 404
    assert booked.visits.count() == 2
