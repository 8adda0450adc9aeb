"""People choose other times side by side. What each gives back and takes is locked in one order."""

from dataclasses import replace

import pytest

from booking import policies
from booking.actions import appointments, hold_limits, holds
from booking.models import Hold
from core.database.transactions import unit
from tests.factories.booking import SYSTEM, chicago, read_slot, slot_id, visitor
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.races.together import Gate, at_once, deadlocks, tally
from tests.tables import overlaps, sheet_drift

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


@pytest.fixture
def dr_wu(lakeside, dr_li):
    practitioner = make_practitioner(lakeside, name="Dr Wu")
    lay_out()
    return practitioner


def back_and_forth(one, two, *, by, patient=None):
    """Return how somebody chooses one time and the other by turns; each must be theirs at once."""

    def act():
        kept = None
        for number in range(ROUNDS):
            slot, had = (one, two)[number % 2], kept.public_id if kept else None
            kept = holds.choose(read_slot(slot), by=by, at=AT, patient=patient, instead_of=had)
        return kept

    return act


def test_people_who_choose_other_times_crosswise_never_meet_in_a_deadlock(dr_li, dr_wu, alice, ben):
    def slots(*hours):
        return slot_id(dr_li, chicago(8, hours[0])), slot_id(dr_wu, chicago(8, hours[1]))

    before = deadlocks()
    (li_nine, wu_nine), (li_two, wu_two), (li_free, wu_free) = slots(9, 9), slots(14, 14), slots(11, 11)
    results = at_once(
        [
            back_and_forth(li_nine, wu_two, by=alice.principal, patient=alice.record),
            back_and_forth(wu_nine, li_two, by=visitor("mallory")),
            *(
                lambda s=s: appointments.book(slot=read_slot(s), patient=alice.record, by=SYSTEM, at=AT)
                for s in [li_free]
            ),
            *(
                lambda s=s: appointments.book(slot=read_slot(s), patient=ben.record, by=SYSTEM, at=AT)
                for s in [wu_free]
            ),
        ]
    )
    assert tally(results) == {"Hold": 2, "Appointment": 2}
    assert deadlocks() == before
    assert Hold.objects.filter(state="open").count() == 2
    assert overlaps(at=AT) == sheet_drift() == []


def test_twin_giving_back_first_and_taking_then_meets_in_a_deadlock(dr_li, dr_wu):
    gate, before = Gate(2), deadlocks()
    hers = holds.take(read_slot(slot_id(dr_li, chicago(8, 9))), by=visitor("alice"), at=AT)
    his = holds.take(read_slot(slot_id(dr_wu, chicago(8, 9))), by=visitor("ben"), at=AT)

    @unit
    def carelessly(kept, slot, by):
        holds.release(kept.public_id, by=by, at=AT)
        gate.wait()
        return holds.take(read_slot(slot), by=by, at=AT)

    crosswise = [
        lambda: carelessly(hers, slot_id(dr_wu, chicago(8, 14)), visitor("alice")),
        lambda: carelessly(his, slot_id(dr_li, chicago(8, 14)), visitor("ben")),
    ]
    assert tally(at_once(crosswise)) == {"Hold": 2}
    assert deadlocks() > before


@pytest.fixture
def ten_a_network(monkeypatch):
    policy = policies.booking_policy
    ten = lambda site, *, at: replace(policy(site, at=at), open_holds_per_network=6, short_holds_per_network=4)  # noqa: E731
    monkeypatch.setattr(policies, "booking_policy", ten)


def takes_from_one_network(dr_li):
    slots = [slot_id(dr_li, chicago(day, hour)) for day in (8, 9, 12) for hour in (9, 11, 13, 15)]
    return [
        lambda n=n, s=s: holds.take(read_slot(s), by=visitor(str(n)), at=AT, address="cafe")
        for n, s in enumerate(slots)
    ]


def test_many_browsers_of_one_network_at_once_keep_as_many_times_as_its_policy_says(dr_li, ten_a_network):
    assert tally(at_once(takes_from_one_network(dr_li))) == {"Hold": 10, "ManyFromNetwork": 2}


def test_twin_without_the_quota_s_lock_they_keep_more(dr_li, ten_a_network, monkeypatch):
    acts = takes_from_one_network(dr_li)
    monkeypatch.setattr(hold_limits, "lock_quota", Gate(len(acts)).wait)
    assert tally(at_once(acts)) == {"Hold": 12}
