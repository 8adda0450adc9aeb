"""Behind her link Alice finds what has become of her visit: the same on the page and in the file for her calendar."""

from datetime import timedelta
from itertools import product

import icalendar
import pytest

from booking.models import Appointment
from booking.status import Status
from booking.status_display import Phase, status_display
from core.models import Site
from core.principal import Principal
from scheduler.actions import calendars
from tests.booking.pages.walk import go_on, text_of
from tests.factories.scheduler import AT

CASES = list(product(Status, Phase))


@pytest.fixture
def visit(booked_once, alice):
    """Where Alice's visit of tomorrow is found, at a clinic that says how to get there."""
    Site.objects.update(directions={"en": "Take the lift by the north door."})
    return go_on(alice, booked_once)


def test_a_clinic_that_does_not_say_how_to_get_there_has_no_heading_over_nothing(alice, visit):
    assert "Getting there" in text_of(alice.get(visit))
    Site.objects.update(directions={}, parking={})
    assert "Getting there" not in text_of(alice.get(visit))


def put(visit: Appointment, status: Status, phase: Phase) -> None:
    """Let a visit be in a state, and now be before, during or after it."""
    start = (
        AT
        + {Phase.AHEAD: timedelta(hours=3), Phase.RUNNING: -timedelta(minutes=5), Phase.OVER: -timedelta(hours=5)}[
            phase
        ]
    )
    visit.period = (start, start + timedelta(hours=1))
    visit.status, visit.cancel_reason = status, "closure" if status == Status.CANCELLED else ""
    visit.cancelled_at = AT if status == Status.CANCELLED else None
    visit.save()


def event_in(file):
    (event,) = icalendar.Calendar.from_ical(file.content).walk("VEVENT")
    return event


def test_page_and_calendar_file_show_what_it_is(alice, visit):
    wrong = [case for case in CASES if differs(alice, visit, *case)]
    assert not wrong


def differs(alice, visit: str, status: Status, phase: Phase) -> list[str]:
    """Return what page and calendar file of a visit in this state say against each other, or against the table."""
    put(Appointment.objects.get(), status, phase)
    read = text_of(alice.get(f"{visit}?news=booked"))
    event, shown = event_in(alice.get(f"{visit}appointment.ics")), status_display(status, phase)
    fresh = phase is Phase.AHEAD and status in {"booked", "pending"}
    movable = phase is Phase.AHEAD and status in {"booked", "pending", "proposed"}
    expected = {
        "You are booked": fresh,
        str(shown.heading): not fresh,
        "nothing more to do": fresh,
        "Getting there": shown.expected,
        "Move it": movable,
        "Book another time": not shown.expected and not movable,
    }
    found = [words for words, there in expected.items() if (words in read) != there]
    if not movable:  # nor is it offered at an address that was opened before
        found += [page for page in ("move/", "cancel/") if alice.get(f"{visit}{page}").status_code != 302]
    awaited = "minutes early" in event["DESCRIPTION"]
    if (event["STATUS"], bool(event.walk("VALARM")), awaited) != (shown.event, shown.alarm, shown.expected):
        found.append("calendar")
    return found


def test_a_visit_on_a_day_that_was_closed_is_neither_promised_nor_taken_back(alice, visit, site):
    on = Appointment.objects.get().period.lower.date()
    closure = {"first_on": on, "last_on": on, "name": "Holiday", "confirmed": True}
    row = calendars.add_closure(site, **closure, by=Principal.system("test"), at=AT).row
    read = text_of(alice.get(f"{visit}?news=booked"))
    for promised in ("You are booked", "on its way", "What happens next", "Getting there", "Add to my calendar"):
        assert promised not in read
    for there in ("Your appointment", "We may need to change this", "Questions? Call", "Move it", "Cancel it"):
        assert there in read
    event = event_in(alice.get(f"{visit}appointment.ics"))
    assert (event["STATUS"], event.walk("VALARM")) == ("TENTATIVE", [])
    calendars.remove_closure(row, by=Principal.system("test"), at=AT)
    read = text_of(alice.get(visit))
    assert "Getting there" in read
    assert "We may need to change" not in read
    assert event_in(alice.get(f"{visit}appointment.ics"))["STATUS"] == "CONFIRMED"


def test_twin_a_page_that_does_not_ask_for_cover_promises_the_closed_day(alice, visit, site, monkeypatch):
    on = Appointment.objects.get().period.lower.date()
    closure = {"first_on": on, "last_on": on, "name": "Holiday", "confirmed": True}
    calendars.add_closure(site, **closure, by=Principal.system("test"), at=AT)
    monkeypatch.setattr("booking.web.link_context.uncovered_ids", lambda allocations, *, at: frozenset())
    assert "Getting there" in text_of(alice.get(visit))
