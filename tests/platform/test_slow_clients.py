"""Whoever sends slowly, or too much, keeps nobody else from the site."""

import json
import socket
import threading
import time
from datetime import UTC, datetime
from http.client import HTTPConnection

import pytest
import time_machine
from waitress import wasyncore

from core.http.problems import AddressTooLong, BadRequest, HeadersTooLarge, body_of
from core.http.request_limits import LARGEST_BODY, TOO_LARGE
from core.http.response_headers import ALWAYS
from local.processes import web_worker
from tests.platform.running import eventually

OPEN = b"POST / HTTP/1.1\r\nHost: x\r\n"
THREADS = 2


class Site:
    """A web process's inside: its sockets, its loop and its threads, around a small application."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.asked: list[dict] = []
        self.let_go = threading.Event()
        self.connections: dict = {}
        self.server = web_worker.listen(
            self.application, self.listening, self.connections, threads=THREADS, most_connections=60, idle_seconds=20
        )
        self.over = False
        self.loop = threading.Thread(target=self.run)
        self.loop.start()

    def application(self, environ, start_response):
        self.asked.append(environ)
        if environ["PATH_INFO"] == "/waits":
            self.let_go.wait(20)
        body = environ["wsgi.input"].read()
        start_response("413 x" if TOO_LARGE in environ else "200 OK", [("Content-Type", "text/plain")])
        return [str(len(body)).encode()]

    def run(self):
        while not self.over:
            self.server.turn(seconds=0.02)

    def open(self, sent: bytes = b"") -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        line.sendall(sent)
        return line

    def ask(self, path="/", method="GET", body=None, **headers):
        line = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request(method, path, body, headers, encode_chunked="Transfer-Encoding" in headers)
            answer = line.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            line.close()

    def close(self):
        self.let_go.set()
        self.over = True
        self.loop.join()
        for dispatcher in (self.server.reserve, self.server.task_dispatcher):
            dispatcher.shutdown(timeout=2)
        wasyncore.close_all(self.connections)
        self.listening.close()


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(web_worker, "LOOKS_EVERY", 0.0)
    running = Site()
    yield running
    running.close()


def is_cut(line: socket.socket) -> bool:
    try:
        return line.recv(1) == b""
    except ConnectionError:
        return True


def test_many_who_send_slowly_keep_nobody_waiting(site):
    slow = [site.open(b"GET / HTTP/1.1\r\nX-Slow: ") for _ in range(20)]
    slow += [site.open(OPEN + b"Content-Length: 9\r\n\r\nx") for _ in range(20)]
    assert site.ask()[:2] == (200, b"0")
    assert site.ask("/", "POST", b"four")[:2] == (200, b"4")
    assert len(site.asked) == 2
    slow[-1].sendall(b"x" * 8)  # slow, but in time
    assert slow[-1].recv(15) == b"HTTP/1.1 200 OK"
    for line in slow:
        line.close()


def test_health_is_answered_while_every_thread_waits(site):
    waiting = [site.open(b"GET /waits HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(THREADS + 2)]
    until = time.monotonic() + 5
    while len(site.asked) < THREADS and time.monotonic() < until:
        time.sleep(0.01)
    assert site.ask("/healthz")[0] == site.ask("/readyz")[0] == 200
    assert [environ["PATH_INFO"] for environ in site.asked] == ["/waits"] * THREADS + ["/healthz", "/readyz"]
    for line in waiting:
        line.close()


def test_twin_without_a_thread_of_its_own_health_waits_with_the_others(site, monkeypatch):
    monkeypatch.setattr(web_worker, "HEALTH", frozenset())
    waiting = [site.open(b"GET /waits HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(THREADS)]
    asking = site.open(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    asking.settimeout(0.3)
    with pytest.raises(TimeoutError):
        asking.recv(1)
    for line in (*waiting, asking):
        line.close()


@pytest.mark.parametrize(
    ("limit", "sent"),
    [
        ("HEADERS_WITHIN", b"GET / HTTP/1.1\r\nX-Slow: "),
        ("REQUEST_WITHIN", OPEN + b"Content-Length: 9\r\n\r\nx"),
        ("REQUEST_WITHIN", OPEN + b"Transfer-Encoding: chunked\r\n\r\n3\r\nx"),
    ],
)
def test_who_is_too_slow_is_cut(site, monkeypatch, limit, sent):
    monkeypatch.setattr(web_worker, limit, 0.1)
    line = site.open(sent)
    assert is_cut(line)
    assert site.asked == []
    line.close()


def test_a_crowd_of_silent_connections_shuts_nobody_out(site):
    silent = [site.open() for _ in range(150)]
    assert site.ask()[0] == 200
    for line in silent:
        line.close()


def test_a_crowd_that_comes_faster_than_anybody_looks_shuts_nobody_out(site, monkeypatch):
    monkeypatch.setattr(web_worker, "LOOKS_EVERY", 3600.0)
    site.server.looked_at = time.monotonic()
    silent = [site.open() for _ in range(150)]
    assert site.ask("/healthz")[:2] == (200, b"0")
    assert sum(map(is_cut, silent[:60])) == 60  # who has waited longest makes room
    for line in silent:
        line.close()


@pytest.mark.parametrize(("crowd", "taken"), [(21, 1), (5, 5)])
def test_of_a_crowd_several_are_let_in_at_once_and_else_one_for_each_process(site, monkeypatch, crowd, taken):
    monkeypatch.setattr(web_worker, "CROWD", crowd)
    inside = [site.open() for _ in range(18)]  # with the listening socket and the trigger there are twenty
    assert eventually(lambda: len(site.server.active_channels) == len(inside), 5)
    site.over = True
    site.loop.join()
    inside += [site.open() for _ in range(10)]
    site.server.turn(seconds=1)
    assert len(site.server.active_channels) == 18 + taken
    for line in inside:
        line.close()


@pytest.mark.parametrize("year", [2020, 2050])
def test_a_clock_that_is_set_neither_spares_who_is_slow_nor_cuts_who_is_not(site, monkeypatch, year):
    patient, slow = site.open(), site.open(OPEN)
    with time_machine.travel(datetime(year, 1, 1, tzinfo=UTC)):
        assert site.ask()[0] == 200
        monkeypatch.setattr(web_worker, "HEADERS_WITHIN", 0.1)
        assert is_cut(slow)
        patient.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert patient.recv(15) == b"HTTP/1.1 200 OK"
    patient.close()
    slow.close()


def test_twin_where_nobody_looks_a_slow_sender_stays(site, monkeypatch):
    monkeypatch.setattr(web_worker.Server, "cut_the_slow", lambda *_: None)
    monkeypatch.setattr(web_worker, "HEADERS_WITHIN", 0.1)
    with site.open(OPEN) as slow:
        slow.settimeout(0.4)
        with pytest.raises(TimeoutError):
            slow.recv(1)


def hoard(site, bodies: int) -> list[socket.socket]:
    return [site.open(OPEN + b"Content-Length: 90000\r\n\r\n" + b"x" * 50_000) for _ in range(bodies)]


def test_bodies_that_do_not_end_hold_only_so_much_memory(site, monkeypatch):
    monkeypatch.setattr(web_worker, "MOST_UNFINISHED", 120_000)
    hoarding = hoard(site, 4)
    assert is_cut(hoarding[0])
    assert is_cut(hoarding[1])
    hoarding[3].sendall(b"x" * 40_000)
    assert hoarding[3].recv(15) == b"HTTP/1.1 200 OK"
    for line in hoarding:
        line.close()


def held(site) -> int:
    return sum(each.held for each in tuple(site.server.active_channels.values()))


def whole(site) -> list[int]:
    """Return the sizes of the bodies that wait for a thread."""
    requests = [request for each in tuple(site.server.active_channels.values()) for request in tuple(each.requests)]
    return [request.body_bytes_received for request in requests]


def fill(site, bodies: int) -> list[socket.socket]:
    """Let every thread wait, and send whole bodies of 100 kB, as far as they are taken."""
    lines = [site.open(b"GET /waits HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(THREADS)]
    for sent in range(1, bodies + 1):
        lines.append(site.open(OPEN + b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000))
        assert eventually(lambda sent=sent: held(site) == sent * 100_000 or site.server.is_full, 5)
    return lines


def test_whole_bodies_that_wait_for_a_thread_hold_only_so_much_memory_and_are_all_answered(site, monkeypatch):
    monkeypatch.setattr(web_worker, "MOST_HELD", 400_000)
    lines = fill(site, 8)
    assert eventually(lambda: held(site) > 400_000, 5)
    with site.open(OPEN + b"Content-Length: 3\r\n\r\n") as small:
        small.sendall(b"abc")
        assert eventually(lambda: 3 in whole(site), 5)  # what is small is taken all the same
        assert held(site) < 400_000 + 8 * 8192 + 3
        site.let_go.set()
        for line in (*lines, small):
            assert line.recv(15) == b"HTTP/1.1 200 OK"
    for line in lines:
        line.close()


def test_twin_without_that_bound_all_that_is_sent_is_held(site):
    lines = fill(site, 8)
    assert eventually(lambda: held(site) == 800_000, 5)
    for line in lines:
        line.close()


def test_a_body_of_a_mebibyte_is_read_and_more_is_refused_before_it_is_sent(site):
    assert site.ask("/", "POST", b"x" * LARGEST_BODY)[:2] == (200, str(LARGEST_BODY).encode())
    with site.open(OPEN + b"Content-Length: %d\r\n\r\n" % (LARGEST_BODY + 1)) as line:
        assert line.recv(12) == b"HTTP/1.1 413"
    with site.open(OPEN + b"Content-Length: 300000000\r\nExpect: 100-continue\r\n\r\n") as line:
        assert line.recv(12) == b"HTTP/1.1 413"


def test_who_sends_far_too_much_still_reads_the_answer(site):
    status, told, _ = site.ask("/", "POST", b"x" * 30 * LARGEST_BODY)
    assert (status, told) == (413, b"0")


def test_a_body_without_a_length_is_counted_as_it_comes(site):
    status, told, _ = site.ask("/", "POST", iter([b"x" * 65536] * 15), **{"Transfer-Encoding": "chunked"})
    assert (status, told) == (200, str(15 * 65536).encode())
    status, told, _ = site.ask("/", "POST", iter([b"x" * 65536] * 64), **{"Transfer-Encoding": "chunked"})
    assert (status, told) == (413, b"0")


def test_no_body_is_written_to_a_file(site, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a file was opened")

    monkeypatch.setattr("waitress.buffers.TempfileBasedBuffer.newfile", refuse)
    assert site.ask("/", "POST", b"x" * LARGEST_BODY)[0] == 200
    assert site.ask("/", "POST", b"x" * 3 * LARGEST_BODY)[0] == 413


def test_what_cannot_be_read_is_refused_in_a_line(site):
    status, told, headers = site.ask("/api/v1/" + "a" * 40_000)
    assert (status, headers["Content-Type"]) == (414, "application/problem+json")
    assert json.loads(told) == body_of(AddressTooLong())
    assert ALWAYS.items() <= dict(headers).items()
    status, told, headers = site.ask("/book/", **{"X-Long": "a" * 40_000})
    assert (status, told) == (431, b"Request Header Fields Too Large.")
    with site.open(b"\x16\x03\x01 hello\r\n\r\n") as line:
        assert b"400 Bad Request" in line.recv(1000)
    assert site.asked == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"GET http://x/api/v1/sites/ HTTP/1.1\r\nX-Long: " + b"a" * 40_000, HeadersTooLarge),
        (b"POST /api/v1/sites/ HTTP/1.1\r\nContent-Length: x", BadRequest),
        (b"POST /api/v1/sites/ HTTP/1.1\r\nTransfer-Encoding: gzip", BadRequest),
    ],
)
def test_a_program_reads_of_what_cannot_be_read_which_problem_it_is(site, line, kind):
    with site.open(line + b"\r\n\r\n") as sent:
        _, _, told = sent.makefile("rb").read().partition(b"\r\n\r\n")
    assert json.loads(told) == body_of(kind())


@pytest.mark.parametrize(
    "sent",
    [
        OPEN + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://[x]/ HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_no_number_and_no_address_is_gets_an_answer_and_no_line_in_the_log(site, caplog, sent):
    with site.open(sent) as line:
        assert b" 400 Bad Request" in line.recv(1000)
    assert (site.asked, caplog.messages) == ([], [])


def test_a_fault_of_ours_while_reading_writes_no_address_of_a_visitor_down(site, monkeypatch, caplog):
    def fail(*_):
        raise LookupError

    monkeypatch.setattr(web_worker.Parser, "received", fail)
    with site.open(b"GET / HTTP/1.1\r\n\r\n") as line:
        assert is_cut(line)
    assert "LookupError" in caplog.text
    assert "127.0.0.1" not in caplog.text


def test_a_connection_serves_several_requests(site):
    with site.open(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n") as line:
        assert line.recv(15) == b"HTTP/1.1 200 OK"
        line.sendall(b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        until = time.monotonic() + 5
        while len(site.asked) < 2 and time.monotonic() < until:
            time.sleep(0.01)
    assert [environ["PATH_INFO"] for environ in site.asked] == ["/a", "/b"]


def test_a_request_that_never_ends_is_noticed_and_what_was_begun_is_finished_before_the_end(site):
    with site.open(b"GET /waits HTTP/1.1\r\nHost: x\r\n\r\n") as line:
        until = time.monotonic() + 5
        while not site.server.longest() and time.monotonic() < until:
            time.sleep(0.01)
        assert 0 < site.server.longest() < 5
        assert not site.server.finished()
        site.let_go.set()
        assert line.recv(15) == b"HTTP/1.1 200 OK"
