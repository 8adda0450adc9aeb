"""Name one more reason for a code: the table stays as it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Change the choices."""

    dependencies = [("booking", "0017_fold_names")]

    operations = [
        migrations.AlterField(
            model_name="proof",
            name="why",
            field=models.CharField(
                choices=[
                    ("ahead", "another visit is ahead with it"),
                    ("network", "many book from the same network"),
                    ("contact", "several were booked with it that nobody verified"),
                ],
                db_default="ahead",
                default="ahead",
                max_length=8,
            ),
        ),
    ]
