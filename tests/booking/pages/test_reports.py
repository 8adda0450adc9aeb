"""Reports at the desk: what two weeks at Lakeside come to, by hand, as a page and as CSV, and whose they are."""

import csv
import io

import pytest
import time_machine

from booking.cancel_reasons import CancelReason
from booking.models import Appointment
from booking.status import Status
from core.models import Site
from core.roles import Role
from scheduler.models import Practitioner
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import text_of
from tests.factories.booking import chicago, make_enrolled, make_patient, make_visit, slot_id
from tests.factories.scheduler import AT

PAGE, CSV = "/desk/reports/", "/desk/reports/measures.csv"
LATER = chicago(19, 9)
WEEKS = {"from": "10/5/2026", "until": "10/18/2026"}


def past(patient, day, hour, status, *, who="Grace Okoro", **more):
    """Make an appointment of autumn 2026, as it stands now."""
    practitioner = Practitioner.objects.get(name=who)
    visit = make_visit(patient, slot_id(practitioner, chicago(day, hour), visit="followup"), at=AT)
    Appointment.objects.filter(pk=visit.pk).update(status=status, **more)
    return visit


@pytest.fixture(scope="module")
def two_weeks_once(clinic, once_a_module):
    """In the first week three come and one does not; in the second one comes, and one of two cancels late."""
    with once_a_module(), time_machine.travel(AT, tick=False):
        site = Site.objects.get(key="lakeside")
        fay = make_enrolled(site, "Fay Family").record
        called_off = {"cancel_reason": CancelReason.PATIENT, "cancelled_at": AT}
        for hour in (9, 11, 13):
            past(make_patient(site, f"Person {hour}"), 7, hour, Status.FULFILLED)
        past(fay, 7, 15, Status.NOSHOW)
        past(fay, 14, 9, Status.FULFILLED)
        past(make_patient(site, "Late Lee"), 14, 11, Status.CANCELLED, late_cancel=True, **called_off)
        past(make_patient(site, "Early Ely"), 14, 13, Status.CANCELLED, **called_off)
        past(make_patient(site, "Never Booked"), 14, 15, Status.CANCELLED, cancel_reason="expired", cancelled_at=AT)


@pytest.fixture
def lakeside(two_weeks_once, site, clock):
    clock.move_to(LATER)
    return site


def section(answer, key):
    """Return what a page says of one measure."""
    return " ".join(text_of(answer).partition(f" {key} ")[2].split()).partition(" better. ")[2].partition(" All ")


def test_the_page_says_each_measure_week_by_week_and_together(lakeside):
    shown = staff("dana", Role.SCHEDULER, lakeside).get(PAGE, WEEKS)
    weeks, _, together = section(shown, "Did not come")
    assert "October 5, 2026 1 4 25.0 % October 12, 2026 0 1 0.0 %" in weeks
    assert together.startswith("1 5 20.0 %")
    _weeks, _, together = section(shown, "Cancelled late")
    assert together.startswith("1 7 14.3 %")
    weeks, _, together = section(shown, "Days from booking to appointment")
    assert "October 5, 2026 4 2 2 October 12, 2026 1 9 9" in weeks
    assert together.startswith("5 2 9")


def test_the_same_is_taken_along_as_csv_with_plain_numbers(lakeside):
    answer = staff("dana", Role.SCHEDULER, lakeside).get(CSV, WEEKS)
    assert 'filename="reports-lakeside-2026-10-05-2026-10-18.csv"' in answer.headers["Content-Disposition"]
    heading, *rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert heading[3:7] == ["Week", "Counted", "Of", "Value"]
    assert rows[0][:9] == ["Did not come", "2026-10-05", "2026-10-18", "2026-10-05", "1", "4", "0.25", "", "share"]
    assert [row[3:8] for row in rows if row[3] == "All"] == [
        ["All", "1", "5", "0.2", ""], ["All", "1", "7", "0.1429", ""], ["All", "", "5", "2.0", "9"],
    ]  # fmt: skip


def test_staff_of_a_program_read_of_its_people_alone(lakeside):
    shown = staff("frank", Role.PROGRAM, lakeside).get(PAGE, WEEKS)
    assert section(shown, "Did not come")[2].startswith("1 2 50.0 %")


def test_no_report_names_a_patient(lakeside):
    browser = staff("dana", Role.SCHEDULER, lakeside)
    for said in (browser.get(PAGE, WEEKS).content.decode(), browser.get(CSV, WEEKS).content.decode()):
        assert not [name for name in ("Fay", "Lee", "Ely", "Person 9") if name in said]


def test_days_without_appointments_say_what_to_do(lakeside):
    shown = text_of(staff("dana", Role.SCHEDULER, lakeside).get(PAGE, {"from": "1/5/2026", "until": "1/11/2026"}))
    assert "There are no appointments on these days. Choose other days above" in shown


@pytest.mark.parametrize("address", [PAGE, CSV])
def test_dates_that_cannot_be_read_are_refused_kindly_and_kept(lakeside, address):
    answer = staff("dana", Role.SCHEDULER, lakeside).get(address, {"from": "soon", "until": "10/18/2026"})
    assert answer.status_code == 422
    assert "“soon” is no date that can be read. Please type both as in 3/27/2026." in text_of(answer)
    assert 'value="soon"' in answer.content.decode()


def test_more_appointments_cost_no_more_queries(lakeside, django_assert_max_num_queries):
    browser = staff("dana", Role.SCHEDULER, lakeside)
    browser.get(PAGE, WEEKS)
    with django_assert_max_num_queries(12):
        browser.get(PAGE, WEEKS)
