"""How pages say a "no", and how they say lengths."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import resolve

from booking.errors import HoldNotExtendable, LinkUnknown, TooManyHolds
from booking.web.choices import therapy_choices
from booking.web.responses import refusal_page
from core.refusals import Busy
from scheduler.public import TherapyCard
from tests.booking.pages.walk import text_of


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "refusal", "leads_to"),
    [
        ("/book/check/", Busy(), "/book/check/"),
        ("/book/hold/", Busy(), "/book/check/"),
        ("/book/more-time/", HoldNotExtendable(), "/book/check/"),
        ("/book/hold/", TooManyHolds(limit=3), "/book/held/"),
        ("/m/abc/", LinkUnknown(), "/lost-link/"),
        ("/m/abc/cancel/", Busy(), "/m/abc/"),
        ("/m/abc/", Busy(), "/m/abc/"),
        ("/book/code/", Busy(), "/book/code/"),
    ],
)
def test_every_no_has_one_next_step(address, refusal, leads_to):
    request = RequestFactory().get(address)
    request.resolver_match, request.user, request.session = resolve(address), AnonymousUser(), {}
    page = refusal_page(request, refusal)
    assert page.status_code == refusal.status
    assert f'<a class="button" href="{leads_to}">' in page.content.decode()
    assert str(refusal.title) in text_of(page)
    assert ("Retry-After" in page) is (refusal.status == 503)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        ({("first", ""): 75, ("followup", ""): 60}, "First 75 minutes, later 60"),
        ({("first", ""): 50, ("followup", ""): 50}, "50 minutes"),
        ({("first", ""): 50}, "50 minutes, first appointments only"),
        ({("followup", ""): 25}, "25 minutes, follow-up appointments only"),
    ],
)
def test_the_length_of_a_therapy_is_said_in_words(minutes, said):
    words = {"en": "Acupuncture"}
    card = TherapyCard(
        key="a", family="needles", name=words, summary=words, self_bookable=True, lacks_rules=False, minutes=minutes
    )
    assert therapy_choices([card])[0].length.replace("\xa0", " ") == said


def test_what_only_staff_book_is_not_offered():
    words = {"en": "Acupuncture"}
    minutes = {("first", ""): 75}
    card = TherapyCard(
        key="a", family="needles", name=words, summary=words, self_bookable=False, lacks_rules=False, minutes=minutes
    )
    assert therapy_choices([card]) == []


def test_an_address_that_only_takes_a_button_says_so_in_words(client):
    answer = client.get("/book/hold/")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "Nothing has been changed" in answer.content.decode()
