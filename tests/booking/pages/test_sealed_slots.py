"""Ids of times on pages tell nothing to whoever decodes them; pages that were open before go on."""

import base64
import binascii
import re

import pytest

from booking.models import Appointment, Hold
from booking.web import slot_ids, times_list
from tests.booking.pages.walk import TIMES, book, hidden_on, hold, say_who, slots_on, text_of, times_on

DAY = f"{TIMES}&day=2026-10-06"
TELLING = re.compile(rb"acu|manual|first|lakeside")
LONG = re.compile(r"[\w-]{24,}")
OTHER_KEY = "a key that this server has never had, of a good length"  # pragma: allowlist secret


def decoded(page) -> list[str]:
    """Return the long words of a page's own parts that decode to what a visit is for, or where."""
    return [word for word in LONG.findall(page.content.decode()) if TELLING.search(_plain(word))]


def _plain(word: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
    except binascii.Error:
        return b""


def lapsed(alice, clock):
    say_who(alice)
    clock.shift(20 * 60)
    return alice.get("/book/check/")


def taken(alice, ben):
    slot = slots_on(alice.get(TIMES))[8]
    ben.post("/book/hold/", {"slot": slot})
    return alice.post("/book/hold/", {"slot": slot})


def moving(alice):
    visit = book(alice)
    page = alice.get(f"{visit}move/")
    check = alice.get(alice.post(f"{visit}move/", {"slot": slots_on(page)[13]})["Location"])
    return page, check


PAGES = {
    "days": lambda alice, ben, clock: [alice.get(TIMES)],
    "one day": lambda alice, ben, clock: [alice.get(DAY)],
    "kept too long": lambda alice, ben, clock: [lapsed(alice, clock)],
    "taken": lambda alice, ben, clock: [taken(alice, ben)],
    "behind a link": lambda alice, ben, clock: moving(alice),
}


@pytest.mark.parametrize("pages", PAGES)
def test_whoever_decodes_what_stands_on_a_page_learns_nothing_from_it(alice, ben, clock, pages):
    for page in PAGES[pages](alice, ben, clock):
        assert slots_on(page) or hidden_on(page)["slot"]
        assert decoded(page) == []


def test_twin_ids_that_are_spelled_tell_the_therapy(alice, monkeypatch):
    monkeypatch.setattr(times_list, "sealed", lambda slot_id: slot_id)
    page = alice.get(TIMES)
    assert len(decoded(page)) == len(slots_on(page))


def test_how_long_an_id_is_tells_nothing_of_what_it_names():
    lengths = {len(slot_ids.sealed("x" * length)) for length in range(65, 129)}
    assert len(lengths) == 1


def test_a_page_that_was_open_before_ids_were_sealed_books_and_moves_as_it_would_have(alice):
    spelled = times_on(alice.get(TIMES))[8]
    assert alice.post("/book/hold/", {"slot": spelled})["Location"] == "/book/you/"
    assert Hold.objects.get().slot == spelled
    visit = book(alice)
    spelled = times_on(alice.get(f"{visit}move/"))[13]
    check = alice.get(f"{visit}move/check/?slot={spelled}")
    assert alice.post(f"{visit}move/check/", {"slot": spelled}).status_code == 302
    assert check.status_code == 200
    assert Appointment.objects.get().version == 1


@pytest.mark.parametrize("sent", ["", "gAAAAA", "gAAAAA" + "x" * 250, "é", "x" * 5000])
def test_an_id_that_nobody_can_open_is_answered_with_a_way_on(alice, sent):
    visit = book(alice)
    for path, way_on in (("/book/hold/", "Choose another time"), (f"{visit}move/", "Back to my appointment")):
        answer = alice.post(path, {"slot": sent})
        assert answer.status_code == 404
        assert way_on in text_of(answer)


def test_a_page_from_before_the_key_was_changed_is_answered_with_a_way_on(alice, settings):
    slot = slots_on(alice.get(TIMES))[8]
    settings.SECRET_KEY, before = OTHER_KEY, settings.SECRET_KEY
    answer = alice.post("/book/hold/", {"slot": slot})
    assert (answer.status_code, "Choose another time" in text_of(answer)) == (404, True)
    settings.SECRET_KEY_FALLBACKS = [before]
    assert alice.post("/book/hold/", {"slot": slot}).status_code == 302


def test_two_pages_with_one_time_keep_it_once(alice):
    assert hold(alice).status_code == 302
    assert alice.post("/book/hold/", {"slot": slot_ids.sealed(Hold.objects.get().slot)}).status_code == 302
    assert Hold.objects.count() == 1
