"""What the migrations from 0001 to 0019 make of an empty database, in one step."""

import core.database.all_at_once
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('notifications', '0001_initial'), ('notifications', '0002_message_facts'), ('notifications', '0003_lost_link_requests'), ('notifications', '0004_delivery_one_by_one'), ('notifications', '0005_sweeps'), ('notifications', '0006_old_address'), ('notifications', '0007_code_mails'), ('notifications', '0008_links_to_the_visits'), ('notifications', '0009_say_appointment'), ('notifications', '0010_channels_by_key'), ('notifications', '0011_reasons_as_codes'), ('notifications', '0012_health_notices'), ('notifications', '0013_what_came_of_answers'), ('notifications', '0014_closure_messages'), ('notifications', '0015_family_mails'), ('notifications', '0016_asking_who_comes_together'), ('notifications', '0017_times_kept_by_name'), ('notifications', '0018_waiting_list_mails'), ('notifications', '0019_waiting_list_answers')]

    initial = True

    dependencies = [
        ('booking', '0001_squashed_0091_waiting_list_calls'),
        ('core', '0006_squashed_0019_site_foot'),
        ('scheduler', '0001_squashed_0033_setup_changes'),
    ]

    operations = [
        core.database.all_at_once.AllAtOnce(
            steps=[
                migrations.CreateModel(
                    name='Breaker',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('channel', models.CharField(max_length=8, unique=True)),
                        ('failures', models.PositiveIntegerField(default=0)),
                        ('open_until', models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='OutboxMail',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('to', models.CharField(max_length=254)),
                        ('subject', models.CharField(max_length=200)),
                        ('raw', models.BinaryField()),
                        ('sent_at', models.DateTimeField()),
                    ],
                    options={
                        'ordering': ['-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='LinkRequest',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('asker', models.CharField(max_length=64)),
                        ('network', models.CharField(blank=True, default='', max_length=64)),
                        ('email', models.CharField(blank=True, default='', max_length=254)),
                        ('birth_date', models.DateField(null=True)),
                        ('asked_at', models.DateTimeField()),
                        ('answered_at', models.DateTimeField(null=True)),
                        ('mailed', models.BooleanField(default=False)),
                    ],
                    options={
                        'ordering': ['pk'],
                        'indexes': [models.Index(fields=['asker', 'asked_at'], name='link_request_by_asker'), models.Index(fields=['network', 'asked_at'], name='link_request_by_network'), models.Index(condition=models.Q(('answered_at__isnull', True)), fields=['id'], name='link_request_open')],
                    },
                ),
                migrations.CreateModel(
                    name='Sweep',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveBigIntegerField(default=1)),
                        ('begun_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='there_is_one_row_of_sweeps')],
                    },
                ),
                migrations.CreateModel(
                    name='Message',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveIntegerField()),
                        ('channel', models.CharField(default='email', help_text="The channel's key.", max_length=8)),
                        ('kind', models.CharField(choices=[('confirmation', 'confirmation'), ('reminder', 'reminder'), ('moved', 'the appointment was moved'), ('cancelled', 'the appointment was cancelled'), ('health', 'health questions are asked anew'), ('reviewed', 'what came of the health answers'), ('closed', 'the appointment cannot take place at its time'), ('other-time', 'another time is proposed'), ('reopened', 'the appointment takes place after all'), ('together', 'whether they keep their time'), ('link', 'links to the appointments'), ('code', 'the code that shows an address to be theirs'), ('contact-changed', 'the address was changed')], max_length=16)),
                        ('offset_minutes', models.PositiveIntegerField(default=0)),
                        ('policy_version', models.PositiveIntegerField(default=1)),
                        ('resend', models.PositiveSmallIntegerField(default=0)),
                        ('due_at', models.DateTimeField()),
                        ('status', models.CharField(choices=[('due', 'waiting'), ('claimed', 'picked up'), ('sending', 'being sent'), ('sent', 'sent'), ('failed', 'failed'), ('unknown', 'unknown'), ('dropped', 'no longer needed')], default='due', max_length=8)),
                        ('reason', models.CharField(blank=True, default='', help_text='Why it was dropped, has failed or has an unknown end, as a code such as `too-late`.', max_length=60)),
                        ('facts', models.JSONField(default=dict, help_text='What the notice tells beside the appointment as it is: times, ids and codes; no names.')),
                        ('address', models.CharField(blank=True, db_default='', default='', help_text='A replaced address, until it has been told; else empty.', max_length=254)),
                        ('attempts', models.PositiveSmallIntegerField(default=0, help_text='How often a server has answered.')),
                        ('begun', models.PositiveIntegerField(db_default=0, default=0, help_text='How often a worker began to hand it over: an outcome belongs to one of them.')),
                        ('lease_until', models.DateTimeField(null=True)),
                        ('settled_at', models.DateTimeField(null=True)),
                        ('created_at', models.DateTimeField()),
                        ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='booking.appointment')),
                        ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='booking.patient')),
                    ],
                    options={
                        'ordering': ['due_at', 'pk'],
                        'indexes': [models.Index(condition=models.Q(('status', 'due')), fields=['due_at'], name='message_due'), models.Index(condition=models.Q(('address', ''), _negated=True), fields=['id'], name='message_to_old_address'), models.Index(condition=models.Q(('status__in', ['claimed', 'sending'])), fields=['lease_until'], name='message_in_hand')],
                        'constraints': [models.UniqueConstraint(fields=('appointment', 'version', 'recipient', 'channel', 'kind', 'offset_minutes', 'policy_version', 'resend'), name='message_is_said_once')],
                    },
                ),
                migrations.CreateModel(
                    name='FamilyMail',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('side', models.CharField(help_text='Who is told: patient, relative or invited.', max_length=8)),
                        ('kind', models.CharField(choices=[('invitation', 'a code and a link for whoever is invited'), ('claimed', 'the code was used: please confirm who did'), ('confirmed', 'times can be chosen now'), ('vouched', 'staff stand for who used the code'), ('time-kept', 'a time is kept for them'), ('ends-soon', 'it ends soon'), ('ended', 'it has ended'), ('revoked', 'it was taken back')], max_length=10)),
                        ('due_at', models.DateTimeField()),
                        ('status', models.CharField(choices=[('due', 'waiting'), ('claimed', 'picked up'), ('sending', 'being sent'), ('sent', 'sent'), ('failed', 'failed'), ('unknown', 'unknown'), ('dropped', 'no longer needed')], default='due', max_length=8)),
                        ('reason', models.CharField(blank=True, default='', max_length=60)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('lease_until', models.DateTimeField(null=True)),
                        ('settled_at', models.DateTimeField(null=True)),
                        ('created_at', models.DateTimeField()),
                        ('change', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.familylinkchange')),
                        ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='booking.familylink')),
                    ],
                    options={
                        'ordering': ['due_at', 'pk'],
                        'indexes': [models.Index(condition=models.Q(('status', 'due')), fields=['due_at'], name='family_mail_due')],
                        'constraints': [models.UniqueConstraint(fields=('change', 'side'), name='family_act_is_told_once_to_a_side')],
                    },
                ),
                migrations.CreateModel(
                    name='WaitingListMail',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('due_at', models.DateTimeField()),
                        ('status', models.CharField(choices=[('due', 'waiting'), ('claimed', 'picked up'), ('sending', 'being sent'), ('sent', 'sent'), ('failed', 'failed'), ('unknown', 'unknown'), ('dropped', 'no longer needed')], default='due', max_length=8)),
                        ('reason', models.CharField(blank=True, default='', max_length=60)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('lease_until', models.DateTimeField(null=True)),
                        ('settled_at', models.DateTimeField(null=True)),
                        ('created_at', models.DateTimeField()),
                        ('kind', models.CharField(choices=[('confirm', 'please confirm that you want to be told'), ('joined', 'they are on the waiting list'), ('offer', 'a time has opened'), ('answers', 'the questions are to be answered again'), ('ended', 'they are not on the waiting list any more')], max_length=7)),
                        ('change', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.waitinglistchange')),
                    ],
                    options={
                        'ordering': ['due_at', 'pk'],
                        'indexes': [models.Index(condition=models.Q(('status', 'due')), fields=['due_at'], name='waiting_list_mail_due')],
                    },
                ),
            ],
        ),
    ]
