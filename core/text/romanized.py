"""Letters of other scripts in Latin ones, as near as names are heard: no database, no settings.

Nobody is called by what comes out: it is compared with what somebody typed on a keyboard without those letters.
"""

import unicodedata

CYRILLIC = """
а a б b в v г g д d е e ж zh з z и i к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch ъ - ы y ь -
э e ю yu я ya є e і i ї i ґ g ў u ј y љ l њ n ћ c ђ d џ d
"""  # noqa: RUF001  (letters of other scripts are what it is about)
GREEK = """
α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ i φ f χ ch ψ ps ω o
"""  # noqa: RUF001  (letters of other scripts are what it is about)
HEBREW = """
א a ב b ג g ד d ה h ו v ז z ח h ט t י y כ k ך k ל l מ m ם m נ n ן n ס s ע a פ p ף f צ ts ץ ts ק k ר r ש sh ת t
"""  # noqa: RUF001  (letters of other scripts are what it is about)
ARABIC = """
ا a ب b ت t ث th ج j ح h خ kh د d ذ dh ر r ز z س s ش sh ص s ض d ط t ظ z ع a غ gh ف f ق q ك k ل l م m ن n ه h و w ي y ء a
پ p چ ch ژ zh گ g
"""  # noqa: RUF001  (letters of other scripts are what it is about)
SILENT = "-"


def _table(script: str) -> dict[str, str]:
    written = script.split()
    return {letter: latin.strip(SILENT) for letter, latin in zip(written[::2], written[1::2], strict=True)}


LETTERS = str.maketrans(_table(CYRILLIC) | _table(GREEK) | _table(HEBREW) | _table(ARABIC))
SYLLABLES = ("HANGUL SYLLABLE ", "HIRAGANA LETTER SMALL ", "HIRAGANA LETTER ", "KATAKANA LETTER ")
"""Scripts whose signs Unicode names by how they are read."""


def romanized(word: str) -> str:
    """Return a folded word in Latin letters; what nobody reads without a dictionary stays as it is."""
    return word if word.isascii() else "".join(map(_read, word.translate(LETTERS)))


def is_syllable(letter: str) -> bool:
    """Whether a sign is a syllable that Unicode names by how it is read."""
    return unicodedata.name(letter, "").startswith(SYLLABLES)


def _read(letter: str) -> str:
    name = unicodedata.name(letter, "")
    kind = next((one for one in SYLLABLES if name.startswith(one)), "")
    return name.removeprefix(kind).casefold() if kind else letter
