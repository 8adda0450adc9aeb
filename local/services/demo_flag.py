"""What a data folder is for, the demo or a real clinic: said when it is first prepared, and kept ever after.

The demo shows all its mail to everybody and its passwords are known; a clinic must never become one because a flag was
forgotten, and where others can come in or mail goes out there is never a demo.
"""

import os
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from local.services.data_folder import DataFolder
from local.setup_error import SetupError

KEPT = "purpose.json"
YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def is_demo(data: DataFolder, *, no_demo: bool) -> bool:
    """Tell whether this folder is the demo's; refuse to make one into the other."""
    asked, kept = (False if no_demo else demo_setting()), data.recall(KEPT).get("demo")
    if kept is None:
        return asked is not False and not refused(data)
    if asked is False and kept:
        raise SetupError(f"The data in {data.path} is the demo's: choose a new folder for your clinic with --data.")
    if asked and not kept:
        raise SetupError(f"The data in {data.path} is a clinic's: unset MERIDIAN_DEMO, or choose another with --data.")
    return bool(kept) and not refused(data)


def refused(data: DataFolder) -> bool:
    """Refuse the demo where the environment tells of a real clinic; else return False."""
    if found := real_clinic_setting(os.environ):
        raise SetupError(
            f"{found} tells of a real clinic, and there is no demo where others can come in or mail goes out: start "
            f"your clinic with --no-demo on a folder of its own (not {data.path}), or unset {found} for the demo."
        )
    return False


def real_clinic_setting(environment: Mapping[str, str]) -> str:
    """Return the name of the setting that reaches beyond this machine, or nothing: the demo may run."""
    if environment.get("EMAIL_URL"):
        return "EMAIL_URL"
    if not stays_here(host_of(environment.get("PUBLIC_URL") or "http://localhost")):
        return "PUBLIC_URL"
    hosts = filter(None, (name.strip() for name in environment.get("ALLOWED_HOSTS", "").split(",")))
    if not all(map(stays_here, hosts)):
        return "ALLOWED_HOSTS"
    return "" if listens_here(environment.get("WEB_BIND") or "localhost:8000") else "WEB_BIND"


def listens_here(address: str) -> bool:
    """Tell whether a web server at this address is reached from this machine alone; without a host it is not."""
    return address.startswith("unix:") or stays_here(address.rpartition(":")[0])


def host_of(url: str) -> str:
    """Return the host of an address, or nothing where it cannot be read."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def stays_here(host: str) -> bool:
    """Tell whether a name or number means this machine alone."""
    name = host.strip("[].").lower()
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def store(data: DataFolder, *, demo: bool) -> None:
    """Note what this folder is for; done before anything is loaded, so that a broken start changes nothing."""
    data.keep(KEPT, {"demo": demo})


def demo_setting() -> bool | None:
    """Return what MERIDIAN_DEMO says, None when it says nothing."""
    word = os.environ.get("MERIDIAN_DEMO", "").lower()
    if word and word not in YES | NO:
        raise SetupError("MERIDIAN_DEMO must be true or false.")
    return word in YES if word else None
