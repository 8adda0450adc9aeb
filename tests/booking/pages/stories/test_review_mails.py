"""What a clinician decided about health answers is told by mail: once, what to do, and no answer."""

from datetime import date, timedelta
from functools import partial

import pytest

from booking.actions import calls
from booking.actions.screening import screening_reviews
from booking.models import Appointment, CallReason, CallTask
from booking.screening.questionnaire import AnswerChoice
from booking.screening.review_times import CallWindow
from core import clock as core_clock
from notifications.actions import deliver
from notifications.actions.deliver import Start
from notifications.models import Message
from notifications.status import Delivery
from scheduler.models import Practitioner
from tests.booking.pages.reviewing import CAROL, QUIET, TEST, answers, decide, hay_fever, says, send, sent
from tests.factories.booking import chicago, slot_id
from tests.notifications.rounds import picked_up


@pytest.fixture
def visit(confirmed_once, site, clock):
    """Alice's visit of tomorrow, of which she has had her confirmation."""
    return Appointment.objects.get()


def test_alice_hears_that_she_can_come_and_no_answer_of_hers_is_in_the_mail(visit, clock):
    decide(screening_reviews.approve, hay_fever(visit), masked=True)
    (told,) = sent(clock)
    assert says(told, "You can come")
    assert "Please wear a mask" in told.body
    assert "/screening/" in told.body
    assert "nose" not in told.body
    assert sent(clock) == []


def test_alice_hears_that_she_should_not_come_and_where_another_time_is(visit, clock):
    decide(screening_reviews.decline, hay_fever(visit))
    (told,) = sent(clock)
    assert says(told, "Please do not come to this appointment yet")
    assert "Your time stays yours" in told.body
    assert "/screening/" in told.body
    assert not any("calendar" in str(part) for part in told.alternatives)


def test_alice_who_has_no_phone_on_file_is_asked_to_call_in_the_hour_that_was_chosen(visit, clock):
    row = hay_fever(visit)
    decide(screening_reviews.ask, row, window=screening_reviews.windows(visit, at=core_clock.now())[0])
    (told,) = sent(clock)
    assert "Please call us between Monday, October 5" in told.body


def test_another_hour_for_the_call_is_told_and_the_one_before_is_not(visit, clock):
    row, hours = hay_fever(visit), screening_reviews.windows(visit, at=core_clock.now())
    for hour in hours[:2]:
        decide(screening_reviews.ask, row, window=hour)
        send()
    (told,) = sent(clock)
    assert "10:00" in told.body


def test_what_is_taken_back_within_two_minutes_is_told_to_nobody(visit, clock):
    row = hay_fever(visit)
    decide(screening_reviews.decline, row)
    send()
    decide(screening_reviews.take_back, row)
    assert sent(clock) == []


@pytest.mark.parametrize("decision", [screening_reviews.decline, partial(screening_reviews.approve, masked=False)])
def test_who_heard_what_was_decided_hears_once_that_it_is_looked_at_again(visit, clock, decision):
    row = hay_fever(visit)
    decide(decision, row)
    sent(clock)
    decide(screening_reviews.take_back, row)
    (told,) = sent(clock)
    assert says(told, "Please wait: we look at it once more")


def test_what_is_decided_otherwise_within_two_minutes_is_told_once_as_it_stands(visit, clock):
    row = hay_fever(visit)
    decide(screening_reviews.approve, row, masked=False)
    send()
    decide(screening_reviews.take_back, row)
    send()
    decide(screening_reviews.approve, row, masked=True)
    (told,) = sent(clock)
    assert "Please wear a mask" in told.body


def test_what_is_taken_back_and_decided_as_before_is_no_news(visit, clock):
    row = hay_fever(visit)
    decide(screening_reviews.approve, row, masked=True)
    sent(clock)
    decide(screening_reviews.take_back, row)
    send()
    decide(screening_reviews.approve, row, masked=True)
    assert sent(clock) == []


@pytest.mark.parametrize("otherwise", ["another day", "a time that is kept"])
def test_who_is_to_stay_away_otherwise_than_they_heard_hears_of_it(visit, clock, otherwise):
    row, grace = hay_fever(visit), Practitioner.objects.get(name="Grace Okoro")
    day = date(2026, 10, 9)
    kept = {"another day": {}, "a time that is kept": {"slot_id": slot_id(grace, chicago(9, 10), visit="initial")}}
    decide(screening_reviews.decline, row, earliest_day=day)
    assert len(sent(clock)) == 1
    decide(screening_reviews.take_back, row)
    send()
    later = day + timedelta(days=21) if otherwise == "another day" else day
    decide(screening_reviews.decline, row, earliest_day=later, **kept[otherwise])
    (told,) = sent(clock)
    assert says(told, "Please do not come to this appointment yet")


def hour(visit, *, longer=timedelta(0)):
    first = screening_reviews.windows(visit, at=core_clock.now())[0]
    return CallWindow(starts_at=first.starts_at, ends_at=first.ends_at + longer)


@pytest.mark.parametrize("quiet", [0, 1])
def test_another_end_of_the_hour_for_a_call_is_told_and_the_one_before_is_not(visit, clock, quiet):
    row = hay_fever(visit)
    decide(screening_reviews.ask, row, window=hour(visit))
    for _heard in range(quiet):
        assert len(sent(clock)) == 1
    send()
    decide(screening_reviews.ask, row, window=hour(visit, longer=timedelta(minutes=25)))
    (told,) = sent(clock)
    assert "25 AM" in told.body


def test_what_is_decided_after_the_call_is_told(visit, clock):
    row, first = hay_fever(visit), hour(visit)
    decide(screening_reviews.ask, row, window=first)
    sent(clock)
    clock.move_to(first.ends_at + timedelta(minutes=5))
    decide(screening_reviews.approve, row, masked=False)
    (told,) = sent(clock)
    assert says(told, "You can come")


def test_who_expected_a_call_hears_that_they_are_called_after_all(visit, clock):
    row = hay_fever(visit)
    decide(screening_reviews.ask, row, window=screening_reviews.windows(visit, at=core_clock.now())[-1])
    sent(clock)
    decide(screening_reviews.approve, row, masked=False)
    sent(clock)
    decide(screening_reviews.take_back, row)
    (told,) = sent(clock)
    assert says(told, "We would like to talk with you before you come")


def test_nothing_is_told_of_answers_that_were_given_anew_meanwhile(visit, clock):
    decide(screening_reviews.approve, hay_fever(visit), masked=False)
    send()
    hay_fever(visit)
    assert sent(clock) == []


def test_of_a_companion_the_patient_hears_and_their_own_visit_stands(visit, clock):
    decide(screening_reviews.decline, hay_fever(visit, companion=1))
    (told,) = sent(clock)
    assert says(told, "Your companion cannot come along this time")
    assert "?who=1" in told.body


def test_whoever_has_no_address_is_called_by_a_clinician(visit, clock):
    visit.patient.contacts.all().delete()
    decide(screening_reviews.approve, hay_fever(visit), masked=False)
    assert sent(clock) == []
    assert CallTask.objects.get(done_at=None).reason == CallReason.SCREENING
    assert Message.objects.get(kind="reviewed").status == Delivery.FAILED


def called(reason=CallReason.SCREENING):
    """Let Dana call whoever is to be called for this reason."""
    made = calls.done(list(CallTask.objects.filter(reason=reason, done_at=None).values_list("pk", flat=True)),
                      by=CAROL, at=core_clock.now())  # fmt: skip
    assert made == 1


def test_whoever_has_no_address_and_was_told_in_a_call_is_called_once_it_counts_no_more(visit, clock):
    visit.patient.contacts.all().delete()
    row = hay_fever(visit)
    decide(screening_reviews.approve, row, masked=False)
    sent(clock)
    called()
    decide(screening_reviews.take_back, row)
    sent(clock)
    called()
    decide(screening_reviews.approve, row, masked=False)
    sent(clock)
    called()


def test_who_heard_in_a_call_that_it_counts_no_more_hears_what_is_decided_though_it_is_as_before(visit, clock):
    row = hay_fever(visit)
    decide(screening_reviews.approve, row, masked=False)
    assert len(sent(clock)) == 1
    decide(screening_reviews.take_back, row)
    calls.raise_for([visit.pk], CallReason.SCREENING, at=core_clock.now())
    called()
    decide(screening_reviews.approve, row, masked=False)
    (told,) = sent(clock)
    assert says(told, "You can come")


def test_a_second_round_tells_it_not_again(visit, clock):
    decide(screening_reviews.approve, hay_fever(visit), masked=False)
    send()
    send()
    assert len(sent(clock)) == 1


def begun_after(act, clock):
    """Read what is to be told of a review; begin it once somebody has done something else meanwhile."""
    send()
    clock.shift(QUIET)
    (reading,) = picked_up(core_clock.now())
    act()
    return deliver.begin(reading, at=core_clock.now())


def taken_back(visit):
    row = hay_fever(visit)
    decide(screening_reviews.decline, row)
    return lambda: decide(screening_reviews.take_back, row)


def decided_otherwise(visit):
    row = hay_fever(visit)
    decide(screening_reviews.approve, row, masked=False)

    def other():
        decide(screening_reviews.take_back, row)
        decide(screening_reviews.approve, row, masked=True)

    return other


def answered_anew(visit):
    decide(screening_reviews.approve, hay_fever(visit), masked=False)
    return lambda: answers(visit, **{TEST: AnswerChoice.YES})


def called_until_later(visit):
    row = hay_fever(visit)
    decide(screening_reviews.ask, row, window=hour(visit))
    return lambda: decide(screening_reviews.ask, row, window=hour(visit, longer=timedelta(minutes=25)))


MEANWHILE = [taken_back, decided_otherwise, answered_anew, called_until_later]


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_decision_that_holds_no_more_as_its_mail_meets_the_wire_is_not_told(visit, clock, meanwhile):
    assert begun_after(meanwhile(visit), clock) in {Start.NOT_MINE, Start.CHANGED}


def test_a_decision_that_stands_is_told(visit, clock):
    decide(screening_reviews.approve, hay_fever(visit), masked=False)
    assert begun_after(lambda: None, clock) is Start.BEGUN


def test_the_hour_of_a_call_that_stands_is_told(visit, clock):
    row = hay_fever(visit)
    decide(screening_reviews.ask, row, window=screening_reviews.windows(visit, at=core_clock.now())[0])
    assert begun_after(lambda: None, clock) is Start.BEGUN


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_twin_a_mark_that_does_not_look_at_decisions_tells_it(visit, clock, meanwhile, monkeypatch):
    monkeypatch.setattr(deliver, "AS_DECIDED", "TRUE")
    assert begun_after(meanwhile(visit), clock) is Start.BEGUN
