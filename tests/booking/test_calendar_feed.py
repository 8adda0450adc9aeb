"""Dr Li's calendar in her own program: nothing of who comes, nothing twice, and nothing after she ends the link."""

import json
import re
from datetime import UTC, timedelta

import icalendar
import pytest
import time_machine
from django.test import Client

from booking.actions import appointments
from booking.calendar_feeds.feed import feed_uid
from booking.cancel_reasons import CancelReason
from booking.models import CalendarFeed
from booking.status import Move
from core.models import RoleAssignment
from scheduler.models import Practitioner
from tests.booking.pages.walk import text_of
from tests.factories.booking import DAY, SYSTEM, chicago, make_person, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT, lay_out, make_practitioner

PAGE = "/desk/my-day/calendar/"
LINK = re.compile(r'href="http://testserver(/calendar/[\w-]{43}\.ics)"')

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(alice, dr_li):
    """Alice's appointment of Tuesday at ten."""
    return make_visit(alice.record, slot_id(dr_li, chicago(6, 10)), at=AT)


@pytest.fixture
def li(dr_li):
    client = Client()
    client.force_login(dr_li.user)
    return client


@pytest.fixture
def link(li):
    """Where Dr Li's calendar is read."""
    return made(li)


def made(client, says="nothing"):
    return LINK.search(client.post(f"{PAGE}make/", {"says": says}).content.decode())[1]


def events(address):
    """Return the events of a feed by their UID, as a program without a sign-in reads them."""
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return {str(one["UID"]): one for one in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")}


def the_one(address):
    (event,) = events(address).values()
    return event


def test_the_calendar_says_when_and_where_and_not_who_or_what_for(link, visit, li):
    event = the_one(link)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (visit.period.lower, visit.period.upper)
    assert (str(event["SUMMARY"]), event["STATUS"], event["SEQUENCE"]) == ("Appointment", "CONFIRMED", 0)
    assert str(event["LOCATION"]).startswith(f"{visit.place.name['en']}, Lakeside clinic, ")
    told = Client().get(link).content.decode()
    for word in ("Alice", "Adams", visit.reference, str(visit.patient.public_id), "alice", "Acupuncture"):
        assert word not in told
    assert str(the_one(made(li, "therapy"))["SUMMARY"]) == "Acupuncture (manual)"


def test_a_program_that_has_it_gets_nothing_until_something_changes(link, visit):
    first = Client().get(link)
    again = Client().get(link, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert "private" in again["Cache-Control"]
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.PATIENT)
    assert Client().get(link, headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert not first.cookies
    assert not Client().get("/calendar/x.ics").cookies


def test_what_is_cancelled_is_told_for_thirty_days_with_a_sequence_more(link, visit, clock):
    was = the_one(link)
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.PATIENT)
    off = the_one(link)
    assert (off["UID"], off["STATUS"], off["SEQUENCE"]) == (was["UID"], "CANCELLED", was["SEQUENCE"] + 1)
    clock.shift(timedelta(days=29, hours=23))
    assert the_one(link)["STATUS"] == "CANCELLED"
    clock.shift(timedelta(hours=2))
    assert events(link) == {}


def test_what_moves_keeps_its_name_and_what_went_to_a_colleague_is_off_here(link, visit, dr_li, lakeside, clock):
    kim = make_practitioner(lakeside, name="Dr Kim")
    lay_out()
    appointments.move(visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=read_slot(slot_id(dr_li, chicago(7, 9))))
    moved = the_one(link)
    assert (moved["DTSTART"].dt, moved["SEQUENCE"], moved["STATUS"]) == (chicago(7, 9), 1, "CONFIRMED")
    appointments.move(visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=read_slot(slot_id(kim, chicago(8, 9))))
    gone = the_one(link)
    assert (gone["UID"], gone["DTSTART"].dt) == (moved["UID"], chicago(7, 9))
    assert (gone["SEQUENCE"], gone["STATUS"], gone.get("URL")) == (2, "CANCELLED", None)
    appointments.move(visit.public_id, Move.UNDO, by=SYSTEM, at=AT)
    back = the_one(link)
    assert (back["SEQUENCE"], back["STATUS"]) == (3, "CONFIRMED")
    assert str(back["URL"]).endswith(f"/desk/appointments/{visit.public_id}/")
    clock.shift(31 * DAY)
    assert Client().get(link).status_code == 200


def test_a_new_link_ends_the_one_before_and_an_end_is_the_end(li, link, dr_li):
    other = made(li)
    assert [Client().get(one).status_code for one in (link, other)] == [404, 200]
    assert "You have a link" in text_of(li.get(PAGE))
    assert other not in li.get(PAGE).content.decode()  # it is shown once
    assert li.post(f"{PAGE}end/").status_code == 302
    assert Client().get(other).status_code == 404
    stored = json.dumps(list(CalendarFeed.objects.values()), default=str)
    assert not [one for one in (link, other) if one[10:-4] in stored]


@pytest.mark.parametrize("left", ["role", "account", "practice", "calendar"])
def test_whoever_has_left_is_read_no_more(link, visit, dr_li, left):
    if left == "role":
        RoleAssignment.objects.filter(user=dr_li.user).delete()
    elif left == "account":
        dr_li.user.is_active = False
        dr_li.user.save()
    else:
        changed = {"active": False} if left == "practice" else {"user": None}
        Practitioner.objects.filter(pk=dr_li.pk).update(**changed)
    assert Client().get(link).status_code == 404


def test_guesses_wait_and_a_link_that_is_right_does_not(link, visit):
    guesses = [Client().get(f"/calendar/{number:043}.ics").status_code for number in range(22)]
    assert guesses == [404] * 20 + [429] * 2
    assert int(Client().get("/calendar/x.ics")["Retry-After"]) <= 60
    assert Client().get(link).status_code == 200
    assert Client().post(link).status_code == 405


def by_icalendar(text):
    for one in icalendar.Calendar.from_ical(text).walk("VEVENT"):
        yield one["UID"], one["DTSTART"].dt, one["DTEND"].dt, one["SEQUENCE"], one["STATUS"], one["LOCATION"]


def by_ics(text):
    for one in pytest.importorskip("ics").Calendar(text).events:
        sequence = next(line.value for line in one.extra if line.name == "SEQUENCE")
        yield one.uid, one.begin.datetime, one.end.datetime, sequence, one.status, one.location or ""


def by_vobject(text):
    for one in pytest.importorskip("vobject").readOne(text).vevent_list:
        facts = (one.uid, one.dtstart, one.dtend, one.sequence, one.status, one.location)
        yield tuple(fact.value for fact in facts)


def by_ical(text):
    stream = pytest.importorskip("ical.calendar_stream").IcsCalendarStream
    for one in stream.calendar_from_ics(text).events:
        yield one.uid, one.dtstart, one.dtend, one.sequence, one.status.value, one.location or ""


@pytest.mark.full
@pytest.mark.parametrize("parser", [by_icalendar, by_ics, by_vobject, by_ical])
def test_other_programs_parsers_read_the_same(link, visit, dr_li, lakeside, parser):
    """Those that are not installed are reported as skipped: `pip install ics vobject ical` beside the tests."""
    tom = make_visit(make_person(lakeside, "Tom Silva").record, slot_id(dr_li, chicago(8, 14)), at=AT)
    appointments.move(tom.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.PATIENT)
    read = {}
    for uid, start, end, number, status, where in parser(Client().get(link).content.decode()):
        read[str(uid)] = (start.astimezone(UTC), end.astimezone(UTC), int(number), str(status).upper(), str(where))
    where, other = (f"{one.place.name['en']}, Lakeside clinic, {lakeside.address}" for one in (visit, tom))
    assert read == {
        feed_uid(visit.public_id): (visit.period.lower, visit.period.upper, 0, "CONFIRMED", where),
        feed_uid(tom.public_id): (tom.period.lower, tom.period.upper, 1, "CANCELLED", other),
    }
