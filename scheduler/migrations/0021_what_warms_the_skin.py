"""Therapies say by themselves whether they warm the skin: where they stand for people to choose is another matter."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scheduler', '0020_therapies_get_their_families'),
    ]

    operations = [
        migrations.AddField(
            model_name='therapy',
            name='warms_skin',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
