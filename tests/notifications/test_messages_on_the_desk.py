"""On the page of an appointment stands what was said about it and what became of that, for those who mind messages."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.roles import Role
from notifications.models import Message
from notifications.status import Delivery, DeliveryReason
from notifications.templatetags.visit_messages import _why
from tests.booking.pages.reviewing import send
from tests.booking.pages.walk import text_of
from tests.factories.admin import sign_in
from tests.factories.booking import chicago, make_visit, slot_id
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(alice, dr_li):
    """Alice's appointment of Thursday, of which she has been told."""
    with time_machine.travel(AT, tick=False):
        visit = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))
        send()
        yield visit


def read_by(role, visit, lakeside):
    page = sign_in(Client(), role.value, role, lakeside).get(reverse("desk-appointment", args=[visit.public_id]))
    return text_of(page).replace("\u202f", " ")


@pytest.mark.parametrize("role", [Role.SCHEDULER, Role.AUDITOR])
def test_what_was_said_and_waits_is_told_with_its_moment(visit, lakeside, role):
    page = read_by(role, visit, lakeside)
    assert "Messages" in page
    assert "Confirmation: sent, Monday, October 5, 2026, 8:00 AM" in page
    assert "Reminder: waiting, for" in page


def test_what_did_not_arrive_says_why(visit, lakeside):
    Message.objects.filter(kind="confirmation").update(status=Delivery.FAILED, reason="refused-550")
    assert "Confirmation: failed, Monday, October 5, 2026, 8:00 AM The mail server refused it (550)" in read_by(
        Role.SCHEDULER, visit, lakeside
    )
    assert all(_why(reason.value) == reason.label for reason in DeliveryReason)


def test_whoever_does_not_mind_messages_reads_none(visit, lakeside):
    assert "Messages" not in read_by(Role.CLINICIAN, visit, lakeside)
