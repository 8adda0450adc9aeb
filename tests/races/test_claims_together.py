"""Families and courses claim several visits as one act. Whoever wants some of the same gets all of theirs or none."""

from dataclasses import replace
from datetime import timedelta
from itertools import groupby, permutations
from uuid import uuid4

import pytest

from scheduler import public as scheduler
from scheduler.models import Claim
from scheduler.public import Audience, ClaimRequest
from scheduler.sheets import free_time
from scheduler.ticks import week_of
from tests.factories.booking import chicago, slot_id
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.races.together import Gate, at_once, deadlocks, tally
from tests.tables import overlaps, sheet_drift

pytestmark = pytest.mark.django_db(transaction=True)
TEN = chicago(8, 10)


@pytest.fixture
def times(lakeside, dr_li):
    """Three starts with three practitioners, in three weeks."""
    others = [make_practitioner(lakeside, name=name) for name in ("Dr Kim", "Dr Sol")]
    lay_out()
    return [scheduler.slot(slot_id(who, TEN + timedelta(weeks=week))) for week, who in enumerate([dr_li, *others])]


def wanting(slots):
    requests = [ClaimRequest(slot=one, audience=Audience.STAFF, allocation=uuid4()) for one in slots]
    return lambda: scheduler.claim(requests, at=AT)


def test_of_families_who_want_the_same_times_in_any_order_one_gets_them_all(times):
    before = deadlocks()
    results = at_once([wanting(order) for order in permutations(times)] * 2)
    assert tally(results) == {"list": 1, "SlotTaken": 11}
    assert Claim.objects.filter(retired_at=None).values("allocation").distinct().count() == 3
    assert overlaps(at=AT) == sheet_drift() == []
    assert deadlocks() == before


def test_of_families_who_want_some_of_the_same_times_nobody_gets_a_part(times):
    pairs = [(0, 1), (1, 2), (2, 0)]
    before = deadlocks()
    results = at_once([wanting([times[one] for one in pair]) for pair in pairs * 4])
    assert tally(results) == {"list": 1, "SlotTaken": 11}
    lost = [result for result in results if isinstance(result, scheduler.SlotTaken)]
    assert all(one.taken for one in lost)
    assert Claim.objects.filter(retired_at=None).values("allocation").distinct().count() == 2
    assert overlaps(at=AT) == sheet_drift() == []
    assert deadlocks() == before


def test_twin_whoever_locks_the_sheets_in_the_order_asked_meets_a_deadlock(times, monkeypatch):
    gate, take = Gate(2), free_time.take

    def visit_by_visit(wanted):
        everything = [stretch for one in wanted for stretch in one.stretches]
        for _, part in groupby(everything, key=lambda one: week_of(one.start)):
            if not take([replace(wanted[0], stretches=list(part))]):
                return False
            gate.wait()
        return True

    monkeypatch.setattr(free_time, "take", visit_by_visit)
    before = deadlocks()
    at_once([wanting(times[:2]), wanting(times[1::-1])])
    assert deadlocks() > before
