"""Whoever cannot have a time is offered the nearest ones that they may book."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from scheduler.public import Audience, SearchQuery, SlotTaken, alternatives, search
from scheduler.search.slot_ids import SlotKey
from tests.factories.scheduler import (
    AT,
    chicago,
    claim,
    hands,
    lay_out,
    make_claim,
    make_places,
    make_practitioner,
    make_site,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
STAFF = Audience.STAFF


@pytest.fixture
def site():
    site = make_site()
    make_places(site, 3)
    return site


def key(who, start, site="lakeside"):
    return SlotKey(
        practitioner=who.public_id, site=site, therapy="acu_manual", visit="followup", technique="", start=start
    )


def refused(one, *, audience, at=AT):
    """Take a time away and return what is offered to the next who wants it."""
    claim(one.encode(), audience=audience, allocation=uuid4(), expires_at=None, at=at)
    with pytest.raises(SlotTaken) as refusal:
        claim(one.encode(), audience=audience, allocation=uuid4(), expires_at=None, at=at)
    return refusal.value.facts["alternatives"]


def told(slots):
    return [(s.practitioner.name, f"{s.start.astimezone(s.site.tz):%d %H:%M}") for s in slots]


def test_the_same_day_comes_first_then_the_same_site_then_the_same_practitioner(site):
    other = make_site("riverside")
    make_places(other, 1)
    li, sol = make_practitioner(site), make_practitioner(site, name="Sol Reyes")
    make_practitioner(other, name="Dr Wu")
    lay_out()
    make_claim(hands(li), chicago("2026-10-07", "10:00"), 6 * 60 + 55 - 5)
    make_claim(hands(sol), chicago("2026-10-07", "09:15"), 7 * 60)
    near = refused(key(li, chicago("2026-10-07", "09:00")), audience=STAFF)
    assert told(near) == [("Dr Wu", "07 09:00"), ("Dr Wu", "07 09:15"), ("Dr Wu", "07 09:30")]


def test_dr_li_s_own_later_time_comes_before_somebody_else_s_at_the_same_hour(site):
    li = make_practitioner(site)
    make_practitioner(site, name="Sol Reyes")
    lay_out()
    make_claim(hands(li), chicago("2026-10-07", "10:00"), 5 * 60)
    near = refused(key(li, chicago("2026-10-07", "09:00")), audience=STAFF)
    assert told(near) == [("Dr Li", "07 15:00"), ("Dr Li", "07 15:15"), ("Dr Li", "07 15:30")]


def test_among_many_practitioners_the_nearest_are_of_the_same_day(site):
    many = [make_practitioner(site, name=f"Practitioner {n:02}") for n in range(15)]
    lay_out()
    taken = key(many[7], chicago("2026-10-16", "16:00"))
    near = refused(taken, audience=STAFF)
    assert len(near) == 3
    assert all(abs(s.start - taken.start) < timedelta(hours=3) for s in near)
    assert {s.practitioner.name for s in near} == {"Practitioner 07"}


def test_staff_are_offered_times_beyond_the_horizon_of_patients_and_patients_are_not(site):
    li = make_practitioner(site)
    lay_out(weeks=12)
    far = key(li, chicago("2026-12-08", "10:00"))
    near = refused(far, audience=STAFF)
    assert [s.start.date() for s in near] == [far.start.date()] * 3
    offered = alternatives(far, audience=Audience.PATIENT, at=AT)
    assert len(offered) == 3
    assert max(s.start for s in offered) < AT + timedelta(days=42)


def test_where_nothing_is_near_the_nearest_is_farther_away(site):
    li = make_practitioner(site, hours=[(3, "09:00", "10:05")])
    lay_out()
    one = key(li, chicago("2026-10-07", "09:00"))
    near = refused(one, audience=STAFF)
    assert [day for _, day in told(near)] == ["14 09:00", "21 09:00", "28 09:00"]


def test_a_gap_is_offered_from_where_it_begins(site):
    li = make_practitioner(site, offers=["acupressure"])
    lay_out()
    make_claim(hands(li), chicago("2026-10-07", "08:00"), 70)
    make_claim(hands(li), chicago("2026-10-07", "09:45"), 7 * 60 + 15)
    query = SearchQuery(
        therapy="acupressure",
        visit="followup",
        starts_at=chicago("2026-10-07", "00:00"),
        ends_at=chicago("2026-10-07", "23:00"),
        audience=STAFF,
    )
    assert told(search(query, at=AT)) == [("Dr Li", "07 09:10")]


def test_a_search_goes_on_after_the_last_that_was_shown_until_all_were(site):
    for n in range(3):
        make_practitioner(site, name=f"Practitioner {n}")
    lay_out()
    days = {"starts_at": chicago("2026-10-07", "00:00"), "ends_at": chicago("2026-10-08", "11:00")}
    query = SearchQuery(therapy="acu_manual", visit="followup", audience=STAFF, limit=40, **days)
    seen = []
    while page := search(query, at=AT):
        seen += page
        query = replace(query, after=page[-1].key)
    assert [s.id for s in seen] == [s.id for s in search(replace(query, after=None, limit=None), at=AT)]
    assert len(seen) > 80
