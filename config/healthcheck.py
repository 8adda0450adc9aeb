"""Ask the web server of this container whether it is alive: exit code 0 means yes."""

import http.client
import os
import sys

PATIENCE = 2  # seconds


def main() -> int:
    """Return 0 when /healthz answers 200."""
    port = int(os.environ.get("WEB_BIND", "127.0.0.1:8000").rpartition(":")[2])
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        line.request("GET", "/healthz", headers={"Host": os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]})
        return 0 if line.getresponse().status == http.HTTPStatus.OK else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        line.close()


if __name__ == "__main__":
    sys.exit(main())
