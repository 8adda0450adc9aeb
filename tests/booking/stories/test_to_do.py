"""Dana finds on one page all that waits, each with one click to where it is done; others find what is theirs."""

import html
import re
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.actions import call_requests, calls, uncovered_visits
from booking.actions.families import reservations
from booking.actions.patients.alike_records import note_alike
from booking.actions.patients.patients import register
from booking.calls import open_tasks
from booking.models import (
    Appointment,
    CallReason,
    CallTask,
    ContactPoint,
    LeaveRequest,
    PractitionerScreening,
)
from booking.seats.seat_rules import REMINDED
from booking.web.desk.to_do.site_tasks import TasksOfSite
from core.models import User
from core.principal import Principal
from core.roles import Role
from scheduler import public as scheduler
from scheduler.actions import calendars
from scheduler.models import BusyCalendar, Closure
from scheduler.public import block_occurrences
from tests.booking.pages.walk import text_of
from tests.booking.stories.test_reviews_before_booking import book
from tests.factories.admin import sign_in
from tests.factories.blocks import make_block
from tests.factories.booking import HOUR, SYSTEM, chicago, make_patient, make_visit, read_slot, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT

PAGE = "/desk/to-do/"
CARD = re.compile(r'<li class="note.*?<strong>([^<]+)</strong>.*?<a class="tap" href="(/[^"]+)">', re.DOTALL)
HEADING = re.compile(r'<h2 id="k-([a-z-]+)">')
BORN = date(1970, 5, 1)
EVERY_KIND = {
    "without-cover", "unreachable", "messages", "calls", "family-time", "absences", "leave", "calendars", "holidays",
    "duplicates", "unverified",
}  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def dana(lakeside):
    return sign_in(Client(), "dana", Role.SCHEDULER, lakeside)


def principal(name):
    return Principal.of(User.objects.get(username=name), at=AT)


def comes(name, dr_li, day, hour, *, phone=True, guest=False):
    patient = make_patient(dr_li.site_of_test, name, guest=guest)
    if phone:
        ContactPoint.objects.create(patient=patient, system="phone", value=f"+1312555{day:02}{hour:02}", rank=2)
    return make_visit(patient, slot_id(dr_li, chicago(day, hour)))


def away(dr_li, day):
    times = {"starts_at": chicago(day, 0), "ends_at": chicago(day, 23)}
    calendars.add_absence(dr_li, **times, reason="leave", by=SYSTEM, at=AT)
    uncovered_visits.review(at=AT)  # as the edit lets it be done


def kinds(page):
    return HEADING.findall(page.content.decode())


def cards(page):
    """Return whom, or what, the page is about, and where one click leads."""
    return [(html.unescape(who), html.unescape(url)) for who, url in CARD.findall(page.content.decode())]


@pytest.fixture
def everything(dana, dr_li, lakeside):
    """Something of every kind that is a scheduler's."""
    dr_li.site_of_test = lakeside
    comes("Cora Cover", dr_li, 9, 10)
    away(dr_li, 9)
    for name, hour, phone in (("Mia Message", 10, True), ("Una Unreached", 12, False)):
        calls.raise_for([comes(name, dr_li, 8, hour, phone=phone).pk], CallReason.NOT_REACHED, at=AT)
    call_requests.ask(site=lakeside.pk, name="Olga Asked", phone="+13125550177", first=False, by=SYSTEM, at=AT)
    slot = read_slot(slot_id(dr_li, chicago(15, 10)))
    kept = reservations.keep([slot], by=principal("dana"), at=AT)
    type(kept).objects.filter(pk=kept.pk).update(name_by=AT + REMINDED)
    Closure.objects.create(
        site=lakeside, first_on=date(2026, 10, 12), last_on=date(2026, 10, 12), name="Columbus Day", confirmed=False
    )
    twice = {"birth_date": BORN, "site": lakeside, "by": SYSTEM, "at": AT}
    one = register(name="Zoe Twice", email="zoe@example.test", **twice)
    register(name="Twice, Zoe", email="zoe@work.test", **twice)
    make_visit(one, slot_id(dr_li, chicago(7, 10)))
    comes("Gus Guest", dr_li, 7, 12, guest=True)
    PractitionerScreening.objects.create(
        practitioner=dr_li, site=lakeside, on=AT.date(), policy_version=1, answered_at=AT,
        answered_by="user:1", outcome="rebook", away_until=date(2026, 10, 20), answers_until=AT,
    )  # fmt: skip
    LeaveRequest.objects.create(
        practitioner=dr_li, site=lakeside, first_on=date(2026, 11, 2), last_on=date(2026, 11, 6), asked_at=AT
    )
    BusyCalendar.objects.create(
        practitioner=dr_li, sealed_url="x", host="calendar.test", read_at=AT, problem="It did not answer."
    )
    note_alike(at=AT)
    return dana


def test_each_thing_that_waits_stands_once_and_is_one_click_from_where_it_is_done(everything):
    page = everything.get(PAGE)
    assert set(kinds(page)) == EVERY_KIND
    assert kinds(page)[-3:] == ["duplicates", "unverified", "holidays"], "due first, of what nobody waits for"
    found = dict(cards(page))
    assert len(cards(page)) == 11
    read = {who: text_of(everything.get(url)) for who, url in found.items()}
    for who, words in {
        "Cora Cover": "Move", "Mia Message": "Mia Message", "Una Unreached": "Una Unreached",
        "Olga Asked": "Olga Asked", "Columbus Day": "Columbus Day", "Zoe Twice": "Twice, Zoe", "Gus Guest": "Gus Guest",
        "Thursday, October 15, 2026, 10:00\xa0AM, Dr Li": "Dr Li",
    }.items():  # fmt: skip
        assert words in read[who], who
    assert f"#c-task-{CallTask.objects.filter(reason=CallReason.NOT_REACHED).earliest('pk').pk}" in found["Mia Message"]
    said = text_of(page)
    assert "Tell them: the appointment is booked" in said, "what to say"
    assert "(312) 555-0810" in said


def test_what_is_done_is_gone_and_the_empty_page_says_what_comes_next(dana, dr_li, lakeside):
    dr_li.site_of_test = lakeside
    empty = text_of(dana.get(PAGE))
    assert "All is done. No appointment lies ahead here." in empty
    visit = comes("Mia Message", dr_li, 8, 10)
    calls.raise_for([visit.pk], CallReason.NOT_REACHED, at=AT)
    assert [who for who, _url in cards(dana.get(PAGE))] == ["Mia Message"]
    calls.end([visit.pk], CallReason.NOT_REACHED, at=AT)
    assert "The next appointment is Thursday, October 8" in text_of(dana.get(PAGE))


def test_the_page_and_the_number_beside_its_name_cost_the_same_for_many_as_for_few(everything, dr_li, lakeside):
    def asked():
        with CaptureQueriesContext(connection) as found:
            everything.get(PAGE)
        return len(found)

    few = asked()
    for hour in (9, 11, 14):
        calls.raise_for([comes(f"Mo {hour}", dr_li, 6, hour).pk], CallReason.NOT_REACHED, at=AT)
        comes(f"Co {hour}", dr_li, 13, hour, guest=True)
        again = Appointment.objects.latest("pk").patient
        register(name=again.name, email=f"x{hour}@work.test", birth_date=BORN, site=lakeside, by=SYSTEM, at=AT)
    away(dr_li, 13)
    note_alike(at=AT)
    assert asked() == few
    by = principal("dana")
    with CaptureQueriesContext(connection) as counting:
        count = open_tasks.count_open(lakeside, by=by, at=AT)
    assert count == len(cards(everything.get(PAGE))) == 23
    assert len(counting) <= 12, "however much there is"
    assert "To do (23)" in text_of(everything.get(PAGE))


@pytest.mark.parametrize("role", [Role.SCHEDULER, Role.ADMIN, Role.PROGRAM, Role.CLINICIAN, Role.PRACTITIONER])
def test_the_number_beside_its_name_is_that_of_what_stands_there(everything, review, dr_li, lakeside, role):
    seen = {one.patient.name: one.pk for one in Appointment.objects.all()}
    calls.raise_for([seen["Mia Message"]], CallReason.RULES_CHANGED, at=AT)
    calls.end([seen["Cora Cover"]], CallReason.WITHOUT_COVER, at=AT)
    browser = sign_in(Client(), "somebody", role, lakeside)
    if role is Role.PRACTITIONER:
        browser.force_login(dr_li.user)
    page = browser.get(PAGE)
    said = re.search(r"To do \((\d+)\)", text_of(page))
    assert int(said.group(1) if said else 0) == len(cards(page)), role
    assert ("Cora Cover" in text_of(page)) == (role not in {Role.PROGRAM, Role.CLINICIAN})


def test_who_is_called_about_a_time_that_is_looked_for_stands_once(dana, dr_li, lakeside):
    dr_li.site_of_test = lakeside
    visit = comes("Cora Cover", dr_li, 9, 10)
    away(dr_li, 9)
    calls.raise_for([visit.pk], CallReason.WITHOUT_COVER, at=AT)
    assert [(who, "/move/" in url) for who, url in cards(dana.get(PAGE))] == [("Cora Cover", True)]


@pytest.fixture
def review(dr_li, alice, lakeside):
    """Alice's request, that a clinician looks at by what she answered."""
    adopt_suitability(site=lakeside)
    return book(alice, dr_li)


@pytest.mark.parametrize(
    ("role", "named", "counted"),
    [
        (Role.CLINICIAN, True, False), (Role.SCHEDULER, False, True), (Role.PROGRAM, False, False),
        (Role.ADMIN, False, False), (Role.PRACTITIONER, False, False),
    ],
)  # fmt: skip
def test_whoever_reads_answers_finds_them_whoever_sees_how_people_stand_counts_them(
    review, lakeside, role, named, counted
):
    browser = sign_in(Client(), "somebody", role, lakeside)
    page = browser.get(PAGE)
    assert ("Alice Adams" in text_of(page), "1 waits for a clinician" in text_of(page)) == (named, counted)
    assert [text_of(browser.get(url)).count("Alice Adams") > 0 for _who, url in cards(page)] == [True] * named


def test_twin_without_the_look_at_rights_a_name_is_told_to_whoever_may_count_alone(review, lakeside, monkeypatch):
    monkeypatch.setattr(TasksOfSite, "_here", lambda _self, _action: True)
    assert "Alice Adams" in text_of(sign_in(Client(), "dana", Role.SCHEDULER, lakeside).get(PAGE))


def test_whoever_works_in_their_own_calendar_finds_that_alone(everything, dr_li, lakeside):
    li, kim = Client(), sign_in(Client(), "kim", Role.PRACTITIONER, lakeside)
    li.force_login(dr_li.user)
    assert {who for who, _url in cards(li.get(PAGE))} == {"Cora Cover", "Mia Message", "Una Unreached"}
    assert cards(kim.get(PAGE)) == []


def test_at_another_site_nothing_of_this_one_stands(everything, riverside):
    assert cards(sign_in(Client(), "rita", Role.SCHEDULER, riverside).get(PAGE)) == []


def test_whoever_cannot_reach_set_up_decides_about_a_holiday_at_the_desk(everything):
    User.objects.update(is_staff=False)
    page = everything.get(PAGE)
    assert "holidays" in kinds(page)
    assert "/desk/closures/holidays/" in page.content.decode()


def test_what_is_overdue_says_so(everything, lakeside, clock):
    clock.shift((48 * HOUR).total_seconds())
    later = sign_in(Client(), "dora", Role.SCHEDULER, lakeside)
    assert "Was due: Tuesday, October 6" in text_of(later.get(PAGE))


@pytest.mark.parametrize(("role", "keeps"), [(Role.SCHEDULER, True), (Role.PROGRAM, True), (Role.PRACTITIONER, False)])
def test_a_day_that_is_kept_week_by_week_stands_there_and_is_counted_before_it_opens(
    dr_li, lakeside, clock, role, keeps
):
    make_block(dr_li, 4, "14:00", "16:00")
    (day,) = block_occurrences(lakeside.pk, AT, chicago(9, 0), at=AT)
    by = sign_in(Client(), "somebody", role, lakeside)
    assert cards(by.get(PAGE)) == []
    clock.move_to(day.everyone_at - HOUR)
    by.force_login(User.objects.get(username="somebody"))
    page = by.get(PAGE)
    assert ([who for who, _url in cards(page)], "To do (1)" in text_of(page)) == (
        (["Thursday, October 8, 2026, 2:00\xa0PM, Dr Li, L.Ac."], True) if keeps else ([], False)
    )
    clock.move_to(day.everyone_at)
    by.force_login(User.objects.get(username="somebody"))
    assert cards(by.get(PAGE)) == []


def test_when_a_stage_begins_it_is_told_until_somebody_has_decided_or_a_day_is_over(dr_li, lakeside, clock):
    block = make_block(dr_li, 4, "14:00", "16:00")
    by, begins, start = sign_in(Client(), "frank", Role.PROGRAM, lakeside), chicago(8, 14), chicago(15, 14)
    assert cards(by.get(PAGE)) == []

    def told(at):
        clock.move_to(at)
        by.force_login(User.objects.get(username="frank"))
        page = by.get(PAGE)
        assert ("To do (1)" in text_of(page)) == bool(cards(page)), "counted as it stands there"
        return page

    page = told(begins)
    said = text_of(page).replace("\xa0", " ")
    assert "Open to families and the program’s patients since Thursday, October 8, 2:00 PM." in said
    assert "Not booked: 120 minutes. Then it opens to all our patients." in said
    ((_who, url),) = cards(page)
    shown = by.get(url).content.decode()
    row = shown[shown.index(f'id="{url.partition("#")[2]}"') :]
    assert "<details open>" in row[: row.index("</tr>")], "what is to be decided is one click away"
    assert cards(told(begins + 24 * HOUR)) == [], "a day later"
    assert cards(told(begins + 23 * HOUR)) != []
    scheduler.keep_occurrence(
        block, start, reason="A family comes", until=None, by=principal("frank"), at=begins + 23 * HOUR
    )
    assert cards(told(begins + 23 * HOUR)) == [], "decided"


def test_what_a_clinician_is_to_look_at_is_counted_for_them(review, lakeside):
    counted = {
        role: "To do (1)" in text_of(sign_in(Client(), role.value, role, lakeside).get(PAGE))
        for role in (Role.CLINICIAN, Role.SCHEDULER)
    }
    assert counted == {Role.CLINICIAN: True, Role.SCHEDULER: False}
