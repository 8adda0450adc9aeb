"""In which suites a practitioner has patients, tick by tick."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.database.round_trip import read_together
from core.principal import Principal
from scheduler.actions.catalogue_edits import change
from scheduler.search.presence import engaged
from scheduler.ticks import TICK, midnight, week_of
from tests.factories.scheduler import (
    AT,
    hands,
    lay_out,
    make_claim,
    make_place,
    make_practitioner,
    make_room,
    make_site,
)

pytestmark = pytest.mark.django_db
START = midnight(week_of(AT))
TICKS = 2 * 2016
HOUR = timedelta(hours=1)


@pytest.fixture
def clinic(catalogue):
    """Dr Li, and two bays of one room in the north, one in the south."""
    site = make_site()
    north, south = make_room(site, suite="north"), make_room(site, suite="south")
    bays = [make_place(room).resource for room in (north, north, south)]
    li = make_practitioner(site)
    lay_out()
    return li, *bays


def visit(li, start, *bays, lane=False, **facts):
    """Take Dr Li's hands (or a lane) for half an hour, and bays for the whole of one."""
    free = li.resources.exclude(lane=None).filter(claims=None).first() if lane else hands(li)
    allocation = make_claim(free, start, 30, **facts).allocation
    for bay in bays:
        make_claim(bay, start, 60, allocation=allocation, **facts)
    return allocation


def told(li, **facts) -> dict[str, list[int]]:
    """Return by suite of their first site the ticks in which Dr Li is there."""
    (presence,) = read_together(
        engaged([li.pk], (START, START + TICKS * TICK), origin=START, total=TICKS, **{"at": AT} | facts)
    )
    here = li.working_hours.first().site_id
    return {
        suite: [n for n in range(TICKS) if bits >> (TICKS - 1 - n) & 1]
        for (site, suite), of in presence.items()
        if site == here and (bits := of.get(li.pk))
    }


def six(first: int) -> list[int]:
    return list(range(first, first + 6))


def test_the_hands_count_by_the_suite_of_the_bay_also_in_the_second_week(clinic):
    li, north, _, south = clinic
    visit(li, START + 10 * HOUR, north)
    visit(li, START + timedelta(days=7, hours=1), south)
    assert told(li) == {"north": six(120), "south": six(2016 + 12)}


def test_the_north_of_another_site_is_another_part_of_town(clinic):
    li, north, *_others = clinic
    riverside = make_site("riverside")
    visit(li, START + 9 * HOUR, north)
    visit(li, START + 12 * HOUR, make_place(make_room(riverside, suite="north")).resource, lane=True)
    assert told(li) == {"north": six(9 * 12)}


def test_a_visit_in_a_whole_room_is_in_one_suite(clinic):
    li, north, beside, _ = clinic
    visit(li, START + 10 * HOUR, north, beside)
    assert told(li) == {"north": six(120)}


def moved(room, suite):
    """Say that a room lies in another suite; return what whoever says so is warned of."""
    return [one.detail for one in change(room, by=Principal.system("test"), at=AT, suite=suite).warnings]


def test_whoever_moves_a_room_to_another_suite_is_told_whose_patients_would_be_apart(clinic):
    li, north, beside, south = clinic
    visit(li, START + timedelta(days=9, hours=15), north)
    room = south.place.room
    visit(li, START + timedelta(days=9, hours=15, minutes=30), south)
    visit(li, START + timedelta(days=9, hours=17), beside)
    assert moved(room, "east") == []  # one after the other: nobody is left alone
    visit(li, START + timedelta(days=10, hours=15, minutes=30), south, lane=True)
    visit(li, START + timedelta(days=10, hours=15, minutes=10), beside, lane=True)
    assert moved(room, "north") == []
    (told,) = moved(room, "south")
    assert "Dr Li, Thursday, October 15, 2026, 10:10" in told.replace("\u202f", " ").replace("\u00a0", " ")
    assert "stay booked" in told
    assert moved(room, "north") == []


def test_what_began_before_or_ends_after_is_cut_off(clinic):
    li, north, _, south = clinic
    visit(li, START - HOUR / 4, north)
    visit(li, START + timedelta(days=14) - HOUR / 4, south)
    assert told(li) == {"north": [0, 1, 2], "south": [TICKS - 3, TICKS - 2, TICKS - 1]}


def test_what_ran_out_what_moves_and_whoever_else_is_there_do_not_count(clinic):
    li, north, _, south = clinic
    visit(li, START + 10 * HOUR, north, expires_at=AT)
    moving = visit(li, START + 12 * HOUR, south)
    visit(make_practitioner(li.resources.first().sites.get(), name="Dr Wu"), START + 14 * HOUR, north)
    assert told(li) == {"south": six(144)}
    assert told(li, without=[moving, uuid4()]) == {}
