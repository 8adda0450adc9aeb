"""Alice comes from the hospital's own website: the next free times stand there, and it is known whence she came."""

import pytest
from django.conf import settings as django_settings
from django.test import Client

from booking.models import Appointment
from core.http import embedding
from tests.booking.pages.walk import ALICE, book, hidden_on, slots_on, text_of

NEXT = "/book/acu_manual/next/"
HOSPITAL = "https://www.hospital.example"


@pytest.fixture
def listed(settings):
    """The hospital's own website may frame the next free times."""
    settings.EMBED_ORIGINS = [HOSPITAL]


def policy_of(page) -> str:
    return page.headers["Content-Security-Policy"]


def test_only_listed_websites_may_frame_it_and_only_it(alice, listed):
    page = alice.get(NEXT)
    assert f"frame-ancestors 'self' {HOSPITAL}" in policy_of(page)
    assert "X-Frame-Options" not in page.headers
    for address in ("/", "/book/", "/desk/sign-in/"):
        other = alice.get(address)
        assert "frame-ancestors 'none'" in policy_of(other)
        assert other.headers["X-Frame-Options"] == "DENY"


def test_where_nobody_is_listed_nobody_frames_it(alice):
    page = alice.get(NEXT)
    assert "frame-ancestors 'none'" in policy_of(page)
    assert page.headers["X-Frame-Options"] == "DENY"


def test_it_shows_the_next_days_and_keeps_nothing(alice, site, listed):
    page = Client().get(f"{NEXT}?visit=first&site={site.key}&source=pain-clinic&language=en")
    said, body = text_of(page), page.content.decode()
    assert "Next free times for Acupuncture (manual)" in said
    assert body.count('target="_top"') > 2
    assert "<script" not in body
    assert "source=pain-clinic" in body
    assert f"site={site.key}" in body
    assert not page.cookies
    assert "public" in page.headers["Cache-Control"]


def test_what_cannot_be_booked_online_is_said_there_too(alice):
    assert alice.get("/book/nothing/next/").status_code == 404


@pytest.mark.parametrize("source", ["pain-clinic", "newsletter-2026"])
def test_whence_she_came_is_known_to_the_end(alice, source):
    page = alice.get(f"{NEXT}?visit=first&source={source}")
    (first, *_rest) = [part.split('"')[0] for part in page.content.decode().split('href="/book/')[1:]]
    times = alice.get(f"/book/{first}".replace("&amp;", "&"))
    alice.post("/book/hold/", {"slot": slots_on(times)[0]})
    check = alice.post("/book/you/", ALICE, follow=True)
    alice.post("/book/done/", hidden_on(check))
    assert Appointment.objects.get().source == source


@pytest.mark.parametrize("source", ["", "Hospital Site", "<b>", "a" * 41, "ñ", "-a"])
def test_what_is_no_plain_word_is_not_noted(alice, source):
    alice.get("/", {"source": source})
    assert embedding.COOKIE not in alice.cookies
    book(alice)
    assert Appointment.objects.get().source == ""


@pytest.mark.parametrize(
    ("origin", "fits"),
    [
        (HOSPITAL, True),
        ("http://localhost:8000", True),
        ("*", False),
        ("https://*.hospital.example", False),
        ("https://hospital.example/", False),
        ("hospital.example", False),
        ("https://a.example; script-src *", False),
    ],
)
def test_an_origin_is_a_scheme_and_a_name(origin, fits):
    assert embedding.is_origin(origin) == fits


def test_nobody_is_listed_from_the_start():
    assert django_settings.EMBED_ORIGINS == []
