"""The embedded PostgreSQL: made once, run as a plain child, with an owner for migrations and a role for the service."""

import os
import shutil
import subprocess
from functools import partial
from pathlib import Path
from signal import SIGINT

from local import probes
from local.child import LINUX, ChildProgram, started
from local.leftovers import end_inside, end_leftovers
from local.services.data_folder import PREPARED, ROOT, DataFolder
from local.services.installed_programs import Programs
from local.services.unprivileged_account import Account
from local.setup_error import SetupError
from local.terminal import say

MAJOR = "18"
DATABASE = "meridian"
LONGEST_WAIT = 5.0  # seconds between two starts of a server that does not come up: everybody waits for it
LONGEST_SOCKET_FOLDER = 80  # systems take 103 bytes of a socket's whole name
OWNER, APP = "meridian_owner", "meridian_app"
ROLE_SETTINGS = ROOT / "deploy" / "postgres" / "role-settings.sql"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "jit": "off",
    "log_line_prefix": "%m [%p] %u ",
    "log_min_error_statement": "panic",  # statements, details and parameters hold what patients told
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "deadlock_timeout": "1s",
    **({"recovery_init_sync_method": "syncfs"} if LINUX else {}),  # one call, not one per file: back in 0.4 s, not 6
}
FOR_TESTS = {  # their data may be lost, and their crowds are large
    "max_connections": "300",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",  # it would hold tables that a test wants for itself, and lasts longer than their data
    "scram_iterations": "1",  # who signs in here is nobody: threads do so by the thousand
    # Their tables are small and they seldom ask twice: to weigh ways to many rows takes longer than to read the few.
    "join_collapse_limit": "1",
    "from_collapse_limit": "1",
    "update_process_title": "off",
    "enable_incremental_sort": "off",
    "enable_material": "off",
    "enable_memoize": "off",
    "enable_mergejoin": "off",
    "max_parallel_workers_per_gather": "0",
}


def prepare(data: DataFolder, programs: Programs, who: Account | None, *, lasting: bool) -> ChildProgram:
    """Make the cluster where there is none; return how to run it. Only a `lasting` one survives a power cut."""
    cluster = data.path / "postgres"
    if not cluster.exists():
        initialise(cluster, data, programs, who, lasting=lasting)
    check_major(cluster)
    port = data.port("postgres")
    settings = SETTINGS | {"port": str(port)} | ({} if lasting else FOR_TESTS | beside_itself(data))
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    return ChildProgram(
        name="postgres",
        command=(str(programs.postgres("postgres")), "-D", str(cluster), *options),
        log=data.logs / "postgres.log",
        ready=lambda _begins: answers(superuser_url(data)),
        environment={"LC_ALL": "C", "TZ": "UTC"},
        folder=cluster,
        account=who,
        clear=partial(clear, cluster),
        stop=SIGINT,  # "fast": ends sessions, writes everything down
        longest_wait=LONGEST_WAIT,
        lives=probes.postgres(port),
    )


def beside_itself(data: DataFolder) -> dict[str, str]:
    """Return the setting by which the server is reached in its own folder as well: shorter than by loopback."""
    folder = socket_folder(data)
    return {"unix_socket_directories": f'"{folder}"'} if folder else {}


def socket_folder(data: DataFolder) -> str:
    """Return the folder of its socket; empty where its name is too long for one."""
    folder = str(data.path / "postgres")
    return folder if len(folder.encode()) <= LONGEST_SOCKET_FOLDER else ""


def initialise(cluster: Path, data: DataFolder, programs: Programs, who: Account | None, *, lasting: bool) -> None:
    """Run initdb beside the final place and move the result there, so that a half-made cluster is never taken."""
    draft, password = data.path / "postgres.new", data.path / "postgres.password"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    password.unlink(missing_ok=True)
    handle = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(data.secret("postgres"))
    if who:
        who.owns(draft)
        who.owns(password)
    command = [str(programs.postgres("initdb")), "-D", str(draft), "-U", "postgres", f"--pwfile={password}"]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    command += ["--builtin-locale=C.UTF-8", *([] if lasting else ["--no-sync"])]
    made = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=draft,
        env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
        user=who.uid if who else None,
        group=who.gid if who else None,
        extra_groups=[] if who else None,
    )
    password.unlink()
    if made.returncode:
        raise SetupError(f"The database could not be made in {data.path}: see why below.", tail=made.stderr)
    (data.path / PREPARED).unlink(missing_ok=True)
    draft.rename(cluster)


def check_major(cluster: Path) -> None:
    """Refuse data of another major version of PostgreSQL."""
    found = (cluster / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise SetupError(
            f"The data in {cluster} is of PostgreSQL {found} and this is {MAJOR}: choose another folder with --data."
        )


def clear(cluster: Path) -> None:
    """Stop what was left running on this cluster; forget a server that is gone, whoever has its number now.

    A server's sessions outlive it when they are stopped or hang: each leads a group of its own and writes over its
    environment, so they are known by their folder. While one is left, its server's file stays: it guards the data.
    """
    file = cluster / "postmaster.pid"
    pid = number_in(file)
    began = started(pid) if pid else None
    if began and serves(pid, cluster):
        end_leftovers({"postgres": [pid, began]})
    if left := end_inside(cluster, "postgres"):
        say(f"postgres: these processes of the last server do not end: {', '.join(map(str, left))}")
    elif not pid or (is_taken(pid) and not serves(pid, cluster)):
        file.unlink(missing_ok=True)


def number_in(file: Path) -> int:
    """Return the number of the process that a server's file tells of; 0 where it tells of none."""
    first = file.read_text().split()[:1] if file.exists() else []
    return int(first[0]) if first and first[0].isdecimal() else 0


def is_taken(pid: int) -> bool:
    """Tell whether a process has this number, also one that has ended and that nobody has collected."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def serves(pid: int, cluster: Path) -> bool:
    """Tell whether process `pid` is the PostgreSQL server of this cluster."""
    asked = Path(f"/proc/{pid}/cmdline")
    if asked.exists():
        said = asked.read_bytes().decode(errors="replace").replace("\0", " ")
    else:
        command = ["/bin/ps", "-o", "command=", "-p", str(pid)]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return "postgres" in said and str(cluster) in said


def superuser_url(data: DataFolder) -> str:
    """Return the URL of the cluster's own administrator."""
    return url(data, "postgres", "postgres")


def url(data: DataFolder, role: str, database: str = DATABASE) -> str:
    """Return how a role reaches a database of the embedded server: on loopback, by its own password."""
    return f"postgres://{role}:{data.secret(role)}@127.0.0.1:{data.known_port('postgres')}/{database}"


def answers(address: str) -> bool:
    """Tell whether a server takes connections there."""
    import psycopg  # noqa: PLC0415  (the packages are there only once bootstrapped)

    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def make_roles(data: DataFolder, *, may_create_databases: bool = False) -> None:
    """Make the two roles and the database where they are missing, and say how each role's sessions behave.

    A role's settings stand at the role: start-up parameters do not pass PgBouncer.
    """
    import psycopg  # noqa: PLC0415
    from psycopg.sql import SQL, Identifier, Literal  # noqa: PLC0415

    with psycopg.connect(superuser_url(data), autocommit=True) as database:
        known = {name for (name,) in database.execute("SELECT rolname FROM pg_roles").fetchall()}
        for role in {OWNER, APP} - known:
            database.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(role)))
        for role in (OWNER, APP):
            said = SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(role), Literal(data.secret(role)))
            database.execute(said)
        if may_create_databases:
            database.execute(SQL("ALTER ROLE {} CREATEDB").format(Identifier(OWNER)))
        if not database.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            database.execute(SQL("CREATE DATABASE {} OWNER {}").format(Identifier(DATABASE), Identifier(OWNER)))
        database.execute(ROLE_SETTINGS.read_bytes())
