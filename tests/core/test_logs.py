"""No log holds a link that opens a visit, nor what PostgreSQL quotes of a patient's row."""

import io
import logging

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection
from django.test import Client
from gunicorn.config import Config

from booking.web import link_views
from config.gunicorn import RedactingLogger
from core.monitoring.logs import redact

TOKEN = "alices-own-token"
ADDRESS = "alice@example.org"


@pytest.fixture
def log(monkeypatch):
    """What the service's own handler writes."""
    written = io.StringIO()
    (handler,) = [h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler]
    monkeypatch.setattr(handler, "stream", written)
    return written


@pytest.mark.parametrize(("fault", "status"), [(OperationalError, 503), (ZeroDivisionError, 500)])
def test_alices_link_is_not_written_down_when_her_page_fails(log, db, monkeypatch, fault, status):
    def fails(*_, **__):
        raise fault(f"GET /m/{TOKEN}/cancel/")

    monkeypatch.setattr(link_views.LinkAccess, "of", fails)
    answer = Client(raise_request_exception=False).get(f"/m/{TOKEN}/")
    assert answer.status_code == status
    assert "/m/-/" in log.getvalue()
    assert TOKEN not in log.getvalue()


@pytest.mark.parametrize("before", ["/family/", "/family/patient/"])
def test_nor_is_the_link_of_a_mail_about_a_family(before):
    assert redact(f"GET {before}{'a' * 43}/ 500, GET /family/time/") == f"GET {before}-/ 500, GET /family/time/"


def test_a_row_that_postgresql_quotes_is_not_written_down(log, db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE known (email text UNIQUE, note text NOT NULL) ON COMMIT DROP")
        with pytest.raises(IntegrityError, match=ADDRESS) as said:
            cursor.execute("INSERT INTO known VALUES (%s, NULL)", [f"first line\n\n{ADDRESS}"])
    logging.getLogger("core").error("Not written: %r", said.value, exc_info=said.value)
    assert "IntegrityError" in log.getvalue()
    assert "The above exception was the direct cause" in log.getvalue()
    assert ADDRESS not in log.getvalue()
    assert "DETAIL" not in log.getvalue()


def test_what_follows_the_quoted_row_stays():
    text = (
        f"ERROR: taken\nDETAIL:  Key (email)=({ADDRESS}\nx) is there.\nHINT:  Another.\n\nTraceback (most recent call"
    )
    assert redact(text) == "ERROR: taken\nHINT:  Another.\n\nTraceback (most recent call"


def test_the_web_server_writes_no_link_either(monkeypatch):
    log, written = RedactingLogger(Config()), io.StringIO()
    for handler in log.error_log.handlers:
        monkeypatch.setattr(handler, "stream", written)
    fault = DatabaseError(f"DETAIL:  Failing row contains ({ADDRESS})")
    log.error("Error handling request %s", f"/m/{TOKEN}/undo/?a=b", exc_info=fault)
    assert "Error handling request /m/-/undo/?a=b" in written.getvalue()
    assert TOKEN not in written.getvalue()
    assert ADDRESS not in written.getvalue()
    assert not log.access_log_enabled
