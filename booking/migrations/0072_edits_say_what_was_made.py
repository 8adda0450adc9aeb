from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0071_absences_are_edits'),
    ]

    operations = [migrations.RemoveField(model_name='calendaredit', name='absences')]
