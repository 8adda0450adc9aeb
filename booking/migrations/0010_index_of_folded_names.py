"""Index folded names without keeping anybody from booking meanwhile."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the index."""

    atomic = False
    dependencies = [("booking", "0009_patients_by_folded_name")]

    operations = [
        AddIndexConcurrently(
            model_name="patient",
            index=models.Index(fields=["birth_date", "folded_name"], name="patient_by_birth_and_name"),
        ),
    ]
