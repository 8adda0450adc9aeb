from django.db import migrations

# Reports count appointments that are alike. Without it, the planner takes those to be nearly as many as there are
# appointments, and counts them one by one where it could do so in parallel.
ALIKE = """
CREATE STATISTICS appointments_that_are_alike (ndistinct) ON status, late_cancel, practitioner_id, therapy_id,
  (date_part('day', (lower(period) - created_at))),
  (CASE WHEN started_at IS NULL THEN NULL WHEN started_at <= (lower(period) + '0:10:00'::interval) THEN true
        ELSE false END)
FROM booking_appointment;
"""


class Migration(migrations.Migration):
    dependencies = [("booking", "0082_table_imports")]
    operations = [migrations.RunSQL(ALIKE, "DROP STATISTICS appointments_that_are_alike;")]
