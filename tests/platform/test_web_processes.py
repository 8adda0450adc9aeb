"""Web processes that hang are replaced, and those that are told to stop finish what they have begun."""

import os
import signal
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

from local.services.data_folder import ROOT, free_port
from tests.platform.test_up import eventually

pytestmark = pytest.mark.full
APPLICATION = """
import os, sys, time

def application(environ, start_response):
    seconds = float(environ["QUERY_STRING"] or 0)
    if seconds:
        print("begun", file=sys.stderr, flush=True)
        time.sleep(seconds)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
"""
SETTINGS = """
worker_class = "local.processes.web_worker.BufferingWorker"
workers, threads, timeout, graceful_timeout = {workers}, 2, 4, 3
control_socket_disable = True
"""


class Server:
    """Gunicorn with our worker around a small application."""

    def __init__(self, folder: Path, workers: int) -> None:
        (folder / "small.py").write_text(APPLICATION)
        (folder / "settings.py").write_text(SETTINGS.format(workers=workers))
        self.port, self.said = free_port(), folder / "log"
        command = [sys.executable, "-m", "gunicorn", "-c", str(folder / "settings.py"), "-b", f"127.0.0.1:{self.port}"]
        environment = {**os.environ, "PYTHONPATH": f"{folder}:{ROOT}"}
        with self.said.open("w") as log:
            self.process = subprocess.Popen([*command, "small:application"], env=environment, stdout=log, stderr=log)
        assert eventually(lambda: self.ask() and len(self.workers()) == workers, 30), self.said.read_text()

    def workers(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def ask(self, seconds: float = 0) -> str:
        """Return which process answered, nothing when none did."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            line.request("GET", f"/?{seconds}")
            return line.getresponse().read().decode()
        except OSError:
            return ""
        finally:
            line.close()


@pytest.fixture
def serve(tmp_path):
    started = []

    def start(workers: int) -> Server:
        started.append(Server(tmp_path, workers))
        return started[0]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()


def test_a_process_that_hangs_is_replaced_and_the_other_serves_meanwhile(serve):
    server = serve(2)
    hung, other = server.workers()
    os.kill(hung, signal.SIGSTOP)
    assert eventually(lambda: server.ask() == str(other), 5)
    assert eventually(lambda: hung not in server.workers() and len(server.workers()) == 2, 20), server.said.read_text()
    assert server.ask()


def test_a_process_whose_request_never_ends_is_replaced(serve):
    server = serve(1)
    (before,) = server.workers()
    threading.Thread(target=server.ask, args=(60,), daemon=True).start()
    assert eventually(lambda: server.workers() not in ([before], []), 20), server.said.read_text()
    assert server.ask() != str(before)


def test_what_was_begun_is_finished_before_the_end(serve):
    server, told = serve(1), []
    asking = threading.Thread(target=lambda: told.append(server.ask(1)))
    asking.start()
    assert eventually(lambda: "begun" in server.said.read_text(), 10)
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    asking.join()
    assert told[0]
    server.process.wait(timeout=10)
    assert time.monotonic() - began < 6
    assert server.ask() == ""
