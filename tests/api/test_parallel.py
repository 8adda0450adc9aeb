"""Many at once: the same intent is one visit and one answer, and a bell that is busy costs nobody a visit."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from kombu import pools
from rest_framework.test import APIClient

from booking.models import Appointment, Change
from core import doorbell
from core.http import idempotency
from tests.factories.booking import chicago, slot_id

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def book(transactional_db, sign_in, alice, dr_li):
    """Send one booking twenty times at once; return the answers."""
    tokens, slot = sign_in(alice)._credentials, slot_id(dr_li, chicago(13, 10))

    def send(number):
        client = APIClient(raise_request_exception=False)
        client.credentials(**tokens)
        try:
            return client.post("/api/v1/appointments/", {"slot": slot}, format="json", headers={"Idempotency-Key": "k"})
        finally:
            connection.close()

    def at_once():
        with ThreadPoolExecutor(20) as pool:
            return list(pool.map(send, range(20)))

    return at_once


def test_twenty_at_once_with_one_key_are_one_visit_and_one_answer(book):
    answers = book()
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert Appointment.objects.count() == Change.objects.count() == 1


def test_twin_without_the_key_the_others_are_refused(book, monkeypatch):
    monkeypatch.setattr(idempotency, "_take", lambda *_, **__: True)
    assert sorted(a.status_code for a in book()) == [201] + [409] * 19


@pytest.fixture
def pool(monkeypatch):
    """The bell's pool of producers, of one, in a process where nobody has rung before."""
    monkeypatch.setattr(pools, "producers", pools.register_group(pools.Producers(limit=1)))
    monkeypatch.setattr(doorbell, "producers", pools.producers)
    return pools.producers[doorbell.broker()]


def booked_by(sign_in, alice, dr_li):
    answer = sign_in(alice).post(
        "/api/v1/appointments/",
        {"slot": slot_id(dr_li, chicago(13, 10))},
        format="json",
        headers={"Idempotency-Key": "k"},
    )
    return answer.status_code, Appointment.objects.count()


def test_a_visit_is_booked_though_the_bell_is_in_other_hands(pool, sign_in, alice, dr_li, caplog):
    with pool.acquire():
        assert booked_by(sign_in, alice, dr_li) == (201, 1)
    assert "waits for the next sweep: LimitExceeded" in caplog.text


def test_a_visit_is_booked_though_ringing_breaks_in_a_way_that_nobody_knows(pool, sign_in, alice, dr_li):
    pool.force_close_all()
    assert booked_by(sign_in, alice, dr_li) == (201, 1)
