"""Staff correct who somebody is; what was there before is written down, and nothing else is touched."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from booking.actions.patients import patients
from booking.models import CallTask, ContactPoint, Patient, RecordChange
from core.refusals import Invalid
from notifications.actions.relay import relay
from tests.factories.booking import SYSTEM, chicago, make_visit, slot_id
from tests.factories.scheduler import AT

BORN = date(1961, 3, 27)


@pytest.fixture
def zoe(lakeside):
    return patients.register(
        name="Zoe Miler",
        email="zoe@example.test",
        birth_date=BORN,
        site=lakeside,
        by=SYSTEM,
        at=AT,
        phone="312 555 0142",
    )


def test_a_correction_leaves_what_was_there_and_who_changed_it(zoe):
    patients.change(zoe, by=SYSTEM, at=AT, name="Zoë Miller", birth_date=date(1962, 3, 27), phone="+49 (0)30 1234567")
    row = RecordChange.objects.get()
    assert row.was == {"birth_date": "1961-03-27", "name": "Zoe Miler", "phone": "+13125550142"}
    assert (row.patient, row.by, row.at) == (zoe, SYSTEM.key, AT)
    corrected = Patient.objects.get()
    assert (corrected.name, corrected.birth_date) == ("Zoë Miller", date(1962, 3, 27))


def test_the_same_given_again_is_no_change(zoe):
    patients.change(zoe, by=SYSTEM, at=AT, name=" Zoe  Miler ", phone="(312) 555-0142", email="zoe@EXAMPLE.test")
    assert not RecordChange.objects.exists()


def test_what_was_written_down_is_never_changed(zoe):
    patients.change(zoe, by=SYSTEM, at=AT, name="Zoë Miller")
    for act in (lambda rows: rows.update(by="nobody"), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
            act(RecordChange.objects.all())


def test_a_correction_undoes_nothing_that_a_colleague_just_changed(zoe):
    stale = Patient.objects.get()
    patients.change(zoe, by=SYSTEM, at=AT, language="es", birth_date=date(1962, 3, 27))
    with CaptureQueriesContext(connection) as asked:
        patients.change(stale, by=SYSTEM, at=AT, name="Zoë Miller")
    now = Patient.objects.get()
    assert (now.language, now.birth_date, now.name) == ("es", date(1962, 3, 27), "Zoë Miller")
    written = [query["sql"] for query in asked if query["sql"].startswith("UPDATE")]
    assert [("language" in sql, "birth_date" in sql) for sql in written] == [(False, False)]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"birth_date": date(2030, 1, 1)}, "/birth_date"),
        ({"phone": "555"}, "/phone"),
        ({"email": "", "phone": ""}, "/email"),
    ],
)
def test_a_correction_that_cannot_be_changes_nothing(zoe, given, pointer):
    with pytest.raises(Invalid) as refused:
        patients.change(zoe, by=SYSTEM, at=AT, language="es", **given)
    assert [error["pointer"] for error in refused.value.facts["errors"]] == [pointer]
    assert (Patient.objects.get().language, RecordChange.objects.count()) == ("en", 0)


def test_somebody_with_a_phone_alone_is_called_about_what_cannot_be_mailed(dr_li, lakeside):
    zoe = patients.register(
        name="Zoe Miller", email="", phone="312 555 0142", birth_date=BORN, site=lakeside, by=SYSTEM, at=AT
    )
    visit = make_visit(zoe, slot_id(dr_li, chicago(13, 10)))
    relay(at=AT)
    assert [call.appointment for call in CallTask.objects.all()] == [visit]


def test_an_address_is_taken_off_by_staff_where_a_number_stays_and_never_by_whoever_books_for_themselves(zoe, alice):
    patients.change(zoe, by=SYSTEM, at=AT, email="")
    assert list(zoe.contacts.values_list("system", flat=True)) == ["phone"]
    patients.change(alice.record, by=alice.principal, at=AT, phone="312 555 0142")
    with pytest.raises(Invalid):
        patients.change(alice.record, by=alice.principal, at=AT, email="")


@pytest.fixture
def with_two_numbers(zoe):
    ContactPoint.objects.create(patient=zoe, system="phone", value="+13125550199", rank=3)
    return zoe


def numbers_of(patient):
    return list(patient.contacts.filter(system="phone").order_by("rank").values_list("value", flat=True))


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("312 555 0150", ["+13125550150", "+13125550199"]),
        ("312 555 0199", ["+13125550199"]),
        ("312 555 0142", ["+13125550142", "+13125550199"]),
        ("", ["+13125550199"]),
    ],
)
def test_a_corrected_number_stands_for_the_first_and_the_other_is_not_lost(with_two_numbers, given, left):
    patients.change(with_two_numbers, by=SYSTEM, at=AT, phone=given)
    assert numbers_of(with_two_numbers) == left


def test_whoever_has_a_second_number_is_still_reached_without_the_first(with_two_numbers):
    patients.change(with_two_numbers, by=SYSTEM, at=AT, email="", phone="")
    assert numbers_of(with_two_numbers) == ["+13125550199"]
    with pytest.raises(Invalid):
        patients.change(with_two_numbers, by=SYSTEM, at=AT, phone="")


def test_every_address_that_goes_is_written_down(zoe):
    ContactPoint.objects.create(patient=zoe, system="email", value="zoe@work.test", rank=2)
    patients.change(zoe, by=SYSTEM, at=AT, email="zoe@new.test")
    assert RecordChange.objects.get().was == {"email": "zoe@example.test, zoe@work.test"}
