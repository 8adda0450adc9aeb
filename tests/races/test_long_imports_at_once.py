"""A worker and a person go on with one table at once: each part is done by one of them."""

from dataclasses import replace

import pytest
from django.db.models import QuerySet

from booking.models import TableImport
from booking.moving_in.actions import long_imports
from booking.moving_in.import_kinds import KINDS
from booking.moving_in.rows import Setting
from core.models import RoleAssignment
from core.roles import Role
from scheduler.models import Practitioner
from tests.factories.booking import SYSTEM, make_staff
from tests.factories.scheduler import AT
from tests.races.together import beside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def go_on(lakeside, dr_li, monkeypatch):
    """Return an act that goes on with a table of two parts, of a row each."""
    monkeypatch.setitem(KINDS, "practitioners", replace(KINDS["practitioners"], most=6))
    ada = make_staff("ada", Role.ADMIN, site=lakeside).user
    RoleAssignment.objects.filter(user=ada).update(starts_at=AT)
    setting = Setting(by=SYSTEM, at=AT, site=lakeside, sites=(lakeside,))
    run = long_imports.begin(KINDS["practitioners"], b"Name\nOne Ash\nTwo Birch\n", 2, setting, by=ada.pk)
    return lambda: long_imports.go_on(run.pk, at=AT)


def made():
    return sorted(Practitioner.objects.filter(name__in=["One Ash", "Two Birch"]).values_list("name", flat=True))


def test_whoever_finds_it_taken_up_leaves_it_to_the_other(go_on):
    assert beside(go_on, while_open=go_on) == (True, False)
    assert (made(), TableImport.objects.get().rows_done) == (["One Ash"], 1)


def test_twin_without_the_lock_both_do_the_same_part(go_on, monkeypatch):
    original = QuerySet.select_for_update
    unlocked = lambda self, *a, **k: self if self.model is TableImport else original(self, *a, **k)  # noqa: E731
    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    assert beside(go_on, while_open=go_on) == (True, True)
    assert (made(), TableImport.objects.get().rows_done) == (["One Ash", "One Ash"], 1)
