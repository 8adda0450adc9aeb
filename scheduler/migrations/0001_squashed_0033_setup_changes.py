"""What the migrations from 0001 to 0033 make of an empty database, in one step."""

import core.database.all_at_once
import core.text.languages
import datetime
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import scheduler.models.claims
import uuid
from django.conf import settings
from django.db import migrations, models

NEW_STAMP = "EXECUTE FUNCTION scheduler_new_catalogue_stamp()"
IN_THE_CATALOGUE = [
    "core_site",
    "core_policy",
    "scheduler_therapy",
    "scheduler_visitplan",
    "scheduler_segment",
    "scheduler_room",
    "scheduler_place",
    "scheduler_device",
    "scheduler_practitioner",
    "scheduler_offering",
    "scheduler_resource",
    "scheduler_traveltime",
    "scheduler_openinghours",
    "scheduler_closure",
    "scheduler_program",
    "scheduler_program_sites",
    "scheduler_program_therapies",
    "scheduler_program_practitioners",
    "scheduler_familyblock",
    "scheduler_familyblock_places",
    "scheduler_familyblock_therapies",
    "scheduler_blockdecision",
]
CATALOGUE_CHANGES_ITS_STAMP = """
CREATE FUNCTION scheduler_new_catalogue_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO scheduler_cataloguestamp (id, stamp) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;
  RETURN NULL;
END $$;
""" + "".join(
    f"CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH STATEMENT {NEW_STAMP};\n"
    for table in IN_THE_CATALOGUE
)
CATALOGUE_CHANGES_ITS_STAMP += f"""
CREATE TRIGGER catalogue_has_audience AFTER INSERT ON scheduler_workinghours
FOR EACH ROW WHEN (NEW.audience <> 'all') {NEW_STAMP};
CREATE TRIGGER catalogue_has_other_audience AFTER UPDATE ON scheduler_workinghours
FOR EACH ROW WHEN (NEW.audience <> 'all' OR OLD.audience <> 'all') {NEW_STAMP};
CREATE TRIGGER catalogue_has_audience_no_more AFTER DELETE ON scheduler_workinghours
FOR EACH ROW WHEN (OLD.audience <> 'all') {NEW_STAMP};
"""
CATALOGUE_CHANGES_ITS_STAMP_GONE = "DROP FUNCTION scheduler_new_catalogue_stamp() CASCADE;"

EDITS_OF_COVER = {
    "core_site": "UPDATE OR DELETE",
    "core_policy": "INSERT OR UPDATE OR DELETE",
    "scheduler_therapy": "UPDATE OR DELETE",
    "scheduler_visitplan": "UPDATE OR DELETE",
    "scheduler_room": "UPDATE OR DELETE",
    "scheduler_place": "UPDATE OR DELETE",
    "scheduler_device": "UPDATE OR DELETE",
    "scheduler_practitioner": "UPDATE OR DELETE",
    "scheduler_offering": "UPDATE OR DELETE",
    "scheduler_resource": "UPDATE OR DELETE",
    "scheduler_closure": "INSERT OR UPDATE OR DELETE",
    "scheduler_weeksheet": "UPDATE OF open, open_to OR DELETE",  # every booking updates `taken`
}
COVER_EDIT = """
CREATE FUNCTION scheduler_cover_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM scheduler_coveredit WHERE id IN (SELECT id FROM scheduler_coveredit FOR UPDATE SKIP LOCKED);
  INSERT INTO scheduler_coveredit DEFAULT VALUES;
  RETURN NULL;
END $$;
""" + "".join(
    f"CREATE TRIGGER cover_was_edited AFTER {edit} ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();\n"
    for table, edit in EDITS_OF_COVER.items()
)
COVER_EDIT_GONE = "DROP FUNCTION scheduler_cover_edited() CASCADE;"

KEPT_TICKS = """
CREATE FUNCTION scheduler_kept_ticks(names varchar[], ticks bit[]) RETURNS bit
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT bit_or(o.bits) FROM unnest(names, ticks) AS o(name, bits) WHERE starts_with(o.name, 'block-')$$;
"""
KEPT_TICKS_GONE = "DROP FUNCTION scheduler_kept_ticks(varchar[], bit[]);"

SETUP_CHANGES = """
CREATE FUNCTION scheduler_setupchange_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'setup_change_is_append_only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER setup_change_is_append_only BEFORE UPDATE OR DELETE ON scheduler_setupchange
  FOR EACH ROW EXECUTE FUNCTION scheduler_setupchange_is_append_only();
"""
SETUP_CHANGES_GONE = "DROP FUNCTION scheduler_setupchange_is_append_only() CASCADE;"


class Migration(migrations.Migration):

    replaces = [('scheduler', '0001_initial'), ('scheduler', '0002_catalogue_stamp'), ('scheduler', '0003_catalogue_changes_its_stamp'), ('scheduler', '0004_claim_names_its_plan'), ('scheduler', '0005_opening_hours_and_offerings_have_names'), ('scheduler', '0006_suggested_holiday'), ('scheduler', '0007_closures_were_suggested'), ('scheduler', '0008_cover_edit'), ('scheduler', '0009_say_appointment'), ('scheduler', '0010_hours_end_at_midnight'), ('scheduler', '0011_closures_of_part_of_a_day'), ('scheduler', '0012_travel_time'), ('scheduler', '0013_index_of_ends'), ('scheduler', '0014_hours_name_their_audience'), ('scheduler', '0015_sheets_have_one_index'), ('scheduler', '0016_business_days_are_in_the_catalogue'), ('scheduler', '0017_closures_of_a_therapy'), ('scheduler', '0018_a_weeks_sheets_side_by_side'), ('scheduler', '0019_therapies_have_families'), ('scheduler', '0020_therapies_get_their_families'), ('scheduler', '0021_what_warms_the_skin'), ('scheduler', '0022_say_what_warms'), ('scheduler', '0023_programs'), ('scheduler', '0024_family_blocks'), ('scheduler', '0025_blocks_change_the_stamp'), ('scheduler', '0026_sheets_know_what_blocks_keep'), ('scheduler', '0027_blocks_keep_places'), ('scheduler', '0028_hours_name_any_program'), ('scheduler', '0029_busy_calendars'), ('scheduler', '0030_places_are_closed_for_a_while'), ('scheduler', '0031_opening_hours_hold_for_a_time'), ('scheduler', '0032_lengths_from_a_day_on'), ('scheduler', '0033_setup_changes')]

    initial = True

    dependencies = [
        ('core', '0006_squashed_0019_site_foot'),
    ]

    operations = [
        migrations.RunSQL(KEPT_TICKS, KEPT_TICKS_GONE),
        core.database.all_at_once.AllAtOnce(
            steps=[
                migrations.CreateModel(
                    name='CatalogueStamp',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('stamp', models.UUIDField(default=uuid.uuid4)),
                    ],
                ),
                migrations.CreateModel(
                    name='CoverEdit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ],
                ),
                migrations.CreateModel(
                    name='Place',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('key', models.SlugField()),
                        ('name', core.text.languages.Texts(validators=[core.text.languages.has_base_language])),
                        ('features', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(), blank=True, default=list, size=None)),
                        ('active', models.BooleanField(default=True)),
                        ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='scheduler.room')),
                    ],
                    options={
                        'ordering': ['room', 'key'],
                        'constraints': [models.UniqueConstraint(fields=('room', 'key'), name='place_key_is_used_once_per_room')],
                    },
                ),
                migrations.CreateModel(
                    name='Therapy',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('key', models.SlugField(unique=True)),
                        ('name', core.text.languages.Texts(validators=[core.text.languages.has_base_language])),
                        ('summary', core.text.languages.Texts(help_text='One plain line for people who choose.', validators=[core.text.languages.has_base_language])),
                        ('bring_and_wear', core.text.languages.Texts(blank=True, default=dict, validators=[core.text.languages.has_base_language])),
                        ('techniques', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(), blank=True, default=list, size=None)),
                        ('skin_penetrating', models.BooleanField()),
                        ('self_bookable', models.BooleanField()),
                        ('active', models.BooleanField(default=True)),
                        ('codes', models.JSONField(blank=True, default=dict, help_text='Bare codes by system: snomed, fhir, cpt.')),
                        ('course', models.JSONField(blank=True, default=dict)),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                        ('family', models.SlugField(default='other', help_text='What people choose first, such as needles.')),
                        ('warms_skin', models.BooleanField(db_default=False, default=False)),
                    ],
                    options={
                        'verbose_name_plural': 'therapies',
                        'ordering': ['position', 'key'],
                    },
                ),
                migrations.CreateModel(
                    name='Device',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('pool', models.SlugField()),
                        ('number', models.PositiveSmallIntegerField()),
                        ('reprocess_minutes', models.PositiveSmallIntegerField(default=0)),
                        ('active', models.BooleanField(default=True)),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='devices', to='core.site')),
                    ],
                    options={
                        'ordering': ['site', 'pool', 'number'],
                        'constraints': [models.UniqueConstraint(fields=('site', 'pool', 'number'), name='device_number_is_used_once')],
                    },
                ),
                migrations.CreateModel(
                    name='OpeningHours',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, unique=True)),
                        ('weekday', models.PositiveSmallIntegerField(choices=[(1, 'Monday'), (2, 'Tuesday'), (3, 'Wednesday'), (4, 'Thursday'), (5, 'Friday'), (6, 'Saturday'), (7, 'Sunday')])),
                        ('opens', models.TimeField()),
                        ('closes', models.TimeField(help_text="End of the day's last use, turnover included; 24:00 is the end of the day.")),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='opening_hours', to='core.site')),
                        ('valid_from', models.DateField(blank=True, null=True)),
                        ('valid_to', models.DateField(blank=True, help_text='First day on which this no longer holds.', null=True)),
                    ],
                    options={
                        'verbose_name_plural': 'opening hours',
                        'ordering': ['site', 'weekday', 'opens'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('closes', datetime.time(0, 0)), ('closes__gt', models.F('opens')), _connector='OR'), name='site_closes_after_it_opens'), models.CheckConstraint(condition=models.Q(('valid_from', None), ('valid_to', None), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='opening_holds_for_some_time')],
                    },
                ),
                migrations.CreateModel(
                    name='Practitioner',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('name', models.CharField(max_length=120)),
                        ('credentials', models.CharField(blank=True, max_length=40)),
                        ('nucc', models.CharField(help_text='NUCC provider taxonomy code.', max_length=10)),
                        ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), blank=True, default=list, size=None)),
                        ('gender', models.CharField(choices=[('female', 'female'), ('male', 'male'), ('other', 'other'), ('unknown', 'not stated')], default='unknown', max_length=8)),
                        ('lanes', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(6)])),
                        ('active', models.BooleanField(default=True)),
                        ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='practitioner', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='Absence',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('period', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                        ('reason', models.CharField(choices=[('leave', 'leave'), ('illness', 'illness'), ('education', 'education'), ('other', 'other')], default='leave', max_length=10)),
                        ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absences', to='scheduler.practitioner')),
                        ('busy_calendar', models.ForeignKey(blank=True, editable=False, help_text='The calendar elsewhere that says so.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='absences', to='scheduler.busycalendar')),
                    ],
                    options={
                        'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.F('practitioner_id'), models.F('practitioner_id'), models.Value('[]'), function='int8range'), '&&'), ('period', '&&')], name='absence_is_told_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Resource',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('hands', 'hands'), ('lane', 'lane'), ('place', 'place'), ('device', 'device')], max_length=6)),
                        ('lane', models.PositiveSmallIntegerField(blank=True, null=True)),
                        ('device', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='resource', to='scheduler.device')),
                        ('place', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='resource', to='scheduler.place')),
                        ('practitioner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='resources', to='scheduler.practitioner')),
                        ('sites', models.ManyToManyField(related_name='resources', to='core.site')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('device__isnull', True), ('kind', 'hands'), ('lane__isnull', True), ('place__isnull', True), ('practitioner__isnull', False)), models.Q(('device__isnull', True), ('kind', 'lane'), ('lane__isnull', False), ('place__isnull', True), ('practitioner__isnull', False)), models.Q(('device__isnull', True), ('kind', 'place'), ('lane__isnull', True), ('place__isnull', False), ('practitioner__isnull', True)), models.Q(('device__isnull', False), ('kind', 'device'), ('lane__isnull', True), ('place__isnull', True), ('practitioner__isnull', True)), _connector='OR'), name='resource_is_exactly_one_thing'), models.UniqueConstraint(condition=models.Q(('practitioner__isnull', False)), fields=('practitioner', 'kind', 'lane'), name='practitioner_has_each_lane_once', nulls_distinct=False)],
                    },
                ),
                migrations.CreateModel(
                    name='Room',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('key', models.SlugField()),
                        ('name', core.text.languages.Texts(validators=[core.text.languages.has_base_language])),
                        ('suite', models.SlugField(help_text="A practitioner's overlapping patients are in one suite.")),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rooms', to='core.site')),
                    ],
                    options={
                        'ordering': ['site', 'key'],
                        'constraints': [models.UniqueConstraint(fields=('site', 'key'), name='room_key_is_used_once_per_site')],
                    },
                ),
                migrations.CreateModel(
                    name='SuggestedHoliday',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField()),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.site')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('site', 'day'), name='holiday_is_suggested_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Offering',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, unique=True)),
                        ('visits', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('first', 'first appointment'), ('followup', 'follow-up appointment')], max_length=10), default=list, size=None)),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offerings', to='core.site')),
                        ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offerings', to='scheduler.practitioner')),
                        ('therapy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offerings', to='scheduler.therapy')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('practitioner', 'site', 'therapy'), name='therapy_is_offered_once')],
                    },
                ),
                migrations.CreateModel(
                    name='TravelTime',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('minutes', models.PositiveSmallIntegerField(help_text='From the door of one to the door of the other.')),
                        ('other_site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.site')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.site')),
                    ],
                    options={
                        'ordering': ['site', 'other_site'],
                        'constraints': [models.UniqueConstraint(fields=('site', 'other_site'), name='travel_time_is_told_once'), models.CheckConstraint(condition=models.Q(('site__lt', models.F('other_site'))), name='travel_time_has_its_sites_in_order'), models.CheckConstraint(condition=models.Q(('minutes__gte', 1), ('minutes__lte', 480)), name='travel_takes_some_minutes')],
                    },
                ),
                migrations.CreateModel(
                    name='VisitPlan',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('visit', models.CharField(choices=[('first', 'first appointment'), ('followup', 'follow-up appointment')], max_length=10)),
                        ('technique', models.SlugField(blank=True, default='')),
                        ('place_features', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(), blank=True, default=list, help_text='The place has one of these.', size=None)),
                        ('device_pools', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(), blank=True, default=list, help_text='A unit of each of these is claimed.', size=None)),
                        ('fills_room', models.BooleanField(default=False, help_text='Smoke: every place of the room is taken.')),
                        ('therapy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='plans', to='scheduler.therapy')),
                        ('valid_from', models.DateTimeField(blank=True, editable=False, help_text='For appointments that begin then or later; null: since ever.', null=True)),
                        ('version', models.PositiveSmallIntegerField(db_default=0, default=0, editable=False)),
                        ('withdrawn_at', models.DateTimeField(blank=True, editable=False, help_text='When it was taken back.', null=True)),
                    ],
                    options={
                        'ordering': ['therapy', 'visit', 'technique'],
                        'constraints': [models.UniqueConstraint(fields=('therapy', 'visit', 'technique', 'version'), name='visit_is_planned_once'), models.CheckConstraint(condition=models.Q(models.Q(('valid_from', None), ('version', 0), ('withdrawn_at', None)), models.Q(('valid_from__isnull', False), ('version__gt', 0)), _connector='OR'), name='later_plan_says_from_when_on')],
                    },
                ),
                migrations.CreateModel(
                    name='Segment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('name', models.SlugField()),
                        ('minutes', models.PositiveSmallIntegerField()),
                        ('presence', models.CharField(choices=[('hands', 'hands on'), ('nearby', 'nearby'), ('free', 'free'), ('none', 'nobody there')], max_length=6)),
                        ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='segments', to='scheduler.visitplan')),
                    ],
                    options={
                        'ordering': ['plan', 'position'],
                        'constraints': [models.UniqueConstraint(fields=('plan', 'position'), name='segment_has_its_own_position'), models.CheckConstraint(condition=models.Q(('minutes__gt', 0)), name='segment_takes_time')],
                    },
                ),
                migrations.CreateModel(
                    name='Claim',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('allocation', models.UUIDField()),
                        ('period', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                        ('expires_at', models.DateTimeField(null=True)),
                        ('retired_at', models.DateTimeField(null=True)),
                        ('resource', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='scheduler.resource')),
                        ('plan', models.ForeignKey(db_constraint=False, db_index=False, help_text='How the appointment runs that this is claimed for.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='scheduler.visitplan')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['allocation'], name='claim_by_allocation'), models.Index(models.F('resource'), models.F('period__endswith'), name='claim_by_end'), models.Index(condition=models.Q(('expires_at__isnull', False), ('retired_at__isnull', True)), fields=['expires_at'], name='claim_that_expires')],
                        'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('retired_at__isnull', True)), expressions=[(models.Func(models.F('resource_id'), models.F('resource_id'), models.Value('[]'), function='int8range'), '&&'), ('period', '&&')], name='claim_shares_no_time_with_another'), models.CheckConstraint(condition=models.Q(('period__isempty', False)), name='claim_takes_time')],
                    },
                ),
                migrations.CreateModel(
                    name='WeekSheet',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('week', models.DateField(help_text='The UTC Monday.')),
                        ('open', scheduler.models.claims.WeekBits()),
                        ('taken', scheduler.models.claims.WeekBits(default=0)),
                        ('audiences', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=50), null=True, size=None)),
                        ('open_to', django.contrib.postgres.fields.ArrayField(base_field=scheduler.models.claims.WeekBits(), null=True, size=None)),
                        ('resource', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sheets', to='scheduler.resource')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sheets', to='core.site')),
                        ('kept', models.GeneratedField(db_persist=True, expression=models.Func(models.F('audiences'), models.F('open_to'), function='scheduler_kept_ticks'), output_field=scheduler.models.claims.WeekBits(null=True))),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('audiences', None), ('open_to', None)), models.Q(('audiences__len', models.F('open_to__len')), ('audiences__len__gt', 0)), _connector='OR'), name='sheet_names_each_audience_it_is_open_to'), models.UniqueConstraint(fields=('week', 'resource', 'site'), name='sheet_is_kept_once')],
                    },
                ),
                migrations.CreateModel(
                    name='WorkingHours',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('weekday', models.PositiveSmallIntegerField(choices=[(1, 'Monday'), (2, 'Tuesday'), (3, 'Wednesday'), (4, 'Thursday'), (5, 'Friday'), (6, 'Saturday'), (7, 'Sunday')])),
                        ('starts', models.TimeField()),
                        ('ends', models.TimeField()),
                        ('every_weeks', models.PositiveSmallIntegerField(default=1)),
                        ('valid_from', models.DateField()),
                        ('valid_to', models.DateField(blank=True, help_text='First day on which this no longer holds.', null=True)),
                        ('audience', models.CharField(db_default='all', default='all', help_text='Who may book in these hours. Staff of the site see them in any case.', max_length=50)),
                        ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='working_hours', to='scheduler.practitioner')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='working_hours', to='core.site')),
                    ],
                    options={
                        'verbose_name_plural': 'working hours',
                        'ordering': ['practitioner', 'weekday', 'starts'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('ends', datetime.time(0, 0)), ('ends__gt', models.F('starts')), _connector='OR'), name='work_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('every_weeks__gte', 1), ('every_weeks__lte', 52)), name='work_recurs_every_week_or_more_seldom'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='hours_hold_for_some_time')],
                    },
                ),
                migrations.CreateModel(
                    name='Closure',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('first_on', models.DateField()),
                        ('last_on', models.DateField(blank=True, help_text='Empty: until further notice.', null=True)),
                        ('starts', models.TimeField(blank=True, help_text='On the first day; empty: from its beginning.', null=True)),
                        ('ends', models.TimeField(blank=True, help_text='On the last day; empty: until it is over.', null=True)),
                        ('name', models.CharField(max_length=120)),
                        ('confirmed', models.BooleanField(default=True)),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='closures', to='core.site')),
                        ('therapy', models.ForeignKey(blank=True, help_text='What is not given meanwhile; empty: the whole site is shut.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scheduler.therapy')),
                    ],
                    options={
                        'ordering': ['site', 'first_on'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('last_on__gt', models.F('first_on')), ('starts', None), ('ends', None), ('ends__gt', models.F('starts')), _connector='OR'), name='closure_takes_time'), models.CheckConstraint(condition=models.Q(('last_on', None), ('last_on__gte', models.F('first_on')), _connector='OR'), name='closure_ends_on_or_after_its_first_day'), models.CheckConstraint(condition=models.Q(('last_on__isnull', False), ('ends', None), _connector='OR'), name='closure_without_a_last_day_has_no_end'), models.UniqueConstraint(fields=('site', 'therapy', 'first_on', 'starts', 'name'), name='closure_is_named_once', nulls_distinct=False)],
                    },
                ),
                migrations.CreateModel(
                    name='Program',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('key', models.SlugField(max_length=40, unique=True)),
                        ('name', core.text.languages.Texts(validators=[core.text.languages.has_base_language])),
                        ('families', models.BooleanField(default=False, help_text='Whether relatives of its patients may be treated.')),
                        ('referral_required', models.BooleanField(default=False, help_text='Whether an appointment waits until a referral is there.')),
                        ('active', models.BooleanField(default=True)),
                        ('practitioners', models.ManyToManyField(blank=True, help_text='None: all practitioners.', related_name='+', to='scheduler.practitioner')),
                        ('sites', models.ManyToManyField(blank=True, help_text='None: all sites.', related_name='programs', to='core.site')),
                        ('therapies', models.ManyToManyField(blank=True, help_text='None: all therapies.', related_name='+', to='scheduler.therapy')),
                    ],
                    options={
                        'ordering': ['key'],
                    },
                ),
                migrations.CreateModel(
                    name='FamilyBlock',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('weekday', models.PositiveSmallIntegerField(choices=[(1, 'Monday'), (2, 'Tuesday'), (3, 'Wednesday'), (4, 'Thursday'), (5, 'Friday'), (6, 'Saturday'), (7, 'Sunday')])),
                        ('starts', models.TimeField()),
                        ('ends', models.TimeField()),
                        ('every_weeks', models.PositiveSmallIntegerField(default=1)),
                        ('valid_from', models.DateField()),
                        ('valid_to', models.DateField(blank=True, help_text='First day on which this no longer holds.', null=True)),
                        ('capacity', models.PositiveSmallIntegerField(blank=True, help_text='Empty: as many as there is time.', null=True)),
                        ('capacity_unit', models.CharField(choices=[('persons', 'people'), ('minutes', 'minutes')], default='persons', max_length=7)),
                        ('reason', models.CharField(help_text='For staff; nobody else reads it.', max_length=200)),
                        ('release_policy', models.JSONField(help_text='From when on it is open to whom.')),
                        ('owner_team', models.CharField(blank=True, max_length=80)),
                        ('version', models.PositiveIntegerField(default=1)),
                        ('created_by', models.CharField(help_text='Principal.key of whoever made it.', max_length=80)),
                        ('created_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(blank=True, help_text='What starts from then on is not kept.', null=True)),
                        ('ended_by', models.CharField(blank=True, max_length=80)),
                        ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='family_blocks', to='scheduler.practitioner')),
                        ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='blocks', to='scheduler.program')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='family_blocks', to='core.site')),
                        ('therapies', models.ManyToManyField(blank=True, help_text='What is given meanwhile; none: all of the program.', related_name='+', to='scheduler.therapy')),
                        ('places', models.ManyToManyField(blank=True, help_text='What is kept meanwhile as well; none: no place.', related_name='blocks', to='scheduler.place')),
                    ],
                    options={
                        'ordering': ['practitioner', 'weekday', 'starts'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('ends', datetime.time(0, 0)), ('ends__gt', models.F('starts')), _connector='OR'), name='block_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('every_weeks__gte', 1), ('every_weeks__lte', 52)), name='block_recurs_every_week_or_more_seldom'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='block_holds_for_some_time'), models.CheckConstraint(condition=models.Q(('capacity__isnull', True), ('capacity__gt', 0), _connector='OR'), name='block_has_room_for_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by', '')), models.Q(models.Q(('ended_at__isnull', True), _negated=True), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='block_was_ended_by_somebody'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('ended_at__isnull', True), ('every_weeks', 1)), expressions=[(models.Func(models.F('practitioner_id'), models.F('practitioner_id'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('site_id'), models.F('site_id'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('weekday'), models.F('weekday'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('valid_from'), models.F('valid_to'), models.Value('[)'), function='daterange'), '&&'), (models.Func(models.Func(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.Func(models.Value('hour'), models.F('starts'), function='date_part', output_field=models.FloatField()), '*', models.Value(60)), '+', models.Func(models.Value('minute'), models.F('starts'), function='date_part', output_field=models.FloatField())), function='', output_field=models.IntegerField(), template='(%(expressions)s)::int'), models.Case(models.When(ends=datetime.time(0, 0), then=models.Value(1440)), default=models.Func(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.Func(models.Value('hour'), models.F('ends'), function='date_part', output_field=models.FloatField()), '*', models.Value(60)), '+', models.Func(models.Value('minute'), models.F('ends'), function='date_part', output_field=models.FloatField())), function='', output_field=models.IntegerField(), template='(%(expressions)s)::int')), models.Value('[)'), function='int4range'), '&&')], name='blocks_of_one_person_share_no_time')],
                    },
                ),
                migrations.CreateModel(
                    name='BlockRelease',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('starts_at', models.DateTimeField()),
                        ('stage', models.CharField(max_length=40)),
                        ('reached_at', models.DateTimeField()),
                        ('noted_at', models.DateTimeField()),
                        ('minutes', models.PositiveSmallIntegerField()),
                        ('booked_minutes', models.PositiveSmallIntegerField()),
                        ('block', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='releases', to='scheduler.familyblock')),
                    ],
                    options={
                        'ordering': ['starts_at', 'reached_at'],
                        'constraints': [models.UniqueConstraint(fields=('block', 'starts_at', 'stage'), name='stage_is_noted_once'), models.CheckConstraint(condition=models.Q(('booked_minutes__lte', models.F('minutes'))), name='no_more_is_booked_than_there_is')],
                    },
                ),
                migrations.CreateModel(
                    name='BlockDecision',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('starts_at', models.DateTimeField(help_text='When the occurrence begins.')),
                        ('kind', models.CharField(choices=[('keep', 'kept longer'), ('release', 'opened to everybody')], max_length=7)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('until', models.DateTimeField(blank=True, null=True)),
                        ('booked_before', models.JSONField(blank=True, default=list)),
                        ('made_by', models.CharField(help_text='Principal.key of whoever decided.', max_length=80)),
                        ('made_at', models.DateTimeField()),
                        ('undone_at', models.DateTimeField(blank=True, null=True)),
                        ('undone_by', models.CharField(blank=True, max_length=80)),
                        ('block', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='scheduler.familyblock')),
                    ],
                    options={
                        'ordering': ['starts_at', 'made_at'],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'keep'), _negated=True), models.Q(models.Q(('reason', ''), _negated=True), ('until__isnull', False)), _connector='OR'), name='time_is_kept_longer_for_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('undone_at__isnull', True), ('undone_by', '')), models.Q(models.Q(('undone_at__isnull', True), _negated=True), models.Q(('undone_by', ''), _negated=True)), _connector='OR'), name='decision_is_taken_back_by_somebody'), models.UniqueConstraint(condition=models.Q(('kind', 'release'), ('undone_at__isnull', True)), fields=('block', 'starts_at'), name='occurrence_is_released_once')],
                    },
                ),
                migrations.CreateModel(
                    name='BusyCalendar',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('sealed_url', models.TextField(blank=True, default='')),
                        ('host', models.CharField(blank=True, default='', max_length=255)),
                        ('read_at', models.DateTimeField(blank=True, help_text='When it was read last, or tried to be.', null=True)),
                        ('good_at', models.DateTimeField(blank=True, help_text='When it was last read to its end.', null=True)),
                        ('problem', models.CharField(blank=True, default='', help_text='Why it could not be read since then.', max_length=300)),
                        ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='busy_calendars', to='scheduler.practitioner')),
                    ],
                    options={
                        'ordering': ['practitioner', 'pk'],
                    },
                ),
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
                migrations.CreateModel(
                    name='SetupChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(help_text='Model of the entry, such as place.', max_length=30)),
                        ('entry', models.BigIntegerField(help_text='Its id.')),
                        ('called', models.CharField(help_text='What it is called, as of then.', max_length=200)),
                        ('act', models.CharField(choices=[('add', 'Added'), ('change', 'Changed'), ('remove', 'Removed')], max_length=6)),
                        ('facts', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, help_text='Of each column that was changed, what was there and is.')),
                        ('by', models.CharField(help_text='Principal.key of whoever acted.', max_length=80)),
                        ('at', models.DateTimeField()),
                        ('site', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.site')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'indexes': [models.Index(fields=['kind', 'entry'], name='changes_of_an_entry')],
                    },
                ),
            ],
        ),
        migrations.RunSQL(CATALOGUE_CHANGES_ITS_STAMP, CATALOGUE_CHANGES_ITS_STAMP_GONE),
        migrations.RunSQL(COVER_EDIT, COVER_EDIT_GONE),
        migrations.RunSQL(SETUP_CHANGES, SETUP_CHANGES_GONE),
    ]
