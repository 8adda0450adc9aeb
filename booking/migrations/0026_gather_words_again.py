"""Gather the words by which people are found once more: titles, particles and letters of more languages count now.

The words that are there stand until each is gathered, so that everybody is found meanwhile.
"""

from django.db import migrations, transaction

from booking.patients import search_words
from core.database.fields import as_vector
from core.text.folding import fold

AT_ONCE = 500


def gather_again(apps, schema_editor):
    """Lock, gather and commit some records; then the next."""
    rows, last = apps.get_model("booking", "Patient").objects.all(), 0
    while True:
        with transaction.atomic():
            some = list(rows.filter(pk__gt=last).select_for_update(no_key=True).order_by("pk")[:AT_ONCE])
            if not some:
                return
            for row in some:
                words = search_words.of_name(row.name) | {search_words.of_reference(row.reference)}
                rows.filter(pk=row.pk).update(folded_name=fold(row.name), search_words=as_vector(words))
        last = some[-1].pk


class Migration(migrations.Migration):
    """Write the words anew; nothing is added or taken away."""

    atomic = False
    dependencies = [("booking", "0025_requests_to_decide_about")]

    operations = [migrations.RunPython(gather_again, migrations.RunPython.noop, elidable=True)]
