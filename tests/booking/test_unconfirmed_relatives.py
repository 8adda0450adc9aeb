"""Ben took a code up, and Alice never confirmed him: some time after the record that he made is gone."""

from datetime import timedelta

import pytest

from booking.actions import tidying
from booking.actions.families import family_links, relatives
from booking.models import FamilyLink, FamilyLinkChange, Patient
from tests.factories.booking import DAY, SYSTEM, chicago, make_visit, slot_id
from tests.factories.families import claimed, confirmed
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

RAN_OUT = AT + 15 * DAY
LATE = RAN_OUT + relatives.KEPT


@pytest.fixture
def link(alice):
    """It ran out, and that was noted."""
    made = claimed(alice.record)
    family_links.tidy(at=RAN_OUT)
    return made


def is_there(link):
    return Patient.objects.filter(pk=link.relative_id).exists()


def test_his_record_is_deleted_a_month_after_and_what_was_done_stays(link, alice):
    before = FamilyLinkChange.objects.count()
    tidying.tidy(at=LATE - timedelta(seconds=1))
    assert is_there(link)
    assert relatives.forget_unconfirmed(at=LATE, most=10) == 1
    assert not is_there(link)
    stands = FamilyLink.objects.get(pk=link.pk)
    assert (stands.relative, stands.state) == (None, "expired")
    assert FamilyLinkChange.objects.count() == before
    assert Patient.objects.filter(pk=alice.record.pk).exists()


def test_one_that_she_took_back_unconfirmed_goes_too(alice):
    link = claimed(alice.record)
    family_links.revoke(link, by=SYSTEM, at=AT)
    tidying.tidy(at=AT + relatives.KEPT)
    assert not is_there(link)


def test_twin_where_the_tidying_leaves_it_out_it_stays_for_ever(link, monkeypatch):
    monkeypatch.setattr(relatives, "forget_unconfirmed", lambda **_: 0)
    tidying.tidy(at=LATE + 400 * DAY)
    assert is_there(link)


def test_whom_she_has_confirmed_is_kept_though_it_has_ended(alice):
    link = confirmed(alice.record)
    family_links.revoke(link, by=SYSTEM, at=AT)
    tidying.tidy(at=LATE + 400 * DAY)
    assert is_there(link)


def test_who_has_an_appointment_is_kept(link, dr_li):
    make_visit(link.relative, slot_id(dr_li, chicago(12, 10)))
    tidying.tidy(at=LATE)
    assert is_there(link)


def test_whatever_else_names_him_keeps_him(link, alice, lakeside):
    """Also what comes as a table later: they are asked one by one."""
    alice.record.enrolments.update(patient=link.relative)
    tidying.tidy(at=LATE)
    assert is_there(link)


def test_who_was_confirmed_by_another_patient_meanwhile_is_kept(link, mallory):
    FamilyLink.objects.filter(pk=confirmed_of(mallory, link).pk).update(relative=link.relative)
    tidying.tidy(at=LATE)
    assert is_there(link)


def confirmed_of(patient, link):
    patient.record.enrolments.create(site=link.site)
    return confirmed(patient.record)
