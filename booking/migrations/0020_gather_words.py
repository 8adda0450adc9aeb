"""Index the words and gather those of the people who are there, some at a time, while others book.

Names are folded again, since more spellings are now one.
"""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models, transaction

from booking.patients import search_words
from core.database.fields import as_vector
from core.text.folding import fold

AT_ONCE = 500


def gather(rows, changes):
    """Lock, gather and commit some rows; then the next. Begun again, it goes on where it ended."""
    last = 0
    while True:
        with transaction.atomic():
            some = list(
                rows.filter(search_words=None, pk__gt=last).select_for_update(no_key=True).order_by("pk")[:AT_ONCE]
            )
            if not some:
                return
            for row in some:
                rows.filter(pk=row.pk).update(**changes(row))
        last = some[-1].pk


def of_patient(row):
    """Return what is written of a record."""
    words = search_words.of_name(row.name) | {search_words.of_reference(row.reference)}
    return {"folded_name": fold(row.name), "search_words": as_vector(words)}


def of_contact(row):
    """Return what is written of a contact."""
    words_of = search_words.of_email if row.system == "email" else search_words.of_phone
    return {"search_words": as_vector(words_of(row.value))}


def gather_words(apps, schema_editor):
    """Gather the words of all records and contacts."""
    gather(apps.get_model("booking", "Patient").objects.all(), of_patient)
    gather(apps.get_model("booking", "ContactPoint").objects.all(), of_contact)


class Migration(migrations.Migration):
    """Index what has no words yet, gather the words, then index them."""

    atomic = False
    dependencies = [("booking", "0019_words_to_find_people_by")]

    operations = [
        AddIndexConcurrently(
            "patient",
            models.Index(condition=models.Q(("search_words", None)), fields=["id"], name="patient_without_words"),
        ),
        AddIndexConcurrently(
            "contactpoint",
            models.Index(condition=models.Q(("search_words", None)), fields=["id"], name="contact_without_words"),
        ),
        migrations.RunPython(gather_words, migrations.RunPython.noop, elidable=True),
        AddIndexConcurrently(
            "patient", django.contrib.postgres.indexes.GinIndex(fields=["search_words"], name="patient_by_words")
        ),
        AddIndexConcurrently(
            "contactpoint", django.contrib.postgres.indexes.GinIndex(fields=["search_words"], name="contact_by_words")
        ),
        RemoveIndexConcurrently("patient", "patient_not_yet_folded"),
    ]
