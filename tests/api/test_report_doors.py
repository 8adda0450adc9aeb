"""Reports over the API: a week at Lakeside, by hand, and which days and sites may be asked for."""

import pytest
import time_machine

from booking.models import Appointment
from booking.status import Status
from core.roles import Role
from tests.factories.booking import chicago, make_patient, make_staff, make_visit, slot_id
from tests.factories.scheduler import AT

REPORTS = "/api/v1/reports/"
WEEK = {"site": "lakeside", "from": "2026-10-05", "until": "2026-10-11"}


@pytest.fixture
def dana_reads(sign_in, lakeside, dr_li):
    """Dana's client on the Monday after a week in which one came and one did not."""
    for hour, status in ((9, Status.FULFILLED), (13, Status.NOSHOW)):
        make_visit(make_patient(lakeside, f"Person {hour}"), slot_id(dr_li, chicago(7, hour)), status, at=AT)
    with time_machine.travel(chicago(12, 9), tick=False):
        client = sign_in(make_staff("dana", Role.SCHEDULER, site=lakeside))
        yield lambda **asked: client.get(REPORTS, WEEK | asked)


def test_a_program_reads_what_was_counted_of_how_many_and_what_it_means(dana_reads):
    answer = dana_reads().json()
    assert (answer["from"], answer["until"], answer["by"]) == ("2026-10-05", "2026-10-11", "week")
    missed = next(one for one in answer["measures"] if one["key"] == "no-show")
    assert missed["together"] == {"shown": True, "counted": 1, "of": 2, "value": 0.5, "nine_of_ten_within": None}
    assert [(line["key"], line["of"]) for line in missed["lines"]] == [("2026-10-05", 2)]
    assert (missed["unit"], missed["better"]) == ("share", "lower")
    assert missed["meaning"].startswith("Appointments whose patient did not come")


def test_the_third_next_available_is_about_now(dana_reads):
    answer = dana_reads(about="next").json()
    assert (answer["from"], answer["until"], answer["by"]) == (None, None, "therapy")
    assert [line["key"] for line in answer["measures"][0]["lines"]] == ["acu_manual"]


def test_what_is_of_few_people_is_not_shown(dana_reads):
    Appointment.objects.update(period=(chicago(7, 9, month=9), chicago(7, 10, month=9)))
    quarter = {"by": "age", "from": "2026-07-01", "until": "2026-09-30"}
    missed = next(one for one in dana_reads(**quarter).json()["measures"] if one["key"] == "no-show")
    assert [(line["shown"], line["of"]) for line in missed["lines"]] == [(False, None)]
    assert missed["together"]["shown"] is False


@pytest.mark.parametrize(
    ("asked", "parameter", "said"),
    [
        ({"site": "elsewhere"}, "site", "no such site"),
        ({"from": "2026-10-20", "until": "2026-10-21"}, "until", "looks back"),
        ({"by": "language"}, "until", "whole calendar quarters"),
        ({"about": "time", "by": "therapy"}, "by", "not told apart like that"),
    ],
)
def test_what_there_is_no_report_of_is_refused_with_its_parameter(dana_reads, asked, parameter, said):
    answer = dana_reads(**asked)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["parameter"] == parameter
    assert said in error["detail"]
