"""Pages that say no: 403, 404, 409, 410, 429 and 503, each in the site's own look, with one next step."""

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.urls import reverse

from booking.actions import holds
from booking.errors import LimitReached
from booking.limit_kinds import LimitKind
from core.refusals import Busy, Refusal
from core.roles import Role
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import TIMES, slots_on

pytestmark = pytest.mark.journey
MAIN = re.compile(r"<main.*?</main>", re.DOTALL)


def main_acts(page: str) -> list[str]:
    """Return what stands out on a page as the thing to do: buttons that are not second, and their like."""
    body = MAIN.search(page)[0]
    links = re.findall(r'<a class="button" href="([^"]*)"', body)
    buttons = re.findall(r"<button(?! class=\"(?:second|plain)\")(?! name=\"slot\")", body)
    return [*links, *buttons]


def says_no_well(answer, status: int, *, at_the_desk: bool = False, times: bool = False) -> None:
    """Look at the page of a refusal; where it has `times` to choose, one of these is the next step."""
    page = answer.content.decode()
    assert answer.status_code == status
    assert "/static/core/meridian" in page, "in the site's own look"
    assert len(re.findall("<h1", page)) == 1
    assert re.findall(r'class="mark" href="([^"]*)"', page) == ["/desk/" if at_the_desk else "/"]
    assert len(main_acts(page)) == (0 if times else 1), main_acts(page)
    assert not at_the_desk or "Need help? Call" not in page


@pytest.fixture
def alice(clinic):
    return Client()


@pytest.fixture
def dana(clinic):
    return staff("dana", Role.SCHEDULER, clinic)


def refuses(monkeypatch, refusal: Refusal) -> None:
    def refused(*_args, **_named):
        raise refusal

    monkeypatch.setattr(holds, "choose", refused)


def test_403_a_form_of_a_page_that_was_open_too_long_leads_on_with_the_booking(clinic):
    says_no_well(Client(enforce_csrf_checks=True).post("/book/hold/", {"slot": "x"}), 403)


def test_404_there_is_no_such_page(alice, dana):
    says_no_well(alice.get("/nowhere/"), 404)
    says_no_well(alice.get("/m/nonsense/"), 404)
    says_no_well(dana.get("/desk/nowhere/"), 404, at_the_desk=True)


def test_409_somebody_else_was_quicker(alice, clinic):
    slot = slots_on(alice.get(TIMES))[8]
    Client().post("/book/hold/", {"slot": slot})
    answer = alice.post("/book/hold/", {"slot": slot})
    assert answer.status_code == 409
    assert slots_on(answer), "the next step is one of these times"
    assert not main_acts(answer.content.decode())


def test_410_what_was_answered_is_shown_no_more(alice, dana):
    says_no_well(alice.get(f"/book/you/?answer={uuid4()}"), 410)
    says_no_well(dana.get(f"/desk/book/?answer={uuid4()}"), 410, at_the_desk=True)


def test_429_that_was_too_often(alice, clinic, monkeypatch):
    slot = slots_on(alice.get(TIMES))[8]
    refuses(monkeypatch, LimitReached("", whose=LimitKind.SESSION, digest="", site_id=clinic.pk, wait=60))
    says_no_well(alice.post("/book/hold/", {"slot": slot}), 429)


def test_503_the_service_is_busy(alice, monkeypatch):
    slot = slots_on(alice.get(TIMES))[8]
    refuses(monkeypatch, Busy())
    says_no_well(alice.post("/book/hold/", {"slot": slot}), 503)


def test_403_a_page_that_is_not_among_theirs_leads_to_the_first_that_is(dana):
    says_no_well(dana.get(reverse("desk-accounts")), 403, at_the_desk=True)


def opened_elsewhere(path: str):
    """Open a page in a thread of its own, which has to connect anew."""
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = "somebody" * 4
    try:
        return client.get(path)
    finally:
        connections.close_all()


@pytest.mark.parametrize(("path", "at_the_desk"), [("/book/", False), ("/desk/to-do/", True)])
def test_503_without_a_database_stands_the_same_page_with_one_step(db, monkeypatch, path, at_the_desk):
    monkeypatch.setitem(connections.databases["default"], "PORT", "1")
    with ThreadPoolExecutor(1) as pool:
        says_no_well(pool.submit(opened_elsewhere, path).result(), 503, at_the_desk=at_the_desk)
