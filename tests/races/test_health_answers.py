"""Health answers are given, and decided about, by several people in the same moment."""

import pytest

from booking.actions import walk_ins
from booking.actions.screening import practitioner_screening, screening, screening_reviews
from booking.models import Appointment, PractitionerScreening, ScreeningResponse
from booking.screening.outcomes import ScreeningAnswers
from booking.screening.policies import screening_policy
from booking.screening.questionnaire import AnswerChoice
from booking.status import Status
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Refusal
from tests.factories.booking import MINUTE, chicago, make_visit, read_slot, slot_id, visitor
from tests.factories.policies import adopt_screening
from tests.factories.scheduler import AT
from tests.races.together import Gate, at_once, beside, deadlocks, tally, until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)
FEVER, COUGH = "fever_or_chills_24h", "new_cough_breathless_sore_throat_runny_nose"
CAROL, CORA = Principal.system("carol"), Principal.system("cora")


@pytest.fixture
def visit(dr_li, alice):
    """Alice's visit of the day after tomorrow, at a clinic that asks how people are."""
    adopt_screening()
    return make_visit(alice.record, slot_id(dr_li, chicago(7, 10)))


def say(visit, choice, *, at=AT, seen=None):
    """Answer behind Alice's link: a cough is as `choice` says, nothing else applies."""
    policy = screening_policy(visit.site_id, starts_at=visit.period.lower)
    choices = dict.fromkeys(policy.questions, AnswerChoice.NO) | {COUGH: choice}
    said = ScreeningAnswers(answered_on=at.date(), choices=choices)
    return screening.answer(visit.public_id, said, by=visitor("alice"), at=at, seen=seen)


def unlocked(appointment_id):
    """Read a visit as somebody who waits for nobody."""
    return Appointment.objects.select_related("patient", "site", "therapy").get(public_id=appointment_id)


# -- two reviewers ----------------------------------------------------------------------------------------------------


def decisions(visit):
    """Return what Carol and Cora press about the same answers: one lets Alice come, the other does not."""
    key, at = say(visit, AnswerChoice.USUAL_FOR_ME).public_id, AT + MINUTE
    return [
        lambda: screening_reviews.approve(key, masked=False, by=CAROL, at=at),
        lambda: screening_reviews.decline(key, by=CORA, at=at),
    ]


def test_of_two_reviewers_at_once_one_decides_and_the_other_hears_what(visit):
    results = at_once(decisions(visit))
    assert tally(results) == {"ScreeningResponse": 1, "ScreeningDecided": 1}
    decided = ScreeningResponse.objects.get()
    (late,) = [one for one in results if isinstance(one, Refusal)]
    assert late.facts["decision"] == decided.decision


def test_twin_when_they_do_not_wait_for_each_other_both_believe_that_they_decided(visit, monkeypatch):
    acts, gate, opened = decisions(visit), Gate(2), screening_reviews._open

    def open_together(*asked, **facts):
        row = opened(*asked, **facts)
        gate.wait()
        return row

    monkeypatch.setattr(screening_reviews, "locked", unlocked)
    monkeypatch.setattr(screening_reviews, "_open", open_together)
    assert tally(at_once(acts)) == {"ScreeningResponse": 2}


# -- answers that change ----------------------------------------------------------------------------------------------


def approved_while_alice_answers_anew(visit):
    """Let Carol approve of a usual cough while Alice says that it is new; return what Carol is told."""
    key = say(visit, AnswerChoice.USUAL_FOR_ME).public_id

    def approve():
        try:
            return screening_reviews.approve(key, masked=False, by=CAROL, at=AT + 2 * MINUTE)
        except Refusal as refusal:
            return refusal

    return beside(approve, while_open=lambda: say(visit, AnswerChoice.YES, at=AT + MINUTE))[1]


def test_nobody_approves_of_answers_that_are_just_given_anew(visit):
    assert isinstance(approved_while_alice_answers_anew(visit), screening_reviews.ScreeningDecided)
    assert not ScreeningResponse.objects.exclude(decision="").exists()


def test_twin_when_nobody_waits_for_the_visit_carol_approves_of_what_alice_says_no_more(visit, monkeypatch):
    monkeypatch.setattr(screening_reviews, "locked", unlocked)
    assert isinstance(approved_while_alice_answers_anew(visit), ScreeningResponse)


# -- pressed twice ----------------------------------------------------------------------------------------------------


def test_the_page_pressed_twice_at_once_writes_one_response(visit):
    results = at_once([lambda: say(visit, AnswerChoice.USUAL_FOR_ME, seen="")] * 2)
    assert tally(results) == {"ScreeningResponse": 2}
    assert len({one.pk for one in results}) == ScreeningResponse.objects.count() == 1


def test_twin_when_the_second_press_does_not_wait_two_are_written(visit, monkeypatch):
    gate, looked = Gate(2), screening.screening_of

    def look_together(*asked, **facts):
        found = looked(*asked, **facts)
        gate.wait()
        return found

    monkeypatch.setattr(screening, "locked", unlocked)
    monkeypatch.setattr(screening, "screening_of", look_together)
    at_once([lambda: say(visit, AnswerChoice.USUAL_FOR_ME, seen="")] * 2)
    assert ScreeningResponse.objects.count() == 2


@pytest.mark.parametrize(
    ("choice", "later", "seen"),
    [
        (AnswerChoice.YES, MINUTE, ""),  # something else is said
        (AnswerChoice.USUAL_FOR_ME, 3 * MINUTE, ""),  # the same, about other days
        (AnswerChoice.USUAL_FOR_ME, MINUTE, None),  # over the API, where a key says what is the same
    ],
    ids=["another answer", "later", "without a page"],
)
def test_what_is_no_second_press_is_noted_and_counts(visit, choice, later, seen):
    say(visit, AnswerChoice.USUAL_FOR_ME, seen="")
    newest = say(visit, choice, at=AT + later, seen=seen)
    assert ScreeningResponse.objects.count() == 2
    assert ScreeningResponse.objects.latest("answered_at") == newest


# -- somebody who treats presses twice --------------------------------------------------------------------------------


def presses(visit):
    """Return what Dr Li presses several times: that nothing applies to him today."""
    day = practitioner_screening.work_day_of(visit.practitioner, visit.site, at=AT)
    well = ScreeningAnswers(answered_on=AT.date(), choices=dict.fromkeys(day.policy.questions, AnswerChoice.NO))
    return [lambda: practitioner_screening.answer(day, well, by=CAROL, at=AT)] * 3


def test_answers_of_dr_li_that_are_sent_several_times_at_once_are_noted_once(visit):
    assert tally(at_once(presses(visit))) == {"PractitionerScreening": 3}
    assert PractitionerScreening.objects.count() == 1


def test_twin_where_presses_do_not_wait_for_each_other_each_is_noted(visit, monkeypatch):
    acts, gate, sealed = presses(visit), Gate(3), practitioner_screening.seal

    def seal_together(*text, **purpose):
        gate.wait()
        return sealed(*text, **purpose)

    monkeypatch.setattr(practitioner_screening, "wait_for", lambda name: None)
    monkeypatch.setattr(practitioner_screening, "seal", seal_together)
    assert tally(at_once(acts)) == {"PractitionerScreening": 3}
    assert PractitionerScreening.objects.count() == 3


# -- sent home from the desk ------------------------------------------------------------------------------------------


def test_whoever_locks_alices_visits_meets_in_no_deadlock_with_a_desk_that_sends_her_home(dr_li, alice, dana):
    late = make_visit(alice.record, slot_id(dr_li, chicago(6, 15)))
    here = make_visit(alice.record, slot_id(dr_li, chicago(6, 9)), Status.CHECKED_IN)  # passed over: she has come in
    adopt_screening()
    at, by, before = chicago(6, 9, 30), dana.principal, deadlocks()
    wanted = walk_ins.hold_for(alice.record, read_slot(slot_id(dr_li, chicago(6, 12))), by=by, at=at)
    choices = dict.fromkeys(walk_ins.policy_of(wanted, at=at).questions, AnswerChoice.NO)
    ill = ScreeningAnswers(answered_on=at.date(), choices=choices | {FEVER: AnswerChoice.YES})

    @unit
    def by_id():
        for visit in (late, here):
            Appointment.objects.select_for_update(no_key=True).get(pk=visit.pk)
            if visit == late:
                until_somebody_waits()

    _, sent_home = at_once([by_id, lambda: walk_ins.admit(wanted.public_id, ill, by=by, at=at)])
    assert sent_home.screening.outcome == "rebook"
    assert ScreeningResponse.objects.get().appointment == late
    assert deadlocks() == before
