"""Programs, blocks and what is decided about them are part of the catalogue: an edit changes its stamp."""

from django.db import migrations

TABLES = (
    "scheduler_program",
    "scheduler_program_sites",
    "scheduler_program_therapies",
    "scheduler_program_practitioners",
    "scheduler_familyblock",
    "scheduler_familyblock_therapies",
    "scheduler_blockdecision",
)
CREATE = "".join(
    f"CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();\n"
    for table in TABLES
)
DROP = "".join(f"DROP TRIGGER catalogue_has_changed ON {table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0024_family_blocks")]
    operations = [migrations.RunSQL(CREATE, DROP)]
