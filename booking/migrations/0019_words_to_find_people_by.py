"""Let people be found by words: the columns alone, which locks for a moment."""

from django.db import migrations

import core.database.fields


class Migration(migrations.Migration):
    """Add the columns."""

    dependencies = [("booking", "0018_why_contact")]

    operations = [
        migrations.AddField("patient", "search_words", core.database.fields.SearchWordsField(editable=False, null=True)),
        migrations.AddField("contactpoint", "search_words", core.database.fields.SearchWordsField(editable=False, null=True)),
    ]
