"""Ask the web server of this container whether it is alive: exit code 0 means yes."""

import http.client
import sys

from config.address import bound, host_name

PATIENCE = 2  # seconds


def main() -> int:
    """Return 0 when /healthz answers 200."""
    host, port = bound(8000)
    line = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        line.request("GET", "/healthz", headers={"Host": host_name()})
        return 0 if line.getresponse().status == http.HTTPStatus.OK else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        line.close()


if __name__ == "__main__":
    sys.exit(main())
