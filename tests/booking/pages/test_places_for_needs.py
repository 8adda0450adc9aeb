"""Alice says that she needs help to get on a table: the page shows times at the right one, or whom to call."""

import pytest
from django.test import Client

from booking.models import Appointment
from scheduler.actions.catalogue_edits import change
from scheduler.models import Place
from tests.booking.pages.questioning import answer_all, open_asking_clinic, to_be_checked
from tests.booking.pages.walk import TIMES, hidden_on, slots_on, text_of
from tests.factories.booking import SYSTEM
from tests.factories.scheduler import AT

HELP = {"transfer_help_or_cannot_lie_flat": "yes"}
AT_SUCH = "All of these times are at a place with a height-adjustable table."


@pytest.fixture(scope="module")
def asking_once(clinic, once_a_module):
    with once_a_module():
        open_asking_clinic()


@pytest.fixture
def site(asking_once, site):
    return site


@pytest.fixture
def table(site):
    """A table of the clinic that can be lowered."""
    found = Place.objects.filter(features__contains=["table"]).order_by("pk").last()
    change(found, features=[*found.features, "hi-lo"], by=SYSTEM, at=AT)
    return found


def test_she_reads_that_her_times_are_at_such_a_table_and_is_booked_at_it(alice, table):
    assert answer_all(alice, **HELP) == TIMES
    assert AT_SUCH in text_of(alice.get(TIMES))
    page = to_be_checked(alice)
    assert alice.post("/book/done/", hidden_on(page)).status_code == 302
    assert Appointment.objects.get().place == table


def test_who_needs_nothing_reads_nothing_of_it(table):
    somebody = Client()
    answer_all(somebody)
    said = text_of(somebody.get(TIMES))
    assert "height-adjustable" not in said
    assert slots_on(somebody.get(TIMES))


def test_where_there_is_no_such_table_she_reads_whom_to_call(alice, site):
    assert answer_all(alice, **HELP) == TIMES
    page = alice.get(TIMES)
    assert page.status_code == 200
    assert not slots_on(page)
    whom = f"For this we have no place with a height-adjustable table yet. Please call us at {site.phone}"
    assert whom in text_of(page)
    assert AT_SUCH not in text_of(page)
    elsewhere = alice.get(f"{TIMES}&part=morning")
    assert whom in text_of(elsewhere)
