"""Each message is judged just before its wire: what happens while others are written to counts."""

from datetime import timedelta

import pytest
from django.db.models import F

from booking.models import Appointment
from notifications.actions import batches, claims, deliver, dispatch
from notifications.channels.mail.send import Sender
from notifications.models import Message
from notifications.status import Delivery, DeliveryReason, MessageKind
from tests.factories.visits import STARTS_AT, as_it_was, cancel, move, visits
from tests.notifications.rounds import DAY_BEFORE, ended, of, run, to

pytestmark = pytest.mark.django_db
SLOW, QUIET_FOR = timedelta(seconds=2), timedelta(minutes=3)


@pytest.fixture(scope="module")
def patients_once(once_a_module):
    """Three visits whose reminders are due; so far the patients have been told that they are booked."""
    with once_a_module():
        booked = visits(3)
        run()
        run(STARTS_AT - timedelta(days=3))
        return [visit.pk for visit in booked]


@pytest.fixture
def patients(patients_once, mailoutbox):
    return [as_it_was(pk) for pk in patients_once]


def round_with(act, mailoutbox):
    """Run a round at a slow server, in which `act` is done once the first mail is out."""
    done = []

    def now():
        if mailoutbox and not done:
            done.append(True)
            act()
        return DAY_BEFORE + SLOW * len(mailoutbox)

    dispatch.run(now=now)
    run(DAY_BEFORE + QUIET_FOR)


def subjects(mailoutbox, patient):
    return [mail.subject.partition(":")[0] for mail in mailoutbox if mail.to == [patient.contacts.get().value]]


def test_a_patient_who_cancels_while_others_are_written_to_is_not_reminded(patients, mailoutbox):
    round_with(lambda: cancel(patients[2], at=DAY_BEFORE), mailoutbox)
    assert subjects(mailoutbox, patients[1].patient) == ["Reminder"]
    assert subjects(mailoutbox, patients[2].patient) == ["Cancelled"]
    assert ended(patients[2], MessageKind.REMINDER, offset_minutes=1440) == (
        Delivery.DROPPED,
        DeliveryReason.SUPERSEDED,
    )


def test_without_the_look_just_before_the_wire_the_reminder_follows_the_cancel(patients, mailoutbox, monkeypatch):
    monkeypatch.setattr(deliver, "AS_READ", "TRUE")
    round_with(lambda: cancel(patients[2], at=DAY_BEFORE), mailoutbox)
    assert "Reminder" in subjects(mailoutbox, patients[2].patient)


def test_a_patient_who_moves_her_visit_meanwhile_is_told_of_the_move_alone(patients, mailoutbox):
    round_with(lambda: move(patients[2], starts_at=STARTS_AT + timedelta(hours=2), at=DAY_BEFORE), mailoutbox)
    assert subjects(mailoutbox, patients[2].patient) == ["Changed"]


def round_with_a_new_address(patient, mailoutbox):
    round_with(lambda: patient.contacts.update(value="new@example.test"), mailoutbox)
    return to(mailoutbox)[2:]


def test_a_mail_goes_to_the_address_that_is_on_file_when_it_leaves(patients, mailoutbox):
    assert round_with_a_new_address(patients[2].patient, mailoutbox) == ["new@example.test"]


def test_without_a_look_at_the_addresses_just_before_the_wire_it_goes_to_the_old_one(patients, mailoutbox, monkeypatch):
    monkeypatch.setattr(deliver, "SAME_CONTACTS", "TRUE")
    assert round_with_a_new_address(patients[2].patient, mailoutbox) == ["alice3@example.test"]


def test_a_patient_without_an_address_any_more_is_for_staff_to_call(patients, mailoutbox):
    round_with(lambda: patients[2].patient.contacts.all().delete(), mailoutbox)
    assert ended(patients[2], MessageKind.REMINDER, offset_minutes=1440) == (Delivery.FAILED, DeliveryReason.NO_ADDRESS)
    assert patients[2].calls.get().reason == "not-reached"


def test_a_visit_that_changes_again_and_again_holds_nobody_elses_mail_back(patients, mailoutbox, monkeypatch):
    restless, asked, begin = patients[1], [], deliver.begin

    def beginning(reading, **facts):
        asked.append(reading.outgoing.visit.appointment_id)
        if asked[-1] == restless.pk and asked.count(restless.pk) <= batches.MOST_LOOKS:
            Appointment.objects.filter(pk=restless.pk).update(readdressed=F("readdressed") + 1)
        return begin(reading, **facts)

    monkeypatch.setattr(deliver, "begin", beginning)
    run(DAY_BEFORE)
    assert to(mailoutbox) == ["alice1@example.test", "alice3@example.test"]
    run(DAY_BEFORE + QUIET_FOR)
    assert to(mailoutbox)[2:] == ["alice2@example.test"]


def test_a_worker_that_is_slow_keeps_what_it_has_picked_up(patients, mailoutbox):
    seen = []

    def now():
        at = DAY_BEFORE + len(mailoutbox) * (claims.CLAIM_LEASE - timedelta(seconds=1))
        claims.take_back(at=at)
        seen.append(of(patients[2], MessageKind.REMINDER, offset_minutes=1440).status)
        return at

    dispatch.run(now=now)
    first = seen.index(Delivery.CLAIMED)
    assert Delivery.DUE not in seen[first:]
    assert len(mailoutbox) == 3


def test_one_message_and_no_other_is_marked_when_its_words_go_out(patients, mailoutbox, monkeypatch):
    in_hand = []
    hand_over = Sender.hand_over

    def handing_over(*parcel):
        in_hand.append(sending())
        return hand_over(*parcel)

    monkeypatch.setattr(Sender, "hand_over", handing_over)
    run(DAY_BEFORE)
    assert in_hand == [1, 1, 1]


def sending():
    return Message.objects.filter(status=Delivery.SENDING).count()
