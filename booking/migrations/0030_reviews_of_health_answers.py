"""Reviews of health answers have a time by which they are due, a call before the decision, and news to tell."""

from django.db import migrations, models

AS_IT_WAS_MEANT = """
    UPDATE booking_screeningresponse SET due_at = answered_at + interval '4 hours' WHERE reviewed;
    UPDATE booking_screeningresponse SET decision = '', decided_at = NULL, decided_by = '' WHERE decision = 'asked';
"""
"""Who was to be called is still to be decided about; their calls stand in the list of calls."""


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0029_codes_are_counted'),
    ]

    operations = [
        migrations.AddField(
            model_name='screeningresponse',
            name='asked_at',
            field=models.DateTimeField(blank=True, help_text='When somebody chose to talk with them first.', null=True),
        ),
        migrations.AddField(
            model_name='screeningresponse',
            name='asked_by',
            field=models.CharField(blank=True, db_default='', default='', help_text='Principal.key.', max_length=80),
        ),
        migrations.AddField(
            model_name='screeningresponse',
            name='call_ends_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='screeningresponse',
            name='call_starts_at',
            field=models.DateTimeField(blank=True, help_text='From when on they are called.', null=True),
        ),
        migrations.AddField(
            model_name='screeningresponse',
            name='due_at',
            field=models.DateTimeField(blank=True, help_text='By when somebody looks at the answers.', null=True),
        ),
        migrations.AddField(
            model_name='screeningresponse',
            name='news',
            field=models.CharField(blank=True, choices=[('approved', 'may come'), ('declined', 'may not come yet'), ('asked', 'is called first'), ('again', 'is looked at once more')], db_default='', default='', help_text='What they are told of the review, as it stands.', max_length=10),
        ),
        migrations.AddField(
            model_name='screeningresponse',
            name='news_at',
            field=models.DateTimeField(blank=True, help_text='Since when there is news to tell, until it is planned.', null=True),
        ),
        migrations.AddField(
            model_name='screeningresponse',
            name='taken_back_at',
            field=models.DateTimeField(blank=True, help_text='When a decision was taken back last.', null=True),
        ),
        migrations.AddField(
            model_name='screeningresponse',
            name='taken_back_by',
            field=models.CharField(blank=True, db_default='', default='', help_text='Principal.key.', max_length=80),
        ),
        migrations.AlterField(
            model_name='calltask',
            name='reason',
            field=models.CharField(choices=[('without-cover', 'Their time is no longer open: find another one with them'), ('unanswered', 'Their request ran out without an answer: say sorry, and find a time with them'), ('screening', 'Talk with them about their health answers before they come'), ('seek-care', 'They said that they need help: call them now'), ('find-time', 'They stay home for now, and ask to be called: find another time with them'), ('not-reached', 'A message could not reach them: tell them what it said')], max_length=20),
        ),
        migrations.AlterField(
            model_name='screeningresponse',
            name='decision',
            field=models.CharField(blank=True, choices=[('approved', 'may come'), ('declined', 'may not come yet')], default='', max_length=10),
        ),
        migrations.AlterField(
            model_name='screeningresponse',
            name='outcome',
            field=models.CharField(choices=[('proceed', 'proceed'), ('proceed_masked', 'proceed_masked'), ('virtual', 'virtual'), ('review', 'review'), ('rebook', 'rebook'), ('seek_care', 'seek_care')], max_length=16),
        ),
        migrations.AddIndex(
            model_name='screeningresponse',
            index=models.Index(condition=models.Q(('news_at__isnull', False)), fields=['news_at'], name='screening_news_to_tell'),
        ),
        migrations.AddConstraint(
            model_name='screeningresponse',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('asked_at__isnull', True), ('asked_by', ''), ('call_ends_at__isnull', True), ('call_starts_at__isnull', True)), models.Q(models.Q(('asked_by', ''), _negated=True), ('asked_at__isnull', False), ('call_ends_at__gt', models.F('call_starts_at')), ('call_ends_at__isnull', False), ('call_starts_at__isnull', False)), _connector='OR'), name='screening_call_says_who_asked_and_when_it_is'),
        ),
        migrations.RunSQL(AS_IT_WAS_MEANT, migrations.RunSQL.noop),
    ]
