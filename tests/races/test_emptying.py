"""What one test committed is gone when the next one begins."""

import pytest
from django.apps import apps

from core.models import Site
from tests.emptying import STAY, empty
from tests.factories.booking import chicago, make_visit, slot_id
from tests.factories.scheduler import make_site
from tests.races.together import beside

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_is_left_of_alice_s_visit_for_the_next_test(dr_li, alice):
    make_visit(alice.record, slot_id(dr_li, chicago(6, 10)))
    empty()
    tables = [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table not in STAY]
    assert [model._meta.db_table for model in tables if model._base_manager.exists()] == []


def test_a_clinic_that_somebody_is_still_opening_is_waited_for_and_gone_as_well():
    beside(empty, while_open=make_site)
    assert not Site.objects.exists()
