"""What the clinic learns, or what changes, after Alice booked is not lost: somebody looks at what stands or waits."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from booking.actions import appointments
from booking.actions.patients import merging
from booking.actions.suitability import (
    merged_answers,
    suitability,
    suitability_changes,
    suitability_checks,
    suitability_reviews,
)
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, CallReason, CallTask, Clearance, LabKind, Patient
from booking.queries import in_review
from booking.status import Move, Status
from booking.suitability.errors import AnsweredAnew, AnswersNeeded, CallFirst
from booking.suitability.facts import ClearedRule
from booking.suitability.records import GivenClearances
from booking.suitability.shipped import asks_nothing
from booking.suitability.visits import judge_visits
from core.models import Site
from core.refusals import Refusal
from core.roles import Role
from scheduler.public import SlotKey
from tests.booking.test_booking_by_answers import NO, TEN, THINNER, book, said
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, make_person, make_staff, read_slot, slot_id
from tests.factories.policies import adopt_suitability, end_suitability
from tests.factories.scheduler import AT, lay_out, make_places, make_practitioner, make_site, offer

pytestmark = pytest.mark.django_db

LOW_COUNT = "told_counts_low_value_unknown"
PACEMAKER = "pacemaker_icd_neurostimulator_pump"
VALVE = "heart_valve_or_endocarditis_history"
CLEARED = ClearedRule(rule="R16", ends_on=AT.date() + DAY)


@pytest.fixture(autouse=True)
def rules(lakeside):
    """Let Lakeside ask what the shipped rules ask."""
    end_suitability()
    return adopt_suitability(site=lakeside)


@pytest.fixture
def carol(lakeside):
    return make_staff("carol", Role.CLINICIAN, Role.SCHEDULER, site=lakeside).principal


def to_look_at():
    return [call.appointment_id for call in CallTask.objects.filter(reason=CallReason.ANSWERS_CHANGED, done_at=None)]


def move(visit, slot, *, by):
    return appointments.move(visit.public_id, Move.RESCHEDULE, by=by, at=AT + MINUTE, slot=slot)


@pytest.fixture
def riverside():
    """A site with Dr Wu that has no rules."""
    site = make_site("riverside")
    make_places(site, 3)
    wu = make_practitioner(site, name="Dr Wu")
    lay_out()
    return lambda dr_li: read_slot(
        replace(SlotKey.decode(slot_id(dr_li, TEN + DAY)), practitioner=wu.public_id, site="riverside").encode()
    )


def test_alice_moves_no_needles_to_a_site_that_has_no_rules(alice, dr_li, riverside):
    visit = book(alice, dr_li, answers=NO)
    with pytest.raises(Refusal) as refused:
        move(visit, riverside(dr_li), by=alice.principal)
    assert refused.value.code == "not-bookable-online"
    assert Appointment.objects.get().suitability == "pass"


def test_what_waits_for_a_clinician_waits_on_where_a_site_has_no_rules(alice, dr_li, riverside):
    visit = book(alice, dr_li, answers=said(**{THINNER: "yes"}))
    moved = move(visit, riverside(dr_li), by=SYSTEM)
    assert (moved.status, moved.suitability, in_review(moved)) == (Status.PROPOSED, "clinician_review", True)


def test_a_site_with_the_same_rules_asks_nothing_anew(alice, dr_li, riverside):
    visit = book(alice, dr_li, answers=NO)
    there = riverside(dr_li)
    adopt_suitability(site=Site.objects.get(key="riverside"))
    assert move(visit, there, by=alice.principal).status == Status.BOOKED


def test_a_site_with_other_rules_judges_anew(alice, dr_li, riverside, lakeside):
    end_suitability()
    adopt_suitability(site=lakeside, content=asks_nothing())
    visit = book(alice, dr_li)
    there = riverside(dr_li)
    adopt_suitability(site=Site.objects.get(key="riverside"))
    with pytest.raises(AnswersNeeded):
        move(visit, there, by=alice.principal)


@pytest.fixture
def on_the_ear(dr_li, lakeside):
    """Return what reads a time at which Dr Li treats the ear in one of two ways."""
    offer(dr_li, "acu_auricular", sites=[lakeside])

    def slot(start, technique):
        key = SlotKey.decode(slot_id(dr_li, start, therapy="acu_auricular"))
        return read_slot(replace(key, technique=technique).encode())

    return slot


def book_on_the_ear(alice, slot, answers):
    return appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot, answers=answers)


def test_what_waits_for_a_clinician_waits_on_when_it_moves_to_what_nobody_would_look_at(alice, on_the_ear):
    visit = book_on_the_ear(alice, on_the_ear(TEN, "press_tacks"), said(**{LOW_COUNT: "yes"}))
    moved = move(visit, on_the_ear(TEN + DAY, "ear_seeds"), by=alice.principal)
    assert (moved.status, moved.suitability, in_review(moved)) == (Status.PROPOSED, "clinician_review", True)


def test_a_count_entered_after_she_booked_is_looked_at_for_what_stands(alice, dr_li, carol):
    visit = book(alice, dr_li, answers=NO)
    low = {LabKind.PLATELETS: Decimal(8)}
    (count,) = suitability_reviews.enter_counts(visit.public_id, low, taken_on=AT.date(), by=carol, at=AT + HOUR)
    assert to_look_at() == [visit.pk]
    CallTask.objects.all().delete()
    suitability_reviews.withdraw_count(visit.public_id, count.public_id, by=carol, at=AT + 2 * HOUR)
    assert to_look_at() == []


def test_a_good_count_that_was_a_mistake_is_looked_at_for_what_was_booked_by_it(alice, dr_li, carol):
    other = book(alice, dr_li, TEN + DAY, answers=said(**{LOW_COUNT: "yes"}))
    good = {LabKind.PLATELETS: Decimal(200), LabKind.NEUTROPHILS: Decimal(5)}
    made = suitability_reviews.enter_counts(other.public_id, good, taken_on=AT.date(), by=carol, at=AT + MINUTE)
    visit = book(alice, dr_li, at=AT + HOUR)
    assert visit.suitability != "clinician_review"
    for count in made:
        suitability_reviews.withdraw_count(other.public_id, count.public_id, by=carol, at=AT + 2 * HOUR)
    assert visit.pk in to_look_at()


def test_what_the_other_record_of_alice_knows_is_looked_at_once_they_are_one(alice, dr_li, lakeside):
    double = make_person(lakeside, "Alice Adamms").record
    Patient.objects.filter(pk=double.pk).update(user=None)
    double.refresh_from_db()
    visit = book(alice, dr_li, answers=NO)
    answers = replace(NO, answers={THINNER: "yes"})
    suitability.answer(double, answers, site_id=lakeside.pk, by=SYSTEM, at=AT + MINUTE)
    assert to_look_at() == []
    merging.merge(kept=alice.record, given_up=double, by=SYSTEM, at=AT + HOUR)
    assert to_look_at() == [visit.pk]


@pytest.fixture
def two_of_alice(alice, dr_li, lakeside):
    """Alice said yes to a question under another record, then no where she booked; by which question."""

    def merged(question):
        double = make_person(lakeside, "Alice Adamms").record
        Patient.objects.filter(pk=double.pk).update(user=None)
        double.refresh_from_db()
        suitability.answer(double, replace(NO, answers={question: "yes"}), site_id=lakeside.pk, by=SYSTEM, at=AT)
        visit = book(alice, dr_li, at=AT + MINUTE, answers=NO)
        assert visit.status == Status.BOOKED
        merging.merge(kept=alice.record, given_up=double, by=SYSTEM, at=AT + HOUR)
        return visit, judge_visits([visit], at=AT + HOUR)[visit.pk]

    return merged


@pytest.mark.parametrize(("question", "follows"), [(THINNER, "clinician_review"), (PACEMAKER, "inform")])
def test_where_two_records_of_alice_contradict_the_worse_counts_and_a_clinician_looks(two_of_alice, question, follows):
    visit, judged = two_of_alice(question)
    assert (judged.found.disposition, to_look_at()) == (follows, [visit.pk])


def test_twin_where_the_newest_answer_won_nobody_would_look(two_of_alice, monkeypatch):
    monkeypatch.setattr(merged_answers.Contradictions, "put_on", lambda *_args, **_kwargs: [])
    _visit, judged = two_of_alice(THINNER)
    assert (judged.found.disposition, to_look_at()) == ("pass", [])


def test_what_alice_said_while_it_was_called_off_is_looked_at_once_it_stands_again(alice, dr_li, lakeside):
    visit = book(alice, dr_li, answers=NO)
    reason = CancelReason.TRANSPORT
    appointments.move(visit.public_id, Move.CANCEL, by=alice.principal, at=AT + MINUTE, reason=reason)
    answers = said(**{THINNER: "yes"})
    suitability.answer(alice.record, answers, site_id=lakeside.pk, by=alice.principal, at=AT + 2 * MINUTE)
    assert to_look_at() == []
    stands = appointments.move(visit.public_id, Move.UNDO, by=alice.principal, at=AT + 3 * MINUTE)
    assert (stands.status, to_look_at()) == (Status.BOOKED, [visit.pk])


def test_what_is_moved_back_to_another_technique_is_looked_at_by_what_alice_said_meanwhile(
    alice, on_the_ear, lakeside, carol
):
    visit = book_on_the_ear(alice, on_the_ear(TEN, "press_tacks"), NO)
    move(visit, on_the_ear(TEN + DAY, "ear_seeds"), by=carol)
    says(alice, lakeside, **{VALVE: "yes"})
    assert to_look_at() == []
    back = appointments.move(visit.public_id, Move.UNDO, by=carol, at=AT + 2 * HOUR)
    assert (back.technique, back.status, to_look_at()) == ("press_tacks", Status.BOOKED, [visit.pk])


def test_what_is_moved_back_to_another_time_alone_is_looked_at_no_second_time(alice, dr_li, lakeside, carol):
    visit = book(alice, dr_li, answers=NO)
    says(alice, lakeside, **{THINNER: "yes"})
    suitability_reviews.looked_at(visit.public_id, by=carol, at=AT + HOUR)
    move(visit, read_slot(slot_id(dr_li, TEN + DAY)), by=carol)
    appointments.move(visit.public_id, Move.UNDO, by=carol, at=AT + 2 * HOUR)
    assert to_look_at() == []


def cleared(visit, *, at):
    """Let a clinician have said of Alice's blood thinner that it need not be looked at for a while."""
    until = AT.date() + timedelta(days=60)
    return Clearance.objects.create(patient=visit.patient, rule="R16", given_at=at, given_by="user:7", ends_on=until)


@pytest.fixture
def approved(alice, dr_li, carol):
    """What Alice asked for, who takes a blood thinner, and Carol approved."""
    visit = book(alice, dr_li, answers=said(**{THINNER: "yes"}))
    return suitability_reviews.approve(visit.public_id, seen=visit.version, by=carol, at=AT + MINUTE)


def withdrawn(clearance, alice):
    Clearance.objects.filter(pk=clearance.pk).update(withdrawn_at=AT + 2 * HOUR, withdrawn_by="user:7")
    suitability_changes.look_again(alice.record, at=AT + 3 * HOUR)
    return to_look_at()


def test_a_clearance_given_later_changes_nothing_of_what_was_known_when_she_booked(approved, alice):
    assert withdrawn(cleared(approved, at=AT + HOUR), alice) == []


def test_twin_if_it_counted_from_the_beginning_its_end_would_be_news(approved, alice, monkeypatch):
    monkeypatch.setattr(GivenClearances, "known_at", lambda *_: (CLEARED,))
    assert withdrawn(cleared(approved, at=AT + HOUR), alice) == [approved.pk]


def test_what_was_booked_by_a_clearance_is_looked_at_once_that_is_withdrawn(alice, dr_li, approved):
    clearance = cleared(approved, at=AT + MINUTE)
    at_once = book(alice, dr_li, TEN + DAY, at=AT + HOUR)
    assert at_once.status == Status.BOOKED
    assert withdrawn(clearance, alice) == [at_once.pk]


def test_why_answers_are_set_aside_is_not_lost_where_another_rule_is_set_aside_too(alice, dr_li, carol):
    soon, answers = AT.replace(minute=0) + timedelta(hours=3), said(**{THINNER: "yes"})
    visit = book(alice, dr_li, soon, by=carol, answers=answers, set_aside="INR checked", override_reason="She is here")
    assert (visit.set_aside_reason, visit.override_reason) == ("INR checked", "She is here")


def seen(visit, *, at=AT + MINUTE):
    """Return as what a card shows a request."""
    return judge_visits([Appointment.objects.select_related("site", "therapy", "patient").get(pk=visit.pk)], at=at)


def says(person, lakeside, *, at=AT + HOUR, **answers):
    suitability.answer(person.record, said(**answers), site_id=lakeside.pk, by=person.principal, at=at)


@pytest.mark.parametrize("blind", [True, False])
def test_nothing_is_booked_by_what_its_clinician_has_not_seen(alice, dr_li, lakeside, carol, blind):
    visit = book(alice, dr_li, answers=said(**{THINNER: "yes"}))
    mark = None if blind else seen(visit)[visit.pk].mark
    says(alice, lakeside, **{THINNER: "yes", VALVE: "yes"})
    with pytest.raises(AnsweredAnew):
        suitability_reviews.approve(visit.public_id, seen=visit.version, mark=mark, by=carol, at=AT + DAY)
    with pytest.raises(AnsweredAnew):
        appointments.move(visit.public_id, Move.APPROVE, by=carol, at=AT + DAY)
    mark = seen(visit)[visit.pk].mark
    done = suitability_reviews.approve(visit.public_id, seen=visit.version, mark=mark, by=carol, at=AT + DAY)
    assert done.status == Status.BOOKED


def test_a_count_that_a_colleague_entered_is_looked_at_before_it_is_booked(alice, dr_li, carol):
    visit = book(alice, dr_li, answers=said(**{THINNER: "yes"}))
    mark = seen(visit)[visit.pk].mark
    low = {LabKind.PLATELETS: Decimal(8)}
    suitability_reviews.enter_counts(visit.public_id, low, taken_on=AT.date(), by=carol, at=AT + HOUR)
    with pytest.raises(AnsweredAnew):
        suitability_reviews.approve(visit.public_id, seen=visit.version, mark=mark, by=carol, at=AT + DAY)


def test_no_clinician_books_before_the_call_that_comes_first(alice, dr_li, lakeside, carol):
    visit = book(alice, dr_li, answers=said(**{THINNER: "yes"}))
    says(alice, lakeside, **{THINNER: "yes", "fever_now": "yes", "on_active_cancer_treatment": "yes"})
    mark = seen(visit)[visit.pk].mark
    with pytest.raises(CallFirst):
        suitability_reviews.approve(visit.public_id, seen=visit.version, mark=mark, by=carol, at=AT + DAY)


def test_twin_without_the_mark_it_would_be_booked_unseen(alice, dr_li, lakeside, carol, monkeypatch):
    monkeypatch.setattr(suitability_checks, "check_as_seen", lambda *_, **__: None)
    visit = book(alice, dr_li, answers=said(**{THINNER: "yes"}))
    says(alice, lakeside, **{THINNER: "yes", VALVE: "yes"})
    done = suitability_reviews.approve(visit.public_id, seen=visit.version, by=carol, at=AT + DAY)
    assert done.status == Status.BOOKED


def test_who_has_looked_again_has_not_looked_at_what_came_since(alice, dr_li, lakeside, carol):
    visit = book(alice, dr_li, answers=NO)
    says(alice, lakeside, **{THINNER: "yes"})
    mark = seen(visit)[visit.pk].mark
    says(alice, lakeside, at=AT + 2 * HOUR, **{THINNER: "yes", VALVE: "yes"})
    with pytest.raises(AnsweredAnew):
        suitability_reviews.looked_at(visit.public_id, mark=mark, by=carol, at=AT + DAY)
    assert to_look_at() == [visit.pk]
