"""The day board: who comes to whom, when and where, how each stands, and what is closed, kept or without cover."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.actions import appointments
from booking.actions.families import reservations
from booking.cancel_reasons import CancelReason
from booking.models import Appointment
from booking.status import Move, Status
from core.models import RoleAssignment, Site, User
from core.principal import Principal
from core.roles import Role
from scheduler.actions import calendars
from scheduler.actions.place_closures import close_places
from scheduler.models import Absence, Closure, Place, Practitioner
from tests.booking.pages.walk import text_of
from tests.factories.admin import sign_in
from tests.factories.blocks import make_block
from tests.factories.booking import SYSTEM, chicago, make_person, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT, lay_out, make_practitioner

TODAY = {
    Status.FULFILLED: (9, 0),
    Status.NOSHOW: (10, 15),
    Status.CHECKED_IN: (11, 30),
    Status.ARRIVED: (12, 45),
    Status.BOOKED: (14, 0),
}
BOARD, OPENED = "/desk/", re.compile(r'<(?:a href="[^"]*"|span) class="v ([^"]+)" id="b-([^"]+)"')
WORDS = {
    Status.BOOKED: "booked",
    Status.ARRIVED: "arrived",
    Status.CHECKED_IN: "checked in",
    Status.NOSHOW: "did not come",
    Status.FULFILLED: "done",
    Status.PROPOSED: "waiting for a check",
    Status.CANCELLED: "cancelled; the time is kept for an undo until",
}


def named(name):
    return Practitioner.objects.get(name=name)


def book(name, start, *, who="Grace Okoro", status=Status.BOOKED, at=AT - timedelta(days=4), **kind):
    site = Site.objects.get(key="lakeside")
    return make_visit(make_person(site, name).record, slot_id(named(who), start, **kind), status, at=at)


@pytest.fixture(scope="module")
def day_once(clinic, once_a_module):
    """Monday at Lakeside: of each status one, and two who rest side by side."""
    with once_a_module(), time_machine.travel(AT, tick=False):
        for number, (status, wall) in enumerate(TODAY.items()):
            book(f"Patient {number}", chicago(5, *wall), status=status)
        book("Ines Sousa", chicago(5, 11), who="Boris Ivanov", status=Status.PROPOSED, at=chicago(3, 11))
        off = book("Karl Braun", chicago(5, 13), who="Boris Ivanov")
        appointments.move(off.public_id, Move.CANCEL, by=Principal.system("test"), at=AT, reason=CancelReason.PATIENT)
        book("Olga Reyes", chicago(5, 15), who="Boris Ivanov")
        book("Tom Silva", chicago(5, 15, 35), who="Boris Ivanov", visit="followup")


@pytest.fixture
def dana(day_once, site):
    return sign_in(Client(), "dana", Role.SCHEDULER, site)


def visits_on(page):
    return {found: set(kinds.split()) for kinds, found in OPENED.findall(page.content.decode())}


def visit_of(name):
    return Appointment.objects.get(patient__name=name)


def item(page, visit):
    """Return one visit on the board as it reads."""
    begins = page.content.decode().partition(f'id="b-{visit.public_id}"')[2]
    return re.sub(r"<[^>]+>", "", begins.partition("</a>")[0].partition(">")[2]).replace("\xa0", " ")


def test_each_visit_says_who_comes_how_that_stands_when_for_what_and_where(dana):
    page = dana.get(BOARD)
    assert page.resolver_match.url_name == "desk"
    said = item(page, visit_of("Olga Reyes"))
    assert said.startswith("Olga Reyes booked, 3:00–4:15 PM, Acupuncture (manual), bay")
    assert "hands on until 3:35 PM, nearby until 4:00 PM" in said
    assert "turnover until 4:25 PM" in said


@pytest.mark.parametrize("status", WORDS)
def test_every_state_is_said_in_words_and_has_a_mark_of_its_own(dana, status):
    visit = Appointment.objects.filter(status=status).first()
    page = dana.get(BOARD)
    assert WORDS[status] in item(page, visit)
    assert status.value in visits_on(page)[str(visit.public_id)]


def test_who_rests_and_who_comes_meanwhile_lie_side_by_side(dana):
    shown = visits_on(dana.get(BOARD))
    assert "l0-2" in shown[str(visit_of("Olga Reyes").public_id)]
    assert {"l1-2", "o1", "d12"} <= shown[str(visit_of("Tom Silva").public_id)]


def test_places_are_columns_as_well_with_who_treats_there(dana):
    page = dana.get(f"{BOARD}?by=places")
    olga = visit_of("Olga Reyes")
    assert re.search(r"bay-\d+", text_of(page).partition("Time")[2])
    assert "Boris Ivanov" in item(page, olga)
    assert {"d17", "l0-1"} <= visits_on(page)[str(olga.public_id)]  # with its turnover, beside nobody


def test_a_place_that_is_closed_says_so_with_until_when_and_why_and_no_time_there_is_free(dana, site):
    place = Place.objects.filter(room__site=site).first()
    days = {"first_on": date(2026, 10, 2), "last_on": date(2026, 10, 9)}
    before = dana.get(f"{BOARD}?by=places")
    close_places(site, [place.public_id], name="Floor", by=SYSTEM, at=AT, **days)
    page = dana.get(f"{BOARD}?by=places")
    assert "Closed from October 2, 2026 until October 9, 2026: Floor" in text_of(page)
    head, _, body = page.content.decode().partition("<thead>")[2].partition("</tbody>")[0].partition("<tbody>")
    column = [str(place.public_id) in one for one in head.split("data-key=")[1:]].index(True)
    kinds = {re.findall(r'<td class="(.)"', row)[column] for row in body.split("<tr")[1:]}
    assert kinds == {"b", "c"}, "who is there already, and nothing free"
    assert "Closed: Floor" in text_of(page)
    assert "✕" not in text_of(before)
    assert "✕" not in text_of(dana.get(f"{BOARD}?by=places&day=2026-10-12"))


def test_a_day_that_is_typed_is_shown_and_one_that_is_none_is_said(dana):
    assert "Tuesday, October 6, Chicago" in text_of(dana.get(f"{BOARD}?typed=10/6/2026"))
    assert "Friday, March 5, 2027, Chicago" in text_of(dana.get(f"{BOARD}?typed=5.3.2027"))
    wrong = dana.get(f"{BOARD}?typed=someday")
    assert "Please type a day such as" in text_of(wrong)
    assert 'value="someday"' in wrong.content.decode()


def test_an_administrator_sees_who_comes_but_not_what_for(dana, site, monkeypatch):
    ada, olga = sign_in(Client(), "ada", Role.ADMIN, site), visit_of("Olga Reyes")
    assert "Acupuncture" not in item(ada.get(BOARD), olga)
    monkeypatch.setattr("booking.web.desk.board.items.may", lambda *_: True)
    assert "Acupuncture" in item(ada.get(BOARD), olga)


def test_whoever_treats_sees_their_own_calendar_alone(dana, site):
    grace = sign_in(Client(), "grace", Role.PRACTITIONER, site)
    Practitioner.objects.filter(name="Grace Okoro").update(user=User.objects.get(username="grace"))
    page = grace.get(f"{BOARD}?site={site.key}")
    assert len(visits_on(page)) == len(TODAY)
    assert not {"Boris Ivanov", "Olga Reyes", "By place"} & set(re.split(r"\s{2,}", text_of(page)))
    assert "Boris" not in text_of(grace.get(f"{BOARD}?by=places"))


def test_twin_who_were_taken_for_a_scheduler_would_see_all_columns(dana, site, monkeypatch):
    grace = sign_in(Client(), "grace", Role.PRACTITIONER, site)
    monkeypatch.setattr("booking.web.desk.board.reading.sees_all", lambda *_: True)
    assert "Boris Ivanov" in text_of(grace.get(BOARD))


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.AUDITOR, Role.PROGRAM])
def test_whoever_sees_no_calendar_begins_on_their_own_page(dana, site, role):
    assert sign_in(Client(), "somebody", role, site).get(BOARD).status_code == 302


def test_absences_and_closures_are_said_where_they_are(dana, site):
    Absence.objects.create(practitioner=named("Boris Ivanov"), period=(chicago(6, 9), chicago(6, 12)))
    day = {"first_on": chicago(6, 0), "last_on": chicago(6, 0)}
    Closure.objects.create(site=site, name="Fire drill", starts="16:00", **day)
    page = text_of(dana.get(f"{BOARD}?day=2026-10-06"))
    assert "Away" in page
    assert "Closed: Fire drill" in page
    assert "Not working" in page


def test_nothing_is_free_beyond_the_hours_of_the_site_where_somebody_works_longer(dana, site):
    make_practitioner(site, name="Vera Lim", hours=[(2, "19:00", "22:00")])
    column = 2  # after Boris and Grace
    page = dana.get(f"{BOARD}?day=2026-10-06")
    rows = page.content.decode().partition("<tbody>")[2].partition("</tbody>")[0].split("<tr")[1:]
    kinds = ["".join(re.findall(r'<td class="(.)"', row)[column:]) for row in rows]
    assert kinds[-12:] == ["f"] * 8 + ["c"] * 4, "the site closes at nine in the evening"
    assert "Site closed" in text_of(page)


def test_time_of_families_and_seats_that_are_kept_are_shown(dana, site):
    make_block(named("Grace Okoro"), 3, "13:00", "15:00")
    lay_out(weeks=3)
    by = Principal.of(User.objects.get(username="dana"), at=AT)
    reservations.keep([read_slot(slot_id(named("Boris Ivanov"), chicago(21, 10)))], by=by, at=AT)
    page = dana.get(f"{BOARD}?day=2026-10-21")
    assert "Family time" in text_of(page)
    assert "Kept for a family to be named by" in text_of(page)
    assert [kinds for kinds in visits_on(page).values() if "seat" in kinds]


def test_a_visit_whose_time_is_not_open_any_more_is_without_cover(dana):
    visit = book("Nora Weiss", chicago(7, 10))
    assert "without cover" not in item(dana.get(f"{BOARD}?day=2026-10-07"), visit)
    away = {"starts_at": chicago(7, 9), "ends_at": chicago(7, 12)}
    calendars.add_absence(named("Grace Okoro"), **away, by=Principal.system("test"), at=AT)
    page = dana.get(f"{BOARD}?day=2026-10-07")
    assert "without cover" in item(page, visit)
    assert "Grace Okoro, L.Ac. ✕ Away until 12:00 PM" in text_of(page).replace("\xa0", " ")  # at the head of her column
    assert '<td class="b a"' in page.content.decode()  # beside the visit
    assert "uncovered" in visits_on(page)[str(visit.public_id)]


def test_what_was_cancelled_and_takes_no_time_is_listed_below(dana):
    visit = book("Lea Novak", chicago(8, 10), status=Status.CANCELLED)
    page = dana.get(f"{BOARD}?day=2026-10-08")
    assert str(visit.public_id) not in visits_on(page)
    assert "1 appointment of this day was cancelled" in text_of(page)
    assert "Lea Novak" in text_of(page)


def test_the_clock_line_stands_where_it_is_now_and_on_no_other_day(dana):
    assert 'class="now o0"' in dana.get(BOARD).content.decode()
    assert 'class="now o' not in dana.get(f"{BOARD}?day=2026-10-06").content.decode()


def test_many_practitioners_and_visits_cost_no_more_queries_than_few(dana, site):
    dana.get(BOARD)
    with CaptureQueriesContext(connection) as few:
        dana.get(f"{BOARD}?day=2026-10-09")
    book("Una Vogel", chicago(9, 10))
    with CaptureQueriesContext(connection) as one:
        dana.get(f"{BOARD}?day=2026-10-09")
    for number in range(3):
        make_practitioner(site, name=f"Colleague {number}")
    lay_out(weeks=3)
    for hour in (11, 13, 15):
        book(f"Many {hour}", chicago(9, hour), who="Colleague 0")
    with CaptureQueriesContext(connection) as many:
        dana.get(f"{BOARD}?day=2026-10-09")
    assert len(many) == len(one)
    assert len(one) <= len(few) + 2  # whether what is booked has cover
    assert len(one) <= 32

    frank = sign_in(Client(), "frank", Role.SCHEDULER, site)  # and of a program: whose families he knows
    RoleAssignment.objects.create(user=User.objects.get(username="frank"), role=Role.PROGRAM, site=site, starts_at=AT)
    with CaptureQueriesContext(connection) as asked:
        frank.get(f"{BOARD}?day=2026-10-09")
    assert sum('FROM "booking_familylink"' in one["sql"] for one in asked) == 1


def test_what_is_undone_in_time_is_booked_again_on_the_board(dana):
    visit = Appointment.objects.get(status=Status.CANCELLED, patient__name="Karl Braun")
    appointments.move(visit.public_id, Move.UNDO, by=Principal.system("test"), at=AT)
    assert "Karl Braun booked" in text_of(dana.get(BOARD)).replace(" ,", ",")
