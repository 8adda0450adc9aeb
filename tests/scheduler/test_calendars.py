"""Editing calendars: what is open follows, visits stay, and whoever edits is told which lose their cover."""

from dataclasses import replace
from datetime import date, time
from uuid import uuid4

import pytest

from core.principal import Principal
from core.refusals import Invalid, Missing
from scheduler.actions import calendars, drift
from scheduler.actions.calendars import Shift
from scheduler.errors import AbsenceClash, ClosureClash, HoursClash
from scheduler.models import Absence, Claim, Closure, WeekSheet, WorkingHours
from scheduler.models.resources import ResourceKind
from scheduler.ticks import WEEK, week_of
from tests.factories.scheduler import (
    AT,
    SINCE,
    chicago,
    hands,
    lay_out,
    make_claim,
    make_places,
    make_practitioner,
    make_site,
)  # fmt: skip

pytestmark = pytest.mark.django_db
MONDAY = week_of(AT)
DANA = Principal(key="user:dana")
HOW = {"by": DANA, "at": AT}


@pytest.fixture
def site(catalogue):
    return make_site()


@pytest.fixture
def li(site):
    return make_practitioner(site, hours=[(1, "09:00", "17:00"), (2, "09:00", "17:00")])


@pytest.fixture
def bay(site):
    return make_places(site, 1)[0]


def shift(site, **changes):
    return replace(Shift(site=site, weekday=3, starts=time(9), ends=time(12), valid_from=SINCE), **changes)


def open_minutes(resource, *, week=MONDAY, site=None):
    rows = WeekSheet.objects.filter(resource=resource, week=week, **({"site": site} if site else {}))
    return sum(5 * row.open.bit_count() for row in rows)


def book(li, bay, start, *, minutes=60):
    """Take Dr Li's hands and the bay, as a visit does."""
    visit = uuid4()
    make_claim(hands(li), start, minutes, allocation=visit)
    make_claim(bay.resource, start, minutes + 10, allocation=visit)
    return visit


def told(impact):
    return [one.allocation for one in impact.uncovered]


def test_working_hours_that_dana_adds_can_be_booked_at_once(site, li):
    lay_out()
    impact = calendars.add_hours(li, shift(site), **HOW)
    assert open_minutes(hands(li)) == (8 + 8 + 3) * 60
    assert impact.uncovered == ()
    assert impact.row == WorkingHours.objects.get(weekday=3)


def test_hours_every_second_week_open_every_second_week(site, li):
    lay_out()
    calendars.add_hours(li, shift(site, every_weeks=2, valid_from=date(2026, 10, 7)), **HOW)
    assert [open_minutes(hands(li), week=MONDAY + WEEK * n) // 60 for n in range(3)] == [19, 16, 19]


def test_whoever_shortens_a_day_is_told_which_visit_loses_its_cover_and_it_stays_booked(site, li, bay):
    lay_out()
    kept, lost = book(li, bay, chicago("2026-10-05", "09:00")), book(li, bay, chicago("2026-10-05", "11:30"))
    monday = li.working_hours.get(weekday=1)

    impact = calendars.change_hours(monday, ends=time(12), **HOW)

    assert told(impact) == [lost] != [kept]
    assert impact.uncovered[0].start == chicago("2026-10-05", "11:30")
    assert impact.uncovered[0].practitioner == li.public_id
    assert Claim.objects.filter(retired_at=None).count() == 4


def test_a_second_edit_tells_only_what_it_takes_away_itself(site, li, bay):
    lay_out()
    book(li, bay, chicago("2026-10-05", "11:30"))
    calendars.remove_hours(li.working_hours.get(weekday=1), **HOW)
    assert told(calendars.remove_hours(li.working_hours.get(weekday=2), **HOW)) == []


def test_a_rehearsal_tells_the_same_and_changes_nothing(site, li, bay):
    lay_out()
    visit = book(li, bay, chicago("2026-10-06", "10:00"))
    when = {"starts_at": chicago("2026-10-06", "00:00"), "ends_at": chicago("2026-10-07", "00:00")}
    before = open_minutes(hands(li))

    rehearsed = calendars.add_absence(li, **when, **HOW, dry_run=True)
    assert (Absence.objects.count(), open_minutes(hands(li))) == (0, before)

    real = calendars.add_absence(li, **when, **HOW)
    assert told(rehearsed) == told(real) == [visit]
    assert open_minutes(hands(li)) == before - 8 * 60


def test_a_patient_who_rests_with_needles_needs_dr_li_nearby(site, li, bay):
    """An absence during the rest alone is told as well."""
    lay_out()
    lane = li.resources.filter(kind=ResourceKind.LANE)[0]
    resting = make_claim(lane, chicago("2026-10-06", "10:20"), 30)
    impact = calendars.add_absence(
        li, starts_at=chicago("2026-10-06", "10:30"), ends_at=chicago("2026-10-06", "10:40"), **HOW
    )
    assert told(impact) == [resting.allocation]


def test_hours_that_move_to_another_site_leave_the_visits_at_the_first_without_cover(site, bay):
    riverside = make_site("riverside")
    li = make_practitioner(site, riverside, hours=[(1, "09:00", "17:00")])
    lay_out()
    visit = book(li, bay, chicago("2026-10-05", "10:00"))
    monday = li.working_hours.get()

    impact = calendars.change_hours(monday, site=riverside, **HOW)

    assert told(impact) == [visit]
    assert (open_minutes(hands(li), site=site), open_minutes(hands(li), site=riverside)) == (0, 480)


def test_holds_that_have_expired_and_visits_that_are_over_are_not_told(site, li, bay):
    lay_out()
    make_claim(hands(li), chicago("2026-10-06", "10:00"), 30, expires_at=AT)
    make_claim(hands(li), chicago("2026-10-05", "07:00"), 30)
    kept = make_claim(hands(li), chicago("2026-10-06", "11:00"), 30, expires_at=chicago("2026-10-05", "23:00"))
    impact = calendars.add_absence(
        li, starts_at=chicago("2026-10-05", "00:00"), ends_at=chicago("2026-10-09", "00:00"), **HOW
    )
    assert told(impact) == [kept.allocation]


def test_a_closure_shuts_the_whole_local_day_for_people_and_places(site, li, bay):
    lay_out()
    visit = book(li, bay, chicago("2026-10-06", "10:00"))
    impact = calendars.add_closure(
        site, first_on=date(2026, 10, 6), last_on=date(2026, 10, 6), name="Water pipe", **HOW
    )
    assert told(impact) == [visit]
    assert open_minutes(hands(li)) == 8 * 60
    assert open_minutes(bay.resource) == 6 * 14 * 60


def test_a_site_that_is_shut_over_noon_loses_these_hours_alone_and_the_visit_in_them_is_told(site, li, bay):
    lay_out()
    kept, lost = book(li, bay, chicago("2026-10-06", "09:00")), book(li, bay, chicago("2026-10-06", "11:30"))
    noon = {"first_on": date(2026, 10, 6), "last_on": date(2026, 10, 6), "starts": time(12), "ends": time(14)}
    impact = calendars.add_closure(site, **noon, name="Fire drill", **HOW)
    assert told(impact) == [lost] != [kept]
    assert (open_minutes(hands(li)), open_minutes(bay.resource)) == (14 * 60, (7 * 14 - 2) * 60)
    calendars.change_closure(impact.row, ends=time(13), **HOW)
    assert open_minutes(hands(li)) == 15 * 60
    whole = calendars.change_closure(impact.row, starts=time(), ends=None, **HOW).row
    assert (whole.starts, whole.ends, open_minutes(hands(li))) == (None, None, 8 * 60)


def test_a_site_is_shut_from_the_afternoon_of_one_day_until_the_morning_of_another(site, li):
    lay_out()
    when = {"first_on": date(2026, 10, 5), "starts": time(15), "last_on": date(2026, 10, 6), "ends": time(10)}
    row = calendars.add_closure(site, **when, name="Flooded", **HOW).row
    assert open_minutes(hands(li)) == (6 + 7) * 60
    assert row.whole_days == (date(2026, 10, 6), date(2026, 10, 5))
    assert drift.check(at=AT) == []


@pytest.mark.parametrize(
    ("times", "field"),
    [
        ({"starts": time(9, 3)}, "starts"),
        ({"ends": time(9, 3)}, "ends"),
        ({"starts": time(12), "ends": time(12)}, "ends"),
        ({"starts": time(12), "ends": time(9)}, "ends"),
    ],
)
def test_a_closure_that_takes_no_time_is_refused_by_the_field_that_is_wrong(site, times, field):
    day = {"first_on": date(2026, 10, 6), "last_on": date(2026, 10, 6), "name": "Fire drill"}
    with pytest.raises(Invalid) as refused:
        calendars.add_closure(site, **day, **times, **HOW)
    assert [error["pointer"] for error in refused.value.facts["errors"]] == [f"/{field}"]


def test_two_meetings_of_one_name_on_one_day_are_two_closures_and_the_same_one_twice_is_refused(site):
    day = {"first_on": date(2026, 10, 6), "last_on": date(2026, 10, 6), "name": "Staff meeting"}
    calendars.add_closure(site, **day, starts=time(8), ends=time(9), **HOW)
    calendars.add_closure(site, **day, starts=time(16), ends=time(17), **HOW)
    with pytest.raises(ClosureClash):
        calendars.add_closure(site, **day, starts=time(16), ends=time(18), **HOW)
    assert Closure.objects.count() == 2


def test_whoever_renames_a_closure_leaves_alone_what_a_colleague_has_confirmed_in_between(site):
    day = {"first_on": date(2026, 10, 6), "last_on": date(2026, 10, 6)}
    seen = calendars.add_closure(site, **day, name="Columbus", confirmed=False, **HOW).row
    calendars.confirm_closure(seen, **HOW)
    seen.confirmed = False
    assert calendars.change_closure(seen, name="Columbus Day", **HOW).row.confirmed


def test_an_absence_over_another_is_refused_with_when_that_is_by_the_clinic_s_clock_and_what_to_do(site, li):
    week = {"starts_at": chicago("2026-10-05", "00:00"), "ends_at": chicago("2026-10-07", "00:00")}
    leave = calendars.add_absence(li, **week, **HOW).row
    with pytest.raises(AbsenceClash) as refused:
        calendars.add_absence(
            li, starts_at=chicago("2026-10-06", "09:00"), ends_at=chicago("2026-10-08", "09:00"), **HOW
        )
    assert str(refused.value).replace("\u00a0", " ") == (
        "Dr Li is already away from Monday, October 5, 2026, 12:00 AM until Wednesday, October 7, 2026, 12:00 AM "
        "(leave). Change that absence instead, or enter only the time before or after it."
    )
    assert [clash["id"] for clash in refused.value.facts["clashes"]] == [str(leave.public_id)]
    after = {"starts_at": week["ends_at"], "ends_at": chicago("2026-10-08", "09:00")}
    assert calendars.add_absence(li, **after, **HOW).row.pk


def test_a_suggested_holiday_holds_once_dana_confirms_it(site, li):
    lay_out()
    day = {"first_on": date(2026, 10, 12), "last_on": date(2026, 10, 12), "name": "Columbus Day"}
    closure = calendars.add_closure(site, **day, confirmed=False, **HOW).row
    assert open_minutes(hands(li), week=MONDAY + WEEK) == 16 * 60

    assert calendars.confirm_closure(closure, **HOW).row.confirmed
    assert open_minutes(hands(li), week=MONDAY + WEEK) == 8 * 60


def test_what_is_taken_back_is_open_again(site, li, bay):
    lay_out()
    whole = open_minutes(hands(li))
    absence = calendars.add_absence(
        li, starts_at=chicago("2026-10-05", "09:00"), ends_at=chicago("2026-10-05", "12:00"), **HOW
    ).row
    closure = calendars.add_closure(
        site, first_on=date(2026, 10, 6), last_on=date(2026, 10, 6), name="Water pipe", **HOW
    ).row
    absence = calendars.change_absence(
        absence, starts_at=absence.period.lower, ends_at=chicago("2026-10-05", "10:00"), reason="illness", **HOW
    ).row
    assert open_minutes(hands(li)) == 7 * 60
    calendars.change_closure(
        closure, first_on=date(2026, 10, 7), last_on=date(2026, 10, 8), name="Water pipe", confirmed=True, **HOW
    )
    assert open_minutes(hands(li)) == 15 * 60
    calendars.remove_absence(absence, **HOW)
    calendars.remove_closure(closure, **HOW)
    assert open_minutes(hands(li)) == whole
    assert not Absence.objects.exists()
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts": time(9, 3)}, "starts"),
        ({"ends": time(12, 0, 30)}, "ends"),
        ({"ends": time(9)}, "ends"),
        ({"starts": time(22), "ends": time(2)}, "ends"),
        ({"weekday": 8}, "weekday"),
        ({"every_weeks": 0}, "every_weeks"),
        ({"every_weeks": 53}, "every_weeks"),
        ({"valid_to": SINCE}, "valid_to"),
        ({"valid_from": date(9999, 12, 31)}, "valid_from"),
        ({"valid_to": date(9999, 12, 31)}, "valid_to"),
    ],
)
def test_hours_that_cannot_be_are_refused_by_the_field_that_is_wrong(site, li, changes, field):
    with pytest.raises(Invalid) as no:
        calendars.add_hours(li, shift(site, **changes), **HOW)
    assert f"/{field}" in [e["pointer"] for e in no.value.facts["errors"]]
    assert WorkingHours.objects.count() == 2


def test_nobody_works_at_a_site_that_is_not_theirs(site, li):
    with pytest.raises(Invalid) as no:
        calendars.add_hours(li, shift(make_site("riverside")), **HOW)
    assert no.value.facts["errors"][0]["pointer"] == "/site"


def test_nobody_is_at_work_twice_at_once_not_even_at_another_site(site):
    riverside = make_site("riverside")
    li = make_practitioner(site, riverside, hours=[(3, "09:00", "12:00")])
    with pytest.raises(HoursClash) as no:
        calendars.add_hours(li, shift(riverside, starts=time(11), ends=time(14)), **HOW)
    (row,) = no.value.facts["clashes"]
    assert (row["id"], row["site"]) == (str(li.working_hours.get().public_id), "lakeside")
    calendars.add_hours(li, shift(riverside, starts=time(12), ends=time(14)), **HOW)


def test_alternate_weeks_do_not_clash_and_the_same_weeks_do(site, li):
    first = date(2026, 10, 7)
    calendars.add_hours(li, shift(site, every_weeks=2, valid_from=first), **HOW)
    calendars.add_hours(li, shift(site, every_weeks=2, valid_from=first + WEEK), **HOW)
    with pytest.raises(HoursClash):
        calendars.add_hours(li, shift(site, every_weeks=4, valid_from=first + WEEK), **HOW)


def test_changing_hours_does_not_clash_with_themselves(site, li):
    monday = li.working_hours.get(weekday=1)
    calendars.change_hours(monday, ends=time(18), **HOW)
    with pytest.raises(HoursClash):
        calendars.change_hours(monday, weekday=2, **HOW)


def test_a_practitioner_is_away_once_at_a_time(site, li):
    day = {"starts_at": chicago("2026-10-06", "00:00"), "ends_at": chicago("2026-10-07", "00:00")}
    absence = calendars.add_absence(li, **day, **HOW).row
    with pytest.raises(AbsenceClash) as no:
        calendars.add_absence(li, **day, **HOW)
    assert no.value.facts["clashes"][0]["id"] == str(absence.public_id)
    with pytest.raises(Invalid):
        calendars.add_absence(li, starts_at=day["ends_at"], ends_at=day["starts_at"], **HOW)


def test_closures_that_cannot_be_are_refused(site):
    day = {"first_on": date(2026, 10, 6), "last_on": date(2026, 10, 6)}
    calendars.add_closure(site, **day, name="Inventory", **HOW)
    with pytest.raises(ClosureClash):
        calendars.add_closure(site, **day, name="Inventory", **HOW)
    with pytest.raises(Invalid):
        calendars.add_closure(site, first_on=day["first_on"], last_on=date(2026, 10, 5), name=" ", **HOW)


def test_what_somebody_else_removed_meanwhile_is_missing(site, li):
    monday = li.working_hours.get(weekday=1)
    calendars.remove_hours(monday, **HOW)
    with pytest.raises(Missing):
        calendars.change_hours(monday, ends=time(18), **HOW)
    with pytest.raises(Missing):
        calendars.remove_hours(monday, **HOW)


def test_both_clock_changes_come_out_right_in_the_sheets(site):
    li = make_practitioner(site, hours=[(7, "01:00", "03:00")])
    lay_out(weeks=24)
    nights = {
        week: open_minutes(hands(li), week=week) for week in (date(2026, 10, 19), date(2026, 10, 26), date(2027, 3, 8))
    }
    assert nights == {date(2026, 10, 19): 120, date(2026, 10, 26): 180, date(2027, 3, 8): 60}
