"""In clinics drawn at random, no set of times for people who come together is missed, and each can be claimed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from scheduler.public import PersonQuery, Relation, SlotTaken, claim, sets
from scheduler.search import sets as set_search
from tests.factories.random_clinics import HI_LO, MONDAY, RandomClinic
from tests.scheduler.brute_force_sets import soonest_sets
from tests.scheduler.test_sets import MINUTE, STAFF, asked, wanting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

FEW, MANY = (2, 4, 5), range(1, 301)
CROWDED = 2


def compare(seed):
    """Hold the search of a clinic drawn at random against the slow way, and claim each set that it finds."""
    clinic = RandomClinic(seed)
    chance = clinic.chance
    therapies = [clinic.therapy, chance.choice((clinic.therapy, "acu_manual", "cup_dry"))]
    needs = frozenset({HI_LO} if seed % 3 == 0 else ())
    people = [
        PersonQuery(
            therapy=therapy, visit="followup", audience=replace(STAFF, needs=needs if n else frozenset()), reviewed=True
        )
        for n, therapy in enumerate(therapies)
    ]
    start = MONDAY + timedelta(days=chance.choice((0, 3, 6)), hours=12)
    query = asked(
        *people,
        relation=chance.choice(tuple(Relation)),
        within=chance.choice((0, 10, 20)) * MINUTE,
        starts_at=max(start, clinic.at),
        ends_at=max(start, clinic.at) + timedelta(hours=14),
        limit=1000,
        step=5 * MINUTE,
    )
    found = sets(query, at=clinic.at)
    meant = soonest_sets(query, at=clinic.at)
    shown = {(one.slots[0].site.id, one.start) for one in found}
    assert shown == meant, f"seed {seed}: {sorted(shown ^ meant)[:3]}"
    for one in found:
        with transaction.atomic():
            claim(wanting(one, people), at=clinic.at)
            transaction.set_rollback(True)
    return len(found)


def test_no_set_is_missed_and_each_that_is_found_can_be_claimed_in_clinics_drawn_at_random():
    assert sum(compare(seed) for seed in FEW) > 20


def test_twin_a_search_that_looks_at_each_person_alone_is_seen(monkeypatch):
    monkeypatch.setattr(set_search, "shared_out", lambda wanted: [])
    monkeypatch.setattr(set_search, "practitioners_do_both", lambda one, other: True)
    with pytest.raises((AssertionError, SlotTaken)):
        compare(CROWDED)


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("fifty", range(6))
def test_no_set_is_missed_in_three_hundred_clinics(fifty):
    for seed in MANY[fifty * 50 : fifty * 50 + 50]:
        with transaction.atomic():
            compare(seed)
            transaction.set_rollback(True)
