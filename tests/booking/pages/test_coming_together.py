"""Alice lets Ben come at the same time as she does: he sees when and where, books beside it, and learns no more."""

import re
from html import unescape

import pytest
from django.test import Client

from booking.actions import appointments, family_links, links
from booking.actions.meeting_times import offer
from booking.cancel_reasons import CancelReason
from booking.families import codes
from booking.families.codes import LinkPurpose
from booking.models import Appointment, MeetingTime
from booking.status import Move
from booking.web.slot_ids import opened
from scheduler.public import SlotKey
from tests.booking.pages.walk import hidden_on, text_of
from tests.factories.booking import MINUTE, SYSTEM
from tests.factories.families import confirmed
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

BORN = "3/27/1961"


@pytest.fixture
def visit(booked_once, clock):
    """Return Alice's visit of tomorrow; she takes part in the program of its site."""
    found = Appointment.objects.select_related("patient", "site").get()
    found.patient.enrolments.create(site=found.site)
    return found


@pytest.fixture
def link(visit):
    """Ben is confirmed."""
    return confirmed(visit.patient)


@pytest.fixture
def page(visit):
    return f"/m/{links.issue(visit, at=AT)}/family/"


@pytest.fixture
def ben(link):
    """Ben's browser, once he has pressed the button of the page behind his mail's link."""
    browser = Client()
    browser.post(f"/family/{codes.token_of(link.public_id, LinkPurpose.WAY_BACK)}/")
    return browser


def press(page, act):
    return Client().post(page, {"birth_date": BORN, "act": act})


def meeting(browser):
    found = re.search(r"/family/together/[0-9a-f-]+/", browser.get("/family/time/").content.decode())
    return found[0] if found else ""


def buttons(response):
    return [unescape(one) for one in re.findall(r'name="slot" value="([^"]+)"', response.content.decode())]


def test_alice_offers_her_time_and_ben_books_beside_it(page, visit, link, ben):
    assert meeting(ben) == ""
    assert "Show it no more" in text_of(press(page, "meet"))
    assert MeetingTime.objects.get().appointment == visit
    shown = ben.get(meeting(ben))
    times = buttons(shown)
    starts = [SlotKey.decode(opened(one)).start for one in times]
    assert starts
    assert all(abs(one - visit.period.lower) <= 30 * MINUTE for one in starts)
    check = ben.post("/book/hold/", {"slot": times[0]}, follow=True)
    ben.post("/book/done/", hidden_on(check), follow=True)
    booked = Appointment.objects.exclude(pk=visit.pk).get()
    assert (booked.patient, booked.period.lower) == (link.relative, starts[0])


def test_he_learns_when_and_where_and_nothing_else(page, visit, ben):
    press(page, "meet")
    read = text_of(ben.get("/family/time/")) + text_of(ben.get(meeting(ben)))
    assert "Come at the same time" in read
    for secret in (visit.patient.name, visit.reference, str(visit.public_id)):
        assert secret not in read
    other = {"practitioner": visit.practitioner.name, "therapy": str(visit.therapy.key)}
    home = text_of(ben.get("/family/time/"))
    assert not [one for one in other.values() if one in home]


def test_how_long_alice_is_there_changes_nothing_of_what_he_is_shown(page, visit, ben):
    press(page, "meet")
    before = [SlotKey.decode(opened(one)) for one in buttons(ben.get(meeting(ben)))]
    Appointment.objects.filter(pk=visit.pk).update(period=(visit.period.lower, visit.period.lower + 5 * MINUTE))
    assert [SlotKey.decode(opened(one)) for one in buttons(ben.get(meeting(ben)))] == before


def taken_back(page, visit, link):
    press(page, "meet-no-more")


def revoked(page, visit, link):
    family_links.revoke(link, by=SYSTEM, at=AT)


def cancelled(page, visit, link):
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.PATIENT)


@pytest.mark.parametrize("end", [taken_back, revoked, cancelled])
def test_from_the_next_request_on_nothing_is_shown_any_more(page, visit, link, ben, end):
    press(page, "meet")
    place = meeting(ben)
    end(page, visit, link)
    assert meeting(ben) == ""
    assert ben.get(place).status_code in {404, 410}


def test_a_stranger_and_somebody_elses_family_find_nothing(page, visit, ben):
    press(page, "meet")
    place = meeting(ben)
    assert Client().get(place).status_code == 302  # to where a code is typed
    assert ben.get("/family/together/00000000-0000-0000-0000-000000000000/").status_code == 404


@pytest.mark.usefixtures("visit")
def test_where_nobody_is_linked_nothing_can_be_offered(page):
    assert "Come at the same time" not in text_of(Client().post(page, {"birth_date": BORN}))
    assert press(page, "meet").status_code == 422
    assert MeetingTime.objects.count() == 0


def test_twin_an_offer_that_outlives_the_link_would_be_seen(page, visit, link, ben, monkeypatch):
    press(page, "meet")
    place = meeting(ben)
    monkeypatch.setattr("booking.models.FamilyLink.is_in_force", lambda self, *, at: True)
    revoked(page, visit, link)
    assert ben.get(place).status_code == 200


def test_offered_twice_it_is_offered_once(visit, link):
    made = [offer(visit, by=SYSTEM, at=AT) for _ in range(2)]
    assert made[0] == made[1]
