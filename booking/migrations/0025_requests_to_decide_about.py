"""Requests that somebody looks at have a page of their own, and a call is raised for one that nobody answered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """No table changes."""

    dependencies = [("booking", "0024_holds_name_their_audience")]

    operations = [
        migrations.CreateModel(
            name="ReviewRequest",
            fields=[],
            options={
                "verbose_name": "request to decide about",
                "verbose_name_plural": "requests to decide about",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("booking.appointment",),
        ),
        migrations.AlterField(
            model_name="calltask",
            name="reason",
            field=models.CharField(
                choices=[
                    ("without-cover", "Their time is no longer open: find another one with them"),
                    ("unanswered", "Their request ran out without an answer: say sorry, and find a time with them"),
                    ("not-reached", "A message could not reach them: tell them what it said"),
                ],
                max_length=20,
            ),
        ),
    ]
