"""Zoe comes soon and has a second record: a worker finds that, staff read it until they have said what it is."""

from datetime import date

import pytest

from booking.actions.patients import merging
from booking.actions.patients.alike_records import note_alike
from booking.actions.patients.patients import register
from booking.calls.site_decisions import alike_soon
from booking.models import Patient, PossibleDuplicate
from core.roles import Role
from tests.factories.booking import DAY, SYSTEM, chicago, make_staff, make_visit, slot_id
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(lakeside, dr_li):
    """Two records that may be Zoe's; by the first of them she comes on Wednesday."""
    born = {"birth_date": date(1970, 5, 1), "site": lakeside, "by": SYSTEM, "at": AT}
    zoe = register(name="Zoe Twice", email="zoe@a.test", **born)
    again = register(name="Twice, Zoe", email="zoe@b.test", **born)
    make_visit(zoe, slot_id(dr_li, chicago(7, 10)))
    return zoe, again


def named(site, who):
    return [(pair.one.name, pair.other.name) for pair in alike_soon(site, by=who.principal)]


def test_who_comes_soon_and_has_a_second_record_is_found_once_and_no_more_once_they_have_come(two, lakeside, dana):
    assert (note_alike(at=AT), note_alike(at=AT)) == (1, 0)
    assert named(lakeside, dana) == [("Zoe Twice", "Twice, Zoe")]
    assert note_alike(at=AT + 3 * DAY) == 0
    assert not PossibleDuplicate.objects.exists()


def test_whom_staff_call_two_people_is_gone_at_once_and_asked_about_again_where_that_is_taken_back(two, lakeside, dana):
    note_alike(at=AT)
    merging.keep_apart(*two, by=dana.principal, at=AT)
    assert named(lakeside, dana) == []
    assert note_alike(at=AT) == 0
    merging.ask_again(*two, by=dana.principal, at=AT)
    assert note_alike(at=AT) == 1


def test_one_person_by_now_is_named_no_more(two, lakeside, dana):
    note_alike(at=AT)
    merging.merge(kept=two[0], given_up=two[1], by=dana.principal, at=AT)
    assert named(lakeside, dana) == []
    assert note_alike(at=AT) == 0


def test_a_record_of_another_site_is_named_to_nobody_who_does_not_see_it(two, lakeside, riverside, dana):
    _zoe, again = two
    Patient.objects.filter(pk=again.pk).update(site=riverside)
    nora = make_staff("nora", Role.SCHEDULER, site=riverside)
    assert note_alike(at=AT) == 1
    assert named(lakeside, dana) == named(riverside, nora) == []
