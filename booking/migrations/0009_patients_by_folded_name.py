"""Let the records of one person be found by name, however it is spelled: the column alone, which locks for a moment.

Names are folded later, some at a time, while people book.
"""

from django.db import migrations

import core.database.fields


class Migration(migrations.Migration):
    """Add the column."""

    dependencies = [("booking", "0008_claims_of_visits_name_their_plan")]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="folded_name",
            field=core.database.fields.FoldedField(db_default="", editable=False, max_length=400, of="name"),
        ),
    ]
