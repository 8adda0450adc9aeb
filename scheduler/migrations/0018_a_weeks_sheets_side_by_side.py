"""Let the index of sheets begin with the week, so that reading one passes none of the weeks before it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Both steps are one transaction: no sheet is made twice in between."""

    dependencies = [("scheduler", "0017_closures_of_a_therapy")]

    operations = [
        migrations.RemoveConstraint(model_name="weeksheet", name="sheet_is_kept_once"),
        migrations.AddConstraint(
            model_name="weeksheet",
            constraint=models.UniqueConstraint(fields=("week", "resource", "site"), name="sheet_is_kept_once"),
        ),
    ]
