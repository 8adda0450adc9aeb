import django.db.models.expressions
from django.db import migrations, models

import scheduler.models.claims

CREATE = """
CREATE FUNCTION scheduler_kept_ticks(names varchar[], ticks bit[]) RETURNS bit
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT bit_or(o.bits) FROM unnest(names, ticks) AS o(name, bits) WHERE starts_with(o.name, 'block-')$$;
"""
DROP = "DROP FUNCTION scheduler_kept_ticks(varchar[], bit[]);"


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0025_blocks_change_the_stamp")]
    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.AddField(
            model_name="weeksheet",
            name="kept",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    django.db.models.expressions.F("audiences"),
                    django.db.models.expressions.F("open_to"),
                    function="scheduler_kept_ticks",
                ),
                output_field=scheduler.models.claims.WeekBits(null=True),
            ),
        ),
    ]
