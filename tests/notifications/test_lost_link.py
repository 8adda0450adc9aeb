"""Alice lost her link: it is sent again, to the address on file, and nobody learns who is known here."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from notifications.actions.relay import relay
from notifications.actions.resend import send_links_again
from notifications.models import Message
from notifications.status import Delivery, Kind
from tests.factories.visits import BOOKED_AT, STARTS_AT, a_patient, a_visit, cancel, move

pytestmark = pytest.mark.django_db
BORN = date(1970, 1, 1)
DAY = timedelta(days=1)
HERS = {"email": "alice@example.test", "birth_date": BORN}


@pytest.fixture
def visit():
    booked = a_visit(patient=a_patient())
    relay(at=BOOKED_AT)
    return booked


def confirmations(visit):
    said = Message.objects.filter(appointment=visit, kind=Kind.CONFIRMATION, status=Delivery.DUE)
    return list(said.order_by("resend").values_list("version", "resend"))


def test_the_link_is_sent_again(visit):
    assert send_links_again(**HERS, at=BOOKED_AT + DAY) == 1
    assert confirmations(visit) == [(0, 0), (0, 1)]


@pytest.mark.parametrize("wrong", [{"email": "mallory@example.test"}, {"birth_date": date(1970, 1, 2)}])
def test_it_takes_the_address_and_the_date_of_birth(visit, wrong):
    assert send_links_again(**(HERS | wrong), at=BOOKED_AT + DAY) == 0


def test_capital_letters_in_an_address_do_not_matter(visit):
    assert send_links_again(**(HERS | {"email": "Alice@Example.TEST"}), at=BOOKED_AT + DAY) == 1


def test_asking_again_and_again_sends_one_mail_every_ten_minutes_and_five_in_all(visit):
    start = BOOKED_AT + DAY
    sent = [send_links_again(**HERS, at=start + timedelta(minutes=minute)) for minute in range(0, 120, 5)]
    assert sum(sent) == 5
    assert sent[:4] == [1, 0, 1, 0]


def test_a_moved_visit_is_confirmed_as_it_is_now(visit):
    move(visit, starts_at=STARTS_AT + DAY, at=BOOKED_AT + DAY)
    assert send_links_again(**HERS, at=BOOKED_AT + 2 * DAY) == 1
    assert (1, 1) in confirmations(visit)


def test_nothing_is_sent_about_what_is_cancelled_or_over(visit):
    assert send_links_again(**HERS, at=STARTS_AT + DAY) == 0
    cancel(visit, at=BOOKED_AT + DAY)
    assert send_links_again(**HERS, at=BOOKED_AT + 2 * DAY) == 0


@pytest.mark.parametrize("email", ["alice@example.test", "nobody@example.test"])
def test_the_answer_is_the_same_whether_there_is_a_visit_or_not(visit, email):
    with time_machine.travel(BOOKED_AT + DAY, tick=False):
        answer = Client().post("/lost-link/", {"email": f" {email} ", "birth_date": "Jan 1, 1970"})
    assert (answer.status_code, answer["Location"]) == (302, "/lost-link/sent/")
    assert len(confirmations(visit)) == (2 if email.startswith("alice") else 1)


def test_what_cannot_be_read_is_said():
    answer = Client().post("/lost-link/", {"email": "alice", "birth_date": "yesterday"})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: " in body
    assert body.count("like 3/27/1961, with four digits") == 2
