"""Two administrators give the same role in one moment: it is given once. Without lock and constraint, twice."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from core.accounts.actions import people
from core.models import User
from core.refusals import Invalid
from core.roles import Role
from tests.factories.booking import make_staff, make_user
from tests.factories.scheduler import AT, make_site
from tests.races.together import beside, without_constraint

pytestmark = pytest.mark.django_db(transaction=True)


def roles_given_at_once():
    """Give one role twice, the second before the first is committed; return how many they then have."""
    site = make_site()
    ada, dana = make_staff("ada", Role.ADMIN, site=site), make_user("dana", Role.SCHEDULER, site=site)
    User.objects.filter(pk=dana.pk).update(is_staff=True)

    def give(*, later):
        try:
            people.give_role(dana, role=Role.AUDITOR, site=site, by=ada.principal, at=AT + timedelta(seconds=later))
        except Invalid:
            return

    beside(lambda: give(later=1), while_open=lambda: give(later=0))
    return dana.assignments.filter(role=Role.AUDITOR).count()


def test_a_role_that_two_administrators_give_at_once_is_given_once():
    assert roles_given_at_once() == 1


def test_what_is_written_past_the_action_gives_nobody_a_role_twice_at_a_time():
    site = make_site()
    for user, where in ((make_user("dana", Role.SCHEDULER, site=site), site), (make_user("boss", Role.ADMIN), None)):
        held = user.assignments.get()
        again = {"role": held.role, "site": where, "starts_at": AT}
        with pytest.raises(IntegrityError, match="role_is_held_once_at_a_time"), transaction.atomic():
            user.assignments.create(**again)
        user.assignments.update(ends_at=AT)
        user.assignments.create(**again)
        user.assignments.create(**again | {"role": Role.AUDITOR})
        user.assignments.create(**again | {"site": make_site(f"other-{user.pk}")})


def test_twin_without_lock_and_constraint_it_is_given_twice(monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    with without_constraint("core.RoleAssignment", "role_is_held_once_at_a_time"):
        assert roles_given_at_once() == 2
