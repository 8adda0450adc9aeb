"""Dana books for Alice, who answers by link: it waits for that, and goes on by what she says."""

import html
import re

import pytest
import time_machine
from django.test import Client

from booking.actions import appointments, links, tidying, uncovered_visits
from booking.actions.suitability import answers_by_link, suitability_changes, suitability_checks, suitability_reviews
from booking.models import Appointment, CallReason, CallTask, ContactPoint, SuitabilityResponse
from booking.status import Move, Status
from booking.suitability.answers import SuitabilityAnswers, answered_no
from booking.suitability.errors import AnswersNeeded, NotBookableWithAnswers, TalkFirst, WaitsForAnswers
from booking.suitability.records import save_answers
from booking.suitability.shipped import shipped_rules
from core.roles import Role
from notifications.actions import dispatch
from scheduler.actions.catalogue_edits import change
from scheduler.models import Claim, Place
from tests.booking.pages.walk import in_mail, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, chicago, make_staff, read_slot, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT, make_claim, offer

RULES = shipped_rules()
NO = answered_no(RULES)
THINNER, FEVER, TREATED = "anticoagulant", "fever_now", "on_active_cancer_treatment"
HELP = "transfer_help_or_cannot_lie_flat"
TEN = chicago(12, 10)
PAGE = "/desk/health/before-booking/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _asked(lakeside):
    """Lakeside asks what the shipped rules ask."""
    adopt_suitability(site=lakeside)


def book(alice, dr_li, by, start=TEN, **facts):
    slot = read_slot(slot_id(dr_li, start))
    given = {"patient": alice.record, "by": by.principal, "at": AT, "slot": slot, "questions_by_link": True}
    return appointments.book(**given | facts)


@pytest.fixture
def visit(alice, dana, dr_li, clock):
    """What Dana has booked on the phone, for Alice to answer by link."""
    return book(alice, dr_li, dana)


@pytest.fixture
def link(visit):
    """Where Alice finds it."""
    return f"/m/{links.issue(visit, at=AT)}/"


def send(link, **answers):
    """Answer page by page what is asked, none of these where nothing is; return the last page, or the one to call."""
    browser, address, sent = Client(), f"{link}questions/", None
    while "/questions/" in address:
        asked = re.findall(r'name="asked" value="([^"]+)"', browser.get(address).content.decode())
        mine = {key: one for key, one in answers.items() if key in asked}
        sent = browser.post(address, {"asked": asked} | (mine or {"none": "1"}))
        onwards = re.search(r'href="([^"]+)">Go on with the questions', sent.content.decode())
        address = html.unescape(onwards[1]) if onwards else sent.headers.get("Location", "")
    return sent


def now():
    return Appointment.objects.get()


def to_call():
    return [call.reason for call in CallTask.objects.filter(done_at=None).order_by("pk")]


def test_it_waits_its_time_is_kept_and_alice_is_mailed_the_link(visit, link, clock, mailoutbox):
    assert (visit.status, visit.kept_until) == (Status.PROPOSED, TEN - DAY)
    assert visit.changes.get().facts["questions_by_link"] is True
    clock.shift(60)
    dispatch.run(now=lambda: AT + MINUTE)
    (mail,) = mailoutbox
    assert mail.subject == "Some questions before we book"
    assert f"{in_mail(link)}questions/" in mail.body
    assert "We keep the time until Sunday, October 11" in mail.body
    assert "looks at it first" not in mail.body
    assert not any(word in mail.body.lower() for word in ("blood", "acupuncture", "needle"))
    page = text_of(Client().get(link))
    assert "We book it as soon as you have answered some questions" in page
    assert "We keep it for you until Sunday, October 11" in page


def test_alice_answers_no_with_one_tap_and_is_booked_and_told(visit, link, clock, mailoutbox):
    clock.shift(HOUR)
    done = send(link)
    assert done["Location"] == f"{link}?news=booked"
    assert "You are booked" in text_of(Client().get(done["Location"]))
    assert (now().status, now().suitability, now().kept_until) == (Status.BOOKED, "pass", None)
    assert {one.answered_by.partition(":")[0] for one in SuitabilityResponse.objects.all()} == {"link"}
    dispatch.run(now=lambda: AT + HOUR + MINUTE)
    assert [mail.subject for mail in mailoutbox] == ["Your appointment on Mon, Oct 12 at 10:00 AM"]
    # In a second tab nothing is asked again.
    assert "You have answered our questions" in text_of(Client().get(f"{link}questions/"))


def test_alice_is_asked_page_by_page_and_may_go_on_later_where_she_was(visit, link):
    browser, titles, address = Client(), [], f"{link}questions/"
    for number in range(1, len(RULES.content.pages) + 1):
        page = browser.get(address)
        assert f"Questions, page {number} of 5" in text_of(page)
        titles.append(re.search(r"<h2>([^<]+)</h2>", page.content.decode())[1])
        asked = re.findall(r'name="asked" value="([^"]+)"', page.content.decode())
        address = browser.post(address, {"asked": asked, "none": "1"})["Location"]
    assert titles == ["How are you now?", "Blood and medicines", "Devices and heart", "Your body", "About you"]
    assert now().status == Status.BOOKED


def test_what_is_to_be_looked_at_waits_for_carol_a_business_day_from_the_answer(visit, link, clock, lakeside):
    carol = sign_in(Client(), "carol", Role.CLINICIAN, lakeside)
    assert "Nobody waits" in text_of(carol.get(PAGE))
    clock.shift(DAY)
    assert send(link, **{THINNER: "yes"})["Location"] == link
    assert "We usually answer by Wednesday, October 7" in text_of(Client().get(link))
    page = text_of(sign_in(Client(), "cora", Role.CLINICIAN, lakeside).get(PAGE))
    assert "Due : Wednesday, October 7" in page or "Due: Wednesday, October 7" in page
    appointments.move(visit.public_id, Move.APPROVE, by=SYSTEM, at=AT + DAY + HOUR)
    assert (now().status, to_call()) == (Status.BOOKED, [])


def test_what_is_not_booked_with_her_answers_stays_and_says_kindly_what_can_be_and_staff_call(
    visit, link, dr_li, lakeside
):
    offer(dr_li, "screening_call", sites=[lakeside])
    assert send(link, **{FEVER: "yes"})["Location"] == link
    assert (now().status, to_call()) == (Status.PROPOSED, [CallReason.NOT_BOOKABLE])
    page = Client().get(link)
    assert "We would like to talk with you before we book anything. We call you" in text_of(page)
    assert f'href="{link}instead/"' in page.content.decode()
    assert "fever" not in text_of(page).lower()
    shown = text_of(Client().post(f"{link}instead/", {"birth_date": "5/1/1970"}))
    assert "What you can book instead" in shown
    assert Client().post(f"{link}instead/", {"birth_date": "5/2/1970"}).status_code == 422
    with pytest.raises(TalkFirst):
        appointments.move(visit.public_id, Move.APPROVE, by=SYSTEM, at=AT)


def test_what_may_be_a_danger_with_what_is_asked_later_is_called_about_at_once_and_she_goes_on(visit, link):
    browser = Client()
    asked = re.findall(r'name="asked" value="([^"]+)"', browser.get(f"{link}questions/").content.decode())
    shown = browser.post(f"{link}questions/", {"asked": asked, FEVER: "yes"})
    assert "Please call now" in text_of(shown)
    assert "Go on with the questions" in text_of(shown)
    assert (now().suitability, to_call()) == ("answers-needed", [CallReason.SEEK_CARE])


@pytest.mark.parametrize("number", ["", "+13125550111"])
def test_nobody_promises_a_call_without_a_number_to_call(visit, link, alice, number):
    if number:
        ContactPoint.objects.create(patient=alice.record, system="phone", value=number)
    shown = text_of(send(link, **{FEVER: "yes", TREATED: "yes"}))
    assert ("and call you as well" in shown) is bool(number)
    assert ("but have no phone number where we could call you" in shown) is not bool(number)


def test_in_danger_alice_reads_the_number_at_once_and_is_called(visit, link):
    shown = text_of(send(link, **{FEVER: "yes", TREATED: "yes"}))
    assert "Please call now" in shown
    assert "(312) 555-0100" in shown
    assert (now().status, to_call()) == (Status.PROPOSED, [CallReason.SEEK_CARE])


def test_unanswered_a_day_before_it_runs_out_and_staff_find_a_time_with_her(visit):
    tidying.tidy(at=TEN - DAY + MINUTE)
    assert (now().status, to_call()) == (Status.CANCELLED, [CallReason.NO_ANSWERS])


def test_nobody_books_what_waits_for_answers_before_they_are_there(visit, lakeside):
    carol = make_staff("carol", Role.CLINICIAN, site=lakeside)
    for by in (carol.principal, SYSTEM):
        with pytest.raises(WaitsForAnswers):
            appointments.move(visit.public_id, Move.APPROVE, by=by, at=AT)


def test_twin_if_nobody_asked_whether_they_are_there_it_would_be_booked_unanswered(visit, monkeypatch):
    monkeypatch.setattr(suitability_checks, "check_answered", lambda visit: None)
    assert appointments.move(visit.public_id, Move.APPROVE, by=SYSTEM, at=AT).status == Status.BOOKED
    assert not SuitabilityResponse.objects.exists()


def test_what_lacks_an_answer_still_is_asked_for_the_rest(visit, alice):
    answers_by_link.answer(visit.public_id, SuitabilityAnswers(answers={THINNER: "no"}), by=alice.principal, at=AT)
    assert (now().status, now().suitability) == (Status.PROPOSED, "answers-needed")
    answers_by_link.answer(visit.public_id, NO, by=alice.principal, at=AT)
    assert now().status == Status.BOOKED


def test_answered_late_what_is_looked_at_is_kept_until_it_begins(visit, alice):
    yes = SuitabilityAnswers(answers=NO.answers | {THINNER: "yes"})
    late = answers_by_link.answer(visit.public_id, yes, by=alice.principal, at=TEN - DAY - MINUTE)
    assert (late.status, late.kept_until) == (Status.PROPOSED, TEN)


def test_alice_herself_is_asked_first_and_known_answers_book_or_refuse_at_once(alice, dana, dr_li, clock):
    with pytest.raises(AnswersNeeded):
        book(alice, dr_li, alice)
    save_answers(alice.record, NO, rules=RULES, policy_version=1, by=alice.principal, at=AT)
    assert book(alice, dr_li, dana).status == Status.BOOKED
    fever = SuitabilityAnswers(answers={FEVER: "yes"})
    with pytest.raises(NotBookableWithAnswers):
        book(alice, dr_li, dana, TEN + DAY, answers=fever)


def test_what_she_answers_for_something_else_meanwhile_is_no_reason_to_call(visit, alice):
    yes = SuitabilityAnswers(answers={THINNER: "yes"})
    save_answers(alice.record, yes, rules=RULES, policy_version=1, by=alice.principal, at=AT)
    assert suitability_changes.look_again(alice.record, at=AT) == []


def test_where_she_has_answered_all_of_it_elsewhere_meanwhile_one_press_goes_on(visit, link, alice, clock):
    save_answers(alice.record, NO, rules=RULES, policy_version=1, by=alice.principal, at=AT)
    browser, page = Client(), f"{link}questions/"
    shown = browser.get(page)
    assert (shown.status_code, "You have answered all of this already" in text_of(shown)) == (200, True)
    assert "none of these" not in text_of(shown)
    browser.post(page, {"none": "1"})
    assert now().status == Status.BOOKED


@pytest.fixture
def lowered(lakeside):
    """One of Lakeside's four tables can be lowered."""
    table = Place.objects.order_by("pk").select_related("resource").last()
    change(table, features=["table", "hi-lo"], by=SYSTEM, at=AT)
    return table


def test_what_she_needs_of_the_place_by_her_answers_she_has(lowered, visit, link):
    assert visit.place_id != lowered.pk
    send(link, **{HELP: "yes"})
    assert (now().status, now().place_id, to_call()) == (Status.BOOKED, lowered.pk, [])
    claims = Claim.objects.filter(retired_at=None, expires_at=None)
    assert set(claims.values_list("allocation", flat=True)) == {now().allocation}


def test_where_no_such_place_is_free_then_it_is_not_booked_and_staff_find_something_else_with_her(lowered, visit, link):
    make_claim(lowered.resource, TEN, 60)
    send(link, **{HELP: "yes"})
    uncovered_visits.review(at=AT + HOUR)
    assert (now().status, now().place_id, to_call()) == (Status.PROPOSED, visit.place_id, [CallReason.NOT_BOOKABLE])


def test_what_a_clinician_books_is_where_there_is_what_she_needs_by_her_answers(lowered, visit, link, lakeside):
    send(link, **{HELP: "yes", THINNER: "yes"})
    carol = make_staff("carol", Role.CLINICIAN, site=lakeside).principal
    booked = suitability_reviews.approve(visit.public_id, seen=now().version, by=carol, at=AT + HOUR)
    assert (booked.status, booked.place_id) == (Status.BOOKED, lowered.pk)


def test_without_an_address_she_is_called_and_asked_on_the_phone(visit, alice, lakeside, clock):
    alice.record.contacts.all().delete()
    clock.shift(60)
    dispatch.run(now=lambda: AT + MINUTE)
    assert to_call() == [CallReason.NOT_REACHED]
    dora = sign_in(Client(), "dora", Role.SCHEDULER, lakeside)
    calls = dora.get("/admin/booking/calltask/")
    assert "some questions are to be answered before we book. Read them aloud" in text_of(calls)
    aloud = f"/desk/arrivals/{visit.public_id}/before-booking/"
    assert f'href="{aloud}"' in calls.content.decode()
    assert f'href="{aloud}?site=lakeside"' in dora.get("/desk/calls/").content.decode()
    assert "Read the questions aloud" in text_of(dora.get(aloud))
    assert dora.post(aloud, {}).status_code == 422
    done = dora.post(aloud, {"none": "1"}, follow=True)
    assert "Alice Adams is booked" in text_of(done)
    assert (now().status, to_call()) == (Status.BOOKED, [])
    clock.shift(60)
    late = dora.post(aloud, {THINNER: "yes"}, follow=True)  # in another tab
    assert "It is noted, and Alice Adams stays booked. A clinician looks at it" in text_of(late)
    assert to_call() == [CallReason.ANSWERS_CHANGED]
