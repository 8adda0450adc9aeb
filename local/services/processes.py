"""How web, worker and beat run: as an account neither root's nor the database's, knowing the service's role alone.

Where that account cannot reach the Python that runs this, it gets a copy in the data folder; parent folders stay as
they are. Started by anybody but root, the processes run as whoever started them.
"""

import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from local.child import ChildProgram
from local.services.data_folder import ROOT, DataFolder
from local.services.unprivileged_account import Account, can_read, can_run, service_account
from local.setup_error import SetupError

OWNERS = {"DATABASE_OWNER_URL", "DATABASE_OWNER_PASSWORD", "DATABASE_APP_ROLE", "POSTGRES_PASSWORD"}
LIBPQ = "PG"  # variables that PostgreSQL's own library reads beside the URL begin like this
LEFT_OUT = ("test", "site-packages", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3", "config-*")


def for_service(program: ChildProgram, data: DataFolder) -> ChildProgram:
    """Return the service's own process `program` as it is run: without rights, and without the owner's password."""
    who = service_account(owner_of=data.path / "postgres")
    environment, home = service_environment(program.environment), own_folder(data, who)
    if who is None:
        return replace(program, environment=environment)
    environment |= {"HOME": str(home), "USER": who.name, "LOGNAME": who.name}
    python = python_for(who, data)
    if str(python) != sys.executable:
        environment |= {"LD_LIBRARY_PATH": str(python.parent.parent / "lib")}
    return replace(program, account=who, environment=environment, command=(str(python), *program.command[1:]))


def service_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return `environment` without what opens the database to anybody but the service's role."""
    return {name: said for name, said in environment.items() if name not in OWNERS and not name.startswith(LIBPQ)}


def own_folder(data: DataFolder, who: Account | None) -> Path:
    """Return the folder where the service's processes may write, made when it is missing."""
    folder = data.path / "service"
    folder.mkdir(mode=0o700, exist_ok=True)
    if who:
        who.owns(folder)
    return folder


def python_for(who: Account, data: DataFolder) -> Path:
    """Return a Python that `who` can run. Raises SetupError where it cannot read the code or the packages."""
    packages = Path(sysconfig.get_path("purelib"))
    for needed in (ROOT / "manage.py", packages / "django" / "__init__.py"):
        if not can_read(who, needed):
            raise SetupError(
                f"Web, worker and beat run as the account {who.name}, which cannot read {needed}: put Meridian where "
                "every account may read it, for example in /opt, or start it as an account that is not root."
            )
    own = Path(sys.executable)
    if can_run(who, [own.resolve()]) and can_read(who, Path(os.__file__)):
        return own
    copied = data.path / "programs" / f"python-{sys.implementation.cache_tag}-{own.stat().st_mtime_ns}"
    if not copied.exists():
        copy_python(copied, packages)
    return copied / "bin" / own.resolve().name


def copy_python(target: Path, packages: Path) -> None:
    """Copy this Python and its own library, all or nothing; the packages stay where they are."""
    draft, source = target.with_name(f".{target.name}"), Path(sys.base_prefix)
    shutil.rmtree(draft, ignore_errors=True)
    library = Path(sysconfig.get_path("stdlib")).relative_to(source)
    shutil.copytree(source / library, draft / library, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (draft / "bin").mkdir()
    shutil.copy2(Path(sys.executable).resolve(), draft / "bin")
    for shared in source.glob("lib/libpython*.so*"):
        shutil.copy2(shared, draft / "lib", follow_symlinks=False)
    # Not a .pth file: where a Python looks for those differs (Debian's own reads dist-packages).
    (draft / library / "sitecustomize.py").write_text(f"import site\n\nsite.addsitedir({str(packages)!r})\n")
    for folder in (target.parent, draft, *(path for path in draft.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    draft.rename(target)
