"""The claims of visits ahead name how the visit runs, so that it is known what a therapy's end leaves without cover.

Some visits at a time: nobody who books, moves or cancels meanwhile waits for more than these.
"""

from django.db import connection, migrations, transaction

AT_ONCE = 200
NEXT = """
SELECT id FROM booking_appointment WHERE id > %(last)s AND upper(period) > now() ORDER BY id LIMIT %(most)s
"""
FILL = """
UPDATE scheduler_claim c SET plan_id = p.id
FROM booking_appointment a
CROSS JOIN LATERAL (
  SELECT plan.id FROM scheduler_visitplan plan
  WHERE plan.therapy_id = a.therapy_id AND plan.visit = a.visit AND plan.technique IN (a.technique, '')
  ORDER BY plan.technique DESC LIMIT 1
) p
WHERE a.id = ANY(%(visits)s) AND c.allocation = a.allocation AND c.plan_id IS NULL AND c.retired_at IS NULL
"""


def name_plans(apps, schema_editor):
    """Fill in some and commit, then the next. Begun again, it does what is left."""
    last = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(NEXT, {"last": last, "most": AT_ONCE})
            visits = [pk for (pk,) in cursor.fetchall()]
            if not visits:
                return
            cursor.execute(FILL, {"visits": visits})
        last = visits[-1]


class Migration(migrations.Migration):
    """Fill in the plans."""

    atomic = False
    dependencies = [("booking", "0007_call_task"), ("scheduler", "0004_claim_names_its_plan")]
    operations = [migrations.RunPython(name_plans, migrations.RunPython.noop, elidable=True)]
