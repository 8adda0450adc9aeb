"""Opening hours and closures tell of which days are business days: an edit of them changes the catalogue's stamp."""

from django.db import migrations

TABLES = ("scheduler_openinghours", "scheduler_closure")
CREATE = "".join(
    f"CREATE TRIGGER catalogue_has_changed AFTER INSERT OR UPDATE OR DELETE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION scheduler_new_catalogue_stamp();\n"
    for table in TABLES
)
DROP = "".join(f"DROP TRIGGER catalogue_has_changed ON {table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0015_sheets_have_one_index")]
    operations = [migrations.RunSQL(CREATE, DROP)]
