"""A Monday morning at the desk: Dana keeps Lakeside's calendars in Django's admin, Dr Li works there."""

import pytest
import time_machine

from core.roles import Role
from tests.factories.admin import sign_in
from tests.factories.scheduler import AT, make_practitioner, make_site


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def site(catalogue):
    return make_site()


@pytest.fixture
def riverside(catalogue):
    return make_site("riverside")


@pytest.fixture
def li(site):
    return make_practitioner(site, hours=[(1, "09:00", "17:00")])


@pytest.fixture
def dana(client, site):
    return sign_in(client, "dana", Role.SCHEDULER, site)
