"""Which weeks a search reads, and in how many trips."""

from datetime import timedelta

import pytest

from core.database.round_trip import read_together
from scheduler.models import OpeningHours, TravelTime, WeekSheet
from scheduler.public import search
from scheduler.search.availability import Availability
from scheduler.sheets import free_time
from scheduler.ticks import TICKS_A_WEEK, week_of
from tests.factories.scheduler import AT, hands, lay_out, make_places, make_practitioner, make_site
from tests.scheduler.test_search import FRIDAY_NIGHT, STAFF, query, wall

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]


@pytest.mark.parametrize("suites", [["main"], ["north", "south"]])
@pytest.mark.parametrize("far_apart", [False, True])
@pytest.mark.parametrize("people", [1, 12])
@pytest.mark.parametrize("at", [AT, FRIDAY_NIGHT], ids=["monday", "friday night"])
def test_a_search_makes_three_trips_at_most(people, suites, far_apart, at, django_assert_max_num_queries):
    site = make_site()
    if far_apart:
        TravelTime.objects.create(site=site, other_site=make_site("riverside"), minutes=30)
    for suite in suites:
        make_places(site, 2, suite=suite)
    for n in range(people):
        make_practitioner(site, name=f"Practitioner {n}")
    lay_out(weeks=15)
    search(query(), at=AT)
    for length in (7, 90):
        with django_assert_max_num_queries(1 + 3):  # the catalogue's stamp, then the search
            search(query(starts_at=at, ends_at=at + timedelta(days=length), limit=5000, audience=STAFF), at=at)


@pytest.fixture
def weeks_read(monkeypatch):
    read, load = [], Availability.load
    monkeypatch.setattr(
        Availability, "load", lambda self, weeks, **kind: (read.extend(weeks), load(self, weeks, **kind))
    )
    return read


@pytest.mark.parametrize("suites", [["main"], ["north", "south"]])
def test_whoever_wants_one_of_the_soonest_times_is_answered_from_the_week_that_has_begun(suites, weeks_read):
    site = make_site()
    for suite in suites:
        make_places(site, 2, suite=suite)
    make_practitioner(site)
    lay_out()
    friday = AT + timedelta(days=4)
    assert wall(search(query(starts_at=friday, limit=4), at=friday))[0] == "Fri 09:00"
    assert weeks_read == [week_of(friday)]


@pytest.mark.parametrize(("closes", "weeks"), [("21:00", [0, 1]), ("18:00", [1])])
def test_a_week_in_which_the_clinic_is_closed_by_now_is_not_read(closes, weeks, weeks_read):
    site = make_site(closes=closes)
    OpeningHours.objects.filter(site=site, weekday__gt=5).delete()
    make_places(site, 2)
    make_practitioner(site)
    lay_out()
    assert wall(search(query(starts_at=FRIDAY_NIGHT, limit=4), at=FRIDAY_NIGHT))[0] == "Mon 09:00"
    assert weeks_read == [week_of(AT) + timedelta(weeks=n) for n in weeks]


@pytest.mark.parametrize("suites", [["main"], ["north", "south"]])
def test_people_who_come_when_one_utc_week_passes_into_the_next_are_shown_each_time_in_order(suites):
    site = make_site()  # on Sundays at 19:00 by the clock of Chicago a week ends
    for suite in suites:
        make_places(site, 2, suite=suite)
    make_practitioner(site, hours=[(7, "16:00", "21:00"), (1, "09:00", "10:30")])
    lay_out()
    sunday = AT + timedelta(days=6)
    everything = search(query(starts_at=sunday, limit=None), at=sunday)
    assert {"Sun 18:00", "Sun 18:45", "Sun 19:00", "Mon 09:00"} <= set(wall(everything))
    for wanted in range(1, len(everything)):
        assert search(query(starts_at=sunday, limit=wanted), at=sunday) == everything[:wanted]


def ticks_read(weeks, site):
    resources = WeekSheet.objects.values_list("resource", flat=True).distinct()
    (found,) = read_together(free_time.read(list(resources), weeks, [site.pk]))
    return found


def test_a_sheet_that_is_missing_leaves_the_weeks_beside_it_in_their_place(site, li):
    lay_out()
    weeks = [week_of(AT) + timedelta(weeks=n) for n in range(4)]
    WeekSheet.objects.filter(resource=hands(li), week=weeks[1]).delete()
    closed, one_by_one = bytes(TICKS_A_WEEK // 8), [ticks_read([week], site) for week in weeks]
    in_a_row = {key: b"".join(read.get(key, closed) for read in one_by_one) for key in one_by_one[0]}
    assert (hands(li).pk, site.pk) not in one_by_one[1]
    assert ticks_read(weeks, site) == in_a_row
