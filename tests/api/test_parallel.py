"""The same intent sent twenty times at once is one visit, and everybody is told the same."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from rest_framework.test import APIClient

from booking.models import Appointment, Change
from core import idempotency
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
