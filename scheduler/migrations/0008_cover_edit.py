"""Whatever may take cover away leaves a row, in the same transaction and by whatever path."""

from django.db import migrations, models

EDITS = {
    "core_site": "UPDATE OR DELETE",
    "scheduler_therapy": "UPDATE OR DELETE",
    "scheduler_visitplan": "UPDATE OR DELETE",
    "scheduler_room": "UPDATE OR DELETE",
    "scheduler_place": "UPDATE OR DELETE",
    "scheduler_device": "UPDATE OR DELETE",
    "scheduler_practitioner": "UPDATE OR DELETE",
    "scheduler_offering": "UPDATE OR DELETE",
    "scheduler_resource": "UPDATE OR DELETE",
    "scheduler_weeksheet": "UPDATE OF open OR DELETE",  # every booking updates `taken`
}

FUNCTION = """
CREATE FUNCTION scheduler_cover_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM scheduler_coveredit WHERE id IN (SELECT id FROM scheduler_coveredit FOR UPDATE SKIP LOCKED);
  INSERT INTO scheduler_coveredit DEFAULT VALUES;
  RETURN NULL;
END $$;
"""
CREATE = FUNCTION + "".join(
    f"CREATE TRIGGER cover_was_edited AFTER {edit} ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION scheduler_cover_edited();\n"
    for table, edit in EDITS.items()
)
DROP = "".join(f"DROP TRIGGER cover_was_edited ON {table};\n" for table in EDITS) + (
    "DROP FUNCTION scheduler_cover_edited();"
)


class Migration(migrations.Migration):

    dependencies = [
        ('scheduler', '0007_closures_were_suggested'),
        ('core', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CoverEdit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
