"""The web server's settings, the same under `manage.py up` and in the container: threads, for short database work."""

import gc
import os
from importlib import import_module
from logging import getLogger
from pathlib import Path

from gunicorn.config import Config
from gunicorn.glogging import Logger

from config import serve
from config.environment import whole_number
from core.monitoring.logs import RedactingFormatter

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
worker_class = "local.processes.web_worker.BufferingWorker"
workers = serve.workers()
threads = whole_number("WEB_THREADS", default=4, least=1)
preload_app = True  # the workers share the code's memory
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  (a heartbeat must not wait for a disk)
worker_connections = 1000  # of each process; when nearly all are taken, those that wait longest are cut
timeout = 30  # a process that does not move, or a request that does not end, is replaced
graceful_timeout = 4
keepalive = 20
accesslog = None  # addresses of pages hold links that open a visit: they are not written down
errorlog = "-"
control_socket_disable = True
proc_name = "meridian"


class RedactingLogger(Logger):  # type: ignore[misc]
    """The web server's log, which writes no link that opens a visit either."""

    def setup(self, cfg: Config) -> None:
        """Give every handler the formatter that takes secrets out."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(RedactingFormatter(self.error_fmt, self.datefmt))


logger_class = RedactingLogger
getLogger("waitress.queue").setLevel("ERROR")  # that a request waits for a thread is no news


def when_ready(_server: object) -> None:
    """Load every door before the workers are forked: they share the memory and answer their first page at once."""
    import_module("config.urls")
    gc.collect()
    gc.freeze()


def post_worker_init(_worker: object) -> None:
    """Let each web process watch its database and its readiness from now on."""
    import_module("core.database.hang").watch.start()
    import_module("core.api.readiness").readiness.start()
