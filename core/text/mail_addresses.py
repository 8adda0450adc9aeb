"""E-mail addresses in one form for people and one for the wire: domains by IDNA 2008 (RFC 5891), not by its forerunner.

By the forerunner, mail for straße.example goes to strasse.example: to somebody else.
"""

import re
from functools import lru_cache

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

LONGEST = 254
ENDING = re.compile(r"[a-z]+|xn--[a-z0-9-]+")  # of a public name: no number, thus no address of a machine (RFC 3696, 2)
INSIDE = frozenset({"alt", "arpa", "corp", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain"})
INSIDE |= {"localhost", "onion", "private"}  # nobody outside has a name in these (RFC 6761, 6762, 7686, 8375, 9476)


class NoAddress(ValueError):  # noqa: N818  (an answer, not an error)
    """Mail cannot be sent to this; the message is for the person who gave it."""


def normal(text: str) -> str:
    """Return an address in the one form that is kept: its domain in small letters, readable. Raises NoAddress."""
    local, _at, domain = on_the_wire(text).rpartition("@")
    return f"{local}@{idna.decode(domain) if 'xn--' in domain else domain}"


@lru_cache(maxsize=1024)
def on_the_wire(text: str) -> str:
    """Return an address in ASCII, as a mail server takes it, or raise NoAddress: it is never sent to another domain."""
    local, at, domain = text.rpartition("@")
    if at and not local.isascii():
        raise NoAddress(_("We cannot write to an address with such letters before the @. Please give another one."))
    try:
        whole = f"{local}{at}{_in_ascii(domain)}"
    except idna.IDNAError as error:
        raise _unreachable() from error
    try:
        validate_email(whole)
    except ValidationError as error:
        raise NoAddress(_("Please give an e-mail address such as name@example.org.")) from error
    if not _is_outside(whole.rpartition("@")[2]):
        raise _unreachable()
    if len(whole) > LONGEST:
        raise NoAddress(_("Please use at most %(longest)d letters.") % {"longest": LONGEST})
    return whole


def can_be_written_to(address: str) -> bool:
    """Say whether mail can be sent to an address at all."""
    try:
        return bool(on_the_wire(address))
    except NoAddress:
        return False


def _unreachable() -> NoAddress:
    return NoAddress(_("Mail cannot be sent to this address. Please check what stands after the @."))


def _is_outside(domain: str) -> bool:
    """Say whether people can have mail at a domain: mail from here must not reach into the clinic's own network.

    The names for tests and examples (.test, .example) may be written to: they lead nowhere.
    """
    _name, dot, ending = domain.lower().rpartition(".")
    return bool(dot) and ENDING.fullmatch(ending) is not None and ending not in INSIDE


def _in_ascii(domain: str) -> str:
    """Return a domain in ASCII. Raises idna.IDNAError."""
    small = domain.lower()
    if small.isascii() and "xn--" not in small:
        return small
    # UTS 46 reads capitals and full-width letters as they are meant, and leaves ß what it is.
    return idna.encode(domain, uts46=True, std3_rules=True).decode()
