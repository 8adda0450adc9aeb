"""A clinic on a Monday morning, and people with a browser each."""

import pytest
import time_machine
from django.core import mail
from django.test import Client

from core.models import Site
from core.roles import Role
from tests.booking.pages import reviewing
from tests.booking.pages.drafting import staff
from tests.booking.pages.questioning import open_asking_clinic
from tests.booking.pages.walk import book, open_clinic
from tests.factories.booking import DAY
from tests.factories.policies import adopt_screening, adopt_suitability
from tests.factories.scheduler import AT, lay_out


@pytest.fixture
def clock():
    """Stand still on Monday, October 5, 2026, 8:00 in Chicago; `clock.shift(seconds)` moves on."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture(scope="module")
def clinic(once_a_module):
    """A clinic with Grace Okoro and Boris Ivanov, both free all week."""
    with once_a_module(), time_machine.travel(AT, tick=False):
        open_clinic()
        lay_out(weeks=3)


def booked(once_a_module):
    """Let Alice book in a browser of her own, once for all tests of a module."""
    with once_a_module(), time_machine.travel(AT, tick=False):
        browser = Client()
        return browser, book(browser)


@pytest.fixture(scope="module")
def booked_once(clinic, once_a_module):
    """Alice's browser when she has booked, and where her visit of tomorrow is found."""
    return booked(once_a_module)


@pytest.fixture(scope="module")
def asking_once(clinic, once_a_module):
    """Let the clinic ask people before they book, and offer more than one therapy."""
    with once_a_module():
        open_asking_clinic()


@pytest.fixture(scope="module")
def adopted_once(clinic, once_a_module):
    """Let the clinic ask how people are."""
    with once_a_module():
        adopt_screening()


@pytest.fixture(scope="module")
def screened_once(adopted_once, once_a_module):
    """Alice's browser when she has booked where people are asked, and where her visit of tomorrow is found."""
    return booked(once_a_module)


@pytest.fixture(scope="module")
def confirmed_once(screened_once, once_a_module):
    """Let Alice have her confirmation."""
    with once_a_module(), time_machine.travel(AT, tick=False):
        reviewing.send()
        mail.outbox.clear()


@pytest.fixture
def site(clinic, catalogue, clock):
    """The clinic, before anybody has come."""
    return Site.objects.get(key="lakeside")


@pytest.fixture
def open_day(adopted_once, site, clock):
    """Tuesday, eight in the morning: the clinic asks how people are, and what the shipped rules ask."""
    clock.shift(DAY)
    adopt_suitability(site=site)
    return site


@pytest.fixture
def alice(site) -> Client:
    """Alice's browser."""
    return Client()


@pytest.fixture
def ben(site) -> Client:
    """Ben's browser."""
    return Client()


@pytest.fixture
def mallory(site) -> Client:
    """Mallory's browser."""
    return Client()


@pytest.fixture
def ada(lakeside, clock) -> Client:
    """The browser of an administrator of Lakeside."""
    return staff("ada", Role.ADMIN, lakeside)
