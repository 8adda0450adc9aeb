"""What an `up` that was killed has left running, and its end, before anything new looks for a free port."""

import os
import signal
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from local.child import RUN, SERVERS, end_group, started
from local.services.data_folder import DataFolder, Running
from local.terminal import say

PATIENCE = 8.0  # seconds for ending in peace, for the service's processes and again for the servers
GONE = 2.0  # seconds until a process that was killed has given its ports back


def clear(data: DataFolder) -> None:
    """End what is left of the last run on this folder, which this process holds."""
    last = data.last()
    if last is None:
        return
    for name in end_leftovers(last.children):
        say(f"{name}: stopped one that was left from before")
    of_it = list(of_run(last))
    for pid in of_it:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for(of_it, GONE)


def end_leftovers(children: Mapping[str, list[object]], patience: float = PATIENCE) -> list[str]:
    """End what is left of these children, the servers last; return the names. Children are name → [pid, started]."""
    left = {name: int(str(pid)) for name, (pid, began) in children.items() if started(int(str(pid))) == began}
    for group in (left.keys() - set(SERVERS), left.keys() & set(SERVERS)):
        end({name: left[name] for name in group}, patience)
    return list(left)


def end(processes: Mapping[str, int], patience: float) -> None:
    """Ask each process to end, and make those end that do not."""
    for name, pid in processes.items():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT if name == "postgres" else signal.SIGTERM)
    wait_for(processes.values(), patience)
    for pid in processes.values():
        end_group(pid, signal.SIGKILL)
    wait_for(processes.values(), GONE)


def wait_for(pids: Collection[int], patience: float) -> None:
    """Wait until these processes, and all of the groups that they lead, are gone."""
    until = time.monotonic() + patience
    while (any(map(started, pids)) or any_of_groups(pids)) and time.monotonic() < until:
        time.sleep(0.05)


def any_of_groups(leaders: Collection[int]) -> bool:
    """Tell whether a group led by one of `leaders` has a living process (where the machine shows them)."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(group) in leaders and state != "Z":
                return True
    return False


def end_inside(folder: Path, program: str) -> list[int]:
    """End at once the processes of `program` that work inside `folder`; return those that are still there.

    Asked again until none is seen: one may have been starting, or have been started, while the first look went on.
    """
    until = time.monotonic() + GONE
    while (left := list(inside(folder, program))) and time.monotonic() < until:
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    return left


def inside(folder: Path, program: str) -> Iterator[int]:
    """Yield the processes of `program` that work inside `folder`, whoever started them (where the machine shows it)."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "comm").read_text().strip() == program and (process / "cwd").samefile(folder):
                yield int(process.name)


def of_run(last: Running) -> Iterator[int]:
    """Yield the processes whose environment says that they belong to that run: children of children, for example."""
    mark = f"{RUN}={last.run}".encode()
    for environ in Path("/proc").glob("[0-9]*/environ") if last.run else ():
        with suppress(OSError):
            if mark in environ.read_bytes().split(b"\0") and int(environ.parent.name) != os.getpid():
                yield int(environ.parent.name)
