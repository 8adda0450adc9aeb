"""What the migrations from 0001 to 0005 make of an empty database, in one step."""

import core.models
import core.text.languages
import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('core', '0001_initial'), ('core', '0002_alter_idempotencykey_answer'), ('core', '0003_rate_count'), ('core', '0004_demo_accounts'), ('core', '0005_sealed_answers')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='RateCount',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('paid_at', models.DateTimeField(db_index=True, help_text='When all tries so far will have been waited for.')),
            ],
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('key', models.SlugField(unique=True)),
                ('name', core.text.languages.Texts(validators=[core.text.languages.has_base_language])),
                ('zone', models.CharField(max_length=64, validators=[core.models.is_zone])),
                ('street', models.CharField(max_length=120)),
                ('floor', models.CharField(blank=True, max_length=60)),
                ('city', models.CharField(max_length=60)),
                ('state', models.CharField(max_length=20)),
                ('postal_code', models.CharField(max_length=12)),
                ('phone', models.CharField(max_length=24)),
                ('directions', core.text.languages.Texts(blank=True, default=dict, validators=[core.text.languages.has_base_language])),
                ('parking', core.text.languages.Texts(blank=True, default=dict, validators=[core.text.languages.has_base_language])),
                ('arrive_early_minutes', models.PositiveSmallIntegerField(default=10)),
                ('active', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['key'],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('is_demo', models.BooleanField(db_default=False, default=False, editable=False, help_text='Signs in at the demo clinic alone.')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'abstract': False,
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('principal', models.CharField(max_length=80)),
                ('key', models.CharField(max_length=255)),
                ('body_hash', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('answer', models.TextField(default='', help_text='The body, byte for byte, sealed.')),
                ('headers', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('principal', 'key'), name='idempotency_key_is_used_once')],
            },
        ),
        migrations.CreateModel(
            name='RoleAssignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('anonymous', 'anonymous visitor'), ('patient', 'patient'), ('proxy', 'relative or proxy'), ('scheduler', 'scheduler'), ('practitioner', 'practitioner'), ('clinician', 'clinician'), ('program', 'cancer program staff'), ('admin', 'site administrator'), ('client', 'API client'), ('auditor', 'auditor')], max_length=20)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='core.site')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='role_ends_after_it_starts'), models.UniqueConstraint(fields=('user', 'role', 'site', 'starts_at'), name='role_is_given_once_per_site', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('effective', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('content', models.JSONField()),
                ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='core.site')),
            ],
            options={
                'verbose_name_plural': 'policies',
                'constraints': [models.UniqueConstraint(fields=('key', 'site', 'version'), name='policy_version_is_named_once', nulls_distinct=False), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.Func(models.F('key'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Func(models.F('key'), models.Value(0), function='hashtextextended', output_field=models.BigIntegerField()), models.Value('[]'), function='int8range'), '&&'), (models.Func(django.db.models.functions.comparison.Coalesce(models.F('site_id'), models.Value(0), output_field=models.BigIntegerField()), django.db.models.functions.comparison.Coalesce(models.F('site_id'), models.Value(0), output_field=models.BigIntegerField()), models.Value('[]'), function='int8range'), '&&'), ('effective', '&&')], name='policy_is_in_force_alone')],
            },
        ),
    ]
