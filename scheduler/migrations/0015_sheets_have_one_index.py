"""Let a week's sheet be written to one index less: that of `sheet_is_kept_once` begins with the resource as well."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside the other one, it also led the planner to read sheets in an order in which they had to be sorted."""

    dependencies = [("scheduler", "0014_hours_name_their_audience")]

    operations = [
        migrations.AlterField(
            model_name="weeksheet",
            name="resource",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sheets",
                to="scheduler.resource",
            ),
        ),
    ]
