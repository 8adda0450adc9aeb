"""Requests that somebody looks at: the list of those who decide, their answers, and what becomes of each."""

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse

from booking.actions import appointments, calls, links, tidying
from booking.actions.patients.address_verification import ask_for_code
from booking.actions.suitability import review_answers
from booking.errors import MoveNotAllowed
from booking.limit_kinds import VerificationReason
from booking.models import CallReason, CallTask, ContactPoint
from booking.models.patients import ContactSystem
from booking.status import Move, Status
from core.models import User
from core.principal import Principal
from core.roles import Role
from notifications.actions import dispatch
from scheduler.actions import calendars
from scheduler.audience import CANCER_PROGRAM
from scheduler.models import Practitioner
from scheduler.public import slot as opened
from tests.factories.admin import sign_in
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, chicago, make_visit, person_of, slot_id
from tests.factories.policies import publish_policy
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.factories.visits import as_it_was

pytestmark = pytest.mark.usefixtures("alice", "dr_li")  # all ask for them: they are made once for the module

LIST = "admin:booking_reviewrequest_changelist"
TEN, THREE = chicago(12, 10), chicago(13, 15)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(AT, tick=False) as travelling:
        yield travelling


@pytest.fixture(scope="module", autouse=True)
def reviewed_once(made_once, once_a_module):
    """First visits are looked at within a business day, and kept for that until a day before."""
    looked_at = {"reason": "first-visit", "business_days": 1, "until_hours_before": 24}
    with once_a_module():
        publish_policy("booking", {"review": [looked_at]})


@pytest.fixture(scope="module")
def asked_once(reviewed_once, made_once, once_a_module):
    """Alice's request for a first visit."""
    with once_a_module():
        alice, practitioner = person_of(made_once["alice"]), Practitioner.objects.get(pk=made_once["dr_li"])
        slot = opened(slot_id(practitioner, TEN, visit="first"))
        return appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot).pk


@pytest.fixture
def asked(asked_once, alice, dr_li):
    return as_it_was(asked_once)


@pytest.fixture
def kim(client, lakeside):
    """A clinician of the site, in nobody's calendar."""
    return sign_in(client, "kim", Role.CLINICIAN, lakeside)


def listed(client, **query):
    answer = client.get(reverse(LIST), query)
    assert answer.status_code == 200
    return list(answer.context["cl"].queryset.values_list("pk", flat=True))


def page(client, visit, **query):
    return client.get(reverse("admin:booking_reviewrequest_change", args=[visit.pk]), query)


def answer(client, visit, act, **facts):
    url = reverse("admin:booking_reviewrequest_change", args=[visit.pk])
    said = client.post(url, {"act": act, "version": visit.version} | facts, follow=True)
    visit.refresh_from_db()
    return said.content.decode()


def mails(at):
    mail.outbox.clear()
    dispatch.run(now=lambda: at)
    return [one.subject + "\n" + one.body for one in mail.outbox]


def test_a_clinician_sees_who_asks_for_what_by_when_to_decide_and_books_it(kim, asked):
    text = kim.get(reverse(LIST)).content.decode().replace("\u202f", " ")
    for told in ("Alice", "first appointment", "Mon, Oct 12, 10:00", "Tue, Oct 6", "Sun, Oct 11"):
        assert told in text, told
    assert "is booked. They hear so by e-mail." in answer(kim, asked, "accept")
    assert asked.status == Status.BOOKED
    assert listed(kim) == []
    assert any("Your appointment is booked" in one for one in mails(AT))


def test_who_is_booked_before_the_mail_about_the_request_went_out_hears_that_they_are_booked_alone(kim, asked):
    answer(kim, asked, "accept")
    [told] = mails(AT)
    assert "Your appointment is booked" in told


def test_what_nobody_decided_in_time_is_overdue_then_runs_out_with_a_call_to_make(kim, clock, asked):
    clock.move_to(AT + 2 * DAY)
    kim.force_login(User.objects.get(username="kim"))
    assert "overdue since" in kim.get(reverse(LIST)).content.decode()
    mails(AT)
    at = TEN - DAY
    tidying.tidy(at=at)
    clock.move_to(at)
    kim.force_login(User.objects.get(username="kim"))
    asked.refresh_from_db()
    assert asked.status == Status.CANCELLED
    assert CallTask.objects.get().reason == CallReason.UNANSWERED
    assert listed(kim) == []
    assert any("Your request has run out" in one for one in mails(at + HOUR))


def test_a_declined_request_says_why_on_page_and_in_mail_and_can_be_taken_back(kim, client, asked):
    mails(AT)
    assert "Choose what they are told." in answer(kim, asked, "decline")
    assert "is declined. They hear so by e-mail." in answer(kim, asked, "decline", because="time")
    told = "This time does not work for us: please choose another one, or call us."
    assert any(told in one and one.startswith("Your request for") for one in mails(AT + HOUR))
    token = links.issue(asked, at=AT)
    text = client.get(f"/m/{token}/").content.decode()
    assert told in text
    assert "We could not book what you asked for" in text
    assert listed(kim, state="declined") == [asked.pk]
    answer(kim, asked, "take-back")
    assert (asked.status, asked.kept_until) == (Status.PROPOSED, TEN - DAY)


def test_what_was_declined_is_listed_as_long_as_it_can_be_taken_back(kim, clock, asked):
    answer(kim, asked, "decline", because="time")
    midnight = chicago(6, 0)
    for at, shown in ((midnight - HOUR, [asked.pk]), (midnight, [])):
        clock.move_to(at)
        kim.force_login(User.objects.get(username="kim"))
        assert listed(kim, state="declined") == shown


def test_another_time_is_offered_and_alice_takes_it_with_one_press(kim, client, dr_li, asked):
    mails(AT)
    other = slot_id(dr_li, THREE, visit="first")
    assert other in page(kim, asked, day="2026-10-13").content.decode()
    assert "and kept until Mon, Oct 12" in answer(kim, asked, "offer", slot=other)
    assert (asked.status, asked.period.lower, asked.kept_until) == (Status.PROPOSED, THREE, THREE - DAY)
    assert "their answer to another time" in kim.get(reverse(LIST)).content.decode()
    [told] = mails(AT + HOUR)
    assert told.startswith("Another time for your request")
    assert "Take this time, or choose another" in told
    token = links.issue(asked, at=AT)
    assert "We can offer you another time" in client.get(f"/m/{token}/").content.decode()
    assert client.post(f"/m/{token}/accept/").status_code == 302
    asked.refresh_from_db()
    assert asked.status == Status.BOOKED
    assert client.post(f"/m/{token}/accept/").status_code == 302, "pressed twice, it is booked once"


def test_nobody_books_by_the_link_what_is_still_looked_at(client, asked):
    token = links.issue(asked, at=AT)
    assert "/accept/" not in client.get(f"/m/{token}/").content.decode()
    assert client.post(f"/m/{token}/accept/").status_code in {403, 409}
    asked.refresh_from_db()
    assert asked.status == Status.PROPOSED


def test_who_answers_with_a_time_of_their_own_waits_for_a_check_again(kim, client, alice, dr_li, asked):
    answer(kim, asked, "offer", slot=slot_id(dr_li, THREE, visit="first"))
    own = opened(slot_id(dr_li, chicago(14, 9), visit="first"))
    appointments.move(asked.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=own)
    token = links.issue(asked, at=AT)
    assert "/accept/" not in client.get(f"/m/{token}/").content.decode()
    with pytest.raises(MoveNotAllowed):
        appointments.move(asked.public_id, Move.COMPLETE, by=alice.principal, at=AT)


def test_a_stale_page_decides_about_nothing_that_changed_meanwhile(kim, alice, dr_li, asked):
    own = opened(slot_id(dr_li, THREE, visit="first"))
    appointments.move(asked.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=own)
    answer(kim, asked, "accept")
    assert asked.status == Status.PROPOSED


def test_only_those_who_decide_see_requests_and_only_those_of_their_site(client, lakeside, riverside, asked):
    for name, role, site in (("dana", Role.SCHEDULER, lakeside), ("roe", Role.CLINICIAN, riverside)):
        other = sign_in(client, name, role, site)
        assert page(other, asked).status_code in {403, 404}
        answer(other, asked, "accept")
        assert asked.status == Status.PROPOSED


def test_a_request_whose_address_nobody_has_shown_is_not_on_the_list_yet(kim, alice, asked):
    ask_for_code(asked, VerificationReason.AHEAD, by=alice.principal, at=AT)
    assert listed(kim) == []


@pytest.fixture
def _program_tuesdays(dr_li):
    """Dr Li's Tuesdays are the program's."""
    for hours in dr_li.working_hours.filter(weekday=2):
        calendars.change_hours(hours, audience=CANCER_PROGRAM, by=SYSTEM, at=AT)


@pytest.fixture
def hers(mallory, dr_li, lakeside, _program_tuesdays):
    """The request of Mallory, who is in no program, and comes on three other days already."""
    wednesdays_and_fridays = ((3, "09:00", "17:00"), (5, "09:00", "17:00"))
    dr_wu = make_practitioner(lakeside, name="Dr Wu", hours=wednesdays_and_fridays)
    lay_out()
    for day in (14, 21, 23):
        make_visit(mallory.record, slot_id(dr_wu, chicago(day, 11), visit="followup"))
    slot = opened(slot_id(dr_li, TEN, visit="first"))
    return appointments.book(patient=mallory.record, by=mallory.principal, at=AT, slot=slot)


@pytest.mark.parametrize(
    ("day", "some"),
    [
        pytest.param("2026-10-12", True, id="the day she asked for"),
        pytest.param("2026-10-13", False, id="of the program alone"),
        pytest.param("2026-10-14", True, id="where she has another appointment"),
        pytest.param("2026-10-22", False, id="in a full week"),
    ],
)
def test_each_time_that_is_listed_for_mallory_can_be_offered_to_her(kim, hers, day, some, pytestconfig):
    listed_times = page(kim, hers, day=day).context["times"]
    assert bool(listed_times) == some
    decider = Principal.of(User.objects.get(username="kim"), at=AT)
    for one in listed_times if pytestconfig.getoption("--full") else listed_times[::6] + listed_times[-1:]:
        with transaction.atomic():
            offered = {"slot": opened(one.id), "propose": True}
            review_answers.answer(hers.public_id, Move.RESCHEDULE, seen=hers.version, by=decider, at=AT, **offered)
            transaction.set_rollback(True)


@pytest.mark.usefixtures("_program_tuesdays")
def test_the_program_s_times_are_listed_for_alice_who_is_in_it(kim, asked):
    assert page(kim, asked, day="2026-10-13").context["times"]


def test_a_refused_offer_tells_staff_why_and_keeps_the_day_that_they_chose(kim, dr_li, hers):
    url = reverse("admin:booking_reviewrequest_change", args=[hers.pk]) + "?day=2026-10-13"
    facts = {"act": "offer", "version": hers.version, "slot": slot_id(dr_li, THREE, visit="first")}
    said = kim.post(url, facts, follow=True)
    assert said.context["day"] == "2026-10-13"
    text = said.content.decode()
    assert "kept for patients of a program, and this patient is not in it" in text
    assert "Please choose another time, or call us" not in text


@pytest.fixture
def by_phone(asked):
    """Alice's request, who is reached by phone alone."""
    asked.patient.contacts.all().delete()
    ContactPoint.objects.create(patient=asked.patient, system=ContactSystem.PHONE, value="+13125550100")
    return asked


@pytest.mark.parametrize("act", ["accept", "offer", "decline"])
def test_staff_who_answer_somebody_without_e_mail_hear_that_they_are_to_call_them(kim, dr_li, by_phone, act):
    said = answer(kim, by_phone, act, slot=slot_id(dr_li, THREE, visit="first"), because="time")
    assert "Alice Adams has no e-mail: call them, (312) 555-0100." in said
    assert "hear so by e-mail" not in said


def test_staff_hear_that_nobody_can_tell_her_who_is_not_reached_at_all(kim, asked):
    asked.patient.contacts.all().delete()
    assert "no e-mail and no phone number on file" in answer(kim, asked, "accept")


@pytest.fixture
def called_about(lakeside):
    """Read what the list of calls to make says to Dana: its text, and since when its one call is to be made."""
    dana = sign_in(Client(), "dana", Role.SCHEDULER, lakeside)

    def read():
        dana.force_login(User.objects.get(username="dana"))
        shown = dana.get(reverse("admin:booking_calltask_changelist"))
        [call] = shown.context["cl"].queryset
        return shown.content.decode().replace("\u202f", " ").replace("\xa0", " "), call.raised_at

    return read


OFFERED = "another time is offered and kept until Monday, October 12, 2026, 3:00 PM. Ask for yes or no"


def test_a_call_says_the_newest_news_that_she_has_not_heard_and_since_when(kim, clock, dr_li, by_phone, called_about):
    mails(AT)
    assert called_about()[1] == AT
    assert "we have their request" in called_about()[0]
    soon, later = AT + 10 * MINUTE, AT + 20 * MINUTE
    clock.move_to(soon)
    kim.force_login(User.objects.get(username="kim"))
    answer(kim, by_phone, "offer", slot=slot_id(dr_li, THREE, visit="first"))
    mails(soon)
    assert called_about()[1] == soon
    assert OFFERED in called_about()[0]
    clock.move_to(later)
    kim.force_login(User.objects.get(username="kim"))
    answer(kim, by_phone, "decline", because="time")
    mails(later)
    assert called_about()[1] == later
    assert "their request is declined" in called_about()[0]


def test_who_was_called_about_her_request_is_called_again_once_it_is_booked(kim, clock, by_phone, called_about):
    mails(AT)
    calls.done(CallTask.objects.values_list("pk", flat=True), by=SYSTEM, at=AT + MINUTE)
    mails(AT + 2 * MINUTE)
    assert not CallTask.objects.filter(done_at=None).exists(), "she has heard all there is"
    soon = AT + 10 * MINUTE
    clock.move_to(soon)
    kim.force_login(User.objects.get(username="kim"))
    answer(kim, by_phone, "accept")
    mails(soon)
    text, since = called_about()
    assert since == soon
    assert "the appointment is booked" in text


@pytest.mark.parametrize("told_of_the_offer", [True, False])
def test_who_has_said_yes_on_the_phone_is_not_called_again_to_hear_that_she_is_booked(
    kim, clock, dr_li, by_phone, told_of_the_offer
):
    answer(kim, by_phone, "offer", slot=slot_id(dr_li, THREE, visit="first"))
    if told_of_the_offer:
        mails(AT)
    soon = AT + 10 * MINUTE
    clock.move_to(soon)
    kim.force_login(User.objects.get(username="kim"))
    assert "they have said yes to you or a colleague" in answer(kim, by_phone, "accept")
    mails(soon)
    assert by_phone.status == Status.BOOKED
    assert not CallTask.objects.filter(done_at=None).exists()


def test_who_said_yes_on_the_phone_and_is_moved_later_is_called_about_that(kim, clock, dr_li, by_phone):
    answer(kim, by_phone, "offer", slot=slot_id(dr_li, THREE, visit="first"))
    answer(kim, by_phone, "accept")
    mails(AT)
    soon = AT + 10 * MINUTE
    slot = opened(slot_id(dr_li, chicago(14, 9), visit="first"))
    appointments.move(by_phone.public_id, Move.RESCHEDULE, by=SYSTEM, at=soon, slot=slot)
    mails(soon + 3 * MINUTE)
    assert CallTask.objects.filter(done_at=None).exists()
