"""Gather the words by which people are found once more: initials, articles and signs of more scripts count now."""

from importlib import import_module

from django.db import migrations

gather_again = import_module("booking.migrations.0026_gather_words_again").gather_again


class Migration(migrations.Migration):
    """Write the words anew; nothing is added or taken away."""

    atomic = False
    dependencies = [("booking", "0030_reviews_of_health_answers")]

    operations = [migrations.RunPython(gather_again, migrations.RunPython.noop, elidable=True)]
