"""Rows of several tables as they are, kept as JSON, to see what became of them and to let them be as they were."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model
from psycopg import sql

RowValues = dict[str, Any]
RowsByTable = dict[str, dict[str, RowValues]]
"""Rows by table and primary key, as `to_jsonb` writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """The rows of a table that name one of some numbers in one of these columns."""

    table: type[Model]
    columns: frozenset[str]


def key_of(table: type[Model]) -> str:
    """Return the column of a table's primary key."""
    return str(table._meta.pk.column)


def rows_naming(named: Sequence[Naming], ids: Sequence[int]) -> RowsByTable:
    """Return the rows that name one of `ids`, in one statement."""
    parts = [
        sql.SQL("SELECT {name}, {key}::text, to_jsonb(one) FROM {table} AS one WHERE {named}").format(
            name=sql.Literal(one.table._meta.db_table),
            key=sql.Identifier("one", key_of(one.table)),
            table=sql.Identifier(one.table._meta.db_table),
            named=sql.SQL(" OR ").join(
                sql.SQL("{column} = ANY({ids})").format(
                    column=sql.Identifier("one", column), ids=sql.Literal(list(ids))
                )
                for column in sorted(one.columns)
            ),
        )
        for one in named
    ]
    found: RowsByTable = {one.table._meta.db_table: {} for one in named}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts).as_string(cursor.connection))
        for table, key, row in cursor.fetchall():
            found[table][key] = json.loads(row) if isinstance(row, str) else row
    return found


def write_columns(table: type[Model], key: str, row: Mapping[str, Any]) -> None:
    """Let a row have these values again, all in one statement."""
    name, columns = table._meta.db_table, [sql.Identifier(column) for column in sorted(row)]
    _run(
        sql.SQL(
            "UPDATE {table} SET ({columns}) = "
            "(SELECT {columns} FROM jsonb_populate_record(NULL::{table}, {row}::jsonb)) WHERE {key} = {id}"
        ).format(
            table=sql.Identifier(name),
            columns=sql.SQL(", ").join(columns),
            row=sql.Literal(json.dumps(dict(row))),
            key=sql.Identifier(key_of(table)),
            id=sql.Literal(int(key)),
        )
    )


def write_row(table: type[Model], row: Mapping[str, Any]) -> None:
    """Let a row be there again that was deleted."""
    _run(
        sql.SQL("INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, {row}::jsonb)).*").format(
            table=sql.Identifier(table._meta.db_table), row=sql.Literal(json.dumps(dict(row)))
        )
    )


def _run(statement: sql.Composed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
