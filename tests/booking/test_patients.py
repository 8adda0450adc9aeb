"""Records of people: who they are, how they are reached, and who may see them."""

from datetime import date

import pytest

from booking import queries
from booking.actions.patients import patients
from booking.models import Patient
from core.principal import Principal
from core.refusals import Invalid, Missing
from tests.factories.booking import SYSTEM, chicago, make_patient, make_visit, slot_id, visitor
from tests.factories.scheduler import AT


@pytest.fixture
def register(lakeside):
    def make(**facts):
        given = {
            "name": "Gail Guest",
            "birth_date": date(1980, 2, 29),
            "email": "gail@example.org",
            "site": lakeside,
            "by": visitor(),
            "at": AT,
        }
        return patients.register(**given | facts)

    return make


def contacts_of(patient):
    return [(c.system, c.value) for c in patient.contacts.order_by("rank")]


def test_a_record_keeps_a_name_a_birth_date_and_how_to_reach_somebody(register):
    patient = register(name="  Gail   Guest ", email="Gail@Example.ORG", phone="(312) 555-0199", language="es")
    assert (patient.name, patient.language, patient.guest) == ("Gail Guest", "es", False)
    assert contacts_of(patient) == [("email", "Gail@example.org"), ("phone", "+13125550199")]


def test_a_guest_gets_a_new_record_and_never_learns_of_another(register):
    first, second = register(guest=True), register(guest=True)
    assert first.pk != second.pk
    assert first.reference != second.reference


def test_everything_that_is_wrong_is_said_at_once(register):
    with pytest.raises(Invalid) as refused:
        register(name="", email="gail", birth_date=date(2026, 10, 6), language="klingon!", phone="1")
    assert [e["pointer"] for e in refused.value.facts["errors"]] == [
        "/name", "/email", "/phone", "/language", "/birth_date",
    ]  # fmt: skip
    assert not Patient.objects.exists()


def test_somebody_born_today_in_chicago_is_a_person(register):
    late_evening = chicago(5, 23)
    assert register(birth_date=date(2026, 10, 5), at=late_evening)
    with pytest.raises(Invalid):
        register(birth_date=date(2026, 10, 6), at=late_evening)


def test_contacts_change_and_what_is_not_named_stays(register):
    patient = register(phone="312 555 0199")
    patients.change(patient, by=SYSTEM, at=AT, email="new@example.org")
    assert contacts_of(patient) == [("email", "new@example.org"), ("phone", "+13125550199")]
    changed = patients.change(patient, by=SYSTEM, at=AT, phone="", language="es", name="Gail G. Guest")
    assert contacts_of(patient) == [("email", "new@example.org")]
    assert (changed.name, changed.language) == ("Gail G. Guest", "es")
    with pytest.raises(Invalid):
        patients.change(patient, by=SYSTEM, at=AT, email="")


def test_the_same_address_given_again_stays_one(register):
    patient = register()
    patients.change(patient, by=SYSTEM, at=AT, email="gail@example.org")
    assert contacts_of(patient) == [("email", "gail@example.org")]


def test_a_patient_sees_their_own_record_and_a_stranger_s_is_not_there(alice, mallory):
    assert queries.patient(alice.record.public_id, by=alice.principal) == alice.record
    with pytest.raises(Missing):
        queries.patient(alice.record.public_id, by=mallory.principal)
    assert queries.own_record(alice.principal) == alice.record
    assert queries.own_record(visitor()) is None


def test_staff_sees_the_records_of_their_site_and_its_program(alice, ben, dana, frank, riverside):
    make_patient(riverside, "Rita River")
    assert set(queries.patients(dana.principal)) == {alice.record, ben.record}
    assert set(queries.patients(frank.principal)) == {alice.record}


def test_a_list_of_patients_takes_two_queries(alice, ben, dana, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert [list(p.contacts.all()) for p in queries.patients(dana.principal)]


def test_a_visit_is_seen_by_its_patient_and_staff(alice, dana, frank, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))
    for person in (alice.principal, dana.principal, frank.principal, Principal.of(dr_li.user, at=AT)):
        assert queries.appointment(visit.public_id, by=person) == visit
        assert queries.changes(visit.public_id, by=person).count() == 1


def test_a_visit_is_not_there_for_anybody_else(alice, ben, mallory, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))
    for person in (ben, mallory):
        for look in (queries.appointment, queries.changes):
            with pytest.raises(Missing):
                look(visit.public_id, by=person.principal)


def test_a_list_of_visits_takes_one_query(alice, dana, dr_li, django_assert_num_queries):
    for day in (8, 12, 13):
        make_visit(alice.record, slot_id(dr_li, chicago(day, 10)))
    with django_assert_num_queries(1):
        assert [(v.patient.name, v.site.key, v.therapy.key, v.place) for v in queries.appointments(dana.principal)]
