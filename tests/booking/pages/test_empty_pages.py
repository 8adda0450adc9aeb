"""Where there is nothing yet, a page of the desk says what to do, or how something comes to stand there."""

import pytest
from django.test import Client

from core.roles import Role
from tests.booking.pages.walk import text_of
from tests.factories.admin import sign_in
from tests.factories.scheduler import make_site

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("", "Choose another day above"),
        ("week/", "Choose another week above"),
        ("to-do/", "What is to be done comes here by itself"),
        ("calls/", "comes to stand here by themselves"),
        ("late/", "Who came stands on “At the door”"),
        ("away/", "Whoever sets up the clinic adds them"),
        ("hours/", "Whoever sets up the clinic adds them"),
        ("busy/", "Whoever sets up the clinic adds them"),
        ("absences/", "For somebody who calls in ill there is “Ill today”"),
        ("closures/places/", "Whoever sets up the clinic adds them"),
        ("reports/", "Choose other days above"),
    ],
)
def test_an_empty_page_says_what_to_do(page, says):
    desk = sign_in(Client(), "dana", Role.SCHEDULER, make_site())
    assert says in text_of(desk.get(f"/desk/{page}"))
