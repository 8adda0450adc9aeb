"""The claims of visits ahead name how the visit runs, so that it is known what a therapy's end leaves without cover."""

from django.db import migrations

FILL = """
UPDATE scheduler_claim c SET plan_id = p.id
FROM booking_appointment a
CROSS JOIN LATERAL (
  SELECT plan.id FROM scheduler_visitplan plan
  WHERE plan.therapy_id = a.therapy_id AND plan.visit = a.visit AND plan.technique IN (a.technique, '')
  ORDER BY plan.technique DESC LIMIT 1
) p
WHERE c.allocation = a.allocation AND c.plan_id IS NULL AND c.retired_at IS NULL AND upper(a.period) > now()
"""


class Migration(migrations.Migration):
    dependencies = [("booking", "0007_call_task"), ("scheduler", "0004_claim_names_its_plan")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
