from django.db import migrations, models

TABLE = "scheduler_familyblock_places"
CREATE = (
    f"CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON {TABLE}"
    " FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();"
)


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0026_sheets_know_what_blocks_keep")]
    operations = [
        migrations.AddField(
            model_name="familyblock",
            name="places",
            field=models.ManyToManyField(
                blank=True,
                help_text="What is kept meanwhile as well; none: no place.",
                related_name="blocks",
                to="scheduler.place",
            ),
        ),
        migrations.RunSQL(CREATE, f"DROP TRIGGER catalogue_has_changed ON {TABLE};"),
    ]
