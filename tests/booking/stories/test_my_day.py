"""Dr Li's day on her phone: who comes, what to look out for, and arrive, start, done with one press each."""

import gzip
import html
import re
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.models import Appointment
from booking.status import Status
from core.models import RoleAssignment, User
from core.roles import Role
from scheduler.models import Absence
from scheduler.public import UNTIL_FURTHER_NOTICE
from tests.booking.pages.walk import hidden_on, text_of
from tests.factories.booking import HOUR, MINUTE, chicago, make_person, make_visit, slot_id
from tests.factories.policies import LONG_AGO
from tests.factories.scheduler import AT, make_practitioner

START = chicago(6, 10)
PAGE = "/desk/my-day/"
BUTTON = re.compile(r'<form method="post" action="(/desk/my-day/[^"]+/([a-z-]+)/[^"]*)"')
KILOBYTE = 1000

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Tuesday, ten minutes before Alice comes."""
    with time_machine.travel(START - 10 * MINUTE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(alice, dr_li):
    """Alice's appointment of Tuesday at ten."""
    return make_visit(alice.record, slot_id(dr_li, START), at=AT)


@pytest.fixture
def li(dr_li):
    """Dr Li's browser."""
    client = Client()
    client.force_login(dr_li.user)
    return client


def words_of(response):
    return text_of(response).replace("\u202f", " ")


def offered(client):
    """Return what can be pressed: where each leads, by what it does."""
    return {what: html.unescape(url) for url, what in BUTTON.findall(client.get(PAGE).content.decode())}


def press(client, what, **sent):
    seen = hidden_on(client.get(PAGE))["seen"]
    return client.post(offered(client)[what], {"seen": seen, "nothing_new": "1"} | sent)


def stands(visit):
    visit.refresh_from_db()
    return visit.status, visit.started_at is not None


def test_whoever_only_treats_begins_here_and_finds_the_board_beside_it(li, visit):
    there = li.get("/desk/", follow=True)
    assert there.resolver_match.url_name == "desk-my-day"
    page = words_of(there)
    assert "10:00–11:15 AM Alice Adams" in page
    assert "booked" in page
    assert "9:00–10:00 AM Free" in page
    assert li.get("/desk/?site=lakeside").resolver_match.url_name == "desk"


def test_arrive_start_done_are_one_press_each_and_each_is_taken_back(li, visit, clock):
    steps = {"arrive": (Status.ARRIVED, False), "start": (Status.CHECKED_IN, True), "done": (Status.FULFILLED, True)}
    for act, then in steps.items():
        sent = press(li, act)
        assert (sent.status_code, stands(visit)) == (302, then), act
        assert sent["Location"].endswith(f"#c-{visit.public_id}")
    assert visit.started_at == START - 10 * MINUTE
    back = [(Status.CHECKED_IN, True), (Status.CHECKED_IN, False), (Status.ARRIVED, False), (Status.BOOKED, False)]
    for then in back:
        press(li, "undo")
        assert stands(visit) == then
    assert set(offered(li)) == {"arrive"}
    clock.move_to(START + 30 * MINUTE)
    li.force_login(visit.practitioner.user)
    assert set(offered(li)) == {"arrive", "no-show"}


def test_a_start_hours_before_its_time_is_asked_about_once_and_done_with_one_press_more(li, visit, clock):
    clock.move_to(START - 3 * HOUR)
    li.force_login(visit.practitioner.user)
    press(li, "arrive")
    asked = press(li, "start")
    assert (asked.status_code, stands(visit)) == (409, (Status.ARRIVED, False))
    assert "Their appointment is at 10:00 AM: are they treated already?" in words_of(asked)
    assert "Start all the same" in words_of(asked)
    assert 'name="all_the_same"' in asked.content.decode()
    assert press(li, "start", all_the_same="1").status_code == 302
    assert stands(visit) == (Status.CHECKED_IN, True)


def test_whoever_is_second_reads_who_was_first(li, visit, dana):
    page = li.get(PAGE)
    desk = Client()
    desk.force_login(dana.user)
    where = f"/desk/appointments/{visit.public_id}/"
    desk.post(f"{where}arrive/", {"seen": hidden_on(desk.get(where))["seen"]})
    late = li.post(offered(li)["start"].replace("start", "no-show"), {"seen": hidden_on(page)["seen"]})
    assert late.status_code == 409
    assert "Nothing of yours was done" in text_of(late)
    assert "Arrived (dana" in text_of(late)
    twice = li.post(offered(li)["start"].replace("start", "arrive"), {"seen": hidden_on(page)["seen"]})
    assert "is arrived already" in text_of(twice)
    assert stands(visit) == (Status.ARRIVED, False)


def test_somebody_elses_appointments_are_not_there(li, visit, lakeside):
    other = make_practitioner(lakeside, name="Dr Kim")
    theirs = make_visit(make_person(lakeside, "Tom Silva").record, slot_id(other, chicago(6, 11)), at=AT)
    assert "Tom Silva" not in text_of(li.get(PAGE))
    assert li.post(f"{PAGE}{theirs.public_id}/arrive/", {"seen": "x"}).status_code == 404
    other.user = User.objects.create_user("kim")
    other.save()
    RoleAssignment.objects.create(user=other.user, role=Role.SCHEDULER, site=lakeside, starts_at=LONG_AGO)
    RoleAssignment.objects.create(user=other.user, role=Role.PRACTITIONER, site=lakeside, starts_at=LONG_AGO)
    kim = Client()
    kim.force_login(other.user)
    assert "Alice Adams" not in text_of(kim.get(PAGE))
    assert kim.post(f"{PAGE}{visit.public_id}/arrive/", {"seen": "x"}).status_code == 404  # though she may at the door


def test_a_clinician_who_keeps_a_calendar_reads_their_day_and_marks_nothing(li, visit, dr_li):
    RoleAssignment.objects.filter(user=dr_li.user).update(role=Role.CLINICIAN)
    assert "Alice Adams" in text_of(li.get(PAGE))
    assert offered(li) == {}


def test_what_to_look_out_for_is_said_in_words(li, visit, alice, dr_li):
    alice.record.language = "es"
    alice.record.save()
    Appointment.objects.update(visit="first", note="Comes by the side door")
    page = words_of(li.get(PAGE))
    for flag in ("First appointment", "Reads Spanish: an interpreter may be needed", "Note: Comes by the side door"):
        assert flag in page


def test_what_is_not_booked_yet_says_what_it_waits_for_and_that_nothing_is_to_do(li, alice, dr_li):
    waits = make_visit(alice.record, slot_id(dr_li, START), Status.PENDING, at=AT - 2880 * MINUTE)
    page = words_of(li.get(PAGE))
    assert "The front desk knows what it waits for. Nothing for you to do; should they come, send them to the" in page
    Appointment.objects.filter(pk=waits.pk).update(awaits_referral="cancer")
    assert "It waits for their referral, which the front desk enters. Nothing for you" in words_of(li.get(PAGE))


def test_the_page_is_light_and_asks_as_much_for_one_as_for_many(li, visit, dr_li, lakeside):
    li.get(PAGE)
    with CaptureQueriesContext(
        connection,
    ) as few:
        li.get(PAGE)
    for hour in (12, 14):
        make_visit(make_person(lakeside, f"Tom {hour}").record, slot_id(dr_li, chicago(6, hour)), at=AT)
    with CaptureQueriesContext(connection) as many:
        page = li.get(PAGE)
    assert len(many) == len(few)
    static = Path(settings.BASE_DIR) / "core" / "static" / "core"
    parts = [
        page.content,
        *(
            (static / name).read_bytes()
            for name in ("meridian.css", "my_day.css", "find.js", "key_list.js", "my_day.js")
        ),
    ]
    assert sum(len(gzip.compress(part, 6)) for part in parts) <= 25 * KILOBYTE


def test_who_works_at_two_sites_on_a_day_sees_both_in_the_order_of_their_times(li, visit, dr_li, lakeside, riverside):
    ben, cleo = make_person(lakeside, "Ben Adams"), make_person(lakeside, "Cleo Adams")
    there = make_visit(ben.record, slot_id(dr_li, chicago(6, 12)), at=AT)
    make_visit(cleo.record, slot_id(dr_li, chicago(6, 15)), at=AT)
    assert "Lakeside clinic" not in cards_of(li)  # of one site it need not be said
    RoleAssignment.objects.create(user=dr_li.user, role=Role.PRACTITIONER, site=riverside, starts_at=LONG_AGO)
    Appointment.objects.filter(pk=there.pk).update(site=riverside)
    for site in ("lakeside", "riverside"):
        page = cards_of(li, site=site)
        names = [visit.patient.name, ben.record.name, cleo.record.name]
        assert sorted(names, key=page.index) == names
        assert page.index("Lakeside clinic") < page.index("Riverside clinic") < page.rindex("Lakeside clinic")
    Appointment.objects.update(site=riverside)  # a card that is pressed comes from the page of its site
    assert cards_of(li, site="riverside").count("Riverside clinic") == 3


def cards_of(client, **asked):
    page = client.get(PAGE, asked).content.decode()
    return page[page.index('<ol class="my-day"') : page.index("</ol>")]


def test_whoever_is_away_reads_so_and_until_when_on_a_day_without_anybody(li, visit, dr_li):
    Absence.objects.create(practitioner=dr_li, period=(chicago(7, 0), chicago(12, 9)))
    said = words_of(li.get(f"{PAGE}?day=2026-10-10")).replace("\xa0", " ")
    assert "You are away. You are back from Monday, October 12, 2026, 9:00 AM on." in said
    Absence.objects.create(practitioner=dr_li, period=(chicago(12, 9), chicago(14, 0)))
    said = words_of(li.get(f"{PAGE}?day=2026-10-10")).replace("\xa0", " ")
    assert "You are back from Wednesday, October 14, 2026 on." in said
    Absence.objects.order_by("-pk")[0].delete()
    Absence.objects.all().update(period=(chicago(7, 0), UNTIL_FURTHER_NOTICE))
    said = words_of(li.get(f"{PAGE}?day=2026-10-10"))
    assert "You are away until further notice. Nobody comes to you on this day." in said
    Absence.objects.all().delete()
    assert "You are away" not in words_of(li.get(f"{PAGE}?day=2026-10-10"))
