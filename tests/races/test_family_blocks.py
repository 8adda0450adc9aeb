"""Kept time while others are about to claim it: the look under the lock, the last place, the limit of a day; twins."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from scheduler.actions import claims, family_blocks
from scheduler.audience import CANCER_PROGRAM
from scheduler.calendars.block_times import PREFIX, BlockTimes
from scheduler.errors import CannotDecide
from scheduler.models import BlockDecision, Claim, FamilyBlock
from scheduler.public import Audience, ClaimRequest, NotOpenYet, SlotTaken, claim, slot
from scheduler.search.availability import Availability
from scheduler.sheets import free_time
from tests.factories.blocks import FRANK, make_block, wanted
from tests.factories.booking import chicago, slot_id
from tests.factories.scheduler import AT
from tests.races.together import at_once, beside, tally, without_constraint
from tests.tables import sheet_drift

pytestmark = pytest.mark.django_db(transaction=True)
BEGINS = chicago(20, 12)  # a Tuesday, two weeks after AT
HOUR = timedelta(hours=1)
LAST_STAGE = BEGINS - 24 * HOUR


@pytest.fixture
def block(dr_li):
    return make_block(dr_li, BEGINS.isoweekday(), "12:00", "14:00")


@pytest.fixture
def ben(dr_li):
    """Somebody's relative."""
    site = dr_li.working_hours.first().site_id
    return Audience(asker=Audience.PATIENT.asker, families=frozenset({(site, CANCER_PROGRAM)}), known=True)


def claimed(dr_li, audience, at, start=BEGINS):
    wants = ClaimRequest(slot=slot(slot_id(dr_li, start)), allocation=uuid4(), audience=audience)

    def act():
        try:
            return claim([wants], at=at)
        except SlotTaken as refusal:
            return refusal

    return act


def at_the_stage_s_instant(dr_li, ben):
    """Ben, who is family, and seven strangers claim one start in the moment in which it opens to everyone."""
    acts = [claimed(dr_li, ben if n == 0 else Audience.PATIENT, LAST_STAGE) for n in range(8)]
    return tally(at_once(acts))


def test_of_a_family_and_strangers_who_claim_at_the_stage_s_instant_exactly_one_has_it(block, dr_li, ben):
    assert at_the_stage_s_instant(dr_li, ben)["list"] == 1
    assert Claim.objects.values("allocation").distinct().count() == 1
    assert sheet_drift() == []


def test_twin_without_the_look_at_what_is_taken_more_than_one_has_it(block, dr_li, ben, monkeypatch):
    blind = free_time.TAKE.replace("AND bit_count(s.taken & l.bits) = 0", "")
    assert blind != free_time.TAKE
    monkeypatch.setattr(free_time, "TAKE", blind)
    with without_constraint("scheduler.Claim", "claim_shares_no_time_with_another"):
        assert at_the_stage_s_instant(dr_li, ben)["list"] > 1


def test_a_moment_before_the_stage_a_stranger_is_refused_and_the_family_has_it(block, dr_li, ben):
    before = LAST_STAGE - timedelta(microseconds=1)
    results = at_once([claimed(dr_li, Audience.PATIENT, before) for _ in range(4)] + [claimed(dr_li, ben, before)])
    assert [type(one) for one in results] == [NotOpenYet] * 4 + [list]


@pytest.fixture
def meanwhile(block, dr_li):
    """Frank keeps it longer, and his act is saved only after the stage began; a stranger who read it before claims."""

    def keep():
        family_blocks.keep_occurrence(block, BEGINS, reason="She hears on Monday", by=FRANK, at=LAST_STAGE - HOUR)

    stranger = claimed(dr_li, Audience.PATIENT, LAST_STAGE + HOUR)
    return lambda: beside(stranger, while_open=keep)[1]


def test_a_stranger_who_read_the_time_before_it_was_kept_longer_is_refused(meanwhile):
    assert isinstance(meanwhile(), NotOpenYet)
    assert not Claim.objects.exists()
    assert sheet_drift() == []


def test_twin_kept_time_that_keeps_its_name_is_given_to_the_stranger(meanwhile, monkeypatch):
    monkeypatch.setattr(BlockTimes, "token", lambda block, start: f"{PREFIX}{block.id}-{block.version}")
    assert len(meanwhile()) == 1


@pytest.fixture
def last_places(dr_li):
    """Kept time for one person; two relatives claim two starts that do not meet, in the same moment."""
    make_block(dr_li, BEGINS.isoweekday(), "12:00", "14:00", capacity=1)
    starts = [BEGINS + timedelta(minutes=n) for n in (0, 90)]
    return lambda ben: tally(at_once([claimed(dr_li, ben, LAST_STAGE - HOUR, start) for start in starts]))


def test_a_block_never_has_more_people_than_it_has_room_for(last_places, ben):
    assert last_places(ben) == {"list": 1, "BlockFull": 1}


def test_twin_without_the_look_under_the_lock_it_has_more(last_places, ben, monkeypatch):
    monkeypatch.setattr(claims, "_has_room", lambda _visit, at: True)
    monkeypatch.setattr(Availability, "load", _everybody_reads_first(Availability.load))
    assert last_places(ben) == {"list": 2}


def _everybody_reads_first(load):

    line = threading.Barrier(2)
    waited = threading.local()

    def slow(available, *weeks, **how):
        load(available, *weeks, **how)
        if not getattr(waited, "once", False):
            waited.once = True
            line.wait(60)

    return slow


def share_of_a_day(dr_li):
    """Two people each keep a fifth of Dr Li's Tuesdays in the same moment: together too much."""
    site = dr_li.working_hours.first().site
    hours = [("09:00", "10:30"), ("13:00", "14:30")]

    def create(starts, ends):
        asked = wanted(site, 2, starts, ends)
        return lambda: family_blocks.create(dr_li, asked, by=FRANK, at=AT)

    return tally(at_once([create(*one) for one in hours]))


def test_two_who_keep_time_at_once_keep_no_more_than_a_part_of_the_day(dr_li):
    assert share_of_a_day(dr_li) == {"Impact": 1, "BlockShare": 1}
    assert FamilyBlock.objects.count() == 1


def test_twin_without_the_practitioner_locked_both_keep_theirs(dr_li, monkeypatch):
    monkeypatch.setattr(family_blocks, "lock", lambda _owner: None)
    check = family_blocks.check_block

    line = threading.Barrier(2)

    def slow(*what, **how):
        found = check(*what, **how)
        line.wait(60)
        return found

    monkeypatch.setattr(family_blocks, "check_block", slow)
    assert share_of_a_day(dr_li) == {"Impact": 2}


@pytest.fixture
def taken_back(block, dr_li):
    """Frank takes back that he opened it, while a stranger's booking of it is about to be saved."""
    at = LAST_STAGE - HOUR
    opened = family_blocks.release_occurrence(block, BEGINS, by=FRANK, at=at)

    def undo():
        try:
            return family_blocks.undo_decision(opened, by=FRANK, at=at)
        except CannotDecide as refusal:
            return refusal

    return lambda: beside(undo, while_open=claimed(dr_li, Audience.PATIENT, at))


def test_what_was_opened_stays_open_once_somebody_is_about_to_book_by_it(taken_back):
    booked, undone = taken_back()
    assert (type(booked), type(undone)) == (list, CannotDecide)
    assert sheet_drift() == []


def test_twin_a_look_without_the_sheets_locked_takes_it_back_all_the_same(taken_back, monkeypatch):
    monkeypatch.setattr(family_blocks, "_rewrite", lambda _occurrence: [])
    booked, undone = taken_back()
    assert (type(booked), type(undone)) == (list, BlockDecision)
