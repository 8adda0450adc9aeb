"""Alice lets Ben come at the same time as she does: he sees when and where, books beside it, and learns no more."""

import re
from dataclasses import replace
from html import unescape

import pytest
from django.test import Client

from booking.actions import appointments, links
from booking.actions.families import family_links, meeting_links, seat_names
from booking.actions.families.linked_questions import open_questions
from booking.actions.families.meeting_times import offer
from booking.cancel_reasons import CancelReason
from booking.families import codes
from booking.families.codes import LinkPurpose
from booking.families.status import FamilyState
from booking.models import Appointment, CallReason, CallTask, CancelPolicy, FamilyLink, LinkedQuestion, MeetingTime
from booking.status import Move, Status
from booking.web.slot_ids import opened
from scheduler.public import SlotKey
from tests.booking.pages.questioning import answer, open_asking_clinic
from tests.booking.pages.walk import hidden_on, text_of
from tests.factories.booking import HOUR, MINUTE, SYSTEM, read_slot
from tests.factories.families import confirmed
from tests.factories.scheduler import AT
from tests.factories.seats import keep_one

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
    check = ben.post(meeting(ben), {"slot": times[0]}, follow=True)
    again = [opened(one) for one in buttons(ben.get(meeting(ben)))]
    assert opened(times[0]) in again  # what he holds is his to choose again
    ben.post("/book/done/", hidden_on(check), follow=True)
    booked = Appointment.objects.exclude(pk=visit.pk).get()
    assert (booked.patient, booked.period.lower) == (link.relative, starts[0])
    assert Client().post(page, {"birth_date": BORN}).status_code == 200
    visit.refresh_from_db()
    assert booked.linked == visit.linked is not None
    assert visit.linked.cancel_policy == CancelPolicy.ASK


@pytest.mark.parametrize(
    ("policy", "told"),
    [("ask", "we ask you by mail"), ("cancel", "your appointment is cancelled, too"), ("keep", "")],
)
def test_who_finds_a_time_beside_hers_in_the_list_reads_what_becomes_of_it_before_it_is_booked(
    policy, told, visit, link, ben
):
    taken = buttons(ben.get(meeting_of(visit, policy)))[0]
    MeetingTime.objects.all().update(withdrawn_at=AT)
    assert "come together" not in text_of(ben.post("/book/hold/", {"slot": taken}, follow=True))
    MeetingTime.objects.all().update(withdrawn_at=None)
    check = text_of(ben.get("/book/check/"))
    assert (told in check, "come together with whoever invited you" in check) == (True, bool(told))


def meeting_of(visit, policy):
    return f"/family/together/{offer(visit, by=SYSTEM, at=AT, cancel_policy=policy).public_id}/"


def test_what_is_kept_by_name_and_what_she_offers_stand_each_under_their_heading(page, visit, link, ben):
    seat_names.name(keep_one(visit.site).public_id, link, by=SYSTEM, at=AT)
    press(page, "meet")
    home = ben.get("/family/time/").content.decode()
    own = ("Time is kept for you", "Kept for you by name", "Come at the same time", "Or another time")
    assert tuple(re.findall(r"<h[12]>([^<]+)</h[12]>", home)) == own


def test_what_is_asked_first_leads_on_to_the_time_that_he_chose_beside_her(page, visit, ben):
    open_asking_clinic()
    press(page, "meet")
    chosen = buttons(ben.get(meeting(ben)))[0]
    led = ben.post(meeting(ben), {"slot": chosen}, follow=True)
    assert "/questions/" in led.redirect_chain[-1][0]
    address = led.redirect_chain[-1][0]
    while "/questions/" in address:
        address = answer(ben, address)
    ben.post("/book/done/", hidden_on(ben.get(address)), follow=True)
    assert Appointment.objects.exclude(pk=visit.pk).get().slot == opened(chosen)


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


def beside(ben, number=0):
    """Book one of the times that are shown beside the meeting time; return the appointment."""
    check = ben.post(meeting(ben), {"slot": buttons(ben.get(meeting(ben)))[number]}, follow=True)
    ben.post("/book/done/", hidden_on(check), follow=True)
    return Appointment.objects.latest("pk")


def stands(*visits):
    return [Appointment.objects.get(pk=one.pk).status for one in visits]


def cancel(visit, at=AT):
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=at, reason=CancelReason.PATIENT)


@pytest.mark.parametrize("policy", CancelPolicy)
def test_what_becomes_of_ben_when_alice_cancels_is_as_she_chose(page, visit, ben, policy):
    shown = Client().post(page, {"birth_date": BORN, "act": "meet", "cancel_policy": policy.value})
    assert "If yours is cancelled:" in text_of(shown)
    told = text_of(ben.get(meeting(ben)))
    his = beside(ben)
    cancel(visit)
    assert ("your appointment is cancelled" in told) == (policy == CancelPolicy.CANCEL)
    assert stands(his) == [Status.CANCELLED if policy == CancelPolicy.CANCEL else Status.BOOKED]
    assert LinkedQuestion.objects.count() == (policy == CancelPolicy.ASK)


def test_by_what_ben_does_nothing_becomes_of_alice(page, visit, ben):
    Client().post(page, {"birth_date": BORN, "act": "meet", "cancel_policy": "cancel"})
    cancel(beside(ben))
    assert stands(visit) == [Status.BOOKED]


def test_what_ben_books_elsewhere_or_after_it_was_taken_back_is_linked_with_nothing(page, visit, ben):
    press(page, "meet")
    held = ben.post(meeting(ben), {"slot": buttons(ben.get(meeting(ben)))[0]}, follow=True)
    press(page, "meet-no-more")
    ben.post("/book/done/", hidden_on(held), follow=True)
    assert Appointment.objects.filter(linked__isnull=False).count() == 0


def two_hours_later(visit):
    key = SlotKey.decode(visit.slot)
    return read_slot(replace(key, start=key.start + 2 * HOUR).encode())


def test_when_alice_moves_away_ben_is_asked_and_can_come_where_she_is_then(page, visit, ben, clock):
    press(page, "meet")
    his = beside(ben)
    appointments.move(visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=two_hours_later(visit))
    assert LinkedQuestion.objects.get().appointment == his
    clock.shift(11 * MINUTE)
    asked = Client().get(f"/m/{links.issue(his, at=AT)}/together/")
    assert "Or come together at another time" in text_of(asked)
    assert visit.patient.name not in text_of(asked)
    moved_to = Appointment.objects.get(pk=visit.pk).period.lower
    starts = [SlotKey.decode(opened(one)).start for one in buttons(asked)]
    assert starts
    assert all(abs(one - moved_to) <= 30 * MINUTE for one in starts)


def test_alice_reads_what_she_offered_and_when_she_took_it_back(page, visit, link):
    press(page, "meet")
    shown = text_of(press(page, "meet-no-more"))
    assert "taken back on Monday, October 5" in shown
    assert MeetingTime.objects.get().withdrawn_by.startswith("link:")


def test_twin_without_the_link_ben_would_hear_of_nothing(page, visit, ben, monkeypatch):
    press(page, "meet")
    monkeypatch.setattr(meeting_links, "lock_offered", lambda patient, slot, *, at: None)
    his = beside(ben)
    cancel(visit)
    assert (stands(his), LinkedQuestion.objects.count()) == ([Status.BOOKED], 0)


def reads(page):
    return text_of(Client().post(page, {"birth_date": BORN}))


def offered(page, policy):
    Client().post(page, {"birth_date": BORN, "act": "meet", "cancel_policy": policy.value})


def test_alice_does_not_learn_that_ben_has_booked(page, ben):
    offered(page, CancelPolicy.CANCEL)
    before = reads(page)
    beside(ben)
    assert reads(page) == before


@pytest.mark.parametrize("policy", [CancelPolicy.ASK, CancelPolicy.CANCEL])
def test_once_the_link_is_taken_back_ben_hears_nothing_more_of_what_alice_does(page, visit, link, ben, policy):
    offered(page, policy)
    his = beside(ben)
    revoked(page, visit, link)
    appointments.move(visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=two_hours_later(visit))
    cancel(visit)
    assert (stands(his), LinkedQuestion.objects.count()) == ([Status.BOOKED], 0)


@pytest.mark.parametrize("policy", [CancelPolicy.ASK, CancelPolicy.CANCEL])
def test_when_alice_has_died_staff_speak_to_ben_and_no_mail_does(page, visit, ben, policy):
    offered(page, policy)
    his = beside(ben)
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.DECEASED)
    assert (stands(his), LinkedQuestion.objects.count()) == ([Status.BOOKED], 0)
    assert CallTask.objects.get(reason=CallReason.BOOKED_TOGETHER).appointment == his


def test_after_alices_death_each_old_link_says_nothing_of_it_and_offers_nothing_in_her_name(page, visit, link, ben):
    offered(page, CancelPolicy.ASK)
    his = beside(ben)
    appointments.move(visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=two_hours_later(visit))
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.DECEASED)
    assert not open_questions(at=AT).exists(), "what he was asked before is asked no more"
    assert CallTask.objects.get(reason=CallReason.BOOKED_TOGETHER).appointment == his
    own = f"/m/{links.issue(his, at=AT)}/"
    read = text_of(Client().get(own))
    assert ["Move it" in read, "Cancel it" in read] == [True, True], "his own is his to manage"
    assert "Your appointment stands." in text_of(Client().get(f"{own}together/"))
    assert "Time for families is open to you" in text_of(ben.get("/family/time/"))
    hers = text_of(Client().get(f"/m/{links.issue(visit, at=AT)}/"))
    assert "please call us" in hers
    for words in ("You do not need to come", "Book another", "Time for your family", "died"):
        assert words not in hers, words
    for act in ("", "revoke", "invite", "meet"):
        sent = {"birth_date": BORN, "act": act, "link": str(link.public_id)}
        assert "Please call us about this." in text_of(Client().post(page, sent)), act
    assert FamilyLink.objects.get().state == FamilyState.ACTIVE
    FamilyLink.objects.update(state=FamilyState.CLAIMED)
    waits = text_of(ben.get("/family/time/"))
    assert "Please call us" in waits
    assert "We ask the patient" not in waits


def test_ben_goes_by_the_offer_beside_which_he_came(page, visit, ben, clock):
    offered(page, CancelPolicy.KEEP)
    first = beside(ben)
    press(page, "meet-no-more")
    clock.shift(MINUTE)
    offered(page, CancelPolicy.CANCEL)
    cancel(visit)
    assert stands(first) == [Status.BOOKED]


def test_offered_once_more_it_is_as_alice_chose_then(page, visit, ben, clock):
    offered(page, CancelPolicy.KEEP)
    cancel(beside(ben))
    press(page, "meet-no-more")
    clock.shift(11 * MINUTE)
    offered(page, CancelPolicy.CANCEL)
    second = beside(ben)
    cancel(visit)
    assert stands(second) == [Status.CANCELLED]
