"""Write down the absences that were entered as every other edit is."""

from django.db import migrations


def as_edits(apps, _editor):
    edits = apps.get_model("booking", "CalendarEdit")
    for edit in edits.objects.exclude(absences=[]).only("pk", "absences"):
        edits.objects.filter(pk=edit.pk).update(made=[{"absence": str(one)} for one in edit.absences])


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0070_calendar_edits'),
    ]

    operations = [migrations.RunPython(as_edits, migrations.RunPython.noop, elidable=True)]
