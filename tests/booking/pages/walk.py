"""What a person does on the pages, in a few words: Alice opens, chooses, types, presses."""

import html
import re
from datetime import datetime
from html.parser import HTMLParser

from django.test import Client

from booking.actions import links
from booking.actions.as_seen import mark_of
from booking.models import Appointment, ContactPoint, Proof
from booking.web.slot_ids import opened, sealed
from scheduler.models import Practitioner
from tests.factories.booking import chicago, slot_id
from tests.factories.scheduler import AT, make_places, make_practitioner, make_site

TIMES = "/book/acu_manual/times/?visit=first"
ALICE = {"name": "Alice Adams", "email": "alice@example.test", "birth_date": "3/27/1961"}
OF_EACH_FAMILY = ["acu_heated", "acu_auricular", "acupressure", "cup_dry", "cup_moving", "moxa_indirect"]
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


class _Paper(HTMLParser):
    """What of a page is printed: all but what is marked for the screen alone."""

    VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "path", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.words, self._left_out = [], []

    def handle_starttag(self, tag, attrs):
        marks = (dict(attrs).get("class") or "").split()
        if tag not in self.VOID and (self._left_out or "no-print" in marks):
            self._left_out.append(tag)

    def handle_endtag(self, tag):
        if tag in self._left_out:
            while self._left_out.pop() != tag:
                pass

    def handle_data(self, data):
        if not self._left_out:
            self.words.append(data)


def printed(response) -> str:
    """Return what of a page stands on paper, without tags."""
    paper = _Paper()
    paper.feed(response.content.decode().partition("<main")[2])
    return re.sub(r"\s+", " ", " ".join(paper.words))


def in_mail(visit: str) -> str:
    """Return the address of a visit as its mails have it: by the token that no page shows."""
    return f"/m/{links.mailed_token(visit.split('/')[2])}/"


def link(page, words: str) -> str:
    """Return where the link leads whose words begin like this; empty where there is none."""
    found = re.search(rf'href="([^"]+)"[^>]*>(?:\s|<[^>]+>)*{words}', page.content.decode())
    return html.unescape(found[1]) if found else ""


def slots_on(response) -> list[str]:
    """Return the ids of the times that a page offers, as they stand there: sealed."""
    return SLOT.findall(response.content.decode())


def times_on(response) -> list[str]:
    """Return which times a page offers, by the ids that the API gives them."""
    return [opened(slot) for slot in slots_on(response)]


def hidden_on(response) -> dict[str, str]:
    """Return the hidden fields of a page's forms."""
    return dict(HIDDEN.findall(response.content.decode()))


def as_seen(visit=None) -> dict[str, str]:
    """Return the field that says as which an appointment is seen: as it is now; there is one where none is named."""
    return {"seen": mark_of(Appointment.objects.get(pk=visit.pk) if visit else Appointment.objects.get())}


def a_time(number: int = 2, *, week: int = 0) -> str:
    """Return the id of a time that is free at first, as pages have it: four a day from Tuesday on, two hours apart."""
    day, nth = divmod(number, 4)
    start = chicago(6 + day + 7 * week, 9 + 2 * nth)
    return sealed(slot_id(Practitioner.objects.get(name="Grace Okoro"), start))


def hold(client: Client, number: int = 2, *, week: int = 0, slot: str = ""):
    """Choose the time with this number, or that of a page."""
    return client.post("/book/hold/", {"slot": slot or a_time(number, week=week)})


def say_who(client: Client, number: int = 2, *, week: int = 0, **answers):
    """Choose a time and say who comes: the next page is the one to check."""
    assert hold(client, number, week=week).status_code == 302
    return client.post("/book/you/", ALICE | answers)


def to_check(client: Client, number: int = 2, *, week: int = 0, **answers):
    """Choose a time and say who comes; return the page that is checked."""
    say_who(client, number, week=week, **answers)
    return client.get("/book/check/")


def go_on(client: Client, booked: tuple[Client, str]) -> str:
    """Let a browser be where that of `booked` was; return the address of the visit."""
    browser, visit = booked
    client.cookies.load(browser.cookies.output(header=""))
    return visit


def book(client: Client, number: int = 2, *, slot: str = "", **answers) -> str:
    """Book at once what is on no page yet; return the address of the visit, without what has just happened."""
    kept = hold(client, number, slot=slot)
    assert kept.status_code == 302, text_of(kept)
    done = client.post("/book/done/", {"hold": client.session["draft"]["hold"]} | ALICE | answers)
    assert done.status_code == 302, text_of(done)
    return done["Location"].partition("?")[0]


def booked_and_proven(client: Client, number: int = 2, *, at: datetime = AT, slot: str = "", **answers) -> str:
    """Book, and show by a mailed code that the address is theirs; return the visit's address."""
    visit = book(client, number, slot=slot, **answers)
    ContactPoint.objects.update(verified_at=at)
    booked = Appointment.objects.get()
    Proof.objects.create(appointment=booked, made_by="visitor:alice", issued_at=at, codes_at=[at], proven_at=at)
    return visit
