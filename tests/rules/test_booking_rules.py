"""What Alice may book, and when a visit may change."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking import rules
from booking.cancel_reasons import BY_PATIENT, EXCUSED, CancelReason
from booking.rules import Broken, CheckAnswer, MoveContext, OtherVisit, RequestedTime
from booking.status import Move, Status
from scheduler.audience import Audience, ReviewReason, ReviewTime, reviewable_from, window_of
from scheduler.business_days import BusinessDays

CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 10, 5, 17, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POLICY = SimpleNamespace(
    min_notice=4 * HOUR,
    horizon_patient=42 * DAY,
    horizon_staff=180 * DAY,
    max_active=8,
    max_per_week=2,
    free_until=24 * HOUR,
    first_visit_first=True,
)


DAYS = BusinessDays(zone_name=CHICAGO.key, closes=dict.fromkeys(range(1, 6), time(18)))


def asked(**facts):
    given = {"start": NOON + 7 * DAY, "visit": "first", "therapy": "acu_manual", "days": DAYS}
    return RequestedTime(**given | facts)


def had(start=NOON - 7 * DAY, visit="first", status=Status.BOOKED):
    return OtherVisit(start=start, end=start + HOUR, visit=visit, therapy="acu_manual", status=status)


@pytest.mark.parametrize(
    ("ahead", "staff", "broken"),
    [
        (-timedelta(seconds=1), False, [Broken.PAST]),
        (-timedelta(seconds=1), True, [Broken.PAST]),
        (timedelta(), True, [Broken.NOTICE]),
        (4 * HOUR - timedelta(seconds=1), False, [Broken.NOTICE]),
        (4 * HOUR, False, []),
        (42 * DAY - timedelta(minutes=5), False, []),
        (42 * DAY, False, [Broken.HORIZON]),
        (42 * DAY, True, []),
        (180 * DAY, True, [Broken.HORIZON]),
    ],
)
def test_a_time_is_neither_past_nor_too_soon_nor_too_far_ahead(ahead, staff, broken):
    window = window_of(Audience.STAFF if staff else Audience.PATIENT, POLICY, at=NOON)
    assert rules.broken_by_time(NOON + ahead, window, at=NOON) == broken


def test_a_held_time_is_judged_by_notice_when_it_was_held_and_by_the_past_now():
    when_held = window_of(Audience.PATIENT, POLICY, at=NOON - DAY)
    assert rules.broken_by_time(NOON + HOUR, when_held, at=NOON) == []
    assert rules.broken_by_time(NOON + HOUR, when_held, at=NOON + 2 * HOUR) == [Broken.PAST]


@given(ahead=st.timedeltas(-DAY, 400 * DAY))
def test_what_staff_cannot_have_in_time_a_patient_cannot_have_either(ahead):
    mine, theirs, with_reason = (
        rules.broken_by_time(NOON + ahead, window_of(audience, POLICY, at=NOON), at=NOON)
        for audience in (Audience.PATIENT, Audience.STAFF, Audience.STAFF_WITH_REASON)
    )
    assert set(with_reason) <= set(theirs) <= set(mine)
    assert len(mine) <= 1


def test_a_therapy_that_needs_a_call_is_booked_by_staff_alone():
    assert rules.broken_by_offer(asked(online=False)) == [Broken.NOT_ONLINE]
    assert rules.broken_by_offer(asked(online=False, audience=Audience.STAFF)) == []


def test_a_therapy_that_is_not_offered_is_booked_by_nobody():
    assert rules.broken_by_offer(asked(offered=False, audience=Audience.STAFF)) == [Broken.NOT_OFFERED]


@pytest.mark.parametrize(
    ("others", "broken"),
    [
        ([], [Broken.FIRST]),
        ([had()], []),
        ([had(start=NOON + DAY)], []),
        ([had(start=NOON + 8 * DAY)], [Broken.FIRST]),
        ([had(visit="followup", status=Status.FULFILLED)], []),
        ([had(visit="followup")], [Broken.FIRST]),
    ],
)
def test_a_follow_up_comes_after_a_first_visit(others, broken):
    assert rules.broken_by_others(asked(visit="followup"), others, POLICY, at=NOON) == broken


def test_a_guest_who_says_that_they_were_here_before_is_believed_until_staff_looks():
    assert rules.broken_by_others(asked(visit="followup", known=False), [], POLICY, at=NOON) == []


def test_staff_knows_whether_a_first_visit_was_made_elsewhere():
    assert rules.broken_by_others(asked(visit="followup", audience=Audience.STAFF), [], POLICY, at=NOON) == []


def test_a_program_may_do_without_first_visits():
    policy = SimpleNamespace(**vars(POLICY) | {"first_visit_first": False})
    assert rules.broken_by_others(asked(visit="followup"), [], policy, at=NOON) == []


def test_the_ninth_visit_ahead_is_one_too_many():
    ahead = [had(start=NOON + n * 14 * DAY) for n in range(1, 9)]
    assert rules.broken_by_others(asked(), ahead, POLICY, at=NOON) == [Broken.ACTIVE]
    assert rules.broken_by_others(asked(), ahead[1:], POLICY, at=NOON) == []


def test_visits_that_are_over_do_not_count_as_ahead():
    past = [had(start=NOON - n * 14 * DAY, status=Status.FULFILLED) for n in range(1, 20)]
    assert rules.broken_by_others(asked(), past, POLICY, at=NOON) == []


def test_a_third_visit_in_a_week_is_one_too_many_and_the_week_is_the_site_s():
    sunday_evening = datetime(2026, 10, 12, 1, tzinfo=UTC)  # Sunday 20:00 in Chicago
    monday = datetime(2026, 10, 12, 15, tzinfo=UTC)
    week = [had(start=sunday_evening - DAY), had(start=sunday_evening)]
    assert rules.broken_by_week(asked(start=sunday_evening - 2 * DAY), week, POLICY) == [Broken.WEEK]
    assert rules.broken_by_week(asked(start=monday), week, POLICY) == []


@given(st.sets(st.sampled_from(Broken)))
def test_a_reason_sets_aside_soft_rules_and_no_other(broken):
    assert set(rules.unforgiven(broken, override=True)) == broken - rules.SOFT
    assert set(rules.unforgiven(broken, override=False)) == broken


def scene(**facts):
    given = {"status": Status.BOOKED, "start": NOON, "zone": CHICAGO, "staff": True, "last_at": NOON - DAY}
    return MoveContext(**given | {"no_show_after": timedelta(minutes=20), "no_show_undo": timedelta(hours=24)} | facts)


@pytest.mark.parametrize("what", sorted(rules.STAFF_MOVES))
def test_a_patient_cannot_do_what_staff_does(what):
    assert rules.guard(what, scene(staff=False), at=NOON - DAY) is Broken.STAFF_ONLY


def test_a_patient_may_call_off_until_the_visit_begins():
    booked = scene(staff=False)
    assert rules.guard(Move.CANCEL, booked, at=NOON - timedelta(seconds=1)) is None
    assert rules.guard(Move.CANCEL, booked, at=NOON) is Broken.STARTED
    assert rules.guard(Move.RESCHEDULE, booked, at=NOON) is Broken.STARTED
    assert rules.guard(Move.CANCEL, replace(booked, staff=True), at=NOON) is None


def test_a_patient_who_has_arrived_asks_at_the_desk():
    assert rules.guard(Move.CANCEL, scene(staff=False, status=Status.ARRIVED), at=NOON - HOUR) is Broken.STAFF_ONLY


def test_nobody_has_failed_to_come_before_twenty_minutes():
    almost = NOON + timedelta(minutes=20) - timedelta(seconds=1)
    assert rules.guard(Move.NO_SHOW, scene(), at=almost) is Broken.NOT_YET
    assert rules.guard(Move.NO_SHOW, scene(), at=NOON + timedelta(minutes=20)) is None


@pytest.mark.parametrize("what", [Move.ARRIVE, Move.CHECK_IN, Move.START])
def test_nobody_comes_before_the_day_of_the_visit(what):
    assert rules.guard(what, scene(), at=NOON - DAY) is Broken.NOT_YET
    assert rules.guard(what, scene(), at=NOON - 4 * HOUR) is None


def test_whoever_was_marked_as_missing_comes_late_on_that_day_or_not_at_all():
    missing = scene(status=Status.NOSHOW)
    assert rules.guard(Move.ARRIVE, missing, at=NOON + 2 * HOUR) is None
    assert rules.guard(Move.ARRIVE, missing, at=NOON + DAY) is Broken.UNDO_OVER


def test_no_visit_is_done_before_it_has_begun():
    arrived = scene(status=Status.ARRIVED)
    assert rules.guard(Move.FULFIL, arrived, at=NOON - timedelta(seconds=1)) is Broken.NOT_YET
    assert rules.guard(Move.FULFIL, arrived, at=NOON) is None
    begun = scene(status=Status.CHECKED_IN, begun=True)  # they came early, and were treated at once
    assert rules.guard(Move.FULFIL, begun, at=NOON - timedelta(seconds=1)) is None


def test_a_request_moves_while_its_time_is_kept_and_not_afterwards():
    proposed = scene(status=Status.PROPOSED, kept_until=NOON - HOUR)
    assert rules.guard(Move.RESCHEDULE, proposed, at=NOON - HOUR - timedelta(seconds=1)) is None
    assert rules.guard(Move.RESCHEDULE, proposed, at=NOON - HOUR) is Broken.LAPSED


def test_a_proposal_does_not_expire_before_its_time():
    proposed = scene(status=Status.PROPOSED, kept_until=NOON)
    assert rules.guard(Move.EXPIRE, proposed, at=NOON - timedelta(seconds=1)) is Broken.NOT_YET
    assert rules.guard(Move.EXPIRE, proposed, at=NOON) is None


def test_a_cancel_can_be_undone_for_ten_minutes():
    gone = scene(status=Status.CANCELLED, staff=False, cancel_reason="patient", undo_until=NOON)
    assert rules.guard(Move.UNDO, gone, at=NOON - timedelta(seconds=1)) is None
    assert rules.guard(Move.UNDO, gone, at=NOON) is Broken.UNDO_OVER
    assert rules.guard(Move.UNDO, replace(gone, undo_until=None), at=NOON - HOUR) is Broken.UNDO_OVER


def test_a_patient_does_not_undo_what_the_clinic_called_off():
    gone = scene(status=Status.CANCELLED, staff=False, cancel_reason="practitioner", undo_until=NOON)
    assert rules.guard(Move.UNDO, gone, at=NOON - timedelta(seconds=1)) is Broken.NOT_YOURS
    assert rules.guard(Move.UNDO, replace(gone, staff=True), at=NOON - timedelta(seconds=1)) is None


def test_staff_undoes_what_was_marked_on_the_same_day_of_the_site():
    evening = datetime(2026, 10, 6, 3, tzinfo=UTC)  # Monday 22:00 in Chicago
    marked = scene(status=Status.ARRIVED, last_at=evening)
    assert rules.guard(Move.UNDO, marked, at=evening + HOUR) is None
    assert rules.guard(Move.UNDO, marked, at=evening + 2 * HOUR) is Broken.UNDO_OVER
    assert rules.guard(Move.UNDO, replace(marked, staff=False), at=evening) is Broken.STAFF_ONLY


@pytest.mark.parametrize("reason", CancelReason)
@pytest.mark.parametrize("staff", [True, False])
def test_only_the_patient_s_own_late_cancel_without_excuse_is_marked(reason, staff):
    facts = {"free_until": 24 * HOUR, "reason": reason, "staff": staff}
    late = rules.leaves_late(NOON, at=NOON - 24 * HOUR + timedelta(seconds=1), **facts)
    assert late == (reason in BY_PATIENT and reason not in EXCUSED)
    assert not rules.leaves_late(NOON, at=NOON - 24 * HOUR, **facts)


@pytest.mark.parametrize("staff", [True, False])
def test_a_late_move_is_the_patient_s_unless_staff_makes_it(staff):
    facts = {"free_until": 24 * HOUR, "reason": None, "staff": staff}
    assert rules.leaves_late(NOON, at=NOON - 23 * HOUR, **facts) is not staff
    assert not rules.leaves_late(NOON, at=NOON - 24 * HOUR, **facts)


@pytest.mark.parametrize(
    ("born", "plausible"),
    [
        (date(2026, 10, 5), True),
        (date(2026, 10, 6), False),
        (date(1906, 10, 5), True),
        (date(1905, 10, 6), True),
        (date(1905, 10, 5), False),
        (date(1, 1, 1), False),
    ],
)
def test_a_birth_date_is_of_somebody_who_can_be_alive(born, plausible):
    assert rules.age_is_plausible(born, on=date(2026, 10, 5)) is plausible


FRIDAY = datetime(2026, 10, 9, 20, tzinfo=UTC)
REVIEWS = {ReviewReason.FIRST_VISIT: ReviewTime(business_days=1, until_before=DAY)}


def closing(day):
    """When the site closes on a day of October."""
    return datetime(2026, 10, day, 23, tzinfo=UTC)


def decided(start, at=NOON, found=(), *, override=False, reviews=REVIEWS):
    return rules.decide(found, asked(start=start), reviews, override=override, at=at)


def test_a_decision_is_as_bad_as_the_worst_that_was_found():
    assert decided(NOON + 7 * DAY, reviews={}).answer is CheckAnswer.BOOK
    waits = decided(NOON + 7 * DAY)
    assert (waits.answer, waits.until, waits.due_at) == (CheckAnswer.REVIEW, NOON + 6 * DAY, closing(6))
    assert decided(NOON + 7 * DAY, found=[Broken.WEEK]).answer is CheckAnswer.REFUSE
    aside = decided(NOON + 7 * DAY, found=[Broken.WEEK], override=True)
    assert (aside.answer, aside.overridden, aside.until) == (CheckAnswer.REVIEW, (Broken.WEEK,), NOON + 6 * DAY)


def test_what_nobody_can_look_at_within_a_business_day_is_refused_and_for_staff_with_a_reason_kept_until_it_begins():
    assert decided(closing(7)).refused == ()
    assert decided(closing(7) - HOUR).refused == (Broken.NO_REVIEW,)
    kept = decided(NOON + HOUR, override=True)
    assert (kept.answer, kept.overridden, kept.until) == (CheckAnswer.REVIEW, (Broken.NO_REVIEW,), NOON + HOUR)


def test_a_request_is_looked_at_by_the_end_of_the_next_day_on_which_the_site_opens():
    due = {at: REVIEWS[ReviewReason.FIRST_VISIT].due_at(DAYS, at=at) for at in (FRIDAY, FRIDAY + DAY, FRIDAY + 2 * DAY)}
    assert set(due.values()) == {closing(12)}
    assert decided(closing(13) - timedelta(minutes=5), at=FRIDAY).refused == (Broken.NO_REVIEW,)
    assert decided(closing(13), at=FRIDAY).refused == ()


def test_whoever_asks_at_night_is_not_answered_in_the_middle_of_the_night():
    a_quarter_past_two = datetime(2026, 10, 8, 7, 25, tzinfo=UTC)
    assert DAYS.end_after(1, at=a_quarter_past_two) == closing(9)


@pytest.mark.parametrize(
    ("closed", "due"),
    [
        ([(12, 12)], 13),  # a holiday
        ([(12, 13), (15, 16)], 14),
        ([(1, 9)], 12),  # over by then
    ],
)
def test_a_day_on_which_the_site_is_shut_is_no_business_day(closed, due):
    shut = frozenset((date(2026, 10, first), date(2026, 10, last)) for first, last in closed)
    assert replace(DAYS, closed=shut).end_after(1, at=FRIDAY) == closing(due)


def test_a_site_that_is_shut_until_further_notice_still_names_a_day():
    shut = replace(DAYS, closed=frozenset({(date(2026, 1, 1), date(9999, 12, 31))}))
    assert FRIDAY < shut.end_after(1, at=FRIDAY) < FRIDAY + 400 * DAY


def test_what_closes_at_midnight_is_open_until_the_day_is_over_also_on_the_night_the_clocks_go_back():
    till_midnight = BusinessDays(zone_name=CHICAGO.key, closes={7: time()})
    assert till_midnight.end_after(1, at=datetime(2026, 10, 31, 12, tzinfo=UTC)) == datetime(2026, 11, 2, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "closed"),
    [
        (
            datetime(2026, 10, 9, 22, 59, tzinfo=UTC),
            datetime(2026, 10, 12, tzinfo=UTC),
            False,
        ),  # Friday, before the doors close at 18:00
        (
            datetime(2026, 10, 9, 23, tzinfo=UTC),
            datetime(2026, 10, 12, tzinfo=UTC),
            True,
        ),  # to Sunday, 19:00 on the clinic's clock
        (datetime(2026, 10, 10, 15, tzinfo=UTC), datetime(2026, 10, 12, tzinfo=UTC), True),
        (datetime(2026, 10, 10, 15, tzinfo=UTC), datetime(2026, 10, 12, 6, tzinfo=UTC), False),  # it opens on Monday
        (datetime(2026, 10, 7, 23, tzinfo=UTC), datetime(2026, 10, 12, tzinfo=UTC), False),  # Wednesday evening
    ],
)
def test_a_clinic_is_closed_from_when_its_doors_close_to_the_next_day_on_which_it_opens(since, until, closed):
    assert DAYS.closed_throughout(since, until) is closed


def test_a_clinic_is_closed_throughout_a_closure_of_whole_days():
    shut = replace(DAYS, closed=frozenset({(date(2026, 10, 7), date(2026, 10, 9))}))
    assert shut.closed_throughout(NOON + 2 * DAY, NOON + 6 * DAY)
    assert not shut.closed_throughout(NOON + 2 * DAY, NOON + 7 * DAY)


@given(ahead=st.timedeltas(timedelta(), 30 * DAY), since=st.timedeltas(timedelta(), 60 * DAY))
def test_the_earliest_time_that_is_offered_is_the_earliest_that_is_not_refused(ahead, since):
    at = NOON + since
    for audience in (Audience.PATIENT, Audience.STAFF):
        offered = at + ahead >= reviewable_from(REVIEWS, audience, DAYS, at=at)
        assert offered is (Broken.NO_REVIEW not in decided(at + ahead, at=at).refused)


def test_a_request_that_somebody_looks_at_does_not_wait_for_a_document_meanwhile():
    assert rules.guard(Move.AWAIT, scene(status=Status.PROPOSED, staff=True), at=NOON) is None
    looked_at = scene(status=Status.PROPOSED, staff=True, in_review=True)
    assert rules.guard(Move.AWAIT, looked_at, at=NOON) is Broken.IN_REVIEW
