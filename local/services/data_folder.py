"""The data folder: what a machine keeps between two runs, and who is using it now."""

import fcntl
import json
import os
import secrets
import shlex
import shutil
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from core.monitoring.disk import space_on
from local.setup_error import SetupError

ROOT = Path(__file__).resolve().parent.parent.parent
PRIVATE = 0o600
PREPARED = "prepared.txt"  # what the last preparation was made for
LONG_LOG_BYTES = 10_000_000
SECRETS = "secrets.json"  # pragma: allowlist secret
OF_THE_LAST_RUN = frozenset({"running.json", "ports.json"})  # what is made anew where it cannot be read
PASSABLE = 0o711  # an unprivileged server may walk through to its own folder, and see nothing else


@dataclass(frozen=True)
class Running:
    """What a running `up` tells the other commands."""

    pid: int
    environment: Mapping[str, str]
    children: Mapping[str, list[object]] = field(default_factory=dict)  # name → [pid, started]
    run: str = ""  # the mark in the environment of all its processes


class DataFolder:
    """One folder with a database, a queue, logs and generated secrets."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    @classmethod
    def chosen(cls, path: str | None = None) -> Self:
        """Return the folder named by `path`, else by MERIDIAN_DATA, else `var` beside manage.py."""
        return cls(Path(path or os.environ.get("MERIDIAN_DATA") or ROOT / "var").expanduser())

    def command(self, *words: str) -> str:
        """Return a command about what runs here, as it is to be typed."""
        line = ["python3", "manage.py", *words]
        return shlex.join(line if self.path == ROOT / "var" else [*line, "--data", str(self.path)])

    @property
    def logs(self) -> Path:
        """Where each process writes its log."""
        return self.path / "logs"

    def make(self) -> None:
        """Create the folder, or refuse one that cannot be written."""
        try:
            if not self.path.exists():
                self.path.mkdir(parents=True)
                self.path.chmod(PASSABLE)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            self.shorten_logs()
            self.touched_at()
        except OSError as error:
            raise SetupError(
                f"The data folder {self.path} is not writable ({error.strerror}): "
                "choose another with --data, or let this account write there."
            ) from error

    def is_full(self) -> bool:
        """Tell whether the disk with this folder takes nothing more."""
        try:
            return space_on(self.path).code == "full"
        except OSError:  # the folder is gone, which the database tells louder
            return False

    def touched_at(self) -> float:
        """Write a file and remove it; return the date that the file system gave it."""
        probe = self.path / f".written-{os.getpid()}"
        probe.touch()
        date = probe.stat().st_mtime
        probe.unlink()
        return date

    def take(self) -> None:
        """Keep this folder for this process, or refuse because another has it."""
        handle = os.open(self.path / "up.lock", os.O_RDWR | os.O_CREAT, PRIVATE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise self.busy() from error
        self._lock = handle

    def release(self) -> None:
        """Let other processes take this folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def busy(self) -> SetupError:
        """Return the refusal of a second start on this folder."""
        who = self.last()
        where = f" (process {who.pid}, {who.environment.get('PUBLIC_URL', '')})" if who else ""
        return SetupError(
            f"Meridian already runs on {self.path}{where}: stop that one, or choose another folder with --data."
        )

    def running(self) -> Running | None:
        """Return what runs on this folder now, or None."""
        try:
            handle = os.open(self.path / "up.lock", os.O_RDWR)
        except OSError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return self.last()
        finally:
            os.close(handle)
        return None

    def last(self) -> Running | None:
        """Return what ran here last, also when it ended without a word."""
        told = self._read("running.json")
        return Running(**told) if told else None

    def tell(self, running: Running) -> None:
        """Leave word of what runs, for the other commands and for the next start."""
        self._write("running.json", vars(running))

    def forget(self) -> None:
        """Take the word back: everything has ended."""
        (self.path / "running.json").unlink(missing_ok=True)

    def secret(self, name: str) -> str:
        """Return the secret `name`, made up at first use. Raises SetupError where those of the database are gone."""
        kept = self._read(SECRETS)
        if not kept and (self.path / "postgres").exists():
            raise SetupError(
                f"{self.path / SECRETS} is gone, and the database beside it opens by nothing else: put it back from a "
                "copy, or choose another folder with --data."
            )
        if name not in kept:
            self._write(SECRETS, kept | {name: secrets.token_urlsafe(48)})
            return self.secret(name)
        return str(kept[name])

    def secret_before(self, name: str) -> str:
        """Return the secret `name` of an older version, nothing where there is none."""
        return str(self._read(SECRETS).get(name, ""))

    def port(self, name: str) -> int:
        """Return the port of `name`: the one of last time while it is free, else a free one, remembered."""
        kept = self._read("ports.json")
        if name in kept and port_is_free(kept[name]):
            return int(kept[name])
        self._write("ports.json", kept | {name: free_port()})
        return self.port(name)

    def keep(self, name: str, content: Mapping[str, object]) -> None:
        """Keep `content` in the file `name`, for later runs."""
        self._write(name, content)

    def recall(self, name: str) -> dict[str, Any]:
        """Return what was kept in `name`; nothing when there is none. Raises SetupError where it cannot be read."""
        return self._read(name)

    def shorten_logs(self) -> list[Path]:
        """Move what long logs hold into their older half, while others write to them; return the logs that were long.

        Where there is no room for the older half, it is dropped: the room is worth more.
        """
        long = [log for log in self.logs.glob("*.log") if size(log) > LONG_LOG_BYTES]
        for log in long:
            older = log.with_suffix(".log.1")
            try:
                shutil.copyfile(log, older)
            except OSError:
                older.unlink(missing_ok=True)
            with suppress(OSError):
                os.truncate(log, 0)  # who writes appends
        return long

    def known_port(self, name: str) -> int:
        """Return the port given to `name` before."""
        return int(self._read("ports.json")[name])

    def _read(self, name: str) -> dict[str, Any]:
        """Return what a file holds, nothing where there is none. Raises SetupError for one that cannot be read."""
        try:
            found = json.loads((self.path / name).read_text())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError) as error:
            found, why = None, str(error)
        else:
            why = "it is no JSON object"
        if isinstance(found, dict):
            return found
        if name in OF_THE_LAST_RUN:
            return {}
        raise SetupError(
            f"{self.path / name} cannot be read ({why}), and nothing is made up in its place: put it back from a copy, "
            "let this account read it, or choose another folder with --data."
        )

    def _write(self, name: str, content: Mapping[str, object]) -> None:
        """Put a file in the place of the one before, whole or not at all, also when the power goes."""
        draft = self.path / f".{name}.{os.getpid()}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        try:
            with os.fdopen(handle, "w") as file:
                json.dump(content, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self.path / name)
            sync(self.path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise


def sync(folder: Path) -> None:
    """Have the disk hold the names in a folder as they are now."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def size(path: Path) -> int:
    """Return a file's length, 0 when it is gone."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def not_running(data: DataFolder) -> SetupError:
    """Return the refusal of a command about what runs, where nothing does, with what to do."""
    hint = " If you started it with --data X, add --data X to this command." if data.path == ROOT / "var" else ""
    return SetupError(f"Meridian is not running on {data.path}: start it with {data.command('up')}.{hint}")


def port_is_free(port: int) -> bool:
    """Tell whether nobody on this machine listens on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
