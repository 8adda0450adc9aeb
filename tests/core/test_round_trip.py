"""What this side does while the database works on a statement."""

import pytest
from django.db import connection
from psycopg.pq import TransactionStatus

from core.database.round_trip import meanwhile

A_WHILE = "SELECT pg_sleep(0.05)"


def at_work():
    return connection.connection.pgconn.transaction_status == TransactionStatus.ACTIVE


def ask(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


@pytest.mark.django_db
def test_work_is_done_once_while_the_database_is_at_its_own():
    seen = []
    with meanwhile(lambda: seen.append(at_work())):
        ask(A_WHILE)
        ask("SELECT 1")
    ask("SELECT 1")
    assert seen == [True]


@pytest.mark.django_db
def test_what_was_not_done_in_time_is_not_done_later():
    seen = []
    with meanwhile(lambda: seen.append(at_work())):
        pass
    ask(A_WHILE)
    assert seen == []


@pytest.mark.django_db
def test_whoever_asks_the_database_meanwhile_is_refused_and_does_not_wait_for_ever():
    with pytest.raises(RuntimeError, match="at work"), meanwhile(lambda: ask("SELECT 1")):
        ask(A_WHILE)
    assert ask("SELECT 2") == (2,)


@pytest.mark.django_db
def test_where_that_work_fails_the_next_statement_hears_its_own_answer():
    with pytest.raises(ZeroDivisionError), meanwhile(lambda: 1 / 0):
        ask(A_WHILE)
    assert ask("SELECT 2") == (2,)
