"""Dana lets an appointment take longer or shorter: what fits is a button, what does not says why and who is there."""

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from booking.models import Appointment
from core.roles import Role
from scheduler.public import lengths
from tests.booking.pages.reviewing import send
from tests.booking.pages.walk import hidden_on, text_of
from tests.booking.stories.test_appointment_page import at_work, page_of, press, words_of
from tests.factories.booking import MINUTE, chicago, make_visit, slot_id
from tests.factories.scheduler import AT

START = chicago(6, 10)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(alice, dr_li):
    """Alice's appointment of Tuesday: 75 minutes."""
    return make_visit(alice.record, slot_id(dr_li, START))


@pytest.fixture
def dana(lakeside):
    return at_work("dana", Role.SCHEDULER, lakeside)


def length_page(client, visit):
    return client.get(reverse("desk-appointment-length", args=[visit.public_id]))


def change(client, visit, **sent):
    where = reverse("desk-appointment-length", args=[visit.public_id])
    return client.post(where, hidden_on(length_page(client, visit)) | sent)


def period(visit):
    return Appointment.objects.get(pk=visit.pk).period


def test_dana_shortens_it_with_one_press_and_the_page_says_so_and_undoes_it(visit, dana):
    assert "75 minutes" in text_of(length_page(dana, visit)).replace("\u00a0", " ")
    assert change(dana, visit, minutes="65").status_code == 302
    said = words_of(dana, visit).replace("\u00a0", " ")
    assert "65 minutes, a length of its own" in said
    assert "Length changed" in said
    assert "Until 11:05 AM, and no longer until 11:15 AM" in said
    assert period(visit).upper == visit.period.upper - 10 * MINUTE
    press(dana, visit, "undo")
    assert period(visit) == visit.period


def test_each_part_can_be_typed_and_what_is_too_short_stays_typed_and_says_how_short_it_may_be(visit, dana):
    typed = {"length-0": "25", "length-1": "5", "length-2": "20", "length-3": "5"}
    refused = change(dana, visit, **typed)
    assert refused.status_code == 422
    assert "Needling: type minutes, from 6 to 240" in text_of(refused).replace("needling", "Needling")
    assert 'value="20"' in refused.content.decode()
    assert change(dana, visit, **typed | {"length-1": "10"}).status_code == 302
    assert period(visit).upper == visit.period.upper - 5 * MINUTE


def test_rest_may_be_short_while_hands_and_rest_take_enough_together_or_dana_reads_what_is_lacking(visit, dana):
    page = text_of(length_page(dana, visit))
    assert "Hands and rest together keep 39 of 65 minutes." in page
    typed = {"length-0": "20", "length-1": "8", "length-2": "5", "length-3": "5"}
    refused = change(dana, visit, **typed)
    assert refused.status_code == 422
    assert "type more, so that hands and rest together take 39 minutes at least, and not 38" in text_of(refused)
    assert change(dana, visit, **typed | {"length-0": "21"}).status_code == 302


def test_twin_without_the_bound_of_all_together_any_such_length_is_taken(visit, dana, monkeypatch):
    monkeypatch.setattr(lengths, "least_contact", lambda *_planned, **_percent: 0)
    typed = {"length-0": "20", "length-1": "8", "length-2": "5", "length-3": "5"}
    assert change(dana, visit, **typed).status_code == 302


def test_what_does_not_fit_is_no_button_and_says_who_is_there(visit, ben, dr_li, dana):
    other = make_visit(ben.record, slot_id(dr_li, visit.period.upper))
    page = text_of(length_page(dana, visit)).replace("\u202f", " ")
    assert "It cannot be longer" in page or "Longer than that does not fit" in page
    assert f"{other.patient.name}, 11:15 AM to 12:30 PM, with Dr Li" in page
    refused = change(dana, visit, minutes="105")
    assert refused.status_code == 409
    assert other.patient.name in text_of(refused)
    assert period(visit) == visit.period


def test_a_shorter_length_that_meets_somebody_is_not_told_to_be_too_short(alice, ben, dr_li, dana):
    hour = make_visit(alice.record, slot_id(dr_li, START, visit="followup"))
    rest = slot_id(dr_li, START + 30 * MINUTE, visit="followup")  # while Alice rests, until the needles are removed
    other = make_visit(ben.record, rest)
    page = text_of(length_page(dana, hour)).replace("\u202f", " ")
    assert "It is as short as it may be" not in page
    assert "Shorter does not fit" in page
    assert other.patient.name in page


def test_alice_is_mailed_when_it_ends_where_that_changes_and_nothing_otherwise(visit, dana, clock):
    send()
    mail.outbox.clear()
    change(dana, visit, **{"length-0": "20", "length-1": "15", "length-2": "25", "length-3": "5"})
    clock.shift(3 * 60)
    send()
    assert mail.outbox == []
    change(dana, visit, minutes="65")
    clock.shift(3 * 60)
    send()
    (told,) = mail.outbox
    said = " ".join(told.body.split()).replace("\u202f", " ")
    assert "Please note: it ends at 11:05 AM now, and not at 11:15 AM." in said
    assert "Before:" not in said


def test_who_comes_second_is_told_and_changes_nothing(visit, dana):
    seen = hidden_on(length_page(dana, visit))
    change(dana, visit, minutes="65")
    late = dana.post(reverse("desk-appointment-length", args=[visit.public_id]), seen | {"minutes": "55"})
    assert late.status_code == 409
    assert period(visit).upper == visit.period.upper - 10 * MINUTE


def test_whoever_runs_a_site_and_does_not_know_what_it_is_for_has_no_such_page(visit, lakeside):
    admin = at_work("ada", Role.ADMIN, lakeside)
    assert length_page(admin, visit).status_code in {403, 404}
    assert "Length" not in page_of(admin, visit).content.decode()


def test_another_length_that_a_stale_page_presses_is_not_said_to_be_done(visit, dana):
    seen, where = hidden_on(length_page(dana, visit)), reverse("desk-appointment-length", args=[visit.public_id])
    change(dana, visit, minutes="65")
    assert "You did this already" in text_of(dana.post(where, seen | {"minutes": "65"}))
    assert "You did this already" not in text_of(dana.post(where, seen | {"minutes": "55"}))
    parts = {"length-0": "25", "length-1": "10", "length-2": "20", "length-3": "5"}
    again = hidden_on(length_page(dana, visit))
    assert change(dana, visit, **parts).status_code == 302
    assert "You did this already" in text_of(dana.post(where, again | parts))
    other = parts | {"length-0": "30"}
    assert "You did this already" not in text_of(dana.post(where, again | other))
