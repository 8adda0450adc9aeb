"""What the migrations from 0001 to 0025 make of an empty database, in one step."""

import booking.references
import core.database.fields
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models

CHANGE_IS_APPEND_ONLY = """
CREATE FUNCTION booking_change_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF to_jsonb(NEW) - 'relayed_at' = to_jsonb(OLD) - 'relayed_at' THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'change_is_append_only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER change_is_append_only BEFORE UPDATE OR DELETE ON booking_change
  FOR EACH ROW EXECUTE FUNCTION booking_change_is_append_only();
CREATE TRIGGER change_is_never_truncated BEFORE TRUNCATE ON booking_change
  FOR EACH STATEMENT EXECUTE FUNCTION booking_change_is_append_only();
"""
CHANGE_IS_APPEND_ONLY_GONE = """
DROP TRIGGER change_is_never_truncated ON booking_change;
DROP TRIGGER change_is_append_only ON booking_change;
DROP FUNCTION booking_change_is_append_only();
"""

RECORD_CHANGES = """
CREATE FUNCTION booking_recordchange_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'record_change_is_append_only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER record_change_is_append_only BEFORE UPDATE OR DELETE ON booking_recordchange
  FOR EACH ROW EXECUTE FUNCTION booking_recordchange_is_append_only();
"""
RECORD_CHANGES_GONE = """
DROP TRIGGER record_change_is_append_only ON booking_recordchange;
DROP FUNCTION booking_recordchange_is_append_only();
"""


class Migration(migrations.Migration):

    replaces = [('booking', '0001_initial'), ('booking', '0002_initial'), ('booking', '0003_change_is_append_only'), ('booking', '0004_slot_kept_until_and_live_link'), ('booking', '0005_hold_counts_by_network'), ('booking', '0006_hold_ran_out'), ('booking', '0007_call_task'), ('booking', '0008_claims_of_visits_name_their_plan'), ('booking', '0009_patients_by_folded_name'), ('booking', '0010_index_of_folded_names'), ('booking', '0011_contact_change'), ('booking', '0012_unusual_bookings'), ('booking', '0013_index_for_limits'), ('booking', '0014_verified_addresses'), ('booking', '0015_readdressed'), ('booking', '0016_limits_that_slow_down'), ('booking', '0017_fold_names'), ('booking', '0018_why_contact'), ('booking', '0019_words_to_find_people_by'), ('booking', '0020_gather_words'), ('booking', '0021_say_appointment'), ('booking', '0022_record_changes'), ('booking', '0023_no_waiting_list'), ('booking', '0024_holds_name_their_audience'), ('booking', '0025_requests_to_decide_about')]

    initial = True

    dependencies = [
        ('core', '0006_squashed_0014_policy_written_by'),
        ('scheduler', '0001_squashed_0014_hours_name_their_audience'),
    ]

    operations = [
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('reference', models.CharField(default=booking.references.new_reference, editable=False, max_length=12, unique=True)),
                ('visit', models.CharField(choices=[('first', 'first appointment'), ('followup', 'follow-up appointment')], max_length=10)),
                ('technique', models.SlugField(blank=True, default='')),
                ('period', django.contrib.postgres.fields.ranges.DateTimeRangeField(help_text="The patient's time, UTC; turnover is the place's alone.")),
                ('status', models.CharField(choices=[('proposed', 'waiting for a check'), ('pending', 'waiting for a document'), ('booked', 'booked'), ('arrived', 'arrived'), ('checked-in', 'checked in'), ('fulfilled', 'done'), ('cancelled', 'cancelled'), ('noshow', 'did not come'), ('entered-in-error', 'entered in error')], max_length=16)),
                ('version', models.PositiveIntegerField(default=0)),
                ('readdressed', models.PositiveIntegerField(db_default=0, default=0, editable=False, help_text="How often its patient's address has changed since.")),
                ('slot', models.CharField(blank=True, default='', editable=False, help_text='Slot id.', max_length=255)),
                ('allocation', models.UUIDField()),
                ('kept_until', models.DateTimeField(blank=True, help_text='While a check is awaited.', null=True)),
                ('cancel_reason', models.CharField(blank=True, choices=[('patient', 'I cannot come'), ('illness', 'I am ill'), ('treatment_change', 'My treatment plan changed'), ('hospitalised', 'I am in the hospital'), ('transport', 'I have no way to get there'), ('weather', 'The weather'), ('interpreter', 'No interpreter'), ('bereavement', 'A death in the family'), ('feels_better', 'I feel better'), ('deceased', 'The patient died'), ('practitioner', 'The practitioner is away'), ('closure', 'The clinic is closed'), ('room', 'No room'), ('screening', 'Health screening'), ('expired', 'Not confirmed in time'), ('declined', 'Declined after a check'), ('error', 'Booked by mistake'), ('other', 'Another reason')], default='', max_length=20)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('late_cancel', models.BooleanField(default=False)),
                ('undo_until', models.DateTimeField(blank=True, null=True)),
                ('override_reason', models.CharField(blank=True, default='', help_text='Of a soft rule set aside.', max_length=200)),
                ('note', models.CharField(blank=True, default='', help_text='Neutral, never clinical.', max_length=200)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['period', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='CallTask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(help_text='Of the appointment when the call was raised.')),
                ('reason', models.CharField(choices=[('without-cover', 'Their time is no longer open: find another one with them'), ('unanswered', 'Their request ran out without an answer: say sorry, and find a time with them'), ('not-reached', 'A message could not reach them: tell them what it said')], max_length=20)),
                ('raised_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('done_by', models.CharField(blank=True, default='', help_text='Principal.key of whoever ended it.', max_length=80)),
            ],
            options={
                'verbose_name': 'call to make',
                'verbose_name_plural': 'calls to make',
                'ordering': [models.OrderBy(models.F('done_at'), descending=True, nulls_first=True), 'raised_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('move', models.CharField(choices=[('request', 'ask for a check'), ('book', 'book'), ('approve', 'approve'), ('await', 'wait for a document'), ('complete', 'complete'), ('expire', 'let expire'), ('decline', 'decline'), ('reschedule', 'move'), ('arrive', 'mark as arrived'), ('check-in', 'check in'), ('fulfil', 'mark as done'), ('no-show', 'mark as not come'), ('cancel', 'cancel'), ('undo', 'undo'), ('enter-in-error', 'mark as entered in error')], max_length=16)),
                ('before', models.CharField(blank=True, choices=[('proposed', 'waiting for a check'), ('pending', 'waiting for a document'), ('booked', 'booked'), ('arrived', 'arrived'), ('checked-in', 'checked in'), ('fulfilled', 'done'), ('cancelled', 'cancelled'), ('noshow', 'did not come'), ('entered-in-error', 'entered in error')], default='', max_length=16)),
                ('after', models.CharField(choices=[('proposed', 'waiting for a check'), ('pending', 'waiting for a document'), ('booked', 'booked'), ('arrived', 'arrived'), ('checked-in', 'checked in'), ('fulfilled', 'done'), ('cancelled', 'cancelled'), ('noshow', 'did not come'), ('entered-in-error', 'entered in error')], max_length=16)),
                ('by', models.CharField(help_text='Principal.key of whoever acted.', max_length=80)),
                ('at', models.DateTimeField()),
                ('facts', models.JSONField(default=dict, help_text='Ids, times and codes; no names.')),
                ('relayed_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ContactChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('old_email', models.CharField(blank=True, default='', help_text='Empty when there was none.', max_length=254)),
                ('by', models.CharField(help_text='Principal.key of whoever acted.', max_length=80)),
                ('at', models.DateTimeField()),
                ('relayed_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ContactPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(choices=[('email', 'e-mail'), ('phone', 'phone')], max_length=5)),
                ('value', models.CharField(max_length=254)),
                ('rank', models.PositiveSmallIntegerField(default=1)),
                ('search_words', core.database.fields.SearchWordsField(editable=False, null=True)),
                ('verified_at', models.DateTimeField(blank=True, help_text='When somebody showed that it is theirs.', null=True)),
            ],
            options={
                'ordering': ['patient', 'rank'],
            },
        ),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('program', models.SlugField(default='cancer-integrative-medicine')),
            ],
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('allocation', models.UUIDField(unique=True)),
                ('slot', models.CharField(max_length=255)),
                ('made_by', models.CharField(db_index=True, help_text='Principal.key of whoever holds.', max_length=80)),
                ('address', models.CharField(blank=True, default='', help_text="Keyed hash of an anonymous visitor's network, for the quota.", max_length=64)),
                ('period', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('override_reason', models.CharField(blank=True, default='', max_length=200)),
                ('only_for', models.CharField(blank=True, db_default='', default='', help_text='The audience to which alone the time is open.', max_length=50)),
                ('state', models.CharField(choices=[('open', 'open'), ('confirmed', 'became an appointment'), ('released', 'given back'), ('lapsed', 'ran out')], default='open', max_length=9)),
                ('expires_at', models.DateTimeField()),
                ('extended', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ManageLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Patient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('reference', models.CharField(default=booking.references.new_reference, editable=False, max_length=12, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('folded_name', core.database.fields.FoldedField(db_default='', editable=False, max_length=400, of='name')),
                ('search_words', core.database.fields.SearchWordsField(editable=False, null=True)),
                ('birth_date', models.DateField()),
                ('language', models.CharField(default='en', help_text='The language they read.', max_length=12)),
                ('guest', models.BooleanField(default=False, help_text='Booked without signing in; not matched by staff yet.')),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Proof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_by', models.CharField(help_text='Principal.key of the visitor who may type the code.', max_length=80)),
                ('why', models.CharField(choices=[('ahead', 'another appointment is ahead with it'), ('network', 'many book from the same network'), ('contact', 'several were booked with it that nobody verified')], db_default='ahead', default='ahead', max_length=8)),
                ('address', models.CharField(blank=True, db_default='', default='', help_text="Keyed hash of the visitor's network, for limits.", max_length=64)),
                ('issue', models.PositiveSmallIntegerField(default=1, help_text='Which code: one more each time it is sent again.')),
                ('issued_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0, help_text='Wrong codes typed for this issue.')),
                ('relayed_at', models.DateTimeField(help_text='When the mail with this issue was planned.', null=True)),
                ('proven_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='RecordChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(choices=[('changed', 'changed'), ('merged', 'merged into another record'), ('took-over', 'took another record over'), ('apart', 'is not the same person as')], max_length=10)),
                ('was', models.JSONField(default=dict, help_text='What was changed, as it was before.')),
                ('by', models.CharField(help_text='Principal.key of whoever acted.', max_length=80)),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='UnusualBooking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('whose', models.CharField(choices=[('contact', 'one e-mail address'), ('session', 'one visitor'), ('network', 'one network')], max_length=8, verbose_name='who')),
                ('digest', models.CharField(editable=False, max_length=64)),
                ('on', models.DateField()),
                ('first_at', models.DateTimeField(verbose_name='since')),
                ('last_at', models.DateTimeField(verbose_name='last')),
                ('refused', models.PositiveIntegerField(default=1, verbose_name='times refused')),
                ('slowed', models.PositiveIntegerField(db_default=0, default=0, verbose_name='times slowed down')),
            ],
            options={
                'verbose_name': 'unusual booking',
                'verbose_name_plural': 'unusual bookings',
                'ordering': ['-last_at'],
            },
        ),
        migrations.AddField(
            model_name='appointment',
            name='booked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='appointment',
            name='place',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.place'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='practitioner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.practitioner'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='replaces',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaced_by', to='booking.appointment'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='site',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='therapy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.therapy'),
        ),
        migrations.CreateModel(
            name='ReviewRequest',
            fields=[
            ],
            options={
                'verbose_name': 'request to decide about',
                'verbose_name_plural': 'requests to decide about',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('booking.appointment',),
        ),
        migrations.AddField(
            model_name='calltask',
            name='appointment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='booking.appointment'),
        ),
        migrations.AddField(
            model_name='change',
            name='appointment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='booking.appointment'),
        ),
        migrations.AddField(
            model_name='enrolment',
            name='site',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='enrolments', to='core.site'),
        ),
        migrations.AddField(
            model_name='hold',
            name='moving',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='booking.appointment'),
        ),
        migrations.AddField(
            model_name='hold',
            name='place',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.place'),
        ),
        migrations.AddField(
            model_name='hold',
            name='practitioner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.practitioner'),
        ),
        migrations.AddField(
            model_name='hold',
            name='site',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site'),
        ),
        migrations.AddField(
            model_name='managelink',
            name='appointment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='booking.appointment'),
        ),
        migrations.AddField(
            model_name='patient',
            name='merged_into',
            field=models.ForeignKey(editable=False, help_text='The record that holds what this one held.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='booking.patient'),
        ),
        migrations.AddField(
            model_name='patient',
            name='site',
            field=models.ForeignKey(help_text='Where the record was made.', on_delete=django.db.models.deletion.PROTECT, related_name='patients', to='core.site'),
        ),
        migrations.AddField(
            model_name='patient',
            name='user',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='patient', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='hold',
            name='patient',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='holds', to='booking.patient'),
        ),
        migrations.AddField(
            model_name='enrolment',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='enrolments', to='booking.patient'),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='booking.patient'),
        ),
        migrations.AddField(
            model_name='contactchange',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contact_changes', to='booking.patient'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='booking.patient'),
        ),
        migrations.AddField(
            model_name='proof',
            name='appointment',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='proof', to='booking.appointment'),
        ),
        migrations.AddField(
            model_name='recordchange',
            name='other',
            field=models.ForeignKey(help_text='The other record of the two.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.patient'),
        ),
        migrations.AddField(
            model_name='recordchange',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='record_changes', to='booking.patient'),
        ),
        migrations.AddField(
            model_name='unusualbooking',
            name='site',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.site'),
        ),
        migrations.AddConstraint(
            model_name='calltask',
            constraint=models.UniqueConstraint(condition=models.Q(('done_at__isnull', True)), fields=('appointment', 'reason'), name='visit_has_one_open_call_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='calltask',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', True), ('done_by', '')), models.Q(('done_at__isnull', False), models.Q(('done_by', ''), _negated=True)), _connector='OR'), name='ended_call_says_who_ended_it'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(condition=models.Q(('relayed_at__isnull', True)), fields=['id'], name='change_not_yet_relayed'),
        ),
        migrations.AddConstraint(
            model_name='managelink',
            constraint=models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('appointment',), name='appointment_has_one_live_link'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(fields=['birth_date', 'folded_name'], name='patient_by_birth_and_name'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(condition=models.Q(('search_words', None)), fields=['id'], name='patient_without_words'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search_words'], name='patient_by_words'),
        ),
        migrations.AddConstraint(
            model_name='patient',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('user', None), models.Q(('merged_into', models.F('id')), _negated=True)), _connector='OR'), name='merged_record_has_no_account'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['made_by', 'expires_at'], name='hold_still_open'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('state', 'open'), models.Q(('address', ''), _negated=True)), fields=['address', 'expires_at'], name='hold_still_open_from'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('state', 'confirmed'), models.Q(('address', ''), _negated=True)), fields=['address', 'created_at'], name='hold_booked_from'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.UniqueConstraint(fields=('patient', 'site', 'program'), name='patient_enrols_once'),
        ),
        migrations.AddIndex(
            model_name='contactpoint',
            index=models.Index(django.db.models.functions.text.Upper('value'), name='contact_in_any_case'),
        ),
        migrations.AddIndex(
            model_name='contactpoint',
            index=models.Index(condition=models.Q(('search_words', None)), fields=['id'], name='contact_without_words'),
        ),
        migrations.AddIndex(
            model_name='contactpoint',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search_words'], name='contact_by_words'),
        ),
        migrations.AddConstraint(
            model_name='contactpoint',
            constraint=models.UniqueConstraint(fields=('patient', 'system', 'value'), name='contact_is_kept_once'),
        ),
        migrations.AddIndex(
            model_name='contactchange',
            index=models.Index(condition=models.Q(('relayed_at__isnull', True)), fields=['id'], name='contact_change_not_yet_relayed'),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(models.F('site'), models.Func(models.F('period'), function='lower'), name='appointment_by_site_day'),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(models.F('practitioner'), models.Func(models.F('period'), function='lower'), name='appt_by_practitioner_day'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('status__in', ['arrived', 'booked', 'checked-in', 'pending', 'proposed'])), expressions=[(models.Func(models.F('patient_id'), models.F('patient_id'), models.Value('[]'), function='int8range'), '&&'), ('period', '&&')], name='patient_is_in_one_place_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'cancelled'), _negated=True), models.Q(('cancelled_at__isnull', False), models.Q(('cancel_reason', ''), _negated=True)), _connector='OR'), name='cancellation_says_why_and_when'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('period__isempty', False)), name='appointment_takes_time'),
        ),
        migrations.AddIndex(
            model_name='proof',
            index=models.Index(condition=models.Q(('relayed_at__isnull', True)), fields=['id'], name='proof_not_yet_relayed'),
        ),
        migrations.AddIndex(
            model_name='proof',
            index=models.Index(condition=models.Q(('proven_at__isnull', True), models.Q(('address', ''), _negated=True)), fields=['address'], name='proof_awaited_from'),
        ),
        migrations.AddConstraint(
            model_name='unusualbooking',
            constraint=models.UniqueConstraint(fields=('site', 'whose', 'digest', 'on'), name='unusual_booking_is_noted_once_a_day'),
        ),
        migrations.RunSQL(CHANGE_IS_APPEND_ONLY, CHANGE_IS_APPEND_ONLY_GONE),
        migrations.RunSQL(RECORD_CHANGES, RECORD_CHANGES_GONE),
    ]
