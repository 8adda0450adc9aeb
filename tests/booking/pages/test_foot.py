"""At the foot of every page stands whose it is, whom to call and when, and where privacy and accessibility are told."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

from core import sites_on_pages
from core.models import Site
from tests.booking.pages.walk import TIMES, book, text_of

HOURS = "Monday to Friday, 8 AM to 6 PM"


@pytest.fixture(autouse=True)
def read_now(site):
    """The site says all that stands at the foot, and pages read it anew."""
    Site.objects.filter(pk=site.pk).update(
        hospital="Harbor Light Hospital",
        phone_hours={"en": HOURS},
        privacy_notice={"en": "Harbor Light answers for it."},
        accessibility_note={"en": "The door has no step."},
    )
    sites_on_pages.read_anew()
    yield
    sites_on_pages.read_anew()


def test_every_page_tells_whose_it_is_whom_to_call_and_when(alice, site):
    visit = book(alice)
    for address in ("/", "/book/", TIMES, "/lost-link/", visit, f"{visit}cancel/", "/privacy/", "/family/"):
        page = alice.get(address)
        for said in ("Harbor Light Hospital", site.phone, HOURS, 'href="/privacy/"', 'href="/accessibility/"'):
            assert said in page.content.decode(), f"{address}: {said}"


def test_what_several_sites_have_stands_with_their_names(alice, site):
    Site.objects.create(
        key="riverside", name={"en": "Riverside"}, zone=site.zone, street="1 A St", city="Chicago", state="IL",
        postal_code="60605", phone="(312) 555-0177", phone_hours={"en": "Mornings"}, hospital="Harbor Light Hospital",
    )  # fmt: skip
    sites_on_pages.read_anew()
    said = text_of(alice.get("/"))
    assert "Riverside (312) 555-0177 Mornings" in said
    assert f"{site} {site.phone} {HOURS}" in said
    assert said.count("Harbor Light Hospital") == 1


def test_a_page_that_went_wrong_has_a_foot_without_the_database():
    said = render_to_string("500.html")
    assert all(f'href="{address}"' in said for address in ("/privacy/", "/accessibility/"))
    assert "(312) 555-0100" in said


def test_what_is_stored_how_long_and_who_reads_it_is_told_with_what_the_site_says(alice):
    said = text_of(alice.get("/privacy/"))
    for one in ("30 minutes after your last click", "30 days at most", "until 30 days after", "Harbor Light answers"):
        assert one in said, one


def test_how_everybody_can_use_the_pages_is_told_with_how_to_come_in(alice):
    said = text_of(alice.get("/accessibility/"))
    assert "WCAG 2.2, level AA" in said
    assert "The door has no step." in said


def test_sites_that_say_the_same_say_it_once(alice, site):
    Site.objects.create(
        key="riverside", name={"en": "Riverside"}, zone=site.zone, street="1 A St", city="Chicago", state="IL",
        postal_code="60605", phone="(312) 555-0177", privacy_notice={"en": "Harbor Light answers for it."},
    )  # fmt: skip
    said = text_of(alice.get("/privacy/"))
    assert said.count("Harbor Light answers for it.") == 1
    assert f"{site}, Riverside" in said


def test_without_any_site_the_pages_still_tell_what_is_stored(db):
    Site.objects.all().delete()
    for address in ("/privacy/", "/accessibility/"):
        assert Client().get(address).status_code == 200


@pytest.mark.parametrize("address", ["/privacy/", "/accessibility/"])
def test_the_pages_can_be_opened_only(alice, address):
    assert alice.post(address).status_code == 405
