"""A question put to a server again and again without ever waiting for the answer: any answer is a sign of life."""

import errno
import socket
import time
from contextlib import suppress
from typing import Any

from local.setup_error import SetupError

EVERY = 3.0  # seconds from one question to the next
PATIENCE = 25.0  # seconds after which an answer is no longer waited for: a crowd makes slow
NOT_YET = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOTCONN, errno.EINPROGRESS)
SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"  # of the PostgreSQL protocol: one byte comes back


class Probe:
    """The same bytes, sent to one address by a connection of its own each time."""

    def __init__(self, host: str, port: int, words: bytes) -> None:
        self.family = family_of(host)
        self.address, self.words = numeric(host, port, self.family), words
        self._line: socket.socket | None = None
        self._asked_at = 0.0
        self._sent = False
        self._answered_at = 0.0

    def last(self) -> float:
        """Go on with the question as far as that needs no waiting; return the moment of the last answer."""
        now = time.monotonic()
        if self._line is None:
            if now - self._asked_at >= EVERY:
                self._call(now)
        else:
            self._listen(now)
        return self._answered_at

    def forget(self) -> None:
        """Begin anew: another process will answer."""
        self._hang_up()
        self._asked_at = self._answered_at = 0.0

    def _call(self, now: float) -> None:
        self._asked_at, self._sent = now, False
        with suppress(OSError):  # too many open files, no such address
            self._line = socket.socket(self.family)
            self._line.settimeout(0)
            self._line.connect_ex(self.address)

    def _listen(self, now: float) -> None:
        try:
            if self._line is not None and self._answer_of(self._line):
                self._answered_at = now
        except OSError as error:
            if error.errno in NOT_YET and now - self._asked_at <= PATIENCE:
                return
        self._hang_up()

    def _answer_of(self, line: socket.socket) -> bytes:
        if not self._sent:
            line.send(self.words)
            self._sent = True
        return line.recv(1)

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def family_of(host: str) -> socket.AddressFamily:
    """Return how a host is reached; the web server listens at a name by IPv4 alone."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def numeric(host: str, port: int, family: socket.AddressFamily) -> tuple[Any, ...]:
    """Return the address behind a name, so that nobody waits for a name again. Raises SetupError."""
    try:
        return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)[0][4]
    except socket.gaierror as error:
        raise SetupError(f"This machine knows no address of {host}.") from error


def web(host: str, port: int) -> Probe:
    """Return the probe for a web server."""
    name = f"[{host}]" if ":" in host else host
    return Probe(host, port, f"GET /healthz HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())


def postgres(port: int) -> Probe:
    """Return the probe for PostgreSQL, which answers it while it recovers, too."""
    return Probe("127.0.0.1", port, SSL_REQUEST)


def valkey(port: int) -> Probe:
    """Return the probe for Valkey, which answers strangers by a refusal."""
    return Probe("127.0.0.1", port, b"PING\r\n")
