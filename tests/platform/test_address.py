"""The service is asked whether it is ready where it listens, by a name that it answers to."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from local.address import bound, host_name
from local.commands.up import parse
from local.processes import healthcheck
from local.services.machine import answers
from local.setup_error import SetupError


class OneName(BaseHTTPRequestHandler):
    """Answers one host name only, as Django does."""

    def do_GET(self):
        self.send_response(200 if self.headers["Host"] == "clinic.example.org" else 400)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def port():
    with HTTPServer(("127.0.0.1", 0), OneName) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_clinic_with_a_name_and_a_port_of_its_own_becomes_ready(port, monkeypatch):
    monkeypatch.setenv("WEB_BIND", f"0.0.0.0:{port}")
    monkeypatch.setenv("ALLOWED_HOSTS", "clinic.example.org,localhost")
    assert answers(1)
    assert healthcheck.main() == 0
    assert parse([]).port == port
    monkeypatch.setenv("ALLOWED_HOSTS", "other.example.org")
    assert not answers(1)


@pytest.mark.parametrize(
    ("said", "where"),
    [("[::1]:9000", ("::1", 9000)), ("10.0.0.7:80", ("10.0.0.7", 80)), (":8000", ("127.0.0.1", 8000))],
)
def test_the_address_is_read_as_the_web_server_reads_it(said, where, monkeypatch):
    monkeypatch.setenv("WEB_BIND", said)
    assert bound(1) == where


def test_an_address_without_a_port_is_refused(monkeypatch):
    monkeypatch.setenv("WEB_BIND", "unix:/run/web.sock")
    with pytest.raises(SetupError, match="WEB_BIND"):
        parse([])


@pytest.mark.parametrize(("hosts", "name"), [(".example.org", "example.org"), ("*", "localhost"), ("", "localhost")])
def test_a_pattern_of_hosts_is_asked_by_a_name_that_fits(hosts, name, monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", hosts)
    assert host_name() == name
