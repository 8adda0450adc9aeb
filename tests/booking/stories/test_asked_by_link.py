"""Carol looks at what Alice answered, asks her again by link what is not sure, and decides by what she answers then."""

import re
from dataclasses import replace

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.actions import appointments, links, tidying
from booking.actions.suitability import suitability_checks, suitability_reviews
from booking.errors import InReview, MoveNotAllowed, StaffOnly, UndoOver
from booking.models import Appointment, CallReason, CallTask, Clearance, SuitabilityResponse
from booking.status import Move, Status
from booking.suitability.answers import answered_no
from booking.suitability.answers_by_link import CLINICIAN_ASKS
from booking.suitability.errors import AnsweredAnew
from booking.suitability.shipped import shipped_rules
from core.models import User
from core.roles import Role
from notifications.actions import dispatch
from tests.booking.pages import walk
from tests.booking.pages.walk import in_mail
from tests.factories.admin import sign_in
from tests.factories.booking import DAY, HOUR, MINUTE, chicago, make_staff, read_slot, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT

NO = answered_no(shipped_rules())
THINNER, FEVER, TREATED = "anticoagulant", "fever_now", "on_active_cancer_treatment"
TEN = chicago(12, 10)
WORDS = {
    THINNER: "You take a blood thinner", FEVER: "A temperature of", TREATED: "Are you having treatment for cancer now?",
}  # fmt: skip
PAGE = "/desk/health/before-booking/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(alice, dr_li, lakeside, clock):
    """What Alice asks for, who is not sure whether she takes a blood thinner."""
    adopt_suitability(site=lakeside)
    return book(alice, dr_li)


def book(person, dr_li, start=TEN):
    unsure = replace(NO, answers=NO.answers | {THINNER: "not_sure"})
    slot = read_slot(slot_id(dr_li, start))
    return appointments.book(patient=person.record, by=person.principal, at=AT, slot=slot, answers=unsure)


@pytest.fixture
def carol(lakeside, clock):
    """A clinician's browser."""
    return clinician("carol", lakeside, first_name="Carol", last_name="Diaz")


def clinician(name, site, **names):
    client = sign_in(Client(), name, Role.CLINICIAN, site)
    User.objects.filter(username=name).update(**names)
    return client


def text_of(page):
    return re.sub(r"\s+", " ", walk.text_of(page)).replace(" :", ":")


def card(client):
    """Return what the first card sends along."""
    return dict(re.findall(r'name="(version|mark|stood)" value="([^"]*)"', client.get(PAGE).content.decode()))


def press(client, visit, act, seen, *, questions=(), **sent):
    """Press a button of a card; the questions that are chosen are named as the card names them."""
    chosen = {"questions": [named(client, one) for one in questions]} if act == "ask" and questions else {}
    return client.post(f"{PAGE}{visit.public_id}/{act}/", seen | chosen | sent)


def named(client, key):
    """Return by what a card names a question."""
    words = WORDS.get(key, key)
    found = re.search(rf'value="([^"]+)" id="q-[^>]*><label[^>]*>{re.escape(words)}', client.get(PAGE).content.decode())
    return found[1] if found else key


@pytest.fixture
def seen(carol, visit):
    """The card as Carol saw it before she asked."""
    return card(carol)


@pytest.fixture
def link(carol, visit, seen):
    """Where Alice is asked again, whether she takes a blood thinner."""
    press(carol, visit, "ask", seen, questions=[THINNER])
    return f"/m/{links.issue(visit, at=AT)}/"


def answer(link, **answers):
    browser = Client()
    asked = re.findall(r'name="asked" value="([^"]+)"', browser.get(f"{link}questions/").content.decode())
    return asked, browser.post(f"{link}questions/", {"asked": asked} | (answers or {"none": "1"}))


def now():
    return Appointment.objects.get()


def test_what_alice_is_not_sure_of_is_chosen_already_and_her_time_is_kept_on(carol, visit):
    page = carol.get(PAGE).content.decode()
    assert re.findall(r'name="questions"[^>]* checked><label[^>]*>(\w+ \w+ \w+ \w+)', page) == ["You take a blood"]
    done = press(carol, visit, "ask", card(carol), questions=[THINNER])
    assert "We ask Alice Adams once more. They get the questions by e-mail." in text_of(carol.get(done["Location"]))
    assert (now().status, now().kept_until) == (Status.PENDING, visit.kept_until)
    asked = text_of(carol.get(PAGE))
    assert "Nobody waits because of what they answered" in asked
    assert "Asked by link, and not answered yet" in asked
    assert THINNER not in str(now().changes.latest("pk").facts) + now().asked_questions


def test_alice_reads_that_there_is_a_question_and_until_when_and_nothing_of_what(link, clock, mailoutbox):
    page = text_of(Client().get(link))
    assert "We have a question before we book. We keep this time for you until you have answered." in page
    assert "We keep it for you until Sunday, October 11" in page
    clock.shift(180)
    dispatch.run(now=lambda: AT + 3 * MINUTE)
    (mail,) = [one for one in mailoutbox if one.subject == "We have a question before we book"]
    assert "Please answer before Sunday, October 11" in mail.body
    assert f"{in_mail(link)}questions/" in mail.body
    assert not any(word in (page + mail.body).lower() for word in ("blood", "thinner", "needle", "acupuncture"))


def test_alice_answers_that_alone_and_it_is_looked_at_again_a_business_day_from_then(link, carol, visit, clock):
    clock.shift(DAY)
    asked, done = answer(link, **{THINNER: "no"})
    assert (asked, done["Location"]) == ([THINNER], link)
    thanked = text_of(Client().get(link))
    assert "Thank you for your answers." in thanked
    assert "We usually answer by Wednesday, October 7" in thanked
    assert "We keep it for you until" in thanked
    cora = clinician("cora", visit.site)
    page = text_of(cora.get(PAGE))
    assert "Due: Wednesday, October 7" in page
    assert "Answered by link: Tuesday, October 6" in page
    assert re.search(r"Asked once more ?: You take a blood thinner[^:]*: No; before: Not sure", page)
    assert now().status == Status.PENDING
    press(cora, visit, "approve", card(cora))
    assert (now().status, now().suitability, now().kept_until) == (Status.BOOKED, "clinician_review", None)
    assert not CallTask.objects.exists()


def test_what_alice_is_asked_as_of_a_request_never_says_that_it_is_booked(link, clock):
    answer(link, **{THINNER: "yes"})
    SuitabilityResponse.objects.update(answered_at=AT - 8 * DAY)  # counts no more
    clock.move_to(TEN - 2 * DAY)
    browser = Client()
    asked = text_of(browser.get(f"{link}questions/"))
    assert "Before we book" in asked
    noted = text_of(answer(link)[1])
    for page in (asked, noted):
        assert "keep your time meanwhile" in page
        assert "Before you come" not in page
        assert "Your appointment stays as it is" not in page


def test_a_mail_says_by_when_alice_hears_once_she_has_answered(link, mailoutbox):
    answer(link, **{THINNER: "no"})
    dispatch.run(now=lambda: AT + 2 * MINUTE)
    assert "Somebody of our team looks at it first, usually by October 6, 2026." in mailoutbox[-1].body


def test_what_carol_only_approved_is_not_cleared_by_pressing_clear_afterwards(carol, visit, seen):
    press(carol, visit, "approve", seen)
    said = press(carol, visit, "clear", seen, scope="this", ends_on="")
    assert said.status_code == 409
    assert "To let it not be looked at again for now, take the approval back first." in text_of(said)
    assert not Clearance.objects.exists()


def test_the_page_takes_as_many_queries_for_three_who_wait_as_for_one(carol, visit, alice, ben, dr_li):
    carol.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        carol.get(PAGE)
    book(ben, dr_li, TEN + 3 * HOUR)
    book(alice, dr_li, TEN + DAY)
    with CaptureQueriesContext(connection) as three:
        assert carol.get(PAGE).content.count(b"data-row") == 3
    assert len(three) == len(one)


def test_what_was_seen_before_alice_answered_is_not_approved_unseen(link, carol, visit, seen):
    waiting = card(carol)
    answer(link, **{THINNER: "yes"})
    said = press(carol, visit, "approve", waiting)
    assert said.status_code == 409
    assert now().status == Status.PENDING
    with pytest.raises(AnsweredAnew):
        suitability_reviews.approve(
            visit.public_id, seen=visit.version, mark=waiting["mark"], by=clinician_of(visit), at=AT
        )


def clinician_of(visit):
    return make_staff("cleo", Role.CLINICIAN, site=visit.site).principal


def test_twin_if_nobody_asked_what_was_seen_it_would_be_booked_unseen(link, carol, visit, monkeypatch):
    waiting = card(carol)
    answer(link, **{THINNER: "yes"})
    monkeypatch.setattr(suitability_checks, "check_as_seen", lambda *_args, **_facts: None)
    monkeypatch.setattr(suitability_reviews, "stands_as", lambda _visit: waiting["stood"])
    press(carol, visit, "approve", waiting)
    assert now().status == Status.BOOKED


def test_a_second_press_asks_once_and_the_second_of_two_clinicians_is_told(carol, visit, lakeside, seen):
    cora = clinician("cora", lakeside)
    sent = seen | {"questions": named(carol, THINNER)}
    first = press(carol, visit, "ask", sent)
    again = press(carol, visit, "ask", sent)
    assert (again.status_code, again["Location"]) == (302, first["Location"])
    for act in ("ask", "approve", "decline"):
        said = press(cora, visit, act, seen, questions=[FEVER])
        assert said.status_code == 409
        assert "Carol Diaz has asked Alice Adams already" in text_of(said)
    assert now().changes.filter(move=Move.AWAIT).count() == 1
    assert now().status == Status.PENDING


def test_carol_takes_the_question_back_before_it_is_answered_and_nobody_hears_of_it(
    link, carol, visit, clock, mailoutbox
):
    press(carol, visit, "take-back", {"version": now().version})
    assert (now().status, now().suitability, now().kept_until) == (
        Status.PROPOSED, "clinician_review", visit.kept_until,
    )  # fmt: skip
    assert "You have answered our questions" in text_of(Client().get(f"{link}questions/"))
    clock.shift(180)
    dispatch.run(now=lambda: AT + 3 * MINUTE)
    assert "We have a question before we book" not in [mail.subject for mail in mailoutbox]


def test_once_it_is_answered_it_is_not_taken_back_but_asked_again(link, carol, visit):
    answer(link, **{THINNER: "not_sure"})
    carols = User.objects.get(username="carol")
    with pytest.raises(UndoOver):
        suitability_reviews.take_back(visit.public_id, seen=now().version, by=principal(carols), at=AT)
    press(carol, visit, "ask", card(carol), questions=[THINNER, FEVER])
    assert (now().status, now().answered_at) == (Status.PENDING, None)
    assert set(answer(link)[0]) == {THINNER, FEVER}
    press(carol, visit, "decline", card(carol))
    assert now().cancel_reason == "declined"


def principal(user):
    from core.principal import Principal  # noqa: PLC0415

    return Principal.of(user, at=AT)


def test_what_carol_books_once_alice_has_answered_she_takes_back_the_same_day(link, carol, visit):
    answer(link, **{THINNER: "yes"})
    done = press(carol, visit, "approve", card(carol))
    assert "Until tonight you can take it back here." in text_of(carol.get(done["Location"]))
    assert (now().status, "Approved today" in text_of(carol.get(PAGE))) == (Status.BOOKED, True)
    back = press(carol, visit, "take-back", {"version": now().version})
    assert "is to be looked at again" in text_of(carol.get(back["Location"]))
    assert (now().status, now().kept_until, now().suitability) == (Status.PENDING, visit.kept_until, CLINICIAN_ASKS)
    press(carol, visit, "approve", card(carol))
    assert now().status == Status.BOOKED


def test_the_front_desk_neither_books_nor_asks_nor_takes_back_what_a_clinician_asks(link, visit, dana):
    with pytest.raises(InReview):
        appointments.move(visit.public_id, Move.COMPLETE, by=dana.principal, at=AT)
    with pytest.raises(InReview):
        appointments.move(visit.public_id, Move.AWAIT, by=dana.principal, at=AT, until=TEN - DAY)
    with pytest.raises(StaffOnly):
        appointments.move(visit.public_id, Move.UNDO, by=dana.principal, at=AT)
    page = sign_in(Client(), "dora", Role.SCHEDULER, visit.site).get(
        f"/desk/arrivals/{visit.public_id}/before-booking/"
    )
    assert page.status_code == 302


def test_in_danger_alice_reads_the_number_and_is_called(carol, visit, seen):
    press(carol, visit, "ask", seen, questions=[FEVER, TREATED])
    _asked, shown = answer(f"/m/{links.issue(visit, at=AT)}/", **{FEVER: "yes", TREATED: "yes"})
    assert "Please call now" in text_of(shown)
    assert CallTask.objects.get().reason == CallReason.SEEK_CARE


def test_in_danger_on_the_phone_carol_is_told_to_help_at_once(carol, visit, seen):
    press(carol, visit, "ask", seen, questions=[FEVER, TREATED])
    aloud = f"/desk/arrivals/{visit.public_id}/before-booking/"
    said = carol.post(aloud, {FEVER: "yes", TREATED: "yes"}, follow=True)
    assert (said.status_code, "Alice Adams needs help now" in text_of(said)) == (200, True)
    assert CallTask.objects.get().reason == CallReason.SEEK_CARE


def test_not_sure_on_the_phone_carol_tells_them_whom_to_call_if_they_feel_unwell(carol, visit, seen):
    press(carol, visit, "ask", seen, questions=[FEVER, TREATED])
    aloud = f"/desk/arrivals/{visit.public_id}/before-booking/"
    said = text_of(carol.post(aloud, {FEVER: "not_sure", TREATED: "yes"}, follow=True))
    assert "Somebody looks at the request of Alice Adams first." in said
    assert "If they feel unwell now, they call" in said


def test_in_danger_by_what_she_answers_again_the_card_says_what_to_do_with_a_request(carol, visit, seen):
    press(carol, visit, "ask", seen, questions=[FEVER, TREATED])
    answer(f"/m/{links.issue(visit, at=AT)}/", **{FEVER: "yes", TREATED: "yes"})
    page = text_of(carol.get(PAGE))
    assert "Nothing can be approved with these answers." in page
    assert "It stands until you say otherwise" not in page


def test_who_asks_nothing_once_it_is_answered_is_not_told_that_it_is_asked(link, carol, visit):
    answer(link, **{THINNER: "yes"})
    said = press(carol, visit, "ask", card(carol))
    assert (said.status_code, "Choose at least one of the questions." in text_of(said)) == (400, True)


def test_unanswered_it_runs_out_a_day_before_and_staff_call(link, visit):
    tidying.tidy(at=TEN - DAY + MINUTE)
    assert (now().status, CallTask.objects.get().reason) == (Status.CANCELLED, CallReason.NO_ANSWERS)


def test_alice_moves_what_she_is_asked_about_and_is_asked_still(link, visit, alice, dr_li):
    later = read_slot(slot_id(dr_li, TEN + DAY))
    moved = appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT + HOUR, slot=later)
    assert (moved.status, moved.kept_until) == (Status.PENDING, TEN)
    assert answer(link)[0] == [THINNER]


def test_what_nobody_asks_or_nothing_is_not_asked(carol, visit, seen):
    for wrong in ([], ["star_sign"]):
        assert press(carol, visit, "ask", seen, questions=wrong).status_code == 400
    assert now().status == Status.PROPOSED
    with pytest.raises(MoveNotAllowed):
        suitability_reviews.ask(visit.public_id, [THINNER], seen=0, stood="pending", by=clinician_of(visit), at=AT)
