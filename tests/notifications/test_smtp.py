"""How handing a mail over ends, told by a real server on this machine."""

import smtplib

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from notifications.channels.mail.mime import written
from notifications.channels.mail.send import Sender
from notifications.status import DeliveryOutcome, Ending


def mail(to, body="Hello,\r\n.\r\n..two dots\r\nżółw", **facts):
    return EmailMultiAlternatives("Your appointment", body, "appointments@example.org", [to], **facts)


def send(sender, letter):
    """Hand one mail over, in the steps that a worker takes."""
    outgoing = written(letter)
    if outgoing is None:
        return None
    return sender.announce(outgoing) or sender.hand_over(outgoing) or sender.answer()


def hand_over(*names):
    with Sender() as sender:
        return [send(sender, mail(f"{name}@example.test")) for name in names]


def test_a_mail_arrives_as_it_was_written(post):
    assert hand_over("alice") == [DeliveryOutcome(Ending.SENT, 250)]
    (arrived,) = post.received("alice")
    assert arrived["Subject"] == "Your appointment"
    assert arrived.get_content().splitlines() == ["Hello,", ".", "..two dots", "żółw"]


def test_many_mails_go_over_one_connection(post):
    assert {outcome.ending for outcome in hand_over("alice", "ben", "frank")} == {Ending.SENT}
    assert post.connections == 1
    assert len(post.mails) == 3


def test_a_mail_that_is_announced_twice_arrives_once_and_whole(post):
    outgoing = written(mail("alice@example.test"))
    with Sender() as sender:
        assert [sender.announce(outgoing), sender.announce(outgoing), sender.hand_over(outgoing)] == [None] * 3
        assert sender.answer() == DeliveryOutcome(Ending.SENT, 250)
    (arrived,) = post.received("alice")
    assert arrived["Subject"] == "Your appointment"


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("refused", DeliveryOutcome(Ending.REFUSED, 550)),
        ("refused-later", DeliveryOutcome(Ending.REFUSED, 554)),
        ("put-off", DeliveryOutcome(Ending.PUT_OFF, 451)),
        ("put-off-later", DeliveryOutcome(Ending.PUT_OFF, 452)),
        ("closing", DeliveryOutcome(Ending.NOT_GIVEN, 421)),
        ("odd-reply", DeliveryOutcome(Ending.NOT_GIVEN, 220)),
        ("out-of-step", DeliveryOutcome(Ending.NOT_GIVEN, 250)),
        ("cut-before", DeliveryOutcome(Ending.NOT_GIVEN)),
        ("cut-after", DeliveryOutcome(Ending.UNKNOWN)),
    ],
)
def test_each_ending_is_told_apart_and_the_next_mail_still_goes(post, name, outcome):
    assert hand_over(name, "alice") == [outcome, DeliveryOutcome(Ending.SENT, 250)]
    assert len(post.received("alice")) == 1


def test_only_a_mail_whose_answer_was_lost_may_have_arrived(post):
    hand_over("cut-before", "cut-after", "refused", "put-off")
    assert [arrived["X-To"] for arrived in post.mails] == ["cut-after@example.test"]


def test_django_itself_cannot_tell_whether_a_mail_was_taken(post):
    errors = []
    for name in ("cut-before", "cut-after"):
        with pytest.raises(smtplib.SMTPServerDisconnected) as caught:
            get_connection().send_messages([mail(f"{name}@example.test")])
        errors.append(type(caught.value))
    assert errors[0] is errors[1]


def test_without_a_server_nothing_is_given(post):
    post.stop()
    with Sender() as sender:
        assert not sender.open()
        assert send(sender, mail("alice@example.test")) == DeliveryOutcome(Ending.NOT_GIVEN)


@pytest.mark.parametrize("name", ["alice", "out-of-step", "refused", "cut-before"])
def test_what_is_taken_back_before_it_was_given_reaches_nobody_and_the_next_mail_goes(post, name):
    with Sender() as sender:
        sender.announce(written(mail(f"{name}@example.test")))
        sender.withdraw()
        assert send(sender, mail("ben@example.test")).ending is Ending.SENT
    assert [arrived["X-To"] for arrived in post.mails] == ["ben@example.test"]


def test_a_round_that_breaks_off_leaves_the_server_without_half_a_mail(post):
    with Sender() as sender:
        sender.announce(written(mail("alice@example.test")))
    assert hand_over("ben") == [DeliveryOutcome(Ending.SENT, 250)]
    assert [arrived["X-To"] for arrived in post.mails] == ["ben@example.test"]


def test_a_server_that_goes_away_in_between_leaves_mails_not_given(post):
    with Sender() as sender:
        assert send(sender, mail("alice@example.test")).ending is Ending.SENT
        post.stop()
        assert send(sender, mail("ben@example.test")).ending is Ending.NOT_GIVEN
    assert len(post.mails) == 1


@pytest.mark.parametrize("address", ["żółw@example.test", "a@b@c", "alice@example.test\nBcc: mallory@example.test"])
def test_an_address_that_cannot_be_written_is_refused_before_the_wire(post, address):
    with Sender() as sender:
        assert written(mail(address)) is None
        assert send(sender, mail("alice@example.test")).ending is Ending.SENT
    assert len(post.mails) == 1


def test_other_backends_are_taken_by_their_word(settings, mailoutbox):
    with Sender() as sender:
        assert sender.open()
        assert send(sender, mail("alice@example.test")).ending is Ending.SENT
    assert len(mailoutbox) == 1
