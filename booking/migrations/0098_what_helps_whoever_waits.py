import django.contrib.postgres.fields
from django.db import migrations, models

# Until now the language was that of whoever treats whom they wait for, or the one that they read.
SPOKEN = """
UPDATE booking_waitinglistentry entry
SET asked_interpreter = CASE
    WHEN entry.language <> '' THEN entry.language
    WHEN patient.language <> 'en' THEN patient.language
    ELSE 'und' END
FROM booking_patient patient
WHERE patient.id = entry.patient_id AND entry.interpreter
"""


class Migration(migrations.Migration):
    """Say which language somebody is to interpret for whoever waits, and what else helps them to come."""

    dependencies = [("booking", "0097_setup_changes_are_edits")]

    operations = [
        migrations.AddField(
            model_name="waitinglistentry",
            name="asked_needs",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=24),
                blank=True,
                db_default=[],
                default=list,
                help_text="What helps them to come, asked for as they began to wait. Keys of `AccessNeed`.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="waitinglistentry",
            name="asked_interpreter",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The language that somebody is to interpret.",
                max_length=12,
            ),
        ),
        migrations.RunSQL(SPOKEN, migrations.RunSQL.noop, elidable=True),
        migrations.RemoveField(model_name="waitinglistentry", name="interpreter"),
    ]
