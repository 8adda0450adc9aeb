"""Dana types a day that is over, or a last day before the first: each page says which date is wrong and what to do."""

from urllib.parse import urlencode

import pytest
import time_machine

from scheduler.models import Absence, Closure
from tests.booking.impact_pages import browser
from tests.booking.pages.walk import text_of
from tests.factories.scheduler import AT

CLOSE = "/desk/closures/new/"
CLOSED = {"therapy": "", "starts": "", "ends": "", "name": "Water"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False):
        yield


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"first_on": "10/1/2026", "last_on": "10/2/2026"}, "last_on", "over already"),
        ({"first_on": "10/5/2026", "last_on": "10/5/2026", "starts": "1 am", "ends": "2 am"}, "ends", "over already"),
        ({"first_on": "10/9/2026", "last_on": "10/8/2026"}, "last_on", "cannot be before the first day"),
        ({"first_on": "10/9/2026", "last_on": "10/9/2026", "starts": "1 pm", "ends": "1 pm"}, "ends", "later than"),
    ],
)
def test_a_closure_that_cannot_be_says_which_date_is_wrong(lakeside, dana, typed, field, said):
    desk = browser(dana)
    for pressed in ({}, {"sure": "1"}, {"sure": "settle"}):
        page = desk.post(CLOSE, CLOSED | typed | pressed)
        assert page.status_code == 422
        assert f'href="#id_{field}"' in page.content.decode()
        assert said in text_of(page)
        assert "Some of what was sent" not in text_of(page)
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"first": "10/1/2026", "last": "10/2/2026"}, "last", "This day is over"),
        ({"first": "10/9/2026", "last": "10/8/2026"}, "last", "is before the first one"),
        ({"first": "soon", "last": ""}, "first", "type a day"),
        ({"from": "late"}, "from", "Please type a time of day such as 2 pm"),
    ],
)
def test_days_away_that_cannot_be_say_which_date_is_wrong(dana, dr_li, typed, field, said):
    address = f"/desk/away/?{urlencode({'who': dr_li.public_id} | typed)}"
    for page in (browser(dana).get(address), browser(dana).post(address)):
        assert page.status_code == 422
        marked = page.content.decode().partition(f'id="error_{field}"')[2].partition("<input")[0]
        assert said in marked
        assert "Enter the absence" not in text_of(page)
    assert not Absence.objects.exists()


def test_places_closed_until_before_the_first_day_say_so_by_that_day(lakeside, dana):
    page = browser(dana).get("/desk/closures/places/?show=1&first=10/9/2026&last=10/8/2026&why=Floor")
    assert "is before the first one" in page.content.decode().partition('id="error_last"')[2]
