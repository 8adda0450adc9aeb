"""The weeks to come in words lead to the first of their days that has times."""

from datetime import date

from booking.web.weeks_ahead import weeks_ahead

WEDNESDAY, THURSDAY, LATER = date(2026, 11, 25), date(2026, 11, 26), date(2026, 12, 8)


def test_a_week_leads_to_its_first_day_with_times_and_not_to_a_monday_that_is_over():
    weeks = weeks_ahead([THURSDAY, WEDNESDAY, LATER], here="/times/?visit=first")
    assert [one.url for one in weeks] == [
        "/times/?visit=first&start=2026-11-25",
        "",
        "/times/?visit=first&start=2026-12-08",
    ]
    assert "2 days" in weeks[0].said


def test_one_week_is_no_choice():
    assert weeks_ahead([WEDNESDAY, THURSDAY], here="/") == []
