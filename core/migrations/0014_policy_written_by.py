"""A draft knows who wrote it: they do not approve it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column with a default of the database's own: rows of before were written by nobody we know."""

    dependencies = [("core", "0013_published_policies_stay")]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="written_by",
            field=models.JSONField(
                db_default=models.Value([], models.JSONField()),
                default=list,
                help_text="Principal.key of whoever wrote its content.",
            ),
        ),
    ]
