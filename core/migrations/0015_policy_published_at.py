"""It is noted when a policy is published: who was told something before that was told of another one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column that may be empty: of rows of before nobody noted it."""

    dependencies = [("core", "0014_policy_written_by")]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="published_at",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="When it was published; empty where nobody noted it.", null=True
            ),
        ),
    ]
