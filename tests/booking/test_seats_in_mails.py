"""Whom a time is kept for by name is told so: when, where and until when, and nothing of the patient."""

from uuid import uuid4

import pytest

from booking.actions.families import family_links, seat_names
from booking.actions.families.family_links import Invitation
from booking.families.status import FamilyRelation
from tests.factories.booking import SYSTEM, visitor
from tests.factories.families import BEN, confirmed
from tests.factories.scheduler import AT
from tests.factories.seats import names
from tests.notifications.rounds import run

pytestmark = pytest.mark.django_db

KEPT = (
    "We keep a time for you: Thursday, October 15, 2026, 10:00 AM, Lakeside clinic. "
    "Please book it by Monday, October 12, 2026, 10:00 AM; then it is free for others."
)


@pytest.fixture
def mails(mailoutbox, alice):
    """Send what is due; return what was sent to an address, with all its forms."""

    def sent(address):
        mailoutbox.clear()
        run(AT)
        return [
            "\n".join([one.subject, one.body, str(one.alternatives[0][0])]) for one in mailoutbox if address in one.to
        ]

    sent("")
    return sent


def named(kept, link, frank):
    return seat_names.name(names(kept)[0], link, by=frank.principal, at=AT)


def test_who_is_family_already_is_mailed_as_soon_as_a_time_is_kept_for_them(kept, alice, frank, mails):
    link = confirmed(alice.record)
    mails("")
    named(kept, link, frank)
    (mail,) = mails(BEN.email)
    assert mail.startswith("A time is kept for you")
    assert mail.count(KEPT) == 2
    assert not [word for word in ("Alice", "acupuncture", "program") if word in mail]
    assert mails(BEN.email) == []


def test_nobody_is_told_of_a_time_that_is_kept_for_them_no_more(kept, alice, frank, mails):
    link = confirmed(alice.record)
    mails("")
    seat = named(kept, link, frank)
    seat_names.unname(seat.public_id, by=frank.principal, at=AT)
    assert mails(BEN.email) == []


def test_who_is_invited_to_a_time_reads_of_it_with_the_code_and_again_once_confirmed(kept, alice, frank, mails):
    wanted = Invitation(public_id=uuid4(), relation=FamilyRelation.SPOUSE, mail_to="ben@home.test", reason="")
    link = seat_names.invite(names(kept)[0], alice.record, wanted, site=alice.record.site, by=frank.principal, at=AT)
    (invitation,) = mails("ben@home.test")
    assert invitation.startswith("Your code to choose a time")
    assert KEPT in invitation
    family_links.claim(link, details=BEN, by=visitor("ben"), at=AT)
    mails("")
    family_links.confirm(link, by=SYSTEM, at=AT)
    (told,) = mails(BEN.email)
    assert told.startswith("You can choose a time now")
    assert KEPT in told
