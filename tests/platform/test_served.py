"""A really served clinic, with its own database: who is slow stops nobody, and a stopped database is told at once."""

import json
import os
import signal
import socket
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest

from local.commands.test import folder
from local.services.data_folder import free_port
from proof.benchmarks.slow_clients import health_seconds, p95, slow_clients
from tests.core.test_headers import ODD, TYPES
from tests.platform.test_up import Up, eventually

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
HELD = 64


class Served:
    """The clinic, as a program and a visitor see it."""

    def __init__(self, up: Up) -> None:
        self.up, self.url = up, f"http://127.0.0.1:{up.port}"
        self.token = up.run("demo_token", "client").stdout.split()[-1]

    def call(self, method, path, body=None):
        """Return status, headers, body and the seconds that it took."""
        line, began = HTTPConnection("127.0.0.1", self.up.port, timeout=60), time.monotonic()
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": str(uuid.uuid4())} if body else {}
        try:
            line.request(method, path, json.dumps(body) if body else None, headers)
            answer = line.getresponse()
            told = answer.read()
        finally:
            line.close()
        return answer.status, answer.headers, told, time.monotonic() - began

    def books(self) -> int:
        """Book a first visit for somebody new; return the status of the answer."""
        free = json.loads(self.call("GET", "/api/v1/slots/?therapy=acu_manual&visit=first&site=lakeside")[2])
        zoe = {
            "name": "Zoë Quinn",
            "birth_date": "1980-02-29",
            "site": "lakeside",
            "phone": "(312) 555-0142",
            "another_person": True,
        }
        zoe |= {"email": f"zoe-{uuid.uuid4().hex[:8]}@example.org", "language": "en"}
        known = json.loads(self.call("POST", "/api/v1/patients/", zoe)[2])
        slot = free["results"][len(free["results"]) // 2]["id"]
        return self.call("POST", "/api/v1/appointments/", {"slot": slot, "patient": known["id"]})[0]


@pytest.fixture(scope="module")
def served():
    with folder() as place, Up(place / "data", free_port()) as up:
        yield Served(up)
        up.end()


def test_64_slow_headers_and_64_slow_bodies_stop_nobody(served):
    with slow_clients(served.url, headers=HELD, bodies=HELD):
        assert p95(health_seconds(served.url, times=40)) < 0.2
        status, _, _, seconds = served.call("GET", "/book/")
        assert (status, seconds < 3) == (200, True)
        assert served.books() == 201


def answer_to(port: int, sent: bytes) -> int:
    """Send bytes as they are; return the status of the answer, 0 for none."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(sent)
        told = line.makefile("rb").readline().split()
    return int(told[1]) if len(told) > 1 else 0


def line_of(name: str, value: str) -> bytes:
    return f"{name.removeprefix('HTTP_').replace('_', '-')}: {value}\r\n".encode("latin-1")


def test_no_header_is_a_fault_on_the_wire(served):
    wrong = {**ODD, "CONTENT_TYPE": TYPES, "TRANSFER_ENCODING": ["gzip", "chunked, chunked", "\xff", "chunked"]}
    found = {}
    for name, value in ((name, value) for name, values in wrong.items() for value in values):
        for path in ("/book/?a=%41", "/api/v1/sites/"):
            head = f"POST {path} HTTP/1.1\r\n".encode() + line_of(name, value)
            head += b"" if name == "HTTP_HOST" else b"Host: 127.0.0.1\r\n"
            head += b"" if name in {"CONTENT_LENGTH", "TRANSFER_ENCODING"} else b"Content-Length: 3\r\n"
            found[name, value[:40], path] = answer_to(
                served.up.port, head + b"Connection: close\r\n\r\na=1\r\n0\r\n\r\n"
            )
    found["an address that is none"] = answer_to(served.up.port, b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert {what: status for what, status in found.items() if not 200 <= status < 500} == {}


def test_a_stray_byte_or_a_script_name_changes_no_page(served):
    for odd in (b"Cookie: a=\xff; b=1\r\n", b"SCRIPT_NAME: /x\r\n", b"Script-Name: /x\r\n", b"X-Odd: \xff\r\n"):
        assert answer_to(served.up.port, b"GET /book/ HTTP/1.1\r\nHost: 127.0.0.1\r\n" + odd + b"\r\n") == 200


def test_no_file_and_no_endless_body_is_taken(served):
    def sends(size: int) -> int:
        part = (
            b'--x\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\n\r\n'
            + b"z" * size
            + b"\r\n--x--\r\n"
        )
        head = b"POST /book/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        return answer_to(served.up.port, head + b"Content-Length: %d\r\n\r\n" % len(part) + part)

    assert sends(500_000) == 415
    assert sends(60_000_000) == 413


def stopped(pid: int) -> list[int]:
    """Stop a process and all that it has started; return them all."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    for each in (pid, *children):
        os.kill(each, signal.SIGSTOP)
    return [pid, *children]


def test_a_stopped_database_is_told_in_less_than_a_second_and_one_that_goes_on_is_used_again(served):
    assert served.call("GET", "/book/")[0] == 200
    hung = stopped(served.up.children()["postgres"])
    try:
        with ThreadPoolExecutor(40) as crowd:
            first = [crowd.submit(served.call, "GET", "/api/v1/sites/") for _ in range(40)]
            assert p95(health_seconds(served.url, times=40, pause=0.05)) < 0.2  # while they wait
            told = [one.result() for one in first]
        assert {status for status, *_ in told} == {503}
        assert max(seconds for *_, seconds in told) < 4
        for path in ("/api/v1/sites/", "/book/", "/api/v1/slots/?therapy=acu_manual&visit=first") * 4:
            status, headers, _, seconds = served.call("GET", path)
            assert (status, bool(headers["Retry-After"]), seconds < 1) == (503, True, True)
        status, _, body, seconds = served.call("GET", "/readyz")
        assert (status, json.loads(body)["checks"]["database"]["code"], seconds < 0.2) == (503, "unreachable", True)
        assert p95(health_seconds(served.url, times=40)) < 0.2
    finally:
        for each in hung:
            os.kill(each, signal.SIGCONT)
    assert eventually(lambda: served.call("GET", "/book/")[0] == 200, 10)
    assert eventually(lambda: served.call("GET", "/readyz")[0] == 200, 10)
    assert served.books() == 201
