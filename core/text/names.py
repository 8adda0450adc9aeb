"""Whether two spellings are one person's name: no database, no settings."""

import unicodedata

from core.text.folding import fold

DIGRAPHS = str.maketrans(
    {"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe", "Đ": "Dj", "Ə": "E"}
    | {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "đ": "dj", "ə": "e"}
)
"""How letters are spelled where a keyboard lacks them."""

TITLES = frozenset(
    [
        "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "doctor", "rev", "sir", "madam", "herr", "frau",
        "mme", "mlle", "monsieur", "madame", "sr", "sra", "srta",
    ]
)  # fmt: skip
"""What people are addressed by, folded; it is written before a name, or left out."""

HONORIFICS = ("先生", "女士", "小姐", "さん", "さま", "様", "씨", "님")
"""The same where it follows a name without a space, folded."""

UNCERTAIN = frozenset("aeiouj ")
"""Letters that the spellings of one name need not share: "Jürgen", "Juergen"; "Đorđe", "Djordje"."""


def spellings(name: str) -> frozenset[str]:
    """Return a name folded as it is written and as a keyboard without its letters gives it: "jurgen", "juergen"."""
    # Composed first: a letter and its accent, typed one after the other, are the letter that is spelled out.
    composed = unicodedata.normalize("NFKC", name)
    return frozenset({fold(composed), fold(composed.translate(DIGRAPHS))})


def without_titles(words: list[str]) -> list[str]:
    """Return folded words without what people are addressed by, or all where nothing else would be left."""
    kept = [_without_honorific(word) for word in words if word not in TITLES and word not in HONORIFICS]
    return kept or words


def _without_honorific(word: str) -> str:
    ending = next((one for one in HONORIFICS if word.endswith(one)), "")
    return word.removesuffix(ending)


def is_same_name(one: str, other: str) -> bool:
    """Whether two spellings are one name: the same words in any order, or the same letters, however parted.

    "Adams, Alice" and "Dr. Alice Adams"; "Jürgen" and "Juergen"; "de la Cruz, Ana" and "Ana Delacruz".
    """
    # Asked once for each record of a person at every booking, and nearly always of one spelling.
    return one == other or any(
        _are_same(without_titles(left.split()), without_titles(right.split()))
        for left in spellings(one)
        for right in spellings(other)
    )


def _are_same(left: list[str], right: list[str]) -> bool:
    # A family name of several words stands before or after the rest: the words are turned round, not shuffled, so that
    # those which are parted in one of the spellings alone stay beside each other.
    return sorted(left) == sorted(right) or "".join(left) in _turned(right) or "".join(right) in _turned(left)


def _turned(words: list[str]) -> set[str]:
    """Return words as one, begun with each of them in turn."""
    return {"".join(words[first:] + words[:first]) for first in range(max(1, len(words)))}


def letters_of(name: str) -> str:
    """Return what any two spellings of one name share: its certain letters, in their order in the alphabet."""
    words = "".join(without_titles(fold(unicodedata.normalize("NFKC", name)).split()))
    return "".join(sorted(letter for letter in words if letter not in UNCERTAIN))
