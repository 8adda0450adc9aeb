"""Links in mails, while others act: none to a replaced address, and no more than one person is due."""

import re
import threading
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking import public
from booking.actions.patients import patients
from core.database.transactions import unit
from core.principal import Principal
from notifications.actions import claims, deliver, lost_links
from notifications.actions.deliver import Start
from notifications.actions.relay import relay
from notifications.errors import TooManyLinkRequests
from notifications.models import LinkRequest, Message
from notifications.outgoing import DeliveryResult
from notifications.status import DeliveryOutcome, Ending, MessageKind
from tests.factories.visits import BOOKED_AT, a_patient, a_visit
from tests.notifications.rounds import picked_up
from tests.races.together import Gate, at_once, beside, deadlocks, until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)
TAKES = re.compile("^UPDATE|FOR NO KEY UPDATE|FOR UPDATE")
SOON = BOOKED_AT + timedelta(seconds=1)


def start_beside_a_change_of_address(*emails):
    visit = a_visit(patient=a_patient(email="old@example.test"))
    relay(at=SOON)
    (reading,) = picked_up()

    def changes():
        for email in emails:
            patients.change(visit.patient, by=Principal.system("dana"), email=email, at=SOON)

    _, start = beside(lambda: deliver.begin(reading, at=SOON), while_open=changes)
    return start


def test_a_mail_that_is_picked_up_while_the_address_changes_does_not_go_to_the_old_one():
    assert start_beside_a_change_of_address("new@example.test") is Start.CHANGED


def test_a_mail_whose_link_ended_while_the_address_changed_to_and_fro_does_not_go_out_with_it():
    assert start_beside_a_change_of_address("new@example.test", "old@example.test") is Start.CHANGED


def test_without_a_note_on_the_locked_visits_it_would_go_out_with_a_dead_link(monkeypatch):
    monkeypatch.setattr(patients, "_readdress", lambda patient: None)
    assert start_beside_a_change_of_address("new@example.test", "old@example.test") is Start.BEGUN


def tables_that_a_change_of_address_locks():
    """Return whose rows are locked or changed, in this order."""
    visit = a_visit(patient=a_patient())
    with CaptureQueriesContext(connection) as queries:
        patients.change(visit.patient, by=Principal.system("dana"), email="new@example.test", at=SOON)
    taken = [re.search(r'(?:UPDATE|FROM) "booking_(\w+)"', q["sql"]) for q in queries if TAKES.search(q["sql"])]
    return list(dict.fromkeys(found[1] for found in taken if found))


def test_a_change_of_address_locks_visits_before_their_patient_as_everybody_does():
    assert tables_that_a_change_of_address_locks()[:2] == ["appointment", "patient"]


def test_without_its_lock_on_the_visits_it_would_lock_the_patient_first(monkeypatch):
    lock = patients.lock_to_change
    monkeypatch.setattr(patients, "lock_to_change", lambda *one, **facts: lock(*one, **facts | {"readdressed": False}))
    assert tables_that_a_change_of_address_locks()[:2] == ["patient", "appointment"]


def mails_to_an_impatient_person():
    a_visit(patient=a_patient())
    for _ in range(lost_links.AN_HOUR):
        lost_links.ask(email="alice@example.test", birth_date=date(1970, 1, 1), network="", at=SOON)

    def asked_once_more():
        lost_links.ask(email="alice@example.test", birth_date=date(1970, 1, 1), network="", at=SOON)
        return lost_links.answer(at=SOON)

    beside(asked_once_more, while_open=lambda: lost_links.answer(at=SOON))
    return Message.objects.filter(kind=MessageKind.LINK).count()


def test_two_workers_send_one_person_three_links_an_hour_together():
    assert mails_to_an_impatient_person() == 3


def test_if_they_counted_before_they_had_the_visits_two_workers_would_send_a_fourth(monkeypatch):
    visits, plan = public.visits, lost_links.plan_links

    def planned_under_the_lock(theirs, *, at):
        return plan(visits([each.appointment_id for each in theirs], lock=True).values(), at=at)

    monkeypatch.setattr(public, "visits", lambda ids, **_: visits(ids))
    monkeypatch.setattr(lost_links, "plan_links", planned_under_the_lock)
    assert mails_to_an_impatient_person() == 4


def requests_of_a_ward_that_has_one_left():
    """Two ask at once from a network that has asked 29 times within the hour; return how many are written down."""
    many = [LinkRequest(asker=str(n), network="ward", asked_at=SOON) for n in range(lost_links.A_NETWORK_AN_HOUR - 1)]
    LinkRequest.objects.bulk_create(many)

    def ask(*, email):
        try:
            lost_links.ask(email=email, birth_date=date(1970, 1, 1), network="ward", at=SOON)
        except TooManyLinkRequests:
            return

    beside(lambda: ask(email="ben@example.test"), while_open=lambda: ask(email="alice@example.test"))
    return LinkRequest.objects.count()


def test_two_who_ask_at_once_from_one_network_are_counted_one_after_the_other():
    assert requests_of_a_ward_that_has_one_left() == 30


def test_without_waiting_for_each_other_both_would_be_the_thirtieth(monkeypatch):
    monkeypatch.setattr(lost_links, "wait_for", lambda name: None)
    assert requests_of_a_ward_that_has_one_left() == 31


def lock_order_deadlocks(monkeypatch, lock):
    """One worker judges a message and notes the one before; another finds that one lost. Both are about one visit."""
    visit = a_visit()
    relay(at=SOON)
    Message.objects.filter(kind=MessageKind.REMINDER).update(
        kind=MessageKind.LINK, due_at=SOON, facts={"visits": [visit.pk]}
    )
    first, second = picked_up()[:2]
    assert deliver.begin(first, at=SOON) is Start.BEGUN
    late = SOON + deliver.SENDING_LEASE
    Message.objects.filter(pk=second.outgoing.message.pk).update(lease_until=late + claims.CLAIM_LEASE)
    sent = DeliveryResult(
        outgoing=first.outgoing, outcome=DeliveryOutcome(Ending.SENT, 250), beginning=1, begun_at=SOON
    )
    before, has_the_message, over = deadlocks(), Gate(2), threading.Event()

    @unit
    def finds_it_lost():
        Message.objects.select_for_update().get(pk=first.outgoing.message.pk)
        has_the_message.wait()
        until_somebody_waits(or_else=over.is_set)  # the other worker has the visit, and wants to note the outcome
        claims.take_back(at=late)

    def begins_the_next():
        has_the_message.wait()
        deliver.begin(second, after=sent, at=SOON)
        over.set()

    monkeypatch.setattr(deliver, "LOCK", lock)
    at_once([begins_the_next, finds_it_lost])
    return deadlocks() - before


def test_a_worker_that_notes_an_outcome_and_one_that_finds_it_lost_do_not_block_each_other(monkeypatch):
    assert lock_order_deadlocks(monkeypatch, public.LOCK_VISITS) == 0


def test_with_a_lock_against_all_that_names_the_visit_they_would(monkeypatch):
    assert lock_order_deadlocks(monkeypatch, public.LOCK_VISITS.replace("NO KEY ", "")) == 1
