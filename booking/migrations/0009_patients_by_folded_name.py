"""Let the records of one person be found by name, however it is spelled."""

from django.db import migrations

import core.fields
from core.folding import fold

AT_ONCE = 1000


def fold_names(apps, schema_editor):
    """Fold the names of the records that are there, some at a time."""
    patients = apps.get_model("booking", "Patient")
    rows = patients.objects.filter(folded_name="").only("pk", "name").order_by("pk")
    last = 0
    while some := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        for row in some:
            row.folded_name = fold(row.name)
        patients.objects.bulk_update(some, ["folded_name"])
        last = some[-1].pk


class Migration(migrations.Migration):
    """Add the column, then fill it."""

    dependencies = [("booking", "0008_claims_of_visits_name_their_plan")]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="folded_name",
            field=core.fields.FoldedField(db_default="", editable=False, max_length=400, of="name"),
        ),
        migrations.RunPython(fold_names, migrations.RunPython.noop, elidable=True),
    ]
