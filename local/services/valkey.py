"""The embedded Valkey: Celery's broker where no Redis is given. Losing it loses no message."""

import os
import socket
from pathlib import Path

from local import probes
from local.child import ChildProgram
from local.services.data_folder import DataFolder
from local.services.installed_programs import Programs
from local.services.unprivileged_account import Account

PORT = 6379
OWN = 0o700
PRIVATE = 0o600


def prepare(data: DataFolder, programs: Programs, who: Account | None) -> tuple[ChildProgram, str]:
    """Write Valkey's settings; return how to run it and its URL."""
    folder = data.path / "valkey"
    folder.mkdir(mode=OWN, exist_ok=True)
    port, password = data.port("valkey"), data.secret("valkey")
    settings = folder / "valkey.conf"
    write_settings(settings, port, password)
    if who:
        who.owns(folder)
    program = ChildProgram(
        name="valkey",
        command=(str(programs.valkey), str(settings)),
        log=data.logs / "valkey.log",
        ready=lambda _begins: answers(port, password),
        folder=folder,
        account=who,
        longest_wait=5.0,
        lives=probes.valkey(port),
    )
    return program, f"redis://:{password}@127.0.0.1:{port}/0"


def write_settings(path: Path, port: int, password: str) -> None:
    """Write the settings file, which holds the password, for its owner's eyes only."""
    lines = [
        "bind 127.0.0.1", f"port {port}", f"requirepass {password}", f"dir {path.parent}", "daemonize no",
        "appendonly yes", "maxmemory-policy noeviction", "save 3600 1", "loglevel notice",
    ]  # fmt: skip
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(handle, "w") as file:
        file.write("\n".join(lines) + "\n")


def listens(host: str, port: int) -> bool:
    """Tell whether something takes connections there."""
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True


def answers(port: int, password: str) -> bool:
    """Tell whether the server takes the password and answers a ping."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line, line.makefile("rb") as said:
            line.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            return said.readline() == b"+OK\r\n" and said.readline() == b"+PONG\r\n"
    except OSError:
        return False
