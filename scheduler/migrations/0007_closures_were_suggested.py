from django.db import migrations, models


def remember(apps, schema_editor):
    """Take each closure of one day that is there as suggested, so that no day is suggested twice."""
    closures = apps.get_model("scheduler", "Closure").objects.filter(first_on=models.F("last_on"))
    holidays = apps.get_model("scheduler", "SuggestedHoliday").objects
    days = closures.values_list("site", "first_on").distinct().order_by("site", "first_on")
    holidays.bulk_create(holidays.model(site_id=site, day=day) for site, day in days)


class Migration(migrations.Migration):

    dependencies = [
        ('scheduler', '0006_suggested_holiday'),
    ]

    operations = [
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
