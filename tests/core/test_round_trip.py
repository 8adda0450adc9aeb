"""Statements that go together: what they see and leave, and what this side does while the database works on them."""

import pytest
from django.db import DataError, connection, transaction
from psycopg.pq import TransactionStatus

from core.database.round_trip import ReadStatement, in_one_trip, read_together
from core.models import Site
from tests.factories.scheduler import make_site

A_WHILE = ("SELECT pg_sleep(0.05)", {})
RENAME = ("UPDATE core_site SET key = %(key)s RETURNING key", {"key": "renamed"})
TOO_LARGE = ("SELECT %(number)s::integer", {"number": 2**40})


def at_work():
    return connection.connection.pgconn.transaction_status == TransactionStatus.ACTIVE


def ask(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


@pytest.mark.django_db
def test_work_is_done_once_while_the_database_is_at_its_own():
    seen = []
    in_one_trip(A_WHILE, beside=lambda: seen.append(at_work()))
    ask("SELECT 1")
    assert seen == [True]


@pytest.mark.django_db
def test_work_is_done_though_the_database_had_answered_by_then():
    seen = []
    for number in range(20):
        assert in_one_trip(("SELECT %(number)s::int", {"number": number}), beside=lambda: seen.append(1)) == (number,)
    assert len(seen) == 20


@pytest.mark.django_db
def test_whoever_asks_the_database_meanwhile_is_refused_and_does_not_wait_for_ever():
    with pytest.raises(RuntimeError, match="at work"):
        in_one_trip(A_WHILE, beside=lambda: ask("SELECT 1"))
    assert ask("SELECT 2") == (2,)


@pytest.mark.django_db
def test_where_that_work_fails_the_next_statement_hears_its_own_answer():
    with pytest.raises(ZeroDivisionError):
        in_one_trip(A_WHILE, beside=lambda: 1 / 0)
    assert ask("SELECT 2") == (2,)


@pytest.mark.django_db(transaction=True)
def test_statements_that_go_together_stand_together():
    make_site()
    assert in_one_trip(RENAME, ("SELECT key FROM core_site", {})) == ("renamed",)
    assert Site.objects.get().key == "renamed"


@pytest.mark.django_db(transaction=True)
def test_where_one_of_them_fails_none_stands_and_the_connection_is_of_use():
    make_site()
    with pytest.raises(DataError):
        in_one_trip(RENAME, TOO_LARGE)
    assert Site.objects.get().key != "renamed"


@pytest.mark.django_db
def test_inside_a_transaction_they_are_a_part_of_it():
    make_site()
    with transaction.atomic():
        assert in_one_trip(RENAME) == ("renamed",)
        transaction.set_rollback(True)
    assert Site.objects.get().key != "renamed"


@pytest.mark.django_db(transaction=True)
def test_the_server_plans_them_once_for_a_connection():
    for number in (1, 2, 3):
        in_one_trip(("SELECT %(number)s::int AS told_apart", {"number": number}))
    kept = ask(
        "SELECT sum(generic_plans + custom_plans) FROM pg_prepared_statements WHERE statement LIKE '%told_apart'"
    )
    assert kept == (3,)


def number(value, *, anew=False):
    return ReadStatement("SELECT %(number)s::integer", {"number": value}, lambda rows: rows[0][0], anew=anew)


@pytest.mark.django_db
def test_what_is_read_together_takes_one_trip_and_each_hears_its_own_answer(django_assert_num_queries):
    with django_assert_num_queries(1) as asked:
        assert read_together(number(1), None, number(2, anew=True), number(3)) == [1, None, 2, 3]
    assert asked[0]["sql"].count("SELECT") == 3  # whoever looks at a log of queries sees them all
    assert read_together(None, None) == [None, None]


@pytest.mark.django_db
@pytest.mark.parametrize(("anew", "planned"), [(False, 1), (True, 0)])
def test_what_is_read_again_is_planned_once_unless_it_depends_on_how_much_is_asked(anew, planned):
    statement = f"SELECT %(number)s::integer + {10 + anew}"
    for value in range(3):
        assert read_together(ReadStatement(statement, {"number": value}, list, anew=anew)) == [[(value + 10 + anew,)]]
    found = f"SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%integer + {10 + anew}'"
    assert ask(found) == (planned,)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", [True, False])
def test_where_one_of_what_is_read_together_fails_whoever_asks_hears_of_it_and_may_ask_again(first):
    wanted = (number(2**40), number(1)) if first else (number(1), number(2**40))
    for _ in range(2):
        with pytest.raises(DataError):
            read_together(*wanted)
        assert read_together(number(2), number(3)) == [2, 3]
