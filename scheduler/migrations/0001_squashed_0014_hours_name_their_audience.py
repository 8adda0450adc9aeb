"""What the migrations from 0001 to 0014 make of an empty database, in one step."""

import core.text.languages
import datetime
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.core.validators
import django.db.models.deletion
import scheduler.models.claims
import uuid
from django.conf import settings
from django.db import migrations, models

CATALOGUE_CHANGES_ITS_STAMP = """
CREATE FUNCTION scheduler_new_catalogue_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO scheduler_cataloguestamp (id, stamp) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;
  RETURN NULL;
END $$;
CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON core_site FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();
CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON core_policy FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();
CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON scheduler_therapy FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();
CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON scheduler_visitplan FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();
CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON scheduler_segment FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();
CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON scheduler_room FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();
CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON scheduler_place FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();
CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON scheduler_device FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();
CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON scheduler_practitioner FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();
CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON scheduler_offering FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();
CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON scheduler_resource FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();
"""
CATALOGUE_CHANGES_ITS_STAMP_GONE = """
DROP TRIGGER catalogue_has_changed ON core_site;
DROP TRIGGER catalogue_has_changed ON core_policy;
DROP TRIGGER catalogue_has_changed ON scheduler_therapy;
DROP TRIGGER catalogue_has_changed ON scheduler_visitplan;
DROP TRIGGER catalogue_has_changed ON scheduler_segment;
DROP TRIGGER catalogue_has_changed ON scheduler_room;
DROP TRIGGER catalogue_has_changed ON scheduler_place;
DROP TRIGGER catalogue_has_changed ON scheduler_device;
DROP TRIGGER catalogue_has_changed ON scheduler_practitioner;
DROP TRIGGER catalogue_has_changed ON scheduler_offering;
DROP TRIGGER catalogue_has_changed ON scheduler_resource;
DROP FUNCTION scheduler_new_catalogue_stamp();
"""

COVER_EDIT = """
CREATE FUNCTION scheduler_cover_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM scheduler_coveredit WHERE id IN (SELECT id FROM scheduler_coveredit FOR UPDATE SKIP LOCKED);
  INSERT INTO scheduler_coveredit DEFAULT VALUES;
  RETURN NULL;
END $$;
CREATE TRIGGER cover_was_edited AFTER UPDATE OR DELETE ON core_site FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
CREATE TRIGGER cover_was_edited AFTER UPDATE OR DELETE ON scheduler_therapy FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
CREATE TRIGGER cover_was_edited AFTER UPDATE OR DELETE ON scheduler_visitplan FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
CREATE TRIGGER cover_was_edited AFTER UPDATE OR DELETE ON scheduler_room FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
CREATE TRIGGER cover_was_edited AFTER UPDATE OR DELETE ON scheduler_place FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
CREATE TRIGGER cover_was_edited AFTER UPDATE OR DELETE ON scheduler_device FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
CREATE TRIGGER cover_was_edited AFTER UPDATE OR DELETE ON scheduler_practitioner FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
CREATE TRIGGER cover_was_edited AFTER UPDATE OR DELETE ON scheduler_offering FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
CREATE TRIGGER cover_was_edited AFTER UPDATE OR DELETE ON scheduler_resource FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
CREATE TRIGGER cover_was_edited AFTER UPDATE OF open OR DELETE ON scheduler_weeksheet FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
"""
COVER_EDIT_GONE = """
DROP TRIGGER cover_was_edited ON core_site;
DROP TRIGGER cover_was_edited ON scheduler_therapy;
DROP TRIGGER cover_was_edited ON scheduler_visitplan;
DROP TRIGGER cover_was_edited ON scheduler_room;
DROP TRIGGER cover_was_edited ON scheduler_place;
DROP TRIGGER cover_was_edited ON scheduler_device;
DROP TRIGGER cover_was_edited ON scheduler_practitioner;
DROP TRIGGER cover_was_edited ON scheduler_offering;
DROP TRIGGER cover_was_edited ON scheduler_resource;
DROP TRIGGER cover_was_edited ON scheduler_weeksheet;
DROP FUNCTION scheduler_cover_edited();
"""

TRAVEL_TIME = """
CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON scheduler_traveltime
FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();
"""
TRAVEL_TIME_GONE = """
DROP TRIGGER catalogue_has_changed ON scheduler_traveltime;
"""

HOURS_NAME_THEIR_AUDIENCE = """
CREATE TRIGGER catalogue_has_audience AFTER INSERT ON scheduler_workinghours
FOR EACH ROW WHEN (NEW.audience <> 'all') EXECUTE FUNCTION scheduler_new_catalogue_stamp();
CREATE TRIGGER catalogue_has_other_audience AFTER UPDATE ON scheduler_workinghours
FOR EACH ROW WHEN (NEW.audience <> 'all' OR OLD.audience <> 'all') EXECUTE FUNCTION scheduler_new_catalogue_stamp();
CREATE TRIGGER catalogue_has_audience_no_more AFTER DELETE ON scheduler_workinghours
FOR EACH ROW WHEN (OLD.audience <> 'all') EXECUTE FUNCTION scheduler_new_catalogue_stamp();

DROP TRIGGER cover_was_edited ON scheduler_weeksheet;
CREATE TRIGGER cover_was_edited AFTER UPDATE OF open, open_to OR DELETE ON scheduler_weeksheet
FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
"""
HOURS_NAME_THEIR_AUDIENCE_GONE = """
DROP TRIGGER catalogue_has_audience ON scheduler_workinghours;DROP TRIGGER catalogue_has_other_audience ON scheduler_workinghours;DROP TRIGGER catalogue_has_audience_no_more ON scheduler_workinghours;
DROP TRIGGER cover_was_edited ON scheduler_weeksheet;
CREATE TRIGGER cover_was_edited AFTER UPDATE OF open OR DELETE ON scheduler_weeksheet
FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();
"""


class Migration(migrations.Migration):

    replaces = [('scheduler', '0001_initial'), ('scheduler', '0002_catalogue_stamp'), ('scheduler', '0003_catalogue_changes_its_stamp'), ('scheduler', '0004_claim_names_its_plan'), ('scheduler', '0005_opening_hours_and_offerings_have_names'), ('scheduler', '0006_suggested_holiday'), ('scheduler', '0007_closures_were_suggested'), ('scheduler', '0008_cover_edit'), ('scheduler', '0009_say_appointment'), ('scheduler', '0010_hours_end_at_midnight'), ('scheduler', '0011_closures_of_part_of_a_day'), ('scheduler', '0012_travel_time'), ('scheduler', '0013_index_of_ends'), ('scheduler', '0014_hours_name_their_audience')]

    initial = True

    dependencies = [
        ('core', '0006_squashed_0014_policy_written_by'),
    ]

    operations = [
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
            ],
            options={
                'ordering': ['room', 'key'],
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
            ],
            options={
                'verbose_name_plural': 'opening hours',
                'ordering': ['site', 'weekday', 'opens'],
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
            ],
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
            },
        ),
        migrations.AddField(
            model_name='place',
            name='room',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='scheduler.room'),
        ),
        migrations.CreateModel(
            name='SuggestedHoliday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.site')),
            ],
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
            ],
            options={
                'ordering': ['therapy', 'visit', 'technique'],
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
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sheets', to='scheduler.resource')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sheets', to='core.site')),
            ],
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
                ('audience', models.CharField(choices=[('all', 'everyone'), ('cancer-integrative-medicine', 'patients and families of the Cancer Integrative Medicine Program'), ('staff', 'staff alone: not bookable online')], db_default='all', default='all', help_text='Who may book in these hours. Staff of the site see them in any case.', max_length=50)),
                ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='working_hours', to='scheduler.practitioner')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='working_hours', to='core.site')),
            ],
            options={
                'verbose_name_plural': 'working hours',
                'ordering': ['practitioner', 'weekday', 'starts'],
            },
        ),
        migrations.CreateModel(
            name='Closure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
                ('starts', models.TimeField(blank=True, help_text='On the first day; empty: from its beginning.', null=True)),
                ('ends', models.TimeField(blank=True, help_text='On the last day; empty: until it is over.', null=True)),
                ('name', models.CharField(max_length=120)),
                ('confirmed', models.BooleanField(default=True)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='closures', to='core.site')),
            ],
            options={
                'ordering': ['site', 'first_on'],
                'constraints': [models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('first_on'))), name='closure_ends_on_or_after_its_first_day'), models.CheckConstraint(condition=models.Q(('last_on__gt', models.F('first_on')), ('starts', None), ('ends', None), ('ends__gt', models.F('starts')), _connector='OR'), name='closure_takes_time'), models.UniqueConstraint(fields=('site', 'first_on', 'starts', 'name'), name='closure_is_named_once', nulls_distinct=False)],
            },
        ),
        migrations.AddConstraint(
            model_name='device',
            constraint=models.UniqueConstraint(fields=('site', 'pool', 'number'), name='device_number_is_used_once'),
        ),
        migrations.AddConstraint(
            model_name='openinghours',
            constraint=models.CheckConstraint(condition=models.Q(('closes', datetime.time(0, 0)), ('closes__gt', models.F('opens')), _connector='OR'), name='site_closes_after_it_opens'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.F('practitioner_id'), models.F('practitioner_id'), models.Value('[]'), function='int8range'), '&&'), ('period', '&&')], name='absence_is_told_once'),
        ),
        migrations.AddConstraint(
            model_name='resource',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('device__isnull', True), ('kind', 'hands'), ('lane__isnull', True), ('place__isnull', True), ('practitioner__isnull', False)), models.Q(('device__isnull', True), ('kind', 'lane'), ('lane__isnull', False), ('place__isnull', True), ('practitioner__isnull', False)), models.Q(('device__isnull', True), ('kind', 'place'), ('lane__isnull', True), ('place__isnull', False), ('practitioner__isnull', True)), models.Q(('device__isnull', False), ('kind', 'device'), ('lane__isnull', True), ('place__isnull', True), ('practitioner__isnull', True)), _connector='OR'), name='resource_is_exactly_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='resource',
            constraint=models.UniqueConstraint(condition=models.Q(('practitioner__isnull', False)), fields=('practitioner', 'kind', 'lane'), name='practitioner_has_each_lane_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='room',
            constraint=models.UniqueConstraint(fields=('site', 'key'), name='room_key_is_used_once_per_site'),
        ),
        migrations.AddConstraint(
            model_name='place',
            constraint=models.UniqueConstraint(fields=('room', 'key'), name='place_key_is_used_once_per_room'),
        ),
        migrations.AddConstraint(
            model_name='suggestedholiday',
            constraint=models.UniqueConstraint(fields=('site', 'day'), name='holiday_is_suggested_once'),
        ),
        migrations.AddConstraint(
            model_name='offering',
            constraint=models.UniqueConstraint(fields=('practitioner', 'site', 'therapy'), name='therapy_is_offered_once'),
        ),
        migrations.AddConstraint(
            model_name='traveltime',
            constraint=models.UniqueConstraint(fields=('site', 'other_site'), name='travel_time_is_told_once'),
        ),
        migrations.AddConstraint(
            model_name='traveltime',
            constraint=models.CheckConstraint(condition=models.Q(('site__lt', models.F('other_site'))), name='travel_time_has_its_sites_in_order'),
        ),
        migrations.AddConstraint(
            model_name='traveltime',
            constraint=models.CheckConstraint(condition=models.Q(('minutes__gte', 1), ('minutes__lte', 480)), name='travel_takes_some_minutes'),
        ),
        migrations.AddConstraint(
            model_name='visitplan',
            constraint=models.UniqueConstraint(fields=('therapy', 'visit', 'technique'), name='visit_is_planned_once'),
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.UniqueConstraint(fields=('plan', 'position'), name='segment_has_its_own_position'),
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.CheckConstraint(condition=models.Q(('minutes__gt', 0)), name='segment_takes_time'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['allocation'], name='claim_by_allocation'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(models.F('resource'), models.F('period__endswith'), name='claim_by_end'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('expires_at__isnull', False), ('retired_at__isnull', True)), fields=['expires_at'], name='claim_that_expires'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('retired_at__isnull', True)), expressions=[(models.Func(models.F('resource_id'), models.F('resource_id'), models.Value('[]'), function='int8range'), '&&'), ('period', '&&')], name='claim_shares_no_time_with_another'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('period__isempty', False)), name='claim_takes_time'),
        ),
        migrations.AddConstraint(
            model_name='weeksheet',
            constraint=models.UniqueConstraint(fields=('resource', 'week', 'site'), name='sheet_is_kept_once'),
        ),
        migrations.AddConstraint(
            model_name='weeksheet',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('audiences', None), ('open_to', None)), models.Q(('audiences__len', models.F('open_to__len')), ('audiences__len__gt', 0)), _connector='OR'), name='sheet_names_each_audience_it_is_open_to'),
        ),
        migrations.AddConstraint(
            model_name='workinghours',
            constraint=models.CheckConstraint(condition=models.Q(('ends', datetime.time(0, 0)), ('ends__gt', models.F('starts')), _connector='OR'), name='work_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='workinghours',
            constraint=models.CheckConstraint(condition=models.Q(('every_weeks__gte', 1), ('every_weeks__lte', 52)), name='work_recurs_every_week_or_more_seldom'),
        ),
        migrations.AddConstraint(
            model_name='workinghours',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='hours_hold_for_some_time'),
        ),
        migrations.RunSQL(CATALOGUE_CHANGES_ITS_STAMP, CATALOGUE_CHANGES_ITS_STAMP_GONE),
        migrations.RunSQL(COVER_EDIT, COVER_EDIT_GONE),
        migrations.RunSQL(TRAVEL_TIME, TRAVEL_TIME_GONE),
        migrations.RunSQL(HOURS_NAME_THEIR_AUDIENCE, HOURS_NAME_THEIR_AUDIENCE_GONE),
    ]
