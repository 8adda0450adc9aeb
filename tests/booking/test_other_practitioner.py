"""Staff put another practitioner in: Alice is told by mail, and may say behind its link that she would rather not."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from booking.actions import appointments, practitioner_changes
from booking.actions.practitioner_changes import NothingToDecline, decline, may_decline
from booking.models import Appointment, CallReason, CallTask
from booking.status import Move
from tests.api.conftest import client_of
from tests.booking.pages.reviewing import send
from tests.booking.pages.walk import hidden_on, text_of
from tests.factories.booking import DAY, chicago, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT, make_practitioner

START = chicago(8, 10)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(alice, dr_li, kim):
    """Alice's appointment of Thursday with Dr Li."""
    return make_visit(alice.record, slot_id(dr_li, START))


def moved(visit, practitioner, by, *, start=START, at=AT):
    slot = read_slot(slot_id(practitioner, start))
    return appointments.move(visit.public_id, Move.RESCHEDULE, by=by, at=at, slot=slot)


def named(practitioner):
    return {"practitioner": str(practitioner.public_id)}


def calls():
    return CallTask.objects.filter(reason=CallReason.OTHER_PRACTITIONER, done_at=None).count()


def link_in(mail):
    found = next(word for word in mail.body.split() if "/m/" in word)
    return "/m/" + found.partition("/m/")[2]


def test_alice_is_mailed_who_will_see_her_says_no_behind_the_link_and_is_called(visit, kim, dana, mailoutbox, clock):
    send()
    moved(visit, kim, dana.principal)
    clock.shift(3 * 60)
    mailoutbox.clear()
    send()
    (mail,) = mailoutbox
    assert "You will now see Dr Kim. If you would rather see somebody else, say so" in " ".join(mail.body.split())
    browser, page = Client(), link_in(mail)
    assert "Dr Kim will see you now" in text_of(browser.get(page))
    asked = reverse("manage-other-practitioner", args=[page.split("/")[2]])
    assert "I would rather see somebody else" in text_of(browser.get(asked))
    for _press in range(2):
        said = text_of(browser.post(asked, named(kim), follow=True))
        assert "We write to you by e-mail within one business day" in said
    assert calls() == 1
    assert Appointment.objects.get().practitioner == kim  # the time stays theirs
    assert "will see you now" not in text_of(browser.get(page))


def test_an_old_page_about_dr_kim_declines_nobody_who_was_put_in_since(visit, kim, lakeside, dana, mailoutbox):
    send()
    moved(visit, kim, dana.principal)
    (mail,) = mailoutbox
    asked = reverse("manage-other-practitioner", args=[link_in(mail).split("/")[2]])
    old = hidden_on(Client().get(asked))
    moved(visit, make_practitioner(lakeside, name="Dr Lee"), dana.principal)
    answer = Client().post(asked, old)
    assert answer.status_code == 409
    assert "Somebody else sees you now than when you opened this page" in text_of(answer)
    assert calls() == 0
    assert may_decline(Appointment.objects.get(), at=AT)


def test_the_call_ends_by_itself_once_they_are_moved_again(visit, kim, dr_li, dana):
    decline(moved(visit, kim, dana.principal), at=AT, **named(kim))
    assert calls() == 1
    moved(visit, dr_li, dana.principal, start=START + DAY)
    assert calls() == 0


def test_whoever_chose_themselves_or_was_put_back_has_nothing_to_decline(visit, kim, dr_li, dana, alice):
    assert not may_decline(visit, at=AT)
    assert may_decline(moved(visit, kim, dana.principal), at=AT)
    back = appointments.move(visit.public_id, Move.UNDO, by=dana.principal, at=AT)
    assert not may_decline(back, at=AT)
    chosen = moved(visit, kim, alice.principal, start=START + DAY)
    assert not may_decline(chosen, at=AT)
    with pytest.raises(NothingToDecline):
        decline(chosen, at=AT, **named(kim))


def test_a_time_that_moves_alone_leaves_the_question_open_until_it_begins(visit, kim, dana):
    moved(visit, kim, dana.principal)
    later = moved(visit, kim, dana.principal, start=START + DAY)
    assert may_decline(later, at=AT)
    assert not may_decline(later, at=START + DAY)


def test_twin_without_the_look_at_whether_anybody_was_put_in_a_call_is_raised_for_nothing(visit, monkeypatch):
    monkeypatch.setattr(practitioner_changes, "may_decline", lambda *_args, **_facts: True)
    decline(visit, at=AT, **named(visit.practitioner))
    assert calls() == 1


def test_alice_says_it_over_the_api_too_once_and_nobody_else_does(visit, kim, dana, alice, mallory):
    moved(visit, kim, dana.principal)
    door = reverse("api-appointment-other-practitioner", args=[visit.public_id])
    said = [client_of(one.user).post(door, named(kim), format="json") for one in (mallory, dana, alice, alice)]
    assert [answer.status_code for answer in said] == [404, 404, 200, 200]
    assert calls() == 1
