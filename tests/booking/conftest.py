"""Alice's visit at a clinic that asks how people are, for modules that make no other one."""

import pytest

from tests.factories.booking import chicago, visit_of_both
from tests.factories.policies import adopt_screening
from tests.factories.scheduler import lay_out, make_practitioner
from tests.factories.seats import keep_three
from tests.factories.visits import as_it_was


@pytest.fixture(scope="module")
def visit_once(made_once, once_a_module):
    """Alice's visit of the day after tomorrow, at a clinic that asks how people are."""
    with once_a_module():
        adopt_screening()
        return visit_of_both(made_once, chicago(7, 10)).pk


@pytest.fixture
def visit(visit_once, dr_li, alice):
    """Return that visit as it was made."""
    return as_it_was(visit_once)


@pytest.fixture
def kim(lakeside, dr_li):
    """Dr Kim, who works on the same days as Dr Li."""
    kim = make_practitioner(lakeside, name="Dr Kim")
    lay_out()
    return kim


@pytest.fixture
def three(lakeside, dr_li):
    """Return who treats at Lakeside: three who can have somebody at one time."""
    others = [make_practitioner(lakeside, name=name) for name in ("Dr Kim", "Dr Sol")]
    lay_out()
    return [dr_li, *others]


@pytest.fixture
def kept(three, frank):
    """Three seats that Frank keeps side by side, next week."""
    return keep_three(three, frank.principal)
