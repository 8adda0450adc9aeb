"""Index what visitors are counted by, without keeping anybody from booking meanwhile."""

import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the indexes."""

    atomic = False
    dependencies = [("booking", "0012_unusual_bookings")]

    operations = [
        AddIndexConcurrently(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("state", "confirmed"), models.Q(("address", ""), _negated=True)),
                fields=["address", "created_at"],
                name="hold_booked_from",
            ),
        ),
        AddIndexConcurrently(
            model_name="contactpoint",
            index=models.Index(django.db.models.functions.text.Upper("value"), name="contact_in_any_case"),
        ),
    ]
