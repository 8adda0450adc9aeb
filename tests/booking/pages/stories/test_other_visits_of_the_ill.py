"""Whoever stays away is sent the links to their other visits of those days, by their answers or by a decision."""

import re
from datetime import date

import pytest
from django.core import mail
from django.urls import reverse

from booking.actions.screening import screening_reviews
from booking.models import Appointment, CallReason, CallTask
from booking.screening.questionnaire import AnswerChoice
from core import clock as core_clock
from core.roles import Role
from notifications.actions import deliver
from notifications.actions.deliver import Start
from scheduler.models import Practitioner
from tests.booking.pages.drafting import staff
from tests.booking.pages.reviewing import QUIET, TEST, answers, decide, hay_fever, send, sent
from tests.booking.pages.walk import text_of
from tests.factories.booking import chicago, make_visit, slot_id
from tests.factories.scheduler import AT
from tests.notifications.rounds import picked_up


@pytest.fixture
def visit(confirmed_once, site, clock):
    """Alice's visit of tomorrow, of which she has had her confirmation."""
    return Appointment.objects.get()


def test_whoever_stays_away_gets_links_to_their_other_visits_of_those_days_alone(visit, clock):
    grace = Practitioner.objects.get(name="Grace Okoro")
    for day in (8, 12, 26):  # twice before her first day, and once after it
        start = chicago(day, 11)
        make_visit(visit.patient, slot_id(grace, start, visit="followup"), at=AT)
    sent(clock)
    answers(visit, **{TEST: AnswerChoice.YES})
    send()
    (told,) = sent(clock) or mail.outbox
    assert told.subject == "Your other appointments"
    assert told.body.count("/m/") == 2
    assert "October 8" in told.body
    assert "October 12" in told.body
    assert "test" not in told.body.replace("example.test", "")


@pytest.fixture
def others(visit, clock):
    """Alice's visits of October 8 and 12 as well, of which she has had her confirmations."""
    grace = Practitioner.objects.get(name="Grace Okoro")
    made = [make_visit(visit.patient, slot_id(grace, chicago(day, 11), visit="followup"), at=AT) for day in (8, 12)]
    sent(clock)
    return made


def of_others(told):
    return [each for each in told if each.subject.startswith("Your other appointment")]


def test_whoever_a_clinician_lets_stay_away_gets_links_to_their_other_visits_of_those_days(visit, others, clock):
    row = hay_fever(visit)
    decide(screening_reviews.decline, row, earliest_day=date(2026, 10, 10))
    (told,) = of_others(sent(clock))
    assert "October 8" in told.body
    assert "October 12" not in told.body
    assert "You may want to move it to another time as well, or give it back." in " ".join(told.body.split())
    assert "This is not your appointment? Then please call us" in told.body
    assert sent(clock) == []


def on_to_do(dana):
    """Return on which days To do lists that somebody must not come in then, once it counts what it lists."""
    page = dana.get("/desk/to-do/")
    stands = len(re.findall(r'<a class="tap(?: no-print)?" href="/desk/', page.content.decode()))
    assert f"To do ({stands})" in text_of(page)
    _, _, listed = text_of(page).partition("They must not come in on the day of their appointment")
    days = re.findall(r"October (\d+), 2026, \d+:\d+ [AP]M, Grace", listed.partition("First appointments")[0])
    return list(dict.fromkeys(days))  # a link says its day once more to whoever hears it


def test_who_must_not_come_in_a_week_later_either_stands_on_to_do_and_is_counted(visit, others, site):
    dana, row = staff("dana", Role.SCHEDULER, site), hay_fever(visit)
    decide(screening_reviews.decline, row, earliest_day=date(2026, 10, 20))
    assert on_to_do(dana) == ["6", "8", "12"]
    page = dana.get("/desk/to-do/").content.decode()
    assert all(reverse("desk-another-time", args=[one.public_id]) in page for one in others)
    decide(screening_reviews.take_back, row)
    decide(screening_reviews.decline, row, earliest_day=date(2026, 10, 10))
    assert on_to_do(dana) == ["6", "8"]


@pytest.mark.parametrize("then", ["nothing", "may come"])
def test_of_what_is_taken_back_within_two_minutes_no_links_are_told(visit, others, clock, then):
    row = hay_fever(visit)
    decide(screening_reviews.decline, row, earliest_day=date(2026, 10, 20))
    send()
    decide(screening_reviews.take_back, row)
    if then == "may come":
        decide(screening_reviews.approve, row, masked=False)
    assert of_others(sent(clock)) == []


def test_who_stays_away_for_longer_than_they_heard_gets_the_links_of_those_days_once(visit, others, clock):
    row, listed = hay_fever(visit), []
    for last in (10, 20, 20):
        decide(screening_reviews.decline, row, earliest_day=date(2026, 10, last))
        listed.append([told.body.count("/m/") for told in of_others(sent(clock))])
        decide(screening_reviews.take_back, row)
        sent(clock)
    assert listed == [[1], [2], []]


def test_nobody_hears_of_other_visits_whose_companion_stays_away(visit, others, clock):
    decide(screening_reviews.decline, hay_fever(visit, companion=1), earliest_day=date(2026, 10, 20))
    assert of_others(sent(clock)) == []


def test_whoever_has_no_address_hears_of_both_in_one_call(visit, others, clock):
    visit.patient.contacts.all().delete()
    decide(screening_reviews.decline, hay_fever(visit), earliest_day=date(2026, 10, 20))
    assert sent(clock) == []
    assert list(CallTask.objects.filter(done_at=None).values_list("reason", flat=True)) == [CallReason.SCREENING]


@pytest.mark.parametrize("guarded", [True, False])
def test_links_of_what_is_taken_back_as_they_meet_the_wire_are_not_told(visit, others, clock, monkeypatch, guarded):
    if not guarded:
        monkeypatch.setattr(deliver, "AS_DECIDED", "TRUE")
    row = hay_fever(visit)
    decide(screening_reviews.decline, row, earliest_day=date(2026, 10, 20))
    send()
    clock.shift(QUIET)
    (links,) = [one for one in picked_up(core_clock.now()) if one.outgoing.message.kind == "link"]
    decide(screening_reviews.take_back, row)
    assert deliver.begin(links, at=core_clock.now()) is (Start.NOT_MINE if guarded else Start.BEGUN)
