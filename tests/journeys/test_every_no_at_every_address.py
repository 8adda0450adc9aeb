"""Whatever is refused at whichever address of patients and families, its page says what to do, and that leads on."""

import inspect
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.test import RequestFactory
from django.urls import Resolver404, resolve

from booking.limit_kinds import LimitKind
from booking.web import responses
from core import clock
from core.refusals import Refusal
from scheduler.public import SlotTaken
from tests.every_address import pages_of_patients
from tests.journeys.test_every_no_has_a_page import kinds
from tests.journeys.test_pages_that_say_no import MAIN, says_no_well
from tests.journeys.test_waiting_list_in_the_browser import free_times

pytestmark = pytest.mark.journey
SAID_BY_PAGES = {403, 404, 409, 410, 422, 429, 503}
VARIABLE = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
TO_CHOOSE = re.compile(r'name="slot"')


def example(name: str, slots: list[object], zone: object) -> object:
    """Return something that a refusal may be made with, by the name of what it takes."""
    in_two_hours = clock.now() + timedelta(hours=2)
    return {
        "about": {}, "act": "share", "again": True, "again_at": in_two_hours, "alternatives": slots,
        "appointment": uuid4(), "detail": "Please wait a little.", "digest": "", "earliest_day": in_two_hours.date(),
        "limit": 3, "move": "cancel", "phone": "(312) 555-0100", "site_id": 1, "stands": "active",
        "start": in_two_hours, "therapies": [], "unanswered": ["fever_now"], "until": in_two_hours, "wait": 60,
        "waiting": 2, "whose": LimitKind.SESSION, "why": "It takes too long.", "words": "Please call us first.",
        "zone": zone,
    }[name]  # fmt: skip


def needed(kind: type[Refusal]) -> set[str]:
    """Return the names of all that a refusal cannot be made without, its base's among them where it passes them on."""
    found: set[str] = set()
    for one in kind.__mro__:
        if "__init__" in vars(one):
            takes = list(inspect.signature(one.__init__).parameters.values())[1:]
            wanted = {this for this in takes if this.default is this.empty and this.kind not in VARIABLE}
            found |= {this.name for this in wanted if one is kind or this.kind is this.KEYWORD_ONLY}
            if not any(this.kind is this.VAR_KEYWORD for this in takes):
                break
    return found


def refusal(kind: type[Refusal], slots: list[object], zone: object) -> Refusal:
    """Return one of this kind, with times to choose where it offers any."""
    names = needed(kind)
    values = {name: example(name, slots, zone) for name in names}
    if "move" in names:  # of an appointment, not of a family link
        values["stands"] = "booked"
    return kind(**values | ({"alternatives": slots} if issubclass(kind, SlotTaken) else {}))


@pytest.fixture
def slots(clinic):
    return free_times(clinic)[:3]


def look_at(address: str, no: Refusal) -> str | None:
    """Return what is wrong with the page of a refusal at an address, if anything is."""
    request = RequestFactory().get(address)
    request.resolver_match, request.session, request.user = resolve(address), SessionBase(), AnonymousUser()
    page = responses.refusal_page(request, no)
    body = MAIN.search(page.content.decode())[0]
    try:
        says_no_well(page, no.status, times=bool(TO_CHOOSE.search(body)))
        for leads in re.findall(r'href="(/[^"]*)"', body):
            resolve(leads.partition("?")[0])
    except (AssertionError, Resolver404) as why:
        return f"{type(why).__name__}: {why}"
    return None


def offers_times(kind: type[Refusal]) -> bool:
    return issubclass(kind, SlotTaken) or "alternatives" in needed(kind)


def all_looked_at(refusals: list[Refusal]) -> dict[tuple[str, str], str]:
    """Return what is wrong with the pages of these, by refusal and address."""
    looks = {(no.code, address): look_at(address, no) for address in pages_of_patients() for no in refusals}
    return {page: why for page, why in looks.items() if why}


def test_each_refusal_says_what_to_do_at_each_address_of_patients_and_families(slots, clinic):
    refusals = [refusal(kind, slots, clinic.tz) for kind in set(kinds()) if kind.status in SAID_BY_PAGES]
    assert all_looked_at(refusals) == {}
    assert {one.status for one in refusals} == SAID_BY_PAGES
    assert len(refusals) * len(list(pages_of_patients())) > 5_000


def test_where_no_time_is_left_to_choose_it_says_what_else_to_do(clinic):
    refusals = [refusal(kind, [], clinic.tz) for kind in set(kinds()) if offers_times(kind)]
    assert all_looked_at(refusals) == {}
    assert len(refusals) > 5


def test_twin_if_a_page_led_nowhere_it_would_be_seen(clinic, monkeypatch):
    monkeypatch.setattr(responses, "_next", lambda *_: responses.NextStep("/nowhere/", "Go on"))
    assert all_looked_at([SlotTaken(alternatives=[])])
