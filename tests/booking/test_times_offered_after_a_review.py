"""The time that a clinician keeps for whoever stays away waits for their yes, until their appointment moves."""

import pytest

from booking.actions import holds, links, moves, requested_slots
from booking.actions.screening import screening, screening_reviews
from booking.models import Hold
from booking.screening.outcomes import ScreeningAnswers
from booking.screening.policies import screening_policy
from booking.screening.queries import screening_of
from booking.screening.questionnaire import AnswerChoice
from booking.status import Move
from core.principal import Principal
from tests.factories.booking import MINUTE, chicago, make_visit, read_slot, slot_id, visit_of_both, visitor
from tests.factories.policies import adopt_screening
from tests.factories.scheduler import AT
from tests.factories.visits import as_it_was

COUGH = "new_cough_breathless_sore_throat_runny_nose"
CAROL, DANA = Principal.system("carol"), Principal.system("dana")


@pytest.fixture(scope="module")
def visit_once(made_once, once_a_module):
    """Alice's visit of the day after tomorrow: Carol lets her stay away, and keeps the day after it for her."""
    with once_a_module():
        adopt_screening()
        made = visit_of_both(made_once, chicago(7, 10))
        questions = screening_policy(made.site_id, starts_at=made.period.lower).questions
        choices = dict.fromkeys(questions, AnswerChoice.NO) | {COUGH: AnswerChoice.USUAL_FOR_ME}
        said = ScreeningAnswers(answered_on=AT.date(), choices=choices)
        row = screening.answer(made.public_id, said, by=visitor("alice"), at=AT)
        kept = slot_id(made.practitioner, chicago(8, 10))
        screening_reviews.decline(row.public_id, slot_id=kept, by=CAROL, at=AT + MINUTE)
        return made.pk


@pytest.fixture
def visit(visit_once, dr_li, alice):
    return as_it_was(visit_once)


def offered():
    return Hold.objects.get(proposed=True)


def test_a_look_at_another_time_leaves_what_carol_keeps_for_alice(dr_li, visit):
    whoever = links.principal_of(links.live_link(visit, at=AT))
    for hour in (11, 14):
        slot = requested_slots.slot_for(visit, slot_id(dr_li, chicago(9, hour)), by=whoever, at=AT + MINUTE)
        holds.choose_for(visit, slot, by=whoever, at=AT + MINUTE)
    assert offered().state == "open"
    assert holds.offered_for(visit, by=whoever, at=AT + MINUTE) == offered()
    looked_at = Hold.objects.filter(proposed=False)
    assert sorted(looked_at.values_list("state", flat=True)) == ["open", "released"]


def test_a_move_by_staff_lets_what_was_kept_go_so_that_others_find_it(dr_li, visit, ben):
    there = read_slot(slot_id(dr_li, chicago(9, 10)))
    moves.move(visit.public_id, Move.RESCHEDULE, by=DANA, at=AT + MINUTE, slot=there)
    assert offered().state == "released"
    assert make_visit(ben.record, slot_id(dr_li, chicago(8, 10)), at=AT + 2 * MINUTE).status == "booked"


def test_a_look_that_was_over_long_ago_keeps_no_move_from_being_made(dr_li, visit):
    whoever = links.principal_of(links.live_link(visit, at=AT))
    slot = requested_slots.slot_for(visit, slot_id(dr_li, chicago(9, 11)), by=whoever, at=AT + MINUTE)
    looked_at = holds.choose_for(visit, slot, by=whoever, at=AT + MINUTE)
    later = looked_at.expires_at + MINUTE  # and nobody has tidied up since
    moved = moves.move(
        visit.public_id, Move.RESCHEDULE, by=DANA, at=later, slot=read_slot(slot_id(dr_li, chicago(9, 14)))
    )
    looked_at.refresh_from_db()
    assert (moved.period.lower, looked_at.state) == (chicago(9, 14), "released")


def answered(visit, companion=0, at=AT):
    policy = screening_of(visit, at=at, companion=companion).policy
    said = ScreeningAnswers(
        answered_on=AT.date(),
        choices=dict.fromkeys(policy.questions, AnswerChoice.NO) | {COUGH: AnswerChoice.USUAL_FOR_ME},
    )
    return screening.answer(visit.public_id, said, by=visitor("alice"), at=at, companion=companion)


def test_what_is_taken_back_of_her_companion_leaves_what_is_kept_for_alice(visit):
    later = AT + 2 * MINUTE
    companion = answered(visit, companion=1, at=later)
    screening_reviews.decline(companion.public_id, by=CAROL, at=later)
    screening_reviews.take_back(companion.public_id, by=CAROL, at=later + MINUTE)
    assert offered().state == "open"
    mine = visit.screenings.get(companion=0)
    screening_reviews.take_back(mine.public_id, by=CAROL, at=later + MINUTE)
    assert offered().state == "released"


def test_a_time_that_alice_had_chosen_herself_stays_hers_when_the_decline_is_taken_back(dr_li, visit):
    later = AT + 2 * MINUTE
    mine, whoever = visit.screenings.get(), links.principal_of(links.live_link(visit, at=AT))
    screening_reviews.take_back(mine.public_id, by=CAROL, at=later)
    wanted = slot_id(dr_li, chicago(9, 11))
    own = holds.choose_for(visit, requested_slots.slot_for(visit, wanted, by=whoever, at=later), by=whoever, at=later)
    until = own.expires_at
    screening_reviews.decline(mine.public_id, slot_id=wanted, by=CAROL, at=later)
    own.refresh_from_db()
    assert own.expires_at > until
    screening_reviews.take_back(mine.public_id, by=CAROL, at=later + MINUTE)
    own.refresh_from_db()
    assert (own.state, own.expires_at, own.proposed) == ("open", until, False)


def test_what_she_had_chosen_herself_is_let_go_once_it_would_have_run_out(dr_li, visit):
    later = AT + 2 * MINUTE
    mine, whoever = visit.screenings.get(), links.principal_of(links.live_link(visit, at=AT))
    screening_reviews.take_back(mine.public_id, by=CAROL, at=later)
    wanted = slot_id(dr_li, chicago(9, 11))
    own = holds.choose_for(visit, requested_slots.slot_for(visit, wanted, by=whoever, at=later), by=whoever, at=later)
    screening_reviews.decline(mine.public_id, slot_id=wanted, by=CAROL, at=later)
    screening_reviews.take_back(mine.public_id, by=CAROL, at=own.expires_at + MINUTE)
    own.refresh_from_db()
    assert own.state == "released"
