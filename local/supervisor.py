"""Keeps the processes of one machine running, starts again what dies, and stops them all with it."""

import os
import re
import secrets
import signal
import subprocess
import time
from collections.abc import Sequence
from types import FrameType
from typing import Self

from local import leftovers, terminal
from local.child import SERVERS, Child, ChildProgram, started
from local.services.data_folder import DataFolder, Running
from local.setup_error import SetupError
from local.supervised import START_PATIENCE, Supervised
from local.terminal import note_in, say

TICK = 0.05  # seconds between two looks
UPKEEP = 2.0  # seconds between two looks at the disk
FULL = "The disk with {} is full: nothing that was saved is lost; free some room and Meridian goes on by itself."
A_BREAK = 5.0  # seconds between two looks after which this process was stopped itself
STOP_PATIENCE = 4.5  # seconds for ending in peace, for the service's processes and again for the servers
LOGGED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ (?:DEBUG|INFO|WARNING) ")  # stays in the log file


class Stopped(Exception):  # noqa: N818  (somebody asked for it)
    """Somebody pressed Ctrl-C, or sent SIGTERM."""


class Supervisor:
    """All processes of one data folder."""

    def __init__(self, data: DataFolder) -> None:
        self.data = data
        self.environment: dict[str, str] = {}
        self.name = secrets.token_hex(8)  # of this run
        self._kept: list[Supervised] = []
        self._asked_to_stop = 0
        self._heard_since = self._upkeep_at = 0.0
        self._looked_at = time.monotonic()
        self._full = self._untold = False

    def __enter__(self) -> Self:
        """Take the data folder, end what a killed run left there, and listen for signals."""
        self.data.make()
        self.data.take()
        note_in(self.data.logs / "up.log")
        leftovers.clear(self.data)
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if each is not signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN:  # as nohup asks
                signal.signal(each, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self.stop()
        self.data.forget()

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop += 1

    def start(self, *programs: ChildProgram) -> None:
        """Start programs side by side and wait until each does its work. Raises SetupError when one does not."""
        waiting = [Supervised(program, self.name) for program in programs]
        self.keep(*waiting)
        for each in waiting:
            each.start()
        self._tell()
        until = time.monotonic() + START_PATIENCE
        while waiting := [each for each in waiting if not check(each, until)]:
            self.pause()

    def start_beside(self, *programs: ChildProgram) -> None:
        """Start programs beside those that run, and wait until each does its work, however often it falls before.

        The clinic is open by now: nothing that runs ends because one of these does not start, and all are looked after.
        """
        added = [Supervised(program, self.name) for program in programs]
        self.keep(*added)
        self._looked_at = self._heard_since = time.monotonic()
        while not all(each.ready_at for each in added):
            self.turn()
            self.pause()

    def keep(self, *programs: Supervised) -> None:
        """Keep these running from now on: look after them at each turn, and stop them at the end."""
        self._kept += programs

    def run(self, program: ChildProgram, *, patience: float = 600.0) -> None:
        """Run a program to its end, showing what it says; refuse to go on when it fails."""
        child, shown, until = Child(program, self.name), 0, time.monotonic() + patience
        try:
            while (code := child.ended()) is None and time.monotonic() < until:
                shown = show(child, shown)
                self.pause()
        finally:
            child.kill()
        show(child, shown)
        if code is None:
            minutes = round(patience / 60)
            raise SetupError(
                f"The step “{program.name}” was not done after {minutes} minutes, and was ended. The machine may have "
                f"too much to do: start it again when it has less. What it said is in {program.log}."
            )
        if code != 0:
            raise SetupError(f"The step “{program.name}” failed: the reason is above, and in {program.log}.")

    def watch(self) -> None:
        """Start again what ends or hangs, until somebody asks to stop."""
        self._looked_at = self._heard_since = time.monotonic()  # nobody listened while others were being started
        while not self._asked_to_stop:
            self.turn()
            time.sleep(TICK)

    def turn(self) -> None:
        """Look once after each program: start again what has ended, end what hangs; now and then after the disk."""
        now = time.monotonic()
        if now - self._looked_at > A_BREAK:  # signs left meanwhile were not seen: each may give another one first
            self._heard_since = now
        self._looked_at = now
        for each in self._kept:
            self._look_after(each)
        if now >= self._upkeep_at:
            self._upkeep_at = now + UPKEEP
            self.look_after_the_disk()

    def pause(self) -> None:
        """Wait a moment, or leave when somebody asked to stop."""
        time.sleep(TICK)
        if self._asked_to_stop:
            raise Stopped

    def _look_after(self, kept: Supervised) -> None:
        if kept.child:
            self._see_whether_it_lives(kept, kept.child)
        if not kept.child and time.monotonic() >= kept.again_at:
            self._start_again(kept)

    def _see_whether_it_lives(self, kept: Supervised, child: Child) -> None:
        program, code = kept.program, child.ended()
        if code is not None:
            again = in_words(kept.ended(at=time.monotonic()))
            say(f"{program.name}: ended ({outcome(code)}), starts again {again}; see {program.log}")
            return
        kept.check()
        silence = kept.silent_for(at=time.monotonic(), heard_since=self._heard_since)
        if silence is not None:
            say(f"{program.name}: gave no sign of life for {silence:.0f} s and is ended; see {program.log}")
            child.kill()

    def _start_again(self, kept: Supervised) -> None:
        """Start a program that has ended; where the machine has nothing to run it with just now, try later."""
        try:
            kept.start()
        except (OSError, subprocess.SubprocessError) as error:
            again = in_words(kept.ended(at=time.monotonic()))
            why = error.strerror if isinstance(error, OSError) else error
            say(f"{kept.program.name}: did not start ({why}), again {again}")
        else:
            self._tell()

    def look_after_the_disk(self) -> None:
        """Say once that the disk is full, and once that it is no more; keep the logs short; tell what was not told."""
        was_full, full = self._full, self.data.is_full()
        self._full = full
        if full and not was_full:
            say(FULL.format(self.data.path))
        elif was_full and not full:
            say(f"The disk with {self.data.path} has room again: Meridian goes on.")
        for log in self.data.shorten_logs():
            for each in self._kept:
                if each.child and each.program.log == log:
                    each.child.begins = 0
        if self._untold:
            self._tell()

    def _tell(self) -> None:
        running = {kept.program.name: kept.child.pid for kept in self._kept if kept.child}
        children: dict[str, list[object]] = {name: [pid, started(pid)] for name, pid in running.items()}
        running_now = Running(pid=os.getpid(), environment=self.environment, children=children, run=self.name)
        try:
            self.data.tell(running_now)
        except OSError:  # the disk is full: it is told later
            self._untold = True
        else:
            self._untold = False

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


def check(kept: Supervised, until: float) -> bool:
    """Tell whether a starting program is ready; refuse to go on when it has ended or takes too long."""
    name, log, child = kept.program.name, kept.program.log, kept.child
    if child is None or child.ended() is not None:
        raise SetupError(f"{name} did not start: the reason is below and in {log}.", tail=child.tail() if child else "")
    if kept.check():
        return True
    if time.monotonic() > until:
        raise SetupError(f"{name} was not ready after {START_PATIENCE:.0f} s: see {log}.", tail=child.tail())
    return False


def show(child: Child, shown: int) -> int:
    """Print the child's whole lines since byte `shown`, but for log lines; return how many bytes are shown now."""
    with child.program.log.open("rb") as log:
        log.seek(child.begins + shown)
        whole, end, _ = log.read().rpartition(b"\n")
    for line in whole.decode(errors="replace").splitlines():
        if not LOGGED.match(line):
            terminal.show(line)
    return shown + len(whole) + len(end)


def outcome(code: int) -> str:
    """Say in words how a process ended."""
    return f"exit {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def in_words(pause: float) -> str:
    """Say when something that has ended starts again."""
    return f"in {pause:g} s" if pause else "at once"
