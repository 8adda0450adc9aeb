"""What one machine runs: the two servers where none are given, and the service's own processes."""

import http.client
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from local import probes
from local.address import bound, host_name
from local.child import ChildProgram
from local.processes import heartbeat
from local.processes.heartbeat import Heartbeat
from local.services import clinic_settings, postgres, valkey
from local.services.data_folder import ROOT, DataFolder
from local.services.installed_programs import programs_for
from local.services.processes import for_service
from local.services.unprivileged_account import check_reach, unprivileged
from local.setup_error import SetupError
from local.supervisor import Supervisor

PYTHON = sys.executable
WEB = ("-m", "config.serve")
LONGEST_WAIT = 10.0  # seconds between two starts of what does not come up, a full disk for example: room comes suddenly
TOLD = ("EMAIL_URL",)
"""Settings that other commands need as well: without a mail server no clinic's command starts."""

FIRST_KEY = "django"
"""What older folders have signed links and sealed rows with: too short for today, and still what those open by."""


def start_servers(supervisor: Supervisor, *, lasting: bool = True) -> dict[str, str]:
    """Start PostgreSQL and Valkey unless the environment names others; return the URLs that now hold."""
    check_given()
    data = supervisor.data
    urls: dict[str, str] = {}
    programs: list[ChildProgram] = []
    if {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        return urls
    who = unprivileged(owner_of=data.path / "postgres")
    check_reach(who, data.path)
    wheels = programs_for(who, data.path)
    if "REDIS_URL" not in os.environ:
        program, urls["REDIS_URL"] = valkey.prepare(data, wheels, who)
        programs.append(program)
    if "DATABASE_URL" not in os.environ:
        programs.append(postgres.prepare(data, wheels, who, lasting=lasting))
    supervisor.start(*programs)
    if "DATABASE_URL" not in os.environ:
        postgres.make_roles(data, may_create_databases=True)  # tests and benchmarks make databases of their own
        urls["DATABASE_URL"] = postgres.url(data, postgres.APP)
        urls["DATABASE_OWNER_URL"] = postgres.url(data, postgres.OWNER)
    return urls


def check_given() -> None:
    """Refuse a database or a queue that the environment names and that does not answer."""
    database, queue = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if database and not postgres.answers(database):
        raise SetupError(
            "The database in DATABASE_URL does not answer: start it, or unset DATABASE_URL to have one made."
        )
    if queue and not valkey.listens(urlsplit(queue).hostname or "localhost", urlsplit(queue).port or valkey.PORT):
        raise SetupError("The queue in REDIS_URL does not answer: start it, or unset REDIS_URL to have one made.")


def settings(data: DataFolder, urls: Mapping[str, str], *, port: int, demo: bool) -> dict[str, str]:
    """Return the service's settings; what the environment says goes first."""
    here = f"http://127.0.0.1:{port}"
    return {
        **urls,
        **signing(data),
        "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost"),
        "CSRF_TRUSTED_ORIGINS": os.environ.get("CSRF_TRUSTED_ORIGINS", f"{here},http://localhost:{port}"),
        "PUBLIC_URL": os.environ.get("PUBLIC_URL", here),
        "MERIDIAN_DEMO": str(demo).lower(),
        "MERIDIAN_DATA_FOLDER": str(data.path),
        "MERIDIAN_STATIC": os.environ.get("MERIDIAN_STATIC", str(data.path / "static")),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "WEB_BIND": os.environ.get("WEB_BIND", f"127.0.0.1:{port}"),
        **({} if demo else clinic_settings.settings(data)),
        **{name: os.environ[name] for name in TOLD if name in os.environ},
    }


def signing(data: DataFolder) -> dict[str, str]:
    """Return the keys that the service signs with: the environment's, else the folder's; its first key counts on."""
    given, before = os.environ.get("SECRET_KEY"), [os.environ.get("SECRET_KEY_FALLBACKS", "")]
    if not given:
        before.append(data.secret_before(FIRST_KEY))
    return {
        "SECRET_KEY": given or data.secret("signing"),
        "SECRET_KEY_FALLBACKS": ",".join(filter(None, before)),
    }


def preparation(data: DataFolder, environment: Mapping[str, str], *, sign_ins: Path) -> ChildProgram:
    """Return the step before the service starts: database, catalogue, demo and static files, in one process."""
    owner = environment.get("DATABASE_OWNER_URL", environment["DATABASE_URL"])
    return ChildProgram(
        name="prepare",
        command=(PYTHON, "-m", "django", "prepare", "--sign-ins", str(sign_ins)),
        log=data.logs / "prepare.log",
        ready=lambda _begins: True,
        environment={**environment, "DATABASE_URL": owner, "DATABASE_APP_ROLE": role(environment["DATABASE_URL"])},
        folder=ROOT,
    )


def role(url: str) -> str:
    """Return the role that signs in with `url`."""
    return urlsplit(url).username or ""


def web(data: DataFolder, environment: Mapping[str, str], *, port: int) -> ChildProgram:
    """Return how the web server runs: begun once /readyz says so, and hung once /healthz answers nothing."""
    program = ChildProgram(
        name="web",
        command=(PYTHON, *WEB),
        log=data.logs / "web.log",
        ready=lambda _begins: answers(port),
        environment=environment,
        folder=ROOT,
        longest_wait=LONGEST_WAIT,
        lives=probes.web(*bound(port)),
    )
    return for_service(program, data)


def worker(data: DataFolder, environment: Mapping[str, str]) -> ChildProgram:
    """Return how the worker runs. Of its two threads one at most sends mail; the other does the rest meanwhile."""
    options = ("--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO")
    return celery(data, environment, "config", "worker", options)


def beat(data: DataFolder, environment: Mapping[str, str]) -> ChildProgram:
    """Return how the beat runs: it knows the queue alone, and keeps no file about what it has rung."""
    return celery(data, environment, "local.processes.beat", "beat", ("--pidfile", "", "--loglevel", "INFO"))


def celery(
    data: DataFolder, environment: Mapping[str, str], app: str, name: str, options: tuple[str, ...]
) -> ChildProgram:
    """Return a Celery process, which is ready once it gives signs of life."""
    lives = Heartbeat(data.path / "service" / f"{name}.heartbeat")
    program = ChildProgram(
        name=name,
        command=(PYTHON, "-m", "celery", "-A", app, name, *options),
        log=data.logs / f"{name}.log",
        ready=lambda _begins: lives.last() > 0,
        environment={**environment, heartbeat.FILE: str(lives.path)},
        folder=ROOT,
        longest_wait=LONGEST_WAIT,
        lives=lives,
    )
    return for_service(program, data)


def answers(port: int) -> bool:
    """Tell whether the service says that it is ready, asked where it listens and by a name that it answers to."""
    host, port = bound(port)
    line = http.client.HTTPConnection(host, port, timeout=2)
    try:
        line.request("GET", "/readyz", headers={"Host": host_name()})
        return line.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
