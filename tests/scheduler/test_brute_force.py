"""A search finds what somebody finds who goes through the calendars minute by minute: all of it, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.audience import CANCER_PROGRAM
from scheduler.calendars import open_hours
from scheduler.catalogue import Bay
from scheduler.catalogue.block_weeks import BlockAsker
from scheduler.models import Therapy
from scheduler.public import Audience, SearchQuery, first, search
from scheduler.release import SINCE_EVER
from scheduler.search.availability import Availability
from tests.factories.policies import publish_policy
from tests.factories.random_clinics import HI_LO, KEPT, MONDAY, RandomClinic
from tests.scheduler.brute_force import free_starts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
FEW, MANY, FEW_TIMES = (4,), range(1, 1001), 7
PARTS_OF_DAYS, HOURS_WITHIN_HOURS, NOT_GIVEN, NEEDED, FOR_FAMILIES = 10, 31, 16, 0, 68
ASKING = (None, frozenset({CANCER_PROGRAM}), frozenset())
"""Whose hours they may use: everybody's (staff), the program's beside everyone's (Alice), everyone's (Mallory)."""


FAMILY, PATIENT, KNOWN, STRANGER = range(4)
"""From which stage on they may use kept time."""


def of_all_sites(clinic, audiences, reach):
    """Return a patient of these programs at each site, who may use kept time from a stage on."""
    mine = frozenset((site.pk, one) for site in clinic.sites for one in audiences)
    family = mine if reach == FAMILY else frozenset()
    return replace(Audience.of_patient(mine), families=family, known=reach <= KNOWN)


def keep_from(therapy):
    """Let rules keep a kind of place from a therapy, wherever there is another."""
    publish_policy("suitability", {"site_restrictions": [{"id": "SR1", "place": KEPT, "to": {therapy: "inform"}}]})


def compare(clinic):
    seed = clinic.seed
    start = MONDAY + timedelta(days=clinic.chance.choice((0, 3, 6)), hours=clinic.chance.choice((0, 12)))
    end = start + timedelta(hours=36)
    audiences = ASKING[seed % 3]
    if audiences is not None:
        Therapy.objects.update(self_bookable=True)
    needs, kept = frozenset({HI_LO} if seed % 5 == 0 else ()), KEPT if seed % 2 == 0 else ""
    if kept:
        keep_from(clinic.therapy)
    reach = None if audiences is None else (FAMILY, PATIENT)[seed % 2] if audiences else (KNOWN, STRANGER)[seed % 2]
    asking = Audience.STAFF_WITH_REASON if reach is None else of_all_sites(clinic, audiences, reach)
    wanted = SearchQuery(
        therapy=clinic.therapy,
        visit=clinic.visit,
        starts_at=start,
        ends_at=end,
        audience=replace(asking, needs=needs),
        reviewed=True,
        limit=None,
        step_minutes=5,
    )
    slots = search(wanted, at=clinic.at)
    found = {(slot.start, slot.practitioner.id, slot.site.id) for slot in slots}
    few = search(replace(wanted, limit=FEW_TIMES), at=clinic.at)
    assert few == slots[:FEW_TIMES], f"seed {seed}: whoever wants few times is shown others"
    assert first(wanted, at=clinic.at) == (slots[0] if slots else None), f"seed {seed}"
    now = clinic.at if audiences is None else clinic.at + timedelta(hours=4)  # the notice of patients
    now += (MONDAY - now) % timedelta(minutes=5)
    meant = free_starts(
        clinic.therapy, clinic.visit, start=max(start, now), end=end, at=clinic.at, audiences=audiences, needs=needs,
        kept=kept, reach=reach,
    )  # fmt: skip
    assert found == meant, f"seed {seed}: {sorted(found ^ meant)[:5]}"
    return len(found)


def test_search_and_the_slow_way_find_the_same_in_a_clinic_drawn_at_random():
    assert sum(compare(RandomClinic(seed)) for seed in FEW) > 50


def test_twin_a_search_that_takes_parts_of_days_for_whole_ones_is_seen(monkeypatch):
    filled = open_hours.days_filled
    monkeypatch.setattr(open_hours, "days_filled", lambda *on, zone, **_wall: filled(*on, zone=zone))
    with pytest.raises(AssertionError, match="seed"):
        compare(RandomClinic(PARTS_OF_DAYS))


def test_twin_hours_of_others_that_are_everyone_s_because_they_lie_in_everyone_s_are_seen(monkeypatch):
    monkeypatch.setattr(open_hours, "without_narrower", lambda everyone, _alone: everyone)
    with pytest.raises(AssertionError, match="seed"):
        compare(RandomClinic(HOURS_WITHIN_HOURS))


def test_twin_a_search_that_shows_time_before_its_stage_is_seen(monkeypatch):
    monkeypatch.setattr(BlockAsker, "opens_at", lambda _asker, _occurrence: SINCE_EVER)
    with pytest.raises(AssertionError, match="seed"):
        compare(RandomClinic(FOR_FAMILIES))


def test_twin_a_search_that_forgets_what_a_place_must_have_is_seen(monkeypatch):
    clinic = RandomClinic(NEEDED)
    monkeypatch.setattr(Bay, "has", lambda bay, wanted: True)
    with pytest.raises(AssertionError, match="seed"):
        compare(clinic)


def test_twin_a_search_that_gives_a_therapy_where_it_is_not_given_is_seen(monkeypatch):
    clinic = RandomClinic(NOT_GIVEN)
    monkeypatch.setattr(Availability, "while_open", lambda available, site: -1)
    with pytest.raises(AssertionError, match="seed"):
        compare(clinic)


@pytest.mark.full
@pytest.mark.timeout(600)  # twenty seconds where nobody else computes
@pytest.mark.parametrize("hundred", range(10))
def test_search_and_the_slow_way_find_the_same_in_a_thousand_clinics(hundred):
    from django.db import transaction  # noqa: PLC0415

    for seed in MANY[hundred * 100 : hundred * 100 + 100]:
        with transaction.atomic():
            compare(RandomClinic(seed))
            transaction.set_rollback(True)
