"""What staff see of kept time day by day, and what is noted of it, with and without a worker."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.refusals import Missing
from scheduler import tasks
from scheduler.actions import block_releases, calendars, family_blocks
from scheduler.audience import CANCER_PROGRAM
from scheduler.models import BlockRelease
from scheduler.public import (
    Audience,
    ClaimRequest,
    SlotKey,
    block_decision,
    block_occurrences,
    claim,
    family_block,
    slot,
)
from tests.factories.blocks import FRANK, make_block
from tests.factories.scheduler import AT, chicago, lay_out

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGINS = chicago("2026-10-20", "12:00")
SOON, LATER = BEGINS - 8 * DAY, BEGINS - 30 * HOUR


@pytest.fixture
def block(li):
    lay_out()
    return make_block(li, 2, "12:00", "14:00", capacity=4, owner_team="Infusion")


def occurrences(site, at, *, start=BEGINS - DAY, end=BEGINS + DAY):
    return block_occurrences(site.pk, start, end, at=at)


def book(li, site, wall):
    key = SlotKey(
        practitioner=li.public_id, site=site.key, therapy="acu_manual", visit="followup", technique="",
        start=chicago("2026-10-20", wall),
    )  # fmt: skip
    claim([ClaimRequest(slot=slot(key.encode()), allocation=uuid4(), audience=Audience.STAFF_WITH_REASON)], at=AT)


def test_staff_see_how_far_each_occurrence_is_open_and_what_comes_next(block, site, li):
    book(li, site, "12:30")
    (one,) = occurrences(site, SOON)
    assert (one.start, one.end, one.minutes, one.booked_minutes, one.people) == (BEGINS, BEGINS + 2 * HOUR, 120, 55, 1)
    assert (one.program, one.practitioner, one.capacity, one.owner_team) == (
        CANCER_PROGRAM,
        li.public_id,
        4,
        "Infusion",
    )
    assert (one.stage, one.since) == ("linked_families", AT)
    assert (one.next_stage, one.opens_at) == ("cancer_program_patients_and_families", BEGINS - 7 * DAY)
    assert (one.everyone_at, one.keepable_until) == (BEGINS - 24 * HOUR, BEGINS - 12 * HOUR)
    (one,) = occurrences(site, LATER)
    assert (one.stage, one.since, one.next_stage) == ("all_eligible_patients", BEGINS - 72 * HOUR, "everyone")
    (one,) = occurrences(site, BEGINS - HOUR)
    assert (one.stage, one.next_stage, one.opens_at, one.keepable_until) == ("everyone", "", None, None)
    assert [found.start for found in occurrences(site, AT, start=AT, end=AT + 21 * DAY)] == [
        BEGINS - 14 * DAY, BEGINS - 7 * DAY, BEGINS,
    ]  # fmt: skip


def test_staff_see_what_was_decided_by_whom_and_whether_it_was_taken_back(block, site):
    kept = family_blocks.keep_occurrence(block, BEGINS, reason="She is told on Monday", by=FRANK, at=LATER)
    (one,) = occurrences(site, BEGINS - 20 * HOUR)
    assert (one.stage, one.opens_at) == ("all_eligible_patients", BEGINS - 12 * HOUR)
    assert [(d.id, d.kind, d.reason, d.made_by, d.undone_at) for d in one.decisions] == [
        (kept.public_id, "keep", "She is told on Monday", FRANK.key, None)
    ]
    family_blocks.undo_decision(block_decision(kept.public_id), by=FRANK, at=LATER)
    family_blocks.release_occurrence(family_block(block.public_id), BEGINS, by=FRANK, at=LATER)
    (one,) = occurrences(site, LATER)
    assert (one.stage, one.since, one.released_by_hand) == ("everyone", LATER, True)
    assert [(d.kind, d.undone_at) for d in one.decisions] == [("keep", LATER), ("release", None)]
    for find in (family_block, block_decision):
        with pytest.raises(Missing):
            find(uuid4())


def test_days_on_which_nobody_works_keep_nothing(block, site, li):
    calendars.add_absence(li, starts_at=BEGINS + HOUR, ends_at=BEGINS + 5 * HOUR, by=FRANK, at=AT)
    assert [one.minutes for one in occurrences(site, SOON)] == [60]
    calendars.add_closure(site, first_on=BEGINS.date(), last_on=BEGINS.date(), name="Meeting", by=FRANK, at=AT)
    assert occurrences(site, SOON) == []


def test_however_many_there_are_the_list_asks_no_more_questions(block, site, li, django_assert_num_queries):
    make_block(li, 3, "12:00", "14:00")
    occurrences(site, SOON)
    with django_assert_num_queries(10):
        assert len(occurrences(site, SOON)) == 1
    with django_assert_num_queries(10):
        assert len(occurrences(site, SOON, end=BEGINS + 3 * 7 * DAY)) == 6


def test_each_stage_is_noted_once_however_often_and_late_somebody_comes_by(block, site, li):
    book(li, site, "12:30")
    assert block_releases.note_reached(at=SOON) > 0
    assert block_releases.note_reached(at=SOON) == 0
    assert not BlockRelease.objects.filter(starts_at=BEGINS).exists()
    block_releases.note_reached(at=BEGINS - HOUR)  # nobody came by for a week
    noted = BlockRelease.objects.filter(starts_at=BEGINS).values_list(
        "stage", "reached_at", "minutes", "booked_minutes"
    )
    assert list(noted) == [
        ("cancer_program_patients_and_families", BEGINS - 7 * DAY, 120, 55),
        ("all_eligible_patients", BEGINS - 72 * HOUR, 120, 55),
        ("everyone", BEGINS - 24 * HOUR, 120, 55),
    ]


def test_what_was_opened_by_hand_and_taken_back_was_not_reached(block, site):
    opened = family_blocks.release_occurrence(block, BEGINS, by=FRANK, at=SOON)
    block_releases.note_reached(at=SOON)
    assert BlockRelease.objects.filter(starts_at=BEGINS, stage="everyone", reached_at=SOON).exists()
    family_blocks.undo_decision(opened, by=FRANK, at=SOON)
    assert not BlockRelease.objects.filter(starts_at=BEGINS).exists()


def test_the_worker_notes_them_by_the_clock(block, monkeypatch):
    monkeypatch.setattr("core.clock.now", lambda: SOON)
    tasks.note_block_releases()
    assert BlockRelease.objects.exists()
