"""`python -m config.serve`: the web server, once the number of its processes can be read.

Gunicorn reads WEB_CONCURRENCY by itself, before any settings of ours, and would answer "two" or "" by a traceback.
"""

import os
import sys

from config.environment import whole_number

WORKERS = 2
GUNICORN = (sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi:application")


def workers() -> int:
    """Return how many web processes are wanted. Ends this process where that cannot be read."""
    return whole_number("WEB_CONCURRENCY", default=WORKERS, least=1)


if __name__ == "__main__":
    os.environ["WEB_CONCURRENCY"] = str(workers())
    os.execv(GUNICORN[0], GUNICORN)  # noqa: S606  (no shell is the point)
