"""One spelling for what people spell in many ways, for finding and comparing: no database, no settings."""

import unicodedata

LONGEST = 400
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h"}
)
"""Letters that Unicode does not take apart."""

IN_A_WORD = frozenset("'`\u2019\u2018\u02bc\u00b4")
"""Signs that people write or leave out within a word; others part words."""


def fold(text: str) -> str:
    """Return `text` in small letters without accents, words parted by single spaces: "Ó Brien-Łuk" as "o brien luk".

    Invisible signs are left out; letters of other scripts stay as they are.
    """
    small = unicodedata.normalize("NFKD", text).casefold().translate(PLAIN)
    bare = "".join(_kept(letter) for letter in unicodedata.normalize("NFKD", small))
    return " ".join(bare.split())[:LONGEST]


def _kept(letter: str) -> str:
    if letter in IN_A_WORD or unicodedata.category(letter) in {"Mn", "Cf"}:
        return ""
    return letter if letter.isalnum() or unicodedata.category(letter) == "Mc" else " "
