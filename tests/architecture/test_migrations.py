"""The tables are what the models say."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader


@pytest.mark.django_db
def test_the_models_have_no_change_without_a_migration():
    out = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=out)
    except SystemExit:
        pytest.fail(out.getvalue())


@pytest.mark.django_db
def test_no_app_has_two_last_migrations():
    assert not MigrationLoader(connection).detect_conflicts()


@pytest.mark.django_db
def test_every_constraint_name_is_a_sentence():
    own = [m for m in apps.get_models() if m._meta.app_label in {"core", "scheduler", "booking", "notifications"}]
    names = [constraint.name for model in own for constraint in model._meta.constraints]
    assert names
    assert not [name for name in names if name.count("_") < 2]
