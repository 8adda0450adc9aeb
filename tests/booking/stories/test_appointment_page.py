"""Dana opens an appointment: all that is on it, what was done to it in words, and every act with one press."""

import html
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booking.actions import appointments
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, LinkedVisits
from booking.status import Move
from core.models import User
from core.roles import Role
from tests.booking.pages.walk import hidden_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import DAY, SYSTEM, chicago, make_visit, slot_id
from tests.factories.scheduler import AT, make_practitioner

START = chicago(6, 10)
BUTTON = re.compile(r'<form method="post" action="(/desk/appointments/[^"]+/([a-z-]+)/)"')

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(alice, dr_li):
    """Alice's appointment of Tuesday."""
    return make_visit(alice.record, slot_id(dr_li, START))


def at_work(name, role, site):
    if not User.objects.filter(username=name).exists():
        sign_in(Client(), name, role, site)
        User.objects.filter(username=name).update(first_name=name.title(), last_name="Diaz")
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


@pytest.fixture
def dana(lakeside):
    return at_work("dana", Role.SCHEDULER, lakeside)


def page_of(client, visit, act=""):
    return client.get(reverse("desk-appointment", args=[visit.public_id]) + act)


def words_of(client, visit):
    return text_of(page_of(client, visit)).replace("\u202f", " ")


def offered(client, visit):
    """Return what can be pressed: where each leads, by what it does; notes and needs are written, not pressed."""
    found = BUTTON.findall(page_of(client, visit).content.decode())
    return {what: html.unescape(url) for url, what in found if what not in {"note", "needs"}}


def press(client, visit, act, *, seen=None, **sent):
    """Press a button of the page as it is now, or as it was `seen`."""
    where = reverse("desk-appointment", args=[visit.public_id]) + f"{act}/"
    return client.post(where, {"seen": seen or seen_on(client, visit)} | sent)


MOST_QUERIES = 28


def seen_on(client, visit):
    """Return as which an appointment is seen: the pages of what can be done say so."""
    return hidden_on(page_of(client, visit)).get("seen") or hidden_on(page_of(client, visit, "cancel/"))["seen"]


def stands(visit):
    return Appointment.objects.get(pk=visit.pk).status


def test_dana_reads_all_that_is_on_it_and_what_was_done_in_words(dana, visit, lakeside, clock):
    press(dana, visit, "cancel", reason="transport")
    press(at_work("dora", Role.SCHEDULER, lakeside), visit, "undo", seen=seen_on(dana, visit))
    page = words_of(dana, visit)
    for told in (
        "Alice Adams", "Tuesday, October 6", "10:00 AM to 11:15 AM, Chicago time", "Booked", "May 1, 1970", "Dr Li",
        ", first appointment", visit.reference, "Lakeside",
        "Undone: cancelled Monday, October 5, 2026, 8:00 AM, Dora Diaz",
        "Cancelled Monday, October 5, 2026, 8:00 AM, Dana Diaz They have no way to get here",
        "Booked Monday, October 5, 2026, 8:00 AM, by itself Tuesday, October 6, 2026, 10:00 AM, Dr Li",
    ):  # fmt: skip
        assert told in page, told


def test_whoever_may_know_less_reads_less_and_whoever_works_elsewhere_finds_nothing(visit, lakeside, riverside):
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.ILLNESS)
    ada = words_of(at_work("ada", Role.ADMIN, lakeside), visit)
    assert "Alice Adams" in ada
    assert "cupuncture" not in ada
    assert "They are ill" not in ada
    auditor = words_of(at_work("otto", Role.AUDITOR, lakeside), visit)
    assert visit.reference in auditor
    assert "Alice" not in auditor
    assert "1970" not in auditor
    assert page_of(at_work("rita", Role.SCHEDULER, riverside), visit).status_code == 404
    other = sign_in(Client(), "dr-other", Role.PRACTITIONER, lakeside)
    assert page_of(other, visit).status_code == 404


def decided_twice(lakeside, visit):
    """Let Dora cancel what Dana looks at; then Dana, who has not seen that, cancels it for another reason."""
    dana, dora = at_work("dana", Role.SCHEDULER, lakeside), at_work("dora", Role.SCHEDULER, lakeside)
    seen = seen_on(dana, visit)
    press(dora, visit, "cancel", reason="illness")
    return press(dana, visit, "cancel", seen=seen, reason="transport")


def test_whoever_comes_second_overwrites_nothing_and_reads_who_was_first_and_what_can_be_done(visit, lakeside):
    told = decided_twice(lakeside, visit)
    assert told.status_code == 409
    page = text_of(told).replace("\u202f", " ")
    assert "Cancelled (Dora Diaz, Monday, October 5, 2026, 8:00 AM): They are ill." in page
    assert "Nothing of yours was done" in page
    assert Appointment.objects.get().cancel_reason == "illness"


def test_twin_without_the_look_at_what_was_seen_the_second_is_not_told_what_changed(visit, lakeside, monkeypatch):
    monkeypatch.setattr("booking.actions.as_seen.refuse_changed", lambda *_: None)
    assert "Dora Diaz, Monday, October 5, 2026, 8:00 AM): They are ill" not in text_of(decided_twice(lakeside, visit))


def test_a_press_that_is_sent_twice_says_that_it_is_done(dana, visit, lakeside, clock):
    clock.move_to(START)
    dana = at_work("dana", Role.SCHEDULER, lakeside)
    seen = seen_on(dana, visit)
    press(dana, visit, "arrive", seen=seen)
    again = press(dana, visit, "arrive", seen=seen)
    assert "Alice Adams is arrived already: you noted it" in text_of(again)
    assert visit.changes.filter(move="arrive").count() == 1


def test_a_cancel_asks_why_says_what_follows_and_can_be_undone(dana, visit):
    asked = page_of(dana, visit, "cancel/")
    assert "You can undo it for a few minutes" in text_of(asked)
    assert press(dana, visit, "cancel").status_code == 422
    done = dana.get(press(dana, visit, "cancel", reason="practitioner")["Location"])
    assert "until then you can undo it here" in text_of(done)
    assert "Cancelled. Who treats is away" in text_of(done)
    assert page_of(dana, visit, "cancel/").status_code == 404
    dana.post(offered(dana, visit)["undo"], {"seen": hidden_on(done)["seen"]})
    assert stands(visit) == "booked"


def test_whoever_does_not_mark_who_comes_is_offered_no_press(visit, lakeside):
    clinician = at_work("kim", Role.CLINICIAN, lakeside)
    assert offered(clinician, visit) == {}
    assert press(clinician, visit, "arrive", seen="1-1").status_code == 404


def test_a_neutral_note_is_written_and_who_wrote_it_stands_in_what_was_done(dana, visit, lakeside, clock):
    undone_until_tonight = visit.updated_at
    assert press(dana, visit, "note", note="Comes with a walker").status_code == 302
    page = words_of(dana, visit)
    assert "Note Comes with a walker" in page
    assert "Note written Monday, October 5, 2026, 8:00 AM, Dana Diaz" in page
    assert "Comes with a walker" not in words_of(at_work("ada", Role.ADMIN, lakeside), visit)
    assert Appointment.objects.get().updated_at == undone_until_tonight
    assert press(at_work("ada", Role.ADMIN, lakeside), visit, "note", seen="1-1-1", note="x").status_code == 403


def test_whoever_writes_a_note_second_keeps_their_text_and_reads_who_was_first(dana, visit, lakeside):
    seen = seen_on(dana, visit)
    press(at_work("dora", Role.SCHEDULER, lakeside), visit, "note", seen=seen, note="Comes with a walker")
    told = press(dana, visit, "note", seen=seen, note="Needs a large print form")
    assert told.status_code == 409
    assert "Note written (Dora Diaz, Monday, October 5, 2026, 8:00" in text_of(told).replace("\u202f", " ")
    assert 'value="Needs a large print form"' in told.content.decode()
    assert Appointment.objects.get().note == "Comes with a walker"
    assert press(dana, visit, "note", note="x" * 201).status_code == 422


def test_what_was_entered_by_mistake_is_asked_once_more_and_has_no_undo(dana, visit):
    asked = page_of(dana, visit, "mistake/")
    assert "it cannot be undone" in text_of(asked)
    done = dana.get(press(dana, visit, "mistake")["Location"])
    assert stands(visit) == "entered-in-error"
    assert "Nobody expects them" in text_of(done)
    assert "Undo" not in text_of(done)
    assert page_of(dana, visit, "mistake/").status_code == 404


def test_a_page_asks_a_fixed_number_of_times_however_much_was_done(dana, visit, django_assert_max_num_queries):
    with CaptureQueriesContext(connection) as asked:
        page_of(dana, visit)
    once = len(asked)
    for act, sent in (("cancel", {"reason": "transport"}), ("undo", {})) * 3:
        press(dana, visit, act, **sent)
    with django_assert_max_num_queries(once + 4):  # what an undo asks, and who did it
        page_of(dana, visit)
    assert once <= MOST_QUERIES


@pytest.fixture
def together(visit, ben, lakeside):
    """Alice's appointment was booked together with Ben's: when one cancels, the other is asked."""
    other = make_visit(ben.record, slot_id(make_practitioner(lakeside, name="Dr Kim"), START + DAY))
    link = LinkedVisits.objects.create(site=lakeside, relation="same-time", made_by=SYSTEM.key, made_at=AT)
    Appointment.objects.filter(pk__in=[visit.pk, other.pk]).update(linked=link)
    return link


@pytest.mark.usefixtures("together")
def test_what_becomes_of_the_others_is_said_before_a_cancel_to_whoever_may_know_of_them(dana, visit, dr_li):
    assert "they are asked by mail" in text_of(page_of(dana, visit, "cancel/"))
    theirs = Client()
    theirs.force_login(dr_li.user)
    asked = page_of(theirs, visit, "cancel/")
    assert asked.status_code == 200
    assert "together" not in text_of(asked)


@pytest.mark.usefixtures("together")
def test_a_key_of_the_board_cancels_nobody_with_others_before_it_was_said_what_becomes_of_them(dana, visit):
    seen = {"seen": seen_on(dana, visit), "reason": "transport"}
    answer = dana.post(reverse("desk-board-act", args=[visit.public_id, "cancel"]), seen)
    assert answer.status_code == 409
    assert "they are asked by mail" in answer.json()["said"]
    assert answer.json()["url"] == reverse("desk-appointment-cancel", args=[visit.public_id])
    assert stands(visit) == "booked"
