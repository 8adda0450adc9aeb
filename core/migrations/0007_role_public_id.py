import uuid

import django.contrib.postgres.functions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0006_token_notes'),
    ]

    # The database's default gives each row that stands an id of its own.
    operations = [
        migrations.AddField(
            model_name='roleassignment',
            name='public_id',
            field=models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
