"""What people have asked for with their appointments stands on their records from now on."""

from django.db import migrations

NEWEST_OF_EACH = """
UPDATE booking_patient SET access_needs = asked.needs, interpreter = asked.interpreter
FROM (
    SELECT DISTINCT ON (visit.patient_id) visit.patient_id, needs.needs, needs.interpreter
    FROM booking_accessneeds needs JOIN booking_appointment visit ON visit.id = needs.appointment_id
    ORDER BY visit.patient_id, needs.changed_at DESC
) asked
WHERE asked.patient_id = booking_patient.id
"""


class Migration(migrations.Migration):
    """Write what each asked for last; nothing is added or taken away."""

    dependencies = [("booking", "0093_needs_on_record")]

    operations = [migrations.RunSQL(NEWEST_OF_EACH, migrations.RunSQL.noop, elidable=True)]
