"""A database that hangs: it is there, and answers nothing."""

import threading
import time

import pytest
from django.db import OperationalError, connection, connections
from psycopg.errors import ConnectionTimeout
from psycopg.waiting import Ready

from core.database import driver, hang
from core.database.hang import Watch
from core.http.problems import DatabaseHangMiddleware


@pytest.fixture
def watching(monkeypatch):
    """A watch that some thread keeps, and that says what the test says."""
    found = Watch()
    found._thread = threading.Thread()
    monkeypatch.setattr(driver, "watch", found)
    monkeypatch.setattr("core.http.problems.watch", found)
    return found


def never_answers():
    while True:
        yield driver.psycopg.waiting.Wait.R


def gives_up(answer) -> bool:
    try:
        answer.send(Ready.NONE)
    except driver.DatabaseHangsError:
        return True
    return False


def waiting():
    answer = driver.within_reason(never_answers())
    next(answer)
    return answer


def test_whoever_waits_is_let_go_once_the_database_is_known_to_hang(watching):
    answer = waiting()
    assert not gives_up(answer)
    watching.hangs = True
    assert gives_up(answer)


def test_an_answer_that_has_come_is_taken_whatever_is_known(watching):
    watching.hangs = True
    answer = waiting()
    assert answer.send(Ready.R) == driver.psycopg.waiting.Wait.R


def test_nobody_waits_longer_than_the_server_lets_a_statement_run(watching, monkeypatch):
    answer = waiting()
    monkeypatch.setattr(hang, "WAITS_AT_MOST", 0)
    assert gives_up(answer)


def test_where_nobody_watches_nothing_is_ended(watching, monkeypatch):
    monkeypatch.setattr(hang, "WAITS_AT_MOST", 0)
    watching._thread, watching.hangs = None, True
    assert not gives_up(waiting())


def ended(statement: str) -> float:
    """Return the seconds after which a statement was given up."""
    began = time.monotonic()
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute(statement)
    return time.monotonic() - began


@pytest.mark.django_db(transaction=True)
def test_a_real_call_ends_and_the_next_one_has_a_connection_of_its_own(watching):
    connection.ensure_connection()
    watching.hangs = True
    assert ended("SELECT pg_sleep(3)") < 2
    watching.hangs = False
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@pytest.mark.django_db(transaction=True)
def test_twin_without_the_watch_a_call_waits_as_long_as_the_database_takes(watching, monkeypatch):
    monkeypatch.setattr(driver, "within_reason", lambda answer: answer)
    connection.ensure_connection()
    watching.hangs = True
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.4)")
    assert time.monotonic() - began >= 0.4


@pytest.mark.django_db(transaction=True)
def test_no_new_connection_is_tried_while_nobody_gets_in(watching, monkeypatch):
    def nobody(*_args, **_kwargs):
        raise ConnectionTimeout

    connection.close()
    with monkeypatch.context() as outage:
        outage.setattr(driver.psycopg.Connection, "connect", nobody)
        with pytest.raises(OperationalError):
            connection.ensure_connection()
    with pytest.raises(OperationalError, match="lets nobody in"):
        connection.ensure_connection()
    watching.ask()
    assert not watching.shut


@pytest.mark.parametrize("path", ["/book/", "/api/v1/sites/"])
def test_new_calls_are_told_to_come_back_before_anything_is_asked(client, watching, path):
    watching.hangs = True
    answer = client.get(path)  # this test may not ask the database
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200


def test_twin_without_that_refusal_a_new_call_asks_the_database(client, watching, monkeypatch):
    monkeypatch.setattr(DatabaseHangMiddleware, "__call__", lambda self, request: self.get_response(request))
    watching.hangs = True
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        client.get("/book/")


@pytest.mark.django_db(transaction=True)
def test_the_watch_sees_a_database_that_answers_nothing_and_that_it_answers_again(monkeypatch, caplog):
    watch = Watch()
    monkeypatch.setattr(driver, "watch", watch)
    monkeypatch.setattr(hang, "EVERY", 0.01)
    monkeypatch.setattr(hang, "ANSWERS_WITHIN", 0.2)
    with monkeypatch.context() as outage:
        outage.setattr(hang, "QUESTION", "SELECT pg_sleep(1)")
        watch.start()
        assert eventually(lambda: watch.hangs)
    assert eventually(lambda: not watch.hangs)
    watch.stop()
    assert caplog.messages[:2] == ["The database hangs: nobody waits for it", "The database answers again"]


def test_a_database_that_is_away_hangs_not(watching, monkeypatch, django_db_blocker):
    with django_db_blocker.unblock(), monkeypatch.context() as outage:
        outage.setitem(connections.databases["default"], "PORT", "1")
        asking = threading.Thread(target=watching.ask)
        asking.start()
        asking.join()
    assert not watching.hangs


def eventually(true) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.02)
    return False
