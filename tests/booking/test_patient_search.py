"""People are found in the database as they are in words, and by its indexes."""

import pytest
from django.db import connection

from booking.actions.patients import patients
from booking.models import Patient
from booking.patients import patient_search
from tests.factories.booking import SYSTEM, make_patient
from tests.factories.scheduler import AT


def plan_of(rows):
    """Return how the database would find rows among very many, where reading all of them is out of the question."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off"
        )  # bitmaps of indexes are left
    return rows.order_by().explain()


@pytest.mark.parametrize(
    ("text", "indexes"),
    [
        ("o'brien zoe", ["patient_by_words", "contact_by_words"]),
        ("555 0142", ["contact_by_words"]),
        ("zoe@example", ["contact_by_words"]),
        ("3/27/1961", ["patient_by_birth_and_name"]),
    ],
)
def test_people_are_found_by_an_index(db, text, indexes):
    plan = plan_of(patient_search.search_as_typed(Patient.objects.all(), text))
    assert [name for name in indexes if name not in plan] == []
    assert "Seq Scan" not in plan


def test_so_are_those_whose_name_is_mistyped(db):
    plan = plan_of(patient_search.search_near(Patient.objects.all(), "obrein zoe 3/27/1961"))
    assert "patient_by_words" in plan
    assert "Seq Scan" not in plan


def test_whoever_is_written_as_it_was_typed_is_found_alone_and_nobody_by_another_birth_date(lakeside):
    smith, smyth = (make_patient(lakeside, f"John {name}") for name in ("Smith", "Smyth"))
    everybody = Patient.objects.all()
    assert list(patient_search.search(everybody, "john smith")) == [smith]
    assert set(patient_search.search(everybody, "jhon smith 5/1/1970")) == {smith, smyth}
    assert not patient_search.search(everybody, "jhon smith 5/2/1970").exists()


def test_what_was_changed_is_found_as_it_is_now(lakeside):
    patient = make_patient(lakeside, "Zoe Miller")
    patients.change(patient, by=SYSTEM, at=AT, name="Zoë O’Brien", email="new@example.org", phone="(312) 555-0142")
    counts = [
        patient_search.search(Patient.objects.all(), text).count() for text in ("miller", "obrien zoe", "new@", "0142")
    ]
    assert counts == [0, 1, 1, 1]


@pytest.mark.parametrize("text", ["''", "\\", "a'b\\", "\x00zoe\x00", "& | !", "😀", "zoe@'\\", "()", "@", "'zoe':*"])
def test_signs_that_mean_something_to_the_database_mean_nothing_here(lakeside, text):
    make_patient(lakeside, "Alice Adams")
    assert patient_search.search(Patient.objects.all(), text).count() == 0
