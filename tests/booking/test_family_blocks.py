"""Kept time through the doors of booking: Ben holds and books it as family, Mallory does not, and staff see why."""

from datetime import timedelta

import pytest

from booking.actions import appointments, holds
from booking.actions.families import family_links
from booking.models import Appointment
from booking.status import Move
from scheduler.audience import CANCER_PROGRAM, FAMILIES_OF
from scheduler.public import NotOpenYet, is_for_families, release_occurrence
from tests.factories.blocks import FRANK, make_block
from tests.factories.booking import SYSTEM, chicago, make_visit, read_slot, slot_id
from tests.factories.families import confirmed

pytestmark = pytest.mark.django_db
NOON = chicago(20, 12)  # a Tuesday, two weeks after AT
HOUR = timedelta(hours=1)
SOON, LAST_DAY = NOON - timedelta(days=8), NOON - 24 * HOUR


@pytest.fixture
def block(dr_li):
    """Tuesdays noon to two are kept for families."""
    return make_block(dr_li, 2, "12:00", "14:00")


@pytest.fixture
def noon(block, dr_li):
    return read_slot(slot_id(dr_li, NOON))


@pytest.fixture
def link(alice):
    """Ben, Alice's husband, whom she has confirmed."""
    return confirmed(alice.record, at=SOON - timedelta(days=1))


def test_ben_who_is_family_holds_kept_time_and_books_it_with_no_word_about_alice(noon, link, dana):
    hold = holds.take(noon, by=dana.principal, patient=link.relative, at=SOON)
    assert hold.only_for == FAMILIES_OF + CANCER_PROGRAM
    assert is_for_families(hold.only_for)
    visit = appointments.book(patient=link.relative, by=dana.principal, at=SOON, hold_id=hold.public_id)
    assert visit.override_reason == ""
    assert "Alice" not in str(visit.changes.get().facts)


def test_a_link_that_ends_while_ben_holds_the_time_ends_that_too(noon, link, alice, dana):
    hold = holds.take(noon, by=dana.principal, patient=link.relative, at=SOON)
    family_links.revoke(link, by=SYSTEM, at=SOON)
    with pytest.raises(NotOpenYet):
        appointments.book(patient=link.relative, by=dana.principal, at=SOON + HOUR / 60, hold_id=hold.public_id)
    assert not Appointment.objects.exists()


def test_mallory_neither_books_nor_moves_there_before_it_is_hers_and_does_both_from_then_on(noon, dr_li, mallory):
    hers = make_visit(mallory.record, slot_id(dr_li, chicago(21, 10)))
    with pytest.raises(NotOpenYet) as refusal:
        appointments.move(hers.public_id, Move.RESCHEDULE, by=mallory.principal, at=SOON, slot=noon)
    # Mallory has a record here: it opens to her three days before.
    assert refusal.value.facts["opens_at"] == (NOON - 72 * HOUR).isoformat()
    moved = appointments.move(hers.public_id, Move.RESCHEDULE, by=mallory.principal, at=NOON - 72 * HOUR, slot=noon)
    assert moved.period.lower == NOON


def test_what_is_opened_by_hand_is_anybody_s_at_once(block, noon, mallory):
    release_occurrence(block, NOON, by=FRANK, at=SOON)
    assert holds.take(noon, by=mallory.principal, patient=mallory.record, at=SOON).only_for == ""


def test_dana_gives_it_to_a_stranger_with_a_reason_and_the_record_says_so(noon, mallory, dana):
    with pytest.raises(NotOpenYet):
        appointments.book(slot=noon, patient=mallory.record, by=dana.principal, at=SOON)
    visit = appointments.book(
        slot=noon, patient=mallory.record, by=dana.principal, at=SOON, override_reason="Her train leaves at four"
    )
    assert visit.changes.get().facts["overrode"] == ["not-open-yet"]
