"""Whoever treats at two sites needs the way between them: search, explanation and claims keep it alike."""

import random
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from core.principal import Principal
from core.refusals import Invalid
from scheduler.actions import claims, travel
from scheduler.actions.claims import ClaimRequest
from scheduler.audience import Audience
from scheduler.errors import SlotTaken
from scheduler.models import Claim, TravelTime
from scheduler.search.availability import Availability
from scheduler.search.explanations import explain
from scheduler.search.queries import search
from scheduler.search.search_query import SearchQuery
from scheduler.search.slot_ids import SlotKey, slot
from tests.factories.scheduler import (
    AT,
    EVERY_DAY,
    chicago,
    lay_out,
    make_hours,
    make_places,
    make_practitioner,
    make_site,
)  # fmt: skip

pytestmark = pytest.mark.django_db
HOW = {"by": Principal(key="user:bo"), "at": AT}
MINUTE = timedelta(minutes=1)
LONG = tuple((day, "07:00", "21:00") for day in EVERY_DAY)


@pytest.fixture
def sites(catalogue):
    found = [make_site(key) for key in ("lakeside", "riverside", "harbor")]
    for site in found:
        make_places(site, 2)
    return found


@pytest.fixture
def li(sites):
    practitioner = make_practitioner(*sites, hours=LONG)
    for site in sites[1:]:
        make_hours(practitioner, site, LONG)
    lay_out(weeks=2)
    return practitioner


def slot_at(li, site, start):
    return SlotKey(
        practitioner=li.public_id, site=site.key, therapy="acu_manual", visit="followup", technique="", start=start
    ).encode()


def claim(li, site, start, **more):
    wanted = slot(slot_at(li, site, start))
    request = ClaimRequest(slot=wanted, allocation=uuid4(), audience=Audience.STAFF, **more)
    (done,) = claims.claim([request], at=AT)
    return done, request.allocation


def found(day):
    """Return every start of a day, by site."""
    query = SearchQuery(
        therapy="acu_manual",
        visit="followup",
        starts_at=chicago(day, "00:00"),
        ends_at=chicago(day, "23:55"),
        audience=Audience.STAFF,
        limit=None,
        step_minutes=5,
    )
    return {(one.site.key, one.start) for one in search(query, at=AT)}


def stays(li):
    """Return (site, from, until) of each visit: while Dr Li is with the patient or nearby."""
    rows = Claim.objects.filter(retired_at=None)
    at = dict(rows.filter(resource__place__isnull=False).values_list("allocation", "resource__place__room__site__key"))
    periods = {}
    for name, period in rows.filter(resource__practitioner=li).values_list("allocation", "period"):
        periods.setdefault(name, []).append(period)
    return [(at[name], min(p.lower for p in all_of), max(p.upper for p in all_of)) for name, all_of in periods.items()]


def reachable(site, start, known, minutes, contact):
    """Look minute by minute whether somebody can be at a site, with these stays and ways."""
    for other, since, until in known:
        way = minutes.get(frozenset((site, other)), 0) if other != site else 0
        for n in range(int(contact / MINUTE)):
            if way and since - way * MINUTE <= start + n * MINUTE < until + way * MINUTE:
                return False
    return True


@pytest.mark.parametrize("seed", range(3))
def test_search_explanation_and_claims_agree_with_whoever_walks_every_minute(sites, li, seed):
    chance, day = random.Random(seed), "2026-10-07"
    for _ in range(6):
        start = chicago(day, "07:00") + 5 * MINUTE * chance.randrange(140)
        with suppress(SlotTaken):
            claim(li, chance.choice(sites), start)
    known, without = stays(li), found(day)
    contact = known[0][2] - known[0][1]
    minutes = {}
    for first, second in ((0, 1), (1, 2)):
        pair = sites[first], sites[second]
        minutes[frozenset(site.key for site in pair)] = way = chance.choice([7, 20, 45, 90])
        travel.add_travel_time(*pair, minutes=way, **HOW)
    ways = {pair: -(-way // 5) * 5 for pair, way in minutes.items()}  # claims are made in steps of five minutes
    now = found(day)
    assert now == {(site, start) for site, start in without if reachable(site, start, known, ways, contact)}
    assert now < without
    by_key = {site.key: site for site in sites}
    for key, start in [*chance.sample(sorted(without - now), 3), *chance.sample(sorted(now), 2)]:
        said = explain(slot(slot_at(li, by_key[key], start)), at=AT, audience=Audience.STAFF)
        assert said.free is ((key, start) in now)
        assert {reason.code for reason in said.reasons} <= {"practitioner-travelling"}
        with transaction.atomic():
            try:
                claim(li, by_key[key], start)
            except SlotTaken:
                assert (key, start) not in now
            else:
                assert (key, start) in now
            transaction.set_rollback(True)


def stale(monkeypatch):
    """Let Dr Li's other visits stay unseen before the sheets are locked, as when they are booked at the same moment."""
    monkeypatch.setattr(Availability, "in_time", lambda _self, _offer: -1)


def two_visits(li, sites):
    travel.add_travel_time(*sites[:2], minutes=60, **HOW)
    first, _ = claim(li, sites[0], chicago("2026-10-07", "09:00"))
    claim(li, sites[1], first.period[1] + 30 * MINUTE)


def test_of_two_bookings_at_once_that_leave_no_time_for_the_way_the_second_is_refused_under_the_lock(
    sites, li, monkeypatch
):
    stale(monkeypatch)
    with pytest.raises(SlotTaken):
        two_visits(li, sites)
    assert len(stays(li)) == 1


def test_twin_without_the_second_look_both_are_booked(sites, li, monkeypatch):
    stale(monkeypatch)
    monkeypatch.setattr(claims, "_still_in_time", lambda *_: True)
    two_visits(li, sites)
    assert len(stays(li)) == 2


def test_whoever_says_that_a_way_is_longer_is_told_which_appointments_lie_too_near_for_it(sites, li):
    first, _ = claim(li, sites[0], chicago("2026-10-07", "09:00"))
    claim(li, sites[1], first.period[1] + 30 * MINUTE)
    claim(li, sites[1], chicago("2026-10-08", "09:00"))
    assert travel.add_travel_time(*sites[:2], minutes=60, **HOW, dry_run=True).warnings
    row = travel.add_travel_time(*sites[:2], minutes=20, **HOW)
    assert row.warnings == ()
    (warning,) = travel.change_travel_time(row.row, minutes=60, **HOW).warnings
    assert warning.code == "too-near-to-travel"
    for named in ("Dr Li", "October 7", "9:00", "(Lakeside clinic)", "10:30", "(Riverside clinic)", "stay booked"):
        assert named in warning.detail.replace("\u202f", " ")
    assert "October 8" not in warning.detail
    assert len(stays(li)) == 3
    assert travel.remove_travel_time(row.row, **HOW).warnings == ()


def test_the_way_is_kept_from_a_sunday_evening_into_the_next_week_of_the_sheets(sites, li):
    travel.add_travel_time(*sites[:2], minutes=60, **HOW)
    last, _ = claim(li, sites[0], chicago("2026-10-11", "17:45"))  # a week of the sheets ends at 19:00
    ends = max(until for _, _, until in stays(li))
    assert last.period[1] <= chicago("2026-10-11", "19:00") < ends + 60 * MINUTE
    with pytest.raises(SlotTaken):
        claim(li, sites[1], ends + 55 * MINUTE)
    assert claim(li, sites[1], ends + 60 * MINUTE)


def test_a_visit_moves_to_the_other_site_without_its_own_time_in_the_way(sites, li):
    travel.add_travel_time(*sites[:2], minutes=60, **HOW)
    start = chicago("2026-10-07", "09:00")
    _, first = claim(li, sites[0], start)
    moved = slot_at(li, sites[1], start + 30 * MINUTE)
    said = explain(slot(moved), at=AT, audience=Audience.STAFF)
    assert [one.code for one in said.reasons][-1] == "practitioner-travelling"
    claim(li, sites[1], start + 30 * MINUTE, replacing=first)
    assert [site for site, *_ in stays(li)] == ["riverside"]


def test_a_pair_of_sites_has_one_travel_time_whichever_is_named_first(sites):
    row = travel.add_travel_time(sites[1], sites[0], minutes=20, **HOW).row
    assert (row.site, row.other_site) == (sites[0], sites[1])
    for pair, minutes, field in (
        ((sites[0], sites[1]), 30, "other_site"),
        ((sites[0], sites[0]), 30, "other_site"),
        ((sites[0], sites[2]), 0, "minutes"),
        ((sites[0], sites[2]), 481, "minutes"),
    ):
        with pytest.raises(Invalid) as refused:
            travel.add_travel_time(*pair, minutes=minutes, **HOW)
        assert [error["pointer"] for error in refused.value.facts["errors"]] == [f"/{field}"]
    assert TravelTime.objects.count() == 1
