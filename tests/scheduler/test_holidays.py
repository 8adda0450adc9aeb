"""Public holidays are suggested; nothing is shut before somebody confirms it."""

from datetime import date

import pytest

from core import clock
from scheduler import tasks
from scheduler.actions import holidays
from scheduler.models import Closure, WeekSheet
from tests.factories.scheduler import AT, lay_out, make_places, make_site

pytestmark = pytest.mark.django_db
YEAR = {"first_on": date(2026, 10, 5), "last_on": date(2027, 10, 4)}


def test_thanksgiving_and_the_days_of_illinois_are_suggested_for_a_site_in_chicago():
    site = make_site()
    assert holidays.suggest_year(site, at=AT) == Closure.objects.count() > 10
    names = dict(Closure.objects.values_list("first_on", "name"))
    assert names[date(2026, 11, 26)].startswith("Thanksgiving")
    assert "Lincoln" in names[date(2027, 2, 12)]
    assert not Closure.objects.filter(confirmed=True).exists()


def test_a_suggestion_shuts_nothing():
    site = make_site()
    make_places(site, 1)
    lay_out(weeks=12)
    before = list(WeekSheet.objects.order_by("pk").values_list("open", flat=True))
    holidays.suggest(site, **YEAR)
    WeekSheet.objects.all().delete()
    lay_out(weeks=12)
    assert list(WeekSheet.objects.order_by("pk").values_list("open", flat=True)) == before


def test_a_second_run_suggests_nothing_and_days_that_are_closed_anyway_are_left_alone():
    site = make_site()
    Closure.objects.create(site=site, first_on="2026-12-24", last_on="2026-12-31", name="Winter break")
    holidays.suggest(site, **YEAR)
    assert not Closure.objects.filter(first_on=date(2026, 12, 25)).exists()
    assert holidays.suggest(site, **YEAR) == 0


def test_in_a_state_that_nobody_knows_the_national_holidays_are_suggested():
    found = holidays.public_holidays("Elsewhere", date(2026, 1, 1), date(2026, 12, 31))
    assert date(2026, 12, 25) in found
    assert date(2026, 3, 2) not in found


def test_the_daily_task_lays_out_weeks_and_suggests_what_has_come_into_sight():
    make_places(make_site(), 1)
    tasks.extend_sheets()
    assert WeekSheet.objects.count() >= 30
    tasks.check_drift()
    edge = clock.now().date() + holidays.AHEAD
    assert all(edge - holidays.OVERLAP <= c.first_on <= edge for c in Closure.objects.all())
