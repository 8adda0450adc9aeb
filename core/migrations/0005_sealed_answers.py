"""Answers are sealed from now on; those kept in the clear are forgotten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_demo_accounts"), ("sessions", "0001_initial")]
    operations = [
        migrations.RunSQL(["DELETE FROM core_idempotencykey", "DELETE FROM django_session"], migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="idempotencykey",
            name="answer",
            field=models.TextField(default="", help_text="The body, byte for byte, sealed."),
        ),
    ]
