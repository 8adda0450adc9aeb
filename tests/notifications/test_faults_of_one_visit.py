"""What one visit's rows make fail holds back its own messages alone, is reported, and is tried again."""

from datetime import date, timedelta

import pytest

from booking.actions.patients import patients
from booking.models import CallTask, Change, Proof
from booking.status import Status
from core.models import Site
from core.principal import Principal
from notifications.actions import claims, codes, faults, link_mails, lost_links, relay
from notifications.models import LinkRequest
from notifications.status import Delivery, DeliveryReason, MessageKind
from tests.factories.policies import adopt_suitability
from tests.factories.visits import BOOKED_AT, STARTS_AT, a_patient, a_site, a_visit, visits
from tests.notifications.rounds import DAY_BEFORE, SOON, ended, of, run, to

pytestmark = pytest.mark.django_db
NOWHERE, CHICAGO = "Nowhere/At_All", "America/Chicago"


@pytest.fixture
def elsewhere():
    """A site whose zone is set below."""
    return a_site("elsewhere", zone=CHICAGO)


@pytest.fixture
def three(elsewhere):
    """Three booked visits; the second is at the other site."""
    booked = visits(3)
    booked[1].site = elsewhere
    booked[1].save()
    return booked


def lies_in(site, zone):
    Site.objects.filter(pk=site.pk).update(zone=zone)


def to_call():
    return list(CallTask.objects.filter(done_at=None).values_list("appointment_id", flat=True))


def test_a_visit_that_cannot_be_planned_keeps_nobody_else_without_word(three, elsewhere, mailoutbox, caplog):
    lies_in(elsewhere, NOWHERE)
    run()
    assert to(mailoutbox) == ["alice1@example.test", "alice3@example.test"]
    assert caplog.text.count(f"visit {three[1].pk} cannot be planned for: ZoneInfoNotFoundError") == 1
    assert to_call() == [three[1].pk]


def test_it_is_planned_once_what_was_wrong_is_mended_and_nobody_needs_to_call_any_more(three, elsewhere, mailoutbox):
    lies_in(elsewhere, NOWHERE)
    run()
    lies_in(elsewhere, CHICAGO)
    run(SOON + timedelta(seconds=30))
    assert sorted(to(mailoutbox)) == [f"alice{n}@example.test" for n in (1, 2, 3)]
    assert to_call() == []


def test_twin_without_that_guard_one_visit_keeps_everybody_without_word(three, elsewhere, mailoutbox, monkeypatch):
    monkeypatch.setattr(faults, "ROW_FAULTS", ())
    lies_in(elsewhere, NOWHERE)
    with pytest.raises(LookupError):
        run()
    assert mailoutbox == []


def test_more_of_them_than_are_planned_at_once_keep_nobody_waiting(three, elsewhere, mailoutbox, monkeypatch):
    monkeypatch.setattr(relay, "CHANGES_AT_ONCE", 1)
    monkeypatch.setitem(relay.relay.__wrapped__.__kwdefaults__, "limit", 1)
    lies_in(elsewhere, NOWHERE)
    run()
    run(SOON + timedelta(seconds=30))
    assert to(mailoutbox) == ["alice1@example.test", "alice3@example.test"]
    assert list(Change.objects.filter(relayed_at=None).values_list("appointment_id", flat=True)) == [three[1].pk]


@pytest.mark.parametrize("asked_before", [False, True], ids=["nothing is asked", "something is asked"])
def test_a_message_that_cannot_be_read_any_more_waits_and_the_others_leave(
    three, elsewhere, mailoutbox, caplog, asked_before
):
    if asked_before:
        adopt_suitability()
    run()
    mailoutbox.clear()
    lies_in(elsewhere, NOWHERE)
    run(DAY_BEFORE)
    reminder = of(three[1], MessageKind.REMINDER, offset_minutes=1440)
    assert to(mailoutbox) == ["alice1@example.test", "alice3@example.test"]
    assert f"message {reminder.pk} cannot be judged: ZoneInfoNotFoundError" in caplog.text
    assert ["/questions/" in mail.body for mail in mailoutbox] == [asked_before] * 2
    assert to_call() == [three[1].pk]
    lies_in(elsewhere, CHICAGO)
    run(DAY_BEFORE + claims.UNREADABLE_PAUSE)
    assert to(mailoutbox)[2:] == ["alice2@example.test"]


def test_what_nobody_could_read_until_the_visit_began_has_failed(three, elsewhere, mailoutbox):
    run()
    lies_in(elsewhere, NOWHERE)
    run(DAY_BEFORE)
    run(STARTS_AT)
    assert ended(three[1], MessageKind.REMINDER, offset_minutes=1440) == (Delivery.FAILED, DeliveryReason.UNWRITABLE)


def no_plan_at(site, monkeypatch, module):
    real = module.reminder_plan

    def plan(which, *, at):
        if which == site.pk:
            raise LookupError("no plan")
        return real(which, at=at)

    monkeypatch.setattr(module, "reminder_plan", plan)


def test_a_code_that_cannot_be_planned_keeps_no_other_code_back(elsewhere, mailoutbox, monkeypatch, caplog):
    asked = [a_visit(patient=a_patient(email=f"ben{n}@example.test"), status=Status.PROPOSED) for n in (1, 2)]
    for visit in asked:
        Proof.objects.create(appointment=visit, made_by="visitor", issued_at=BOOKED_AT)
    asked[0].site = elsewhere
    asked[0].save()
    no_plan_at(elsewhere, monkeypatch, codes)
    run()
    assert to(mailoutbox) == ["ben2@example.test"]
    assert "cannot be planned: LookupError" in caplog.text
    monkeypatch.undo()
    run(SOON + timedelta(seconds=30))
    assert to(mailoutbox)[1:] == ["ben1@example.test"]


def test_links_that_cannot_be_planned_keep_no_other_links_back(three, elsewhere, mailoutbox, monkeypatch):
    run()
    mailoutbox.clear()
    for n in (2, 3):
        patient = three[n - 1].patient
        patients.change(patient, by=Principal.system("dana"), at=SOON, email=f"new{n}@example.test")
        lost_links.ask(email=f"new{n}@example.test", birth_date=date(1970, 1, 1), network="", at=SOON)
    no_plan_at(elsewhere, monkeypatch, link_mails)
    run(SOON + timedelta(minutes=3))
    assert {address for address in to(mailoutbox) if address.startswith("new")} == {"new3@example.test"}
    assert LinkRequest.objects.filter(answered_at=None).count() == 1
    monkeypatch.undo()
    run(SOON + timedelta(minutes=4))
    assert "new2@example.test" in to(mailoutbox)
    assert not LinkRequest.objects.filter(answered_at=None).exists()
