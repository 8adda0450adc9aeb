"""Buttons at the door: what is offered is done, at whatever time it is pressed and by whom."""

import re

import pytest
from django.db import transaction
from django.test import Client

from booking.actions.screening import screening
from booking.models import Appointment, ScreeningResponse
from booking.screening.outcomes import ScreeningAnswers
from core import clock as core_clock
from core.models import Site, User
from core.principal import Principal
from core.roles import Role
from tests.booking.pages.walk import as_seen, go_on, hidden_on, text_of
from tests.factories.admin import sign_in

HOUR, A_DAY = 60 * 60, 24 * 60 * 60
BUTTON = re.compile(r'<form method="post" action="(/desk/arrivals/[^"]+/([a-z-]+)/[^"]*)"')
TIMES = {"before it": A_DAY + 4 * HOUR, "at its start": HOUR, "half an hour later": HOUR // 2, "the next day": A_DAY}
"""From Monday, eight in the morning; Alice comes on Tuesday at one."""


@pytest.fixture
def visit(screened_once, alice):
    """Where Alice's visit of tomorrow is found; she has said that she is well."""
    address = go_on(alice, screened_once)
    alice.post(f"{address}screening/", {"none": "1"})
    return address


def at_work(name: str, role: Role) -> Client:
    if not User.objects.filter(username=name).exists():
        return sign_in(Client(), name, role, Site.objects.get(key="lakeside"))
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def offered(client) -> dict[str, str]:
    """Return the buttons of Tuesday's page at the door: where each leads, by what it does."""
    page = client.get("/desk/arrivals/?day=2026-10-06").content.decode()
    return {move: url.replace("&amp;", "&") for url, move in BUTTON.findall(page)}


def refused(client) -> set[str]:
    """Press each button that is offered, as if it were the only one; return those that were refused."""
    wrong = set()
    for move, url in offered(client).items():
        with transaction.atomic():
            if client.post(url, as_seen() | {"nothing_new": "1"}).status_code != 302:
                wrong.add(move)
            transaction.set_rollback(True)
    return wrong


@pytest.mark.parametrize("role", [Role.SCHEDULER, Role.ADMIN], ids=lambda role: role.value)
def test_no_button_is_offered_that_is_then_refused(visit, clock, role):
    seen = {}
    for when, seconds in TIMES.items():
        clock.shift(seconds)
        client = at_work(role.value, role)
        assert refused(client) == set(), when
        seen[when] = set(offered(client))
    assert "no-show" not in seen["before it"] | seen["at its start"]
    assert "no-show" in seen["half an hour later"] & seen["the next day"]
    assert ("check-in" in seen["before it"]) is (role is Role.SCHEDULER)


def test_an_undo_is_offered_on_the_day_of_the_act(visit, clock):
    clock.shift(A_DAY + 6 * HOUR)
    dana = at_work("dana", Role.SCHEDULER)
    dana.post(offered(dana)["no-show"], as_seen())
    assert Appointment.objects.get().status == "noshow"
    assert {"arrive", "undo"} == set(offered(dana))
    assert refused(dana) == set()


def test_whoever_comes_along_is_asked_what_is_new_as_well_with_one_press(alice, visit, clock):
    alice.post(f"{visit}screening/?who=1", {"none": "1"})
    clock.shift(A_DAY + 4 * HOUR)
    dana = at_work("dana", Role.SCHEDULER)
    page = dana.get("/desk/arrivals/")
    assert "Companion: May come in, if nothing is new" in text_of(page)
    dana.post(offered(dana)["check-in"], as_seen() | {"nothing_new": "1"})  # the patient goes ahead
    page = dana.get("/desk/arrivals/")
    form = r'<form class="no-print beside" method="post" action="([^"]+)">.*?name="seen" value="([^"]*)"'
    ((where, seen),) = re.findall(form, page.content.decode())
    assert dana.post(where.replace("&amp;", "&"), {"none": "1", "seen": seen}).status_code == 302
    assert "Companion: May come in Ask" not in text_of(dana.get("/desk/arrivals/"))
    assert "if nothing is new" not in text_of(dana.get("/desk/arrivals/"))
    rows = ScreeningResponse.objects.order_by("companion")
    assert [row.rechecked_at is not None for row in rows] == [True, True]


def test_what_is_new_of_whoever_comes_along_keeps_them_out_and_not_alice(alice, visit, clock):
    alice.post(f"{visit}screening/?who=1", {"none": "1"})
    clock.shift(A_DAY + 4 * HOUR)
    dana = at_work("dana", Role.SCHEDULER)
    where = f"/desk/arrivals/{Appointment.objects.get().public_id}/questions/?who=1&step=new"
    asked = dana.get(where)
    assert "What is new: whoever comes with Alice Adams" in text_of(asked)
    said = {"fever_or_chills_24h": "on", "days": "1", "seen": hidden_on(asked)["seen"]}
    assert dana.post(where, said).status_code == 302
    page = text_of(dana.get("/desk/arrivals/"))
    assert "Companion: Must not come in" in page
    assert "Nothing new: check in" in page


def test_twin_without_the_guard_somebody_is_said_not_to_come_who_may_still_come(visit, clock, monkeypatch):
    monkeypatch.setattr("booking.web.desk.arrivals.arrival_rows.is_allowed", lambda *_, **__: True)
    clock.shift(A_DAY + 4 * HOUR)
    assert refused(at_work("dana", Role.SCHEDULER)) == {"no-show"}


def test_a_companion_with_a_fever_needs_no_other_time_and_can_be_asked_again_once_alice_is_in(alice, visit, clock):
    alice.post(f"{visit}screening/?who=1", {"none": "1"})
    clock.shift(A_DAY + 4 * HOUR)
    dana = at_work("dana", Role.SCHEDULER)
    where = f"/desk/arrivals/{Appointment.objects.get().public_id}/questions/?who=1&step=new"
    dana.post(where, {"fever_or_chills_24h": "on", "days": "1", "seen": hidden_on(dana.get(where))["seen"]})
    assert "Companion: Must not come in: the appointment stands without them" in text_of(dana.get("/desk/arrivals/"))
    dana.post(offered(dana)["check-in"], as_seen() | {"nothing_new": "1"})
    row = dana.get("/desk/arrivals/")
    assert "Companion: Must not come in: the appointment stands without them Ask the questions" in text_of(row)
    again = where.replace("&step=new", "")
    assert dana.get(again).status_code == 200


def test_dana_reads_why_alice_is_not_checked_in_by_the_press_that_was_to_do_it(visit, clock):
    clock.shift(A_DAY + 4 * HOUR)
    dana = at_work("dana", Role.SCHEDULER)
    where = f"/desk/arrivals/{Appointment.objects.get().public_id}/questions/"
    dana.post(where, {"fever_or_chills_24h": "on", "days": "1", "seen": hidden_on(dana.get(where))["seen"]})
    clock.shift(60)
    page = dana.post(where, {"none": "check-in", "seen": hidden_on(dana.get(where))["seen"]}, follow=True)
    assert "Alice Adams is not checked in. A clinician looks at it" in text_of(page)
    assert Appointment.objects.get().status == "booked"
    assert "is not checked in" not in text_of(dana.get("/desk/arrivals/"))


def test_nobody_answers_for_a_day_that_is_over(alice, visit, clock):
    clock.shift(2 * A_DAY)
    before = ScreeningResponse.objects.count()
    assert alice.get(f"{visit}screening/")["Location"] == visit
    assert alice.post(f"{visit}screening/", {"none": "1"})["Location"] == visit
    mine, at = Appointment.objects.get(), core_clock.now()
    said = ScreeningAnswers(answered_on=at.date(), choices={})
    with pytest.raises(screening.ScreeningNotAsked):
        screening.answer(mine.public_id, said, by=Principal.system("link"), at=at)
    assert ScreeningResponse.objects.count() == before
