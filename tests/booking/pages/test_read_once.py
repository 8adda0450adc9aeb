"""What a page shows of many times it reads of the catalogue once; what is sent is judged by what stands then."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from core.database.transactions import once_in_a_unit
from core.http.readings import OneReadingMiddleware
from core.models import Site
from core.roles import Role
from tests.booking.pages.walk import go_on, slots_on
from tests.factories.admin import sign_in

USUAL = {"new_cough_breathless_sore_throat_runny_nose-usual": "on"}
WITHOUT = [one for one in settings.MIDDLEWARE if not one.endswith("OneReadingMiddleware")]


@pytest.fixture
def carol(screened_once, alice):
    """A clinician's browser, when Alice has a visit and has answered that she coughs."""
    visit = go_on(alice, screened_once)
    alice.post(f"{visit}screening/", USUAL)
    return sign_in(Client(), "carol", Role.CLINICIAN, Site.objects.get(key="lakeside"))


def catalogue_reads(client) -> int:
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/desk/health/")
    assert len(slots_on(page)) > 1
    return sum("scheduler_cataloguestamp" in one["sql"] for one in asked)


def test_a_page_with_many_times_asks_once_what_is_on_offer(carol):
    assert catalogue_reads(carol) == 1


def test_twin_read_for_itself_each_part_of_it_asks_anew(carol, settings):
    settings.MIDDLEWARE = WITHOUT
    assert catalogue_reads(carol) > 1


@pytest.mark.parametrize(("method", "reads"), [("get", 1), ("head", 1), ("post", 2)])
def test_only_what_changes_nothing_is_one_reading(db, method, reads):
    seen = []

    def asks_twice(_request):
        return [once_in_a_unit("number", lambda: seen.append(method)) for _ in range(2)]

    OneReadingMiddleware(asks_twice)(getattr(RequestFactory(), method)("/"))
    assert len(seen) == reads
