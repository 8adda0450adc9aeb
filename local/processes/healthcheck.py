"""Ask what runs in this container whether it is alive: exit code 0 means yes. What hangs is ended, to start again.

Containers restart what has ended, and leave alone what hangs. The web server ends its own processes that hang; worker
and beat leave signs of life, and whoever finds them too old ends the process.
"""

import http.client
import os
import signal
import sys
import time
from contextlib import suppress

from local.address import bound, host_name
from local.processes.heartbeat import PATIENCE, Heartbeat

ANSWERS_WITHIN = 2  # seconds


def main() -> int:
    """Return 0 when the process gave a sign of life a moment ago, or /healthz answers 200."""
    heartbeat = Heartbeat.of_this_process()
    return check(heartbeat, now=time.monotonic()) if heartbeat else ask()


def check(heartbeat: Heartbeat, *, now: float) -> int:
    """Return 0 for a fresh sign; end the process that gave one too long ago."""
    last = heartbeat.last()
    if now - last <= PATIENCE:
        return 0
    holder = heartbeat.holder()
    if last and holder:
        heartbeat.forget()
        with suppress(ProcessLookupError):
            os.kill(holder, signal.SIGKILL)
    return 1


def ask() -> int:
    """Return 0 when /healthz answers 200."""
    host, port = bound(8000)
    line = http.client.HTTPConnection(host, port, timeout=ANSWERS_WITHIN)
    try:
        line.request("GET", "/healthz", headers={"Host": host_name()})
        return 0 if line.getresponse().status == http.HTTPStatus.OK else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        line.close()


if __name__ == "__main__":
    sys.exit(main())
