"""What a clinician decided about health answers is taken back on its day, and all is then as it was before."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from booking import closures as of_closures
from booking.actions import arrivals, calls, closures, moves, proposals
from booking.actions.proposals import TimeHeldAlready
from booking.actions.screening import screening, screening_reviews
from booking.actions.screening.screening_reviews import ScreeningDecided, ScreeningDecisionStands
from booking.models import Appointment, CallReason, CallTask, Hold, ScreeningResponse, ScreeningReview
from booking.screening.decided import MOMENTS, decided_today
from booking.screening.outcomes import ScreeningAnswers
from booking.screening.policies import screening_policy
from booking.screening.queries import screening_of
from booking.screening.questionnaire import AnswerChoice
from booking.screening.reviews import to_review
from booking.screening.state import ScreeningState
from booking.status import Move
from core.principal import Principal
from core.refusals import Invalid
from tests.factories.booking import HOUR, MINUTE, chicago, slot_id, visitor
from tests.factories.scheduler import AT

COUGH = "new_cough_breathless_sore_throat_runny_nose"
CAROL, DANA = Principal.system("carol"), Principal.system("dana")
STATE = ("decision", "decided_at", "decided_by", "masked", "earliest_day", "asked_by", *MOMENTS)
LATER = AT + MINUTE


def say(visit, *, emergency=False, companion=0, at=AT):
    """Answer behind Alice's link: a usual cough, or that she needs help now."""
    policy = screening_of(visit, at=at, companion=companion).policy
    choices = dict.fromkeys(policy.questions, AnswerChoice.NO) | {COUGH: AnswerChoice.USUAL_FOR_ME}
    said = ScreeningAnswers(answered_on=at.date(), choices=choices, emergency=emergency)
    return screening.answer(visit.public_id, said, by=visitor("alice"), at=at, companion=companion)


def approve(row, at=LATER, **more):
    return screening_reviews.approve(row.public_id, masked=False, by=CAROL, at=at, **more)


def mask(row, at=LATER):
    return screening_reviews.approve(row.public_id, masked=True, by=CAROL, at=at)


def ask(row, at=LATER):
    window = screening_reviews.windows(row.appointment, at=at)[0]
    return screening_reviews.ask(row.public_id, window, by=CAROL, at=at)


def decline(row, at=LATER):
    return screening_reviews.decline(row.public_id, by=CAROL, at=at)


def take_back(row, at=LATER + MINUTE, **more):
    return screening_reviews.take_back(row.public_id, by=DANA, at=at, **more)


def state(row):
    row.refresh_from_db()
    return {name: getattr(row, name) for name in STATE}


def calls_to_make():
    return list(CallTask.objects.filter(done_at=None).values_list("reason", flat=True))


@pytest.mark.parametrize("decide", [approve, mask, ask, decline])
def test_each_decision_is_taken_back_and_alices_answers_are_as_they_were(visit, decide):
    row = say(visit)
    before = state(row)
    decide(row)
    assert state(row) != before
    assert [one.response for one in decided_today(None, at=LATER)] == [row]
    take_back(row)
    assert state(row) == before
    assert to_review(None, at=LATER + MINUTE) == [row]
    assert decided_today(None, at=LATER + MINUTE) == []
    assert calls_to_make() == []


def test_who_decided_and_who_took_it_back_stays_written_down(visit):
    row = say(visit)
    approve(row)
    take_back(row)
    review = ScreeningReview.objects.get()
    assert (review.decision, review.decided_by, review.taken_back_by) == ("approved", CAROL.key, DANA.key)


@pytest.mark.parametrize("decide", [approve, decline])
def test_whoever_expected_a_call_before_is_to_be_called_again(visit, decide):
    row = say(visit)
    ask(row)
    expected = state(row)
    decide(row, LATER + MINUTE)
    assert calls_to_make() == []
    take_back(row, LATER + 2 * MINUTE)
    assert state(row) == expected
    assert calls_to_make() == [CallReason.SCREENING]


def test_a_second_press_takes_no_older_decision_back(visit):
    row = say(visit)
    ask(row)
    approve(row, LATER + MINUTE)
    newest = ScreeningReview.objects.first().public_id
    for _press in range(2):
        take_back(row, LATER + 2 * MINUTE, review=newest)
        take_back(row, LATER + 2 * MINUTE)
    assert state(row)["asked_by"] == CAROL.key
    (left,) = decided_today(None, at=LATER + 2 * MINUTE)
    take_back(row, LATER + 3 * MINUTE, review=left.public_id)
    assert state(row)["asked_by"] == ""


def test_an_older_decision_stands_as_long_as_a_newer_one_does(visit):
    row = say(visit)
    ask(row)
    older = ScreeningReview.objects.get().public_id
    approve(row, LATER + MINUTE)
    with pytest.raises(ScreeningDecisionStands, match="Another decision was made since then"):
        take_back(row, LATER + 2 * MINUTE, review=older)


def checked_in(visit):
    Appointment.objects.update(status="checked-in")


def moved(visit):
    Appointment.objects.update(version=visit.version + 1)


def called_off(visit):
    moves.move(visit.public_id, Move.CANCEL, by=DANA, at=LATER, reason="patient")


@pytest.mark.parametrize("decide", [approve, ask, decline])
@pytest.mark.parametrize(
    ("meanwhile", "says"), [(checked_in, "checked in already"), (moved, "changed since"), (called_off, "changed since")]
)
def test_a_decision_stands_once_alices_visit_has_moved_on(visit, decide, meanwhile, says):
    row = say(visit)
    decide(row)
    decided = state(row)
    meanwhile(visit)
    with pytest.raises(ScreeningDecisionStands, match=says):
        take_back(row)
    assert state(row) == decided
    assert decided_today(None, at=LATER + MINUTE) == []


@pytest.mark.parametrize(("hours", "stands"), [(15.9, False), (16.1, True)])
def test_a_decision_stands_from_midnight_at_the_site_on(visit, hours, stands):
    assert datetime(2026, 10, 5, 13, tzinfo=UTC) == AT  # eight in the morning there
    row = say(visit)
    approve(row)
    at = AT + hours * HOUR
    assert (decided_today(None, at=at) == []) is stands
    if stands:
        with pytest.raises(ScreeningDecisionStands, match="another day"):
            take_back(row, at)
    else:
        take_back(row, at)


def test_a_decision_about_older_answers_is_not_taken_back(visit):
    row = say(visit)
    decline(row)
    say(visit, at=LATER)
    with pytest.raises(ScreeningDecided):
        take_back(row)


@pytest.fixture
def closed_and_proposed(visit):
    """Alice's time is closed, and the first after it is proposed to her; it is kept."""
    days = {"first_on": date(2026, 10, 6), "last_on": date(2026, 10, 11)}
    closures.close(visit.site, therapy="acu_manual", **days, name="Ventilation", by=DANA, at=AT)
    return proposals.propose(visit.public_id, by=DANA, at=AT).hold


@pytest.mark.parametrize("same", [True, False])
def test_what_a_closure_proposes_to_alice_is_not_given_back_for_what_a_clinician_keeps(
    dr_li, visit, closed_and_proposed, same
):
    row = say(visit)
    before = state(row)
    slot = closed_and_proposed.slot if same else slot_id(dr_li, chicago(13, 10))
    with pytest.raises(TimeHeldAlready, match="October 12, 2026"):
        screening_reviews.decline(row.public_id, slot_id=slot, by=CAROL, at=LATER)
    assert state(row) == before
    decline(row)
    take_back(row)
    held = Hold.objects.get()
    assert (held.state, held.expires_at) == ("open", closed_and_proposed.expires_at)


def test_twin_whoever_does_not_look_at_closures_gives_it_back(dr_li, visit, closed_and_proposed, monkeypatch):
    monkeypatch.setattr(of_closures, "offered_instead", lambda *_, **__: None)
    row = say(visit)
    screening_reviews.decline(row.public_id, slot_id=slot_id(dr_li, chicago(13, 10)), by=CAROL, at=LATER)
    take_back(row)
    assert set(Hold.objects.values_list("state", flat=True)) == {"released"}


def test_whoever_is_to_wait_after_all_on_the_day_before_is_called_as_well(visit):
    at = visit.period.lower - 20 * HOUR
    row = say(visit, at=at)
    approve(row, at)
    assert calls_to_make() == []
    take_back(row, at + MINUTE)
    assert calls_to_make() == [CallReason.SCREENING]
    mask(row, at + 2 * MINUTE)
    assert calls_to_make() == []


def test_a_call_that_staff_have_made_is_not_to_be_made_again(visit):
    row = say(visit)
    ask(row)
    calls.done(list(CallTask.objects.values_list("pk", flat=True)), by=DANA, at=LATER)
    approve(row, LATER + MINUTE)
    take_back(row, LATER + 2 * MINUTE)
    assert calls_to_make() == []


def tell_by_phone(at):
    """Let Dana call whoever is to be called, as no mail reaches them."""
    calls.raise_for([Appointment.objects.get().pk], CallReason.SCREENING, at=at, again=True)
    calls.done(list(CallTask.objects.filter(done_at=None).values_list("pk", flat=True)), by=DANA, at=at)


@pytest.mark.parametrize("hours", [47, 29, 20])
@pytest.mark.parametrize("decide", [approve, mask, decline])
def test_who_was_told_by_phone_is_called_once_it_does_not_count_any_more(visit, decide, hours):
    at = visit.period.lower - hours * HOUR
    row = say(visit, at=at)
    decide(row, at)
    tell_by_phone(at + MINUTE)
    for _press in range(2):
        take_back(row, at + 2 * MINUTE)
    assert calls_to_make() == [CallReason.SCREENING]


def test_twin_where_nobody_looks_at_calls_whoever_was_told_by_phone_believes_it_still(visit, monkeypatch):
    monkeypatch.setattr(calls, "was_made", lambda *_, **__: False)
    row = say(visit)
    approve(row)
    tell_by_phone(LATER)
    take_back(row)
    assert calls_to_make() == []


def test_who_is_called_that_it_counts_no_more_need_not_be_once_it_is_decided_again(visit):
    row = say(visit)
    approve(row)
    tell_by_phone(LATER)
    take_back(row)
    assert screening_reviews.call_undecided(at=LATER + 2 * MINUTE) == 0
    approve(row, LATER + 2 * MINUTE)
    assert calls_to_make() == []


# -- who needs help now -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("companion", [0, 1])
def test_nobody_lets_come_who_needs_help_without_having_talked_with_them(visit, companion):
    row = say(visit, emergency=True, companion=companion)
    before = state(row)
    for decide in (approve, mask):
        with pytest.raises(Invalid) as refused:
            decide(row)
        assert refused.value.facts["errors"][0]["pointer"] == "/talked"
    assert state(row) == before
    assert not ScreeningReview.objects.exists()
    approve(row, talked=True)
    assert ScreeningReview.objects.get().talked


def test_who_needs_help_does_so_again_once_it_is_taken_back_that_they_may_come(visit):
    row = say(visit, emergency=True)
    approve(row, talked=True)
    assert screening_of(visit, at=LATER).state == "clear"
    assert calls_to_make() == []
    take_back(row)
    assert screening_of(visit, at=LATER).state == "seek-care"
    assert CallReason.SEEK_CARE in calls_to_make()


# -- answers that are forgotten meanwhile -----------------------------------------------------------------------------


def recheck(row):
    day = row.appointment.period.lower
    policy = screening_policy(row.appointment.site_id, starts_at=day)
    nothing = dict.fromkeys(policy.recheck, AnswerChoice.NO)
    said = ScreeningAnswers(answered_on=day.date(), choices=nothing, temperature_f=98)
    arrivals.recheck(row.appointment.public_id, said, by=DANA, at=day)


def approve_and_take_back(row):
    approve(row)
    take_back(row)


def approve_and_recheck(row):
    approve(row)
    recheck(row)


@pytest.mark.parametrize("act", [approve, ask, decline, approve_and_take_back, approve_and_recheck])
def test_answers_that_are_forgotten_while_somebody_decides_stay_forgotten(visit, act):
    row = say(visit)

    def forget_first(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "booking_screeningresponse" in sql:
            with connection.cursor() as cursor:  # as the nightly task does, a moment before the decision is written
                cursor.cursor.execute("UPDATE booking_screeningresponse SET answers = ''")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(forget_first):
        act(row)
    assert ScreeningResponse.objects.get().answers == ""


def test_an_arrival_that_is_undone_does_not_let_alice_say_away_what_a_clinician_looks_at(visit):
    say(visit)
    # As an undo leaves it: the visit has another version, and is where it was.
    Appointment.objects.update(version=visit.version + 1)
    policy = screening_of(visit, at=LATER).policy
    nothing = ScreeningAnswers(answered_on=LATER.date(), choices=dict.fromkeys(policy.questions, AnswerChoice.NO))
    now = screening.answer(visit.public_id, nothing, by=visitor("alice"), at=LATER)
    assert (now.outcome, now.reviewed) == ("review", True)


def test_who_was_to_stay_away_does_so_still_once_another_policy_asks(visit):
    row = say(visit)
    decline(row)
    kept_away = screening_of(visit, at=LATER).state
    ScreeningResponse.objects.update(policy_version=row.policy_version + 1)  # as when another one is in force since
    assert screening_of(visit, at=LATER).state is kept_away is ScreeningState.STAY_AWAY


def test_whom_a_clinician_lets_come_may_so_also_where_another_policy_asks_since(visit):
    row = say(visit)
    approve(row)
    ScreeningResponse.objects.update(policy_version=row.policy_version + 1)
    assert screening_of(visit, at=LATER).state is ScreeningState.CLEAR


def test_who_said_that_nothing_applies_is_asked_anew_once_another_policy_asks(visit):
    questions = screening_of(visit, at=AT).policy.questions
    nothing = ScreeningAnswers(answered_on=AT.date(), choices=dict.fromkeys(questions, AnswerChoice.NO))
    row = screening.answer(visit.public_id, nothing, by=visitor("alice"), at=AT)
    ScreeningResponse.objects.update(policy_version=row.policy_version + 1)
    assert screening_of(visit, at=LATER).state is ScreeningState.UNANSWERED
