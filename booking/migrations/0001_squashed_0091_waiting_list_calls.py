"""What the migrations from 0001 to 0091 make of an empty database, in one step."""

import booking.references
import core.database.all_at_once
import core.database.fields
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
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
CHANGE_IS_APPEND_ONLY_GONE = "DROP FUNCTION booking_change_is_append_only() CASCADE;"

RECORD_CHANGES = """
CREATE FUNCTION booking_recordchange_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'record_change_is_append_only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER record_change_is_append_only BEFORE UPDATE OR DELETE ON booking_recordchange
  FOR EACH ROW EXECUTE FUNCTION booking_recordchange_is_append_only();
"""
RECORD_CHANGES_GONE = "DROP FUNCTION booking_recordchange_is_append_only() CASCADE;"

SEAT_CHANGES = """
CREATE FUNCTION booking_seatchange_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'seat_change_is_append_only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER seat_change_is_append_only BEFORE UPDATE OR DELETE ON booking_seatchange
  FOR EACH ROW EXECUTE FUNCTION booking_seatchange_is_append_only();
"""
SEAT_CHANGES_GONE = "DROP FUNCTION booking_seatchange_is_append_only() CASCADE;"

FAMILY_LINK_CHANGES = """
CREATE FUNCTION booking_familylinkchange_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'relayed_at' = to_jsonb(OLD) - 'relayed_at' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'family_link_change_is_append_only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER family_link_change_is_append_only BEFORE UPDATE OR DELETE ON booking_familylinkchange
  FOR EACH ROW EXECUTE FUNCTION booking_familylinkchange_is_append_only();
"""
FAMILY_LINK_CHANGES_GONE = "DROP FUNCTION booking_familylinkchange_is_append_only() CASCADE;"

LINKED_VISITS_CHANGES = """
CREATE FUNCTION booking_linkedvisitschange_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'linked_visits_change_is_append_only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER linked_visits_change_is_append_only BEFORE UPDATE OR DELETE ON booking_linkedvisitschange
  FOR EACH ROW EXECUTE FUNCTION booking_linkedvisitschange_is_append_only();
"""
LINKED_VISITS_CHANGES_GONE = "DROP FUNCTION booking_linkedvisitschange_is_append_only() CASCADE;"

WAITING_LIST_CHANGES = """
CREATE FUNCTION booking_waitinglistchange_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'relayed_at' = to_jsonb(OLD) - 'relayed_at' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'waiting_list_change_is_append_only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER waiting_list_change_is_append_only BEFORE UPDATE OR DELETE ON booking_waitinglistchange
  FOR EACH ROW EXECUTE FUNCTION booking_waitinglistchange_is_append_only();
"""
WAITING_LIST_CHANGES_GONE = "DROP FUNCTION booking_waitinglistchange_is_append_only() CASCADE;"

# Reports count appointments that are alike. Without it, the planner takes those to be nearly as many as there are
# appointments, and counts them one by one where it could do so in parallel.
ALIKE = """
CREATE STATISTICS appointments_that_are_alike (ndistinct) ON status, late_cancel, practitioner_id, therapy_id,
  (date_part('day', (lower(period) - created_at))),
  (CASE WHEN started_at IS NULL THEN NULL WHEN started_at <= (lower(period) + '0:10:00'::interval) THEN true
        ELSE false END)
FROM booking_appointment;
"""
ALIKE_GONE = "DROP STATISTICS appointments_that_are_alike;"


class Migration(migrations.Migration):

    replaces = [('booking', '0001_initial'), ('booking', '0002_initial'), ('booking', '0003_change_is_append_only'), ('booking', '0004_slot_kept_until_and_live_link'), ('booking', '0005_hold_counts_by_network'), ('booking', '0006_hold_ran_out'), ('booking', '0007_call_task'), ('booking', '0008_claims_of_visits_name_their_plan'), ('booking', '0009_patients_by_folded_name'), ('booking', '0010_index_of_folded_names'), ('booking', '0011_contact_change'), ('booking', '0012_unusual_bookings'), ('booking', '0013_index_for_limits'), ('booking', '0014_verified_addresses'), ('booking', '0015_readdressed'), ('booking', '0016_limits_that_slow_down'), ('booking', '0017_fold_names'), ('booking', '0018_why_contact'), ('booking', '0019_words_to_find_people_by'), ('booking', '0020_gather_words'), ('booking', '0021_say_appointment'), ('booking', '0022_record_changes'), ('booking', '0023_no_waiting_list'), ('booking', '0024_holds_name_their_audience'), ('booking', '0025_requests_to_decide_about'), ('booking', '0026_gather_words_again'), ('booking', '0027_screening_responses'), ('booking', '0028_rechecks_at_the_door'), ('booking', '0029_codes_are_counted'), ('booking', '0030_reviews_of_health_answers'), ('booking', '0031_gather_words_once_more'), ('booking', '0032_news_of_other_visits'), ('booking', '0033_closure_notices'), ('booking', '0034_practitioner_screenings'), ('booking', '0035_proposed_holds'), ('booking', '0036_proposal_requests'), ('booking', '0037_screening_reviews'), ('booking', '0038_fitness_of_practitioners'), ('booking', '0039_calls_are_followed_up'), ('booking', '0040_decisions_that_are_taken_back'), ('booking', '0041_suitability_on_record'), ('booking', '0042_calls_that_are_asked_for'), ('booking', '0043_nobody_knows_until_when'), ('booking', '0044_rules_changed'), ('booking', '0045_answers_changed'), ('booking', '0046_link_counts_wrong_birth_dates'), ('booking', '0047_until_when_a_time_was_theirs'), ('booking', '0048_why_answers_are_set_aside'), ('booking', '0049_answers_of_unverified_guests'), ('booking', '0050_waits_for_answers'), ('booking', '0051_asked_by_link'), ('booking', '0052_help_at_the_door'), ('booking', '0053_seats_for_families'), ('booking', '0054_family_links'), ('booking', '0055_linked_visits'), ('booking', '0056_enrolments_end'), ('booking', '0057_seats_are_named'), ('booking', '0058_linked_visits_site'), ('booking', '0059_referrals'), ('booking', '0060_meeting_times'), ('booking', '0061_undoing_grace'), ('booking', '0062_answering_together'), ('booking', '0063_mails_that_did_not_arrive'), ('booking', '0064_a_note_and_who_treats'), ('booking', '0065_gather_words_with_slips'), ('booking', '0066_absences_entered_at_the_desk'), ('booking', '0067_missed_in_a_row'), ('booking', '0068_patients_link_of_a_family_link'), ('booking', '0069_treated_from'), ('booking', '0070_calendar_edits'), ('booking', '0071_absences_are_edits'), ('booking', '0072_edits_say_what_was_made'), ('booking', '0073_calendar_feeds'), ('booking', '0074_leave_requests'), ('booking', '0075_opening_hours_are_edited'), ('booking', '0076_leave_decisions_are_read'), ('booking', '0077_lengths_of_its_own'), ('booking', '0078_merges_can_be_undone'), ('booking', '0079_guests_by_index'), ('booking', '0080_times_kept_by_name'), ('booking', '0081_possible_duplicates'), ('booking', '0082_table_imports'), ('booking', '0083_statistics_of_alike_appointments'), ('booking', '0084_typed_phones'), ('booking', '0085_codes_that_did_not_arrive'), ('booking', '0086_waiting_list'), ('booking', '0087_message_preferences'), ('booking', '0088_codes_behind_links'), ('booking', '0089_access_needs'), ('booking', '0090_appointment_source'), ('booking', '0091_waiting_list_calls')]

    initial = True

    dependencies = [
        ('core', '0006_squashed_0019_site_foot'),
        ('scheduler', '0001_squashed_0033_setup_changes'),
    ]

    operations = [
        core.database.all_at_once.AllAtOnce(
            steps=[
                migrations.CreateModel(
                    name='Appointment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('reference', models.CharField(default=booking.references.new_reference, editable=False, max_length=12, unique=True)),
                        ('visit', models.CharField(choices=[('first', 'first appointment'), ('followup', 'follow-up appointment')], max_length=10)),
                        ('technique', models.SlugField(blank=True, default='')),
                        ('period', django.contrib.postgres.fields.ranges.DateTimeRangeField(help_text="The patient's time, UTC; turnover is the place's alone.")),
                        ('status', models.CharField(choices=[('proposed', 'waiting for a check'), ('pending', 'waiting for a document or an answer'), ('booked', 'booked'), ('arrived', 'arrived'), ('checked-in', 'checked in'), ('fulfilled', 'done'), ('cancelled', 'cancelled'), ('noshow', 'did not come'), ('entered-in-error', 'entered in error')], max_length=16)),
                        ('version', models.PositiveIntegerField(default=0)),
                        ('readdressed', models.PositiveIntegerField(db_default=0, default=0, editable=False, help_text="How often its patient's address has changed since.")),
                        ('slot', models.CharField(blank=True, default='', editable=False, help_text='Slot id.', max_length=255)),
                        ('allocation', models.UUIDField()),
                        ('kept_until', models.DateTimeField(blank=True, help_text='While a check is awaited.', null=True)),
                        ('cancel_reason', models.CharField(blank=True, choices=[('patient', 'I cannot come'), ('illness', 'I am ill'), ('treatment_change', 'My treatment plan changed'), ('hospitalised', 'I am in the hospital'), ('transport', 'I have no way to get there'), ('weather', 'The weather'), ('interpreter', 'No interpreter'), ('bereavement', 'A death in the family'), ('feels_better', 'I feel better'), ('deceased', 'The patient died'), ('practitioner', 'The practitioner is away'), ('closure', 'The clinic is closed'), ('room', 'No room'), ('screening', 'Health screening'), ('expired', 'Not confirmed in time'), ('declined', 'Declined after a check'), ('together', 'Booked together with one that was cancelled'), ('error', 'Booked by mistake'), ('other', 'Another reason')], default='', max_length=20)),
                        ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                        ('late_cancel', models.BooleanField(default=False)),
                        ('undo_until', models.DateTimeField(blank=True, null=True)),
                        ('override_reason', models.CharField(blank=True, default='', help_text='Of a soft rule set aside.', max_length=200)),
                        ('note', models.CharField(blank=True, default='', help_text='Neutral, never clinical.', max_length=200)),
                        ('created_at', models.DateTimeField()),
                        ('updated_at', models.DateTimeField()),
                        ('booked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.place')),
                        ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.practitioner')),
                        ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaced_by', to='booking.appointment')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site')),
                        ('therapy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.therapy')),
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='booking.patient')),
                        ('suitability', models.CharField(blank=True, db_default='', default='', editable=False, help_text='What followed from answers when it was booked; empty: nobody asked.', max_length=20)),
                        ('suitability_version', models.PositiveIntegerField(blank=True, editable=False, help_text='Of the rules by which that was found.', null=True)),
                        ('set_aside_reason', models.CharField(blank=True, default='', help_text='Why a clinician set answers aside: for who may read answers.', max_length=200)),
                        ('answered_at', models.DateTimeField(blank=True, editable=False, help_text='When its patient answered by link what it waited for.', null=True)),
                        ('asked_questions', models.TextField(blank=True, db_default='', default='', editable=False, help_text='What a clinician asks its patient by link, sealed: it follows from what they answered.')),
                        ('linked', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='visits', to='booking.linkedvisits')),
                        ('awaits_referral', models.SlugField(blank=True, db_default='', default='', editable=False, help_text='The program whose referral is not here yet.')),
                        ('referral', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='booking.referral')),
                        ('noted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('noted_by', models.CharField(blank=True, db_default='', default='', editable=False, help_text='Principal.key of whoever wrote the note last.', max_length=80)),
                        ('practitioner_changed_at', models.DateTimeField(blank=True, editable=False, help_text='When staff put another practitioner in, as long as its patient may say that they would rather not.', null=True)),
                        ('started_at', models.DateTimeField(blank=True, editable=False, help_text='From when on they were treated, where somebody noted it.', null=True)),
                        ('segments', models.JSONField(blank=True, editable=False, help_text='How it runs where that is its own: [name, minutes, presence] of each segment. Null: as its therapy.', null=True)),
                        ('source', models.SlugField(blank=True, db_default='', default='', editable=False, help_text='The page that led its patient here, as its link says.', max_length=40)),
                    ],
                    options={
                        'ordering': ['period', 'pk'],
                        'indexes': [models.Index(models.F('site'), models.Func(models.F('period'), function='lower'), name='appointment_by_site_day'), models.Index(models.F('practitioner'), models.Func(models.F('period'), function='lower'), name='appt_by_practitioner_day')],
                        'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('status__in', ['arrived', 'booked', 'checked-in', 'pending', 'proposed'])), expressions=[(models.Func(models.F('patient_id'), models.F('patient_id'), models.Value('[]'), function='int8range'), '&&'), ('period', '&&')], name='patient_is_in_one_place_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'cancelled'), _negated=True), models.Q(('cancelled_at__isnull', False), models.Q(('cancel_reason', ''), _negated=True)), _connector='OR'), name='cancellation_says_why_and_when'), models.CheckConstraint(condition=models.Q(('period__isempty', False)), name='appointment_takes_time'), models.CheckConstraint(condition=models.Q(('started_at', None), models.Q(('status__in', ['arrived', 'booked', 'noshow', 'pending', 'proposed']), _negated=True), _connector='OR'), name='nobody_is_treated_who_was_not_checked_in')],
                    },
                ),
                migrations.CreateModel(
                    name='CallTask',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveIntegerField(help_text='Of the appointment when the call was raised.')),
                        ('reason', models.CharField(choices=[('without-cover', 'Their time is no longer open: find another one with them'), ('unanswered', 'Their request ran out without an answer: say sorry, and find a time with them'), ('screening', 'Talk with them about their health answers before they come'), ('seek-care', 'They said that they need help: call them now'), ('help-here', 'They are here and need help now: bring a clinician to them, and call 911 if it is urgent'), ('find-time', 'They stay home for now, and ask to be called: find another time with them'), ('rules-changed', 'By new rules a clinician looks at this again, before they come'), ('answers-changed', 'By what they answered since a clinician looks at this before they come'), ('no-answers', 'They did not answer in time what is asked before booking: find a time with them'), ('not-bookable', 'By what they answered this is not booked: find something else with them'), ('booked-together', 'Something changed about an appointment booked together with theirs: ask whether they keep this time'), ('referral', 'Their referral is not here yet: ask them for it, or the time is free two days before'), ('family-mail', 'A mail about an invitation in their family did not arrive: look at their family links, and tell them'), ('other-practitioner', 'They would rather not come to whom they were moved: find somebody else, or another time, with them'), ('missed-in-a-row', 'They missed appointments in a row: ask kindly what makes it hard to come. They book as before'), ('code', 'The mail with their code did not arrive: correct the address with them, or book it for them'), ('not-reached', 'A message could not reach them: tell them what it said')], max_length=20)),
                        ('raised_at', models.DateTimeField()),
                        ('done_at', models.DateTimeField(blank=True, null=True)),
                        ('done_by', models.CharField(blank=True, default='', help_text='Principal.key of whoever ended it.', max_length=80)),
                        ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='booking.appointment')),
                        ('follow_up', models.BooleanField(db_default=True, default=True, help_text='Its patient is told once the time is open again. Not of a call made before anybody was.')),
                    ],
                    options={
                        'verbose_name': 'call to make',
                        'verbose_name_plural': 'calls to make',
                        'ordering': [models.OrderBy(models.F('done_at'), descending=True, nulls_first=True), 'raised_at', 'pk'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('done_at__isnull', True)), fields=('appointment', 'reason'), name='visit_has_one_open_call_for_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', True), ('done_by', '')), models.Q(('done_at__isnull', False), models.Q(('done_by', ''), _negated=True)), _connector='OR'), name='ended_call_says_who_ended_it')],
                    },
                ),
                migrations.CreateModel(
                    name='Change',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveIntegerField()),
                        ('move', models.CharField(choices=[('request', 'ask for a check'), ('book', 'book'), ('approve', 'approve'), ('await', 'wait for a document or an answer'), ('complete', 'complete'), ('expire', 'let expire'), ('decline', 'decline'), ('reschedule', 'move'), ('resize', 'change the length'), ('arrive', 'mark as arrived'), ('check-in', 'check in'), ('start', 'mark as begun'), ('fulfil', 'mark as done'), ('no-show', 'mark as not come'), ('cancel', 'cancel'), ('undo', 'undo'), ('enter-in-error', 'mark as entered in error')], max_length=16)),
                        ('before', models.CharField(blank=True, choices=[('proposed', 'waiting for a check'), ('pending', 'waiting for a document or an answer'), ('booked', 'booked'), ('arrived', 'arrived'), ('checked-in', 'checked in'), ('fulfilled', 'done'), ('cancelled', 'cancelled'), ('noshow', 'did not come'), ('entered-in-error', 'entered in error')], default='', max_length=16)),
                        ('after', models.CharField(choices=[('proposed', 'waiting for a check'), ('pending', 'waiting for a document or an answer'), ('booked', 'booked'), ('arrived', 'arrived'), ('checked-in', 'checked in'), ('fulfilled', 'done'), ('cancelled', 'cancelled'), ('noshow', 'did not come'), ('entered-in-error', 'entered in error')], max_length=16)),
                        ('by', models.CharField(help_text='Principal.key of whoever acted.', max_length=80)),
                        ('at', models.DateTimeField()),
                        ('facts', models.JSONField(default=dict, help_text='Ids, times and codes; no names.')),
                        ('relayed_at', models.DateTimeField(null=True)),
                        ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='booking.appointment')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'indexes': [models.Index(condition=models.Q(('relayed_at__isnull', True)), fields=['id'], name='change_not_yet_relayed'), models.Index(condition=models.Q(('move', 'reschedule')), fields=['at'], name='change_moves_by_time')],
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
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contact_changes', to='booking.patient')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'indexes': [models.Index(condition=models.Q(('relayed_at__isnull', True)), fields=['id'], name='contact_change_not_yet_relayed')],
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
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='booking.patient')),
                        ('typed_at', models.DateTimeField(blank=True, help_text='When a visitor typed it who booked on this record, and showed nothing else.', null=True)),
                    ],
                    options={
                        'ordering': ['patient', 'rank'],
                        'indexes': [models.Index(django.db.models.functions.text.Upper('value'), name='contact_in_any_case'), models.Index(condition=models.Q(('search_words', None)), fields=['id'], name='contact_without_words'), django.contrib.postgres.indexes.GinIndex(fields=['search_words'], name='contact_by_words')],
                        'constraints': [models.UniqueConstraint(fields=('patient', 'system', 'value'), name='contact_is_kept_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Enrolment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('program', models.SlugField(default='cancer-integrative-medicine')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='enrolments', to='core.site')),
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='enrolments', to='booking.patient')),
                        ('ends_at', models.DateTimeField(blank=True, help_text='When that day begins at the site, or when it was ended on that day.', null=True)),
                        ('ends_on', models.DateField(blank=True, help_text='From this day on it counts for nothing.', null=True)),
                        ('enrolled_at', models.DateTimeField(blank=True, null=True)),
                        ('enrolled_by', models.CharField(blank=True, db_default='', default='', help_text='Principal.key of whoever enrolled them last.', max_length=80)),
                        ('public_id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, unique=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('patient', 'site', 'program'), name='patient_enrols_once'), models.CheckConstraint(condition=models.Q(models.Q(('ends_at', None), ('ends_on', None)), models.Q(('ends_at__isnull', False), ('ends_on__isnull', False)), _connector='OR'), name='enrolment_that_ends_says_on_which_day_and_when')],
                    },
                ),
                migrations.CreateModel(
                    name='Hold',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('allocation', models.UUIDField()),
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
                        ('moving', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='booking.appointment')),
                        ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.place')),
                        ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.practitioner')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site')),
                        ('patient', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='holds', to='booking.patient')),
                        ('proposed', models.BooleanField(db_default=False, default=False, help_text='By the clinic: a look at other times leaves it as it is.')),
                        ('seat', models.ForeignKey(blank=True, help_text="That is kept for families: its claims are the hold's, and outlive it.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='booking.seat')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['made_by', 'expires_at'], name='hold_still_open'), models.Index(condition=models.Q(('state', 'open'), models.Q(('address', ''), _negated=True)), fields=['address', 'expires_at'], name='hold_still_open_from'), models.Index(condition=models.Q(('state', 'confirmed'), models.Q(('address', ''), _negated=True)), fields=['address', 'created_at'], name='hold_booked_from')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('seat', None)), fields=('allocation',), name='hold_has_its_own_claims'), models.UniqueConstraint(condition=models.Q(('seat__isnull', False), ('state', 'open')), fields=('seat',), name='seat_is_held_by_one_at_a_time')],
                    },
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
                        ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='booking.appointment')),
                        ('wrong_birth_dates', models.PositiveSmallIntegerField(db_default=0, default=0, help_text="How often whoever has the link typed another birth date than the patient's.")),
                        ('code_tries', models.PositiveSmallIntegerField(db_default=0, default=0, help_text='Wrong codes typed since the last one was mailed.')),
                        ('codes_at', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), db_default=[], default=list, help_text='When each code was mailed by which whoever has it shows as well who they are: the last one counts.', size=None)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('appointment',), name='appointment_has_one_live_link')],
                    },
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
                        ('merged_into', models.ForeignKey(editable=False, help_text='The record that holds what this one held.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='booking.patient')),
                        ('site', models.ForeignKey(help_text='Where the record was made.', on_delete=django.db.models.deletion.PROTECT, related_name='patients', to='core.site')),
                        ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='patient', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['name', 'pk'],
                        'indexes': [models.Index(fields=['birth_date', 'folded_name'], name='patient_by_birth_and_name'), models.Index(condition=models.Q(('search_words', None)), fields=['id'], name='patient_without_words'), django.contrib.postgres.indexes.GinIndex(fields=['search_words'], name='patient_by_words'), models.Index(condition=models.Q(('guest', True)), fields=['id'], name='patient_who_is_a_guest')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('user', None), models.Q(('merged_into', models.F('id')), _negated=True)), _connector='OR'), name='merged_record_has_no_account')],
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
                        ('appointment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='proof', to='booking.appointment')),
                        ('codes_at', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), db_default=[], default=list, help_text='When each of its codes was issued: all count.', size=None)),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('relayed_at__isnull', True)), fields=['id'], name='proof_not_yet_relayed'), models.Index(condition=models.Q(('proven_at__isnull', True), models.Q(('address', ''), _negated=True)), fields=['address'], name='proof_awaited_from')],
                    },
                ),
                migrations.CreateModel(
                    name='RecordChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('act', models.CharField(choices=[('changed', 'changed'), ('merged', 'merged into another record'), ('took-over', 'took another record over'), ('unmerged', 'merging undone: stands by itself again, not merged into'), ('gave-back', 'merging undone: gave back'), ('apart', 'is not the same person as'), ('not-apart', 'taken back: is not the same person as'), ('enrolled', 'enrolled'), ('end', 'end of the enrolment changed'), ('ended', 'enrolment ended')], max_length=10)),
                        ('was', models.JSONField(default=dict, help_text='What was changed, as it was before.')),
                        ('by', models.CharField(help_text='Principal.key of whoever acted.', max_length=80)),
                        ('at', models.DateTimeField()),
                        ('other', models.ForeignKey(help_text='The other record of the two.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.patient')),
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='record_changes', to='booking.patient')),
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
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.site')),
                    ],
                    options={
                        'verbose_name': 'unusual booking',
                        'verbose_name_plural': 'unusual bookings',
                        'ordering': ['-last_at'],
                        'constraints': [models.UniqueConstraint(fields=('site', 'whose', 'digest', 'on'), name='unusual_booking_is_noted_once_a_day')],
                    },
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
                migrations.CreateModel(
                    name='ScreeningResponse',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('companion', models.PositiveSmallIntegerField(default=0, help_text='0: the patient; 1: who comes along first.')),
                        ('visit_version', models.PositiveIntegerField(help_text='Of the appointment when they answered.')),
                        ('policy_version', models.PositiveIntegerField()),
                        ('answered_at', models.DateTimeField()),
                        ('answered_by', models.CharField(help_text='Principal.key: the link, or who read them aloud.', max_length=80)),
                        ('outcome', models.CharField(choices=[('proceed', 'proceed'), ('proceed_masked', 'proceed_masked'), ('virtual', 'virtual'), ('review', 'review'), ('rebook', 'rebook'), ('seek_care', 'seek_care')], max_length=16)),
                        ('masked', models.BooleanField(default=False)),
                        ('reviewed', models.BooleanField(default=False, help_text='Somebody looks at the answers.')),
                        ('earliest_day', models.DateField(blank=True, help_text='From when on they may come, where not before.', null=True)),
                        ('decision', models.CharField(blank=True, choices=[('approved', 'may come'), ('declined', 'may not come yet')], default='', max_length=10)),
                        ('decided_at', models.DateTimeField(blank=True, null=True)),
                        ('decided_by', models.CharField(blank=True, default='', help_text='Principal.key.', max_length=80)),
                        ('answers_until', models.DateTimeField(help_text='How long the answers are kept.')),
                        ('answers', models.TextField(blank=True, default='', help_text='Sealed; empty once they have been kept long enough.')),
                        ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='screenings', to='booking.appointment')),
                        ('rechecked_at', models.DateTimeField(blank=True, help_text='When what the policy asks at the door was asked, and nothing was new.', null=True)),
                        ('rechecked_by', models.CharField(blank=True, db_default='', default='', help_text='Principal.key.', max_length=80)),
                        ('asked_at', models.DateTimeField(blank=True, help_text='When somebody chose to talk with them first.', null=True)),
                        ('asked_by', models.CharField(blank=True, db_default='', default='', help_text='Principal.key.', max_length=80)),
                        ('call_ends_at', models.DateTimeField(blank=True, null=True)),
                        ('call_starts_at', models.DateTimeField(blank=True, help_text='From when on they are called.', null=True)),
                        ('due_at', models.DateTimeField(blank=True, help_text='By when somebody looks at the answers.', null=True)),
                        ('news', models.CharField(blank=True, choices=[('approved', 'may come'), ('declined', 'may not come yet'), ('asked', 'is called first'), ('again', 'is looked at once more'), ('away', 'has other appointments in the days away')], db_default='', default='', help_text='What they are told of the review, as it stands.', max_length=10)),
                        ('news_at', models.DateTimeField(blank=True, help_text='Since when there is news to tell, until it is planned.', null=True)),
                        ('taken_back_at', models.DateTimeField(blank=True, help_text='When a decision was taken back last.', null=True)),
                        ('taken_back_by', models.CharField(blank=True, db_default='', default='', help_text='Principal.key.', max_length=80)),
                        ('until_unknown', models.BooleanField(db_default=False, default=False, help_text='They are to stay at home, and nobody knows until when.')),
                    ],
                    options={
                        'ordering': ['appointment', 'companion', '-answered_at', '-pk'],
                        'indexes': [models.Index(condition=models.Q(('answers', ''), _negated=True), fields=['answers_until'], name='screening_answers_kept'), models.Index(condition=models.Q(('decision', ''), ('reviewed', True)), fields=['answered_at'], name='screening_to_review'), models.Index(condition=models.Q(('news_at__isnull', False)), fields=['news_at'], name='screening_news_to_tell')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by', ''), ('decision', '')), models.Q(models.Q(('decision', ''), _negated=True), ('decided_at__isnull', False), models.Q(('decided_by', ''), _negated=True)), _connector='OR'), name='screening_decision_says_who_and_when'), models.CheckConstraint(condition=models.Q(models.Q(('rechecked_at__isnull', True), ('rechecked_by', '')), models.Q(('rechecked_at__isnull', False), models.Q(('rechecked_by', ''), _negated=True)), _connector='OR'), name='recheck_at_the_door_says_who_asked'), models.CheckConstraint(condition=models.Q(models.Q(('asked_at__isnull', True), ('asked_by', ''), ('call_ends_at__isnull', True), ('call_starts_at__isnull', True)), models.Q(models.Q(('asked_by', ''), _negated=True), ('asked_at__isnull', False), ('call_ends_at__gt', models.F('call_starts_at')), ('call_ends_at__isnull', False), ('call_starts_at__isnull', False)), _connector='OR'), name='screening_call_says_who_asked_and_when_it_is')],
                    },
                ),
                migrations.CreateModel(
                    name='ClosureNotice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveIntegerField(help_text='Of the appointment when the notice was asked for.')),
                        ('closure', models.CharField(help_text='The id of a closure, or the key of a policy with its version.', max_length=80)),
                        ('news', models.CharField(choices=[('closed', 'their appointment cannot take place at that time'), ('other-time', 'another time is proposed'), ('open-again', 'their appointment takes place after all')], max_length=16)),
                        ('by', models.CharField(help_text='Principal.key of whoever asked for it.', max_length=80)),
                        ('at', models.DateTimeField()),
                        ('relayed_at', models.DateTimeField(null=True)),
                        ('over', models.BooleanField(db_default=False, default=False)),
                        ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closure_notices', to='booking.appointment')),
                        ('hold', models.ForeignKey(help_text='What is kept for them meanwhile.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='booking.hold')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'indexes': [models.Index(condition=models.Q(('relayed_at__isnull', True)), fields=['id'], name='closure_notice_not_yet_told'), models.Index(fields=['closure'], name='closure_notice_of_a_closure')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('news', 'closed'), ('over', False)), fields=('appointment', 'version', 'closure'), name='closure_is_told_once_for_a_version'), models.UniqueConstraint(fields=('hold',), name='kept_time_is_proposed_once'), models.CheckConstraint(condition=models.Q(('hold', None), ('news', 'other-time'), _connector='OR'), name='closure_notice_keeps_a_time_where_it_proposes_one')],
                    },
                ),
                migrations.CreateModel(
                    name='PractitionerScreening',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('on', models.DateField(help_text="The day of work that they answered for, by the site's clock.")),
                        ('policy_version', models.PositiveIntegerField()),
                        ('answered_at', models.DateTimeField()),
                        ('answered_by', models.CharField(help_text='Principal.key.', max_length=80)),
                        ('outcome', models.CharField(choices=[('proceed', 'proceed'), ('proceed_masked', 'proceed_masked'), ('virtual', 'virtual'), ('review', 'review'), ('rebook', 'rebook'), ('seek_care', 'seek_care')], max_length=16)),
                        ('masked', models.BooleanField(default=False)),
                        ('away_until', models.DateField(blank=True, help_text='The day on which they may work again.', null=True)),
                        ('decision', models.CharField(blank=True, choices=[('entered', 'entered'), ('declined', 'declined')], default='', max_length=10)),
                        ('decided_at', models.DateTimeField(blank=True, null=True)),
                        ('decided_by', models.CharField(blank=True, default='', help_text='Principal.key.', max_length=80)),
                        ('declined_because', models.CharField(blank=True, default='', max_length=200)),
                        ('answers_until', models.DateTimeField(help_text='How long the answers are kept.')),
                        ('answers', models.TextField(blank=True, default='', help_text='Sealed; empty once they have been kept long enough.')),
                        ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scheduler.practitioner')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.site')),
                        ('fitness', models.CharField(blank=True, choices=[('may-work', 'may see patients'), ('stays-away', 'stays away for now')], db_default='', default='', help_text='By a clinician who talked with them.', max_length=10)),
                        ('fitness_at', models.DateTimeField(blank=True, null=True)),
                        ('fitness_by', models.CharField(blank=True, db_default='', default='', help_text='Principal.key.', max_length=80)),
                        ('absence', models.ForeignKey(blank=True, help_text='What was entered.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='scheduler.absence')),
                        ('decisions', models.JSONField(blank=True, help_text='Each decision about the absence, and who took it back. No answers.', null=True)),
                    ],
                    options={
                        'ordering': [models.OrderBy(models.F('answered_at'), descending=True), '-pk'],
                        'indexes': [models.Index(fields=['practitioner', '-answered_at'], name='practitioner_screening_newest'), models.Index(condition=models.Q(('answers', ''), _negated=True), fields=['answers_until'], name='practitioner_answers_kept')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by', ''), ('decision', '')), models.Q(models.Q(('decision', ''), _negated=True), ('decided_at__isnull', False), models.Q(('decided_by', ''), _negated=True)), _connector='OR'), name='absence_decision_says_who_and_when'), models.CheckConstraint(condition=models.Q(models.Q(('fitness', ''), ('fitness_at__isnull', True), ('fitness_by', '')), models.Q(models.Q(('fitness', ''), _negated=True), ('fitness_at__isnull', False), models.Q(('fitness_by', ''), _negated=True)), _connector='OR'), name='fitness_decision_says_who_and_when')],
                    },
                ),
                migrations.CreateModel(
                    name='ProposalRequest',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('closure', models.CharField(help_text='The id of a closure, or the key of a policy with its version.', max_length=80)),
                        ('by', models.CharField(help_text='Principal.key of whoever asked for it.', max_length=80)),
                        ('at', models.DateTimeField(help_text='When it was asked for: one press asks for many.')),
                        ('tried_at', models.DateTimeField(help_text='When a worker took it up last.', null=True)),
                        ('done_at', models.DateTimeField(null=True)),
                        ('why', models.CharField(blank=True, db_default='', default='', max_length=300)),
                        ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposal_requests', to='booking.appointment')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'indexes': [models.Index(fields=['closure', 'at'], name='proposal_request_of_a_closure')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('done_at__isnull', True)), fields=('appointment',), name='visit_waits_for_one_proposal')],
                    },
                ),
                migrations.CreateModel(
                    name='ScreeningReview',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('decision', models.CharField(choices=[('approved', 'may come'), ('declined', 'may not come yet'), ('asked', 'is called first'), ('again', 'is looked at once more'), ('away', 'has other appointments in the days away')], max_length=10)),
                        ('decided_at', models.DateTimeField()),
                        ('decided_by', models.CharField(help_text='Principal.key.', max_length=80)),
                        ('talked', models.BooleanField(default=False, help_text='Whoever decided had talked with the person, as they say.')),
                        ('before', models.JSONField(help_text="What this decision changed of the answers' row, as it was. No answers.")),
                        ('taken_back_at', models.DateTimeField(blank=True, null=True)),
                        ('taken_back_by', models.CharField(blank=True, default='', help_text='Principal.key.', max_length=80)),
                        ('response', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='booking.screeningresponse')),
                        ('hold', models.ForeignKey(blank=True, help_text='The time that was kept for them at a decline.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='booking.hold')),
                        ('hold_was_until', models.DateTimeField(blank=True, help_text='Until when they had that time, where they had chosen it themselves.', null=True)),
                    ],
                    options={
                        'ordering': ['-pk'],
                        'indexes': [models.Index(fields=['decided_at'], name='screening_reviews_by_day')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('taken_back_at__isnull', True), ('taken_back_by', '')), models.Q(('taken_back_at__isnull', False), models.Q(('taken_back_by', ''), _negated=True)), _connector='OR'), name='review_taken_back_says_who_and_when')],
                    },
                ),
                migrations.CreateModel(
                    name='Clearance',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('rule', models.CharField(help_text="The rule's key.", max_length=40)),
                        ('therapy', models.SlugField(blank=True, default='', help_text="The therapy's key; empty: all that the rule names.")),
                        ('given_at', models.DateTimeField()),
                        ('given_by', models.CharField(help_text='Principal.key.', max_length=80)),
                        ('ends_on', models.DateField(help_text="The day on which it has ended, by the site's clock.")),
                        ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                        ('withdrawn_by', models.CharField(blank=True, default='', help_text='Principal.key.', max_length=80)),
                        ('appointment', models.ForeignKey(blank=True, help_text='At whose review it was given.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='booking.appointment')),
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clearances', to='booking.patient')),
                    ],
                    options={
                        'ordering': ['patient', 'rule', models.OrderBy(models.F('given_at'), descending=True), '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('given_by', ''), _negated=True), models.Q(('rule', ''), _negated=True)), name='clearance_says_who_gave_it'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at__isnull', True), ('withdrawn_by', '')), models.Q(('withdrawn_at__isnull', False), models.Q(('withdrawn_by', ''), _negated=True)), _connector='OR'), name='clearance_withdrawn_says_who_and_when')],
                    },
                ),
                migrations.CreateModel(
                    name='LabValue',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('kind', models.CharField(choices=[('platelets', 'platelets'), ('neutrophils', 'neutrophils')], max_length=12)),
                        ('value', models.DecimalField(decimal_places=3, help_text='In 10⁹/L.', max_digits=8)),
                        ('taken_on', models.DateField()),
                        ('entered_at', models.DateTimeField()),
                        ('entered_by', models.CharField(help_text='Principal.key.', max_length=80)),
                        ('withdrawn_at', models.DateTimeField(blank=True, help_text='When it turned out to be a mistake.', null=True)),
                        ('withdrawn_by', models.CharField(blank=True, default='', help_text='Principal.key.', max_length=80)),
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lab_values', to='booking.patient')),
                    ],
                    options={
                        'ordering': ['patient', 'kind', '-taken_on', '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('entered_by', ''), _negated=True), name='lab_value_says_who_entered_it'), models.CheckConstraint(condition=models.Q(('value__gte', 0)), name='lab_value_is_a_count'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at__isnull', True), ('withdrawn_by', '')), models.Q(('withdrawn_at__isnull', False), models.Q(('withdrawn_by', ''), _negated=True)), _connector='OR'), name='lab_value_withdrawn_says_who_and_when')],
                    },
                ),
                migrations.CreateModel(
                    name='SuitabilityResponse',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('policy_version', models.PositiveIntegerField(help_text='Of the rules by which they were asked.')),
                        ('answered_at', models.DateTimeField()),
                        ('answered_by', models.CharField(help_text='Principal.key: themselves, or who read them aloud.', max_length=80)),
                        ('answers_until', models.DateTimeField(help_text='How long any of the answers counts.')),
                        ('answers', models.TextField(blank=True, default='', help_text='Sealed; empty once none of them counts any more.')),
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='suitability_responses', to='booking.patient')),
                        ('only_for', models.ForeignKey(blank=True, help_text="For which alone they count, until its guest's address is verified.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointment')),
                    ],
                    options={
                        'ordering': ['patient', '-answered_at', '-pk'],
                        'indexes': [models.Index(condition=models.Q(('answers', ''), _negated=True), fields=['answers_until'], name='suitability_answers_kept')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('answered_by', ''), _negated=True), name='suitability_answers_say_who_gave_them')],
                    },
                ),
                migrations.CreateModel(
                    name='CallRequest',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120)),
                        ('phone', models.CharField(help_text='As "+13125550100".', max_length=40)),
                        ('first', models.BooleanField(default=False, help_text='To be called before others: they were told to call at once.')),
                        ('made_by', models.CharField(help_text='Principal.key of whoever asked for it.', max_length=80)),
                        ('asked_at', models.DateTimeField()),
                        ('due_at', models.DateTimeField()),
                        ('done_at', models.DateTimeField(blank=True, null=True)),
                        ('done_by', models.CharField(blank=True, default='', help_text='Principal.key of whoever called.', max_length=80)),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site')),
                    ],
                    options={
                        'verbose_name': 'call that was asked for',
                        'verbose_name_plural': 'calls that were asked for',
                        'ordering': [models.OrderBy(models.F('done_at'), descending=True, nulls_first=True), '-first', 'due_at', 'pk'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('done_at__isnull', True)), fields=('made_by', 'site', 'phone'), name='number_is_called_once_for_whoever_asks'), models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', True), ('done_by', '')), models.Q(('done_at__isnull', False), models.Q(('done_by', ''), _negated=True)), _connector='OR'), name='made_call_says_who_called')],
                    },
                ),
                migrations.CreateModel(
                    name='SeatChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('act', models.CharField(choices=[('kept', 'kept'), ('released', 'given back'), ('kept-again', 'kept again'), ('named', 'named'), ('unnamed', 'name taken off'), ('postponed', 'name-by date changed'), ('changed', 'changed to another therapy'), ('booked', 'booked'), ('reminded', 'staff reminded')], max_length=10)),
                        ('by', models.CharField(help_text='Principal.key of whoever acted.', max_length=80)),
                        ('at', models.DateTimeField()),
                        ('facts', models.JSONField(default=dict, help_text='Ids, times and codes; no names.')),
                        ('seat', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='booking.seat')),
                    ],
                    options={
                        'ordering': ['pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Reservation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('program', models.SlugField(default='cancer-integrative-medicine')),
                        ('made_by', models.CharField(help_text='Principal.key of whoever keeps them.', max_length=80)),
                        ('reason', models.CharField(blank=True, default='', help_text='For staff; nothing about health.', max_length=200)),
                        ('in_a_row', models.BooleanField(default=False, help_text='One after the other; else side by side.')),
                        ('name_by', models.DateTimeField(help_text='Seats that nobody has booked by then are free for others.')),
                        ('anchor_at', models.DateTimeField(blank=True, null=True)),
                        ('anchor_minutes', models.PositiveSmallIntegerField(blank=True, help_text='How near it they are.', null=True)),
                        ('anchor_before', models.BooleanField(default=False, help_text='They end before it; else they begin after it.')),
                        ('reminded_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('created_at', models.DateTimeField()),
                        ('anchor_site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['made_by', 'name_by'], name='reservation_by_maker')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('anchor_at', None), ('anchor_minutes', None), ('anchor_site', None)), models.Q(('anchor_at__isnull', False), ('anchor_minutes__isnull', False), ('anchor_site__isnull', False)), _connector='OR'), name='anchor_says_when_and_where_and_how_near')],
                    },
                ),
                migrations.CreateModel(
                    name='Seat',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('number', models.PositiveSmallIntegerField()),
                        ('slot', models.CharField(help_text='Slot id.', max_length=255)),
                        ('allocation', models.UUIDField(unique=True)),
                        ('visit', models.CharField(choices=[('first', 'first appointment'), ('followup', 'follow-up appointment')], max_length=10)),
                        ('technique', models.SlugField(blank=True, default='')),
                        ('period', django.contrib.postgres.fields.ranges.DateTimeRangeField(help_text='The time of whoever has it, UTC.')),
                        ('only_for', models.CharField(blank=True, default='', help_text='The audience to which alone the time is open.', max_length=50)),
                        ('state', models.CharField(choices=[('open', 'to be named'), ('named', 'named'), ('booked', 'booked'), ('released', 'given back')], default='open', max_length=8)),
                        ('appointment', models.ForeignKey(blank=True, help_text='That came of it.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='booking.appointment')),
                        ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.place')),
                        ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.practitioner')),
                        ('reservation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='booking.reservation')),
                        ('therapy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.therapy')),
                        ('named_for', models.ForeignKey(blank=True, help_text='Who is to have it.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='seats', to='booking.familylink')),
                    ],
                    options={
                        'ordering': ['number'],
                        'constraints': [models.UniqueConstraint(fields=('reservation', 'number'), name='reservation_numbers_its_seats'), models.CheckConstraint(condition=models.Q(('period__isempty', False)), name='seat_takes_some_time')],
                    },
                ),
                migrations.CreateModel(
                    name='FamilyLink',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('relation', models.CharField(choices=[('SPS', 'wife or husband'), ('DOMPART', 'partner'), ('PRN', 'mother or father'), ('CHILD', 'daughter or son'), ('SIB', 'sister or brother'), ('GRPRN', 'grandmother or grandfather'), ('FAMMEMB', 'another member of the family'), ('FRND', 'friend who cares for them'), ('GUARD', 'guardian')], max_length=8)),
                        ('state', models.CharField(choices=[('invited', 'invited'), ('claimed', "waits for the patient's word"), ('active', 'confirmed'), ('revoked', 'taken back'), ('ended', 'ended'), ('expired', 'not used in time')], default='invited', max_length=8)),
                        ('number', models.PositiveSmallIntegerField(help_text="Which of the patient's few links it is, while it is live.")),
                        ('code_digest', models.CharField(max_length=64, unique=True)),
                        ('token_digest', models.CharField(help_text="Of the link in an invitation's mail.", max_length=64, unique=True)),
                        ('way_back_digest', models.CharField(help_text="Of the link in the relative's mails.", max_length=64, unique=True)),
                        ('mail_to', models.CharField(blank=True, default='', help_text='Where the invitation is mailed, until that is done.', max_length=254)),
                        ('invited_by', models.CharField(help_text='Principal.key of whoever invited.', max_length=80)),
                        ('vouched_by', models.CharField(blank=True, default='', help_text='Principal.key of staff.', max_length=80)),
                        ('vouched_reason', models.CharField(blank=True, default='', max_length=200)),
                        ('invited_at', models.DateTimeField()),
                        ('claimed_at', models.DateTimeField(null=True)),
                        ('confirmed_at', models.DateTimeField(null=True)),
                        ('ends_at', models.DateTimeField(help_text='Until when its state counts.')),
                        ('closed_at', models.DateTimeField(help_text='When it was taken back, given up or tidied up.', null=True)),
                        ('reminded_at', models.DateTimeField(help_text='When both were told that it ends soon.', null=True)),
                        ('grace_at', models.DateTimeField(help_text="Kept after the patient's death: nobody is written to.", null=True)),
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='family_links', to='booking.patient')),
                        ('relative', models.ForeignKey(help_text='Once they have come.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='relative_links', to='booking.patient')),
                        ('site', models.ForeignKey(help_text='Where it was made.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site')),
                        ('ends_without_grace', models.DateTimeField(help_text='When it would end without the grace.', null=True)),
                        ('patient_digest', models.CharField(blank=True, db_default='', default='', help_text="Of the link in the patient's mails, where they have no appointment behind whose link their page is.", max_length=64)),
                        ('wrong_birth_dates', models.PositiveSmallIntegerField(db_default=0, default=0, help_text="How often whoever has the patient's link typed another birth date than the patient's.")),
                    ],
                    options={
                        'ordering': ['pk'],
                        'indexes': [models.Index(condition=models.Q(('state__in', ['active', 'claimed', 'invited'])), fields=['ends_at'], name='family_link_live')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['active', 'claimed', 'invited'])), fields=('patient', 'number'), name='live_family_links_of_a_patient_are_numbered'), models.CheckConstraint(condition=models.Q(('number__gte', 1), ('number__lte', 4)), name='patient_has_at_most_four_live_family_links'), models.UniqueConstraint(condition=models.Q(('state__in', ['active', 'claimed', 'invited'])), fields=('patient', 'relative'), name='two_people_have_one_live_family_link'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['active', 'claimed', 'invited']), _negated=True), ('relative', None), models.Q(('patient', models.F('relative')), _negated=True), _connector='OR'), name='nobody_is_their_own_relative'), models.CheckConstraint(condition=models.Q(('relative__isnull', False), models.Q(('state__in', ['claimed', 'active']), _negated=True), _connector='OR'), name='confirmed_family_link_has_a_relative'), models.UniqueConstraint(condition=models.Q(('patient_digest', ''), _negated=True), fields=('patient_digest',), name='patients_link_leads_to_one_family_link')],
                    },
                ),
                migrations.CreateModel(
                    name='FamilyLinkChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('act', models.CharField(choices=[('invite', 'invitation made'), ('claim', 'invitation taken up'), ('confirm', 'confirmed by the patient'), ('vouch', 'vouched for by staff'), ('renew', 'renewed'), ('grace', 'kept for a year of grace'), ('ungrace', 'the year of grace undone'), ('revoke', 'taken back'), ('leave', 'given up by the family member'), ('remind', 'both told that it ends soon'), ('end', 'ended by its date'), ('expire', 'not used in time'), ('use', 'time was asked for'), ('kept-for', 'a time was kept for the family member'), ('unheard', 'a mail about it did not arrive')], max_length=8)),
                        ('before', models.CharField(blank=True, choices=[('invited', 'invited'), ('claimed', "waits for the patient's word"), ('active', 'confirmed'), ('revoked', 'taken back'), ('ended', 'ended'), ('expired', 'not used in time')], default='', max_length=8)),
                        ('after', models.CharField(blank=True, choices=[('invited', 'invited'), ('claimed', "waits for the patient's word"), ('active', 'confirmed'), ('revoked', 'taken back'), ('ended', 'ended'), ('expired', 'not used in time')], default='', max_length=8)),
                        ('refused', models.CharField(blank=True, default='', help_text='The code of the refusal, if it was.', max_length=40)),
                        ('reason', models.CharField(blank=True, default='', help_text='What staff gave as their reason.', max_length=200)),
                        ('by', models.CharField(help_text='Principal.key of whoever acted.', max_length=80)),
                        ('at', models.DateTimeField()),
                        ('relayed_at', models.DateTimeField(null=True)),
                        ('link', models.ForeignKey(help_text='Empty where none was made.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='booking.familylink')),
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='family_link_changes', to='booking.patient')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'indexes': [models.Index(condition=models.Q(('relayed_at__isnull', True)), fields=['id'], name='family_change_not_yet_relayed')],
                    },
                ),
                migrations.CreateModel(
                    name='LinkedVisits',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('relation', models.CharField(choices=[('same-time', 'at the same time'), ('back-to-back', 'in a row')], max_length=12)),
                        ('within_minutes', models.PositiveSmallIntegerField(default=0, help_text='How far apart they may begin, or how long the next may wait.')),
                        ('cancel_policy', models.CharField(choices=[('keep', 'the others keep their times'), ('cancel', 'the others are cancelled too'), ('ask', 'the others are asked')], default='ask', max_length=6)),
                        ('made_by', models.CharField(help_text='Principal.key of whoever booked them.', max_length=80)),
                        ('made_at', models.DateTimeField()),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site')),
                    ],
                    options={
                        'verbose_name': 'linked appointments',
                        'verbose_name_plural': 'linked appointments',
                    },
                ),
                migrations.CreateModel(
                    name='LinkedVisitsChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('act', models.CharField(choices=[('linked', 'linked'), ('joined', 'booked beside a time that was offered to the family'), ('unlinked', 'taken apart')], max_length=8)),
                        ('by', models.CharField(help_text='Principal.key of whoever acted.', max_length=80)),
                        ('at', models.DateTimeField()),
                        ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointment')),
                        ('linked', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='booking.linkedvisits')),
                    ],
                    options={
                        'ordering': ['pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Referral',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('program', models.SlugField()),
                        ('referred_by', models.CharField(help_text='Who sends them, as it stands on the paper.', max_length=120)),
                        ('visits_allowed', models.PositiveSmallIntegerField()),
                        ('expires_on', models.DateField(help_text='From this day on it is of no use.')),
                        ('expires_at', models.DateTimeField(help_text='When that day begins at the site.')),
                        ('status', models.CharField(choices=[('active', 'in use'), ('revoked', 'withdrawn')], default='active', max_length=8)),
                        ('entered_by', models.CharField(help_text='Principal.key of whoever entered it.', max_length=80)),
                        ('entered_at', models.DateTimeField()),
                        ('revoked_by', models.CharField(blank=True, default='', max_length=80)),
                        ('revoked_at', models.DateTimeField(blank=True, null=True)),
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='booking.patient')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site')),
                    ],
                    options={
                        'ordering': ['-pk'],
                        'indexes': [models.Index(fields=['patient', 'site', 'program'], name='referral_by_patient')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('visits_allowed__gte', 1), ('visits_allowed__lte', 100)), name='referral_is_for_some_visits'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', ''), ('status', 'active')), models.Q(('revoked_at__isnull', False), ('status', 'revoked'), models.Q(('revoked_by', ''), _negated=True)), _connector='OR'), name='withdrawn_referral_says_who_and_when')],
                    },
                ),
                migrations.CreateModel(
                    name='MeetingTime',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('offered_by', models.CharField(help_text='Principal.key of the patient, or of their link.', max_length=80)),
                        ('offered_at', models.DateTimeField()),
                        ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                        ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meeting_times', to='booking.appointment')),
                        ('cancel_policy', models.CharField(choices=[('keep', 'the others keep their times'), ('cancel', 'the others are cancelled too'), ('ask', 'the others are asked')], db_default='ask', default='ask', help_text='What becomes of whoever comes beside it when it is cancelled, as its patient chose.', max_length=6)),
                        ('withdrawn_by', models.CharField(blank=True, db_default='', default='', help_text='Principal.key of whoever took it back.', max_length=80)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('appointment',), name='appointment_is_offered_once_to_meet')],
                    },
                ),
                migrations.CreateModel(
                    name='LinkedQuestion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('version', models.PositiveIntegerField(help_text='Of the appointment when it was asked about.')),
                        ('asked_at', models.DateTimeField(help_text='When the other appointment was called off or moved.')),
                        ('due_at', models.DateTimeField(help_text='From when on they may be told: once that cannot be undone.')),
                        ('answer_by', models.DateTimeField(help_text='When staff call, if nobody has answered.')),
                        ('answer', models.CharField(blank=True, choices=[('keep', 'they keep their time'), ('over', 'there is nothing to ask any more')], default='', max_length=4)),
                        ('answered_by', models.CharField(blank=True, default='', help_text='Principal.key of whoever did.', max_length=80)),
                        ('answered_at', models.DateTimeField(blank=True, null=True)),
                        ('relayed_at', models.DateTimeField(blank=True, null=True)),
                        ('called_at', models.DateTimeField(blank=True, help_text='When staff were told to call.', null=True)),
                        ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='linked_questions', to='booking.appointment')),
                        ('linked', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='booking.linkedvisits')),
                    ],
                    options={
                        'verbose_name': 'question about an appointment booked together',
                        'verbose_name_plural': 'questions about appointments booked together',
                        'ordering': ['pk'],
                        'indexes': [models.Index(condition=models.Q(('relayed_at__isnull', True)), fields=['due_at'], name='linked_question_not_relayed'), models.Index(condition=models.Q(('answer', ''), ('called_at__isnull', True)), fields=['answer_by'], name='linked_question_unanswered')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('answer', '')), fields=('appointment', 'version'), name='appointment_is_asked_about_once_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', '')), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False), models.Q(('answered_by', ''), _negated=True)), _connector='OR'), name='answered_question_says_who_and_when')],
                    },
                ),
                migrations.CreateModel(
                    name='CalendarEdit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('done', models.JSONField(default=list)),
                        ('by', models.CharField(help_text='Principal.key of whoever entered it.', max_length=80)),
                        ('at', models.DateTimeField()),
                        ('taken_back_at', models.DateTimeField(null=True)),
                        ('taken_back_by', models.CharField(blank=True, default='', help_text='Principal.key.', max_length=80)),
                        ('practitioner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scheduler.practitioner')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.site')),
                        ('kind', models.CharField(choices=[('absence', 'absence'), ('hours', 'working hours'), ('closure', 'closure'), ('places', 'places'), ('opening', 'opening hours')], db_default='absence', default='absence', max_length=10)),
                        ('made', models.JSONField(db_default=[], default=list)),
                        ('name', models.CharField(blank=True, db_default='', default='', max_length=200)),
                    ],
                    options={
                        'ordering': ['-at', '-pk'],
                        'indexes': [models.Index(fields=['site', '-at'], name='calendar_edit_of_a_site')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('taken_back_at', None), ('taken_back_by', '')), models.Q(('taken_back_at__isnull', False), models.Q(('taken_back_by', ''), _negated=True)), _connector='OR'), name='edit_taken_back_says_who_and_when')],
                    },
                ),
                migrations.CreateModel(
                    name='CalendarFeed',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('digest', models.CharField(max_length=64, unique=True)),
                        ('says_therapy', models.BooleanField(default=False, help_text="What an appointment is for stands in its title; never in a patient's calendar.")),
                        ('created_at', models.DateTimeField()),
                        ('revoked_at', models.DateTimeField(null=True)),
                        ('practitioner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scheduler.practitioner')),
                        ('patient', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='calendar_feeds', to='booking.patient')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('practitioner',), name='practitioner_has_one_live_calendar_feed'), models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('patient',), name='patient_has_one_live_calendar_feed'), models.CheckConstraint(condition=models.Q(models.Q(('patient__isnull', False), ('practitioner', None), ('says_therapy', False)), models.Q(('patient', None), ('practitioner__isnull', False)), _connector='OR'), name='calendar_feed_is_a_practitioners_or_a_patients')],
                    },
                ),
                migrations.CreateModel(
                    name='LeaveRequest',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('first_on', models.DateField()),
                        ('last_on', models.DateField()),
                        ('asked_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('ended_by', models.CharField(blank=True, default='', help_text='Principal.key of whoever did that.', max_length=80)),
                        ('declined_because', models.CharField(blank=True, default='', max_length=200)),
                        ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scheduler.practitioner')),
                        ('site', models.ForeignKey(help_text='Where it is decided.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site')),
                        ('read_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'ordering': ['first_on', 'pk'],
                        'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['site', 'last_on'], name='leave_not_decided')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('first_on'))), name='leave_ends_after_it_begins')],
                    },
                ),
                migrations.CreateModel(
                    name='RecordMerge',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('changed', models.JSONField(help_text='What every row that names one of the two was before it, and after it.')),
                        ('merged_at', models.DateTimeField()),
                        ('undo_until', models.DateTimeField(db_index=True)),
                        ('given_up', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='booking.patient')),
                        ('kept', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='booking.patient')),
                    ],
                    options={
                        'ordering': ['pk'],
                    },
                ),
                migrations.CreateModel(
                    name='PossibleDuplicate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('one', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='booking.patient')),
                        ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='booking.patient')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.site')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'constraints': [models.UniqueConstraint(fields=('site', 'one', 'other'), name='two_records_are_named_once')],
                    },
                ),
                migrations.CreateModel(
                    name='TableImport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, unique=True)),
                        ('kind', models.CharField(max_length=40)),
                        ('content', models.TextField(blank=True)),
                        ('order', models.CharField(blank=True, help_text='What comes first in dates of three numbers.', max_length=8)),
                        ('tell', models.BooleanField(default=False, help_text='Whether people are written to.')),
                        ('rows', models.PositiveIntegerField()),
                        ('rows_done', models.PositiveIntegerField(default=0)),
                        ('rows_written', models.PositiveIntegerField(default=0)),
                        ('left_out', models.TextField(blank=True, default='')),
                        ('begun_at', models.DateTimeField()),
                        ('worked_at', models.DateTimeField(help_text='When its last part was taken over.')),
                        ('ended_at', models.DateTimeField(blank=True, null=True)),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site')),
                        ('user', models.ForeignKey(help_text='Who pressed.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-pk'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('site', 'kind'), name='site_takes_one_table_of_a_kind_at_once'), models.CheckConstraint(condition=models.Q(('rows_done__lte', models.F('rows'))), name='no_more_rows_are_done_than_there_are')],
                    },
                ),
                migrations.CreateModel(
                    name='WaitingListEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('technique', models.CharField(blank=True, default='', max_length=40)),
                        ('visit', models.CharField(help_text='First or follow-up.', max_length=12)),
                        ('part_of_day', models.CharField(blank=True, default='', max_length=9)),
                        ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, help_text='ISO: 1 is Monday.', size=None)),
                        ('language', models.CharField(blank=True, default='', help_text='Whoever treats speaks it.', max_length=12)),
                        ('interpreter', models.BooleanField(default=False, help_text='Somebody is to interpret.')),
                        ('needs', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, help_text='What the place must have.', size=None)),
                        ('earliest_on', models.DateField(blank=True, null=True)),
                        ('latest_on', models.DateField(blank=True, null=True)),
                        ('notice_minutes', models.PositiveIntegerField(default=0, help_text='How long before it they must know.')),
                        ('here_on', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, help_text='At the hospital anyway; ISO weekdays.', size=None)),
                        ('priority', models.PositiveSmallIntegerField(default=0, help_text='Set by staff where a clinician says so.')),
                        ('status', models.CharField(choices=[('draft', 'to be confirmed by e-mail'), ('active', 'waits'), ('completed', 'has a time'), ('revoked', 'left the list'), ('ended', 'ended')], default='active', max_length=9)),
                        ('answers', models.TextField(blank=True, default='', help_text='What a guest answered before the times, sealed, until they confirm.')),
                        ('token_digest', models.CharField(blank=True, default='', max_length=64)),
                        ('added_by', models.CharField(help_text='Principal.key of whoever asked.', max_length=80)),
                        ('waiting_since', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(blank=True, null=True)),
                        ('instead_of', models.ForeignKey(blank=True, help_text='The later appointment that an accepted time takes the place of.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='booking.appointment')),
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='waiting_list_entries', to='booking.patient')),
                        ('practitioner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='scheduler.practitioner')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.site')),
                        ('therapy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scheduler.therapy')),
                        ('answers_asked_at', models.DateTimeField(blank=True, help_text='When they were asked to answer the questions again, until they have.', null=True)),
                        ('rests_until', models.DateTimeField(blank=True, help_text='Until then nobody looks again what they could book: nothing was, a moment ago.', null=True)),
                        ('tried_through', models.DateField(blank=True, help_text='Up to this day nothing could be booked for them: the days after it are next.', null=True)),
                    ],
                    options={
                        'ordering': ['waiting_since', 'pk'],
                        'indexes': [models.Index(condition=models.Q(('status', 'active')), fields=['site', 'waiting_since'], name='waiting_list_still_waits')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('token_digest', ''), _negated=True), fields=('token_digest',), name='waiting_list_link_opens_one_entry'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status__in', ['active', 'draft'])), models.Q(models.Q(('status__in', ['active', 'draft']), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='waiting_list_entry_that_is_over_says_since_when')],
                    },
                ),
                migrations.CreateModel(
                    name='WaitingListOffer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('starts_at', models.DateTimeField()),
                        ('status', models.CharField(choices=[('needs-action', 'asked'), ('accepted', 'accepted'), ('declined', 'declined'), ('expired', 'not answered in time'), ('taken', 'somebody else was first')], default='needs-action', max_length=12)),
                        ('offered_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField()),
                        ('answered_at', models.DateTimeField(blank=True, null=True)),
                        ('appointment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='booking.appointment')),
                        ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offers', to='booking.waitinglistentry')),
                        ('hold', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='booking.hold')),
                    ],
                    options={
                        'ordering': ['-offered_at', '-pk'],
                        'indexes': [models.Index(condition=models.Q(('status', 'needs-action')), fields=['expires_at'], name='waiting_list_offer_open')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'needs-action')), fields=('entry',), name='waiting_list_entry_has_one_open_offer'), models.UniqueConstraint(condition=models.Q(('status', 'accepted')), fields=('hold',), name='offered_time_is_accepted_once')],
                    },
                ),
                migrations.CreateModel(
                    name='WaitingListChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('act', models.CharField(choices=[('join', 'asked to be told'), ('confirm', 'confirmed the address'), ('offer', 'was offered a time'), ('accept', 'accepted'), ('decline', 'declined'), ('expire', 'did not answer in time'), ('lose', 'somebody else was first'), ('ask', 'was asked to answer the questions again'), ('answer', 'answered the questions again'), ('leave', 'left the list'), ('end', 'was taken off the list')], max_length=8)),
                        ('by', models.CharField(help_text='Principal.key of whoever acted.', max_length=80)),
                        ('at', models.DateTimeField()),
                        ('relayed_at', models.DateTimeField(null=True)),
                        ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='booking.waitinglistentry')),
                        ('offer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='booking.waitinglistoffer')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'indexes': [models.Index(condition=models.Q(('relayed_at__isnull', True)), fields=['id'], name='waiting_change_not_yet_relayed')],
                    },
                ),
                migrations.CreateModel(
                    name='MessagePreferences',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reminders', models.BooleanField(default=True)),
                        ('not_before', models.TimeField(help_text='No reminder goes out earlier in the day; null: as at the site.', null=True)),
                        ('not_after', models.TimeField(help_text='Nor later in the day.', null=True)),
                        ('changed_by', models.CharField(help_text='Principal.key of whoever said so last.', max_length=80)),
                        ('changed_at', models.DateTimeField()),
                        ('relayed_at', models.DateTimeField(help_text='When reminders that wait were planned anew by it.', null=True)),
                        ('patient', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='message_preferences', to='booking.patient')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('relayed_at__isnull', True)), fields=['id'], name='message_preferences_unrelayed')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('not_before', None), ('not_after', None), ('not_before__lt', models.F('not_after')), _connector='OR'), name='message_preferences_leave_hours_in_between')],
                    },
                ),
                migrations.CreateModel(
                    name='AccessNeeds',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('needs', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=list, help_text='Keys of `AccessNeed`.', size=None)),
                        ('interpreter', models.CharField(blank=True, default='', help_text='The language that somebody is to interpret; empty: nobody is.', max_length=12)),
                        ('changed_by', models.CharField(help_text='Principal.key of whoever asked last.', max_length=80)),
                        ('changed_at', models.DateTimeField()),
                        ('appointment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='access_needs', to='booking.appointment')),
                    ],
                ),
                migrations.CreateModel(
                    name='WaitingListCall',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(choices=[('offer', 'a time has opened for them, and no mail tells them'), ('answers', 'their answers count no more, and no mail tells them'), ('mail', 'a mail about the waiting list did not arrive')], max_length=8)),
                        ('raised_at', models.DateTimeField()),
                        ('done_at', models.DateTimeField(blank=True, null=True)),
                        ('done_by', models.CharField(blank=True, default='', help_text='Principal.key of whoever ended it.', max_length=80)),
                        ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calls', to='booking.waitinglistentry')),
                        ('offer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='calls', to='booking.waitinglistoffer')),
                    ],
                    options={
                        'ordering': ['raised_at', 'pk'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('done_at', None)), fields=('entry', 'reason'), name='waiting_list_entry_has_one_open_call_for_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('done_by', '')), models.Q(('done_at__isnull', False), models.Q(('done_by', ''), _negated=True)), _connector='OR'), name='ended_waiting_list_call_says_who_ended_it')],
                    },
                ),
            ],
        ),
        migrations.RunSQL(CHANGE_IS_APPEND_ONLY, CHANGE_IS_APPEND_ONLY_GONE),
        migrations.RunSQL(RECORD_CHANGES, RECORD_CHANGES_GONE),
        migrations.RunSQL(SEAT_CHANGES, SEAT_CHANGES_GONE),
        migrations.RunSQL(FAMILY_LINK_CHANGES, FAMILY_LINK_CHANGES_GONE),
        migrations.RunSQL(LINKED_VISITS_CHANGES, LINKED_VISITS_CHANGES_GONE),
        migrations.RunSQL(WAITING_LIST_CHANGES, WAITING_LIST_CHANGES_GONE),
        migrations.RunSQL(ALIKE, ALIKE_GONE),
    ]
