"""A database of the benchmarks' own, on the server of the running service."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.sql import SQL, Identifier

NAME = "meridian_bench"
PATIENT = "SET statement_timeout = 0; SET lock_timeout = 0"


class NotAllowed(Exception):  # noqa: N818  (said in one sentence)
    """The role may not make databases."""


@contextmanager
def bench_database(*, keep: bool = False, name: str = NAME) -> Iterator[bool]:
    """Point Django at a database for benchmarks, dropped unless kept; yield whether it is new. Raises NotAllowed."""
    before = settings.DATABASES["default"]["NAME"]
    fresh = make(name, keep=keep)
    point_at(name)
    try:
        # One that was kept may be of a release before this one.
        call_command("migrate", verbosity=0, interactive=False)
        patient()
        yield fresh
    finally:
        point_at(before)
        if not keep:
            drop(name)


@contextmanager
def copied_database(suffix: str) -> Iterator[BaseDatabaseWrapper]:
    """Copy the database in use, which nothing may be connected to; yield a connection to the copy, dropped after."""
    here = connection.settings_dict["NAME"]
    connection.close()
    drop(f"{here}_{suffix}")
    with admin() as server:
        server.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(f"{here}_{suffix}"), Identifier(here)))
    line = connections[DEFAULT_DB_ALIAS].copy()
    line.settings_dict = {**line.settings_dict, "NAME": f"{here}_{suffix}"}
    try:
        with line.cursor() as cursor:
            cursor.execute(PATIENT)
        yield line
    finally:
        line.close()
        drop(f"{here}_{suffix}")


def make(name: str, *, keep: bool) -> bool:
    """Make the database, or find the one kept; return whether it is new."""
    if not keep:
        drop(name)
    with admin() as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return False
        try:
            server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        except psycopg.errors.InsufficientPrivilege as error:
            user = settings.DATABASES["default"]["USER"]
            told = f"The database role {user} may not make a database to measure in: set DATABASE_URL to one that may."
            raise NotAllowed(told) from error
    return True


def drop(name: str) -> None:
    """Drop the database, if it is there."""
    with admin() as server:
        server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def admin() -> psycopg.Connection[Any]:
    """Connect to the server outside of any database of ours."""
    return psycopg.connect(**address(dbname="postgres"), autocommit=True)


def address(**changes: str) -> dict[str, Any]:
    """Return how psycopg reaches the database that Django uses now."""
    known = settings.DATABASES["default"]
    found = {"host": known["HOST"], "port": known["PORT"], "user": known["USER"], "password": known["PASSWORD"]}
    return {key: value for key, value in {**found, "dbname": known["NAME"], **changes}.items() if value}


def point_at(name: str) -> None:
    """Let Django's connection, and programs started from here, use the database `name`."""
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
    os.environ["DATABASE_URL"] = url()


def url() -> str:
    """Return the URL of the database in use."""
    known = address()
    password = f":{known['password']}" if "password" in known else ""
    return f"postgres://{known['user']}{password}@{known['host']}:{known.get('port', 5432)}/{known['dbname']}"


def patient() -> None:
    """Let this connection's statements take as long as they need."""
    with connection.cursor() as cursor:
        cursor.execute(PATIENT)
