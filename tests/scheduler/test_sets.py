"""Times for people who come together: side by side, or one right after the other; and what is shown can be claimed."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import transaction

from scheduler.actions import claims
from scheduler.public import (
    Anchor,
    Audience,
    ClaimRequest,
    NotOffered,
    PersonQuery,
    Relation,
    SetQuery,
    Side,
    SlotTaken,
    claim,
    sets,
)
from scheduler.search import sets as set_search
from scheduler.search.arrangements import Together
from tests.factories.random_clinics import HI_LO
from tests.factories.scheduler import AT, lay_out, make_device, make_places, make_practitioner, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
STAFF = Audience.STAFF_WITH_REASON
MINUTE = timedelta(minutes=1)
NEEDLES = PersonQuery(therapy="acu_manual", visit="followup", audience=STAFF)
CUPS = replace(NEEDLES, therapy="cup_dry")


def asked(*people, relation=Relation.SAME_TIME, **said):
    span = {"starts_at": AT, "ends_at": AT + timedelta(days=7)}
    return SetQuery(people=people, relation=relation, **{**span, **said})


def minutes_after(found, since):
    return [[(slot.start - since) // MINUTE for slot in one.slots] for one in found]


def wanting(found, people):
    """Return what claims a set for its people."""
    return [
        ClaimRequest(slot=slot, audience=one.audience, allocation=uuid4(), replacing=one.moving)
        for slot, one in zip(found.slots, people, strict=True)
    ]


NINE = AT + timedelta(hours=1)


def a_clinic(*, places=2, people=1, offers=("acu_manual", "cup_dry"), lanes=3):
    site = make_site()
    made = make_places(site, places)
    for n in range(people):
        make_practitioner(site, name=f"Dr {n}", offers=offers, lanes=lanes)
    make_device(site, "cup_set")
    make_device(site, "cup_set")
    lay_out()
    return made


def test_two_people_begin_at_the_same_minute_with_two_practitioners_in_two_places():
    a_clinic(people=2)
    (first,) = sets(asked(NEEDLES, NEEDLES, limit=1), at=AT)
    assert minutes_after([first], NINE) == [[0, 0]]
    assert len({slot.practitioner.id for slot in first.slots}) == 2
    taken = claim(wanting(first, [NEEDLES, NEEDLES]), at=AT)
    assert len({one.place_id for one in taken}) == 2


def test_one_practitioner_treats_two_people_who_begin_apart_while_the_needles_of_the_first_rest():
    a_clinic()
    assert sets(asked(NEEDLES, NEEDLES), at=AT) == []
    assert sets(asked(NEEDLES, NEEDLES, within=15 * MINUTE), at=AT) == []
    found = sets(asked(NEEDLES, NEEDLES, within=20 * MINUTE, limit=3), at=AT)
    assert minutes_after(found, NINE) == [[0, 20], [15, 35], [30, 50]]
    claim(wanting(found[0], [NEEDLES, NEEDLES]), at=AT)


def test_with_one_place_two_people_come_one_after_the_other_as_soon_as_it_is_ready():
    a_clinic(places=1)
    assert sets(asked(NEEDLES, NEEDLES, within=20 * MINUTE), at=AT) == []
    in_a_row = asked(NEEDLES, NEEDLES, relation=Relation.BACK_TO_BACK, within=20 * MINUTE, limit=1)
    assert minutes_after(sets(in_a_row, at=AT), NINE) == [[0, 70]]
    assert sets(replace(in_a_row, within=5 * MINUTE), at=AT) == []


def test_of_three_in_a_row_whoever_can_come_first_does():
    a_clinic(places=3, people=1)
    patient = make_practitioner(make_site("elsewhere"), offers=("acu_manual",))
    only_nine = replace(NEEDLES, practitioner=patient.public_id)
    assert sets(asked(NEEDLES, only_nine), at=AT) == []
    three = asked(NEEDLES, CUPS, NEEDLES, relation=Relation.BACK_TO_BACK, within=10 * MINUTE, limit=1)
    (found,) = sets(three, at=AT)
    starts = sorted((slot.start, slot.end) for slot in found.slots)
    assert all(0 <= (start - end) // MINUTE <= 10 for (_, end), (start, _) in pairwise(starts))


def test_a_bed_with_a_lift_is_left_to_whoever_needs_it(monkeypatch):
    places = a_clinic(people=2)
    places[0].features.append(HI_LO)
    places[0].save()
    places[1].features += ["exam", "chair"]  # the less capable one is the bed with the lift
    places[1].save()
    need = replace(NEEDLES, audience=replace(STAFF, needs=frozenset({HI_LO})))
    query = asked(NEEDLES, need, limit=1)
    (found,) = sets(query, at=AT)
    requests = wanting(found, query.people)
    monkeypatch.setattr(claims, "joint_choice", lambda wanted: None)
    with pytest.raises(SlotTaken), transaction.atomic():
        claim(requests, at=AT)
    monkeypatch.undo()
    first, second = claim(requests, at=AT)
    assert (first.place_id, second.place_id) == (places[1].pk, places[0].pk)


def test_near_an_event_all_of_them_are_done_before_it_or_begin_after_it():
    a_clinic(people=2)
    noon = NINE + timedelta(hours=3)
    after = asked(NEEDLES, NEEDLES, anchor=Anchor(moment=noon, side=Side.AFTER, within=45 * MINUTE))
    assert minutes_after(sets(after, at=AT), noon) == [[0, 0], [15, 15], [30, 30], [45, 45]]
    before = replace(after, anchor=Anchor(moment=noon, side=Side.BEFORE, within=20 * MINUTE))
    assert minutes_after(sets(before, at=AT), noon) == [[-80, -80], [-65, -65]]


def test_people_who_move_together_may_change_places():
    a_clinic(places=2, people=2)
    (first,) = sets(asked(NEEDLES, NEEDLES, limit=1), at=AT)
    requests = wanting(first, [NEEDLES, NEEDLES])
    claim(requests, at=AT)
    assert sets(asked(NEEDLES, NEEDLES, limit=1), at=AT)[0].start >= first.slots[0].end
    moving = [replace(NEEDLES, moving=one.allocation) for one in requests]
    again = sets(asked(*moving, limit=2), at=AT)
    assert minutes_after(again, NINE) == [[0, 0], [15, 15]]
    claim(wanting(again[1], moving), at=AT)


def test_whose_therapy_nobody_offers_is_told_by_number():
    a_clinic()
    with pytest.raises(NotOffered) as refused:
        sets(asked(NEEDLES, replace(NEEDLES, therapy="nothing")), at=AT)
    assert refused.value.facts["person"] == 1


def test_a_search_asks_as_often_for_six_as_for_two(django_assert_num_queries):
    a_clinic(people=3, places=6)
    sets(asked(NEEDLES, NEEDLES), at=AT)  # the catalogue is read once for all
    for people in ([NEEDLES] * 2, [NEEDLES, CUPS] * 3):
        with django_assert_num_queries(3):  # how the catalogue stands, the week that has begun, and the rest
            sets(asked(*people, within=20 * MINUTE, limit=1000), at=AT)


@pytest.fixture
def looked(monkeypatch):
    """Collect what a search looks at, to see whether all have what they need together."""
    found, shared_out = [], set_search.shared_out
    monkeypatch.setattr(set_search, "shared_out", lambda wanted: found.append(len(wanted)) or shared_out(wanted))
    return found


def test_six_are_not_looked_for_where_hands_do_for_four(looked):
    a_clinic(places=6, people=2)
    assert sets(asked(*[NEEDLES] * 6, within=30 * MINUTE), at=AT) == []
    assert not looked
    (found,) = sets(asked(*[NEEDLES] * 4, within=30 * MINUTE, limit=1), at=AT)
    assert minutes_after([found], NINE) == [[0, 0, 20, 20]]
    assert len(looked) < 40


def test_twin_a_search_that_tries_the_same_wish_in_every_order_is_seen(monkeypatch, looked):
    monkeypatch.setattr(set_search, "_alike", lambda asked: ())
    a_clinic(places=6, people=2)
    assert sets(asked(*[NEEDLES] * 4, within=30 * MINUTE, limit=1), at=AT)
    assert len(looked) >= 40


def test_what_cannot_be_is_looked_for_so_often_and_no_more(monkeypatch, looked):
    monkeypatch.setattr(set_search, "FUTILE", 30)
    a_clinic(places=5, people=6)
    assert sets(asked(*[NEEDLES, CUPS] * 3, within=30 * MINUTE), at=AT) == []
    assert len(looked) < 100


def test_twin_a_search_that_lets_people_begin_at_the_same_minute_alone_is_seen(monkeypatch):
    begin = Together.begin_at
    monkeypatch.setattr(
        Together, "begin_at", lambda self, tick, possible: begin(replace(self, within=0), tick, possible)
    )
    a_clinic()
    assert sets(asked(NEEDLES, NEEDLES, within=20 * MINUTE, limit=3), at=AT) == []
