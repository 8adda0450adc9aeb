"""Alice and Ben are linked, and each has an appointment: over every door neither learns anything of the other's.

The doors are walked, not listed: every page and form, every address of the API that one of them can use, every mail.
"""

import re

import pytest
from django.test import Client

from booking.actions import family_links, links
from booking.models import Appointment, FamilyLink, LinkedVisits
from core.models import Site
from core.roles import Role
from scheduler.models import Practitioner
from tests.booking.pages.family_walk import (
    Linked,
    leaks,
    opened_api,
    sent_to_api,
    walked_pages,
)
from tests.booking.pages.walk import text_of
from tests.factories.booking import SYSTEM, chicago, make_enrolled, make_person, make_staff, make_visit, slot_id
from tests.factories.families import invited
from tests.factories.scheduler import AT
from tests.notifications.rounds import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(clinic, clock, mailoutbox):
    """Return Alice with a visit at Grace Okoro's, and Ben with one at Boris Ivanov's; all mails are sent.

    Their visits were booked together: that is for staff alone, too.
    """
    site = Site.objects.get()
    alice, ben = make_enrolled(site, "Alice Adams"), make_person(site, "Benedict Benson")
    link = invited(alice.record, mail_to="invited@example.test")
    family_links.claim(link, own=ben.record, by=ben.principal, at=AT)
    run(AT)
    family_links.confirm(link, by=alice.principal, at=AT)
    together = LinkedVisits.objects.create(site=site, relation="same-time", made_by="system:test", made_at=AT)
    sides = []
    for person, treats, hour, note in ((alice, "Grace Okoro", 10, "Kestrel"), (ben, "Boris Ivanov", 14, "Magpie")):
        practitioner = Practitioner.objects.get(name=treats)
        visit = make_visit(person.record, slot_id(practitioner, chicago(12, hour)))
        token = links.issue(visit, at=AT)
        Appointment.objects.filter(pk=visit.pk).update(note=note, linked=together)
        visit.note = note
        sides.append(Linked(person, visit, token))
    run(AT)
    return sides


BOTH_WAYS = pytest.mark.parametrize("swapped", [False, True], ids=["she of him", "he of her"])


def mails_to(person, mailoutbox):
    address = person.visit.patient.contacts.get().value
    return {
        f"mail {number}": "\n".join([mail.subject, mail.body, *(str(text) for text, _kind in mail.alternatives)])
        for number, mail in enumerate(mailoutbox)
        if address in mail.to
    }


def names_of(theirs):
    # Long ones alone: a short one stands by chance in the random signs that forms and cookies carry.
    return [theirs.name, *theirs.name.split()]


def without_her_page(shown):
    """Leave out the page on which a patient reads who it is that they confirm, by a visit's link or by its own."""
    own = re.compile("/m/[^/]+/family/|/family/patient/")
    return {where: text for where, text in shown.items() if not own.search(where)}


@BOTH_WAYS
def test_no_page_and_no_form_shows_one_side_anything_of_the_other(pair, swapped):
    mine, theirs = reversed(pair) if swapped else pair

    shown = walked_pages(mine, theirs)
    assert len(shown) > 200
    assert leaks(shown, theirs) == []
    # Only the page on which she confirms him says who he is; none says who she is.
    named = shown if swapped else without_her_page(shown)
    assert leaks(named, theirs, also=names_of(theirs)) == []


@BOTH_WAYS
def test_no_address_of_the_api_does_nor_any_answer_to_what_is_sent_there(pair, swapped):
    mine, theirs = reversed(pair) if swapped else pair
    opened, sent = opened_api(mine, theirs), sent_to_api(mine, theirs)
    assert len(opened) > 15
    assert len([where for where in sent if where.endswith((": 200", ": 201"))]) > 5
    assert leaks(opened | sent, theirs) == []
    named = {where: text for where, text in (opened | sent).items() if swapped or "family-links" not in where}
    assert leaks(named, theirs, also=names_of(theirs)) == []


@BOTH_WAYS
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


FAULTS_OF_PAGES = {
    "GET /family/time/": "booking.web.family_views.date_in_words",
    "POST /family/ ": "booking.web.family_views._",
    "GET /book/acu_manual/times/": "booking.web.views._",
    "POST /book/hold/ the other's time": "scheduler.errors.SlotTaken.title",
}
FAULTS_OF_THE_API = {
    "GET /api/v1/family-links/": "booking.api.family_json.FamilyLinkSerializer.get_relative",
    "POST /api/v1/appointments/ 0: 201": "booking.api.serializers.AppointmentSerializer.get_place",
    "POST /api/v1/appointments/ 1: 409": "scheduler.errors.SlotTaken.title",
    "PATCH /api/v1/patients/": "booking.api.patient_serializers.ContactSerializer.to_representation",
}


def found_where_they_were_put(faults, walk, mine, theirs, monkeypatch):
    """Put a leak in for each kind of answer; return those kinds in which the walk found it."""
    told = theirs.visit.reference
    for where in faults.values():
        monkeypatch.setattr(where, told if where.endswith("title") else lambda *_, **__: told)
    found = {where for where, one in leaks(walk(mine, theirs), theirs) if one == told}
    return {kind for kind in faults if any(kind in where for where in found)}


def test_twin_a_leak_put_into_each_kind_of_page_is_found(pair, monkeypatch):
    """On a page, in what a form is answered, in booking, in an error."""
    alice, ben = pair
    assert found_where_they_were_put(FAULTS_OF_PAGES, walked_pages, ben, alice, monkeypatch) == set(FAULTS_OF_PAGES)


def test_twin_a_leak_put_into_each_kind_of_answer_of_the_api_is_found(pair, monkeypatch):
    """In what is read, what is made, what is changed, what is refused."""
    alice, ben = pair
    found = found_where_they_were_put(
        FAULTS_OF_THE_API, lambda *sides: opened_api(*sides) | sent_to_api(*sides), ben, alice, monkeypatch
    )
    assert found == set(FAULTS_OF_THE_API)


def test_twin_a_leak_put_into_a_mail_is_found(pair, mailoutbox, monkeypatch):
    alice, ben = pair
    monkeypatch.setattr("booking.actions.family_news.greeting_name", lambda _name: alice.name)
    mailoutbox.clear()
    family_links.revoke(FamilyLink.objects.get(), by=SYSTEM, at=AT)
    run(AT)
    assert leaks(mails_to(ben, mailoutbox), alice, also=names_of(alice))
