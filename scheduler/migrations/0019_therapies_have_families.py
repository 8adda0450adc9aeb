"""People choose a family of therapies first."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scheduler', '0018_a_weeks_sheets_side_by_side'),
    ]

    operations = [
        migrations.AddField(
            model_name='therapy',
            name='family',
            field=models.SlugField(default='other', help_text='What people choose first, such as needles.'),
        ),
    ]
