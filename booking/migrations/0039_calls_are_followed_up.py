"""Calls that were made before this are settled: long ago, and by phone. Nobody hears now that their time is open again."""

from django.db import migrations, models

TOLD = "Its patient is told once the time is open again. Not of a call made before anybody was."


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0038_fitness_of_practitioners"),
    ]

    operations = [
        # What is there gets the first default, what is made from now on the second: no row is gone through.
        migrations.AddField(
            model_name="calltask",
            name="follow_up",
            field=models.BooleanField(default=False, db_default=False, help_text=TOLD),
        ),
        migrations.AlterField(
            model_name="calltask",
            name="follow_up",
            field=models.BooleanField(default=True, db_default=True, help_text=TOLD),
        ),
    ]
