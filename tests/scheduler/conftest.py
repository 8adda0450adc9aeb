"""A clinic that keeps time for families, shared by the tests of blocks."""

import pytest

from tests.factories.blocks import make_block
from tests.factories.scheduler import lay_out, make_places, make_practitioner, make_site


@pytest.fixture
def site(catalogue):
    site = make_site()
    make_places(site, 4)
    return site


@pytest.fixture
def li(site):
    """Dr Li: every day nine to five."""
    return make_practitioner(site)


@pytest.fixture
def block(li):
    """Tuesdays noon to two are kept for families."""
    lay_out()
    return make_block(li, 2, "12:00", "14:00")
