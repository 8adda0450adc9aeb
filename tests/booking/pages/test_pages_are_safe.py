"""Opening changes nothing; pages are light, ask the database little, and carry nothing of others."""

import gzip
import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client

from tests.booking.pages.walk import TIMES, book, say_who, slots_on, text_of

WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|TRUNCATE|FOR (NO KEY )?UPDATE|advisory)\b")
STYLESHEET = Path(settings.BASE_DIR) / "core/static/core/meridian.css"
KILOBYTE = 1000


@contextmanager
def statements():
    """Collect the SQL that is run meanwhile."""
    run: list[str] = []

    def note(execute, sql, params, many, context):
        run.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield run


@pytest.fixture
def everywhere(alice) -> list[str]:
    """Every address that Alice can open, with a visit booked and another time kept."""
    visit = book(alice)
    say_who(alice, 11)
    slot = slots_on(alice.get(f"{visit}move/"))[13]
    times = [TIMES, f"{TIMES}&day=2026-10-06", f"{TIMES}&part=morning"]
    waiting = ["/book/acu_manual/waiting/?visit=first", "/waiting/asked/", "/waiting/order/"]
    open_to_all = ["/", "/book/", *times, *waiting, "/lost-link/", "/lost-link/sent/"]
    hers = ["/book/you/", "/book/check/", "/book/done/", "/book/hold/", "/book/more-time/"]
    behind = ["", "move/", f"move/check/?slot={slot}", "cancel/", "undo/", "earlier/", "appointment.ics"]
    return [*open_to_all, *hers, *(f"{visit}{page}" for page in behind)]


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_opening_changes_nothing(alice, everywhere, method):
    for address in everywhere:
        with statements() as run:
            answer = getattr(alice, method)(address)
        written = [sql for sql in run if WRITES.search(sql)]
        assert not written, f"{method} {address} wrote: {written}"
        assert answer.status_code < 500


def test_the_watch_over_writes_sees_one(alice, everywhere):
    with statements() as run:
        alice.post("/book/more-time/")
    assert any(WRITES.search(sql) for sql in run)


@pytest.mark.parametrize(
    ("page", "most"),
    [("/", 0), ("/book/", 10), (TIMES, 20), (f"{TIMES}&day=2026-10-06", 20), ("/book/you/", 8), ("/book/check/", 12)],
)
def test_a_page_asks_the_database_little(alice, page, most):
    say_who(alice)
    alice.get(page)
    with statements() as run:
        alice.get(page)
    assert len(run) <= most, "\n".join(run)


@pytest.mark.parametrize(("page", "most"), [("", 4), ("move/", 20), ("cancel/", 20)])
def test_a_page_behind_a_link_asks_the_database_little(alice, page, most):
    visit = book(alice)
    alice.get(f"{visit}{page}")
    with statements() as run:
        alice.get(f"{visit}{page}")
    assert len(run) <= most, "\n".join(run)


def test_pages_weigh_little(alice, everywhere):
    sheet = len(gzip.compress(STYLESHEET.read_bytes(), 6))
    for address in everywhere:
        page = alice.get(address)
        weight = len(gzip.compress(page.content, 6)) + sheet
        assert weight <= 25 * KILOBYTE, f"{address} weighs {weight} bytes"


def test_pages_have_no_script_in_them_and_no_style_of_their_own(alice, everywhere):
    for address in everywhere:
        body = alice.get(address).content.decode()
        body = re.sub(r'<script src="/static/[\w./-]+" defer(?: blocking="render")?></script>', "", body)
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", body), address
        # Nothing is loaded from elsewhere; the map is opened by a press alone, and hears nothing of the page.
        body = re.sub(r'<a class="tap" href="https://www[.]google[.]com/maps/[^"]+" rel="noreferrer">', "", body)
        assert not re.search(r'(src|href)="(https?:)?//', body), address


def test_a_form_of_another_site_is_refused_in_plain_words(site):
    answer = Client(enforce_csrf_checks=True).post("/book/hold/", {"slot": "x"})
    assert (answer.status_code, "open for too long" in text_of(answer)) == (403, True)


@pytest.mark.parametrize("page", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_stand_without_a_request_and_without_the_database(page):
    said = render_to_string(page)
    assert "<h1>" in said
    assert 'href="/"' in said


def test_an_unknown_address_gets_a_page_with_a_way_out(alice):
    answer = alice.get("/nowhere/")
    assert (answer.status_code, "There is no page here" in text_of(answer)) == (404, True)


def test_nobody_sees_what_another_browser_typed(alice, mallory):
    say_who(alice)
    assert mallory.get("/book/check/")["Location"] == "/book/"
    assert "Alice" not in text_of(mallory.get(TIMES))


@pytest.mark.parametrize("page", [TIMES, "/book/you/", "/book/check/"])
def test_what_was_typed_is_not_kept_by_a_shared_computer(alice, page):
    say_who(alice)
    assert "no-store" in alice.get(page)["Cache-Control"]
