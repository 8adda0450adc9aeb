"""Where the web server listens and by which name it is asked for, from the environment; needs no package."""

import os

from local.setup_error import SetupError

EVERYWHERE = {"", "0.0.0.0", "[::]"}  # noqa: S104  (compared with, not bound)


def bound(port: int) -> tuple[str, int]:
    """Return host and port that this machine reaches the web server at: of WEB_BIND where set, else `port`."""
    host, colon, said = os.environ.get("WEB_BIND", f"127.0.0.1:{port}").rpartition(":")
    if not colon or not said.isdecimal():
        raise SetupError("WEB_BIND must be an address and a port, for example WEB_BIND=127.0.0.1:9000.")
    return ("127.0.0.1" if host in EVERYWHERE else host.strip("[]")), int(said)


def host_name() -> str:
    """Return a name that the web server answers to: the first of ALLOWED_HOSTS."""
    first = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().removeprefix(".")
    return "localhost" if first in {"", "*"} else first
