"""Several processes that send side by side: workers' rounds, or bare loops. They begin at one moment."""

import base64
import logging
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import django

from proof.benchmarks.server import ROOT

READY = "ready"


def rate_side_by_side(what: str, port: int, each: Sequence[Sequence[bytes]]) -> float:
    """Let as many processes as `each` has shares send at one moment; return mails a second, of all of them.

    `what`: "round" sends what is due, whatever its share; "bare" sends its share, ready made.
    """
    command = [sys.executable, "-m", "proof.benchmarks.senders", what, str(port)]
    with ExitStack() as running:
        senders = [
            running.enter_context(
                subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for _ in each
        ]
        for sender, share in zip(senders, each, strict=True):
            ask(sender, base64.b64encode(pickle.dumps(list(share))).decode())
            if hear(sender) != READY:
                raise RuntimeError("A sender did not start: see above.")
        begun = time.perf_counter()
        for sender in senders:
            ask(sender, "")
        sent = sum(int(hear(sender)) for sender in senders)
        return sent / (time.perf_counter() - begun)


def ask(sender: subprocess.Popen[str], line: str) -> None:
    """Write a line to a sender."""
    assert sender.stdin is not None  # noqa: S101  (a pipe, as it was asked for)
    print(line, file=sender.stdin, flush=True)


def hear(sender: subprocess.Popen[str]) -> str:
    """Read a line from a sender. Raises RuntimeError when it has ended."""
    assert sender.stdout is not None  # noqa: S101  (as above)
    line = sender.stdout.readline().strip()
    if not line:
        raise RuntimeError("A sender stopped early: see above.")
    return line


def sender(what: str, port: int) -> Callable[[list[bytes]], int]:
    """Return what sends a share and says how many mails went out, ready to begin."""
    from django.db import connection  # noqa: PLC0415  (once Django is set up)

    from core import clock  # noqa: PLC0415
    from notifications.actions import dispatch  # noqa: PLC0415
    from notifications.status import Ending  # noqa: PLC0415
    from proof.benchmarks.messages import send_bare, use  # noqa: PLC0415

    def bare_loop(mails: list[bytes]) -> int:
        send_bare(mails, port)
        return len(mails)

    def worker_round(_: list[bytes]) -> int:
        return dispatch.run(now=clock.now)[Ending.SENT]

    use(port)
    connection.ensure_connection()
    return {"bare": bare_loop, "round": worker_round}[what]


if __name__ == "__main__":
    django.setup()
    logging.disable(logging.INFO)
    send = sender(sys.argv[1], int(sys.argv[2]))
    share = pickle.loads(base64.b64decode(sys.stdin.readline()))  # noqa: S301  (what our own parent process wrote)
    print(READY, flush=True)
    sys.stdin.readline()
    print(send(share), flush=True)
