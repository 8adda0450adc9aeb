"""What people type or paste, cleaned once and alike on every door: no database, no settings."""

import re
import unicodedata

from django.utils.translation import gettext as _

LEFT_OUT = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2060\u2800\u3164\ufeff\uffa0")
"""Signs that nobody sees and that no word needs."""

JOINERS = frozenset("\u200c\u200d")
"""Signs that nobody sees, and that words of Persian, Hindi or Sinhala need between their letters."""

EDGES = LEFT_OUT | JOINERS | frozenset("\u202a\u202b\u202c\u2066\u2067\u2068\u2069")
"""What comes along around a pasted text: with marks of direction that do not turn letters round."""

REFUSED = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Kinds of signs that stand in no line."""


LINE_ENDS = "\n\r\v\f\x85\u2028\u2029"


class UnusableText(ValueError):  # noqa: N818  (an answer, not an error)
    """What was given cannot be used; the message is for the person who gave it."""


def line(text: str) -> str:
    """Return a text on one line: composed (NFC), single spaces, edges trimmed of what nobody sees.

    Joiners within words stay. Raises UnusableText for what breaks the line or turns its letters round.
    """
    # NFC and not NFKC: a person's name keeps the letters that they chose.
    shown = "".join(_shown(letter) for letter in unicodedata.normalize("NFC", text))
    trimmed = re.sub(" +", " ", _trimmed(shown.replace("\t", " ")))
    odd = next((letter for letter in trimmed if _is_odd(letter)), "")
    if odd and odd in LINE_ENDS:
        raise UnusableText(_("Please use letters and signs on one line."))
    if odd:
        said = _("It holds a sign that cannot be seen or shown here (%(sign)s). Leave it out, or type it anew.")
        raise UnusableText(said % {"sign": f"U+{ord(odd):04X}"})
    return trimmed


def readable(text: str) -> str:
    """Return what of a text can be read on one line, for whoever is told that the whole of it is unusable."""
    return line("".join(letter for letter in text if not _is_odd(letter)))


def lines(text: str) -> str:
    """Return a text of several lines, each as `line` has it, without empty ones around them. Raises UnusableText."""
    return "\n".join(line(one) for one in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip("\n")


def without_unseen(text: str) -> str:
    """Return a text without spaces and all that nobody sees, as an e-mail address is read."""
    return "".join(letter for letter in text if not (letter.isspace() or letter in LEFT_OUT or _is_format(letter)))


def _shown(letter: str) -> str:
    if letter in LEFT_OUT:
        return ""
    return " " if unicodedata.category(letter) == "Zs" else letter


def _trimmed(text: str) -> str:
    first, last = 0, len(text)
    while first < last and _is_edge(text[first]):
        first += 1
    while first < last and _is_edge(text[last - 1]):
        last -= 1
    return text[first:last]


def _is_edge(letter: str) -> bool:
    return letter in EDGES or letter.isspace()


def _is_format(letter: str) -> bool:
    return unicodedata.category(letter) == "Cf"


def _is_odd(letter: str) -> bool:
    return letter in EDGES - JOINERS or _is_refused(letter)


def _is_refused(letter: str) -> bool:
    return unicodedata.category(letter) in REFUSED or (_is_format(letter) and letter not in JOINERS)
