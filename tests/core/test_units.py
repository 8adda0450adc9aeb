"""What a refused part of an intent does to the whole of it."""

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from core.database.transactions import once_in_a_unit, unit
from core.models import Site
from core.refusals import Missing
from tests.factories.scheduler import make_site

pytestmark = pytest.mark.django_db


@unit
def writes_and_is_refused():
    make_site("refused")
    raise Missing


def test_whoever_goes_on_after_a_refusal_stands_in_a_savepoint_and_keeps_nothing_of_it():
    @unit
    def whole():
        with pytest.raises(Missing), transaction.atomic():
            writes_and_is_refused()
        make_site("kept")

    whole()
    assert list(Site.objects.values_list("key", flat=True)) == ["kept"]


def test_twin_without_the_savepoint_nothing_more_can_be_done():
    @unit
    def whole():
        with pytest.raises(Missing):
            writes_and_is_refused()
        make_site("kept")

    with pytest.raises(TransactionManagementError):
        whole()
    assert not Site.objects.exists()


def test_what_refuses_a_part_refuses_the_whole():
    @unit
    def whole():
        make_site("first")
        writes_and_is_refused()

    with pytest.raises(Missing):
        whole()
    assert not Site.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_done_after_the_commit_is_a_unit_of_its_own():
    seen = []

    @unit
    def afterwards():
        seen.append(once_in_a_unit("number", lambda: 2))

    @unit
    def whole():
        seen.append(once_in_a_unit("number", lambda: 1))
        transaction.on_commit(afterwards)

    whole()
    assert seen == [1, 2]
