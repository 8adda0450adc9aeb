"""Frank keeps time for families week by week, keeps one day longer, opens one to everybody, and takes it back."""

import re

import pytest

from booking.web.desk.families.family_block_new import BlockForm
from core.roles import Role
from scheduler.actions import family_blocks
from scheduler.actions.block_releases import note_reached
from scheduler.actions.new_blocks import editable_block
from scheduler.models import BlockDecision, FamilyBlock, Place, Practitioner
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import hidden_on, text_of
from tests.factories.blocks import make_block
from tests.factories.booking import SYSTEM, chicago, make_enrolled, make_patient, make_visit, slot_id
from tests.factories.scheduler import AT

PAGE = "/desk/families/"
NEW = f"{PAGE}blocks/new/"
THURSDAY = chicago(8, 14)


@pytest.fixture
def frank(site):
    return staff("frank", Role.PROGRAM, site)


@pytest.fixture
def grace(site):
    return Practitioner.objects.get(name="Grace Okoro")


def wanted(who, **more):
    return {
        "program": "cancer-integrative-medicine", "practitioner": str(who.public_id), "first_on": "10/8/2026",
        "every_weeks": "1", "last_on": "", "starts": "2 pm", "ends": "4 pm", "capacity": "", "unit": "people",
        "reason": "Beside infusion",
    } | more  # fmt: skip


def test_what_it_touches_is_shown_before_it_is_kept(frank, grace, site):
    make_visit(make_patient(site), slot_id(grace, THURSDAY))
    shown = text_of(frank.post(NEW, wanted(grace)))
    assert "Every Thursday, October 8, 2026 – until further notice" in shown
    assert "1 appointment or kept time was booked in these hours" in shown
    assert not FamilyBlock.objects.exists()
    done = frank.post(NEW, wanted(grace, sure="1"))
    assert done.status_code == 302
    block = FamilyBlock.objects.get()
    assert (block.weekday, block.every_weeks, block.valid_to, block.reason) == (4, 1, None, "Beside infusion")
    assert "Thursday, October 8, 2:00 PM – 4:00 PM" in text_of(frank.get(PAGE))


def test_on_one_day_alone_for_one_therapy_and_two_people_with_a_place(frank, grace, site):
    place = Place.objects.filter(room__site=site, active=True).first()
    once = wanted(grace, every_weeks="0", capacity="2", therapies=["acu_manual"], places=[str(place.public_id)])
    shown = frank.post(NEW, once)
    assert f"Places kept with it {place.room}, {place}" in text_of(shown)
    assert frank.post(NEW, once | {"sure": "1"}).status_code == 302
    block = FamilyBlock.objects.get()
    assert list(block.places.all()) == [place]
    assert ((block.valid_to - block.valid_from).days, block.capacity, block.capacity_unit) == (1, 2, "persons")
    assert [one.key for one in block.therapies.all()] == ["acu_manual"]


@pytest.mark.parametrize(("wrong", "words"), [
    ({"first_on": ""}, "Type the first day"), ({"starts": ""}, "Type from when"),
    ({"first_on": "soon"}, "Please type a day"), ({"starts": "late"}, "Please type a time of day"),
    ({"ends": "1 pm"}, "end"), ({"reason": " "}, "Say why it is kept"),
    ({"capacity": "0"}, "a number from 1 to 600"),
    ({"ends": "8 pm"}, "Too much of this person's day"), ({"practitioner": "x"}, "Choose one of the answers"),
])  # fmt: skip
def test_what_cannot_be_kept_is_said_with_what_to_do(wrong, words, frank, grace):
    refused = frank.post(NEW, wanted(grace, sure="1", **wrong))
    assert refused.status_code in {409, 422}
    assert words in text_of(refused), text_of(refused)
    assert not FamilyBlock.objects.exists()


def test_staff_read_since_when_a_day_is_open_to_more_and_how_full_it_was_then(grace, clock, site):
    """Since when is worked out; how full it was is what the task has noted, which nothing waits for."""
    make_block(grace, 4, "14:00", "16:00")
    make_visit(make_enrolled(site, "Fay Family").record, slot_id(grace, chicago(8, 14), visit="followup"), at=AT)
    clock.move_to(chicago(6, 9))
    frank, told = staff("frank", Role.PROGRAM, site), "Open to all our patients since Monday, October 5, 2:00 PM"
    assert told in text_of(frank.get(PAGE))
    assert "booked by then" not in text_of(frank.get(PAGE))
    note_reached(at=chicago(5, 15))
    assert f"{told}, booked by then: 55 minutes" in text_of(frank.get(PAGE))


def test_one_day_is_kept_longer_for_a_reason_or_opened_and_that_is_undone(frank, grace):
    block = make_block(grace, 4, "14:00", "16:00")
    shown = text_of(frank.get(PAGE))
    assert "opens to all our patients in 9 hours" in shown or "opens to" in shown
    keep, opening = (f"{PAGE}blocks/{block.public_id}/{act}/" for act in ("keep", "open"))
    day = {"starts_at": THURSDAY.isoformat()}
    assert "Please say why it is kept longer." in text_of(frank.post(keep, day))
    frank.post(keep, day | {"reason": "A family comes from far"})
    assert re.search(r"keeps it until Thursday, October 8, 2:00 AM: A family comes from far", text_of(frank.get(PAGE)))
    frank.post(opening, day)
    assert "Open to everybody" in text_of(frank.get(PAGE))
    for one in BlockDecision.objects.order_by("-pk"):
        frank.post(f"{PAGE}decisions/{one.public_id}/undo/")
    assert not BlockDecision.objects.filter(undone_at=None).exists()


def test_until_when_one_day_is_kept_is_chosen_the_soonest_first_and_no_longer_than_may_be(frank, grace):
    block = make_block(grace, 4, "14:00", "16:00")
    shown = frank.get(PAGE).content.decode()
    offered = re.findall(r'<option value="(2026[^"]+)">([^<]+)</option>', shown)
    assert [words.replace("\xa0", " ") for _moment, words in offered[:3]] == [
        "Tuesday, October 6, 2:00 PM", "Wednesday, October 7, 2:00 PM", "Thursday, October 8, 2:00 AM",
    ]  # fmt: skip
    keep = f"{PAGE}blocks/{block.public_id}/keep/"
    day = {"starts_at": THURSDAY.isoformat(), "reason": "A family comes from far"}
    wrong = frank.post(keep, day | {"reason": "", "until": offered[1][0]})
    assert f'<option value="{offered[1][0]}" selected>' in wrong.content.decode()  # what was chosen stands
    for late in (THURSDAY.isoformat(), "x"):
        assert frank.post(keep, day | {"until": late}).status_code in {400, 404}
    frank.post(keep, day | {"until": offered[0][0]})
    assert BlockDecision.objects.get().until == chicago(6, 14)


def test_a_block_is_changed_and_ended_once_it_was_seen_what_that_touches(frank, grace, site):
    make_visit(make_patient(site), slot_id(grace, THURSDAY))
    block = make_block(grace, 4, "14:00", "15:00", reason="Beside infusion")
    refused = text_of(frank.post(NEW, wanted(grace, sure="1", starts="2:30 pm", ends="3:30 pm")))
    assert "Thursday, 2:00 PM – 3:00 PM, Lakeside" in refused
    assert "Change or end a block that is kept already" in refused
    assert "Every Thursday" in text_of(frank.get(PAGE, {"blocks": "yes"}))
    address = f"{PAGE}blocks/{block.public_id}/"
    shown = frank.get(f"{address}change/").context["form"]
    sent = {one.name: one.value() for one in shown if one.value()}
    later = sent | {"ends": "4 pm", "reason": "Beside chemo"}
    assert "1 appointment or kept time was booked" in text_of(frank.post(f"{address}change/", later))
    block.refresh_from_db()
    assert block.reason == "Beside infusion"
    frank.post(f"{address}change/", later | {"sure": "1"})
    block.refresh_from_db()
    assert (f"{block.ends:%H:%M}", block.reason, block.weekday, block.valid_to) == ("16:00", "Beside chemo", 4, None)
    assert "Beside chemo" in text_of(frank.get(f"{address}end/"))
    block.refresh_from_db()
    assert block.ended_at is None
    assert "what is free opens to everybody" in text_of(frank.post(f"{address}end/", follow=True))
    assert frank.post(f"{address}end/", follow=True).status_code == 200  # pressed twice
    block.refresh_from_db()
    assert block.ended_at is not None
    assert "No block is kept here." in text_of(frank.get(PAGE, {"blocks": "yes"}))


@pytest.mark.parametrize("act", ["change", "end"])
def test_whoever_acts_on_what_a_colleague_has_changed_meanwhile_is_shown_it_as_it_is_now(act, frank, grace, site):
    block = make_block(grace, 4, "14:00", "15:00", reason="Beside infusion")
    stale = hidden_on(frank.get(f"{PAGE}blocks/{block.public_id}/{act}/"))
    sent = {one.name: one.value() for one in BlockForm(None, site, editable_block(block.public_id).facts)}
    family_blocks.change(block, reason="Beside chemo", by=SYSTEM, at=AT)
    done = frank.post(
        f"{PAGE}blocks/{block.public_id}/{act}/",
        {k: v for k, v in sent.items() if v} | stale | {"sure": "1"},
        follow=True,
    )
    shown = text_of(done)
    assert "Somebody has changed this since you opened the page" in shown
    assert "Beside chemo" in done.content.decode()
    block.refresh_from_db()
    assert (block.reason, block.ended_at) == ("Beside chemo", None)


@pytest.mark.parametrize("starts_at", ["", "x", "2026-10-08T14:00:00", "2026-10-08T15:00:00+00:00"])
def test_a_day_that_is_none_is_refused(starts_at, frank, grace):
    block = make_block(grace, 4, "14:00", "16:00")
    done = frank.post(f"{PAGE}blocks/{block.public_id}/open/", {"starts_at": starts_at})
    assert done.status_code in {400, 404}
    assert not BlockDecision.objects.exists()


def test_nobody_of_another_site_decides(frank, grace, riverside):
    block = make_block(grace, 4, "14:00", "16:00")
    olga = staff("olga", Role.PROGRAM, riverside)
    assert olga.post(f"{PAGE}blocks/{block.public_id}/open/", {"starts_at": THURSDAY.isoformat()}).status_code == 404
    for act in ("change", "end"):
        assert olga.post(f"{PAGE}blocks/{block.public_id}/{act}/", wanted(grace, sure="1")).status_code == 404
