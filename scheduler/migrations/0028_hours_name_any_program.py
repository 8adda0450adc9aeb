from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0027_blocks_keep_places")]
    operations = [
        migrations.AlterField(
            model_name="workinghours",
            name="audience",
            field=models.CharField(
                db_default="all",
                default="all",
                help_text="Who may book in these hours. Staff of the site see them in any case.",
                max_length=50,
            ),
        ),
    ]
