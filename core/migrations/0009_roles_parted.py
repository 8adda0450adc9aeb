"""Part the roles that one person holds twice at a site at a time: the first ends where the second begins.

The second then goes on for as long as either did, so that everybody may what they might.
"""

from itertools import pairwise

from django.db import migrations


def part(apps, _schema_editor):
    rows = apps.get_model("core", "RoleAssignment").objects.order_by("user", "role", "site", "starts_at")
    for first, second in pairwise(list(rows)):
        same = (first.user_id, first.role, first.site_id) == (second.user_id, second.role, second.site_id)
        if same and (first.ends_at is None or first.ends_at > second.starts_at):
            open_end = first.ends_at is None or second.ends_at is None
            second.ends_at = None if open_end else max(first.ends_at, second.ends_at)
            first.ends_at = second.starts_at
            first.save(update_fields=["ends_at"])
            second.save(update_fields=["ends_at"])


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0008_device_mark'),
    ]

    operations = [
        migrations.RunPython(part, migrations.RunPython.noop),
    ]
