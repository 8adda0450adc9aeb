"""People are found in the database as they are in words, and by its indexes."""

import pytest
from django.db import connection

from booking import patient_search
from booking.actions import patients
from booking.models import Patient
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
    plan = plan_of(patient_search.search(Patient.objects.all(), text))
    assert [name for name in indexes if name not in plan] == []
    assert "Seq Scan" not in plan


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
