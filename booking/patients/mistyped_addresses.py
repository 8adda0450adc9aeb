"""Which e-mail address somebody may have meant who typed one that hardly exists: no database, no clock.

Mail to a mistyped domain is often taken by whoever has it, and nobody is told that it went astray: so it is asked back.
"""

WIDELY_USED = (
    "gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "aol.com", "icloud.com", "comcast.net", "msn.com",
    "live.com", "me.com", "mac.com", "ymail.com", "sbcglobal.net", "att.net", "verizon.net", "protonmail.com",
    "proton.me", "gmx.com", "gmx.net", "web.de", "mail.ru", "yandex.ru", "wp.pl", "onet.pl", "interia.pl",
    "orange.fr", "libero.it", "uol.com.br", "qq.com", "163.com", "126.com", "hotmail.fr", "hotmail.es", "yahoo.fr",
    "yahoo.es", "yahoo.de", "googlemail.com", "googlemail.de", "mail.com", "email.com", "rush.edu",
)  # fmt: skip
"""Domains at which most people have their mail. What is none of them, and is near none, is let through."""

MISTYPED_ENDINGS = {
    ending: meant
    for meant, endings in {
        "com": ("con", "cmo", "ocm", "comm", "vom", "xom", "cpm", "cim", "coom", "conm", "c0m", "com1"),
        "net": ("nte", "ent", "nett", "nrt"),
        "org": ("ogr", "orgg", "prg", "rog"),
        "edu": ("eud", "edi", "eduu"),
    }.items()
    for ending in endings
}
"""What stands at the end of no address, and what was meant."""

CUT_ENDINGS = frozenset({"co", "cm", "om"})
"""Endings that others have, and that are "com" cut short where the domain is a widely used one."""

SHORTEST = 5
"""Letters of a domain's name that is compared: of shorter ones too many others are one letter away."""


def likely_meant(address: str) -> str:
    """Return the address that is meant more likely than a normal one that was typed; empty where it seems right."""
    name, _at, domain = address.rpartition("@")
    typed = domain.lower()
    if typed in WIDELY_USED:
        return ""
    mended = _with_ending_mended(typed)
    near = mended if mended in WIDELY_USED else next((one for one in WIDELY_USED if _is_one_slip(mended, one)), mended)
    return f"{name}@{near}" if near != typed else ""


def _with_ending_mended(typed: str) -> str:
    stem, _dot, ending = typed.rpartition(".")
    if ending in MISTYPED_ENDINGS:
        return f"{stem}.{MISTYPED_ENDINGS[ending]}"
    cut = ending in CUT_ENDINGS and len(stem) >= SHORTEST and f"{stem}.com" in WIDELY_USED
    return f"{stem}.com" if cut else typed


def _is_one_slip(typed: str, meant: str) -> bool:
    """Whether one letter was left out, added or hit wrongly, or two were turned round, before the ending."""
    name, _dot, ending = typed.partition(".")
    right, _dot, meant_ending = meant.partition(".")
    if len(right) < SHORTEST or ending != meant_ending:
        return False
    if len(name) == len(right):
        wrong = [place for place, (one, other) in enumerate(zip(name, right, strict=True)) if one != other]
        turned = len(wrong) == 2 and wrong[1] == wrong[0] + 1  # noqa: PLR2004  (two, and beside each other)
        return len(wrong) == 1 or (turned and name[wrong[0]] == right[wrong[1]] and name[wrong[1]] == right[wrong[0]])
    long, short = (name, right) if len(name) > len(right) else (right, name)
    return len(long) == len(short) + 1 and any(long[:place] + long[place + 1 :] == short for place in range(len(long)))
