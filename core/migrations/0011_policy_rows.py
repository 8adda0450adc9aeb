"""Policies carry audience, state, approvals and the hash of what was approved."""

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0010_role_is_held_once'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='policy',
            options={'ordering': ['key', '-version'], 'verbose_name_plural': 'policies'},
        ),
        migrations.RemoveConstraint(
            model_name='policy',
            name='policy_version_is_named_once',
        ),
        migrations.RemoveConstraint(
            model_name='policy',
            name='policy_is_in_force_alone',
        ),
        migrations.AddField(
            model_name='policy',
            name='approvals',
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list, help_text='Who approved which content, and when.'),
        ),
        migrations.AddField(
            model_name='policy',
            name='audience',
            field=models.SlugField(db_default='all', default='all', help_text='Whom it is for, such as patient or companion.'),
        ),
        migrations.AddField(
            model_name='policy',
            name='content_hash',
            field=models.CharField(db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='policy',
            name='state',
            field=models.CharField(choices=[('draft', 'draft'), ('in-review', 'in review'), ('published', 'published'), ('retired', 'taken back')], default='draft', max_length=10),
        ),
        migrations.AlterField(
            model_name='policy',
            name='effective',
            field=django.contrib.postgres.fields.ranges.DateTimeRangeField(help_text='From when until when (excluded) it holds.'),
        ),
        migrations.AlterField(
            model_name='policy',
            name='site',
            field=models.ForeignKey(blank=True, help_text='Empty: all sites.', null=True, on_delete=django.db.models.deletion.PROTECT, to='core.site'),
        ),
        migrations.AlterField(
            model_name='policy',
            name='version',
            field=models.PositiveIntegerField(default=1, help_text='Counted through all rows of a key.'),
        ),
    ]
