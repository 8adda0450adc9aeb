"""Answers are sealed from now on; of those kept in the clear the words are forgotten, and that they were given stays.

So a request that is sent again across the change is refused, and not done a second time.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_demo_accounts"), ("sessions", "0001_initial")]
    operations = [
        migrations.RunSQL(
            ["UPDATE core_idempotencykey SET answer = '' WHERE answer <> ''", "DELETE FROM django_session"],
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="idempotencykey",
            name="answer",
            field=models.TextField(default="", help_text="The body, byte for byte, sealed."),
        ),
    ]
