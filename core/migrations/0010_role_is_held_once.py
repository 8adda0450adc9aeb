"""Let nobody hold a role twice at a site at a time."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0009_roles_parted'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='roleassignment',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.F('user'), models.F('user'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.Func(models.F('role'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Func(models.F('role'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Value('[]'), function='int8range'), '&&'), (models.Func(django.db.models.functions.comparison.Coalesce(models.F('site'), models.Value(0), output_field=models.BigIntegerField()), django.db.models.functions.comparison.Coalesce(models.F('site'), models.Value(0), output_field=models.BigIntegerField()), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('starts_at'), models.F('ends_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='role_is_held_once_at_a_time', violation_error_message='They act as this already.'),
        ),
    ]
