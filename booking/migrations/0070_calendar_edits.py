"""What was entered when somebody cannot come becomes one kind of edit of calendars among others."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0069_treated_from'),
        ('core', '0017_program_staff'),
        ('scheduler', '0028_hours_name_any_program'),
    ]

    operations = [
        migrations.RenameModel(old_name='EnteredAbsence', new_name='CalendarEdit'),
        migrations.RenameIndex(
            model_name='calendaredit', new_name='calendar_edit_of_a_site', old_name='entered_absence_of_a_site',
        ),
        migrations.RemoveConstraint(model_name='calendaredit', name='absence_taken_back_says_who_and_when'),
        migrations.AddConstraint(
            model_name='calendaredit',
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(('taken_back_at', None), ('taken_back_by', '')),
                    models.Q(
                        ('taken_back_at__isnull', False), models.Q(('taken_back_by', ''), _negated=True)
                    ),
                    _connector='OR',
                ),
                name='edit_taken_back_says_who_and_when',
            ),
        ),
        migrations.AddField(
            model_name='calendaredit',
            name='kind',
            field=models.CharField(
                choices=[
                    ('absence', 'absence'), ('hours', 'working hours'), ('closure', 'closure'), ('places', 'places'),
                ],
                db_default='absence',
                default='absence',
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name='calendaredit',
            name='made',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='calendaredit',
            name='name',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AlterField(
            model_name='calendaredit',
            name='practitioner',
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name='+',
                to='scheduler.practitioner',
            ),
        ),
    ]
