"""The pages of a clinic without suitability rules: what its staff book stands there with the number to call."""

from django.test import Client

from booking.suitability.shipped import asks_nothing
from tests.booking.pages.walk import OF_EACH_FAMILY, TIMES, text_of
from tests.factories.policies import adopt_suitability, end_suitability
from tests.factories.scheduler import make_practitioner


def test_alice_sees_what_she_can_book_and_whom_to_call_about_the_rest(site):
    make_practitioner(site, name="Ines Sousa", offers=OF_EACH_FAMILY)
    end_suitability()
    shown = text_of(Client().get("/book/"))
    assert "Cupping" in shown
    assert "Booked by phone for now: " in shown
    assert "Acupuncture (manual)" in shown.partition("Booked by phone for now: ")[2]
    adopt_suitability(content=asks_nothing())
    assert "Booked by phone" not in text_of(Client().get("/book/"))


def test_a_bookmark_of_needles_leads_to_a_page_that_says_to_call(site):
    end_suitability()
    for address in (TIMES, "/book/acu_manual/times/", "/book/family/needles/"):
        page = Client().get(address)
        assert page.status_code == 409
        assert "Please call us to book this." in text_of(page)
        assert 'href="tel:' in page.text
