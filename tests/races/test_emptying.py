"""What one test committed is gone when the next one begins, and what ships with the project is there."""

import pytest

from core.models import Site
from scheduler.models import Segment, Therapy
from tests.emptying import STAY, empty
from tests.factories.booking import chicago, make_visit, slot_id
from tests.factories.policies import publish_policy
from tests.factories.scheduler import make_site
from tests.races.together import beside
from tests.tables import dump

pytestmark = pytest.mark.django_db(transaction=True)


def everything() -> dict[str, list[tuple]]:
    return {table: rows for table, rows in dump().items() if table not in STAY}


def test_nothing_is_left_of_alice_s_visit_for_the_next_test(request):
    before = everything()
    make_visit(request.getfixturevalue("alice").record, slot_id(request.getfixturevalue("dr_li"), chicago(6, 10)))
    empty()
    assert everything() == before


def test_a_catalogue_that_one_test_changed_is_for_the_next_as_it_ships():
    before = everything()
    Therapy.objects.filter(key="acu_manual").update(active=False)
    Segment.objects.all().delete()
    empty()
    assert everything() == before
    assert before["scheduler_segment"]


def test_a_policy_that_one_test_published_holds_for_the_next_no_more():
    before = everything()
    publish_policy("booking", {"booking": {"max_per_week": 99}})
    empty()
    assert everything() == before
    assert before["core_policy"]


def test_a_clinic_that_somebody_is_still_opening_is_waited_for_and_gone_as_well():
    beside(empty, while_open=make_site)
    assert not Site.objects.exists()
