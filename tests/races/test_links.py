"""Links in mails, while others act: none to a replaced address, and no more than one person is due."""

from datetime import date, timedelta

import pytest

from booking.actions import patients
from core.principal import Principal
from notifications.actions import deliver, lost_links
from notifications.actions.deliver import Start
from notifications.actions.relay import relay
from notifications.models import LinkRequest, Message
from notifications.status import Kind
from tests.factories.visits import BOOKED_AT, a_patient, a_visit
from tests.notifications.rounds import picked_up
from tests.races.together import beside

pytestmark = pytest.mark.django_db(transaction=True)
SOON = BOOKED_AT + timedelta(seconds=1)


def start_beside_a_change_of_address():
    visit = a_visit(patient=a_patient())
    relay(at=SOON)
    (reading,) = picked_up()
    new = {"by": Principal.system("dana"), "email": "new@example.test", "at": SOON}
    _, start = beside(lambda: deliver.begin(reading, at=SOON), while_open=lambda: patients.change(visit.patient, **new))
    return start


def test_a_mail_that_is_picked_up_while_the_address_changes_does_not_go_to_the_old_one():
    assert start_beside_a_change_of_address() is Start.CHANGED


def test_without_a_note_on_the_locked_visits_it_would_go_to_the_old_one(monkeypatch):
    monkeypatch.setattr(patients, "_lock_visits", lambda patient: None)
    monkeypatch.setattr(patients, "_readdress", lambda patient: None)
    assert start_beside_a_change_of_address() is Start.BEGUN


def mails_to_an_impatient_person():
    a_visit(patient=a_patient())
    for _ in range(lost_links.AN_HOUR):
        lost_links.ask(email="alice@example.test", birth_date=date(1970, 1, 1), network="", at=SOON)

    def asked_once_more():
        lost_links.ask(email="alice@example.test", birth_date=date(1970, 1, 1), network="", at=SOON)
        return lost_links.answer(at=SOON)

    beside(asked_once_more, while_open=lambda: lost_links.answer(at=SOON))
    return Message.objects.filter(kind=Kind.LINK).count()


def test_two_workers_send_one_person_three_links_an_hour_together():
    assert mails_to_an_impatient_person() == 3


def test_without_waiting_for_each_other_two_workers_would_send_a_fourth(monkeypatch):
    skipping = LinkRequest.objects.filter(answered_at=None).select_for_update(skip_locked=True)
    monkeypatch.setattr(lost_links, "open_requests", skipping.all)
    assert mails_to_an_impatient_person() == 4
