"""Give the service's role its rights: everything on rows, but no rewriting of what is append-only."""

import os
from argparse import ArgumentParser

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Composed, Identifier

LIMITS = {"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"}


class Command(BaseCommand):
    """Run by the owner after each migration; doing it again changes nothing."""

    help = "Give the service's database role its rights, without update or delete on append-only tables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the role's name."""
        parser.add_argument("--role", default=os.environ.get("DATABASE_APP_ROLE", "meridian_app"))

    def handle(self, *_: object, role: str, **__: object) -> None:
        """Grant, in one transaction, so that the service never stands without rights."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_user = %s, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role, role])
            same, known = cursor.fetchone() or (False, False)
            if not known:
                raise CommandError(f"There is no database role {role}: create it, or name another with --role.")
            if same:
                self.stdout.write(
                    f"The service owns its tables as {role}: append-only tables are guarded by triggers alone."
                )
                return
            grant(cursor, role)
            if missing := LIMITS - limited(cursor, role):
                names = ", ".join(sorted(missing))
                self.stdout.write(
                    f"The role {role} has no {names}: run deploy/postgres/role-settings.sql as the database's "
                    "administrator, else nothing ends what is slow."
                )


def limited(cursor: CursorWrapper, role: str) -> set[str]:
    """Return which settings the sessions of `role` begin with, here or in every database."""
    cursor.execute(
        "SELECT split_part(unnest(setconfig), '=', 1) FROM pg_db_role_setting"
        " WHERE setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = %s))"
        " AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))",
        [role],
    )
    return {name for (name,) in cursor.fetchall()}


def grant(cursor: CursorWrapper, role: str) -> None:
    """Give `role` all rows and sequences, then take back what rewrites an append-only table."""
    who = Identifier(role)
    run(cursor, SQL("GRANT USAGE ON SCHEMA public TO {}").format(who))
    run(cursor, SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(who))
    run(cursor, SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(who))
    # Migrations are the owner's: whoever takes over the service cannot say that one was applied.
    run(cursor, SQL("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}").format(who))
    for table, columns in append_only().items():
        run(cursor, SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(Identifier(table), who))
        if columns:
            names = SQL(", ").join(map(Identifier, sorted(columns)))
            run(cursor, SQL("GRANT UPDATE ({}) ON {} TO {}").format(names, Identifier(table), who))


def append_only() -> dict[str, frozenset[str]]:
    """Return the append-only tables, each with the columns that may still be written."""
    models = [model for model in apps.get_models() if hasattr(model, "append_only_except")]
    return {model._meta.db_table: model.append_only_except for model in models}


def run(cursor: CursorWrapper, statement: Composed) -> None:
    """Execute a composed statement."""
    cursor.execute(statement.as_string(cursor.connection))
