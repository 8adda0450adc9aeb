"""Who is to stay at home stays away from all their appointments of those days, whichever they were asked about."""

from datetime import date

import pytest

from booking.actions import links, moves, walk_ins
from booking.actions.proposals import first_times
from booking.actions.screening import screening
from booking.models import Appointment, ScreeningResponse
from booking.screening.errors import FirstDayUnknown, RecheckNeeded, ScreeningNeeded, TooSoonToCome
from booking.screening.first_days import earliest_day_of
from booking.screening.outcomes import ScreeningAnswers
from booking.screening.queries import away, groups, screening_of
from booking.screening.questionnaire import AnswerChoice
from booking.status import Move, Status
from core.principal import Principal
from core.refusals import Invalid
from notifications.channels.mail.preview import preview
from notifications.models import Message
from tests.booking.stories.test_reviews_taken_back import LATER, approve, decline, say
from tests.booking.test_no_day_too_soon import slot
from tests.factories.booking import DAY, HOUR, MINUTE, chicago, make_visit, slot_id
from tests.factories.policies import adopt_screening

FIRST_DAY = date(2026, 10, 9)
FEVER = "fever_or_chills_24h"
LINK = Principal.system("link")


@pytest.fixture
def ill(dr_li, alice):
    """Alice's visit of October 6; by what she answered about it she may come from the 9th on."""
    adopt_screening()
    made = make_visit(alice.record, slot_id(dr_li, chicago(6, 10)))
    say(made)
    ScreeningResponse.objects.update(outcome="rebook", reviewed=False, earliest_day=FIRST_DAY)
    return Appointment.objects.select_related("site").get()


@pytest.fixture
def other(ill, dr_li, alice):
    """Her visit of October 7, about which nobody has asked her yet."""
    return make_visit(alice.record, slot_id(dr_li, chicago(7, 10)))


def well(visit, *, at):
    asked = screening_of(visit, at=at).policy.questions
    said = ScreeningAnswers(answered_on=at.date(), choices=dict.fromkeys(asked, AnswerChoice.NO))
    return screening.answer(visit.public_id, said, by=LINK, at=at)


def test_alice_stays_away_from_her_other_visit_of_those_days_as_well(other, dr_li, alice):
    later = make_visit(alice.record, slot_id(dr_li, chicago(13, 10)))
    known = screening_of(other, at=LATER)
    assert (known.state, known.newest.earliest_day) == ("stay-away", FIRST_DAY)
    assert [one.state for one in groups([other], at=LATER)[other.pk]] == ["stay-away"]
    assert screening_of(later, at=LATER).state == "not-yet"


def arrive(visit):
    moves.move(visit.public_id, Move.CHECK_IN, by=Principal.system("desk"), at=visit.period.lower - HOUR)


def ill_meanwhile(visit, other, **answered):
    """Let Alice answer that she is well before the other visit, and what keeps her at home before hers after that."""
    at = other.period.lower - 20 * HOUR
    ScreeningResponse.objects.all().delete()
    assert well(other, at=at).outcome == "proceed"
    say(visit, at=at + MINUTE)
    facts = {"outcome": "rebook", "reviewed": False, "earliest_day": FIRST_DAY} | answered
    ScreeningResponse.objects.filter(appointment=visit).update(**facts)


UNTIL = {
    "until a day": {},
    "nobody knows until when": {"earliest_day": None},
    "she needs help now": {"earliest_day": None, "outcome": "seek_care", "reviewed": True},
}


@pytest.mark.parametrize("answered", UNTIL.values(), ids=UNTIL)
def test_nobody_checks_alice_in_for_it_although_she_was_well_when_she_was_asked(ill, other, answered):
    ill_meanwhile(ill, other, **answered)
    assert screening_of(other, at=other.period.lower).state == "stay-away"
    with pytest.raises(ScreeningNeeded):
        arrive(other)


@pytest.mark.parametrize("answered", UNTIL.values(), ids=UNTIL)
def test_nor_does_alice_move_it_to_a_day_on_which_she_is_to_stay_at_home(ill, other, dr_li, answered):
    ill_meanwhile(ill, other, **answered)
    at, by = other.period.lower - 12 * HOUR, links.principal_of(links.live_link(other, at=LATER))
    with pytest.raises((TooSoonToCome, FirstDayUnknown)):
        moves.move(other.public_id, Move.RESCHEDULE, by=by, at=at, slot=slot(dr_li, other, 8, 10, by=by))


def test_twin_without_a_look_at_her_other_answers_she_comes_in(ill, other, monkeypatch):
    ill_meanwhile(ill, other)
    monkeypatch.setattr("booking.screening.queries._Given.elsewhere", lambda *_of: {})
    with pytest.raises(RecheckNeeded):  # as everybody who may come in
        arrive(other)


def test_where_nobody_knows_until_when_no_day_is_promised_for_any_of_her_visits(ill, other, dr_li):
    ScreeningResponse.objects.update(earliest_day=None)
    by = links.principal_of(links.live_link(other, at=LATER))
    with pytest.raises(FirstDayUnknown):
        moves.move(other.public_id, Move.RESCHEDULE, by=by, at=LATER, slot=slot(dr_li, other, 8, 10, by=by))
    row = well(other, at=other.period.lower - DAY)
    assert (row.outcome, row.until_unknown) == ("review", True)
    assert earliest_day_of(row, at=LATER) is None
    with pytest.raises(Invalid, match="nobody knows"):
        decline(row, at=other.period.lower - DAY + MINUTE)


def test_none_of_these_opens_no_day_before_the_first_one(ill, dr_li):
    by = links.principal_of(links.live_link(ill, at=LATER))
    assert well(ill, at=LATER).outcome == "review"
    with pytest.raises(TooSoonToCome, match="October 9"):
        moves.move(ill.public_id, Move.RESCHEDULE, by=by, at=LATER, slot=slot(dr_li, ill, 8, 10, by=by))
    ScreeningResponse.objects.update(earliest_day=None, until_unknown=True)
    assert away(ill, at=LATER) == (True, None)


def test_what_was_answered_too_early_for_the_day_to_which_it_moved_keeps_alice_away_still(ill):
    ScreeningResponse.objects.update(earliest_day=date(2026, 10, 15))
    Appointment.objects.update(period=(chicago(14, 10), chicago(14, 11)))
    moved = Appointment.objects.select_related("site").get()
    assert away(moved, at=LATER) == (True, date(2026, 10, 15))


def test_a_clinicians_word_given_early_stands_and_alice_is_asked_as_everybody(ill, dr_li, alice):
    ScreeningResponse.objects.update(earliest_day=date(2026, 10, 15))
    later = make_visit(alice.record, slot_id(dr_li, chicago(14, 10)))
    approve(well(later, at=LATER), LATER + MINUTE)
    assert screening_of(later, at=LATER + HOUR).state == "not-yet"
    assert screening_of(later, at=later.period.lower - DAY).state == "unanswered"


def test_a_clinicians_word_about_earlier_answers_counts_beside_what_was_answered_elsewhere_since(ill, other):
    at = other.period.lower - DAY
    first = well(other, at=at)
    well(ill, at=at + MINUTE)
    approve(first, at + 2 * MINUTE)
    assert screening_of(other, at=at + HOUR).state == "clear"


def until_the_20th_about_the_other(ill, other, *, at):
    """Let Alice's answers about one visit wait for a clinician, and her later ones keep her at home for two weeks."""
    ScreeningResponse.objects.all().delete()
    waiting = say(ill, at=at)
    say(other, at=at + MINUTE)
    ScreeningResponse.objects.filter(appointment=other).update(
        outcome="rebook", reviewed=False, earliest_day=date(2026, 10, 20)
    )
    return waiting


def test_a_decision_about_earlier_answers_promises_no_day_before_the_one_that_alice_has_said_since(ill, other):
    at = ill.period.lower - DAY
    waiting = until_the_20th_about_the_other(ill, other, at=at)
    assert earliest_day_of(waiting, at=at + HOUR) == date(2026, 10, 20)
    decline(waiting, at + HOUR)
    rows = [well(visit, at=at + 2 * HOUR) for visit in (other, ill)]
    assert [(row.outcome, row.earliest_day) for row in rows] == [("review", date(2026, 10, 20))] * 2


def test_nor_does_it_promise_any_where_nobody_knows_by_what_alice_has_said_since(ill, other):
    at = ill.period.lower - DAY
    waiting = until_the_20th_about_the_other(ill, other, at=at)
    ScreeningResponse.objects.filter(appointment=other).update(earliest_day=None)
    with pytest.raises(Invalid, match="nobody knows"):
        decline(waiting, at + HOUR)


def test_what_alice_answers_less_about_it_is_looked_at_and_a_clinicians_word_ends_that(other):
    at = other.period.lower - DAY
    row = well(other, at=at)
    assert (row.outcome, row.earliest_day, row.reviewed) == ("review", FIRST_DAY, True)
    approve(row, at + MINUTE)
    assert screening_of(other, at=at + MINUTE).state == "clear"


def test_once_a_clinician_lets_alice_come_she_may_come_to_both(ill, other):
    row = say(ill, at=LATER)
    approve(row, LATER + MINUTE)
    at = other.period.lower - DAY
    assert screening_of(other, at=at).state == "unanswered"
    assert well(other, at=at).outcome == "proceed"


def test_from_her_first_day_on_alice_is_asked_as_everybody(ill, dr_li, alice):
    later = make_visit(alice.record, slot_id(dr_li, chicago(9, 10)))
    assert well(later, at=later.period.lower - 14 * HOUR).outcome == "proceed"


def test_twin_without_what_she_said_elsewhere_none_of_these_opens_the_door(other, monkeypatch):
    monkeypatch.setattr("booking.actions.screening.screening.given_elsewhere", lambda *_of, **_more: [])
    assert well(other, at=other.period.lower - DAY).outcome == "proceed"


def test_nobody_moves_the_other_visit_to_a_day_too_soon_nor_proposes_one(other, dr_li):
    by = links.principal_of(links.live_link(other, at=LATER))
    early = slot(dr_li, other, 8, 10, by=by)
    with pytest.raises(TooSoonToCome, match="October 9"):
        moves.move(other.public_id, Move.RESCHEDULE, by=by, at=LATER, slot=early)
    other.refresh_from_db()
    assert first_times(other, most=1, by=LINK, at=LATER)[0].start.date() >= FIRST_DAY


def reminder(visit):
    row = Message(appointment=visit, recipient=visit.patient, version=visit.version, kind="reminder", due_at=LATER,
                  created_at=LATER)  # fmt: skip
    row.save()
    return row


def test_no_mail_awaits_alice_at_the_other_visit(other):
    text = preview(reminder(other), at=LATER).decode()
    assert "Something is still to be settled" in text
    assert "look forward" not in text


def test_who_walks_in_while_they_are_to_stay_at_home_is_looked_at_and_not_checked_in(ill, alice, dr_li, dana):
    ScreeningResponse.objects.update(earliest_day=date(2026, 10, 14))
    at = chicago(7, 9)
    wanted = walk_ins.hold_for(alice.record, slot(dr_li, ill, 7, 11, by=dana.principal), by=dana.principal, at=at)
    policy = walk_ins.policy_of(wanted, at=at)
    said = ScreeningAnswers(answered_on=at.date(), choices=dict.fromkeys(policy.questions, AnswerChoice.NO))
    done = walk_ins.admit(wanted.public_id, said, by=dana.principal, at=at, then_check_in=True)
    assert done.visit.status != Status.CHECKED_IN
    assert screening_of(done.visit, at=at).state == "in-review"


def sent_home(alice, dana, time, *, at, **said):
    """Ask Alice at the desk, who has come without an appointment, and let her go home."""
    wanted = walk_ins.hold_for(alice.record, time, by=dana.principal, at=at)
    choices = dict.fromkeys(walk_ins.policy_of(wanted, at=at).questions, AnswerChoice.NO) | {FEVER: AnswerChoice.YES}
    answers = ScreeningAnswers(answered_on=at.date(), choices=choices, **said)
    return walk_ins.admit(wanted.public_id, answers, by=dana.principal, at=at)


@pytest.fixture
def two_ahead(dr_li, alice):
    """Alice's visits of this afternoon, about which she has answered that nothing is new, and of tomorrow."""
    adopt_screening()
    today, tomorrow = (make_visit(alice.record, slot_id(dr_li, chicago(day, 15))) for day in (6, 7))
    well(today, at=chicago(6, 8))
    return today, tomorrow


def test_alice_who_is_sent_home_from_the_desk_is_awaited_at_none_of_her_visits_of_those_days(
    two_ahead, dr_li, alice, dana
):
    at, wanted = chicago(6, 9), slot(dr_li, two_ahead[0], 6, 11, by=dana.principal)
    assert screening_of(two_ahead[0], at=at).state == "clear"
    sent_home(alice, dana, wanted, at=at)
    sent_home(alice, dana, wanted, at=at + MINUTE)  # pressed twice
    assert [screening_of(visit, at=at + HOUR).state for visit in two_ahead] == ["stay-away"] * 2
    assert ScreeningResponse.objects.filter(outcome="rebook").count() == 1
    with pytest.raises(ScreeningNeeded):
        moves.move(two_ahead[0].public_id, Move.CHECK_IN, by=Principal.system("desk"), at=at + HOUR)
    assert "look forward" not in preview(reminder(two_ahead[0]), at=at + HOUR).decode()


def test_twin_without_the_note_alice_would_be_checked_in_with_a_fever(two_ahead, dr_li, alice, dana, monkeypatch):
    monkeypatch.setattr(walk_ins, "_note_for_next", lambda *_of, **_more: None)
    at = chicago(6, 9)
    sent_home(alice, dana, slot(dr_li, two_ahead[0], 6, 11, by=dana.principal), at=at)
    assert screening_of(two_ahead[0], at=at + HOUR).state == "clear"


def test_of_whoever_is_sent_home_without_a_visit_in_those_days_nothing_is_kept(dr_li, alice, dana):
    adopt_screening()
    later = make_visit(alice.record, slot_id(dr_li, chicago(14, 15)))
    sent_home(alice, dana, slot(dr_li, later, 6, 11, by=dana.principal), at=chicago(6, 9))
    assert not ScreeningResponse.objects.exists()
