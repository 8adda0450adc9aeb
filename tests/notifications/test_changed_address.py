"""Alice has a new address: her old links end, the old address is told in neutral words, the new one gets new links."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.actions import links
from booking.actions.patients import merging, patients
from booking.models import ContactChange
from core.principal import Principal
from notifications.actions import contact_changes
from notifications.actions.relay import relay
from notifications.models import Message
from notifications.status import Delivery, DeliveryReason, MessageKind
from tests.factories.policies import publish_policy
from tests.factories.visits import BOOKED_AT, STARTS_AT, a_patient, a_visit, as_it_was, cancel, move
from tests.notifications.rounds import DAY_BEFORE, of, run
from tests.revealing_words import TELLING

pytestmark = pytest.mark.django_db
DANA = Principal.system("dana")
LATER = BOOKED_AT + timedelta(days=1)
QUIET = timedelta(minutes=2)
OLD, NEW = "alice@example.test", "alice.adams@example.test"


@pytest.fixture(scope="module")
def visit_once(what_visits_share, once_a_module):
    """A visit that Alice has the confirmation of."""
    with once_a_module():
        booked = a_visit(patient=a_patient())
        run(BOOKED_AT)
        return booked.pk


@pytest.fixture
def visit(visit_once, mailoutbox):
    return as_it_was(visit_once)


def write_to(visit, address, *, at=LATER):
    patients.change(visit.patient, by=DANA, at=at, email=address)


def sent(mailoutbox, *, until=LATER + QUIET):
    """Return what leaves, by address."""
    run(LATER)
    run(until)
    return {mail.to[0]: mail for mail in mailoutbox}


def opens(token):
    with time_machine.travel(LATER, tick=False):
        return Client().get(f"/m/{token}/").status_code


def test_the_old_link_ends_and_a_new_one_opens_the_visit(visit, mailoutbox):
    old = links.issue(visit, at=BOOKED_AT)
    write_to(visit, NEW)
    assert opens(old) == 410
    body = sent(mailoutbox)[NEW].body
    (line,) = [line for line in body.splitlines() if "/m/" in line]
    token = line.rsplit("/m/", 1)[1].strip("/")
    assert token != old
    assert opens(token) == 200


def test_the_old_address_is_told_and_learns_nothing(visit, mailoutbox):
    write_to(visit, NEW)
    mail = sent(mailoutbox)[OLD]
    assert mail.subject == "Your contact details were changed"
    whole = str(mail.message())
    assert "If that was not you, please call us: (312) 555-0100" in mail.body
    assert not any(word in whole for word in (NEW, "/m/", "Alice", "Adams", "Dr Li", "December", "Lake St"))
    assert [word for word in TELLING if word in whole.lower()] == []


def test_the_new_address_gets_the_links_of_all_visits_ahead_in_one_mail(visit, mailoutbox):
    a_visit(patient=visit.patient, starts_at=STARTS_AT + timedelta(days=7))
    write_to(visit, NEW)
    mail = sent(mailoutbox)[NEW]
    assert mail.subject == "We now write to you at this address"
    assert mail.body.count("/m/") == 2
    assert "Older links do not work any more" in mail.body


def test_a_visit_that_is_moved_meanwhile_keeps_neither_address_from_its_mail(visit, mailoutbox):
    a_visit(patient=visit.patient, starts_at=STARTS_AT + timedelta(days=7))
    write_to(visit, NEW)
    contact_changes.relay(at=LATER)
    move(visit, starts_at=STARTS_AT + timedelta(hours=2), at=LATER)
    run(LATER)
    run(LATER + QUIET)
    told = {(mail.to[0], mail.body.count("/m/")) for mail in mailoutbox if mail.subject != "Your visit was moved"}
    assert told >= {(OLD, 0), (NEW, 2)}


def test_the_visits_of_all_whose_address_changed_are_locked_together(visit):
    ben = a_visit(patient=a_patient("Ben Adams", email="ben@example.test"))
    write_to(visit, NEW)
    write_to(ben, "ben.adams@example.test")
    with CaptureQueriesContext(connection) as queries:
        assert contact_changes.relay(at=LATER) == 2
    assert len([q for q in queries if "booking_appointment" in q["sql"] and "FOR NO KEY UPDATE" in q["sql"]]) == 1


def test_reminders_go_to_the_new_address_alone(visit, mailoutbox):
    write_to(visit, NEW)
    sent(mailoutbox)
    mailoutbox.clear()
    run(DAY_BEFORE)
    assert [mail.to for mail in mailoutbox] == [[NEW]]


def test_a_mistyped_address_that_is_mended_within_two_minutes_gets_no_link(visit, mailoutbox):
    write_to(visit, "alyce@example.test")
    run(LATER)
    write_to(visit, NEW, at=LATER + QUIET / 2)
    found = sent(mailoutbox, until=LATER + 2 * QUIET)
    assert "/m/" in found[NEW].body
    assert "/m/" not in found["alyce@example.test"].body
    assert len([mail for mail in mailoutbox if mail.to == [NEW]]) == 1


def test_the_same_address_again_ends_no_link_and_tells_nobody(visit, mailoutbox):
    old = links.issue(visit, at=BOOKED_AT)
    write_to(visit, OLD)
    assert opens(old) == 200
    assert sent(mailoutbox) == {}


def test_the_same_mailbox_in_other_letters_ends_no_link_and_tells_nobody(visit, mailoutbox):
    visit.patient.contacts.update(verified_at=BOOKED_AT)
    token = links.issue(visit, at=BOOKED_AT)
    write_to(visit, "Alice@EXAMPLE.test")
    assert (opens(token), sent(mailoutbox)) == (200, {})
    now = visit.patient.contacts.get(system="email")
    assert (now.value, now.verified_at) == ("Alice@example.test", BOOKED_AT)


def test_once_it_has_been_told_the_old_address_is_kept_nowhere(visit, mailoutbox):
    write_to(visit, NEW)
    sent(mailoutbox)
    run(LATER + timedelta(hours=1))
    assert of(visit, MessageKind.CONTACT_CHANGED).status == Delivery.SENT
    assert set(Message.objects.values_list("address", flat=True)) == {""}
    assert set(ContactChange.objects.values_list("old_email", flat=True)) == {""}


@pytest.mark.parametrize(("days", "told"), [(1, False), (5, True)])
def test_an_old_address_is_tried_to_be_told_for_as_many_days_as_the_plan_says(visit, mailoutbox, days, told):
    publish_policy("reminder-plan", {"changes": {"old_address_days": days}})
    write_to(visit, NEW)
    contact_changes.relay(at=LATER)
    run(LATER + timedelta(days=4))  # the mail server, or the whole service, was away
    assert (OLD in [mail.to[0] for mail in mailoutbox]) is told


def test_an_old_address_that_is_in_use_again_is_not_told_that_it_was_replaced(visit, mailoutbox):
    write_to(visit, NEW)
    write_to(visit, OLD)
    assert sent(mailoutbox)[OLD].subject == "We now write to you at this address"


def test_after_a_death_nobody_is_told(visit, mailoutbox):
    cancel(visit, at=LATER, reason="deceased")
    write_to(visit, NEW)
    assert sent(mailoutbox) == {}


def test_whose_first_address_comes_late_gets_links_and_reminders_and_nobody_else_is_told(mailoutbox):
    visit = a_visit(patient=a_patient("Ben Adams", email=None))
    relay(at=BOOKED_AT)
    assert of(visit, MessageKind.REMINDER, offset_minutes=1440).reason == DeliveryReason.NO_ADDRESS
    write_to(visit, NEW)
    assert list(sent(mailoutbox)) == [NEW]
    run(DAY_BEFORE)
    assert mailoutbox[-1].subject.startswith("Reminder")


@pytest.mark.parametrize("keeps_the_address", [True, False])
def test_whose_two_records_become_one_is_reminded_of_what_was_booked_by_phone(mailoutbox, keeps_the_address):
    visit = a_visit(patient=a_patient("Ben Adams", email=None))
    relay(at=BOOKED_AT)
    other = a_patient("Ben Adams", email=NEW)
    kept, given_up = (other, visit.patient) if keeps_the_address else (visit.patient, other)
    merging.merge(kept=kept, given_up=given_up, by=DANA, at=LATER)
    mails = sent(mailoutbox)
    assert list(mails) == [NEW]
    assert "Older links do not work" not in mails[NEW].body  # those of the record that had an address do
    assert of(visit, MessageKind.REMINDER, offset_minutes=1440).status == Delivery.DUE
