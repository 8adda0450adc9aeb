"""A web server of the benchmarks' own, on their database, as the product starts it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

ROOT = Path(__file__).parents[2]
GUNICORN = (sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi:application")
STARTS_WITHIN = 60
QUEUE = "14"  # a number of Redis that nobody else uses: the doorbells rung here wake no worker


@contextmanager
def serving(command: Sequence[str] = GUNICORN) -> Iterator[str]:
    """Run a web server until the block ends; yield its URL. `{port}` in the command is filled in."""
    port = free_port()
    environment = os.environ | {
        "WEB_BIND": f"127.0.0.1:{port}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": settings.SECRET_KEY,
        "REDIS_URL": elsewhere(settings.REDIS_URL),
        "MERIDIAN_DEMO": "true",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    filled = [part.format(port=port) for part in command]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(filled, cwd=ROOT, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            wait_for(port, server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


def wait_for(port: int, server: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    """Wait until the server is ready. Raises RuntimeError when it ends first, or takes too long."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if server.poll() is not None:
            log.seek(0)
            raise RuntimeError(f"The web server ended with {server.returncode}: {log.read().decode()[-2000:]}")
        if answers(port):
            return
        time.sleep(0.2)
    raise RuntimeError(f"The web server was not ready within {STARTS_WITHIN} seconds.")


def answers(port: int) -> bool:
    """Tell whether the service is there."""
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == 200  # noqa: PLR2004  (HTTP)
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def elsewhere(url: str) -> str:
    """Return the same Redis with another database number."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{QUEUE}"))
