"""Connections kept from an earlier request: used without asking only where the server is known to be there."""

import time

import pytest
from django.db import DataError, connection

from core.database import base


@pytest.fixture
def line(db):
    other = connection.copy()
    ask(other, "SELECT 1")
    yield other
    other.close()


def ask(line, statement, *values):
    with line.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def cut(line):
    ask(connection, "SELECT pg_terminate_backend(%s)", line.connection.info.backend_pid)
    time.sleep(0.05)  # until word of it is here


def test_whoever_was_heard_of_a_moment_ago_is_not_asked_again(line):
    heard_of = line.connection.answered_at
    assert line.is_usable()
    assert line.connection.answered_at == heard_of


def test_whoever_was_silent_for_long_is_asked(line, monkeypatch):
    monkeypatch.setattr(base, "HEARD_OF", 0)
    heard_of = line.connection.answered_at
    assert line.is_usable()
    assert line.connection.answered_at > heard_of


def test_a_connection_whose_transaction_failed_is_of_no_use(line):
    line.set_autocommit(False)
    with pytest.raises(DataError):
        ask(line, "SELECT 1 / 0")
    assert not line.is_usable()


def test_a_connection_that_was_cut_a_moment_ago_is_not_used(line):
    cut(line)
    assert not line.is_usable()


def test_a_cut_connection_would_be_used_if_nobody_looked_what_has_come(line, monkeypatch):
    class Deaf:
        def register(self, *_):
            pass

        def poll(self, _):
            return []

    monkeypatch.setattr(base.select, "poll", Deaf)
    cut(line)
    assert line.is_usable()
