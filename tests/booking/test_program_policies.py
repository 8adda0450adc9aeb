"""By which rules of how soon, how far ahead and how much people of programs book."""

from datetime import timedelta

import pytest

from booking.actions import appointments, holds
from booking.actions.patients import enrolments
from booking.audiences import as_patient
from booking.errors import BeyondHorizon, TooManyThisWeek
from booking.models import Enrolment
from booking.policies import booking_policy
from core.models import Policy
from core.policies.actions import policies
from core.refusals import Invalid
from scheduler.public import CANCER_PROGRAM, SearchQuery, explain, search
from tests.factories.booking import DAY, SYSTEM, chicago, make_patient, make_visit, read_slot, slot_id, visitor
from tests.factories.policies import publish_for_program, publish_policy
from tests.factories.scheduler import AT, lay_out

pytestmark = pytest.mark.usefixtures("catalogue")
PMR = "physical-medicine-rehabilitation"
FAR = chicago(7, 10, month=12)
"""Nine weeks ahead, where everybody books six."""


def explained(person, slot):
    return explain(read_slot(slot), at=AT, audience=as_patient(person, at=AT)).free


def starts_of(person, since, until):
    asked = SearchQuery(
        therapy="acu_manual",
        visit="first",
        starts_at=since,
        ends_at=until,
        limit=None,
        audience=as_patient(person, at=AT),
    )
    return [slot.start for slot in search(asked, at=AT)]


def test_alice_of_the_program_books_as_far_ahead_as_its_policy_says_and_ben_does_not(alice, dr_li, lakeside):
    publish_for_program(CANCER_PROGRAM, horizon_days_patient=90)
    lay_out(weeks=12)
    ben, slot = make_patient(lakeside, "Ben Adams"), slot_id(dr_li, FAR)
    assert explained(alice.record, slot)
    assert starts_of(alice.record, FAR, FAR + DAY)
    assert holds.take(read_slot(slot), by=alice.principal, at=AT, patient=alice.record)
    assert not explained(ben, slot)
    assert not starts_of(ben, FAR, FAR + DAY)
    with pytest.raises(BeyondHorizon):
        holds.take(read_slot(slot), by=visitor("ben"), at=AT, patient=ben)


@pytest.mark.parametrize("ended", [False, True])
def test_whose_enrolment_has_ended_goes_by_the_policy_for_everybody(alice, dana, dr_li, ended):
    publish_for_program(CANCER_PROGRAM, horizon_days_patient=90)
    if ended:
        enrolments.end(Enrolment.objects.select_related("site").get(), by=dana.principal, at=AT)
    assert explained(alice.record, slot_id(dr_li, FAR)) is not ended


def test_a_program_may_also_allow_less_and_only_at_its_site(alice, dr_li, lakeside, riverside):
    publish_for_program(CANCER_PROGRAM, site=lakeside, max_per_week=1)
    make_visit(alice.record, slot_id(dr_li, chicago(13, 10)))
    with pytest.raises(TooManyThisWeek):
        appointments.book(
            patient=alice.record, by=alice.principal, at=AT, slot=read_slot(slot_id(dr_li, chicago(15, 10)))
        )
    assert booking_policy(riverside.pk, at=AT, programs={CANCER_PROGRAM}).max_per_week == 2


def test_a_policy_holds_for_the_appointments_that_begin_while_it_does(alice, dr_li):
    turns = chicago(20, 0)
    publish_for_program(CANCER_PROGRAM, horizon_days_patient=7)
    publish_for_program(CANCER_PROGRAM, at=turns, horizon_days_patient=30)
    before, after = chicago(16, 10), chicago(21, 10)
    assert not explained(alice.record, slot_id(dr_li, before))
    assert explained(alice.record, slot_id(dr_li, after))
    found = starts_of(alice.record, AT, AT + 40 * DAY)
    assert not [start for start in found if AT + 7 * DAY <= start < turns]
    assert min(start for start in found if start > AT + 7 * DAY) >= turns
    assert max(found) < AT + 30 * DAY


def test_of_two_programs_the_most_generous_counts_value_by_value_and_without_an_own_one_everybody_s():
    publish_for_program(CANCER_PROGRAM, horizon_days_patient=90, max_per_week=1, min_notice_hours=1)
    found = booking_policy(0, at=AT, programs={CANCER_PROGRAM, PMR})
    assert (found.horizon_patient, found.max_per_week, found.min_notice) == (90 * DAY, 2, timedelta(hours=1))
    publish_for_program(PMR, horizon_days_patient=10, max_per_week=3, min_notice_hours=8)
    found = booking_policy(0, at=AT, programs={CANCER_PROGRAM, PMR})
    assert (found.horizon_patient, found.max_per_week, found.min_notice) == (90 * DAY, 3, timedelta(hours=1))
    assert booking_policy(0, at=AT, programs={PMR}).horizon_patient == 10 * DAY


def test_a_policy_for_a_program_says_nothing_that_nobody_would_read():
    whole = Policy.objects.filter(key="booking").earliest("version").content
    with pytest.raises(Invalid) as refused:
        policies.draft("booking", whole, by=SYSTEM, at=AT, audience=CANCER_PROGRAM)
    assert "/cancel" in {one["pointer"] for one in refused.value.facts["errors"]}
    with pytest.raises(Invalid):
        policies.draft("booking", {"booking": {}}, by=SYSTEM, at=AT, audience=CANCER_PROGRAM)
    with pytest.raises(Invalid):
        policies.draft("booking", whole, by=SYSTEM, at=AT, audience="astrology")


def test_once_a_program_s_own_policy_is_taken_back_everybody_s_holds(alice, dr_li):
    row = publish_for_program(CANCER_PROGRAM, horizon_days_patient=90)
    policies.take_back(row.pk, by=SYSTEM, at=AT)
    assert not explained(alice.record, slot_id(dr_li, FAR))


def test_whoever_drafts_for_a_program_reads_for_how_many_it_holds_and_whom_it_would_have_refused(alice, dr_li):
    lay_out()
    appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=read_slot(slot_id(dr_li, chicago(15, 10))))
    content = {"booking": publish_policy("booking", {}).content["booking"] | {"horizon_days_patient": 5}}
    del content["booking"]["first_visit_required_before_followup"]
    drafted = policies.draft("booking", content, by=SYSTEM, at=AT + DAY, audience=CANCER_PROGRAM)
    said = policies.impact(drafted, policies.publication(drafted, at=AT + DAY), at=AT + DAY)
    assert said[0] == "1 person takes part in the program there."
    assert said[1].startswith("Of 1 appointment booked in the last 30 days, 1 would be refused")
