"""Therapies say by themselves whether they warm the skin: where they stand for people to choose is another matter."""

from django.db import migrations, models

WARM = ["moxa_indirect", "moxa_direct", "acu_heated"]


def say_what_warms(apps, schema_editor):
    therapies = apps.get_model("scheduler", "Therapy").objects
    therapies.filter(models.Q(key__in=WARM) | models.Q(family="warmth")).update(warms_skin=True)


class Migration(migrations.Migration):

    dependencies = [
        ('scheduler', '0020_therapies_get_their_families'),
    ]

    operations = [
        migrations.AddField(
            model_name='therapy',
            name='warms_skin',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(say_what_warms, migrations.RunPython.noop, elidable=True),
    ]
