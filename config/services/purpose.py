"""What a data folder is for, the demo or a real clinic: said when it is first prepared, and kept ever after.

The demo shows all its mail to everybody; a clinic must never become one because a flag was forgotten.
"""

import os

from config.services.folder import DataFolder
from config.unready import Unready

KEPT = "purpose.json"
YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def is_demo(data: DataFolder, *, no_demo: bool) -> bool:
    """Tell whether this folder is the demo's; refuse to make one into the other."""
    asked, kept = (False if no_demo else said()), data.recall(KEPT).get("demo")
    if kept is None:
        return asked is not False
    if asked is False and kept:
        raise Unready(f"The data in {data.path} is the demo's: choose a new folder for your clinic with --data.")
    if asked and not kept:
        raise Unready(f"The data in {data.path} is a clinic's: unset MERIDIAN_DEMO, or choose another with --data.")
    return bool(kept)


def keep(data: DataFolder, *, demo: bool) -> None:
    """Note what this folder is for; done before anything is loaded, so that a broken start changes nothing."""
    data.keep(KEPT, {"demo": demo})


def said() -> bool | None:
    """Return what MERIDIAN_DEMO says, None when it says nothing."""
    word = os.environ.get("MERIDIAN_DEMO", "").lower()
    if word and word not in YES | NO:
        raise Unready("MERIDIAN_DEMO must be true or false.")
    return word in YES if word else None
