"""What the migrations from 0006 to 0019 make of an empty database, in one step."""

import core.database.all_at_once
import core.text.languages
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.comparison
import uuid
from django.conf import settings
from django.db import migrations, models

TOKEN_NOTES = """
CREATE FUNCTION core_user_ends_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM core_tokennote WHERE token_id IN (SELECT digest FROM knox_authtoken WHERE user_id = NEW.id);
  DELETE FROM knox_authtoken WHERE user_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER new_password_ends_tokens AFTER UPDATE OF password ON core_user
  FOR EACH ROW WHEN (OLD.password IS DISTINCT FROM NEW.password) EXECUTE FUNCTION core_user_ends_tokens();
"""
TOKEN_NOTES_GONE = """
DROP TRIGGER new_password_ends_tokens ON core_user; DROP FUNCTION core_user_ends_tokens();
"""

PUBLISHED_POLICIES_STAY = """
CREATE FUNCTION core_published_policy_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state IN ('draft', 'in-review') THEN
    IF TG_OP = 'DELETE' THEN
      RETURN OLD;
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF to_jsonb(NEW) - ARRAY['effective', 'state'] = to_jsonb(OLD) - ARRAY['effective', 'state']
      AND NEW.effective <@ OLD.effective AND lower(NEW.effective) IS NOT DISTINCT FROM lower(OLD.effective)
      AND NEW.state IN (OLD.state, 'retired') THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'published_policy_stays' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER published_policy_stays BEFORE UPDATE OR DELETE ON core_policy
  FOR EACH ROW EXECUTE FUNCTION core_published_policy_stays();
"""
PUBLISHED_POLICIES_STAY_GONE = """
DROP TRIGGER published_policy_stays ON core_policy;
DROP FUNCTION core_published_policy_stays();
"""


class Migration(migrations.Migration):

    replaces = [('core', '0006_token_notes'), ('core', '0007_role_public_id'), ('core', '0008_device_mark'), ('core', '0009_roles_parted'), ('core', '0010_role_is_held_once'), ('core', '0011_policy_rows'), ('core', '0012_policy_contents'), ('core', '0013_published_policies_stay'), ('core', '0014_policy_written_by'), ('core', '0015_policy_published_at'), ('core', '0016_policy_ending'), ('core', '0017_program_staff'), ('core', '0018_posted_page'), ('core', '0019_site_foot')]

    dependencies = [
        ('core', '0001_squashed_0005_sealed_answers'),
        ('knox', '0009_extend_authtoken_field'),
    ]

    operations = [
        core.database.all_at_once.AllAtOnce(
            steps=[
                migrations.CreateModel(
                    name='TokenNote',
                    fields=[
                        ('token', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='note', serialize=False, to=settings.KNOX_TOKEN_MODEL)),
                        ('name', models.CharField(blank=True, default='', max_length=60)),
                        ('used_at', models.DateTimeField(null=True)),
                    ],
                ),
                migrations.AddField(
                    model_name='roleassignment',
                    name='public_id',
                    field=models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, unique=True),
                ),
                migrations.AddField(
                    model_name='user',
                    name='device_mark',
                    field=models.CharField(blank=True, db_default='', default='', editable=False, help_text='By which known devices are told; another one, and none is known.', max_length=32),
                ),
                migrations.AddConstraint(
                    model_name='roleassignment',
                    constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.F('user'), models.F('user'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.Func(models.F('role'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Func(models.F('role'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Value('[]'), function='int8range'), '&&'), (models.Func(django.db.models.functions.comparison.Coalesce(models.F('site'), models.Value(0), output_field=models.BigIntegerField()), django.db.models.functions.comparison.Coalesce(models.F('site'), models.Value(0), output_field=models.BigIntegerField()), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('starts_at'), models.F('ends_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='role_is_held_once_at_a_time', violation_error_message='They act as this already.'),
                ),
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
                migrations.AddConstraint(
                    model_name='policy',
                    constraint=models.UniqueConstraint(fields=('key', 'version'), name='policy_version_is_named_once'),
                ),
                migrations.AddConstraint(
                    model_name='policy',
                    constraint=models.CheckConstraint(condition=models.Q(('effective__isempty', False)), name='policy_holds_for_a_time'),
                ),
                migrations.AddConstraint(
                    model_name='policy',
                    constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state', 'published')), expressions=[(models.Func(models.Func(models.F('key'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Func(models.F('key'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Value('[]'), function='int8range'), '&&'), (models.Func(django.db.models.functions.comparison.Coalesce(models.F('site_id'), models.Value(0), output_field=models.BigIntegerField()), django.db.models.functions.comparison.Coalesce(models.F('site_id'), models.Value(0), output_field=models.BigIntegerField()), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.Func(models.F('audience'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Func(models.F('audience'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Value('[]'), function='int8range'), '&&'), ('effective', '&&')], name='policy_is_in_force_alone'),
                ),
                migrations.AddField(
                    model_name='policy',
                    name='written_by',
                    field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list, help_text='Principal.key of whoever wrote its content.'),
                ),
                migrations.AddField(
                    model_name='policy',
                    name='published_at',
                    field=models.DateTimeField(blank=True, editable=False, help_text='When it was published; empty where nobody noted it.', null=True),
                ),
                migrations.CreateModel(
                    name='PolicyEnding',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('approvals', models.JSONField(db_default=models.Value([], models.JSONField()), default=list, help_text='Who approved it, in favour of what, and when.')),
                        ('ended_by', models.CharField(blank=True, default='', help_text='Principal.key; empty: it holds on.', max_length=80)),
                        ('ended_at', models.DateTimeField(blank=True, null=True)),
                        ('policy', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='ending', to='core.policy')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by', '')), models.Q(('ended_at__isnull', False), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='ended_policy_says_who_and_when')],
                    },
                ),
                migrations.AlterField(
                    model_name='roleassignment',
                    name='role',
                    field=models.CharField(choices=[('anonymous', 'anonymous visitor'), ('patient', 'patient'), ('proxy', 'relative or proxy'), ('scheduler', 'scheduler'), ('practitioner', 'practitioner'), ('clinician', 'clinician'), ('program', 'program staff'), ('admin', 'site administrator'), ('client', 'API client'), ('auditor', 'auditor')], max_length=20),
                ),
                migrations.CreateModel(
                    name='PostedPage',
                    fields=[
                        ('id', models.UUIDField(primary_key=True, serialize=False)),
                        ('place', models.CharField(db_index=True, help_text='Whose it is and where it stands, as a digest.', max_length=64)),
                        ('page', models.TextField(help_text='Status, headers and body, sealed; empty once it has gone well at its place.')),
                        ('ends_at', models.DateTimeField(db_index=True)),
                    ],
                ),
                migrations.AddField(
                    model_name='site',
                    name='accessibility_note',
                    field=core.text.languages.Texts(blank=True, db_default={}, default=dict, help_text='How to come in, and whom to ask for help.', validators=[core.text.languages.has_base_language]),
                ),
                migrations.AddField(
                    model_name='site',
                    name='hospital',
                    field=models.CharField(blank=True, db_default='', default='', help_text='At the foot of every page and mail.', max_length=120),
                ),
                migrations.AddField(
                    model_name='site',
                    name='phone_hours',
                    field=core.text.languages.Texts(blank=True, db_default={}, default=dict, help_text='When somebody answers the phone.', validators=[core.text.languages.has_base_language]),
                ),
                migrations.AddField(
                    model_name='site',
                    name='privacy_notice',
                    field=core.text.languages.Texts(blank=True, db_default={}, default=dict, help_text='Who answers for privacy, and how to ask.', validators=[core.text.languages.has_base_language]),
                ),
            ],
        ),
        migrations.RunSQL(TOKEN_NOTES, TOKEN_NOTES_GONE),
        migrations.RunSQL(PUBLISHED_POLICIES_STAY, PUBLISHED_POLICIES_STAY_GONE),
    ]
