"""Every code that was mailed counts, and not the visit that it was mailed for: of before, the newest of each is known."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0028_rechecks_at_the_door'),
    ]

    operations = [
        migrations.AddField(
            model_name='proof',
            name='codes_at',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), db_default=[], default=list, help_text='When each of its codes was issued: all count.', size=None),
        ),
        migrations.RunSQL("UPDATE booking_proof SET codes_at = ARRAY[issued_at]", migrations.RunSQL.noop),
    ]
