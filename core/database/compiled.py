"""Queries put into SQL once and asked again and again: Django would write the same text anew each time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import cached_property, lru_cache, wraps
from itertools import count
from typing import Any, Generic, ParamSpec, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, ProgrammingError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from core.refusals import Missing

Row = TypeVar("Row", bound=Model)
P = ParamSpec("P")

KINDS = 256
"""How many kinds of askers a query is kept for."""

_numbers = count(1)
_in_force = [0]
"""The numbers of the rules by which queries are written; the last one counts."""


class Argument(Expression):
    """A value of a query that is given each time it is asked, by name; of the type that the database expects."""

    place = "%s"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:  # noqa: ARG002
        """Return the place for the value."""
        return self.place, [self]


class Arguments(Argument):
    """Several whole numbers, of which a column is one: `ids__in=Arguments("ids")`."""

    place = "SELECT unnest(%s::bigint[])"


class CompiledQuery(Generic[Row]):
    """A query over rows of one model, which `build` returns with an `Argument` for each value that differs.

    It asks what the query itself would ask; what it saves is the writing, most of what a query costs this side.
    """

    def __init__(self, build: Callable[[], QuerySet[Row, Any]]) -> None:
        self._build = build

    def rows(self, **values: object) -> list[Row]:
        """Return the rows as objects."""
        compiler = self._compiler(values)
        if compiler is None:
            return []
        given = cast("Any", _WrittenQuery(compiler))
        return list(QuerySet(self._rows.model, query=given, using=DEFAULT_DB_ALIAS))

    def first(self, **values: object) -> Row | None:
        """Return the first row as an object, or None."""
        return next(iter(self.rows(**values)), None)

    def get(self, **values: object) -> Row:
        """Return the one row as an object. Raises Missing."""
        found = self.first(**values)
        if found is None:
            raise Missing
        return found

    def tuples(self, **values: object) -> list[tuple[Any, ...]]:
        """Return the rows as tuples: those of a query built by `values_list`."""
        compiler = self._compiler(values)
        found = compiler.results_iter(tuple_expected=True) if compiler is not None else ()
        return cast("list[tuple[Any, ...]]", list(found))

    @cached_property
    def _rows(self) -> QuerySet[Row, Any]:
        return self._build()

    @cached_property
    def _written(self) -> tuple[SQLCompiler, str, tuple[Any, ...]] | None:
        compiler = self._rows.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            text, parameters = compiler.as_sql()
        except EmptyResultSet:  # no row can be what is asked for: Django does not ask the database either
            return None
        converters = compiler.get_converters([column for column, _, _ in compiler.select])
        cast("Any", compiler).get_converters = lambda _: converters
        return compiler, text, tuple(parameters)

    def _compiler(self, values: dict[str, object]) -> SQLCompiler | None:
        """Return a compiler that has written its text already, with the values in their places; None: there is none."""
        connection = connections[DEFAULT_DB_ALIAS]
        if self._rows.query.select_for_update and connection.get_autocommit():
            raise ProgrammingError("select_for_update cannot be used outside of a transaction.")
        if self._written is None:
            return None
        once, text, parameters = self._written
        filled = [values[one.name] if isinstance(one, Argument) else one for one in parameters]
        compiler = copy(once)
        compiler.connection = connection  # each thread has its own
        cast("Any", compiler).as_sql = lambda: (text, filled)
        return compiler


def for_each_kind(build: Callable[P, QuerySet[Row, Any]]) -> Callable[P, CompiledQuery[Row]]:
    """Keep a compiled query for each kind of asker, as `Principal.kind` tells them apart."""

    def written(_rules: int, *args: P.args, **kwargs: P.kwargs) -> CompiledQuery[Row]:
        return CompiledQuery(lambda: build(*args, **kwargs))

    cached = cast("Callable[..., CompiledQuery[Row]]", lru_cache(maxsize=KINDS)(written))

    @wraps(build)
    def compiled(*args: P.args, **kwargs: P.kwargs) -> CompiledQuery[Row]:
        return cached(_in_force[-1], *args, **kwargs)

    return compiled


@contextmanager
def written_anew() -> Iterator[None]:
    """Write anew what `for_each_kind` has kept, while a rule that is in their texts may be another one."""
    _in_force.append(next(_numbers))
    try:
        yield
    finally:
        _in_force.pop()


class _WrittenQuery:
    """What a QuerySet asks of its query, where that is written already."""

    def __init__(self, compiler: SQLCompiler) -> None:
        self._compiler = compiler

    def get_compiler(self, **_: object) -> SQLCompiler:
        return self._compiler
