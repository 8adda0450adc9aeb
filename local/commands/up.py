"""`manage.py up`: everything on this machine, until Ctrl-C."""

import argparse
import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from local import leftovers
from local.address import bound
from local.secret_key import refusal
from local.services import clinic_settings, demo_flag, machine, preparation
from local.services.data_folder import DataFolder, port_is_free
from local.services.unprivileged_account import check_reach, service_account, unprivileged
from local.setup_error import SetupError
from local.supervisor import Stopped, Supervisor
from local.terminal import show

LAST_PORT = 65535


def check(arguments: Sequence[str]) -> None:
    """Refuse what can be seen before anything is installed."""
    wanted = parse(arguments)
    data = DataFolder.chosen(wanted.data)
    data.make()
    if not {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        check_reach(unprivileged(owner_of=data.path / "postgres"), data.path)
    if data.running():
        raise data.busy()
    clear(data)
    check_room(data)
    check_port(wanted.port, data)
    check_key()
    if not demo_flag.is_demo(data, no_demo=wanted.no_demo):
        if not os.environ.get("EMAIL_URL"):
            raise SetupError(
                "Without the demo, patients are really written to: set EMAIL_URL to your mail server, "
                "for example EMAIL_URL=smtp://mail.example.org:25."
            )
        clinic_settings.learn(data, wanted)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="manage.py up", description="Start Meridian on this machine.")
    parser.add_argument("--port", type=int, default=8000, help="where the pages are (8000)")
    parser.add_argument("--data", help="folder that keeps the data (var)")
    parser.add_argument("--no-demo", action="store_true", help="a real clinic: it starts empty, and stays one")
    clinic_settings.add_options(parser)
    wanted = parser.parse_args(arguments)
    if not 0 < wanted.port <= LAST_PORT:
        parser.error(f"a port is a number from 1 to {LAST_PORT}")
    wanted.port = bound(wanted.port)[1]  # what the environment says goes first
    return wanted


def clear(data: DataFolder) -> None:
    """End what a killed run left on this folder: it may hold the port that is wanted."""
    data.take()
    try:
        leftovers.clear(data)
    finally:
        data.release()


def check_room(data: DataFolder) -> None:
    """Refuse a full disk at once: the database would start on it, and let nobody in."""
    if data.is_full():
        raise SetupError(
            f"The disk with {data.path} is full: nothing that was saved is lost; free some room, and start again."
        )


def check_key() -> None:
    """Refuse a key that others could guess; with DEBUG the settings decide."""
    if os.environ.get("SECRET_KEY") and "DEBUG" not in os.environ and (weak := refusal(os.environ["SECRET_KEY"])):
        raise SetupError(weak)


def check_port(port: int, data: DataFolder) -> None:
    """Refuse a port that is taken, or that the web server's account may not open."""
    who = service_account(owner_of=data.path / "postgres")
    if not (who.can(partial(port_is_free, port)) if who else port_is_free(port)):
        raise SetupError(f"Port {port} is taken or not allowed: choose another, for example --port {port + 1}.")


def main(arguments: Sequence[str]) -> int:
    """Start everything, say where it is, and keep it running; return 0 once stopped."""
    wanted = parse(arguments)
    try:
        with Supervisor(DataFolder.chosen(wanted.data)) as supervisor:
            with enough_room(supervisor.data):
                start(supervisor, wanted)
            supervisor.watch()
            show("Stopping …")
    except Stopped:
        pass
    show("Meridian has stopped.")
    return 0


@contextmanager
def enough_room(data: DataFolder) -> Iterator[None]:
    """Say in one sentence that a full or read-only disk is why there is no start."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        raise SetupError(
            f"Nothing can be written to {data.path} ({error.strerror}): free some room, and start again."
        ) from error


def start(supervisor: Supervisor, wanted: argparse.Namespace) -> None:
    """Start the servers, prepare the database, start the service, and say where it is."""
    data, sign_ins = supervisor.data, supervisor.data.path / "sign-ins.txt"
    show("Starting the database and the queue …")
    urls = machine.start_servers(supervisor)
    demo = demo_flag.is_demo(data, no_demo=wanted.no_demo)
    settings = machine.settings(data, urls, port=wanted.port, demo=demo)
    supervisor.environment = settings
    environment = {**os.environ, **settings}
    demo_flag.store(data, demo=demo)
    prepare(supervisor, environment, sign_ins=sign_ins)
    supervisor.start(machine.web(data, environment, port=wanted.port))
    show(greeting(settings, sign_ins))
    supervisor.start_beside(machine.worker(data, environment), machine.beat(data, environment))
    show(f"Mail and reminders go out as well. Stop with Ctrl-C. Logs are in {data.logs}.")
    if not demo:
        show(f"\nIs there no administrator yet? In another terminal: {data.command('create_admin')}")


def prepare(supervisor: Supervisor, environment: dict[str, str], *, sign_ins: Path) -> None:
    """Migrate, load and collect, unless this very code did so today on this folder's own database."""
    data, demo = supervisor.data, environment["MERIDIAN_DEMO"] == "true"
    own = "DATABASE_URL" not in os.environ
    if own and preparation.holds(data, demo=demo):
        return
    supervisor.run(machine.preparation(data, environment, sign_ins=sign_ins))
    preparation.note(data, demo=demo)


def greeting(settings: dict[str, str], sign_ins: Path) -> str:
    """Return what a newcomer needs: addresses and sign-ins."""
    here = settings["PUBLIC_URL"].rstrip("/")
    lines = ["", "Meridian is running.", "", f"  Book           {here}/", f"  API            {here}/api/v1/docs/"]
    lines += [f"  Desk           {here}/desk/", f"  Set-up         {here}/desk/setup/"]
    if settings["MERIDIAN_DEMO"] == "true":
        lines += [f"  Demo mail      {here}/demo/outbox/"]
    if sign_ins.exists():
        lines += ["", sign_ins.read_text().rstrip()]
    return "\n".join([*lines, ""])
