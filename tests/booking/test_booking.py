"""To book is to promise a person a time."""

from uuid import uuid4

import pytest
from django.db import connection

from booking.actions import appointments
from booking.cancel_reasons import CancelReason
from booking.errors import (  # fmt: skip
    BeyondHorizon,
    FirstVisitNeeded,
    InThePast,
    NotBookableOnline,
    NoticeTooShort,
    PatientBusy,
    TherapyNotOffered,
    TooManyThisWeek,
    TooManyVisits,
)
from booking.models import Appointment, Change
from booking.status import Move, Status
from core.models import RoleAssignment
from core.principal import Principal
from core.refusals import Invalid
from core.roles import Role
from scheduler import public as scheduler
from scheduler.models import Therapy
from tests.factories.booking import (
    DAY,
    SINCE,
    SYSTEM,
    chicago,
    make_patient,
    make_visit,
    read_slot,
    slot_id,
    visitor,
)  # fmt: skip
from tests.factories.policies import publish_policy
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.tables import changed, dump, live_claims, overlaps, sheet_drift

TEN = chicago(8, 10)


def book(who, slot, **facts):
    given = {"patient": who.record, "by": who.principal, "at": AT}
    return appointments.book(slot=read_slot(slot), **given | facts)


def test_alice_books_a_free_time_for_herself(alice, dr_li, lakeside):
    visit = book(alice, slot_id(dr_li, TEN), note="Comes with her sister")
    visit.refresh_from_db()
    assert (visit.status, visit.version, visit.site) == (Status.BOOKED, 0, lakeside)
    assert (visit.period.lower, visit.period.upper) == (TEN, chicago(8, 11, 15))
    assert visit.place is not None
    assert visit.booked_by == alice.user
    change = visit.changes.get()
    assert (change.move, change.before, change.after, change.by) == ("book", "", "booked", alice.principal.key)
    times = {"start": TEN.isoformat(), "end": chicago(8, 11, 15).isoformat()}
    assert change.facts == {"to": {**times, "practitioner": str(dr_li.public_id), "site": "lakeside"}}
    assert len(live_claims(at=AT)) == 4  # hands twice, a lane, a place
    assert overlaps(at=AT) == sheet_drift() == []


def test_a_time_is_booked_once(alice, mallory, dr_li):
    book(alice, slot_id(dr_li, TEN))
    before = dump()
    with pytest.raises(scheduler.SlotTaken):
        book(mallory, slot_id(dr_li, TEN))
    assert changed(before, dump()) == []


def test_nobody_is_in_two_places_at_once(alice, dr_li, riverside):
    elsewhere = make_practitioner(riverside, name="Dr Wu")
    lay_out()
    book(alice, slot_id(dr_li, TEN))
    before = dump()
    with pytest.raises(PatientBusy):
        book(alice, slot_id(elsewhere, chicago(8, 11), site="riverside"))
    assert changed(before, dump()) == []
    book(alice, slot_id(elsewhere, chicago(8, 11, 15), site="riverside"))


def test_without_the_constraint_alice_would_be_in_two_places(alice, dr_li, riverside):
    elsewhere = make_practitioner(riverside, name="Dr Wu")
    lay_out()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE booking_appointment DROP CONSTRAINT patient_is_in_one_place_at_a_time")
    book(alice, slot_id(dr_li, TEN))
    book(alice, slot_id(elsewhere, TEN, site="riverside"))
    assert Appointment.objects.filter(patient=alice.record, period__contains=TEN).count() == 2


@pytest.mark.parametrize(
    ("start", "refusal"),
    [
        (chicago(5, 7), InThePast),
        (chicago(5, 11), NoticeTooShort),
        (chicago(13, 15, month=11), None),
        (chicago(16, 9, month=11), BeyondHorizon),
    ],
)
def test_a_patient_books_between_four_hours_and_six_weeks_ahead(alice, dr_li, start, refusal):
    lay_out(weeks=8)
    if refusal is None:
        assert book(alice, slot_id(dr_li, start))
        return
    with pytest.raises(refusal):
        book(alice, slot_id(dr_li, start))


def test_staff_books_at_short_notice_with_a_reason_and_never_without(alice, dana, dr_li):
    soon = slot_id(dr_li, chicago(5, 10))
    with pytest.raises(NoticeTooShort):
        book(alice, soon, by=dana.principal)
    visit = book(alice, soon, by=dana.principal, override_reason="  In pain,  agreed with Dr Li ")
    assert visit.override_reason == "In pain, agreed with Dr Li"


def test_a_reason_that_was_not_needed_is_not_kept(alice, dana, dr_li):
    assert book(alice, slot_id(dr_li, TEN), by=dana.principal, override_reason="just so").override_reason == ""


def test_no_reason_books_a_time_that_somebody_has(alice, mallory, dana, dr_li):
    book(mallory, slot_id(dr_li, TEN))
    with pytest.raises(scheduler.SlotTaken):
        book(alice, slot_id(dr_li, TEN), by=dana.principal, override_reason="She really wants it")


def test_program_staff_sets_no_rule_aside(alice, frank, dr_li):
    with pytest.raises(NoticeTooShort) as refused:
        book(alice, slot_id(dr_li, chicago(5, 10)), by=frank.principal, override_reason="please")
    assert refused.value.facts["overridable"] is False


def test_staff_of_another_site_is_no_staff_here(alice, dr_li, riverside):
    from tests.factories.booking import make_staff  # noqa: PLC0415

    other = make_staff("eve", Role.SCHEDULER, site=riverside)
    with pytest.raises(NoticeTooShort):
        book(alice, slot_id(dr_li, chicago(5, 10)), by=other.principal, override_reason="please")


def test_nobody_is_staff_on_their_own_record(alice, dr_li, lakeside):
    RoleAssignment.objects.create(user=alice.user, role=Role.SCHEDULER, site=lakeside, starts_at=SINCE)
    both = Principal.of(alice.user, at=AT)
    with pytest.raises(NoticeTooShort):
        book(alice, slot_id(dr_li, chicago(5, 10)), by=both, override_reason="It is me")


def test_a_follow_up_needs_a_first_visit_before_it(alice, dr_li):
    followup = slot_id(dr_li, chicago(12, 10), visit="followup")
    with pytest.raises(FirstVisitNeeded):
        book(alice, followup)
    book(alice, slot_id(dr_li, TEN))
    assert book(alice, followup).visit == "followup"


def test_a_guest_books_a_follow_up_on_their_word(dr_li, lakeside):
    guest = make_patient(lakeside, "Gail Guest", guest=True)
    by = visitor()
    slot = slot_id(dr_li, chicago(12, 10), visit="followup")
    assert appointments.book(slot=read_slot(slot), patient=guest, by=by, at=AT).booked_by is None


def test_a_third_visit_in_a_week_is_for_staff_with_a_reason(alice, dana, dr_li):
    book(alice, slot_id(dr_li, chicago(12, 9)))
    book(alice, slot_id(dr_li, chicago(13, 9)))
    third = slot_id(dr_li, chicago(14, 9))
    with pytest.raises(TooManyThisWeek):
        book(alice, third)
    visit = book(alice, third, by=dana.principal, override_reason="Before surgery")
    assert visit.changes.get().facts["overrode"] == ["too-many-visits-this-week"]


def test_a_patient_has_as_many_visits_ahead_as_the_policy_says(alice, dr_li):
    publish_policy("booking", {"booking": {"max_active_per_patient": 1}})
    book(alice, slot_id(dr_li, TEN))
    with pytest.raises(TooManyVisits):
        book(alice, slot_id(dr_li, chicago(20, 10)))


def test_a_therapy_that_needs_a_call_is_booked_by_staff(alice, dana, dr_li):
    Therapy.objects.filter(key="acu_manual").update(self_bookable=False)
    with pytest.raises(NotBookableOnline):
        book(alice, slot_id(dr_li, TEN))
    book(alice, slot_id(dr_li, TEN), by=dana.principal)


def test_a_therapy_that_is_not_offered_is_booked_by_nobody(alice, dana, dr_li):
    Therapy.objects.filter(key="acu_manual").update(active=False)
    with pytest.raises((TherapyNotOffered, scheduler.UnknownSlot)):
        book(alice, slot_id(dr_li, TEN), by=dana.principal)


def test_a_slot_or_a_hold_is_named_and_not_both(alice, dr_li):
    for facts in ({}, {"slot": read_slot(slot_id(dr_li, TEN)), "hold_id": uuid4()}):
        with pytest.raises(Invalid):
            appointments.book(patient=alice.record, by=alice.principal, at=AT, **facts)


@pytest.mark.parametrize("note", ["A" * 201, "two\nlines", "\x00"])
def test_a_note_is_one_short_line(alice, dr_li, note):
    with pytest.raises(Invalid) as refused:
        book(alice, slot_id(dr_li, TEN), note=note)
    assert refused.value.facts["errors"][0]["pointer"] == "/note"


def test_a_new_visit_may_stand_for_one_that_was_called_off(alice, ben, dr_li):
    old = make_visit(alice.record, slot_id(dr_li, TEN), Status.CANCELLED)
    new = book(alice, slot_id(dr_li, chicago(9, 10)), replaces=old.public_id)
    assert new.replaces == old
    with pytest.raises(Invalid):
        book(ben, slot_id(dr_li, chicago(9, 13)), replaces=old.public_id)
    with pytest.raises(Invalid, match="still stands"):
        book(alice, slot_id(dr_li, chicago(10, 10)), replaces=new.public_id)


def test_a_proposed_visit_keeps_its_time_until_the_check_at_most(alice, mallory, dr_li):
    slot = slot_id(dr_li, TEN)
    visit = appointments.book(patient=alice.record, by=alice.principal, at=AT, until=AT + DAY, slot=read_slot(slot))
    assert visit.status == Status.PROPOSED
    with pytest.raises(scheduler.SlotTaken):
        book(mallory, slot)
    book(mallory, slot, at=AT + DAY)
    with pytest.raises(scheduler.ClaimLapsed):
        appointments.move(visit.public_id, Move.APPROVE, by=SYSTEM, at=AT + DAY)


def test_a_proposal_says_until_when(alice, dr_li):
    with pytest.raises(Invalid):
        appointments.book(
            patient=alice.record,
            by=alice.principal,
            at=AT,
            until=AT,
            slot=read_slot(slot_id(dr_li, TEN)),
        )


def test_the_ledger_is_never_altered(alice, dr_li):
    from django.db import IntegrityError, transaction  # noqa: PLC0415

    book(alice, slot_id(dr_li, TEN))
    for forge in (lambda: Change.objects.update(by="nobody"), lambda: Change.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            forge()
    assert Change.objects.update(relayed_at=AT) == 1


def test_a_cancelled_visit_leaves_its_time_to_the_patient(alice, dr_li):
    make_visit(alice.record, slot_id(dr_li, TEN), Status.CANCELLED)
    visit = Appointment.objects.get()
    assert visit.cancel_reason == CancelReason.PATIENT
    assert book(alice, slot_id(dr_li, TEN), at=AT + DAY).status == Status.BOOKED
