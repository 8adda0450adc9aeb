"""Two clinicians decide in the same moment about what waits because of Alice's answers."""

from dataclasses import replace

import pytest

from booking.actions import appointments, moves
from booking.actions.suitability import review_answers, suitability_reviews
from booking.models import Appointment, Clearance
from booking.status import Move, Status
from booking.suitability.answers import answered_no
from booking.suitability.shipped import shipped_rules
from core.principal import Principal
from tests.factories.booking import MINUTE, chicago, read_slot, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT
from tests.races.together import Gate, at_once, tally

pytestmark = pytest.mark.django_db(transaction=True)

NO = answered_no(shipped_rules())
CAROL, CORA = Principal.system("carol"), Principal.system("cora")
LATER = AT + MINUTE


@pytest.fixture
def visit(alice, dr_li, lakeside):
    """What Alice asks for, who takes a blood thinner."""
    adopt_suitability(site=lakeside)
    answers = replace(NO, answers=NO.answers | {"anticoagulant": "yes"})
    slot = read_slot(slot_id(dr_li, chicago(12, 10)))
    return appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot, answers=answers)


def declines(visit):
    seen = visit.version
    return [
        lambda: suitability_reviews.decline(visit.public_id, seen=seen, by=CAROL, at=LATER),
        lambda: suitability_reviews.decline(visit.public_id, seen=seen, by=CORA, at=LATER),
    ]


def test_of_two_clinicians_at_once_one_decides_and_the_other_is_refused(visit):
    seen, everything = visit.version, {"ends_on": None, "all_therapies": True, "at": LATER}
    results = at_once(
        [
            lambda: suitability_reviews.approve_and_clear(visit.public_id, seen=seen, by=CAROL, **everything),
            lambda: suitability_reviews.decline(visit.public_id, seen=seen, by=CORA, at=LATER),
        ]
    )
    booked = Appointment.objects.get().status == Status.BOOKED
    assert tally(results) == {"list" if booked else "Appointment": 1, "MoveNotAllowed": 1}
    assert Clearance.objects.count() == booked


def test_pressed_by_two_a_request_is_declined_once(visit):
    assert tally(at_once(declines(visit))) == {"Appointment": 1, "MoveNotAllowed": 1}
    assert visit.changes.filter(move=Move.DECLINE).count() == 1


def test_twin_when_they_do_not_wait_for_each_other_it_is_declined_twice(visit, monkeypatch):
    gate = Gate(2)

    def unlocked(public_id):
        return Appointment.objects.select_related("patient", "practitioner", "site", "therapy").get(public_id=public_id)

    def unlocked_together(public_id):
        row = unlocked(public_id)
        gate.wait()
        return row

    monkeypatch.setattr(suitability_reviews, "locked", unlocked)
    monkeypatch.setattr(review_answers, "locked", unlocked)
    monkeypatch.setattr(moves, "locked", unlocked_together)
    assert tally(at_once(declines(visit))) == {"Appointment": 2}
    assert visit.changes.filter(move=Move.DECLINE).count() == 2
