"""Therapies that are there get the family with which they are shipped."""

from django.db import migrations

FAMILIES = {
    "needles": ["acu_manual", "acu_heated", "acu_electro", "acu_auricular", "acu_group", "acu_infusion", "pmr_acu"],
    "pressure": ["acupressure"],
    "cupping": ["cup_dry", "cup_moving", "cup_wet"],
    "warmth": ["moxa_indirect", "moxa_direct"],
}


def give_families(apps, schema_editor):
    for family, keys in FAMILIES.items():
        apps.get_model("scheduler", "Therapy").objects.filter(key__in=keys).update(family=family)


class Migration(migrations.Migration):

    dependencies = [
        ('scheduler', '0019_therapies_have_families'),
    ]

    operations = [migrations.RunPython(give_families, migrations.RunPython.noop, elidable=True)]
