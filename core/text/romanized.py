"""Letters of other scripts in Latin ones, as near as names are heard: no database, no settings.

Nobody is called by what comes out: it is compared with what somebody typed on a keyboard without those letters.
"""

import unicodedata

CYRILLIC = dict(zip(
    "абвгдежзиклмнопрстуфхцчшщъыьэюяєіїґўјљњћђџ",
    "a b v g d e zh z i k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya e i i g u y l n c d d".split(),
    strict=True,
))  # fmt: skip
GREEK = dict(zip(
    "αβγδεζηθικλμνξοπρστυφχψως",
    "a v g d e z i th i k l m n x o p r s t i f ch ps o s".split(),
    strict=True,
))  # fmt: skip
HEBREW = dict(zip(
    "אבגדהוזחטיכלמנסעפצקרשתךםןףץ",
    "a b g d h v z h t y k l m n s a p ts k r sh t k m n f ts".split(),
    strict=True,
))  # fmt: skip
ARABIC = dict(zip(
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويءپچژگ",
    "a b t th j h kh d dh r z s sh s d t z a gh f q k l m n h w y a p ch zh g".split(),
    strict=True,
))  # fmt: skip
LETTERS = str.maketrans(
    {letter: latin.strip("_") for script in (CYRILLIC, GREEK, HEBREW, ARABIC) for letter, latin in script.items()}
)
SYLLABLES = ("HANGUL SYLLABLE ", "HIRAGANA LETTER SMALL ", "HIRAGANA LETTER ", "KATAKANA LETTER ")
"""Scripts whose signs Unicode names by how they are read."""


def romanized(word: str) -> str:
    """Return a folded word in Latin letters; what nobody reads without a dictionary stays as it is."""
    if word.isascii():
        return word
    return "".join(map(_read, word.translate(LETTERS)))


def is_syllable(letter: str) -> bool:
    """Whether a sign is a syllable that Unicode names by how it is read."""
    return unicodedata.name(letter, "").startswith(SYLLABLES)


def _read(letter: str) -> str:
    name = unicodedata.name(letter, "")
    kind = next((one for one in SYLLABLES if name.startswith(one)), "")
    return name.removeprefix(kind).casefold() if kind else letter
