"""The shipped proxy really runs: who sends slowly waits in it, and nobody else does."""

import os
import shutil
import subprocess
import time

import pytest

from core.http.request_headers import clean
from core.http.request_limits import LARGEST_BODY
from local.services.data_folder import ROOT, free_port
from proof.benchmarks.slow_clients import health_seconds, p95, slow_clients
from tests.platform.test_slow_clients import Site
from tests.platform.test_up import eventually

pytestmark = pytest.mark.full
FOUND_BY_NAME = "dynamic a {\n\t\t\tname web\n\t\t\tport 8000\n\t\t\trefresh 5s\n\t\t}"
OLDER = {"request_buffers 1MiB": "buffer_requests\n\t\tmax_buffer_size 1048576"}
"""What Debian's Caddy 2.6 has other words for."""


def here(shipped: str, *, to: int, old: bool) -> str:
    """Return the shipped file for one service on this machine, without an administrator's port."""
    assert FOUND_BY_NAME in shipped
    text = shipped.replace(FOUND_BY_NAME, f"to 127.0.0.1:{to}").replace("{\n\tservers", "{\n\tadmin off\n\tservers", 1)
    for new, said in OLDER.items() if old else ():
        assert new in text
        text = text.replace(new, said)
    return text


class Proxied(Site):
    """A small site behind the shipped proxy."""

    def __init__(self, folder, program: str, *, trusts: str = "") -> None:
        super().__init__()
        version = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
        self.direct, self.port = self.port, free_port()
        file = folder / "Caddyfile"
        shipped = (ROOT / "deploy" / "Caddyfile").read_text()
        file.write_text(here(shipped, to=self.direct, old=version.lstrip("v").startswith("2.6")))
        environment = {**os.environ, "PROXY_SITE": f"http://127.0.0.1:{self.port}", "XDG_DATA_HOME": str(folder)}
        environment["PROXY_TRUSTS"] = trusts
        with (folder / "log").open("w") as log:
            command = [program, "run", "--config", str(file), "--adapter", "caddyfile"]
            self.proxy = subprocess.Popen(command, env=environment | {"HOME": str(folder)}, stdout=log, stderr=log)
        assert eventually(self.reached, 15), (folder / "log").read_text()
        self.asked.clear()

    def reached(self) -> bool:
        try:
            return self.ask()[0] == 200
        except OSError:
            return False

    def close(self) -> None:
        self.proxy.terminate()
        self.proxy.wait()
        super().close()


@pytest.fixture
def proxied(tmp_path, request):
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("Caddy is not installed: the shipped proxy was not run")
    running = Proxied(tmp_path, program, trusts=getattr(request, "param", ""))
    yield running
    running.close()


def test_slow_senders_wait_in_the_proxy_and_nobody_behind_it_hears_of_them(proxied):
    with slow_clients(f"http://127.0.0.1:{proxied.port}", headers=64, bodies=64):
        assert p95(health_seconds(f"http://127.0.0.1:{proxied.port}", times=40)) < 0.2
        assert proxied.ask("/book/", "POST", b"four")[:2] == (200, b"4")
        assert len(proxied.server.active_channels) <= 2  # what came after the slow ones is answered
        assert [environ["PATH_INFO"] for environ in proxied.asked if environ["REQUEST_METHOD"] == "POST"] == ["/book/"]


def test_the_proxy_cuts_who_is_too_slow_and_passes_nothing_of_it_on(proxied):
    began = time.monotonic()
    with slow_clients(f"http://127.0.0.1:{proxied.port}", headers=1, bodies=1) as lines:
        for line, seconds in zip(lines, (10, 30), strict=True):
            line.settimeout(40)
            while line.recv(200):
                continue
            assert seconds - 1 < time.monotonic() - began < seconds + 5
    assert proxied.asked == []


def test_too_large_is_said_by_the_service_and_what_goes_on_is_ended(proxied):
    assert proxied.ask("/", "POST", b"x" * LARGEST_BODY)[:2] == (200, str(LARGEST_BODY).encode())
    assert proxied.ask("/", "POST", b"x" * (LARGEST_BODY + 1))[0] == 413
    assert proxied.ask("/", "POST", iter([b"x" * 65536] * 32), **{"Transfer-Encoding": "chunked"})[0] == 413


def test_the_proxy_says_whom_it_sees_and_not_what_a_visitor_writes(proxied):
    proxied.ask("/", **{"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https"})
    assert proxied.asked[-1]["HTTP_X_FORWARDED_FOR"].split(",")[-1].strip() == "127.0.0.1"
    assert proxied.asked[-1]["HTTP_X_FORWARDED_PROTO"].split(",")[-1].strip() == "http"


@pytest.mark.parametrize(
    ("proxied", "address", "scheme"),
    [("127.0.0.1/32 10.0.0.0/8", "203.0.113.7", "https"), ("private_ranges", "203.0.113.7", "https"), ("", "", "http")],
    indirect=["proxied"],
)
def test_a_proxy_in_front_says_who_asks_once_it_is_named_and_else_nobody_shares_its_network(
    proxied, address, scheme, settings
):
    settings.TRUSTED_PROXIES = 2
    proxied.ask("/", **{"X-Forwarded-For": "6.6.6.6, 203.0.113.7", "X-Forwarded-Proto": "https"})
    found = dict(proxied.asked[-1])
    clean(found)
    assert (found["REMOTE_ADDR"], found["HTTP_X_FORWARDED_PROTO"]) == (address, scheme)
