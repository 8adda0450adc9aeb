"""One spelling for what people spell in many ways, for finding and comparing: no database, no settings."""

import re
import unicodedata

LONGEST = 400
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t", "ŋ": "n", "ə": "a"}
    | {"ƙ": "k", "ɗ": "d", "ɖ": "d", "ɓ": "b", "ƴ": "y", "ɛ": "e", "ǝ": "e", "ɔ": "o", "ƒ": "f", "ɨ": "i", "ʉ": "u"}
    | {"\u0263": "g", "\u028b": "v"}
    | str.maketrans("髙﨑邊邉齋齊濵濱澤廣櫻國", "高崎辺辺斎斉浜浜沢広桜国")
    | {"\u0131": "i", "\u0640": "", "\u0649": "\u064a", "\u06cc": "\u064a", "\u06a9": "\u0643", "\u0629": "\u0647"}
    | {chr(katakana): chr(katakana - 0x60) for katakana in range(0x30A1, 0x30F7)}
)
"""Letters that Unicode does not take apart, Arabic and Japanese ones that families write in two ways, and katakana by
its hiragana."""

IN_A_WORD = dict.fromkeys(
    map(
        ord,
        "!'`\u00b4\u00b7\u0384\u055a\u05f3\u1fbd\u1fbf\u1ffd\u1ffe\u2018\u2019\u201a\u201b\u2032\u2035\u01c0\u01c1\u01c2\u01c3\ua78c\uff07\uff40",
    )
)
"""Signs that people write or leave out within a word: apostrophes of all shapes, the dot of Gal·la, clicks."""

NUKTAS = frozenset("\u093c\u09bc\u0a3c\u0abc\u0b3c")
"""Dots of Indian scripts that mark sounds of other languages; many leave them out."""

AGAIN = re.compile("(.)\u3005")
"""A Japanese sign that stands for the one before it once more: \u4f50\u3005\u6728 is \u4f50\u4f50\u6728."""

MODIFIERS = range(0x02B9, 0x0300)
"""Letters that are marks, as the okina of Hawai\u02bbi."""

ACCENTED = ((0x0041, 0x0780), (0x1C80, 0x2000), (0x2C60, 0x2E00), (0xA640, 0xA7FF), (0xFB00, 0xFE00))
"""Scripts whose words stay what they are without accents and points (Latin, Greek, Cyrillic, Hebrew, Arabic and their
neighbours); in others a mark is a vowel, or makes another letter."""

SPACELESS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul in parts
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3040, 0x31FF),  # Kana, Bopomofo, Hangul in parts
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),  # Hangul
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Scripts that put no spaces between the words of a name, or write a word with one sign."""


def fold(text: str) -> str:
    """Return `text` in small letters without accents, words parted by single spaces: "Ó Brien-Łuk" as "o brien luk".

    Apostrophes and invisible signs are left out, hyphens of all shapes part words; digits of all scripts are 0 to 9.
    Letters of other scripts stay as they are.
    """
    # Taken apart before and after the change of case, as Unicode compares without case (The Unicode Standard, 3.13):
    # either may leave something for the other.
    apart = unicodedata.normalize("NFKD", text.translate(IN_A_WORD)).casefold().translate(PLAIN)
    bare: list[str] = []
    plain = unicodedata.normalize("NFKD", AGAIN.sub(r"\1\1", apart).translate(IN_A_WORD)).translate(PLAIN)
    for letter in plain.replace("\u0565\u0582", "\u0565\u057e"):  # an Armenian letter that capitals write as two others
        bare.append(_bare(letter, after=bare[-1] if bare else ""))
        if not bare[-1]:
            bare.pop()
    return " ".join(unicodedata.normalize("NFC", "".join(bare)).split())[:LONGEST].rstrip()


def _bare(letter: str, *, after: str) -> str:
    """Return what stays of a letter, which is nothing for an accent: a space where it parts words."""
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.digit(letter))
    if letter in NUKTAS:
        return ""
    if category == "Mn":
        return "" if not after.strip() or _within(after, ACCENTED) else letter
    if category == "Cf" or ord(letter) in MODIFIERS:
        return ""
    return letter if letter.isalnum() or category == "Mc" else " "


def is_spaceless(letter: str) -> bool:
    """Whether a letter is of a script in which one sign may be a whole name."""
    return _within(letter, SPACELESS)


def _within(letter: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(letter) <= last for first, last in ranges)
