"""Keeps the processes of one machine running, starts again what dies, and stops them all with it."""

import os
import re
import signal
import time
from collections.abc import Sequence
from types import FrameType
from typing import Self

from config.child import Child, Program, end_leftovers, started
from config.services.folder import DataFolder, Running
from config.unready import Unready

TICK = 0.05  # seconds between two looks
START_PATIENCE = 120.0  # seconds until a program must be ready
STOP_PATIENCE = 4.5  # seconds for ending in peace, for the service's processes and again for the servers
STEADY = 60.0  # seconds after which a program counts as steady again
LONGEST_WAIT = 30.0
LOGGED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ (?:DEBUG|INFO|WARNING) ")  # stays in the log file
SERVERS = ("postgres", "valkey")  # stopped last: the others need them to finish


class Stopped(Exception):  # noqa: N818  (somebody asked for it)
    """Somebody pressed Ctrl-C, or sent SIGTERM."""


class Kept:
    """A program that is kept running: its child, and when to start it again after it has died."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.child: Child | None = None
        self.deaths = 0
        self.again_at = 0.0
        self.began_at = 0.0

    def start(self) -> Child:
        """Start the program."""
        self.began_at = time.monotonic()
        self.child = Child(self.program)
        return self.child

    def wait(self) -> float:
        """Note a death; return the seconds until the next start: 1, 2, 4 … 30."""
        self.deaths = 1 if time.monotonic() - self.began_at > STEADY else self.deaths + 1
        pause = min(LONGEST_WAIT, 2.0 ** (self.deaths - 1))
        self.child, self.again_at = None, time.monotonic() + pause
        return pause


class Supervisor:
    """All processes of one data folder."""

    def __init__(self, data: DataFolder) -> None:
        self.data = data
        self.environment: dict[str, str] = {}
        self._kept: list[Kept] = []
        self._asked_to_stop = 0

    def __enter__(self) -> Self:
        """Take the data folder, end what a killed run left there, and listen for signals."""
        self.data.make()
        self.data.take()
        left = self.data.last()
        for name in end_leftovers(left.children) if left else ():
            print(f"{name}: stopped one that was left from before")
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self.stop()
        self.data.forget()

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop += 1

    def start(self, *programs: Program) -> None:
        """Start programs side by side and wait until each does its work."""
        starting = [Kept(program) for program in programs]
        self._kept += starting
        children = [kept.start() for kept in starting]
        self._tell()
        until = time.monotonic() + START_PATIENCE
        while waiting := [child for child in children if not check(child, until)]:
            children = waiting
            self.pause()

    def run(self, program: Program, *, patience: float = 600.0) -> None:
        """Run a program to its end, showing what it says; refuse to go on when it fails."""
        child, shown, until = Child(program), 0, time.monotonic() + patience
        try:
            while (code := child.ended()) is None and time.monotonic() < until:
                shown = show(child, shown)
                self.pause()
        finally:
            child.kill()
        show(child, shown)
        if code != 0:
            raise Unready(f"The step “{program.name}” failed: the reason is above, and in {program.log}.")

    def watch(self) -> None:
        """Start again what dies, until somebody asks to stop."""
        while not self._asked_to_stop:
            for kept in self._kept:
                self._look_after(kept)
            time.sleep(TICK)

    def pause(self) -> None:
        """Wait a moment, or leave when somebody asked to stop."""
        time.sleep(TICK)
        if self._asked_to_stop:
            raise Stopped

    def _look_after(self, kept: Kept) -> None:
        if kept.child is None:
            if time.monotonic() >= kept.again_at:
                self._start_again(kept)
            return
        code = kept.child.ended()
        if code is not None:
            pause = kept.wait()
            log = kept.program.log
            print(f"{kept.program.name}: ended ({outcome(code)}), starts again in {pause:.0f} s; see {log}", flush=True)

    def _start_again(self, kept: Kept) -> None:
        """Start a program that has died; where the machine has nothing to run it with just now, try later."""
        try:
            kept.start()
        except OSError as error:
            pause = kept.wait()
            print(f"{kept.program.name}: did not start ({error.strerror}), again in {pause:.0f} s", flush=True)
        else:
            self._tell()

    def _tell(self) -> None:
        running = {kept.program.name: kept.child.pid for kept in self._kept if kept.child}
        children: dict[str, list[object]] = {name: [pid, started(pid)] for name, pid in running.items()}
        self.data.tell(Running(pid=os.getpid(), environment=self.environment, children=children))

    def stop(self) -> None:
        """Stop the service's processes, then the servers; the last to start goes first."""
        children = [kept.child for kept in reversed(self._kept) if kept.child]
        self._end([child for child in children if child.program.name not in SERVERS])
        self._end([child for child in children if child.program.name in SERVERS])
        self._kept.clear()

    def _end(self, children: Sequence[Child]) -> None:
        asked = self._asked_to_stop
        for child in children:
            child.ask_to_stop()
        until = time.monotonic() + STOP_PATIENCE
        while any(child.ended() is None for child in children) and time.monotonic() < until:
            if self._asked_to_stop > asked + 1:  # a person insists
                break
            time.sleep(TICK)
        for child in children:
            child.kill()


def check(child: Child, until: float) -> bool:
    """Tell whether a starting child is ready; refuse to go on when it has ended or takes too long."""
    name = child.program.name
    if child.ended() is not None:
        raise Unready(f"{name} did not start: the reason is below and in {child.program.log}.", tail=child.tail())
    if child.ready():
        return True
    if time.monotonic() > until:
        raise Unready(f"{name} was not ready after {START_PATIENCE:.0f} s: see {child.program.log}.", tail=child.tail())
    return False


def show(child: Child, shown: int) -> int:
    """Print the child's whole lines since byte `shown`, but for log lines; return how many bytes are shown now."""
    with child.program.log.open("rb") as log:
        log.seek(child.begins + shown)
        whole, end, _ = log.read().rpartition(b"\n")
    for line in whole.decode(errors="replace").splitlines():
        if not LOGGED.match(line):
            print(line, flush=True)
    return shown + len(whole) + len(end)


def outcome(code: int) -> str:
    """Say in words how a process ended."""
    return f"exit {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
