"""Dana moves an appointment in the browser: to another time, to somebody else, for something else; with two presses."""

import html
import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from booking.actions import appointments
from booking.actions.move_effects import EarlierTimeGone
from booking.errors import StaffOnly
from booking.models import Appointment
from booking.screening.questionnaire import AnswerChoice
from booking.status import Move
from booking.suitability.errors import AnswersNeeded
from booking.web.slot_ids import opened, sealed
from core.models import RoleAssignment, User
from core.roles import Role
from scheduler.public import SlotKey
from tests.booking.pages.reviewing import TEST, answers
from tests.booking.pages.walk import hidden_on, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import HOUR, SYSTEM, chicago, make_patient, make_visit, read_slot, slot_id
from tests.factories.policies import adopt_screening, adopt_suitability
from tests.factories.scheduler import AT, lay_out, make_practitioner, offer

START = chicago(6, 10)

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


@pytest.fixture
def kim(lakeside, visit):
    """Dr Kim, who works on the same days."""
    kim = make_practitioner(lakeside, name="Dr Kim", offers=("acu_manual", "acupressure"))
    lay_out()
    return kim


@pytest.fixture
def dana(lakeside):
    client = sign_in(Client(), "dana", Role.SCHEDULER, lakeside)
    User.objects.filter(username="dana").update(first_name="Dana", last_name="Diaz")
    return client


def times_of(client, visit, **asked):
    return client.get(reverse("desk-appointment-move", args=[visit.public_id]), asked)


def page_of(client, visit):
    return client.get(reverse("desk-appointment", args=[visit.public_id]))


def go_to(client, visit, slot, *, page=None, **sent):
    where = reverse("desk-appointment-move", args=[visit.public_id])
    return client.post(where, {"seen": hidden_on(page or times_of(client, visit))["seen"], "slot": slot} | sent)


def at_ten(practitioner, *, day=8, hour=10, **what):
    """Return a time as a page would send it."""
    return sealed(slot_id(practitioner, chicago(day, hour), **what))


def test_two_presses_move_it_to_somebody_else_and_the_page_says_from_where(dana, visit, kim):
    page = times_of(dana, visit, practitioner=str(kim.public_id))
    assert "with Dr Kim" in text_of(page)
    first = slots_on(page)[0]
    assert SlotKey.decode(opened(first)).practitioner == kim.public_id
    done = dana.get(go_to(dana, visit, first, page=page)["Location"])
    assert Appointment.objects.get().practitioner == kim
    told = text_of(done).replace("\u202f", " ")
    assert "with Dr Kim. They hear so by e-mail." in told
    assert "From Tuesday, October 6, 2026, 10:00 AM, Dr Li, to" in told


def test_a_time_that_is_taken_says_who_is_there_when_and_why_and_offers_the_nearest(dana, visit, kim, lakeside):
    make_visit(make_patient(lakeside, "Ben Brown"), slot_id(kim, chicago(8, 10)))
    told = go_to(dana, visit, at_ten(kim))
    assert told.status_code == 409
    page = text_of(told).replace("\u202f", " ")
    assert "Thursday, October 8, 2026, 10:00 AM, Dr Kim" in page
    assert "The practitioner has other patients at this time." in page
    assert "Ben Brown, 10:00 AM to 11:15 AM, with Dr Kim" in page
    near = told.context["conflict"].others
    assert len(near) == 3
    assert go_to(dana, visit, near[0].id).status_code == 302


def test_what_is_free_at_a_site_of_others_is_not_offered_as_the_nearest(dana, visit, kim, lakeside, riverside):
    offer(make_practitioner(riverside, name="Dr Wu"), "acu_manual", sites=[lakeside])
    lay_out()
    make_visit(make_patient(lakeside, "Ben Brown"), slot_id(kim, chicago(8, 10)))
    told = go_to(dana, visit, at_ten(kim))
    assert told.status_code == 409
    assert {SlotKey.decode(opened(one.id)).site for one in told.context["conflict"].others} == {"lakeside"}


def test_whoever_stays_away_until_a_day_is_offered_no_time_before_it(dana, visit):
    adopt_screening()
    answers(visit, **{TEST: AnswerChoice.YES})
    page = times_of(dana, visit)
    first = page.context["times"].first_day
    assert first > START.date()
    assert "By the health questions they may come from" in text_of(page)
    offered = [SlotKey.decode(opened(one)) for one in slots_on(page)]
    assert offered
    assert min(one.start.date() for one in offered) >= first


def test_a_rule_is_set_aside_with_a_reason_alone(dana, visit, kim, alice):
    for day in (14, 15):
        make_visit(alice.record, slot_id(kim, chicago(day, 10)))
    told = go_to(dana, visit, at_ten(kim, day=13))
    assert told.status_code == 409
    assert "Why it is moved there all the same" in text_of(told)
    reason = {"reason": "Radiation ends that week"}
    assert go_to(dana, visit, told.context["conflict"].slot, **reason).status_code == 302
    moved = Appointment.objects.get(pk=visit.pk)
    assert moved.override_reason == reason["reason"]
    assert moved.period.lower == chicago(13, 10)


def test_whoever_keeps_one_calendar_finds_no_time_in_another(visit, kim, dr_li):
    client = Client()
    client.force_login(dr_li.user)
    offered = {SlotKey.decode(opened(one)).practitioner for one in slots_on(times_of(client, visit))}
    assert offered == {dr_li.public_id}
    assert go_to(client, visit, at_ten(kim)).status_code == 403


def test_another_time_that_a_stale_page_presses_is_not_said_to_be_done(dana, visit, kim):
    page = times_of(dana, visit)
    here, there = slots_on(page)[:2]
    go_to(dana, visit, here, page=page)
    again = go_to(dana, visit, here, page=page)
    assert "You did this already, and nothing more was done now." in text_of(again)
    stale = go_to(dana, visit, there, page=page)
    assert stale.status_code == 409
    assert "Nothing of yours was done: look at it as it is now." in text_of(stale)
    assert "You did this already" not in text_of(stale)
    assert Appointment.objects.get().period.lower == SlotKey.decode(opened(here)).start


def test_a_move_to_another_site_names_it_and_one_at_its_own_does_not(visit, kim, lakeside, riverside):
    ada = sign_in(Client(), "ada", Role.ADMIN, lakeside)
    RoleAssignment.objects.create(user=User.objects.get(username="ada"), role=Role.ADMIN, site=riverside, starts_at=AT)
    rosa = make_practitioner(riverside, name="Dr Rosa")
    lay_out()
    page = times_of(ada, visit, practitioner=str(rosa.public_id), place="riverside")
    assert page.content.decode().count('id="id_site"') <= 1, "one name for one field"
    done = ada.get(go_to(ada, visit, sealed(slot_id(rosa, chicago(8, 10), site="riverside")), page=page)["Location"])
    place = Appointment.objects.get().place
    assert f"with Dr Rosa, {place}, {riverside}. They hear so by e-mail." in text_of(done).replace("\u202f", " ")


def test_a_move_that_was_decided_on_what_is_no_more_changes_nothing(dana, visit, kim):
    page = times_of(dana, visit)
    appointments.move(visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=read_slot(slot_id(kim, chicago(9, 9))))
    told = go_to(dana, visit, slots_on(page)[0], page=page)
    assert told.status_code == 409
    assert "Moved (by itself" in text_of(told)
    assert Appointment.objects.get().period.lower == chicago(9, 9)


def test_it_goes_to_another_place_at_the_same_time_and_undo_brings_it_back_there(dana, visit):
    was, page = visit.place, times_of(dana, visit)
    other = page.context["times"].other_places[-1]
    assert other.id != was.pk
    sent = {"place": str(other.public_id)}
    done = dana.get(go_to(dana, visit, page.context["times"].own_slot, page=page, **sent)["Location"])
    assert Appointment.objects.get().place_id == other.id
    assert f"Place: {was} before, {other.name} from now on" in text_of(done)
    appointments.move(visit.public_id, Move.UNDO, by=SYSTEM, at=AT)
    back = Appointment.objects.get()
    assert (back.place, back.period.lower) == (was, START)


def test_a_place_that_somebody_else_has_by_now_is_not_had(dana, visit, kim, lakeside):
    page = times_of(dana, visit)
    other = page.context["times"].other_places[0]
    make_visit(make_patient(lakeside, "Ben Brown"), slot_id(kim, START))
    sent = {"place": str(other.public_id)}
    told = go_to(dana, visit, page.context["times"].own_slot, page=page, **sent)
    assert told.status_code == 409
    assert Appointment.objects.get(pk=visit.pk).place == visit.place


def test_twin_where_no_place_is_asked_for_it_stays_where_it_is(dana, visit, monkeypatch):
    monkeypatch.setattr("booking.actions.chosen_places.chosen_place", lambda _act: None)
    page = times_of(dana, visit)
    sent = {"place": str(page.context["times"].other_places[-1].public_id)}
    go_to(dana, visit, page.context["times"].own_slot, page=page, **sent)
    assert Appointment.objects.get().place == visit.place


# -- for something else -----------------------------------------------------------------------------------------------


def to_pressure(visit, practitioner, by=SYSTEM, *, day=8, at=AT):
    slot = read_slot(slot_id(practitioner, chicago(day, 10), therapy="acupressure"))
    return appointments.move(visit.public_id, Move.RESCHEDULE, by=by, at=at, slot=slot, other_therapy=True)


def test_dana_moves_it_for_something_else_and_undo_brings_back_what_it_was_for(dana, visit, kim):
    page = times_of(dana, visit, **{"for": "acupressure|first|"})
    sent = {"for": "acupressure|first|"}
    done = dana.get(go_to(dana, visit, slots_on(page)[0], page=page, **sent)["Location"])
    moved = Appointment.objects.get()
    assert (moved.therapy.key, moved.practitioner) == ("acupressure", kim)
    assert moved.period.upper - moved.period.lower == HOUR * 50 / 60
    assert "What for: Acupuncture (manual) before, Acupressure (no needles) from now on" in text_of(done)
    undo = html.unescape(re.search(r'action="([^"]+/undo/)"', done.content.decode())[1])
    assert dana.post(undo, {"seen": hidden_on(done)["seen"]}).status_code == 302
    back = Appointment.objects.get()
    assert (back.therapy.key, back.period.lower) == ("acu_manual", START)


def test_nobody_but_staff_changes_what_it_is_for(visit, kim, alice):
    with pytest.raises(StaffOnly):
        to_pressure(visit, kim, by=alice.principal)


def test_twin_without_the_look_at_what_for_alice_changes_it_herself(visit, kim, alice, monkeypatch):
    monkeypatch.setattr("booking.actions.therapy_changes.check_what_for", lambda *_: None)
    assert to_pressure(visit, kim, by=alice.principal, day=12).therapy.key == "acupressure"


def test_what_it_is_to_be_for_is_judged_by_what_they_answered(visit, kim, lakeside, dr_li):
    adopt_suitability(site=lakeside)
    with pytest.raises(AnswersNeeded):
        to_pressure(visit, kim)
    assert Appointment.objects.get().therapy.key == "acu_manual"


def test_an_undo_to_where_somebody_else_is_by_now_leaves_what_it_is_for(visit, kim, dr_li, lakeside):
    to_pressure(visit, kim)
    make_visit(make_patient(lakeside, "Ben Brown"), slot_id(dr_li, START))
    with pytest.raises(EarlierTimeGone):
        appointments.move(visit.public_id, Move.UNDO, by=SYSTEM, at=AT)
    assert Appointment.objects.get(pk=visit.pk).therapy.key == "acupressure"


def test_what_is_not_answered_yet_is_asked_by_link_in_place_of_it_whole_or_not_at_all(dana, visit, kim, lakeside):
    adopt_suitability(site=lakeside)
    wanted = {"for": "acupressure|first|"}
    told = go_to(dana, visit, at_ten(kim, therapy="acupressure"), page=times_of(dana, visit, **wanted), **wanted)
    assert "They have not answered what is asked before this is booked." in text_of(told)
    assert "Cancel this one, and ask them by link" in text_of(told)
    asked = go_to(dana, visit, told.context["conflict"].slot, page=told, instead="link", **wanted)
    new = dana.get(asked["Location"])
    old, made = Appointment.objects.order_by("pk")
    assert (old.status, made.status, made.therapy.key) == ("cancelled", "proposed", "acupressure")
    assert made.replaces == old
    assert "They are asked by link" in text_of(new)
    assert "Read the questions aloud" in text_of(new)
    assert "Undo" not in text_of(page_of(dana, old))


def test_in_place_of_it_nothing_changes_where_the_new_time_is_taken(dana, visit, kim, lakeside):
    make_visit(make_patient(lakeside, "Ben Brown"), slot_id(kim, chicago(8, 10)))
    adopt_suitability(site=lakeside)
    page, wanted = times_of(dana, visit), {"for": "acupressure|first|"}
    told = go_to(dana, visit, at_ten(kim, therapy="acupressure"), page=page, instead="link", **wanted)
    assert told.status_code == 409
    assert Appointment.objects.get(pk=visit.pk).status == "booked"
