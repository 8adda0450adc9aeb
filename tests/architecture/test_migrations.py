"""The tables are what the models say."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations import AddConstraint, AddField, AddIndex, AlterField, RunPython
from django.db.migrations.loader import MigrationLoader

OWN = {"core", "scheduler", "booking", "notifications"}
FEW = 40
"""Steps that an empty database takes; everybody waits for them who runs a test. If there are more, squash them anew."""


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


def test_an_empty_database_takes_few_steps():
    steps = [name for app, name in MigrationLoader(None).graph.nodes if app in OWN]
    assert len(steps) <= FEW, "docs/adr/0036-an-empty-database-takes-one-step.md says how they become one"


@pytest.mark.django_db
def test_every_constraint_name_is_a_sentence():
    own = [m for m in apps.get_models() if m._meta.app_label in OWN]
    names = [constraint.name for model in own for constraint in model._meta.constraints]
    assert names
    assert not [name for name in names if name.count("_") < 2]


@pytest.mark.django_db
def test_no_migration_goes_through_rows_while_it_holds_the_lock_of_a_changed_table():
    """Of what adds or alters a column, other statements of the same transaction keep everybody from the table."""
    own = [m for key, m in MigrationLoader(connection).disk_migrations.items() if key[0] in OWN]
    wrong = [m.name for m in own if m.atomic and _changes_tables(m) and _goes_through_rows(m)]
    assert wrong == []


def _changes_tables(migration):
    return any(isinstance(step, AddField | AlterField | AddIndex | AddConstraint) for step in migration.operations)


def _goes_through_rows(migration):
    return any(isinstance(step, RunPython) for step in migration.operations)
