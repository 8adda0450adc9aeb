"""People, or attackers, who send slowly: many connections on which a request begins and does not end."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

HEADERS = b"GET /book/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
BODY = b"POST /book/hold/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 900\r\n\r\n"
DRIPS_EVERY = 1.0  # seconds between two bytes


@contextmanager
def slow_clients(url: str, *, headers: int, bodies: int) -> Iterator[list[socket.socket]]:
    """Hold that many slow headers and slow bodies until the block ends, a byte a second on each."""
    address = (urlsplit(url).hostname, urlsplit(url).port)
    over = threading.Event()
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(address, timeout=5)) for _ in range(headers + bodies)]
        for line, opening in zip(lines, [HEADERS] * headers + [BODY] * bodies, strict=True):
            line.sendall(opening)
        dripping = threading.Thread(target=_drip, args=(lines, over))
        dripping.start()
        try:
            yield lines
        finally:
            over.set()
            dripping.join()


def _drip(lines: list[socket.socket], over: threading.Event) -> None:
    while not over.wait(DRIPS_EVERY):
        for line in lines:
            try:
                line.sendall(b"x")
            except OSError:  # it was cut
                continue


def health_seconds(url: str, *, times: int, pause: float = 0.02) -> list[float]:
    """Ask /healthz that many times, each on a connection of its own; return the seconds of each, infinite if none."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        line = HTTPConnection(urlsplit(url).netloc, timeout=5)
        try:
            line.request("GET", "/healthz")
            ok = line.getresponse().status == 200  # noqa: PLR2004  (HTTP)
        except OSError:
            ok = False
        finally:
            line.close()
        seconds.append(time.perf_counter() - began if ok else float("inf"))
        time.sleep(pause)
    return seconds


def p95(seconds: list[float]) -> float:
    """Return what 95 of 100 stay below."""
    return sorted(seconds)[int(len(seconds) * 0.95)]
