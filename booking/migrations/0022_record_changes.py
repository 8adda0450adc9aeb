"""Write down who corrects a record, and let a record be merged into another."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

APPEND_ONLY = """
CREATE FUNCTION booking_recordchange_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'record_change_is_append_only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER record_change_is_append_only BEFORE UPDATE OR DELETE ON booking_recordchange
  FOR EACH ROW EXECUTE FUNCTION booking_recordchange_is_append_only();
"""
AS_BEFORE = """
DROP TRIGGER record_change_is_append_only ON booking_recordchange;
DROP FUNCTION booking_recordchange_is_append_only();
"""


class Migration(migrations.Migration):
    """Add the table and the column."""

    dependencies = [("booking", "0021_say_appointment")]

    operations = [
        migrations.AddField(
            "patient",
            "merged_into",
            models.ForeignKey(
                editable=False,
                help_text="The record that holds what this one held.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="booking.patient",
            ),
        ),
        migrations.AddConstraint(
            "patient",
            models.CheckConstraint(
                condition=Q(merged_into=None) | (Q(user=None) & ~Q(merged_into=F("id"))),
                name="merged_record_has_no_account",
            ),
        ),
        migrations.CreateModel(
            name="RecordChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("changed", "changed"),
                            ("merged", "merged into another record"),
                            ("took-over", "took another record over"),
                            ("apart", "is not the same person as"),
                        ],
                        max_length=10,
                    ),
                ),
                ("was", models.JSONField(default=dict, help_text="What was changed, as it was before.")),
                ("by", models.CharField(help_text="Principal.key of whoever acted.", max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "other",
                    models.ForeignKey(
                        help_text="The other record of the two.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="booking.patient",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="record_changes",
                        to="booking.patient",
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.RunSQL(APPEND_ONLY, AS_BEFORE),
    ]
