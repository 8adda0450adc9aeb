"""A place that is kept beside somebody's time, while others are about to claim it with whom else they see; twins."""

from datetime import timedelta
from uuid import uuid4

import pytest

from scheduler.actions import family_blocks
from scheduler.audience import CANCER_PROGRAM
from scheduler.calendars.block_times import PREFIX, BlockTimes
from scheduler.models import Claim, FamilyBlock, Place
from scheduler.public import Audience, ClaimRequest, NotOpenYet, SlotTaken, claim, slot
from scheduler.sheets import free_time
from tests.factories.blocks import FRANK, make_block
from tests.factories.booking import chicago, slot_id
from tests.factories.scheduler import lay_out, make_practitioner
from tests.races.together import at_once, beside, tally, without_constraint
from tests.tables import sheet_drift

pytestmark = pytest.mark.django_db(transaction=True)
BEGINS = chicago(20, 12)  # a Tuesday, two weeks after AT
HOUR = timedelta(hours=1)
LAST_STAGE = BEGINS - 24 * HOUR


@pytest.fixture
def colleagues(lakeside, dr_li):
    """Four whose own time is everyone's, where the one place that there is is kept beside Dr Li's."""
    only = Place.objects.order_by("pk").first()
    Place.objects.exclude(pk=only.pk).update(active=False)
    found = [make_practitioner(lakeside, name=name) for name in ("Dr Kim", "Dr Sol", "Dr Ann", "Dr Bo")]
    lay_out()
    make_block(dr_li, BEGINS.isoweekday(), "12:00", "14:00", places=(only,))
    return found


@pytest.fixture
def ben(lakeside):
    """Somebody's relative."""
    return Audience(asker=Audience.PATIENT.asker, families=frozenset({(lakeside.pk, CANCER_PROGRAM)}), known=True)


def claimed(whom, audience, at):
    wants = ClaimRequest(slot=slot(slot_id(whom, BEGINS)), allocation=uuid4(), audience=audience)

    def act():
        try:
            return claim([wants], at=at)
        except SlotTaken as refusal:
            return refusal

    return act


def all_at_once(colleagues, ben, at):
    """Ben and three strangers claim the place in the same moment, each with somebody else."""
    return at_once([claimed(who, ben if n == 0 else Audience.PATIENT, at) for n, who in enumerate(colleagues)])


def test_at_the_stage_s_instant_exactly_one_has_the_place(colleagues, ben):
    assert tally(all_at_once(colleagues, ben, LAST_STAGE))["list"] == 1
    assert Claim.objects.values("allocation").distinct().count() == 1
    assert sheet_drift() == []


def test_twin_without_the_look_at_what_is_taken_more_than_one_is_in_it(colleagues, ben, monkeypatch):
    blind = free_time.TAKE.replace("AND bit_count(s.taken & l.bits) = 0", "")
    assert blind != free_time.TAKE
    monkeypatch.setattr(free_time, "TAKE", blind)
    with without_constraint("scheduler.Claim", "claim_shares_no_time_with_another"):
        assert tally(all_at_once(colleagues, ben, LAST_STAGE))["list"] > 1


def test_a_moment_before_it_the_strangers_are_refused_and_the_family_has_it(colleagues, ben):
    results = all_at_once(colleagues, ben, LAST_STAGE - timedelta(microseconds=1))
    assert [type(one) for one in results] == [list, NotOpenYet, NotOpenYet, NotOpenYet]


@pytest.fixture
def meanwhile(colleagues):
    """Frank keeps it longer, and that is saved only after the stage began; a stranger who read it before claims."""
    block = FamilyBlock.objects.get()

    def keep():
        family_blocks.keep_occurrence(block, BEGINS, reason="She hears on Monday", by=FRANK, at=LAST_STAGE - HOUR)

    stranger = claimed(colleagues[0], Audience.PATIENT, LAST_STAGE + HOUR)
    return lambda: beside(stranger, while_open=keep)[1]


def test_a_stranger_who_read_the_place_before_it_was_kept_longer_is_refused(meanwhile):
    assert isinstance(meanwhile(), SlotTaken)
    assert not Claim.objects.exists()
    assert sheet_drift() == []


def test_twin_a_place_that_keeps_its_name_is_given_to_the_stranger(meanwhile, monkeypatch):
    monkeypatch.setattr(BlockTimes, "token", lambda block, start: f"{PREFIX}{block.id}-{block.version}")
    assert len(meanwhile()) == 1
