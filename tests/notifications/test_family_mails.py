"""What Alice and Ben are mailed about their family link: nothing that names the other."""

import re

import pytest
from django.test import Client

from booking.actions import links
from booking.actions.families import family_links
from booking.actions.moves import move
from booking.cancel_reasons import CancelReason
from booking.families import codes
from booking.families.codes import LinkPurpose
from booking.models import CallTask, FamilyLinkChange
from booking.public import FamilySide, family_link_facts, note_unreached
from booking.status import Move
from notifications.actions import family_mails, single_mails
from notifications.api import health
from notifications.models import FamilyMail
from notifications.status import Delivery, DeliveryOutcome, Ending
from tests.factories.booking import DAY, MINUTE, SYSTEM, chicago, make_visit, slot_id, visitor
from tests.factories.families import BEN, claimed, confirmed, invited
from tests.factories.scheduler import AT
from tests.notifications.rounds import run

pytestmark = pytest.mark.django_db

ALICES = ("Alice", "Adams, A", "acupuncture", "cancer", "program")


def in_words(mail):
    """Return a mail without its addresses: their signs are drawn by lot, and may spell a name."""
    return re.sub(r"https?://[^\s\"<]+", "", mail)


@pytest.fixture
def patient(alice, mailoutbox):
    """Alice's record, before anybody has mailed anything."""
    run(AT)
    mailoutbox.clear()
    return alice.record


def mails(mailoutbox, at=AT):
    """Send what is due; return the mails by address, each as one text."""
    run(at)
    sent = {mail.to[0]: "\n".join([mail.subject, mail.body, str(mail.alternatives[0][0])]) for mail in mailoutbox}
    mailoutbox.clear()
    return sent


def her_address(patient):
    return patient.contacts.get().value


def test_an_invitation_brings_code_and_link_to_the_address_that_was_typed_and_names_nobody(patient, mailoutbox):
    link = invited(patient, mail_to="ben@example.test")
    (mail,) = mails(mailoutbox).values()
    assert codes.in_groups(codes.code_of(link.public_id)) in mail
    assert f"/family/{codes.token_of(link.public_id, LinkPurpose.INVITATION)}/" in mail
    assert not [word for word in ALICES if word in mail]
    assert mails(mailoutbox) == {}
    link.refresh_from_db()
    assert FamilyMail.objects.get().status == Delivery.SENT


def test_one_that_is_printed_is_mailed_nowhere(patient, mailoutbox):
    invited(patient)
    assert mails(mailoutbox) == {}


def test_she_is_asked_to_confirm_without_his_name_and_he_is_told_when_she_has(patient, dr_li, mailoutbox):
    visit = make_visit(patient, slot_id(dr_li, chicago(12, 10)))
    run(AT)
    mailoutbox.clear()
    link = claimed(patient)
    asked = mails(mailoutbox)
    assert list(asked) == [her_address(patient)]
    (mail,) = asked.values()
    assert f"/m/{links.issue(visit, at=AT)}/family/" in mail
    assert "Ben" not in in_words(mail)
    family_links.confirm(link, by=SYSTEM, at=AT)
    told = mails(mailoutbox)
    assert list(told) == [BEN.email]
    assert f"/family/{codes.token_of(link.public_id, LinkPurpose.WAY_BACK)}/" in told[BEN.email]
    assert not [word for word in ALICES if word in told[BEN.email].replace("Ben Adams", "")]


def test_who_has_no_visit_has_a_page_of_their_own_to_confirm_it_or_take_it_back_and_need_not_call(patient, mailoutbox):
    link = claimed(patient)
    (mail,) = mails(mailoutbox).values()
    own = codes.token_of(link.public_id, LinkPurpose.PATIENT, address=her_address(patient))
    assert f"/family/patient/{own}/" in mail
    assert "/m/" not in mail
    assert "Ben" not in in_words(mail)


def test_who_has_a_visit_that_no_mail_was_sent_about_has_a_button_all_the_same(patient, dr_li):
    visit = make_visit(patient, slot_id(dr_li, chicago(12, 10)))
    assert not visit.links.exists()
    facts = family_link_facts(claimed(patient).pk, FamilySide.PATIENT, at=AT)
    assert facts is not None
    assert facts.manage == links.issue(visit, at=AT)


def test_what_holds_no_more_is_not_sent(patient, mailoutbox):
    link = claimed(patient)
    family_links.revoke(link, by=SYSTEM, at=AT)
    assert list(mails(mailoutbox)) == [BEN.email]
    late = invited(patient, mail_to="cleo@example.test")
    family_links.revoke(late, by=SYSTEM, at=AT)
    assert mails(mailoutbox) == {}


def test_both_are_told_before_it_ends_and_when_it_has_and_she_when_he_leaves(patient, mailoutbox):
    link = confirmed(patient)
    mails(mailoutbox)
    near = link.ends_at - 20 * DAY
    family_links.tidy(at=near)
    family_links.tidy(at=near)
    assert set(mails(mailoutbox, near)) == {BEN.email, her_address(patient)}
    family_links.tidy(at=link.ends_at)
    assert set(mails(mailoutbox, link.ends_at)) == {BEN.email, her_address(patient)}
    other = confirmed(patient)
    mails(mailoutbox)
    family_links.leave(other, by=visitor("ben"), at=AT)
    assert list(mails(mailoutbox)) == [her_address(patient)]


def test_where_it_is_noted_that_she_died_nobody_is_written_to_also_before_there_is_a_year_of_grace(
    patient, dr_li, mailoutbox
):
    visit, link = make_visit(patient, slot_id(dr_li, chicago(12, 10))), confirmed(patient)
    mails(mailoutbox)
    move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.DECEASED)
    for at in (link.ends_at - 20 * DAY, link.ends_at):
        family_links.tidy(at=at)
        assert mails(mailoutbox, at) == {}


def test_in_a_year_of_grace_no_message_goes_to_either_side(patient, mailoutbox):
    link = confirmed(patient)
    mails(mailoutbox)
    kept = family_links.keep_in_grace(link, reason="The patient has died.", by=SYSTEM, at=AT)
    for at in (kept.ends_at - 20 * DAY, kept.ends_at):
        family_links.tidy(at=at)
        assert mails(mailoutbox, at) == {}


def test_twin_where_grace_is_not_looked_at_they_are_written_to(patient, mailoutbox, monkeypatch):
    link = confirmed(patient)
    mails(mailoutbox)
    kept = family_links.keep_in_grace(link, reason="The patient has died.", by=SYSTEM, at=AT)
    type(kept).objects.update(grace_at=None)
    family_links.tidy(at=kept.ends_at - 20 * DAY)
    assert mails(mailoutbox, kept.ends_at - 20 * DAY)


@pytest.fixture
def refused(monkeypatch):
    """Let the mail server take nothing for good."""
    monkeypatch.setattr(single_mails, "spoken", lambda *_: DeliveryOutcome(ending=Ending.REFUSED))


def unheard(link):
    return link.changes.filter(act="unheard").count()


def test_whom_a_mail_does_not_reach_staff_are_to_tell_as_with_any_mail(patient, dr_li, refused, dana):
    """He has an appointment to come: he is on the list of calls, too. The family's links say it in either case."""
    link = confirmed(patient)
    visit = make_visit(link.relative, slot_id(dr_li, chicago(12, 10)))
    run(AT)
    assert FamilyMail.objects.get(kind="confirmed").status == Delivery.FAILED
    assert [(one.appointment, one.reason) for one in CallTask.objects.filter(reason="family-mail")] == [
        (visit, "family-mail")
    ]
    assert unheard(link) == 1
    browser = Client()
    browser.force_login(dana.user)
    assert "A mail about this did not arrive." in browser.get("/desk/families/links/").content.decode()


def test_nobody_is_called_about_one_who_has_died(patient, dr_li, refused):
    link = confirmed(patient)
    mail = FamilyMail(link=link, side="relative")
    family_links.keep_in_grace(link, reason="The patient has died.", by=SYSTEM, at=AT)
    note_unreached(mail.link_id, FamilySide.RELATIVE, at=AT)
    assert unheard(link) == 0


def test_twin_where_an_end_is_only_written_down_nobody_hears_of_it(patient, refused, monkeypatch):
    monkeypatch.setattr("notifications.actions.single_mails.FOR_STAFF", frozenset())
    link = invited(patient, mail_to="ben@example.test")
    run(AT)
    assert (FamilyMail.objects.get().status, unheard(link)) == (Delivery.FAILED, 0)


def test_a_mail_that_waits_for_its_server_stands_among_those_to_come_and_makes_the_service_late(
    patient, client, settings, monkeypatch, time_machine
):
    settings.DEMO = True
    monkeypatch.setattr(family_mails, "send_next", lambda *_, **__: False)
    invited(patient, mail_to="ben@example.test")
    run(AT)
    assert "About a family: a code and a link for whoever is invited" in client.get("/demo/outbox/").content.decode()
    time_machine.move_to(AT + 10 * MINUTE, tick=False)
    assert health.messages().code == "late"
    FamilyMail.objects.update(status=Delivery.SENT)
    assert health.messages().code == "ok"


def test_a_mail_whose_worker_was_lost_is_not_sent_again(patient, mailoutbox):
    invited(patient, mail_to="ben@example.test")
    run(AT)
    FamilyMail.objects.update(status=Delivery.SENDING, lease_until=AT)
    mailoutbox.clear()
    invited(patient, mail_to="cleo@example.test")
    assert list(mails(mailoutbox, AT + DAY)) == ["cleo@example.test"]
    assert FamilyMail.objects.filter(status=Delivery.UNKNOWN).count() == 1
    assert FamilyLinkChange.objects.filter(act="unheard").count() == 1
