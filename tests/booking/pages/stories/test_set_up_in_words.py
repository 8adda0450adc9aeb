"""Forms of set-up read what people type, say what may stay empty, and say what nobody can book."""

import re

import pytest

from core.models import Site
from core.roles import Role
from scheduler.models import OpeningHours, Place, Therapy
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import text_of
from tests.factories.browser import sent_from

pytestmark = pytest.mark.django_db
NEW = "/desk/setup/sites/new/"


@pytest.fixture
def ada(site):
    return staff("ada", Role.ADMIN, site)


@pytest.fixture
def zed(ada):
    """Return the browser of whoever runs the whole installation."""
    return staff("zed", Role.ADMIN, None)


def test_a_site_is_added_with_times_as_people_type_them_and_says_what_may_stay_empty(zed):
    page = zed.get(NEW)
    said = text_of(page)
    assert "Floor (optional)" in said
    assert "Parking (optional)" in said
    assert "Street (optional)" not in said
    assert 'value="8:00\N{NO-BREAK SPACE}AM"' in page.content.decode()
    form = sent_from(page).dict() | {
        "name": "Harbor", "street": "1 Pier Road", "city": "Chicago", "state": "IL", "postal_code": "60601",
        "phone": "(312) 555-0100", "open_on": "1", "opens": "25:00", "closes": "midnight",
    }  # fmt: skip
    wrong = zed.post(NEW, form)
    assert "Please type a time of day such as 2 pm." in text_of(wrong)
    assert "as its hint says" not in text_of(wrong)
    assert zed.post(NEW, form | {"opens": "9"}).status_code == 302
    (row,) = OpeningHours.objects.filter(site=Site.objects.get(key="harbor"))
    assert (f"{row.opens:%H:%M}", f"{row.closes:%H:%M}") == ("09:00", "00:00")


def test_what_is_given_although_no_place_has_what_it_needs_is_said_on_the_first_page(ada, site):
    lacking = "No place here has what these need, so nobody can book them:"
    before = text_of(ada.get("/desk/setup/"))
    assert "Acupuncture (manual)" not in before.partition(lacking)[2].partition(".")[0]
    for place in Place.objects.filter(room__site=site):
        place.features = ["chair"]
        place.save()
    after = text_of(ada.get("/desk/setup/")).partition(lacking)[2].partition(".")[0]
    assert "Acupuncture (manual)" in after


def test_what_people_read_of_a_therapy_is_changed_at_the_desk_and_noted(ada):
    therapy = "/desk/setup/therapies/acu_manual/"
    (way,) = re.findall(r'href="(/desk/setup/therapies/acu_manual/texts/[^"]*)"', ada.get(therapy).content.decode())
    form = sent_from(ada.get(way)).dict() | {"summary": "Thin needles, a quiet half hour."}
    done = ada.post(way, form, follow=True)
    assert "Saved: Acupuncture (manual)." in text_of(done)
    assert Therapy.objects.get(key="acu_manual").summary["en"] == "Thin needles, a quiet half hour."
    assert "to Thin needles, a quiet half hour." in text_of(done)
    dana = staff("dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))
    assert dana.get(way).status_code == 403
