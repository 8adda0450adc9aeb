"""Two administrators set up a clinic in one moment: who comes second is told what is taken, and sees no fault."""

import pytest
from django.db import IntegrityError

from core.models import Site
from core.principal import Principal
from core.refusals import Invalid
from core.roles import Role
from scheduler.actions import practitioners, sites
from scheduler.models import Practitioner
from tests.factories.booking import make_user
from tests.factories.scheduler import AT, make_practitioner, make_site
from tests.races.together import beside

pytestmark = pytest.mark.django_db(transaction=True)
HOW = {"by": Principal.system("test"), "at": AT}
HARBOR = {
    "key": "harbor", "name": {"en": "Harbor house"}, "zone": "America/Chicago", "street": "1 Pier Road",
    "city": "Chicago", "state": "IL", "postal_code": "60611", "phone": "(312) 555-0199",
}  # fmt: skip


def twice(act):
    """Do the same twice, the second before the first is committed; return what the second met."""

    def met():
        try:
            return act()
        except (Invalid, IntegrityError) as error:
            return error

    _, second = beside(met, while_open=act)
    return second


def add_harbor():
    return sites.add_site(**HARBOR, **HOW)


def account_given_to_two():
    """Give one account to a new practitioner and to one who is there; return what the second administrator met."""
    site = make_site()
    user, li = make_user("li", Role.PRACTITIONER, site=site), make_practitioner(site)
    new = {"name": "Dr Wu", "nucc": "171100000X", "lanes": 2, "user": user}

    def met():
        try:
            return practitioners.change_practitioner(li, user=user, **HOW)
        except (Invalid, IntegrityError) as error:
            return error

    _, second = beside(met, while_open=lambda: practitioners.add_practitioner(sites=[site], **new, **HOW))
    return second, Practitioner.objects.filter(user=user).count()


def test_of_two_who_add_a_site_with_one_key_the_second_hears_that_it_is_taken(catalogue):
    assert isinstance(twice(add_harbor), Invalid)
    assert Site.objects.count() == 1


def test_twin_when_nobody_waits_the_second_meets_a_fault(catalogue, monkeypatch):
    monkeypatch.setattr(sites, "wait_for", lambda name: None)
    assert isinstance(twice(add_harbor), IntegrityError)


def test_of_two_who_give_one_account_to_two_practitioners_the_second_hears_whose_it_is(catalogue):
    second, holders = account_given_to_two()
    assert (type(second), holders) == (Invalid, 1)


def test_twin_when_nobody_waits_for_the_account_the_second_meets_a_fault(catalogue, monkeypatch):
    monkeypatch.setattr(practitioners, "wait_for", lambda name: None)
    second, holders = account_given_to_two()
    assert (type(second), holders) == (IntegrityError, 1)
