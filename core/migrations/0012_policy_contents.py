"""What is in force is published; of the booking policy stays what is read, and its limits stand in the row."""

import hashlib
import json

from django.db import migrations

READ = {
    "booking": [
        "horizon_days_patient", "horizon_days_staff", "min_notice_hours", "max_active_per_patient", "max_per_week",
        "first_visit_required_before_followup",
    ],
    "cancel": ["free_until_hours"],
    "no_show": ["mark_after_min"],
}
LIMITS = {
    "visits_per_contact": {"hour": 3, "day": 6},
    "visits_per_session": {"hour": 4, "day": 8},
    "visits_per_network": {"hour": 60, "day": 300},
    "open_holds_per_network": 60,
    "short_holds_per_network": 120,
    "proposals_per_network": 120,
    "proposals_per_contact": {"hour": 6, "day": 30},
}


def completed(given, usual):
    """Return the limits that were in force: those of the row, and the usual ones where it had none."""
    return {
        key: completed(given.get(key, {}), value) if isinstance(value, dict) else given.get(key, value)
        for key, value in usual.items()
    }


def as_read(content):
    """Return a booking policy as it was read."""
    kept = {group: {name: content[group][name] for name in names} for group, names in READ.items()}
    return kept | {"limits": completed(content.get("limits", {}), LIMITS)}


def hash_of(content):
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def write(apps, _schema_editor):
    versions = {}
    for row in apps.get_model("core", "Policy").objects.order_by("key", "pk"):
        versions[row.key] = row.version = versions.get(row.key, 0) + 1
        row.state = "published"
        if row.key == "booking":
            row.content = as_read(row.content)
        row.content_hash = hash_of(row.content)
        row.save()


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0011_policy_rows'),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
