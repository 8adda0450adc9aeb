"""Whatever changes the catalogue changes its stamp, in the same transaction and by whatever path."""

from django.db import migrations

TABLES = [
    "core_site",
    "core_policy",
    "scheduler_therapy",
    "scheduler_visitplan",
    "scheduler_segment",
    "scheduler_room",
    "scheduler_place",
    "scheduler_device",
    "scheduler_practitioner",
    "scheduler_offering",
    "scheduler_resource",
]

FUNCTION = """
CREATE FUNCTION scheduler_new_catalogue_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO scheduler_cataloguestamp (id, stamp) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;
  RETURN NULL;
END $$;
"""
CREATE = FUNCTION + "".join(
    f"CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();\n"
    for table in TABLES
)
DROP = "".join(f"DROP TRIGGER catalogue_has_changed ON {table};\n" for table in TABLES) + (
    "DROP FUNCTION scheduler_new_catalogue_stamp();"
)


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0002_catalogue_stamp"), ("core", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
