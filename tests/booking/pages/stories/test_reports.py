"""Reports at the desk: what two weeks at Lakeside come to, by hand, as a page and as CSV, and whose they are."""

import csv
import io

import pytest
import time_machine

from booking.actions import appointments
from booking.cancel_reasons import CancelReason
from booking.models import Appointment
from booking.status import Move, Status
from core.models import Site
from core.roles import Role
from scheduler import public as scheduler
from scheduler.models import Practitioner
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import text_of
from tests.factories.booking import DAY, MINUTE, SYSTEM, chicago, make_enrolled, make_patient, make_visit, slot_id
from tests.factories.scheduler import AT

PAGE, CSV = "/desk/reports/", "/desk/reports/measures.csv"
LATER = chicago(19, 9)
WEEKS = {"from": "10/5/2026", "until": "10/18/2026"}


def come(patient, day, hour, status, *, at=AT):
    """Make a follow-up of an hour with Grace in autumn 2026: 25 minutes of it need her hands, 30 that she is nearby."""
    grace = Practitioner.objects.get(name="Grace Okoro")
    return make_visit(patient, slot_id(grace, chicago(day, hour), visit="followup"), status, at=at)


def cancel(visit, at):
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=at, reason=CancelReason.PATIENT)


@pytest.fixture(scope="module")
def two_weeks_once(clinic, once_a_module):
    """In the first week three come and one does not; in the second one comes, and two cancel, one of them late.

    Half an hour after that somebody else books the time that was cancelled late.
    """
    with once_a_module(), time_machine.travel(AT, tick=False):
        site = Site.objects.get(key="lakeside")
        fay = make_enrolled(site, "Fay Family").record
        for hour, late in ((9, 5), (11, 10), (13, 11)):
            visit = come(make_patient(site, f"Person {hour}"), 7, hour, Status.FULFILLED)
            Appointment.objects.filter(pk=visit.pk).update(started_at=visit.period.lower + late * MINUTE)
        come(fay, 7, 15, Status.NOSHOW)
        come(fay, 14, 9, Status.FULFILLED)
        cancel(come(make_patient(site, "Early Ely"), 14, 13, Status.BOOKED), AT + DAY)
        cancel(come(make_patient(site, "Late Lee"), 14, 11, Status.BOOKED), chicago(13, 14))
        come(make_patient(site, "Quick Quinn"), 14, 11, Status.BOOKED, at=chicago(13, 14, 30))
        expired = {"status": Status.CANCELLED, "cancel_reason": CancelReason.EXPIRED, "cancelled_at": AT}
        never = come(make_patient(site, "Never Booked"), 15, 15, Status.BOOKED)
        scheduler.release(never.allocation, at=AT)
        Appointment.objects.filter(pk=never.pk).update(**expired)
        scheduler.retire_expired(at=LATER, most=100)


@pytest.fixture
def lakeside(two_weeks_once, site, clock):
    clock.move_to(LATER)
    return site


@pytest.fixture
def dana(lakeside):
    return staff("dana", Role.SCHEDULER, lakeside)


def section(answer, name, begins):
    """Return what a page says of one measure: its lines, and what they come to together."""
    found = " ".join(text_of(answer).partition(f" {name} {begins} ")[2].split())
    lines, _, together = found.partition(" All ")
    return lines, together


def test_the_page_says_each_measure_week_by_week_and_together(dana):
    shown = dana.get(PAGE, WEEKS)
    lines, together = section(shown, "Did not come", "Appointments")
    assert "October 5, 2026 1 4 25.0 % October 12, 2026 0 1 0.0 %" in lines
    assert together.startswith("1 5 20.0 %")
    assert section(shown, "Did not come, of all that were booked", "The same")[1].startswith("1 8 12.5 %")
    assert section(shown, "Cancelled late", "Appointments")[1].startswith("1 8 12.5 %")
    lines, together = section(shown, "Days from booking to appointment", "Whole days")
    assert "October 5, 2026 4 2 2 October 12, 2026 2 4.5 9" in lines
    assert together.startswith("6 2 9")
    assert section(shown, "Began on time", "Appointments")[1].startswith("2 3 66.7 %")
    assert section(shown, "Cancelled times that went to somebody else", "Appointments")[1].startswith("1 2 50.0 %")
    assert section(shown, "How soon somebody else had it", "Of those,")[1].startswith("1 30 min 30 min")


def test_how_time_is_used_is_measured_by_what_was_taken_and_not_given_back(dana):
    shown = dana.get(PAGE, WEEKS | {"about": "time"})
    lines, together = section(shown, "Use of hands", "Working")
    # Two who treat work 40 hours a week each. 3 x 25 minutes; then 2 x 25.
    assert "October 5, 2026 1.2 80.0 1.6 % October 12, 2026 0.8 80.0 1.0 %" in lines
    assert together.startswith("2.1 160.0 1.3 %")
    assert section(shown, "Fill", "Working")[1].startswith("4.6 160.0 2.9 %")  # 5 x 55 minutes
    assert section(shown, "Patients at once", "The length")[1].startswith("5.0 160.0 0.03")
    assert section(shown, "Use of places", "Time")[1].startswith("5.8 588.0 1.0 %")  # 5 x 70 of 3 x 14 hours a day
    by_person = dana.get(PAGE, WEEKS | {"about": "time", "by": "practitioner"})
    lines, _together = section(by_person, "Use of hands", "Working")
    assert "Boris Ivanov, L.Ac. 0.0 80.0 0.0 % Grace Okoro, L.Ac. 2.1 80.0 2.6 %" in lines
    assert "This is not told apart like that" in section(by_person, "Use of places", "Time")[0]


@pytest.mark.parametrize(
    ("by", "line"),
    [
        ("practitioner", "Grace Okoro, L.Ac. 1 5 20.0 %"),
        ("therapy", "Acupuncture (manual) 1 5 20.0 %"),
        ("program", "Program 1 2 50.0 % Physical Medicine & Rehabilitation 0 0 – In no program 0 3 0.0 %"),
    ],
)
def test_they_are_told_apart_as_is_asked(dana, by, line):
    lines, together = section(dana.get(PAGE, WEEKS | {"by": by}), "Did not come", "Appointments")
    assert lines.endswith(line)
    assert together.startswith("1 5 20.0 %")


def test_the_same_is_taken_along_as_csv_with_plain_numbers(dana):
    answer = dana.get(CSV, WEEKS)
    assert 'filename="reports-visits-lakeside-2026-10-05-2026-10-18.csv"' in answer.headers["Content-Disposition"]
    heading, *rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert heading[3:8] == ["Week from", "Name", "Counted", "Of", "Value"]
    first = ["Did not come", "2026-10-05", "2026-10-18", "2026-10-05", "October 5, 2026", "1", "4", "0.25", "", "share"]
    assert rows[0][:10] == first
    together = {row[0]: row[5:9] for row in rows if row[3] == "all"}
    assert together["Cancelled late"] == ["1", "8", "0.125", ""]
    assert together["Days from booking to appointment"] == ["", "6", "2.0", "9"]


def test_the_third_start_that_a_patient_could_book_is_counted_in_days(lakeside, clock):
    clock.move_to(chicago(19, 15))
    shown = staff("dana", Role.SCHEDULER, lakeside).get(PAGE, {"about": "next"})
    lines = section(shown, "Third next available, first appointment", "Calendar")[0]
    assert "Acupuncture (manual) 3 1" in lines  # tomorrow, since two hours from now is too soon for a patient


def test_what_holds_now_is_taken_along_under_today_whichever_weeks_were_shown_before(lakeside, clock):
    clock.move_to(chicago(19, 15))
    answer = staff("dana", Role.SCHEDULER, lakeside).get(CSV, WEEKS | {"about": "next"})
    assert 'filename="reports-next-lakeside-2026-10-19.csv"' in answer.headers["Content-Disposition"]
    heading, *rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert heading[:4] == ["Measure", "As of", "Therapy", "Name"]
    assert {row[1] for row in rows} == {"2026-10-19"}


def test_staff_of_a_program_read_of_its_people_alone(lakeside):
    frank = staff("frank", Role.PROGRAM, lakeside)
    assert section(frank.get(PAGE, WEEKS), "Did not come", "Appointments")[1].startswith("1 2 50.0 %")
    assert "Use of hands" not in text_of(frank.get(PAGE, WEEKS | {"about": "time"}))


def test_groups_of_people_are_told_apart_for_quarters_that_are_over(lakeside, clock):
    clock.move_to(chicago(19, 9, month=1).replace(year=2027))
    shown = staff("ada", Role.ADMIN, lakeside).get(PAGE, WEEKS | {"by": "language"})
    said = text_of(shown)
    assert "From October 1, 2026 to December 31, 2026." in said
    _lines, _, together = section(shown, "Did not come", "Appointments")[0].partition(" English ")
    assert together.startswith("not shown")
    assert "8 12.5 %" not in said


def test_no_report_names_a_patient(dana):
    for said in (dana.get(PAGE, WEEKS).content.decode(), dana.get(CSV, WEEKS).content.decode()):
        assert not [name for name in ("Fay", "Lee", "Ely", "Person 9") if name in said]


def test_days_without_appointments_say_what_to_do(dana):
    shown = text_of(dana.get(PAGE, {"from": "1/5/2026", "until": "1/11/2026"}))
    assert "There is nothing to measure on these days. Choose other days above" in shown


@pytest.mark.parametrize("address", [PAGE, CSV])
def test_dates_that_cannot_be_read_are_refused_kindly_and_kept(dana, address):
    answer = dana.get(address, {"from": "soon", "until": "10/18/2026"})
    assert answer.status_code == 422
    assert "“soon” is no date that can be read. Please type both as in 3/27/2026." in text_of(answer)
    assert 'value="soon"' in answer.content.decode()


@pytest.mark.parametrize("about", ["visits", "time", "checks", "next"])
def test_more_appointments_cost_no_more_queries(dana, about, django_assert_max_num_queries):
    dana.get(PAGE, WEEKS | {"about": about})
    with django_assert_max_num_queries(24):
        dana.get(PAGE, WEEKS | {"about": about})
