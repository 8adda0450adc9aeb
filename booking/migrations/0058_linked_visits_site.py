"""What links appointments names their site; there is none yet."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0057_seats_are_named'),
        ('core', '0016_policy_ending'),
    ]

    operations = [
        migrations.AddField(
            model_name='linkedvisits',
            name='site',
            field=models.ForeignKey(default=1, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site'),
            preserve_default=False,
        ),
    ]
