"""Fold the names of the records that are there, some at a time, without keeping anybody from booking meanwhile."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models, transaction

from core.text.folding import fold

AT_ONCE = 500


def fold_names(apps, schema_editor):
    """Lock, fold and commit some records; then the next. Begun again, it goes on where it ended."""
    patients = apps.get_model("booking", "Patient")
    last = 0
    while True:
        with transaction.atomic():
            rows = patients.objects.filter(folded_name="", pk__gt=last).select_for_update(no_key=True).order_by("pk")
            some = list(rows.only("pk", "name")[:AT_ONCE])
            if not some:
                return
            for row in some:
                patients.objects.filter(pk=row.pk).update(folded_name=fold(row.name))
        last = some[-1].pk


class Migration(migrations.Migration):
    """Index what is not folded yet, then fold it."""

    atomic = False
    dependencies = [("booking", "0016_limits_that_slow_down")]

    operations = [
        AddIndexConcurrently(
            model_name="patient",
            index=models.Index(condition=models.Q(("folded_name", "")), fields=["id"], name="patient_not_yet_folded"),
        ),
        migrations.RunPython(fold_names, migrations.RunPython.noop, elidable=True),
    ]
