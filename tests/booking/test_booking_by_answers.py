"""What Alice answers before she books decides how it goes: at once, looked at first, or not online."""

from dataclasses import replace
from datetime import date

import pytest

from booking.actions import appointments, guest_flow, holds
from booking.actions.guest_flow import Guest
from booking.actions.patients import address_verification
from booking.actions.patients.address_verification import code_of
from booking.errors import NoTimeToReview
from booking.limit_kinds import VerificationReason
from booking.models import Appointment, Patient, SuitabilityResponse
from booking.status import Move, Status
from booking.suitability.answers import SuitabilityAnswers, answered_no
from booking.suitability.errors import (
    AnswersNeeded,
    AnswersOfClinicians,
    CallFirst,
    LookedAtFirst,
    NotBookableWithAnswers,
)
from booking.suitability.records import save_answers
from booking.suitability.shipped import shipped_rules
from core.roles import Role
from scheduler import public as scheduler
from scheduler.public import Audience, ReviewReason, SlotKey, SlotTaken, explain
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, chicago, make_staff, read_slot, slot_id, visitor
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT, offer
from tests.tables import changed, dump

RULES = shipped_rules()
NO = answered_no(RULES)
FEVER, TREATED = "fever_now", "on_active_cancer_treatment"
THINNER, DEVICE, BONES = (
    "anticoagulant",
    "pacemaker_icd_neurostimulator_pump",
    "bone_metastasis_or_fragile_or_unstable_spine",
)
TEN = chicago(12, 10)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(lakeside):
    """Let Lakeside ask what the shipped rules ask."""
    return adopt_suitability(site=lakeside)


def said(captures=None, **answers):
    return replace(NO, answers={**NO.answers, **answers}, captures=captures or {})


def book(person, dr_li, start=TEN, *, therapy="acu_manual", answers=None, by=None, at=AT, **facts):
    slot = read_slot(slot_id(dr_li, start, therapy=therapy))
    given = {"patient": person.record, "by": by or person.principal, "at": at, "slot": slot, "answers": answers}
    return appointments.book(**given | facts)


def on_record(person, answers, at=AT):
    return save_answers(person.record, answers, rules=RULES, policy_version=1, by=person.principal, at=at)


def test_alice_who_answers_no_to_all_is_booked_at_once_and_asked_no_more_while_that_counts(alice, dr_li, rules):
    visit = book(alice, dr_li, answers=NO)
    assert (visit.status, visit.suitability, visit.suitability_version) == (Status.BOOKED, "pass", rules.version)
    assert book(alice, dr_li, TEN + DAY, at=AT + HOUR).suitability == "pass"
    assert SuitabilityResponse.objects.count() == 1


def test_alice_who_has_not_answered_is_told_where_the_questions_are_and_which(alice, dr_li):
    with pytest.raises(AnswersNeeded) as refused:
        book(alice, dr_li)
    facts = refused.value.facts
    assert facts["questions"] == ("/api/v1/suitability/questions/?therapy=acu_manual&visit=first&site=lakeside")
    needed = {one["pointer"].removeprefix("/answers/") for one in facts["errors"]}
    assert FEVER in needed
    answers = SuitabilityAnswers(answers=dict.fromkeys(needed, "no"))
    assert book(alice, dr_li, answers=answers).status == Status.BOOKED


def test_a_booking_that_is_refused_keeps_nothing_of_what_was_answered(alice, dr_li):
    before = dump()
    for answers in (said(**{FEVER: "yes", TREATED: "yes"}), said(**{FEVER: "yes"}), replace(NO, answers={FEVER: "no"})):
        with pytest.raises((CallFirst, NotBookableWithAnswers, AnswersNeeded)):
            book(alice, dr_li, answers=answers)
    assert not changed(before, dump())


def test_who_may_be_in_danger_reads_the_number_to_call_and_911_at_once(alice, dr_li):
    with pytest.raises(CallFirst) as refused:
        book(alice, dr_li, answers=SuitabilityAnswers(answers={FEVER: "yes", TREATED: "yes"}))
    assert str(refused.value) == "Please call your care team now: (312) 555-0100. In an emergency, call 911."
    assert refused.value.facts == {"phone": "(312) 555-0100", "emergency": "911"}


def test_what_cannot_be_booked_online_says_what_can_be(alice, dr_li, dr_li_offers_electro):
    with pytest.raises(NotBookableWithAnswers) as refused:
        book(alice, dr_li, therapy="acu_electro", answers=said(**{DEVICE: "yes"}))
    others = {one["therapy"]: one for one in refused.value.facts["therapies"]}
    assert others["acu_manual"] == {"therapy": "acu_manual", "technique": "", "looked_at": False, "asks_more": False}
    assert "acu_electro" not in others


@pytest.fixture
def dr_li_offers_electro(dr_li, lakeside):
    offer(dr_li, "acu_electro", sites=[lakeside])


def test_what_a_clinician_looks_at_is_kept_until_a_day_before_and_the_ledger_says_no_more_than_that(alice, dr_li):
    visit = book(alice, dr_li, answers=said(**{THINNER: "yes"}))
    assert (visit.status, visit.suitability) == (Status.PROPOSED, "clinician_review")
    assert visit.kept_until == TEN - DAY
    assert visit.changes.get().facts["review"] == ["suitability"]
    assert THINNER not in str(visit.changes.get().facts)
    assert "R16" not in str(visit.changes.get().facts)
    appointments.move(visit.public_id, Move.APPROVE, by=SYSTEM, at=AT)
    assert Appointment.objects.get().status == Status.BOOKED


def test_a_time_before_which_nobody_can_look_is_refused_and_later_ones_are_offered(alice, dr_li):
    soon = chicago(6, 9)
    with pytest.raises(NoTimeToReview) as refused:
        book(alice, dr_li, soon, answers=said(**{THINNER: "yes"}))
    offered = refused.value.facts["alternatives"]
    assert offered
    assert book(alice, dr_li, soon, answers=said(**{THINNER: "no"})).status == Status.BOOKED
    assert book(alice, dr_li, offered[0].start, answers=said(**{THINNER: "yes"})).status == Status.PROPOSED


def test_search_hold_and_booking_agree_on_the_first_time_that_can_be_looked_at(alice, dr_li):
    on_record(alice, said(**{THINNER: "yes"}))
    asking = replace(Audience.PATIENT, reviews=frozenset({ReviewReason.SUITABILITY}))
    for start, free in ((chicago(6, 9), False), (chicago(7, 15), False), (chicago(8, 9), True)):
        slot = read_slot(slot_id(dr_li, start))
        assert explain(slot, at=AT, audience=asking).free is free
        if free:
            holds.take(slot, by=alice.principal, at=AT, patient=alice.record)
        else:
            with pytest.raises(NoTimeToReview):
                holds.take(slot, by=alice.principal, at=AT, patient=alice.record)


def test_a_request_that_waits_for_a_clinician_moves_only_to_a_time_that_leaves_them_time(alice, dr_li):
    visit = book(alice, dr_li, answers=said(**{THINNER: "yes"}))
    later = read_slot(slot_id(dr_li, TEN + DAY))
    moved = appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=later)
    assert (moved.status, moved.kept_until) == (Status.PROPOSED, TEN)
    with pytest.raises(NoTimeToReview):
        appointments.move(
            visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(slot_id(dr_li, chicago(6, 9)))
        )


def test_a_move_to_another_time_asks_nothing_anew_though_answers_have_run_out(alice, dr_li):
    visit = book(alice, dr_li, chicago(20, 10), answers=NO)
    later = read_slot(slot_id(dr_li, chicago(21, 10)))
    moved = appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=chicago(16, 10), slot=later)
    assert (moved.status, moved.suitability) == (Status.BOOKED, "pass")


def test_a_guest_is_booked_by_their_own_answers_and_refused_nothing_of_them_stays(dr_li):
    guest = Guest(name="Gil Guest", email="gil@example.test", birth_date=date(1980, 1, 1))
    by = visitor()
    hold = holds.take(read_slot(slot_id(dr_li, TEN)), by=by, at=AT)
    asked = {"by": by, "at": AT, "patient": None, "guest": guest}
    with pytest.raises(AnswersNeeded):
        guest_flow.book(hold.public_id, **asked)
    assert not Patient.objects.filter(name="Gil Guest").exists()
    visit = guest_flow.book(hold.public_id, answers=NO, **asked)
    assert (visit.status, visit.suitability) == (Status.BOOKED, "pass")
    assert SuitabilityResponse.objects.get().answered_by == by.key


def test_who_turns_eighteen_before_the_visit_is_booked_as_an_adult(alice, dr_li):
    Patient.objects.filter(pk=alice.record.pk).update(birth_date=date(2008, 10, 13))
    alice.record.refresh_from_db()
    assert book(alice, dr_li, chicago(12, 10), answers=NO).status == Status.PROPOSED
    assert book(alice, dr_li, chicago(13, 10)).status == Status.BOOKED


@pytest.mark.parametrize("answers", [None, said(**{FEVER: "yes"}), said(**{THINNER: "yes"})])
def test_a_clinician_books_it_with_a_reason_and_a_scheduler_never(alice, dr_li, lakeside, answers):
    carol = make_staff("carol", Role.CLINICIAN, Role.SCHEDULER, site=lakeside).principal
    dana = make_staff("dana", Role.SCHEDULER, site=lakeside).principal
    with pytest.raises(AnswersOfClinicians):
        book(alice, dr_li, by=dana, answers=answers, set_aside="I know her")
    visit = book(alice, dr_li, by=carol, answers=answers, set_aside="Talked with her")
    assert (visit.status, visit.set_aside_reason) == (Status.BOOKED, "Talked with her")
    assert not visit.override_reason  # for those too who may not read answers
    assert visit.changes.get().facts["answers_set_aside"] is True


def test_a_reason_for_another_rule_sets_no_answers_aside(alice, dr_li, lakeside):
    carol = make_staff("carol", Role.CLINICIAN, Role.SCHEDULER, site=lakeside).principal
    with pytest.raises(AnswersNeeded):
        book(alice, dr_li, by=carol, override_reason="She is here already")


def test_no_clinician_sets_their_own_answers_aside_and_nobody_the_call(alice, dr_li, lakeside):
    carol = make_staff("carol", Role.CLINICIAN, Role.SCHEDULER, site=lakeside)
    with pytest.raises(CallFirst):
        book(alice, dr_li, by=carol.principal, answers=said(**{FEVER: "yes", TREATED: "yes"}), set_aside="Talked")
    Patient.objects.filter(pk=alice.record.pk).update(user=carol.user)
    alice.record.refresh_from_db()
    with pytest.raises(AnswersOfClinicians):
        book(alice, dr_li, by=carol.principal, answers=NO, set_aside="I am well")


def test_where_the_rules_say_nothing_of_a_therapy_nothing_is_asked_of_the_database(
    alice, dr_li, lakeside, django_assert_num_queries
):
    slot = read_slot(slot_id(dr_li, TEN))
    check = appointments.BookingCheck(slot=slot, patient=alice.record, by=alice.principal, at=AT)
    quiet = replace(check, slot=replace(slot, therapy="screening_call"))
    queries_asked = appointments.suitability_checks.judge_booking
    queries_asked(quiet, alice.record)  # the catalogue is read once; whether it has changed is asked outside of a unit
    with django_assert_num_queries(1):
        assert queries_asked(quiet, alice.record).disposition == ""
    on_record(alice, NO)
    with django_assert_num_queries(2):
        assert queries_asked(check, alice.record).disposition == "pass"


def taken_over_by_ben(alice, ben, dr_li):
    """Return what Ben books a moment before, and a moment after, Alice's request by her answers has run out."""
    visit = book(alice, dr_li, answers=said(**{THINNER: "yes"}))
    with pytest.raises(SlotTaken):
        book(ben, dr_li, answers=NO, at=visit.kept_until - MINUTE)
    return book(ben, dr_li, answers=NO, at=visit.kept_until + MINUTE)


def test_what_nobody_decides_about_gives_its_time_back_a_day_before_with_every_worker_dead(alice, ben, dr_li):
    assert taken_over_by_ben(alice, ben, dr_li).status == Status.BOOKED


def test_twin_if_its_claims_did_not_run_out_the_time_would_be_nobodys(alice, ben, dr_li, monkeypatch):
    claim = scheduler.claim
    for_good = lambda wanted, *, at: claim([replace(one, expires_at=None) for one in wanted], at=at)  # noqa: E731
    monkeypatch.setattr(scheduler, "claim", for_good)
    with pytest.raises(SlotTaken):
        taken_over_by_ben(alice, ben, dr_li)


def test_who_verifies_their_address_still_waits_for_the_clinician(dr_li, monkeypatch):
    monkeypatch.setattr(address_verification, "reason_to_verify", lambda *_, **__: VerificationReason.AHEAD)
    guest = Guest(name="Gil Guest", email="gil@example.test", birth_date=date(1980, 1, 1))
    hold = holds.take(read_slot(slot_id(dr_li, TEN)), by=visitor(), at=AT)
    asked = {"by": visitor(), "at": AT, "patient": None, "guest": guest, "answers": said(**{THINNER: "yes"})}
    visit = guest_flow.book(hold.public_id, **asked)
    assert visit.kept_until < AT + DAY
    address_verification.type_code(visit.public_id, code_of(visit.public_id, 1), by=visitor(), at=AT + MINUTE)
    visit.refresh_from_db()
    assert (visit.status, visit.kept_until) == (Status.PROPOSED, TEN - DAY)


def test_done_in_another_way_it_is_judged_again(alice, dr_li, lakeside):
    offer(dr_li, "acu_auricular", sites=[lakeside])
    told_low = said(told_counts_low_value_unknown="yes")

    def at(start, technique):
        key = SlotKey.decode(slot_id(dr_li, start, therapy="acu_auricular"))
        return read_slot(replace(key, technique=technique).encode())

    def move(visit, slot):
        return appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=slot)

    seeds = at(TEN, "ear_seeds")
    visit = appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=seeds, answers=told_low)
    assert (visit.status, visit.suitability) == (Status.BOOKED, "pass")
    assert move(visit, at(TEN + DAY, "ear_seeds")).suitability == "pass"
    with pytest.raises(LookedAtFirst):
        move(visit, at(TEN + 2 * DAY, "press_tacks"))
    on_record(alice, said(heart_valve_or_endocarditis_history="yes"), at=AT + MINUTE)
    with pytest.raises(NotBookableWithAnswers):
        move(visit, at(TEN + 2 * DAY, "press_tacks"))
    on_record(alice, NO, at=AT + 2 * MINUTE)
    later = appointments.move(
        visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT + HOUR, slot=at(TEN + 2 * DAY, "press_tacks")
    )
    assert (later.status, later.technique) == (Status.BOOKED, "press_tacks")


def test_a_booking_goes_by_the_answers_that_came_with_it_though_she_began_before_others_were_read_aloud(alice, dr_li):
    begun = AT + MINUTE
    on_record(alice, NO, at=AT + 5 * MINUTE)
    visit = book(alice, dr_li, answers=replace(said(**{THINNER: "yes"}), answered_at=begun), at=AT + 10 * MINUTE)
    assert (visit.status, visit.suitability) == (Status.PROPOSED, "clinician_review")
