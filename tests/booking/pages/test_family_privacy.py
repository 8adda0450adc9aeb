"""Alice and Ben are linked, and each has an appointment: no mail tells either of the other's.

Every page, form and address of the API is walked for it in tests/walks.
"""

import pytest
from django.test import Client

from booking.actions.families import family_links
from booking.models import FamilyLink
from core.models import Site
from core.roles import Role
from tests.booking.pages.linked_pair import leaks, make_pair, names_of
from tests.booking.pages.walk import text_of
from tests.factories.booking import SYSTEM, make_staff
from tests.factories.scheduler import AT
from tests.notifications.rounds import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(clinic, clock, mailoutbox):
    return make_pair()


def mails_to(person, mailoutbox):
    address = person.visit.patient.contacts.get().value
    return {
        f"mail {number}": "\n".join([mail.subject, mail.body, *(str(text) for text, _kind in mail.alternatives)])
        for number, mail in enumerate(mailoutbox)
        if address in mail.to
    }


@pytest.mark.parametrize("swapped", [False, True], ids=["she of him", "he of her"])
def test_no_mail_does_nor_names_the_other(pair, mailoutbox, swapped):
    mine, theirs = reversed(pair) if swapped else pair
    shown = mails_to(mine, mailoutbox)
    assert len(shown) >= 2  # of the visit, and of the link
    assert leaks(shown, theirs, also=names_of(theirs)) == []
    invitation = {"": "\n".join(str(mail.message()) for mail in mailoutbox if "invited@example.test" in mail.to)}
    assert leaks(invitation, theirs, also=names_of(theirs)) == []


def test_staff_see_the_link(pair):
    site = Site.objects.get()
    browser = Client()
    browser.force_login(make_staff("frank", Role.PROGRAM, site=site).user)
    shown = text_of(browser.get("/desk/families/links/"))
    assert "Alice Adams" in shown
    assert "Benedict Benson" in shown


def test_twin_a_leak_put_into_a_mail_is_found(pair, mailoutbox, monkeypatch):
    alice, ben = pair
    monkeypatch.setattr("booking.actions.families.family_news.greeting_name", lambda _name: alice.name)
    mailoutbox.clear()
    family_links.revoke(FamilyLink.objects.get(), by=SYSTEM, at=AT)
    run(AT)
    assert leaks(mails_to(ben, mailoutbox), alice, also=names_of(alice))
