"""One program that runs beside this process, in a session of its own, and never outlives it."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from local.probes import Probe
from local.processes.heartbeat import Heartbeat
from local.services.unprivileged_account import Account

LINUX = sys.platform == "linux"
SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
LIBC = ctypes.CDLL(None) if LINUX else None  # opened here: nothing may be opened between fork and exec
TAIL_BYTES = 4_000
SERVERS = ("postgres", "valkey")  # stopped last: the others need them to finish
RUN = "MERIDIAN_RUN"  # tells the processes of one `up` from all others, also those that a child has started


@dataclass(frozen=True)
class ChildProgram:
    """What to run, how to tell that it is ready, and how to ask it to stop."""

    name: str
    command: tuple[str, ...]
    log: Path
    ready: Callable[[int], bool]  # told where in the log this run begins
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    account: Account | None = None
    clear: Callable[[], None] = lambda: None  # ends what an earlier run of it has left, before each start
    stop: signal.Signals = signal.SIGTERM
    longest_wait: float = 30.0  # seconds until it is tried again, however often it has failed to start
    lives: Heartbeat | Probe | None = None  # tells when it last gave a sign of life


class Child:
    """A running program. Its log is appended to; `begins` is where this run's part of the log starts."""

    def __init__(self, program: ChildProgram, run: str = "") -> None:
        self.program = program
        program.clear()
        self.begins = program.log.stat().st_size if program.log.exists() else 0
        who = program.account
        with program.log.open("ab") as log:
            self._process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**program.environment, RUN: run},
                cwd=program.folder,
                start_new_session=True,
                user=who.uid if who else None,
                group=who.gid if who else None,
                extra_groups=[] if who else None,
                preexec_fn=stop_with_parent(program.stop),  # noqa: PLW1509  (one thread, and it only calls prctl)
            )

    @property
    def pid(self) -> int:
        """Process id, which is also the group's."""
        return self._process.pid

    def ended(self) -> int | None:
        """Return the exit code once the program has ended, after ending what it left behind; else None."""
        if self._process.returncode is None and has_ended(self.pid):
            end_group(self.pid, signal.SIGKILL)  # before its number is given back
            self._process.poll()
        return self._process.returncode

    def ready(self) -> bool:
        """Tell whether it does its work."""
        return self.program.ready(self.begins)

    def ask_to_stop(self) -> None:
        """Ask it to finish what it has begun and end."""
        if self.ended() is None:
            self._process.send_signal(self.program.stop)

    def kill(self) -> None:
        """End it and everything it started, now."""
        if self.ended() is None:
            end_group(self.pid, signal.SIGKILL)
            self._process.wait()

    def tail(self) -> str:
        """Return the last lines of what it said in this run."""
        return tail(self.program.log, self.begins)


def stop_with_parent(stop: signal.Signals) -> Callable[[], None]:
    """Return what a new child does first: ask the kernel to stop it when this process dies, however it dies.

    Where the kernel cannot do that, the next start ends what was left (`leftovers`).
    """
    parent = os.getpid()

    def hold() -> None:
        if LIBC is not None:
            LIBC.prctl(SET_PARENT_DEATH_SIGNAL, int(stop), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return hold


def has_ended(pid: int) -> bool:
    """Tell whether the child `pid` has ended, without collecting it."""
    if not hasattr(os, "waitid"):
        return started(pid) is None
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def end_group(leader: int, how: signal.Signals) -> None:
    """Send a signal to all processes of a group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, how)


def tail(log: Path, begins: int = 0, lines: int = 12) -> str:
    """Return the last lines of a log, no further back than byte `begins`."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(begins, log.stat().st_size - TAIL_BYTES))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


def started(pid: int) -> str | None:
    """Return what tells this process from a later one with the same number, or None when it is gone."""
    if LINUX:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            return None if fields[0] == "Z" else fields[19]
        return None
    asked = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, date = asked.stdout.strip().partition(" ")
    return None if state.startswith("Z") else date.strip() or None
