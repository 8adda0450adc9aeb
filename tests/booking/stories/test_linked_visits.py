"""Several people booked as one act: their times all or none, each one's state, answers and news their own."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from booking.actions import appointments
from booking.actions.families import linked_moves, linked_visits
from booking.actions.families.linked_visits import PersonBooking
from booking.cancel_reasons import CancelReason, DeclineReason
from booking.errors import MoveNotAllowed, NoticeTooShort, UndoOver
from booking.families.linked_errors import CannotBookTogether, NothingToUndo, NotLinked, NotTogether, SetTaken
from booking.models import Appointment, CallTask, CancelPolicy, Change, LinkedQuestion, LinkedVisitsChange
from booking.status import Move, Status
from booking.suitability.answers import answered_no
from booking.suitability.errors import AnswersNeeded
from booking.suitability.shipped import shipped_rules
from core.refusals import Invalid
from notifications.actions import dispatch
from notifications.models import Message
from notifications.status import Delivery, MessageKind
from scheduler.models import Claim
from scheduler.public import Relation
from tests.factories.booking import HOUR, MINUTE, chicago, make_patient, make_visit, read_slot, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.tables import dump

pytestmark = [pytest.mark.django_db]
TEN, ELEVEN = chicago(12, 10), chicago(12, 11)


@pytest.fixture
def dr_kim(lakeside):
    made = make_practitioner(lakeside, name="Dr Kim")
    lay_out()
    return made


def together(*people, by, relation=Relation.SAME_TIME, within=0, policy=CancelPolicy.ASK, at=AT, **said):
    """Book people, each (patient, practitioner, start)."""
    wanted = [
        PersonBooking(patient=who.record, slot=read_slot(slot_id(whose, start, visit="followup")), **said)
        for who, whose, start in people
    ]
    return linked_visits.book(
        wanted, relation=relation, within=within * MINUTE, cancel_policy=policy, by=by.principal, at=at
    )


@pytest.fixture
def people(alice, ben):
    return alice, ben


@pytest.fixture
def book(alice, ben, dr_li, dr_kim, dana):
    """Return what books Alice with Dr Li and Ben with Dr Kim, both at ten."""

    def booked(policy=CancelPolicy.ASK, **said):
        return together((alice, dr_li, TEN), (ben, dr_kim, TEN), by=dana, policy=policy, **said)

    return booked


def now(visit):
    return Appointment.objects.get(pk=visit.pk)


def stands(*visits):
    return [now(visit).status for visit in visits]


def cancel(visit, by, reason=CancelReason.PATIENT, at=AT):
    return appointments.move(visit.public_id, Move.CANCEL, by=by.principal, at=at, reason=reason)


def undo(visit, by, at=AT + MINUTE):
    return appointments.move(visit.public_id, Move.UNDO, by=by.principal, at=at)


def test_two_people_are_booked_in_one_act_each_with_a_row_of_the_ledger_that_names_nobody_else(book, alice, ben):
    done = book()
    first, second = done.visits
    assert [first.patient, second.patient] == [alice.record, ben.record]
    assert stands(first, second) == [Status.BOOKED] * 2
    assert {now(visit).linked for visit in done.visits} == {done.link}
    assert first.place_id != second.place_id
    rows = Change.objects.filter(appointment__in=done.visits)
    assert [(row.move, set(row.facts)) for row in rows] == [("book", {"to"})] * 2


def test_one_practitioner_has_two_people_who_begin_twenty_minutes_apart(alice, ben, dr_li, dana):
    later = TEN + 20 * MINUTE
    with pytest.raises(NotTogether):
        together((alice, dr_li, TEN), (ben, dr_li, later), by=dana, within=15)
    done = together((alice, dr_li, TEN), (ben, dr_li, later), by=dana, within=20)
    assert stands(*done.visits) == [Status.BOOKED] * 2


def test_when_one_time_is_gone_nobody_is_booked_and_the_nearest_sets_are_shown(book, dr_kim, mallory):
    make_visit(mallory.record, slot_id(dr_kim, TEN, visit="followup"))
    before = Claim.objects.count()
    with pytest.raises(SetTaken) as refused:
        book()
    assert Claim.objects.count() == before
    assert Appointment.objects.filter(linked__isnull=False).count() == 0
    facts = refused.value.facts
    assert (facts["because"], facts["people"]) == ("slot-taken", [1])
    starts = [[slot.start for slot in one.slots] for one in facts["alternatives"]]
    assert len(starts) == 3
    assert all(abs(one - TEN) <= 75 * MINUTE for pair in starts for one in pair)
    assert all(pair[0] == pair[1] for pair in starts)


def test_who_makes_it_impossible_is_told_to_staff_and_to_nobody_else(people, dr_li, dr_kim, dana, mallory):
    (alice, ben), soon = people, AT + 2 * HOUR
    with pytest.raises(NoticeTooShort) as refused:
        together((alice, dr_li, TEN), (ben, dr_kim, soon), by=dana, within=20_000)
    assert refused.value.facts["person"] == 1
    with pytest.raises(CannotBookTogether) as kept:
        together((alice, dr_li, soon), (ben, dr_kim, TEN), by=mallory, within=20_000)
    assert kept.value.facts == {}
    assert Appointment.objects.count() == 0


def test_each_is_judged_by_their_own_answers(people, dr_li, dr_kim, dana, lakeside):
    alice, ben = people
    adopt_suitability(site=lakeside)
    slots = [read_slot(slot_id(who, TEN, visit="followup")) for who in (dr_li, dr_kim)]
    no = answered_no(shipped_rules())
    people = [
        PersonBooking(patient=alice.record, slot=slots[0], answers=no),
        PersonBooking(patient=ben.record, slot=slots[1]),
    ]
    asked = {"relation": Relation.SAME_TIME, "within": timedelta(), "cancel_policy": CancelPolicy.KEEP}
    before = dump()
    with pytest.raises(AnswersNeeded) as refused, transaction.atomic():
        linked_visits.book(people, **asked, by=dana.principal, at=AT)
    assert refused.value.facts["person"] == 1
    assert dump() == before
    people[1] = PersonBooking(patient=ben.record, slot=slots[1], questions_by_link=True)
    done = linked_visits.book(people, **asked, by=dana.principal, at=AT)
    assert stands(*done.visits) == [Status.BOOKED, Status.PROPOSED]
    expiring = Claim.objects.filter(allocation=done.visits[1].allocation, expires_at=None)
    assert not expiring.exists()


@pytest.mark.parametrize("policy", CancelPolicy)
def test_what_becomes_of_the_others_when_one_is_cancelled_is_as_their_link_says(book, alice, policy):
    first, second = book(policy).visits
    cancel(first, alice)
    expected = {CancelPolicy.KEEP: Status.BOOKED, CancelPolicy.ASK: Status.BOOKED, CancelPolicy.CANCEL: "cancelled"}
    assert stands(first, second) == ["cancelled", expected[policy]]
    asked = list(LinkedQuestion.objects.values_list("appointment", flat=True))
    assert asked == ([second.pk] if policy == CancelPolicy.ASK else [])
    assert not CallTask.objects.exists()


def test_who_was_cancelled_with_another_has_a_row_of_their_own_and_is_back_when_that_is_undone(book, alice):
    first, second = book(CancelPolicy.CANCEL).visits
    cancel(first, alice)
    row = Change.objects.filter(appointment=second).last()
    assert (row.move, row.by, row.facts["reason"]) == ("cancel", "system:linked", "together")
    undo(first, alice)
    assert stands(first, second) == [Status.BOOKED] * 2
    assert Claim.objects.filter(retired_at=None, expires_at=None).values("allocation").distinct().count() == 2


def test_who_has_something_else_by_then_is_called_and_the_undo_of_the_other_stands(book, alice, ben, lakeside):
    dr_sol = make_practitioner(lakeside, name="Dr Sol")
    lay_out()
    first, second = book(CancelPolicy.CANCEL).visits
    cancel(first, alice)
    make_visit(ben.record, slot_id(dr_sol, TEN + 15 * MINUTE, visit="followup"))
    undo(first, alice)
    assert stands(first, second) == ["booked", "cancelled"]
    assert CallTask.objects.get().appointment_id == second.pk


def test_they_move_together_onto_times_that_overlap_their_own_and_back_by_one_undo(book, dr_li, dr_kim, dana):
    done = book()
    late = TEN + 15 * MINUTE
    slots = {
        visit.public_id: read_slot(slot_id(who, late, visit="followup"))
        for visit, who in zip(done.visits, (dr_kim, dr_li), strict=True)  # they change practitioners as well
    }
    linked_moves.move_together(done.link, slots, by=dana.principal, at=AT)
    assert [now(visit).period.lower for visit in done.visits] == [late, late]
    live = Claim.objects.filter(retired_at=None).values("allocation").distinct()
    assert {one["allocation"] for one in live} == {now(visit).allocation for visit in done.visits}
    linked_moves.undo_together(done.link, by=dana.principal, at=AT + MINUTE)
    assert [(now(visit).period.lower, now(visit).practitioner) for visit in done.visits] == [
        (TEN, dr_li),
        (TEN, dr_kim),
    ]
    with pytest.raises(NothingToUndo):
        linked_moves.undo_together(done.link, by=dana.principal, at=AT + MINUTE)


def test_when_one_cannot_move_none_does(book, dr_li, dr_kim, dana, mallory):
    done = book()
    make_visit(mallory.record, slot_id(dr_kim, ELEVEN, visit="followup"))
    slots = {
        visit.public_id: read_slot(slot_id(who, ELEVEN, visit="followup"))
        for visit, who in zip(done.visits, (dr_li, dr_kim), strict=True)
    }
    before = dump()
    with pytest.raises(SetTaken) as refused, transaction.atomic():
        linked_moves.move_together(done.link, slots, by=dana.principal, at=AT)
    assert dump() == before
    assert refused.value.facts["alternatives"]


def test_one_moves_alone_and_stays_linked(book, alice, dr_li):
    first, second = book().visits
    slot = read_slot(slot_id(dr_li, ELEVEN, visit="followup"))
    appointments.move(first.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=slot)
    assert [now(one).period.lower for one in (first, second)] == [ELEVEN, TEN]
    assert now(first).linked == now(second).linked


def test_who_is_asked_because_of_one_is_asked_still_when_the_cancel_of_another_is_undone(
    people, mallory, dr_li, dr_kim, dana
):
    alice, ben = people
    wanted = ((alice, dr_li, TEN), (ben, dr_kim, TEN), (mallory, dr_kim, TEN + 20 * MINUTE))
    first, second, third = together(*wanted, by=dana, within=30).visits
    cancel(first, alice)
    cancel(second, ben, at=AT + MINUTE)
    undo(second, ben, at=AT + 2 * MINUTE)
    assert LinkedQuestion.objects.filter(answer="").latest("pk").appointment == third
    undo(first, alice, at=AT + 3 * MINUTE)
    assert not LinkedQuestion.objects.filter(answer="").exists()


def test_whoever_is_taken_out_is_cancelled_with_nobody_and_comes_back_by_an_undo(book, alice, dana):
    first, second = book(CancelPolicy.CANCEL).visits
    linked_moves.unlink(first, by=dana.principal, at=AT)
    assert [now(one).linked for one in (first, second)] == [None, None]
    with pytest.raises(NotLinked):
        linked_moves.unlink(now(first), by=dana.principal, at=AT)
    linked_moves.link_again(now(first), by=dana.principal, at=AT + MINUTE)
    cancel(first, alice)
    assert stands(first, second) == ["cancelled", "cancelled"]
    assert (
        list(LinkedVisitsChange.objects.values_list("act", flat=True))
        == ["linked"] * 2 + ["unlinked"] * 2 + ["linked"] * 2
    )


def test_nobody_rewrites_what_was_done_to_a_link(book):
    book()
    for act in (lambda: LinkedVisitsChange.objects.update(act="unlinked"), LinkedVisitsChange.objects.all().delete):
        with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
            act()


def test_nobody_is_booked_twice_in_one_act_under_whichever_record(alice, dr_li, dr_kim, dana, lakeside):
    with pytest.raises(Invalid):
        together((alice, dr_li, TEN), (alice, dr_kim, TEN), by=dana)
    again = make_patient(lakeside, "Alice Adams")
    mail = alice.record.contacts.get()
    again.contacts.create(system=mail.system, value=mail.value, rank=2)
    person = type(alice)(user=alice.user, principal=alice.principal, patient=again)
    with pytest.raises(Invalid):
        together((alice, dr_li, TEN), (person, dr_kim, TEN), by=dana)


def test_a_visit_that_is_over_is_left_as_it_is(book, alice, dana):
    first, second = book(CancelPolicy.CANCEL).visits
    appointments.move(second.public_id, Move.CHECK_IN, by=dana.principal, at=TEN)
    with pytest.raises(MoveNotAllowed):
        undo(first, dana)
    cancel(first, dana, at=TEN)
    assert stands(first, second) == ["cancelled", "checked-in"]


# -- how the others hear of it -----------------------------------------------------------------------------------------


def mails(visit):
    """Return what was sent about a visit, beside that it is booked."""
    sent = Message.objects.filter(appointment=visit, status=Delivery.SENT).exclude(kind=MessageKind.CONFIRMATION)
    return list(sent.order_by("pk").values_list("kind", flat=True))


@pytest.fixture
def told(book, alice):
    """Return two who are cancelled together, both of whom have heard that they are booked; Alice has cancelled."""
    first, second = book(CancelPolicy.CANCEL).visits
    dispatch.run(now=lambda: AT)
    cancel(first, alice, at=AT + MINUTE)
    return first, second


def test_while_a_cancel_can_be_undone_the_others_hear_nothing_of_it(told, alice):
    first, second = told
    dispatch.run(now=lambda: AT + 6 * MINUTE)
    assert (mails(first), mails(second)) == (["cancelled"], [])
    undo(first, alice, at=AT + 10 * MINUTE)
    for later in (11, 15, 30):
        dispatch.run(now=lambda later=later: AT + later * MINUTE)
    assert mails(second) == []
    assert stands(first, second) == [Status.BOOKED] * 2


def test_once_it_cannot_be_undone_the_others_hear_that_theirs_is_cancelled(told, alice):
    first, second = told
    dispatch.run(now=lambda: AT + 11 * MINUTE)
    assert mails(second) == ["cancelled"]
    with pytest.raises(UndoOver):
        undo(first, alice, at=AT + 11 * MINUTE)


def test_twin_told_at_once_the_others_would_hear_of_what_is_undone(told, monkeypatch):
    _first, second = told
    monkeypatch.setattr("notifications.actions.relay.news_starts_at", lambda changed_at, **_: changed_at)
    dispatch.run(now=lambda: AT + 6 * MINUTE)
    assert mails(second) == ["cancelled"]


def test_what_frees_a_time_at_once_is_told_at_once(book, alice):
    first, second = book(CancelPolicy.CANCEL).visits
    cancel(first, alice, CancelReason.ILLNESS)
    assert now(second).undo_until is None
    dispatch.run(now=lambda: AT + MINUTE)
    assert mails(second) == ["cancelled"]


def test_a_request_that_was_cancelled_with_another_waits_again_after_the_undo(people, dr_li, dr_kim, dana, lakeside):
    adopt_suitability(site=lakeside)
    slots = [read_slot(slot_id(who, TEN, visit="followup")) for who in (dr_li, dr_kim)]
    wanted = [
        PersonBooking(patient=people[0].record, slot=slots[0], answers=answered_no(shipped_rules())),
        PersonBooking(patient=people[1].record, slot=slots[1], questions_by_link=True),
    ]
    asked = {"relation": Relation.SAME_TIME, "within": timedelta(), "cancel_policy": CancelPolicy.CANCEL}
    first, second = linked_visits.book(wanted, **asked, by=dana.principal, at=AT).visits
    kept = now(second).kept_until
    cancel(first, dana)
    assert stands(first, second) == ["cancelled"] * 2
    assert now(second).undo_until == AT + 10 * MINUTE
    undo(first, dana)
    assert stands(first, second) == [Status.BOOKED, Status.PROPOSED]
    assert (now(second).status, now(second).kept_until) == (Status.PROPOSED, kept)
    assert set(Claim.objects.filter(allocation=now(second).allocation).values_list("expires_at", flat=True)) == {kept}


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (Move.DECLINE, {"because": DeclineReason.CALL}),
        (Move.CANCEL, {"reason": CancelReason.CLOSURE}),
        (Move.CANCEL, {"reason": CancelReason.SCREENING}),
        (Move.CANCEL, {"reason": CancelReason.ILLNESS}),
    ],
)
def test_whoever_calls_one_off_and_why_the_others_go_by_their_link(book, dana, lakeside, what, said):
    adopt_suitability(site=lakeside)
    first, second = book(CancelPolicy.CANCEL, questions_by_link=True).visits
    appointments.move(first.public_id, what, by=dana.principal, at=AT, **said)
    assert stands(first, second) == ["cancelled"] * 2


# -- undoing as one ----------------------------------------------------------------------------------------------------


def test_undo_is_offered_where_there_is_something_to_undo_and_says_so_where_there_is_not(book, alice, dana, dr_li):
    done = book()
    first, _second = done.visits
    assert not linked_moves.may_undo(done.link, at=AT)
    with pytest.raises(NothingToUndo):
        linked_moves.undo(done.link, by=dana.principal, at=AT)
    slot = read_slot(slot_id(dr_li, ELEVEN, visit="followup"))
    linked_moves.move_together(done.link, {first.public_id: slot}, by=dana.principal, at=AT)
    assert linked_moves.may_undo(done.link, at=AT + MINUTE)
    assert not linked_moves.may_undo(done.link, at=AT + 25 * HOUR)
    linked_moves.undo(done.link, by=dana.principal, at=AT + MINUTE)
    assert not linked_moves.may_undo(done.link, at=AT + MINUTE)
    linked_moves.unlink(first, by=dana.principal, at=AT + 2 * MINUTE)
    assert linked_moves.may_undo(done.link, at=AT + 3 * MINUTE)
