"""Rules keep infusion bays from cupping: it is elsewhere; where there is nothing else, the rules say what follows."""

from dataclasses import replace

import pytest

from booking.actions import appointments
from booking.status import Status
from booking.suitability.answers import answered_no
from booking.suitability.errors import NotBookableWithAnswers
from booking.suitability.shipped import shipped_rules
from booking.suitability.visits import judge_visits
from core.policies import keys
from scheduler.actions.catalogue_edits import change
from scheduler.models import Place
from scheduler.public import SlotTaken, explain
from tests.factories.booking import DAY, SYSTEM, chicago, read_slot, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT, make_claim, make_device, offer

NO = answered_no(shipped_rules())
HELP = replace(NO, answers=NO.answers | {"transfer_help_or_cannot_lie_flat": "yes"})
TEN = chicago(12, 10)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clinic(lakeside, dr_li):
    """Let Lakeside ask what the shipped rules ask, and Dr Li cup as well."""
    adopt_suitability(site=lakeside)
    make_device(lakeside)
    make_device(lakeside, "cup_set")
    offer(dr_li, "cup_dry", "acu_electro", sites=[lakeside])


def equip(places, *features):
    """Let these places have that, too."""
    for place in places:
        change(place, features=["table", *features], by=SYSTEM, at=AT)


def places():
    return list(Place.objects.order_by("pk").select_related("resource"))


def book(alice, dr_li, therapy="cup_dry", start=TEN, answers=NO):
    slot = read_slot(slot_id(dr_li, start, therapy=therapy))
    return appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot, answers=answers)


def test_cupping_is_in_an_infusion_bay_never_and_needling_is_where_that_alone_is_free(alice, mallory, dr_li):
    *bays, other = places()
    equip(bays, "infusion_bay")
    assert book(alice, dr_li).place == other
    make_claim(other.resource, TEN + DAY, 60)
    slot = read_slot(slot_id(dr_li, TEN + DAY, therapy="cup_dry"))
    assert [one.code for one in explain(slot, at=AT).reasons] == ["no-suitable-room"]
    with pytest.raises(SlotTaken):
        book(alice, dr_li, start=TEN + DAY)
    assert book(mallory, dr_li, "acu_manual", TEN + DAY).place in bays


def test_twin_where_rules_keep_no_place_cupping_is_in_an_infusion_bay(alice, dr_li, monkeypatch):
    *bays, other = places()
    equip(bays, "infusion_bay")
    equip([other], "exam", "hi-lo")
    known = keys.policy_key("suitability")
    monkeypatch.setitem(keys._registered, "suitability", replace(known, spares=None))
    assert book(alice, dr_li).place in bays


def test_where_there_is_nothing_but_infusion_bays_the_rules_say_what_follows(alice, dr_li):
    equip(places(), "infusion_bay")
    with pytest.raises(NotBookableWithAnswers) as refused:
        book(alice, dr_li)
    assert "acu_manual" in {one["therapy"] for one in refused.value.facts["therapies"]}
    visit = book(alice, dr_li, "acu_electro")
    assert (visit.status, visit.suitability) == (Status.PROPOSED, "clinician_review")
    assert ("SR3", "infusion_bay") in {(one.rule, one.answer) for one in judge_visits([visit], at=AT)[visit.pk].fired}
    assert book(alice, dr_li, "acu_manual", TEN + DAY).status == Status.BOOKED


def test_who_needs_a_table_that_stands_in_an_infusion_bay_alone_is_judged_by_that(alice, mallory, dr_li):
    first, *others = places()
    equip([first], "infusion_bay", "hi-lo")
    assert book(mallory, dr_li, start=TEN + DAY).place in others
    with pytest.raises(NotBookableWithAnswers):
        book(alice, dr_li, answers=HELP)
