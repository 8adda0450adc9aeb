"""Closures may be of one therapy, and until further notice; an edit of them, or of a policy, may take cover away."""

import django.db.models.deletion
from django.db import migrations, models

TRIGGERS = """
CREATE TRIGGER cover_was_edited AFTER INSERT OR UPDATE OR DELETE ON scheduler_closure
FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
CREATE TRIGGER cover_was_edited AFTER INSERT OR UPDATE OR DELETE ON core_policy
FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
"""
TRIGGERS_GONE = """
DROP TRIGGER cover_was_edited ON scheduler_closure;
DROP TRIGGER cover_was_edited ON core_policy;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0014_policy_written_by'),
        ('scheduler', '0016_business_days_are_in_the_catalogue'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='closure',
            name='closure_ends_on_or_after_its_first_day',
        ),
        migrations.RemoveConstraint(
            model_name='closure',
            name='closure_is_named_once',
        ),
        migrations.AddField(
            model_name='closure',
            name='therapy',
            field=models.ForeignKey(blank=True, help_text='What is not given meanwhile; empty: the whole site is shut.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scheduler.therapy'),
        ),
        migrations.AlterField(
            model_name='closure',
            name='last_on',
            field=models.DateField(blank=True, help_text='Empty: until further notice.', null=True),
        ),
        migrations.AddConstraint(
            model_name='closure',
            constraint=models.CheckConstraint(condition=models.Q(('last_on', None), ('last_on__gte', models.F('first_on')), _connector='OR'), name='closure_ends_on_or_after_its_first_day'),
        ),
        migrations.AddConstraint(
            model_name='closure',
            constraint=models.CheckConstraint(condition=models.Q(('last_on__isnull', False), ('ends', None), _connector='OR'), name='closure_without_a_last_day_has_no_end'),
        ),
        migrations.AddConstraint(
            model_name='closure',
            constraint=models.UniqueConstraint(fields=('site', 'therapy', 'first_on', 'starts', 'name'), name='closure_is_named_once', nulls_distinct=False),
        ),
        migrations.RunSQL(TRIGGERS, TRIGGERS_GONE),
    ]
