import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scheduler', '0029_busy_calendars'),
    ]

    operations = [
        migrations.CreateModel(
            name='PlaceClosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('first_on', models.DateField()),
                ('last_on', models.DateField(blank=True, help_text='Empty: until further notice.', null=True)),
                ('name', models.CharField(max_length=120)),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='closures', to='scheduler.place')),
            ],
            options={
                'ordering': ['place', 'first_on'],
                'constraints': [models.CheckConstraint(condition=models.Q(('last_on', None), ('last_on__gte', models.F('first_on')), _connector='OR'), name='place_is_closed_for_a_day_or_longer')],
            },
        ),
    ]
