"""Django's admin: Dana keeps her site's calendars in a browser, Dr Li her own; nobody else's."""

import re
from datetime import date, time
from html import unescape

import pytest
from django.urls import reverse

from core.roles import Role
from scheduler.actions import drift, holidays
from scheduler.models import Absence, Claim, Closure, WeekSheet, WorkingHours
from scheduler.ticks import week_of
from tests.factories.admin import (
    ABSENCES,
    CLOSURES,
    HOURS,
    absence_form,
    adding,
    asked,
    changing,
    deleting,
    errors,
    hours_form,
    listing,
    said,
    sign_in,
)
from tests.factories.scheduler import (
    AT,
    chicago,
    hands,
    lay_out,
    make_claim,
)

pytestmark = pytest.mark.django_db


def open_hours(practitioner):
    return WeekSheet.objects.get(resource=hands(practitioner), week=week_of(AT)).open.bit_count() / 12


def test_hours_that_dana_enters_open_the_week(dana, li, site):
    lay_out()
    response = dana.post(adding(HOURS), hours_form(li, site), follow=True)
    assert response.redirect_chain == [(listing(HOURS), 302)]
    assert WorkingHours.objects.get(weekday=3).starts == time(9)
    assert open_hours(li) == 11
    assert drift.check(at=AT) == []


@pytest.mark.parametrize("typed", ["24:00", "midnight", "Midnight", "00:00"])
def test_dana_types_that_a_day_lasts_until_24_00_and_sees_it_so(dana, li, site, typed):
    lay_out()
    dana.post(adding(HOURS), hours_form(li, site, ends=typed), follow=True)
    wednesday = WorkingHours.objects.get(weekday=3)
    assert open_hours(li) == 8 + 15
    page = dana.get(changing(wednesday)).content.decode()
    assert 'value="24:00"' in page
    assert "midnight" in dana.get(listing(HOURS)).content.decode()


def test_dana_is_told_by_time_and_practitioner_what_a_shorter_day_leaves_without_cover(dana, li, site):
    lay_out()
    make_claim(hands(li), chicago("2026-10-05", "15:00"), 30)
    make_claim(hands(li), chicago("2026-10-05", "09:00"), 30)
    monday = li.working_hours.get()
    form = hours_form(li, site, weekday=1, ends="14:00")
    del form["practitioner"]

    (question,) = asked(dana.post(changing(monday), form))
    assert question.startswith(
        "Nothing is saved yet. 1 appointment or kept time would be without cover: Monday, October 5, 2026"
    )
    assert WorkingHours.objects.get(pk=monday.pk).ends == time(17)

    response = dana.post(changing(monday), form | {"anyway": "on"}, follow=True)

    (warning,) = [one for one in said(response) if "outside" in one]
    assert warning.startswith("1 appointment or kept time is now outside of the calendar: Monday, October 5, 2026,")
    assert "(Dr Li, L.Ac.)" in warning
    assert '<a href="/admin/booking/appointment/?cover=without">' in response.content.decode()
    assert Claim.objects.filter(retired_at=None).count() == 2
    assert open_hours(li) == 5


def test_hours_on_several_days_are_entered_at_once(dana, li, site):
    lay_out()
    dana.post(adding(HOURS), hours_form(li, site, weekday=[2, 3, 4]))
    assert sorted(WorkingHours.objects.values_list("weekday", flat=True)) == [1, 2, 3, 4]
    assert open_hours(li) == 8 + 3 * 3


def test_when_many_visits_lose_cover_the_first_ten_are_named(dana, li):
    lay_out()
    for n in range(12):
        make_claim(hands(li), chicago("2026-10-05", f"{9 + n // 2:02}:{n % 2 * 30:02}"), 30)
    page = dana.get(deleting(li.working_hours.get()))
    assert "When you delete this, 12 appointments or kept times will be without cover" in page.content.decode()
    assert open_hours(li) == 8
    several = {"action": "delete_selected", "_selected_action": [li.working_hours.get().pk]}
    assert "When you delete this, 12 appointments" in dana.post(listing(HOURS), several).content.decode()
    assert open_hours(li) == 8
    response = dana.post(deleting(li.working_hours.get()), {"post": "yes"}, follow=True)
    (warning,) = [one for one in said(response) if "outside" in one]
    assert warning.startswith("12 appointments")
    assert "and 2 more" in warning
    assert open_hours(li) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts": "09:03"}, "starts"),
        ({"starts": "12:00"}, "ends"),
        ({"starts": "22:00", "ends": "02:00"}, "ends"),
        ({"every_weeks": 0}, "every_weeks"),
        ({"every_weeks": 99}, "every_weeks"),
        ({"weekday": 1}, "__all__"),
        ({"valid_to": "2026-01-05"}, "valid_to"),
        ({"valid_from": "9999-12-31"}, "valid_from"),
        ({"valid_from": "yesterday"}, "valid_from"),
        ({"practitioner": ""}, "practitioner"),
        ({"site": "x"}, "site"),
    ],
)
def test_hours_that_cannot_be_are_shown_beside_the_field_and_nothing_is_saved(dana, li, site, changes, field):
    response = dana.post(adding(HOURS), hours_form(li, site) | changes)
    assert response.status_code == 200
    assert field in errors(response)
    assert WorkingHours.objects.count() == 1


def test_hours_in_the_way_are_named(dana, li, site):
    response = dana.post(adding(HOURS), hours_form(li, site, weekday=1))
    overlap = "These hours overlap: Monday 9:00\N{NO-BREAK SPACE}AM–5:00\N{NO-BREAK SPACE}PM (Lakeside clinic)."
    assert errors(response) == {"__all__": [overlap]}


def test_an_absence_is_entered_in_the_clinics_time(dana, li):
    lay_out()
    page = dana.get(adding(ABSENCES)).content.decode()
    assert "Chicago time" in page

    response = dana.post(adding(ABSENCES), absence_form(li, "2026-10-05 09:00", "2026-10-05 12:00"), follow=True)

    assert response.redirect_chain == [(listing(ABSENCES), 302)]
    absence = Absence.objects.get()
    assert absence.period.lower == chicago("2026-10-05", "09:00")
    assert open_hours(li) == 5
    assert "Monday, October 5, 2026, 9:00" in response.content.decode()


def test_an_absence_is_shown_as_entered_and_can_be_changed_and_taken_back(dana, li):
    lay_out()
    dana.post(adding(ABSENCES), absence_form(li, "2026-10-05 09:00", "2026-10-05 12:00"))
    absence = Absence.objects.get()
    form = dana.get(changing(absence)).context["adminform"].form
    assert (str(form["starts_at"].value()), str(form["ends_at"].value())) == (
        "2026-10-05 09:00:00", "2026-10-05 12:00:00",
    )  # fmt: skip

    changed = absence_form(li, "2026-10-05 09:00", "2026-10-05 10:00", reason="illness")
    del changed["practitioner"]
    assert dana.post(changing(absence), changed).status_code == 302
    absence.refresh_from_db()
    assert (absence.period.upper, absence.reason) == (chicago("2026-10-05", "10:00"), "illness")
    assert open_hours(li) == 7

    assert dana.post(deleting(absence), {"post": "yes"}).status_code == 302
    assert open_hours(li) == 8


@pytest.mark.parametrize(
    ("starts", "ends", "field"),
    [
        ("2026-10-06 12:00", "2026-10-06 09:00", "ends_at"),
        ("2026-10-06 09:00", "2026-10-06 ", "ends_at"),
        ("2026-10-06 25:00", "2026-10-07 09:00", "starts_at"),
        ("9999-12-31 00:00", "9999-12-31 23:59", "starts_at"),
        ("0001-01-01 00:00", "2026-10-07 09:00", "starts_at"),
        ("2026-10-05 10:00", "2026-10-05 11:00", "__all__"),
    ],
)
def test_absences_that_cannot_be_are_shown_in_the_form(dana, li, starts, ends, field):
    Absence.objects.create(practitioner=li, period=(chicago("2026-10-05", "09:00"), chicago("2026-10-05", "12:00")))
    response = dana.post(adding(ABSENCES), absence_form(li, starts, ends))
    assert response.status_code == 200
    assert field in errors(response)
    assert Absence.objects.count() == 1


def test_holidays_are_suggested_by_a_button_and_hold_once_dana_confirms_them(dana, li, site):
    lay_out(weeks=10)
    make_claim(hands(li), chicago("2026-10-12", "10:00"), 30)
    page = dana.get(listing(CLOSURES)).content.decode()
    assert "Suggest public holidays" in page
    assert "not yet confirmed" not in page
    response = dana.post(reverse("admin:scheduler_closure_suggest"), follow=True)
    assert "holidays are suggested" in said(response)[0]
    columbus = Closure.objects.get(first_on=date(2026, 10, 12))
    assert not columbus.confirmed
    page = dana.get(listing(CLOSURES)).content.decode()
    assert "holidays are suggested and not yet confirmed, the next one is Columbus Day" in page

    chosen = {"action": "confirm", "_selected_action": [columbus.pk]}
    asked = dana.post(listing(CLOSURES), chosen, follow=True)
    assert said(asked)[0].startswith("Nothing is confirmed yet. 1 appointment or kept time would be without cover: Mon")
    columbus.refresh_from_db()
    assert not columbus.confirmed

    response = dana.post(listing(CLOSURES), chosen | {"action": "confirm_anyway"}, follow=True)
    columbus.refresh_from_db()
    assert columbus.confirmed
    assert said(response)[0].startswith(
        "1 appointment or kept time is now outside of the calendar: Monday, October 12, 2026, 10:00"
    )
    assert "nothing new" in said(dana.post(reverse("admin:scheduler_closure_suggest"), follow=True))[0]
    assert dana.get(reverse("admin:scheduler_closure_suggest")).status_code == 405


def test_whoever_saves_hours_is_told_which_public_holidays_are_still_on_sale(dana, client, li, site):
    quiet = dana.post(adding(HOURS), hours_form(li, site), follow=True)
    assert not any("holiday" in told for told in said(quiet))
    holidays.suggest_year(site, at=AT)
    Closure.objects.filter(first_on=date(2026, 10, 12)).update(first_on=AT.date(), last_on=AT.date())
    told = said(dana.post(adding(HOURS), hours_form(li, site, weekday=[4]), follow=True))[0]
    found = Closure.objects.count()
    assert f"{found} public holidays are suggested and not yet confirmed" in told
    (page,) = re.findall('href="(.+?)"', told)
    assert dana.get(unescape(page)).context["cl"].result_count == found
    Closure.objects.update(confirmed=True)
    quiet = dana.post(adding(HOURS), hours_form(li, site, weekday=[5]), follow=True)
    assert not any("holiday" in told for told in said(quiet))


def test_a_new_site_comes_with_holidays_that_somebody_has_to_confirm(client, site):
    ada = sign_in(client, "ada", Role.ADMIN)
    form = {
        "name": "Harbor clinic", "street": "1 Pier Road", "city": "Chicago", "state": "IL", "postal_code": "60601",
        "phone": "(312) 555-0199", "zone": "America/Chicago", "open_on": ["1"], "opens": "08:00", "closes": "18:00",
        "arrive_early_minutes": "10", "active": "on",
    }  # fmt: skip
    told = said(ada.post(reverse("admin:core_site_add"), form, follow=True))
    (page,) = re.findall('href="(.+?confirmed.+?)"', " ".join(told))
    assert ada.get(unescape(page)).context["cl"].result_count == Closure.objects.count() > 10


def test_a_closure_is_added_changed_and_refused_when_it_cannot_be(dana, site):
    form = {"site": site.pk, "first_on": "2026-10-06", "last_on": "2026-10-05", "name": "Water pipe", "confirmed": "on"}
    assert "last_on" in errors(dana.post(adding(CLOSURES), form))
    assert dana.post(adding(CLOSURES), form | {"last_on": "2026-10-06"}).status_code == 302
    assert dana.post(adding(CLOSURES), form | {"last_on": "2026-10-06"}).status_code == 200
    closure = Closure.objects.get()
    assert dana.post(changing(closure), form | {"last_on": "2026-10-07"}).status_code == 302
    closure.refresh_from_db()
    assert closure.last_on == date(2026, 10, 7)


def test_deleting_many_at_once_opens_the_sheets_as_well(dana, li, site):
    Closure.objects.create(site=site, first_on="2026-10-05", last_on="2026-10-05", name="One")
    Closure.objects.create(site=site, first_on="2026-10-06", last_on="2026-10-06", name="Two")
    lay_out()
    assert open_hours(li) == 0
    chosen = {
        "action": "delete_selected",
        "_selected_action": list(Closure.objects.values_list("pk", flat=True)),
        "post": "yes",
    }
    assert dana.post(listing(CLOSURES), chosen).status_code == 302
    assert not Closure.objects.exists()
    assert open_hours(li) == 8


def test_dana_shuts_her_site_for_an_afternoon(dana, li, site):
    lay_out()
    day = {"site": site.pk, "first_on": "2026-10-05", "last_on": "2026-10-05", "name": "Training", "confirmed": "on"}
    assert "ends" in errors(dana.post(adding(CLOSURES), day | {"starts": "13:00", "ends": "12:00"}))
    assert dana.post(adding(CLOSURES), day | {"starts": "13:00", "ends": "24:00"}).status_code == 302
    assert open_hours(li) == 4
    row = Closure.objects.get()
    assert (row.starts, row.ends) == (time(13), None)


def test_dana_reads_on_the_form_which_absence_is_in_the_way(dana, li):
    dana.post(adding(ABSENCES), absence_form(li, "2026-10-05 09:00", "2026-10-06 12:00"))
    (told,) = errors(dana.post(adding(ABSENCES), absence_form(li, "2026-10-06 09:00", "2026-10-07 12:00")))["__all__"]
    assert told.startswith("Dr Li is already away from Monday, October 5, 2026, 9:00")
    assert "before or after it" in told
    assert Absence.objects.count() == 1


def test_dana_is_warned_once_a_day_of_hours_while_the_site_is_not_open(dana, li, site):
    response = dana.post(adding(HOURS), hours_form(li, site, weekday=[3, 4], starts="06:00"), follow=True)
    told = [one for one in said(response) if "not open" in one]
    assert [one.split(":")[0] for one in told] == [
        "Lakeside clinic is not open on Wednesday 6",
        "Lakeside clinic is not open on Thursday 6",
    ]
    assert WorkingHours.objects.filter(starts=time(6)).count() == 2
