"""A web process: gunicorn starts it and watches it, waitress reads each request whole before a thread is given to it.

Whoever sends slowly holds a socket and a little memory, never a thread; whoever is too slow is cut. The health is
answered by a thread of its own, also when all the others wait.
"""

import json
import math
import os
import re
import resource
import socket
import threading
import time
from http import HTTPStatus
from importlib import import_module
from io import BytesIO
from types import FrameType
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import BadRequest, RequestEntityTooLarge

from core.http.request_headers import HEALTH
from core.http.request_limits import LARGEST_BODY, TOO_LARGE

HEADERS_WITHIN = 10.0  # seconds from a request's first byte, or from the connection
REQUEST_WITHIN = 30.0  # seconds until its body is whole
READS_WITHIN = 30.0  # seconds without taking anything of an answer
DISCARDS_FOR = 5.0  # seconds of reading on after "too large", so that the answer arrives
LONGEST_LINE = 4094
LARGEST_HEADERS = 32 * 1024
MOST_HELD = 64 * LARGEST_BODY  # bytes of bodies in all connections of a process; above, no more of them is read
MOST_UNFINISHED = MOST_HELD // 2  # of bodies that are not whole yet; above, those that have waited longest are cut
SMALL_BODY = 8 * 1024  # is read all the same: no form of a person is larger
LOOKS_EVERY = 1.0  # seconds between two looks for who is too slow
CROWD = 50  # for so many connections one more is taken between two rounds through all: else a crowd waits at the door
LARGEST_IN_MEMORY = 16 * 1024 * 1024  # of an answer: more than any has


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress comes without types
    """Reads one request; remembers how it began."""

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.began_at = time.monotonic()
        self.opening = b""

    def received(self, data: bytes) -> int:
        """Take what has come; return how much of it belonged to this request."""
        if not self.headers_finished and len(self.opening) <= LONGEST_LINE:
            self.opening += data[: LONGEST_LINE + 1]
        try:
            consumed: int = super().received(data)
        except ValueError as error:  # waitress lets through what int() and urlsplit() say to odd values
            self.error, self.completed, consumed = BadRequest(type(error).__name__), True, len(data)
        if self.error:  # nobody is asked to send what is refused already
            self.expect_continue = False
        return consumed

    @property
    def too_large(self) -> bool:
        """Whether the body is more than may be sent."""
        return isinstance(self.error, RequestEntityTooLarge) and self.headers_finished

    @property
    def is_small(self) -> bool:
        """Whether the body takes little room, as far as is known."""
        return not self.headers_finished or (not self.chunked and self.content_length <= SMALL_BODY)

    def overdue(self, at: float) -> bool:
        """Whether the sender has had time enough."""
        return at - self.began_at > (REQUEST_WITHIN if self.headers_finished else HEADERS_WITHIN)


def asks_the_api(opening: bytes) -> bool:
    """Say by how a request begins whether its address, alone or with scheme and host before it, is one of the API."""
    return re.match(rb"\S+ +(https?://[^/ ]*)?/api/", opening, re.IGNORECASE) is not None


class RefusalTask(ErrorTask):  # type: ignore[misc]  # waitress comes without types
    """A request that cannot be read, answered in one line: as a problem to a program, in words to a person."""

    def execute(self) -> None:
        """Write the answer."""
        parser: Parser = self.request
        status = HTTPStatus(parser.error.code)
        if status is HTTPStatus.NOT_IMPLEMENTED:  # of a transfer coding: nothing is wrong on our side
            status = HTTPStatus.BAD_REQUEST
        if status is HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE and b"\n" not in parser.opening:
            status = HTTPStatus.REQUEST_URI_TOO_LONG
        said, form = f"{status.phrase}.", "text/plain; charset=utf-8"
        if asks_the_api(parser.opening):
            problems = import_module("core.http.problems")  # loaded with the application, not by this process's starter
            said, form = json.dumps(problems.body_of(problems.BY_STATUS[status]())), problems.CONTENT_TYPE
        self.status = f"{status.value} {status.phrase}"
        self.response_headers += [("Content-Type", form), ("Cache-Control", "no-store")]
        self.response_headers += import_module("core.http.response_headers").ALWAYS.items()
        self.set_close_on_finish()
        self.content_length = len(said)
        self.write(said.encode())


class ApplicationTask(WSGITask):  # type: ignore[misc]  # waitress comes without types
    """A request that the application answers."""

    def get_environment(self) -> dict[str, Any]:
        """Return the request as WSGI has it; without its body where that was too large."""
        environ: dict[str, Any] = super().get_environment()
        environ["wsgi.multiprocess"] = True
        if self.request.error:
            environ |= {TOO_LARGE: True, "CONTENT_LENGTH": "0", "wsgi.input": BytesIO()}
            self.set_close_on_finish()
        return environ


class ClientConnection(HTTPChannel):  # type: ignore[misc]  # waitress comes without types
    """Bounds what one client may cost: how long a request may take to arrive, and how much is read of a refused one."""

    parser_class = Parser
    task_class = ApplicationTask
    was_refused = False
    discards_until = 0.0
    active_at = 0.0

    def __repr__(self) -> str:
        """Return what the log may hold: not who called."""
        return "connection"

    @property
    def last_activity(self) -> float:
        """When something was last read, written or done."""
        return self.active_at

    @last_activity.setter
    def last_activity(self, _wall_time: float) -> None:
        """Note the present moment, where waitress would note that of a clock that may be set."""
        self.active_at = time.monotonic()

    @property
    def waits_since(self) -> float:
        """Since when this connection has waited for its sender."""
        return self.active_at if self.request is None else float(self.request.began_at)

    def error_task_class(self, channel: HTTPChannel, request: Parser) -> WSGITask | ErrorTask:
        """Return who answers what cannot be read, or was too large."""
        return (ApplicationTask if request.too_large else RefusalTask)(channel, request)

    def service(self) -> None:
        """Answer one request, on a thread; the server knows since when."""
        me = threading.get_ident()
        self.server.serving[me] = time.monotonic()
        self.was_refused = bool(self.requests and self.requests[0].error)
        try:
            super().service()
        finally:
            del self.server.serving[me]

    def overdue(self, at: float) -> bool:
        """Whether this connection has waited for its sender, or its reader, for long enough."""
        if self.discards_until:
            return at > self.discards_until
        if self.requests:
            return False
        if self.request is not None:
            return bool(self.request.overdue(at))
        return at - self.active_at > (READS_WITHIN if self.total_outbufs_len else self.adj.channel_timeout)

    @property
    def unfinished(self) -> int:
        """Bytes of a body that is not whole yet."""
        return int(self.request.body_bytes_received) if self.request is not None else 0

    @property
    def held(self) -> int:
        """Bytes of bodies: of what is not whole yet, of what waits for a thread and of what is answered."""
        return self.unfinished + sum(int(request.body_bytes_received) for request in tuple(self.requests))

    def readable(self) -> bool:
        """Whether to look for more to read: not for more of a large body while there is no room."""
        if self.discards_until:
            return True
        waits = self.server.is_full and self.request is not None and not self.request.is_small
        return not waits and super().readable()

    def writable(self) -> bool:
        """Whether there is something to write, or to close."""
        return not self.discards_until and super().writable()

    def handle_read(self) -> None:
        """Read, or throw away what still comes after "too large"."""
        if not self.discards_until:
            super().handle_read()
        elif not self.recv(65536):
            self.handle_close()

    def handle_close(self) -> None:
        """Close; after a refusal, read on for a moment first: else its answer would be lost on the way."""
        if self.was_refused and self.connected and not self.discards_until:
            self.discards_until = time.monotonic() + DISCARDS_FOR
            self.will_close = False
            self.socket.shutdown(socket.SHUT_WR)
            return
        super().handle_close()


class Server(TcpWSGIServer):  # type: ignore[misc]  # waitress comes without types
    """The listening socket of one process, and its connections."""

    channel_class = ClientConnection
    active_channels: dict[int, ClientConnection]
    next_channel_cleanup = math.inf  # waitress would look by a clock that may be set: `turn` does it instead
    is_full = False
    looked_at = 0.0

    def __init__(self, *args: object, **more: object) -> None:
        self.serving: dict[int, float] = {}
        self.reserve = ThreadedTaskDispatcher()
        self.reserve.set_thread_count(1)
        super().__init__(*args, **more)

    def add_task(self, task: ClientConnection) -> None:
        """Hand a whole request to a thread: the health to the one that is kept for it."""
        request = task.requests[0]
        is_health = not request.error and request.path in HEALTH
        (self.reserve if is_health else self.task_dispatcher).add_task(task)

    def turn(self, *, seconds: float) -> None:
        """Read and write what can be, after `seconds` at the latest; now and then look for who is too slow."""
        self.is_full = sum(connection.held for connection in self.active_channels.values()) > MOST_HELD
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)
        at = time.monotonic()
        if self.is_crowded or at - self.looked_at >= LOOKS_EVERY:
            self.looked_at = at
            self.cut_the_slow(at)

    def handle_accept(self) -> None:
        """Take a connection that waits at the door, or several in a crowd, as far as there are places.

        Where there is none, one alone: the rest is for the other processes.
        """
        for _ in range(1 + len(self._map) // CROWD):
            before = len(self._map)
            if before < self.adj.connection_limit:
                super().handle_accept()
            if len(self._map) == before:
                break

    @property
    def is_crowded(self) -> bool:
        """Whether nearly all places are taken."""
        return bool(self.adj.connection_limit - len(self._map) < self.adj.connection_limit // 10)

    def cut_the_slow(self, at: float) -> None:
        """Cut who is too slow; when there are too many, or they hold too much, cut those that have waited longest."""
        for connection in list(self.active_channels.values()):
            if connection.overdue(at):
                cut(connection)
        waiting = [one for one in self.active_channels.values() if not one.requests]
        waiting.sort(key=lambda one: one.waits_since)
        if self.is_crowded:
            for connection in waiting[: self.adj.connection_limit // 4]:
                cut(connection)
        unfinished = sum(one.unfinished for one in self.active_channels.values())
        for connection in (one for one in waiting if one.unfinished):
            if unfinished <= MOST_UNFINISHED:
                break
            unfinished -= connection.unfinished
            cut(connection)

    def stop_listening(self) -> None:
        """Take no new connections."""
        self.accepting = False
        self.del_channel()

    def finished(self) -> bool:
        """Whether everything begun is answered; closes the connections that wait for nothing."""
        busy = [one for one in self.active_channels.values() if one.requests or one.total_outbufs_len]
        for channel in set(self.active_channels.values()) - set(busy):
            cut(channel)
        return not busy

    def longest(self) -> float:
        """Return for how many seconds the oldest answer has been worked on."""
        return max((time.monotonic() - began for began in list(self.serving.values())), default=0.0)


def cut(channel: ClientConnection) -> None:
    """Close a connection without waiting for anything more."""
    channel.was_refused = False
    channel.handle_close()


class BufferingWorker(Worker):  # type: ignore[misc]
    """The process that gunicorn starts again when it dies or hangs."""

    server: Server | None = None

    def run(self) -> None:
        """Serve until told to stop, then finish what was begun."""
        connections: dict[int, object] = {}
        raise_limit_of_files(self.cfg.worker_connections + 100)
        (listening,) = self.sockets
        server = self.server = listen(
            self.wsgi,
            listening.sock,
            connections,
            threads=self.cfg.threads,
            most_connections=self.cfg.worker_connections,
            idle_seconds=self.cfg.keepalive,
        )
        while self.alive and self.ppid == os.getppid():
            self.notify()
            server.turn(seconds=1.0)
            if server.longest() > self.cfg.timeout:
                self.log.error("A request has not ended in %s seconds: this process is replaced", self.cfg.timeout)
                break
        server.stop_listening()
        until = time.monotonic() + self.cfg.graceful_timeout
        while not server.finished() and time.monotonic() < until:
            self.notify()
            server.turn(seconds=0.05)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Leave the loop at once."""
        super().handle_exit(sig, frame)
        if self.server:
            self.server.pull_trigger()


def listen(
    application: object,
    listening: socket.socket,
    connections: dict[int, object],
    *,
    threads: int,
    most_connections: int,
    idle_seconds: int,
) -> Server:
    """Return a server on a listening socket; it lives as long as somebody runs the loop over its `connections`."""
    limits = Adjustments(
        sockets=[listening],
        threads=threads,
        connection_limit=most_connections,
        channel_timeout=idle_seconds,
        cleanup_interval=1,
        max_request_header_size=LARGEST_HEADERS,
        max_request_body_size=LARGEST_BODY + 1,
        inbuf_overflow=2 * LARGEST_BODY,  # no body is written to a file
        outbuf_overflow=LARGEST_IN_MEMORY,
        ident=None,
        log_socket_errors=False,
        clear_untrusted_proxy_headers=False,  # core.http.request_headers decides whom to believe
    )
    workers = ThreadedTaskDispatcher()
    workers.set_thread_count(threads)
    where = (listening.family, listening.type, listening.proto, listening.getsockname())
    return Server(
        application, connections, _sock=listening, dispatcher=workers, adj=limits, sockinfo=where, bind_socket=False
    )


def raise_limit_of_files(wanted: int) -> None:
    """Let this process open `wanted` files, or as many as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
