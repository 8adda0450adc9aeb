"""From the act to the mail: what Alice and Dana do is told, by way of the real ledger."""

from datetime import timedelta

import pytest
import time_machine

from booking.actions import appointments
from booking.cancel_reasons import CancelReason
from booking.status import Move
from notifications.actions import dispatch
from notifications.models import Message
from notifications.status import Delivery, MessageKind
from tests.factories.booking import chicago, read_slot, slot_id
from tests.factories.scheduler import AT, lay_out, make_practitioner

pytestmark = pytest.mark.django_db
QUIET = timedelta(minutes=2)
TEN, TWO = chicago(8, 10), chicago(8, 14)


@pytest.fixture
def visit(alice, dr_li):
    return appointments.book(slot=read_slot(slot_id(dr_li, TEN)), patient=alice.record, by=alice.principal, at=AT)


def subjects(mailoutbox, *, at=AT):
    """Return the subjects of what is mailed now."""
    before = len(mailoutbox)
    dispatch.run(now=lambda: at)
    return [mail.subject for mail in mailoutbox[before:]]


def test_alice_hears_of_booking_moving_cancelling_and_undoing(alice, dr_li, visit, mailoutbox):
    assert subjects(mailoutbox) == ["Your appointment on Thu, Oct 8 at 10:00 AM"]
    appointments.move(visit.public_id, Move.RESCHEDULE, slot=read_slot(slot_id(dr_li, TWO)), by=alice.principal, at=AT)
    assert subjects(mailoutbox, at=AT + QUIET) == ["Changed: your appointment is now on Thu, Oct 8 at 2:00 PM"]
    appointments.move(visit.public_id, Move.CANCEL, reason=CancelReason.PATIENT, by=alice.principal, at=AT + QUIET)
    assert subjects(mailoutbox, at=AT + 2 * QUIET) == ["Cancelled: your appointment on Thu, Oct 8 at 2:00 PM"]
    appointments.move(visit.public_id, Move.UNDO, by=alice.principal, at=AT + 2 * QUIET)
    assert subjects(mailoutbox, at=AT + 3 * QUIET) == ["Your appointment on Thu, Oct 8 at 2:00 PM"]
    assert {mail.to[0] for mail in mailoutbox} == {alice.record.contacts.get(system="email").value}


def test_only_the_last_version_is_reminded_of(alice, dr_li, visit, mailoutbox):
    subjects(mailoutbox)
    appointments.move(visit.public_id, Move.RESCHEDULE, slot=read_slot(slot_id(dr_li, TWO)), by=alice.principal, at=AT)
    subjects(mailoutbox)
    due = Message.objects.filter(kind=MessageKind.REMINDER, status=Delivery.DUE)
    assert [(row.version, row.offset_minutes, row.due_at) for row in due] == [
        (1, 4320, chicago(5, 14)),
        (1, 1440, chicago(7, 14)),
    ]


def test_alice_is_told_who_treats_her_now_and_how_to_decline(alice, lakeside, visit, mailoutbox):
    subjects(mailoutbox)
    dr_kim = make_practitioner(lakeside, name="Dr Kim")
    lay_out()
    appointments.move(visit.public_id, Move.RESCHEDULE, slot=read_slot(slot_id(dr_kim, TEN)), by=alice.principal, at=AT)
    subjects(mailoutbox, at=AT + QUIET)
    assert "You will now see Dr Kim. If you would rather not," in mailoutbox[-1].body


def test_the_link_in_the_mail_opens_the_visit(client, visit, mailoutbox):
    subjects(mailoutbox)
    (link,) = [line for line in mailoutbox[-1].body.splitlines() if "/m/" in line]
    with time_machine.travel(AT, tick=False):
        answer = client.get(link[link.index("/m/") :])
    assert answer.status_code == 200
    assert visit.reference in answer.content.decode()
