"""Places that a program keeps beside somebody's time: who has them at which stage, and what everybody else is told."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from core.refusals import Invalid
from scheduler.actions import drift, family_blocks
from scheduler.audience import CANCER_PROGRAM, FAMILIES_OF
from scheduler.errors import BlockClash
from scheduler.models import Place, WeekSheet
from scheduler.public import (
    Audience,
    ClaimRequest,
    NotOpenYet,
    SearchQuery,
    SlotKey,
    SlotTaken,
    claim,
    explain,
    search,
    slot,
)
from scheduler.search import place_access
from tests.factories.blocks import FRANK, make_block
from tests.factories.scheduler import AT, chicago, lay_out, make_places, make_practitioner, make_site

pytestmark = pytest.mark.django_db
TUESDAY, NOON = "2026-10-20", chicago("2026-10-20", "12:00")
WEEK_BEFORE, LAST_DAY = NOON - timedelta(days=8), NOON - timedelta(hours=24)


@pytest.fixture
def ji(site):
    """Dr Ji, all of whose time is everyone's."""
    return make_practitioner(site, name="Dr Ji")


@pytest.fixture
def kept(li, ji, site):
    """Tuesdays noon to two two of the four places are kept beside Dr Li's time."""
    lay_out()
    return make_block(li, 2, "12:00", "14:00", places=tuple(Place.objects.order_by("pk")[:2]))


@pytest.fixture
def family(site):
    return replace(Audience.PATIENT, families=frozenset({(site.pk, CANCER_PROGRAM)}), known=True)


def at_noon(who, site):
    key = SlotKey(
        practitioner=who.public_id, site=site.key, therapy="acu_manual", visit="followup", technique="", start=NOON
    )
    return slot(key.encode())


def book(this, audience, at=WEEK_BEFORE):
    return claim([ClaimRequest(slot=this, allocation=uuid4(), audience=audience)], at=at)[0]


def codes(this, audience, at=WEEK_BEFORE):
    return [why.code for why in explain(this, audience=audience, at=at).reasons]


def starts(who, audience, at=WEEK_BEFORE):
    query = SearchQuery(
        therapy="acu_manual",
        visit="followup",
        practitioner=who.public_id,
        starts_at=chicago(TUESDAY, "00:00"),
        ends_at=chicago("2026-10-21", "00:00"),
        audience=audience,
        limit=None,
        step_minutes=5,
    )
    return {one.start: one.only_for for one in search(query, at=at)}


@pytest.fixture
def full(kept, site):
    """The two places that are everyone's are taken at noon."""
    for name in ("Dr Ann", "Dr Bo"):
        colleague = make_practitioner(site, name=name)
        lay_out()
        assert book(at_noon(colleague, site), Audience.PATIENT).place_id not in kept_ids(kept)


def kept_ids(block):
    return set(block.places.values_list("pk", flat=True))


def test_whoever_may_have_a_kept_place_is_given_another_as_long_as_there_is_one(kept, ji, site, family):
    assert starts(ji, family)[NOON] == ""
    found = book(at_noon(ji, site), family)
    assert (found.place_id in kept_ids(kept), found.only_for) == (False, "")


def test_a_family_has_the_kept_place_with_whomever_and_a_stranger_hears_from_when_on(full, kept, ji, site, family):
    this = at_noon(ji, site)
    assert NOON not in starts(ji, Audience.PATIENT)
    (why,) = explain(this, audience=Audience.PATIENT, at=WEEK_BEFORE).reasons
    assert (why.code, why.opens_at) == ("not-open-yet", LAST_DAY)
    with pytest.raises(NotOpenYet) as refusal:
        book(this, Audience.PATIENT)
    assert refusal.value.facts["opens_at"] == LAST_DAY.isoformat()
    word = FAMILIES_OF + CANCER_PROGRAM
    assert (starts(ji, family)[NOON], explain(this, audience=family, at=WEEK_BEFORE).slot.only_for) == (word, word)
    found = book(this, family)
    assert (found.place_id in kept_ids(kept), found.only_for) == (True, word)
    assert drift.check(at=AT) == []


@pytest.mark.usefixtures("full")
def test_a_stranger_hears_the_same_when_the_kept_places_are_taken(kept, li, ji, site, family):
    for who in (li, make_practitioner(site, name="Dr Cy")):
        lay_out()
        assert book(at_noon(who, site), family).place_id in kept_ids(kept)
    assert codes(at_noon(ji, site), Audience.PATIENT) == ["not-open-yet"]
    assert codes(at_noon(ji, site), family) == ["no-suitable-room"]


def test_the_last_day_before_it_is_everyone_s_place(full, kept, ji, site):
    assert starts(ji, Audience.PATIENT, LAST_DAY)[NOON] == ""
    assert book(at_noon(ji, site), Audience.PATIENT, LAST_DAY).place_id in kept_ids(kept)


def test_a_place_that_is_opened_by_hand_is_everyone_s_at_once_and_one_that_is_left_out_too(full, kept, ji, site):
    decision = family_blocks.release_occurrence(kept, NOON, by=FRANK, at=WEEK_BEFORE)
    assert starts(ji, Audience.PATIENT)[NOON] == ""
    family_blocks.undo_decision(decision, by=FRANK, at=WEEK_BEFORE)
    assert NOON not in starts(ji, Audience.PATIENT)
    family_blocks.change(kept, places=(), by=FRANK, at=WEEK_BEFORE)
    assert starts(ji, Audience.PATIENT)[NOON] == ""
    assert drift.check(at=AT) == []


def test_the_locked_sheet_of_the_place_decides_whatever_was_read_before(full, kept, ji, site, monkeypatch):
    this = at_noon(ji, site)
    monkeypatch.setattr("scheduler.search.narrowed_hours.NarrowedHours.shut", lambda *_: {})
    monkeypatch.setattr("scheduler.search.block_access.BlockAccess.opens_until", lambda _access, weeks: weeks[-1])
    with pytest.raises(SlotTaken):
        book(this, Audience.PATIENT)
    # Twin: whoever were handed the name of the block would have the place.
    named = {name: None for sheet in WeekSheet.objects.exclude(kept=None) for name in sheet.audiences}
    monkeypatch.setattr("scheduler.search.narrowed_hours.NarrowedHours.usable_at", lambda *_: named)
    assert book(this, Audience.PATIENT).place_id in kept_ids(kept)


def test_twin_a_choice_that_prefers_no_place_gives_a_kept_one_away(kept, ji, site, family, monkeypatch):
    monkeypatch.setattr(place_access, "keeping", lambda *_: [])
    assert book(at_noon(ji, site), family).place_id in kept_ids(kept)


def test_a_place_is_kept_once_at_a_time_and_at_its_own_site(kept, ji, site):
    mine = tuple(kept.places.all())
    with pytest.raises(BlockClash) as refusal:
        make_block(ji, 2, "13:30", "14:30", places=mine[:1])
    assert f"{mine[0]} is kept already: Tuesday, 12:00\xa0PM – 2:00\xa0PM" in str(refusal.value)
    assert make_block(ji, 2, "14:00", "14:30", places=mine[:1])
    (elsewhere,) = make_places(make_site("riverside"), 1)
    for wrong, words in ((elsewhere, "at this site"), (_retired(site), "in use")):
        with pytest.raises(Invalid) as invalid:
            make_block(ji, 3, "12:00", "13:00", places=(wrong,))
        assert words in invalid.value.facts["errors"][0]["detail"]


def _retired(site):
    (place,) = make_places(site, 1)
    place.active = False
    place.save()
    return place
