"""Week sheets: laid out from the calendars, for each site that a resource serves."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from scheduler.actions import sheets
from scheduler.models import Absence, Closure, OpeningHours, Resource, WeekSheet
from scheduler.models.resources import ResourceKind
from scheduler.ticks import TICKS_A_WEEK, WEEK, each, week_of
from tests.factories.scheduler import (
    AT,
    chicago,
    hands,
    lay_out,
    make_claim,
    make_device,
    make_hours,
    make_places,
    make_practitioner,
    make_site,
)

pytestmark = pytest.mark.django_db
MONDAY = week_of(AT)


def sheet(resource, *, week=MONDAY, site=None):
    return WeekSheet.objects.get(resource=resource, week=week, **({"site": site} if site else {}))


def ticks(found):
    return list(each(found.open, total=TICKS_A_WEEK))


def test_dr_lis_hands_are_free_in_her_working_hours_in_chicago(catalogue):
    li = make_practitioner(make_site())
    lay_out()
    found = ticks(sheet(hands(li)))
    assert found[0] == 14 * 12, "nine in Chicago is fourteen o'clock UTC in October"
    assert len(found) == 5 * 8 * 12


def test_after_the_clocks_went_back_nine_in_chicago_is_an_hour_later_in_utc(catalogue):
    li = make_practitioner(make_site())
    lay_out()
    assert ticks(sheet(hands(li), week=MONDAY + WEEK * 4))[0] == 15 * 12


def test_lanes_are_open_as_the_hands_are_and_places_and_devices_as_the_site_is(catalogue):
    site = make_site(opens="07:00", closes="21:00")
    li, (place,), device = make_practitioner(site), make_places(site, 1), make_device(site)
    lay_out()
    assert sheet(li.resources.filter(kind=ResourceKind.LANE)[0]).open == sheet(hands(li)).open != 0
    assert sheet(place.resource).open.bit_count() == sheet(device.resource).open.bit_count() == 7 * 14 * 12


def test_a_practitioner_has_a_sheet_for_each_site_with_the_hours_there(catalogue):
    lakeside, riverside = make_site("lakeside"), make_site("riverside")
    li = make_practitioner(lakeside, riverside, hours=[(1, "09:00", "12:00")])
    make_hours(li, riverside, [(2, "13:00", "15:00")])
    lay_out()
    assert ticks(sheet(hands(li), site=lakeside)) == list(range(14 * 12, 17 * 12))
    assert ticks(sheet(hands(li), site=riverside)) == list(range((24 + 18) * 12, (24 + 20) * 12))


def test_absences_and_confirmed_closures_shut_and_suggestions_do_not(catalogue):
    site = make_site()
    li, (place,) = make_practitioner(site, hours=[(1, "09:00", "17:00"), (2, "09:00", "17:00")]), make_places(site, 1)
    Absence.objects.create(practitioner=li, period=(chicago("2026-10-05", "09:00"), chicago("2026-10-05", "12:00")))
    Closure.objects.create(site=site, first_on="2026-10-06", last_on="2026-10-06", name="Inventory")
    Closure.objects.create(site=site, first_on="2026-10-05", last_on="2026-10-05", name="Holiday?", confirmed=False)
    lay_out()
    assert ticks(sheet(hands(li))) == list(range(17 * 12, 22 * 12))
    assert sheet(place.resource).open.bit_count() == 6 * 14 * 12


def test_sheets_are_made_once_and_a_second_run_makes_none(catalogue):
    site = make_site()
    make_practitioner(site)
    ids = set(Resource.objects.values_list("pk", flat=True))
    assert sheets.ensure(ids, [MONDAY]) == len(ids)
    assert sheets.ensure(ids, [MONDAY]) == 0
    assert sheets.ensure(ids, [MONDAY, MONDAY + WEEK]) == len(ids)


def test_the_weeks_ahead_reach_half_a_year_and_four_weeks(catalogue):
    make_practitioner(make_site())
    sheets.extend(at=AT)
    last = WeekSheet.objects.latest("week").week
    assert last == week_of(AT + timedelta(days=208))


def test_the_command_says_how_many_sheets_are_new_and_then_nothing(catalogue, capsys):
    make_places(make_site(), 1)
    call_command("extend_sheets")
    assert "new" in capsys.readouterr().out
    call_command("extend_sheets")
    assert not capsys.readouterr().out


def test_a_sheet_made_for_one_more_site_knows_what_is_taken_at_the_first(catalogue):
    lakeside, riverside = make_site("lakeside"), make_site("riverside")
    li = make_practitioner(lakeside)
    lay_out()
    make_claim(hands(li), chicago("2026-10-06", "10:00"), 60)

    hands(li).sites.add(riverside)
    lay_out()

    assert sheet(hands(li), site=riverside).taken == sheet(hands(li), site=lakeside).taken != 0


def test_opening_anew_says_which_ticks_were_lost_and_touches_no_claim(catalogue):
    site = make_site()
    (place,) = make_places(site, 1)
    lay_out()
    claim = make_claim(place.resource, chicago("2026-10-05", "08:00"), 30)
    OpeningHours.objects.filter(weekday=1).update(opens="08:00")

    lost = sheets.reopen(sites=[site.pk], first=MONDAY, last=MONDAY)

    assert [(page.resource, page.lost.bit_count()) for page in lost] == [(place.resource.pk, 12)]
    claim.refresh_from_db()
    assert claim.retired_at is None
    assert sheet(place.resource).taken.bit_count() == 6


def test_laying_out_takes_the_same_few_queries_for_one_practitioner_and_for_many(
    catalogue, django_assert_max_num_queries
):
    site = make_site()
    for n in range(12):
        make_practitioner(site, name=f"Practitioner {n}")
    make_places(site, 10)
    with django_assert_max_num_queries(14):
        sheets.extend(at=AT)
