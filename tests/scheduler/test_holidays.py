"""Public holidays are suggested; nothing is shut before somebody confirms it."""

from datetime import date, time, timedelta

import pytest

from core import clock
from core.principal import Principal
from scheduler import tasks
from scheduler.actions import calendars, holidays, sites
from scheduler.models import Closure, SuggestedHoliday, WeekSheet
from tests.factories.scheduler import AT, lay_out, make_places, make_site

pytestmark = pytest.mark.django_db
EDITOR = Principal.system("test")
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


def test_a_meeting_on_the_morning_of_thanksgiving_does_not_keep_the_day_from_being_suggested():
    site = make_site()
    day = date(2026, 11, 26)
    calendars.add_closure(site, first_on=day, last_on=day, ends=time(9), name="Meeting", by=EDITOR, at=AT)
    eve = {"first_on": date(2026, 12, 24), "starts": time(12), "last_on": date(2026, 12, 25)}
    calendars.add_closure(site, **eve, name="Christmas", by=EDITOR, at=AT)
    holidays.suggest(site, **YEAR)
    suggested = set(Closure.objects.filter(confirmed=False).values_list("first_on", flat=True))
    assert day in suggested
    assert date(2026, 12, 25) not in suggested


def test_in_a_state_that_nobody_knows_the_national_holidays_are_suggested():
    found = holidays.public_holidays("Elsewhere", date(2026, 1, 1), date(2026, 12, 31))
    assert date(2026, 12, 25) in found
    assert date(2026, 3, 2) not in found


def test_the_daily_task_lays_out_weeks_and_suggests_the_whole_first_year_at_once():
    site = make_site()
    make_places(site, 1)
    tasks.extend_sheets()
    assert WeekSheet.objects.count() >= 30
    tasks.check_drift()
    today = clock.now().astimezone(site.tz).date()
    known = holidays.public_holidays("IL", today, today + holidays.AHEAD)
    assert set(Closure.objects.values_list("first_on", flat=True)) == set(known)


def test_a_site_that_is_added_has_the_suggestions_of_its_first_year():
    made_of = ("name", "street", "city", "state", "postal_code", "phone", "zone")
    other = make_site()
    fields = {name: getattr(other, name) for name in made_of}
    site = sites.add_site(**fields, key="new", by=EDITOR, at=AT).row
    assert Closure.objects.filter(site=site, first_on=date(2026, 11, 26), confirmed=False).exists()
    assert Closure.objects.filter(site=site, first_on=date(2027, 9, 6)).exists()


@pytest.mark.parametrize("gone", ["removed", "removed after it was confirmed", "moved to another day"])
def test_a_suggestion_that_dana_put_aside_is_not_made_again(gone):
    site = make_site()
    holidays.suggest_year(site, at=AT)
    lincoln = Closure.objects.get(first_on=date(2027, 2, 12))
    put_aside(lincoln, gone)
    for later in (AT, AT + timedelta(days=1), AT + timedelta(days=100)):
        holidays.suggest_everywhere(at=later)
        holidays.suggest_year(site, at=later)
    assert not Closure.objects.filter(first_on=date(2027, 2, 12)).exists()


def put_aside(closure: Closure, how: str) -> None:
    if how.startswith("moved"):
        days = {"first_on": date(2027, 2, 15), "last_on": date(2027, 2, 15)}
        calendars.change_closure(closure, **days, name="Staff day", confirmed=True, by=EDITOR, at=AT)
        return
    if "confirmed" in how:
        calendars.confirm_closure(closure, by=EDITOR, at=AT)
    calendars.remove_closure(closure, by=EDITOR, at=AT)


def test_twin_without_the_memory_the_removed_one_is_suggested_again():
    site = make_site()
    holidays.suggest_year(site, at=AT)
    calendars.remove_closure(Closure.objects.get(first_on=date(2027, 2, 12)), by=EDITOR, at=AT)
    SuggestedHoliday.objects.all().delete()
    holidays.suggest_year(site, at=AT)
    assert Closure.objects.filter(first_on=date(2027, 2, 12)).exists()


def test_as_the_year_goes_on_the_holiday_that_comes_within_a_year_is_suggested():
    site = make_site()
    holidays.suggest_year(site, at=AT)
    assert not Closure.objects.filter(first_on=date(2027, 10, 11)).exists()
    assert holidays.suggest_everywhere(at=AT + timedelta(days=7)) == 1
    assert Closure.objects.filter(first_on=date(2027, 10, 11), site=site).exists()
