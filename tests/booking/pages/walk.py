"""What a person does on the pages, in a few words: Alice opens, chooses, types, presses."""

import html
import re

from django.test import Client

from booking.web.slot_ids import opened
from tests.factories.scheduler import make_places, make_practitioner, make_site

TIMES = "/book/acu_manual/times/?visit=first"
ALICE = {"name": "Alice Adams", "email": "alice@example.test", "birth_date": "3/27/1961"}
SLOT = re.compile(r'<button name="slot" value="([^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
MASKED = re.compile(r"a…@example\.test")


def open_clinic(site=None):
    """Make a clinic with two practitioners and room for both."""
    site = site or make_site()
    make_places(site, 3)
    make_practitioner(site, name="Grace Okoro", languages=["en", "ko"])
    make_practitioner(site, name="Boris Ivanov", languages=["en", "ru"])
    return site


def text_of(response) -> str:
    """Return a page as it reads, without tags."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return html.unescape(re.sub(r"\s+", " ", plain))


def slots_on(response) -> list[str]:
    """Return the ids of the times that a page offers, as they stand there: sealed."""
    return SLOT.findall(response.content.decode())


def times_on(response) -> list[str]:
    """Return which times a page offers, by the ids that the API gives them."""
    return [opened(slot) for slot in slots_on(response)]


def hidden_on(response) -> dict[str, str]:
    """Return the hidden fields of a page's forms."""
    return dict(HIDDEN.findall(response.content.decode()))


def hold(client: Client, number: int = 8, *, times: str = TIMES):
    """Choose the time with this number on the page."""
    slot = slots_on(client.get(times))[number]
    return client.post("/book/hold/", {"slot": slot})


def to_check(client: Client, number: int = 8, *, times: str = TIMES, **answers):
    """Choose a time and say who comes; return the page that is checked."""
    hold(client, number, times=times)
    client.post("/book/you/", ALICE | answers)
    return client.get("/book/check/")


def book(client: Client, number: int = 8, **answers) -> str:
    """Book; return the address of the visit, without what has just happened."""
    page = to_check(client, number, **answers)
    done = client.post("/book/done/", hidden_on(page))
    assert done.status_code == 302, text_of(done)
    return done["Location"].partition("?")[0]
