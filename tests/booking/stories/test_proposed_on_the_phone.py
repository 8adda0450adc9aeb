"""Alice was mailed another time and calls: the desk reads which one it is, and takes it for her."""

import pytest
import time_machine

from booking.actions import holds, proposed_times
from booking.actions.as_seen import mark_of
from booking.actions.impact import settling, taking_back
from booking.actions.impact.absences import AwayPeriod
from booking.actions.impact.choices import SettlingChoice, Wanted
from booking.models import Appointment, CalendarEdit, CallReason, CallTask, ClosureNotice, Hold
from booking.models.patients import ContactSystem
from core.roles import Role
from scheduler.models import Practitioner
from tests.booking.impact_pages import browser
from tests.booking.pages.walk import text_of
from tests.factories.booking import HOUR, chicago, make_staff, make_visit, slot_id
from tests.factories.scheduler import lay_out, make_practitioner
from tests.notifications.rounds import run
from tests.tables import overlaps, sheet_drift

pytestmark = pytest.mark.django_db
NOW, DAY = chicago(5, 10) - HOUR / 2, 24 * HOUR


@pytest.fixture(autouse=True)
def clock():
    """Half past nine on Monday."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(alice, dr_li):
    return make_visit(alice.record, slot_id(dr_li, chicago(5, 10)), at=NOW - DAY)


@pytest.fixture
def proposed(visit, dana, kim, dr_li):
    """Dr Li cannot come: Alice was mailed another time, and is called at once, as hers begins in half an hour."""
    away = AwayPeriod(practitioner=dr_li, starts_at=NOW, ends_at=chicago(6, 0))
    (one,) = settling.plan(away, by=dana.principal, at=NOW).suggested
    wanted = Wanted(
        appointment=visit.public_id, choice=SettlingChoice.PROPOSE, seen=one.seen, slot=slot_id(kim, chicago(5, 15))
    )
    settling.save(away, [wanted], site=visit.site, by=dana.principal, at=NOW)
    return Hold.objects.get(moving=visit, proposed=True)


def page_of(visit):
    return f"/desk/appointments/{visit.public_id}/"


def test_her_page_and_her_call_say_which_time_it_is_and_one_press_takes_it(proposed, dana):
    desk, visit = browser(dana), proposed.moving
    shown = text_of(desk.get(page_of(visit)))
    words = "Proposed: Monday, October 5, 2026, 3:00 PM, with Dr Kim, Lakeside clinic. It is kept for them until"
    assert words in shown
    assert words in text_of(desk.get("/desk/calls/"))
    seen = {"seen": mark_of(visit)}
    pressed = desk.post(f"{page_of(visit)}proposed/{proposed.public_id}/", seen, follow=True)
    assert "Moved to Monday, October 5" in text_of(pressed)
    visit.refresh_from_db()
    assert (visit.slot, visit.practitioner) == (proposed.slot, proposed.practitioner)
    assert not CallTask.objects.filter(done_at=None).exists()
    assert "Proposed:" not in text_of(desk.get(page_of(visit)))
    assert overlaps(at=NOW) == sheet_drift() == []


def test_wherever_the_desk_looks_it_finds_which_time_it_is(proposed, dana):
    desk, visit = browser(dana), proposed.moving
    words = "Proposed: Monday, October 5, 2026, 3:00 PM, with Dr Kim"
    for page in (f"/desk/patients/{visit.patient.public_id}/", f"{page_of(visit)}move/", "/desk/to-do/"):
        assert words in text_of(desk.get(page)), page
    board = text_of(desk.get("/desk/?day=10/5/2026"))
    assert "Proposed to Alice Adams" in board
    assert "kept until 10:30 AM" in board  # for an hour, while she is called
    assert "They say yes: move it there" in text_of(desk.get(f"{page_of(visit)}move/"))


def test_whose_calendar_it_would_be_reads_neither_for_whom_it_is_kept_nor_is_led_to_their_page(proposed, kim, lakeside):
    doctor = make_staff("kim", Role.PRACTITIONER, site=lakeside)
    Practitioner.objects.filter(pk=kim.pk).update(user=doctor.user)
    board = browser(doctor).get("/desk/?day=2026-10-05")
    assert "Proposed to a patient" in text_of(board)
    assert "Alice" not in text_of(board)
    assert page_of(proposed.moving) not in board.content.decode()
    assert browser(doctor).get(page_of(proposed.moving)).status_code == 404


@pytest.fixture
def phone_alone(visit, request, mailoutbox):
    """Since she was reminded this morning Alice has a phone, and no e-mail any more."""
    for when in (NOW - DAY + HOUR, NOW - HOUR):
        run(at=when)
    assert mailoutbox
    visit.patient.contacts.all().delete()
    visit.patient.contacts.create(system=ContactSystem.PHONE, value="+13125550123")
    return request.getfixturevalue("proposed")


def test_whom_no_mail_reaches_is_asked_on_the_phone_and_reminded_of_nothing(phone_alone, dana):
    run(at=NOW)
    desk, visit = browser(dana), phone_alone.moving
    for page in ("/desk/calls/", "/desk/to-do/"):
        words = text_of(desk.get(page))
        assert "cannot take place at that time, and another time is proposed. Ask for yes or no." in words, page
        assert "Proposed: Monday, October 5, 2026, 3:00 PM, with Dr Kim" in words, page
        assert "remind them of it" not in words, page
        assert "until they answer" not in words, page
    seen = {"seen": mark_of(visit)}
    pressed = text_of(desk.post(f"{page_of(visit)}proposed/{phone_alone.public_id}/", seen, follow=True))
    assert "nobody need call them" in pressed
    for when in (NOW, NOW + HOUR / 2):
        run(at=when)
    assert not CallTask.objects.filter(done_at=None).exists()


def test_a_time_at_another_site_is_taken_for_them_as_well(visit, dana, dr_li, riverside):
    there = make_practitioner(riverside, name="Dr Rivers")
    lay_out()
    away = AwayPeriod(practitioner=dr_li, starts_at=NOW, ends_at=chicago(6, 0))
    (one,) = settling.plan(away, by=dana.principal, at=NOW).suggested
    slot = slot_id(there, chicago(5, 15), site=riverside.key)
    wanted = Wanted(appointment=visit.public_id, choice=SettlingChoice.PROPOSE, seen=one.seen, slot=slot)
    settling.save(away, [wanted], site=visit.site, by=dana.principal, at=NOW)
    held = Hold.objects.get(moving=visit, proposed=True)
    pressed = browser(dana).post(f"{page_of(visit)}proposed/{held.public_id}/", {"seen": mark_of(visit)}, follow=True)
    assert (pressed.status_code, "Moved to Monday, October 5" in text_of(pressed)) == (200, True)
    visit.refresh_from_db()
    assert visit.site == riverside


def test_taken_back_nobody_calls_her_whom_no_mail_had_reached(phone_alone, dana):
    run(at=NOW)
    assert CallTask.objects.filter(reason=CallReason.NOT_REACHED, done_at=None).exists()
    taking_back.take_back(CalendarEdit.objects.get().public_id, by=dana.principal, at=NOW)
    run(at=NOW)
    assert not CallTask.objects.filter(done_at=None).exists()


def test_what_is_kept_no_more_is_refused_and_nothing_is_moved(proposed, dana):
    desk, visit, before = browser(dana), proposed.moving, proposed.moving.slot
    holds.let_go([proposed], at=NOW)
    refused = desk.post(f"{page_of(visit)}proposed/{proposed.public_id}/")
    assert "This time is not kept for them any more. Find another one with them." in text_of(refused)
    assert (refused.status_code, Appointment.objects.get().slot) == (409, before)
    assert proposed_times.proposed_times([visit.pk], at=NOW + HOUR) == {}


def declined(visit, held):
    return f"{page_of(visit)}proposed/{held.public_id}/declined/"


def test_her_no_gives_the_time_back_leads_to_others_and_she_stays_to_be_called(phone_alone, dana):
    run(at=NOW)
    desk, visit = browser(dana), phone_alone.moving
    assert "They say no: find another" in text_of(desk.get("/desk/calls/"))
    said = desk.post(declined(visit, phone_alone), {"seen": mark_of(visit)}, follow=True)
    assert "that time is free again. Find another one with them now" in text_of(said)
    assert said.redirect_chain[-1][0] == f"{page_of(visit)}move/"
    assert not Hold.objects.filter(state="open").exists()
    (call,) = CallTask.objects.filter(done_at=None)
    assert (call.reason, "Proposed:" in text_of(desk.get("/desk/calls/"))) == ("without-cover", False)
    assert "Find another time" in text_of(desk.get("/desk/to-do/"))
    for when in (NOW, NOW + HOUR / 4):
        run(at=when)
    assert [one.reason for one in CallTask.objects.filter(done_at=None)] == ["without-cover"]
    assert overlaps(at=NOW) == sheet_drift() == []


def test_who_declined_a_mailed_time_on_the_phone_is_to_be_called_too(proposed, dana):
    desk, visit = browser(dana), proposed.moving
    desk.post(declined(visit, proposed), {"seen": mark_of(visit)})
    assert [one.reason for one in CallTask.objects.filter(done_at=None)] == ["without-cover"]


def test_a_no_to_a_time_that_is_kept_no_more_or_from_a_page_from_before_changes_nothing(proposed, dana):
    desk, visit = browser(dana), proposed.moving
    stale = desk.post(declined(visit, proposed), {"seen": "1-1-1"})
    assert (stale.status_code, Hold.objects.get().state) == (409, "open")
    holds.let_go([proposed], at=NOW)
    assert desk.post(declined(visit, proposed), {"seen": mark_of(visit)}).status_code == 409


def test_noted_as_called_and_then_not_answered_in_time_she_stands_on_to_do(phone_alone, dana, clock):
    run(at=NOW)
    desk, visit = browser(dana), phone_alone.moving
    for call in CallTask.objects.filter(done_at=None):
        desk.post(f"/desk/calls/task/{call.pk}/done/", {"seen": call.raised_at.isoformat()})
    assert not CallTask.objects.filter(done_at=None).exists()
    clock.shift(phone_alone.expires_at - NOW)
    run(at=phone_alone.expires_at)
    assert visit.patient.name in text_of(browser(dana).get("/desk/to-do/"))


def test_a_call_about_a_time_that_is_kept_no_more_asks_nobody_about_it(phone_alone, dana):
    run(at=NOW)
    assert "Ask for yes or no." in text_of(browser(dana).get("/desk/calls/"))
    holds.let_go([phone_alone], at=NOW)
    said = text_of(browser(dana).get("/desk/calls/"))
    assert "Ask for yes or no." not in said
    assert "cannot take place at that time. Find another time with them." in said


def again(visit, held):
    return f"{page_of(visit)}proposed/{held.public_id}/again/"


def test_a_no_that_was_pressed_by_mistake_is_undone_and_the_time_is_theirs_to_take_as_before(phone_alone, dana, clock):
    run(at=NOW)
    clock.shift(60)
    desk, visit = browser(dana), phone_alone.moving
    before = set(CallTask.objects.filter(done_at=None).values_list("reason", flat=True))
    page = desk.post(declined(visit, phone_alone), {"seen": mark_of(visit)}, follow=True)
    assert "They said no to Monday, October 5, 2026, 3:00 PM, with Dr Kim." in text_of(page)
    assert again(visit, phone_alone) in page.content.decode()
    said = text_of(desk.post(again(visit, phone_alone), {"seen": mark_of(visit)}, follow=True))
    assert "Undone: that time is kept for them again." in said
    assert "Proposed: Monday, October 5, 2026, 3:00 PM, with Dr Kim" in said
    held = Hold.objects.get(state="open")
    assert (held.expires_at, ClosureNotice.objects.get().hold) == (phone_alone.expires_at, held)
    assert set(CallTask.objects.filter(done_at=None).values_list("reason", flat=True)) == before
    assert desk.post(again(visit, phone_alone), {"seen": mark_of(visit)}).status_code == 409  # pressed twice
    taken = f"{page_of(visit)}proposed/{held.public_id}/"
    desk.post(taken, {"seen": mark_of(visit)})
    visit.refresh_from_db()
    assert visit.slot == phone_alone.slot
    assert overlaps(at=NOW) == sheet_drift() == []


def test_a_no_is_not_undone_where_somebody_else_has_the_time_since(proposed, dana, kim, ben, clock):
    desk, visit = browser(dana), proposed.moving
    desk.post(declined(visit, proposed), {"seen": mark_of(visit)})
    clock.shift(60)
    make_visit(ben.record, slot_id(kim, chicago(5, 15)), at=NOW + HOUR / 60)
    refused = desk.post(again(visit, proposed), {"seen": mark_of(visit)})
    assert refused.status_code == 409
    assert not Hold.objects.filter(state="open").exists()
    assert [one.reason for one in CallTask.objects.filter(done_at=None)] == ["without-cover"]


def test_a_time_that_she_gave_back_herself_is_not_brought_back_by_staff(proposed, dana):
    desk, visit = browser(dana), proposed.moving
    holds.let_go([proposed], at=NOW)
    assert desk.post(again(visit, proposed), {"seen": mark_of(visit)}).status_code == 409
    assert "They said no to" not in text_of(desk.get(f"{page_of(visit)}move/"))
