"""Note who meets a limit."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the table."""

    dependencies = [("booking", "0011_contact_change"), ("core", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="UnusualBooking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "whose",
                    models.CharField(
                        choices=[
                            ("contact", "one e-mail address"),
                            ("session", "one visitor"),
                            ("network", "one network"),
                        ],
                        max_length=8,
                        verbose_name="who",
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64)),
                ("on", models.DateField()),
                ("first_at", models.DateTimeField(verbose_name="since")),
                ("last_at", models.DateTimeField(verbose_name="last")),
                ("refused", models.PositiveIntegerField(default=1, verbose_name="times refused")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.site"
                    ),
                ),
            ],
            options={
                "verbose_name": "unusual booking",
                "verbose_name_plural": "unusual bookings",
                "ordering": ["-last_at"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("site", "whose", "digest", "on"), name="unusual_booking_is_noted_once_a_day"
                    )
                ],
            },
        ),
    ]
