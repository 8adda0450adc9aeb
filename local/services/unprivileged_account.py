"""Who runs what when root starts it: the embedded servers as one unprivileged account, the service as another."""

import os
import pwd
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local.setup_error import SetupError

CANDIDATES = ("postgres", "nobody")
SERVICE = ("www-data", "_www", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """A system account with its name and numbers."""

    name: str
    uid: int
    gid: int

    def owns(self, folder: Path) -> None:
        """Give the account `folder` and everything in it."""
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can(self, probe: Callable[[], bool]) -> bool:
        """Tell whether `probe` is true when the account asks."""
        child = os.fork()
        if child == 0:
            reached = False
            with suppress(OSError):
                os.setgroups([])
                os.setgid(self.gid)
                os.setuid(self.uid)
                reached = probe()
            os._exit(0 if reached else 1)
        return os.waitpid(child, 0)[1] == 0


def unprivileged(owner_of: Path) -> Account | None:
    """Return the account that the servers run as, or None when this process is not root.

    The account that already owns the data in `owner_of` goes on with it.
    """
    if os.geteuid() != 0:
        return None
    if owner_of.exists() and owner_of.stat().st_uid:
        return account(owner_of.stat().st_uid)
    return next(found for found in map(named, CANDIDATES) if found)


def service_account(owner_of: Path) -> Account | None:
    """Return the account of web, worker and beat, or None when this process is not root.

    It is not the one that has the database's files in `owner_of`: whoever reads those is master of the database.
    """
    servers = unprivileged(owner_of)
    if servers is None:
        return None
    return next(found for found in map(named, SERVICE) if found and found.uid != servers.uid)


def named(name: str) -> Account | None:
    """Return the account called `name`, if this machine has it."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)


def account(uid: int) -> Account:
    """Return the account numbered `uid`, named or not."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(str(uid), uid, uid)
    return Account(entry.pw_name, uid, entry.pw_gid)


def check_reach(who: Account | None, folder: Path) -> None:
    """Refuse a data folder that the servers' account cannot walk into."""
    if who and not who.can(lambda: os.access(folder, os.X_OK)):
        raise SetupError(
            f"The database runs as the account {who.name}, which cannot reach {folder}: "
            "choose a folder that every account may pass through, for example --data /var/tmp/meridian."
        )


def can_run(who: Account | None, programs: Iterable[Path]) -> bool:
    """Tell whether the servers' account can run each of `programs`."""
    wanted = list(programs)
    return who is None or who.can(lambda: all(os.access(each, os.R_OK | os.X_OK) for each in wanted))


def can_read(who: Account, path: Path) -> bool:
    """Tell whether `who` can read the file `path`."""
    return who.can(lambda: os.access(path, os.R_OK))
