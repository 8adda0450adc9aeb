"""A therapy is closed for a while: Dana counts, tells, proposes; Alice chooses on her phone; and it opens again."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from booking.actions import calls, closures, uncovered_visits
from booking.models import Appointment, CallReason, CallTask, ClosureNotice, ContactPoint, Hold, Proof
from booking.status import Status
from core import clock as core_clock
from core.models import Policy, User
from core.policies.actions import policies
from core.policies.keys import changes_in_words
from core.refusals import Invalid
from core.roles import Role
from core.text.languages import localized
from notifications.models import Message
from notifications.status import MessageKind
from scheduler.models import Closure, Therapy
from tests.booking.pages.closing import close, page, propose_to_all, say, the_visit
from tests.booking.pages.walk import go_on, hidden_on, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM
from tests.factories.policies import adopt_screening, publish_screening
from tests.factories.scheduler import AT, lay_out, make_places, make_practitioner, make_site

pytestmark = pytest.mark.django_db
REOPENS = "October 12, 2026"
HOUR = 3600


@pytest.fixture(scope="module")
def told_once(booked_once, once_a_module):
    """Let Alice have her confirmation."""
    with once_a_module(), time_machine.travel(AT, tick=False):
        say()


@pytest.fixture
def visit(booked_once, told_once, alice):
    """Where Alice's appointment of tomorrow is found."""
    return go_on(alice, booked_once)


@pytest.fixture
def dana(site):
    return sign_in(Client(), "dana", Role.SCHEDULER, site)


def test_dana_counts_who_is_inside_before_she_closes_and_nobody_is_told_by_that(visit, dana, site):
    form = {"therapy": "acu_manual", "first_on": "10/6/2026", "last_on": "10/11/2026", "name": "Ventilation"}
    counted = dana.post("/desk/closures/new/", form)
    assert "Of 1 coming appointment 1 is inside; 0 of them have no e-mail." in text_of(counted)
    assert not Closure.objects.exists()
    closed = dana.post("/desk/closures/new/", form | {"sure": "1"})
    assert closed.status_code == 302
    told = page(dana, closed["Location"])
    assert "Alice Adams" in told
    assert "Not told yet" in told
    assert say() == []
    assert the_visit().status == Status.BOOKED


def test_what_was_typed_wrong_is_said_and_nothing_is_closed(dana, site):
    wrong = dana.post("/desk/closures/new/", {"first_on": "40/40/2026", "name": "x", "sure": "1"})
    assert wrong.status_code == 422
    assert "There are twelve months. Check the month." in text_of(wrong)
    turned = {"first_on": "10/11/2026", "last_on": "10/6/2026", "name": "x", "sure": "1"}
    assert "The last day cannot be before the first day." in text_of(dana.post("/desk/closures/new/", turned))
    assert not Closure.objects.exists()


def test_alice_is_told_once_and_moves_in_three_taps(visit, alice, dana, clock):
    where = close()
    dana.post(f"{where}tell/")
    dana.post(f"{where}tell/")
    (told,) = say()
    assert told.startswith("About your appointment on Tuesday, October 6, 2026")
    assert f"It is possible again from {REOPENS} on." in told
    assert "cancelled" in told
    assert "acupuncture" not in told.lower()
    assert say() == []
    assert "Told on October 5, 2026" in page(dana, where)
    there = alice.get(visit)  # the first tap is the mail's link
    assert "Your appointment cannot take place at that time" in text_of(there)
    assert "Monday, October 12" in text_of(there)
    check = alice.post(f"{visit}move/", {"slot": slots_on(there)[0]}, follow=True)
    moved = alice.post(f"{visit}move/check/", hidden_on(check), follow=True)
    assert "Your appointment has moved" in text_of(moved)
    assert the_visit().period.lower.date() == date(2026, 10, 12)
    assert "Chose another time" in page(dana, where)


def test_nobody_is_told_of_a_closure_before_staff_says_so(visit, alice):
    close()
    assert say() == []
    assert "cannot take place" not in text_of(alice.get(visit))


def test_reminders_of_a_closed_time_wait_and_nothing_is_cancelled(visit, dana, clock):
    dana.post(f"{close()}tell/")
    say()
    clock.shift(20 * HOUR)
    assert say() == []
    assert the_visit().status == Status.BOOKED


def test_alice_gives_her_time_back_without_a_mark(visit, alice, dana, clock):
    where = close()
    dana.post(f"{where}tell/")
    there = alice.post(f"{visit}closed/give-back/", follow=True)
    assert "cancelled" in text_of(there)
    assert "undo" not in text_of(there).lower()  # it would lead back to a time that is closed
    say()
    clock.shift(150)
    (told,) = say()
    assert "cancelled" in told
    assert "undo" not in told.lower()
    alice.post(f"{visit}closed/give-back/")
    assert not the_visit().late_cancel
    assert "Gave the time back" in page(dana, where)


def test_somebody_without_mail_is_to_be_called(visit, dana):
    ContactPoint.objects.filter(system="email").delete()
    where = close()
    assert "To be called" in page(dana, where)
    dana.post(f"{where}tell/")
    assert say() == []
    assert list(CallTask.objects.values_list("reason", flat=True)) == [CallReason.NOT_REACHED]


def call_made():
    """Let Dana make the one call that is to be made."""
    assert calls.done([CallTask.objects.get(done_at=None).pk], by=SYSTEM, at=core_clock.now()) == 1


def test_somebody_without_mail_is_called_about_each_piece_of_news(visit, dana, clock):
    ContactPoint.objects.filter(system="email").delete()
    where = close()
    for act in ("tell", "propose"):
        dana.post(f"{where}{act}/", {"appointment": str(the_visit().public_id)})
        assert say() == []
        call_made()
        clock.shift(1)
    dana.post(f"{where}open/", {"day": "10/6/2026"})
    say()
    assert CallTask.objects.get(done_at=None).reason == CallReason.NOT_REACHED


def test_whom_nobody_has_called_yet_nobody_calls_about_the_end_of_a_closure(visit, dana):
    ContactPoint.objects.filter(system="email").delete()
    where = close()
    dana.post(f"{where}tell/")
    say()
    dana.post(f"{where}open/", {"day": "10/6/2026"})
    say()
    assert not Message.objects.filter(kind=MessageKind.REOPENED).exists()


def test_an_address_that_nobody_has_shown_to_be_theirs_hears_nothing_of_a_closure(visit, dana):
    Appointment.objects.update(status=Status.PROPOSED)
    Proof.objects.create(appointment=the_visit(), made_by="visitor", issued_at=AT, relayed_at=AT)
    where = close()
    for act in ("tell", "propose"):
        dana.post(f"{where}{act}/", {"appointment": str(the_visit().public_id)})
        dana.post(f"{where}{act}/")
    assert say() == []
    assert not ClosureNotice.objects.exists()


def test_it_opens_again_and_who_was_told_hears_that_it_takes_place_after_all(visit, alice, dana, clock):
    where = close()
    propose_to_all(dana, where)
    say()
    dana.post(f"{where}open/", {"day": "10/6/2026"})
    (told,) = say()
    assert "Your appointment takes place after all" in told
    assert not Hold.objects.filter(state="open").exists()
    assert say() == []
    assert "cannot take place" not in text_of(alice.get(visit))


def test_who_was_not_told_of_a_closure_hears_nothing_of_its_end(visit, dana):
    where = close()
    dana.post(f"{where}tell/")
    dana.post(f"{where}open/", {"day": "10/6/2026"})  # before a mail went out
    assert say() == []
    assert set(Message.objects.filter(kind=MessageKind.CLOSED).values_list("status", "reason")) == {
        ("dropped", "unchanged")
    }


def test_a_policy_that_closes_everything_stands_among_the_closures_and_opens_with_the_next(visit, dana, clock):
    adopt_screening()
    publish_screening({"therapies_closed": ["*"]}, at=AT + timedelta(minutes=1))
    listed = dana.get("/desk/closures/")
    assert "The whole site" in text_of(listed)
    (where,) = re.findall(r'href="(/desk/closures/policy[^"?]+)', listed.content.decode())
    assert "Alice Adams" in page(dana, where)
    dana.post(f"{where}tell/")
    assert len(say()) == 1
    publish_screening({"therapies_closed": []}, at=AT + timedelta(minutes=2))
    closures.review_reopened(at=core_clock.now())
    assert "Your appointment takes place after all" in say()[0]


@pytest.mark.parametrize(("role", "sees"), [(Role.PRACTITIONER, False), (Role.CLINICIAN, None), (Role.ADMIN, True)])
def test_closing_is_for_schedulers_and_practitioners_read(visit, site, role, sees):
    where, somebody = close(), sign_in(Client(), "somebody", role, site)
    seen = somebody.get("/desk/closures/")
    assert seen.status_code == (403 if sees is None else 200)
    assert ("Close the site or a therapy" in text_of(seen)) is bool(sees)
    assert somebody.post(f"{where}tell/").status_code == (302 if sees else 403)
    assert ClosureNotice.objects.count() == (1 if sees else 0)


def test_whoever_drafts_a_policy_that_closes_reads_how_many_are_inside(visit, site):
    adopt_screening()
    content = Policy.objects.filter(key="screening", audience="patient").latest("version").content
    drafted = policies.draft(
        "screening", content | {"therapies_closed": ["acu_manual"]}, by=SYSTEM, at=AT, audience="patient"
    )
    found = policies.publication(drafted, at=AT)
    said = " ".join(policies.impact(drafted, found, at=AT))
    assert "Of 1 coming appointment 1 is inside; 0 of them have no e-mail." in said
    changes = " ".join(changes_in_words(drafted, content))
    assert localized(Therapy.objects.get(key="acu_manual").name) in changes
    assert "acu_manual" not in changes


def test_a_policy_that_closes_what_nobody_knows_is_refused(site):
    adopt_screening()
    content = Policy.objects.filter(key="screening", audience="patient").latest("version").content
    with pytest.raises(Invalid):
        policies.draft("screening", content | {"therapies_closed": ["yoga"]}, by=SYSTEM, at=AT, audience="patient")


def test_the_front_desk_system_lists_tells_and_proposes_over_the_api(visit, dana, site):
    where = close()
    other = APIClient()
    other.force_authenticate(user=User.objects.get(username__startswith="dana"))
    asked = {"site": "lakeside"}
    (found,) = other.get("/api/v1/closed-appointments/", asked).json()["appointments"]
    assert (found["state"], found["call"], found["proposed"]) == ("untold", False, None)
    named = {"appointment": found["appointment"]}
    told = other.post("/api/v1/closed-appointments/notices/", named, format="json")
    assert told.status_code == 201
    assert told.json()["appointments"][0]["state"] == "told"
    made = other.post("/api/v1/closed-appointments/proposals/", named, format="json").json()["appointments"][0]
    assert (made["state"], made["proposed"]["site"]) == ("proposed", "lakeside")
    again = other.post("/api/v1/closed-appointments/proposals/", named, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "time-held-already")
    assert "Proposed:" in page(dana, where)
    assert len(say()) == 2
    assert other.get("/api/v1/closed-appointments/", {"site": "nowhere"}).status_code == 400


def test_a_time_at_another_site_says_so(visit, alice, dana, site):
    river = make_site("riverside")
    make_places(river, 2)
    make_practitioner(river, name="Kim Park")
    lay_out(weeks=3)
    dana.post(f"{close()}tell/")
    shown = text_of(alice.get(visit))
    assert "Kim Park, Riverside clinic" in shown


def test_a_round_that_died_before_it_noted_what_it_planned_tells_nobody_twice(visit, dana):
    dana.post(f"{close()}tell/")
    assert len(say()) == 1
    ClosureNotice.objects.update(relayed_at=None)
    assert say() == []
    # The twin: what is told once is so by the number of the notice alone.
    Message.objects.filter(kind=MessageKind.CLOSED).update(policy_version=1_000_000)
    ClosureNotice.objects.update(relayed_at=None)
    assert len(say()) == 1


def call_about_the_closure(at) -> None:
    """Let the round put Alice on the list, and Dana call her."""
    uncovered_visits.review(at=at)
    call_made()


def test_whom_dana_told_by_hand_hears_once_that_it_takes_place_after_all(visit, dana, clock):
    where = close()
    call_about_the_closure(core_clock.now())
    assert say() == []
    clock.shift(60)
    dana.post(f"{where}open/", {"day": "10/6/2026"})
    (told,) = say()
    assert "Your appointment takes place after all" in told
    closures.review_reopened(at=core_clock.now())
    assert say() == []


def test_whom_dana_told_by_hand_and_no_mail_reaches_is_called_that_it_is_open_again(visit, dana, clock):
    ContactPoint.objects.filter(system="email").delete()
    where = close()
    call_about_the_closure(core_clock.now())
    clock.shift(60)
    dana.post(f"{where}open/", {"day": "10/6/2026"})
    assert say() == []
    assert CallTask.objects.get(done_at=None).reason == CallReason.NOT_REACHED


def test_whoever_was_called_before_anybody_was_told_of_openings_hears_of_none_by_an_upgrade(visit, dana, clock):
    where = close()
    call_about_the_closure(core_clock.now())
    CallTask.objects.update(follow_up=False)  # as calls are that were there before
    clock.shift(60)
    dana.post(f"{where}open/", {"day": "10/6/2026"})
    assert say() == []
    CallTask.objects.update(done_at=None, done_by="")
    call_made()  # one that was open then, and is made now
    assert closures.review_reopened(at=core_clock.now()) == 1


def test_a_time_that_closes_once_more_after_it_was_open_again_is_called_about_once_more(visit, dana, clock):
    where = close()
    call_about_the_closure(core_clock.now())
    clock.shift(60)
    dana.post(f"{where}open/", {"day": "10/6/2026"})
    clock.shift(60)
    close()
    uncovered_visits.review(at=core_clock.now())
    assert CallTask.objects.get(done_at=None).reason == CallReason.WITHOUT_COVER


def test_of_whom_a_call_ended_by_itself_nobody_says_that_they_were_told(visit, dana, clock):
    where = close()
    uncovered_visits.review(at=core_clock.now())
    clock.shift(60)
    dana.post(f"{where}open/", {"day": "10/6/2026"})
    uncovered_visits.review(at=core_clock.now())
    closures.review_reopened(at=core_clock.now())
    assert say() == []
