"""Therapies that are there say whether they warm the skin."""

from django.db import migrations, models

WARM = ["moxa_indirect", "moxa_direct", "acu_heated"]


def say_what_warms(apps, schema_editor):
    therapies = apps.get_model("scheduler", "Therapy").objects
    therapies.filter(models.Q(key__in=WARM) | models.Q(family="warmth")).update(warms_skin=True)


class Migration(migrations.Migration):

    dependencies = [
        ('scheduler', '0021_what_warms_the_skin'),
    ]

    operations = [migrations.RunPython(say_what_warms, migrations.RunPython.noop, elidable=True)]
