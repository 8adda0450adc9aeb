"""What Alice and Ben are mailed about their family link: nothing that names the other."""

import pytest

from booking.actions import family_links, links
from booking.actions.moves import move
from booking.cancel_reasons import CancelReason
from booking.families import codes
from booking.families.codes import LinkPurpose
from booking.public import FamilySide, family_link_facts
from booking.status import Move
from notifications.models import FamilyMail
from notifications.status import Delivery
from tests.factories.booking import DAY, SYSTEM, chicago, make_visit, slot_id, visitor
from tests.factories.families import BEN, claimed, confirmed, invited
from tests.factories.scheduler import AT
from tests.notifications.rounds import run

pytestmark = pytest.mark.django_db

ALICES = ("Alice", "Adams, A", "acupuncture", "cancer", "program")


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
    assert "Ben" not in mail
    family_links.confirm(link, by=SYSTEM, at=AT)
    told = mails(mailoutbox)
    assert list(told) == [BEN.email]
    assert f"/family/{codes.token_of(link.public_id, LinkPurpose.WAY_BACK)}/" in told[BEN.email]
    assert not [word for word in ALICES if word in told[BEN.email].replace("Ben Adams", "")]


def test_who_has_no_visit_is_asked_to_call(patient, mailoutbox):
    claimed(patient)
    (mail,) = mails(mailoutbox).values()
    assert "to confirm it or to take it back, please call us" in mail
    assert "/m/" not in mail


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


def test_a_mail_whose_worker_was_lost_is_not_sent_again(patient, mailoutbox):
    invited(patient, mail_to="ben@example.test")
    run(AT)
    FamilyMail.objects.update(status=Delivery.SENDING, lease_until=AT)
    mailoutbox.clear()
    invited(patient, mail_to="cleo@example.test")
    assert list(mails(mailoutbox, AT + DAY)) == ["cleo@example.test"]
    assert FamilyMail.objects.filter(status=Delivery.UNKNOWN).count() == 1
