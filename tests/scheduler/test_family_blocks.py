"""Time that a program keeps for families: who sees it at which stage, who is told what, and what an edit leaves."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from core.refusals import Invalid
from core.text.languages import when_in_words
from scheduler.actions import calendars, drift, family_blocks
from scheduler.audience import CANCER_PROGRAM, FAMILIES_OF, KNOWN
from scheduler.errors import BlockFull, CannotDecide
from scheduler.models import BlockDecision, FamilyBlock, Therapy, WeekSheet
from scheduler.public import (
    Audience,
    ClaimRequest,
    NotOpenYet,
    SearchQuery,
    SlotKey,
    claim,
    explain,
    first,
    release,
    search,
    slot,
    uncovered_allocations,
)
from scheduler.sheets.edit_impact import STAYS
from tests.factories.blocks import FRANK, make_block, wanted
from tests.factories.scheduler import AT, chicago, lay_out

pytestmark = pytest.mark.django_db
TUESDAY = "2026-10-20"  # two weeks and a day after AT
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGINS = chicago(TUESDAY, "12:00")
FAMILY, PATIENT = "family", "patient"
SOON, WEEK, THREE_DAYS, LAST_DAY = BEGINS - 8 * DAY, BEGINS - 7 * DAY, BEGINS - 72 * HOUR, BEGINS - 24 * HOUR


@pytest.fixture
def people(site):
    """A relative, a patient of the program, somebody with a record, a stranger; staff, and staff for that stranger."""
    program = frozenset({(site.pk, CANCER_PROGRAM)})
    return {
        "ben": replace(Audience.PATIENT, families=program, known=True),
        "alice": replace(Audience.of_patient(program), known=True),
        "nora": replace(Audience.PATIENT, known=True),
        "mallory": Audience.PATIENT,
        "frank": Audience.STAFF,
        "dana for mallory": replace(Audience.STAFF, programs=frozenset()),
        "dana with a reason": Audience.STAFF_WITH_REASON,
    }


def starts(audience, at, **changes):
    query = SearchQuery(
        therapy="acu_manual",
        visit="followup",
        starts_at=chicago(TUESDAY, "00:00"),
        ends_at=chicago("2026-10-21", "00:00"),
        audience=audience,
        limit=None,
        step_minutes=5,
    )
    return {one.start: one.only_for for one in search(replace(query, **changes), at=at)}


def noon(li, site, wall="12:00", therapy="acu_manual"):
    start = chicago(TUESDAY, wall)
    key = SlotKey(
        practitioner=li.public_id, site=site.key, therapy=therapy, visit="followup", technique="", start=start
    )
    return slot(key.encode())


def book(slot, audience, at, allocation=None):
    return claim([ClaimRequest(slot=slot, allocation=allocation or uuid4(), audience=audience)], at=at)[0]


def reasons(slot, audience, at):
    return [why.code for why in explain(slot, audience=audience, at=at).reasons]


SEEN = {
    SOON: {"ben", "frank", "dana with a reason"},
    WEEK: {"ben", "alice", "frank", "dana with a reason"},
    THREE_DAYS: {"ben", "alice", "nora", "frank", "dana with a reason"},
    LAST_DAY: {"ben", "alice", "nora", "mallory", "frank", "dana for mallory", "dana with a reason"},
}
WORDS = {SOON: FAMILIES_OF + CANCER_PROGRAM, WEEK: CANCER_PROGRAM, THREE_DAYS: KNOWN, LAST_DAY: ""}


@pytest.mark.parametrize("at", SEEN)
def test_each_stage_lets_more_people_in_with_no_worker_alive(block, li, site, people, at):
    this = noon(li, site)
    for who, audience in people.items():
        sees = who in SEEN[at]
        assert (BEGINS in starts(audience, at)) is sees, who
        assert explain(this, audience=audience, at=at).free is sees, who
        just_before = BEGINS in starts(audience, at - timedelta(seconds=1))
        assert just_before is (sees and (at == SOON or who in SEEN[_before(at)])), who
    assert starts(people["frank"], at)[BEGINS] == WORDS[at]
    allocation = uuid4()
    assert book(this, people["ben"], at, allocation).only_for == WORDS[at]
    release(allocation, at=at)
    for who in sorted(people.keys() - SEEN[at]):
        with pytest.raises(NotOpenYet):
            book(this, people[who], at)
    assert drift.check(at=AT) == []


def _before(at):
    return max(one for one in SEEN if one < at)


def test_a_stranger_is_told_from_when_on_and_never_for_whom_or_why_or_whether_it_is_taken(block, li, site, people):
    this = noon(li, site)
    for taken in (False, True):
        (why,) = explain(this, audience=people["mallory"], at=WEEK).reasons
        assert why.code == "not-open-yet"
        assert why.detail == (
            f"You can book this time from {when_in_words(LAST_DAY, site.tz)} on, if it is still free then. Please "
            "choose another time, or call us and we help you find one."
        )
        with pytest.raises(NotOpenYet) as refusal:
            book(this, people["mallory"], WEEK)
        assert refusal.value.facts["opens_at"] == LAST_DAY.isoformat()
        assert "Saturday, October 17" in explain(this, audience=people["nora"], at=WEEK).reasons[0].detail
        if not taken:
            book(this, people["ben"], WEEK)


def test_a_stranger_is_told_no_date_on_which_it_would_be_too_late_for_them(block, li, site, people):
    family_blocks.change(
        block, release_policy=[{"at": "created", "to": "linked_families"}, {"at": "-3h", "to": "everyone"}],
        by=FRANK, at=AT,
    )  # fmt: skip
    (why,) = explain(noon(li, site), audience=people["mallory"], at=WEEK).reasons
    assert why.detail == "Please choose another time, or call us and we help you find one."


def test_staff_are_told_of_whom_it_is_and_when_it_opens_to_their_patient(block, li, site, people):
    (why,) = explain(noon(li, site), audience=people["dana for mallory"], at=WEEK).reasons
    assert "kept for patients of a program" in why.detail
    assert "It opens to this patient on Monday, October 19" in why.detail


def test_a_start_that_only_reaches_into_kept_time_is_not_open_either(block, people):
    assert max(found for found in starts(people["mallory"], WEEK) if found < BEGINS) == chicago(TUESDAY, "11:05")
    found = starts(people["ben"], WEEK)
    assert (found[chicago(TUESDAY, "11:05")], found[chicago(TUESDAY, "11:10")]) == ("", CANCER_PROGRAM)


def test_what_is_given_meanwhile_is_what_the_block_or_its_program_gives(block, li, site, people):
    block.therapies.set(Therapy.objects.filter(key="acupressure"))
    this = noon(li, site)
    assert BEGINS not in starts(people["ben"], WEEK)
    assert reasons(this, people["ben"], WEEK) == ["not-open-yet"]
    assert BEGINS in starts(people["ben"], LAST_DAY)  # everybody's by now, for whatever they come
    assert book(this, people["dana with a reason"], WEEK)


def test_weeks_that_nobody_has_laid_out_are_open_to_the_same_people(block, li, site, people):
    WeekSheet.objects.all().delete()
    this = noon(li, site)
    told = {who: reasons(this, audience, WEEK) for who, audience in people.items()}
    assert {who for who, why in told.items() if not why} == SEEN[WEEK]
    with pytest.raises(NotOpenYet):
        book(this, people["mallory"], WEEK)
    assert book(this, people["alice"], WEEK)
    assert drift.check(at=AT) == []


@pytest.mark.parametrize(("capacity", "fit"), [((2, "persons"), 2), ((120, "minutes"), 2), ((None, "persons"), 3)])
def test_so_many_are_treated_in_kept_time_and_no_more(li, site, people, capacity, fit):
    lay_out()
    make_block(li, 2, "12:00", "14:00", capacity=capacity[0], capacity_unit=capacity[1])
    walls = ["12:00", "12:25", "12:55", "13:20"]  # needles rest while the next is seen
    for wall in walls[:fit]:
        assert explain(noon(li, site, wall), audience=people["ben"], at=WEEK).free
        book(noon(li, site, wall), people["ben"], WEEK)
    one_more = noon(li, site, walls[fit])
    if capacity[0] is None:
        assert book(one_more, people["ben"], WEEK)
        return
    assert not [found for found in starts(people["ben"], WEEK) if BEGINS <= found < BEGINS + 2 * HOUR]
    (why,) = explain(one_more, audience=people["ben"], at=WEEK).reasons
    assert (why.code, why.detail) == (
        "kept-time-full", "Please choose another time, or call us and we help you find one."
    )  # fmt: skip
    with pytest.raises(BlockFull):
        book(one_more, people["ben"], WEEK)
    assert reasons(one_more, people["mallory"], WEEK) == ["not-open-yet"]  # not that it is full
    assert book(one_more, people["dana with a reason"], WEEK)


def test_three_who_book_together_get_no_more_than_there_is_room_for(li, site, people):
    lay_out()
    make_block(li, 2, "12:00", "14:00", capacity=2)
    together = [
        ClaimRequest(slot=noon(li, site, wall), allocation=uuid4(), audience=people["ben"])
        for wall in ("12:00", "12:25", "12:55")
    ]
    with pytest.raises(BlockFull) as refusal:
        claim(together, at=WEEK)
    assert refusal.value.taken == (together[2].slot,)
    assert len(claim(together[:2], at=WEEK)) == 2


def test_a_block_over_booked_time_says_what_it_touches_and_leaves_it(li, site, people):
    lay_out()
    allocation = uuid4()
    book(noon(li, site), people["mallory"], AT, allocation)
    asked = wanted(site, 2, "12:00", "14:00")
    rehearsed = family_blocks.create(li, asked, by=FRANK, at=AT, dry_run=True)
    assert not FamilyBlock.objects.exists()
    impact = family_blocks.create(li, asked, by=FRANK, at=AT)
    for one in (rehearsed, impact):
        assert (one.uncovered, [warning.code for warning in one.warnings]) == ((), [STAYS])
        assert "Tuesday, October 20, 2026" in one.warnings[0].detail
    assert uncovered_allocations([allocation], at=AT) == frozenset()
    assert drift.check(at=AT) == []


def test_closed_days_and_absences_go_before_a_block(block, li, site, people):
    calendars.add_absence(li, starts_at=BEGINS, ends_at=BEGINS + HOUR, by=FRANK, at=AT)
    assert reasons(noon(li, site), people["ben"], WEEK) == ["practitioner-off"]
    assert BEGINS + HOUR in starts(people["ben"], WEEK)
    calendars.add_closure(site, first_on=BEGINS.date(), last_on=BEGINS.date(), name="Meeting", by=FRANK, at=AT)
    assert starts(people["ben"], WEEK) == {}
    assert reasons(noon(li, site), people["mallory"], WEEK) == ["closed-then"]
    assert drift.check(at=AT) == []


def test_what_is_kept_longer_opens_to_nobody_else_until_then(block, li, site, people):
    asked = {"reason": "She is told on Monday", "by": FRANK}
    before = BEGINS - 30 * HOUR
    family_blocks.keep_occurrence(block, BEGINS, **asked, at=before)
    assert BEGINS not in starts(people["mallory"], LAST_DAY)
    assert BEGINS in starts(people["nora"], LAST_DAY)  # nothing is taken from whoever could book it already
    assert "1:00" not in explain(noon(li, site), audience=people["mallory"], at=LAST_DAY).reasons[0].detail
    assert BEGINS in starts(people["mallory"], BEGINS - 12 * HOUR)
    assert drift.check(at=AT) == []


def test_time_is_kept_longer_for_a_reason_and_only_so_long_and_so_often(block, people):
    before = BEGINS - 80 * HOUR

    def keep(**more):
        asked = {"reason": "Waits for an answer", "by": FRANK, "at": before}
        return family_blocks.keep_occurrence(block, BEGINS, **{**asked, **more})

    for wrong, pointer in (
        ({"reason": ""}, "/reason"),
        ({"until": BEGINS - 11 * HOUR}, "/until"),
        ({"until": BEGINS - 73 * HOUR}, "/until"),
    ):
        with pytest.raises(Invalid) as refusal:
            keep(**wrong)
        assert [one["pointer"] for one in refusal.value.facts["errors"]] == [pointer]
    with pytest.raises(Invalid):
        family_blocks.keep_occurrence(block, BEGINS + HOUR, reason="x", by=FRANK, at=before)
    keep(until=BEGINS - 60 * HOUR)
    keep(until=BEGINS - 48 * HOUR)
    with pytest.raises(CannotDecide, match="as often as it can be"):
        keep(until=BEGINS - 20 * HOUR)
    family_blocks.undo_decision(BlockDecision.objects.last(), by=FRANK, at=before)
    assert keep(until=BEGINS - 20 * HOUR)
    with pytest.raises(CannotDecide, match="open to everybody already"):
        keep(at=LAST_DAY + 10 * HOUR)
    with pytest.raises(CannotDecide, match="begun"):
        keep(at=BEGINS)


def test_what_is_opened_by_hand_is_everybody_s_at_once_and_can_be_taken_back_until_somebody_books(
    block, li, site, people
):
    book(noon(li, site, "13:20"), people["ben"], SOON)
    opened = family_blocks.release_occurrence(block, BEGINS, by=FRANK, at=SOON)
    assert starts(people["mallory"], SOON)[BEGINS] == ""
    assert BEGINS - 7 * DAY not in starts(people["mallory"], SOON - 7 * DAY)  # that day alone
    with pytest.raises(CannotDecide, match="Somebody has opened it"):
        family_blocks.keep_occurrence(block, BEGINS, reason="x", by=FRANK, at=SOON)
    family_blocks.undo_decision(opened, by=FRANK, at=SOON)
    assert BEGINS not in starts(people["mallory"], SOON)
    opened = family_blocks.release_occurrence(block, BEGINS, by=FRANK, at=SOON)
    book(noon(li, site), people["mallory"], SOON)
    with pytest.raises(CannotDecide, match="Somebody has booked"):
        family_blocks.undo_decision(opened, by=FRANK, at=SOON)
    assert chicago(TUESDAY, "12:25") in starts(people["mallory"], SOON)
    assert drift.check(at=AT) == []


def test_a_decision_can_be_rehearsed(block, people):
    family_blocks.release_occurrence(block, BEGINS, by=FRANK, at=SOON, dry_run=True)
    family_blocks.keep_occurrence(block, BEGINS, reason="x", by=FRANK, at=SOON, dry_run=True)
    assert not BlockDecision.objects.exists()
    assert BEGINS not in starts(people["mallory"], SOON)


def test_a_block_that_ends_or_changes_opens_what_it_kept(block, people, li):
    moved = family_blocks.change(block, starts=block.starts.replace(hour=13), by=FRANK, at=AT)
    assert moved.warnings == ()
    assert BEGINS in starts(people["mallory"], SOON)
    assert BEGINS + HOUR not in starts(people["mallory"], SOON)
    family_blocks.end(block, by=FRANK, at=SOON)
    assert BEGINS + HOUR in starts(people["mallory"], SOON)
    with pytest.raises(CannotDecide):
        family_blocks.end(block, by=FRANK, at=SOON)
    assert make_block(li, 2, "12:00", "14:00", at=SOON)
    assert drift.check(at=AT) == []


def test_the_soonest_start_is_the_same_as_the_first_of_all(block, people):
    for audience in people.values():
        for at in (SOON, THREE_DAYS, LAST_DAY):
            query = {
                "therapy": "acu_manual", "visit": "followup", "audience": audience, "step_minutes": 5,
                "starts_at": BEGINS, "ends_at": BEGINS + 9 * DAY,
            }  # fmt: skip
            found = search(SearchQuery(**query, limit=1), at=at)
            assert first(SearchQuery(**query), at=at) == (found[0] if found else None)


def test_blocks_cost_a_stranger_no_question_more_while_none_of_them_is_open_to_them(
    block, people, django_assert_num_queries
):
    starts(people["mallory"], SOON)
    with django_assert_num_queries(2):
        starts(people["mallory"], SOON)
