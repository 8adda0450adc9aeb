"""Days without a time: closed, on a holiday, fully booked, or nothing that day; and nothing at all."""

from datetime import date

from scheduler.actions import calendars
from scheduler.audience import CANCER_PROGRAM
from scheduler.models import Practitioner
from tests.booking.pages.walk import TIMES, link, slots_on, text_of
from tests.factories.booking import SYSTEM, chicago
from tests.factories.scheduler import AT, hands, lay_out, make_claim, make_hours, make_practitioner

ALL_DAY = 12 * 60


def close(site, day: int, name: str) -> None:
    on = date(2026, 10, day)
    calendars.add_closure(site, first_on=on, last_on=on, name=name, by=SYSTEM, at=AT)


def take(*days: int) -> None:
    """Let everybody be busy with patients on some days, from seven to nine."""
    for day in days:
        for practitioner in Practitioner.objects.all():
            make_claim(hands(practitioner), chicago(day, 7), ALL_DAY + 120)


def opened(alice, more: str = "") -> str:
    return text_of(alice.get(f"{TIMES}{more}"))


def test_a_holiday_is_named_on_its_day_and_what_else_staff_call_a_closure_is_not(alice, site):
    close(site, 12, "Columbus Day")
    close(site, 13, "Water pipe in bay 2")
    listed = opened(alice, "&start=2026-10-09")
    assert "Closed for Columbus Day: Monday, October 12 Closed: Tuesday, October 13 Wednesday, October 14" in listed
    assert "We are closed on Monday, October 12 It is Columbus Day. There are free times" in opened(
        alice, "&day=2026-10-12"
    )
    tuesday = opened(alice, "&start=10/13")
    assert "We are closed on Tuesday, October 13. These are the next free times." in tuesday
    assert "pipe" not in listed + tuesday


def test_days_that_are_taken_are_called_fully_booked_and_days_on_which_nobody_works_are_not(alice, site):
    take(5, 6, 7)
    for practitioner in Practitioner.objects.all():
        away = {"starts_at": chicago(8, 0), "ends_at": chicago(9, 0)}
        calendars.add_absence(practitioner, **away, by=SYSTEM, at=AT)
    listed = opened(alice)
    assert "Fully booked: Monday, October 5 to Wednesday, October 7 Friday, October 9" in listed
    assert "Tuesday, October 6 is fully booked. These are the next free times." in opened(alice, "&start=10/6")
    assert "No free times on Thursday, October 8. These are the next" in opened(alice, "&start=10/8")
    full = alice.get(f"{TIMES}&day=2026-10-06")
    assert "Tuesday, October 6 is fully booked There are free times on other days." in text_of(full)
    assert slots_on(alice.get(link(full, "See the other days")))
    assert link(full, "Tell me when a time opens") == "/book/acu_manual/waiting/?visit=first"


def test_days_on_which_nothing_is_left_of_what_somebody_chose_are_not_called_full(alice, site):
    take(5, 6, 7)
    listed = opened(alice, "&part=morning")
    assert "Nothing that suits your choices: Tuesday, October 6 to Wednesday, October 7" in listed
    assert "ully booked" not in listed
    day = text_of(alice.get(f"{TIMES}&part=morning&day=2026-10-06"))
    assert "Nothing suits your choices on Tuesday, October 6 There are free times on other days." in day


def test_where_everything_is_taken_it_says_so_and_leads_to_the_waiting_list(alice, site):
    take(*range(5, 26))
    nothing = alice.get(TIMES)
    assert "Everything is fully booked All times in the next weeks are taken. Please call us" in text_of(nothing)
    assert link(nothing, "Tell me when a time opens") == "/book/acu_manual/waiting/?visit=first"
    narrowed = alice.get(f"{TIMES}&part=morning")
    assert "With these choices, all times in the next weeks are taken. Try fewer choices." in text_of(narrowed)
    assert link(narrowed, "Show times without my choices") == TIMES


def test_at_an_hour_or_on_a_weekday_on_which_nobody_works_nothing_is_called_fully_booked(alice, site):
    take(*range(5, 26))
    for choice in ("&part=evening", "&weekday=6"):
        nothing = opened(alice, choice)
        assert "No free times here Nothing is free with these choices in the next weeks. Try fewer" in nothing


def test_a_day_that_is_a_programs_alone_is_not_called_fully_booked_to_a_stranger(alice, site):
    hana = make_practitioner(site, name="Hana Kim", offers=["acu_auricular"], hours=[(1, "09:00", "17:00")])
    make_hours(hana, site, [(2, "09:00", "17:00")], audience=CANCER_PROGRAM)
    lay_out(weeks=2)
    take(6)
    tuesday = text_of(alice.get("/book/acu_auricular/times/?visit=first&day=2026-10-06"))
    assert "No free times on Tuesday, October 6 There are free times on other days." in tuesday
