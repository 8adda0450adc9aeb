"""Find a resource's claims by when they end, so that those of the past are never read."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """One index that begins with the resource takes the place of the one that held it alone."""

    dependencies = [("scheduler", "0012_travel_time")]

    operations = [
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(models.F("resource"), models.F("period__endswith"), name="claim_by_end"),
        ),
        migrations.AlterField(
            model_name="claim",
            name="resource",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
                to="scheduler.resource",
            ),
        ),
    ]
