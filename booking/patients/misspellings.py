"""What names that are mistyped, or written by ear, have in common with how they are kept: keys of words. Pure.

A word is found by one slip (a letter too many, too few, another one, two turned round): both words are the same once
one letter is left out of each. And it is found by its sound, whatever vowels and doubled letters somebody wrote, also
in another script.
"""

import re
from collections.abc import Iterable, Sequence

from core.text.folding import is_spaceless
from core.text.romanized import is_syllable, romanized

SHORTEST, SHORTEST_TYPED, LONGEST = 3, 4, 24
"""Letters of a word that is kept, and of one that is typed: shorter ones are like too many others."""

SLIP, SOUND = "~", "^"
"""What marks the keys: neither begins a word of a name, nor what somebody types."""

HEARD_AS = (
    ("sch", "s"), ("tz", "s"), ("ts", "s"), ("cz", "s"), ("sz", "s"), ("zh", "s"), ("sh", "s"), ("ph", "f"),
    ("ck", "k"), ("qu", "k"), ("x", "ks"), ("ce", "se"), ("ci", "si"), ("cy", "sy"),
)  # fmt: skip
"""Letters that are heard as one other, the longest first."""

ALIKE = str.maketrans("bvwcgqzd", "pffkkkst")
VOWELS = re.compile("[aeiouyh]")
AGAIN = re.compile(r"(.)\1+")
FURTHEST = 3
"""Letters by which two words differ in length that are one word all the same."""

FEWEST_HEARD = 2
"""Sounds that are enough to know a word by."""


def keys_of(words: Iterable[str]) -> frozenset[str]:
    """Return the keys of the folded words of a name."""
    return frozenset(key for word in words for key in (*_slips(word, shortest=SHORTEST), *_sounds_within(word)))


def near(word: str) -> str:
    """Return the query for the words that may be meant by a typed one, which may also be written right or begun."""
    keys = [*_slips(word, shortest=SHORTEST_TYPED), *_marked(heard(word))]
    return " | ".join([f"'{word}':*", *(f"'{key}'" for key in sorted(set(keys)))])


def _slips(word: str, *, shortest: int) -> list[str]:
    """Return a word, and what it is without each of its letters; nothing of what is too short or a script of signs."""
    if not shortest <= len(word) <= LONGEST or any(map(is_spaceless, word)):
        return []
    return [SLIP + word, *(f"{SLIP}{word[:place]}{word[place + 1 :]}" for place in range(len(word)))]


def _sounds_within(word: str) -> list[str]:
    """Return how a word sounds; of a family name and a given name without a space, how each of them may."""
    if not all(map(is_syllable, word)):
        return _marked(heard(word))
    parts = {word, *(word[:cut] for cut in range(1, len(word))), *(word[cut:] for cut in range(1, len(word)))}
    return [key for part in parts for key in _marked(heard(part))]


def heard(word: str) -> str:
    """Return how a folded word sounds: its consonants, those alike as one, and whether a vowel comes first."""
    latin = romanized(word)
    for written, sound in HEARD_AS:
        latin = latin.replace(written, sound)
    bare = VOWELS.sub("", latin.translate(ALIKE))
    return AGAIN.sub(r"\1", ("a" if VOWELS.match(latin) else "") + bare)


def _marked(sound: str) -> list[str]:
    return [SOUND + sound] if len(sound) >= FEWEST_HEARD and sound.isalpha() else []


def distance(asked: Sequence[str], name: Sequence[str]) -> int:
    """Return how far typed words are from those of a name: of each the slips to the nearest, none where it is begun."""
    known = {romanized(word) for word in name}
    return sum(min((_apart(romanized(word), other) for other in known), default=len(word)) for word in asked)


def _apart(one: str, other: str) -> int:
    """Return how many slips lead from one word to another (optimal string alignment)."""
    if other.startswith(one):
        return 0
    if abs(len(one) - len(other)) > FURTHEST:
        return max(len(one), len(other))
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [place]
        for at, wanted in enumerate(other, start=1):
            least = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (letter != wanted))
            if earlier and at > 1 and letter == other[at - 2] and one[place - 2] == wanted:
                least = min(least, earlier[at - 2] + 1)
            row.append(least)
    return row[-1]
