"""An appointment may be cancelled because what it needs is not given any more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the reason."""

    dependencies = [
        ("booking", "0098_what_helps_whoever_waits"),
    ]

    operations = [
        migrations.AlterField(
            model_name="appointment",
            name="cancel_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("patient", "I cannot come"),
                    ("illness", "I am ill"),
                    ("treatment_change", "My treatment plan changed"),
                    ("hospitalised", "I am in the hospital"),
                    ("transport", "I have no way to get there"),
                    ("weather", "The weather"),
                    ("interpreter", "No interpreter"),
                    ("bereavement", "A death in the family"),
                    ("feels_better", "I feel better"),
                    ("deceased", "The patient died"),
                    ("practitioner", "The practitioner is away"),
                    ("closure", "The clinic is closed"),
                    ("room", "No room"),
                    ("not_given", "It can no longer be given as it was booked"),
                    ("screening", "Health screening"),
                    ("expired", "Not confirmed in time"),
                    ("declined", "Declined after a check"),
                    ("together", "Booked together with one that was cancelled"),
                    ("error", "Booked by mistake"),
                    ("other", "Another reason"),
                ],
                default="",
                max_length=20,
            ),
        ),
    ]
