"""What a person is found by, as words, and what somebody typed to find them, as a query of such words. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from booking.patients import misspellings
from booking.references import ALPHABET, LENGTH, as_written
from core.text.folding import fold, is_spaceless
from core.text.names import spellings, without_titles
from core.text.typed_dates import dates_typed

SHORTEST_SEARCH = 3
FEWEST_DIGITS = 3
# A name has fewer. The ways in which words can belong together grow with their square, and somebody may paste a page.
MOST_WORDS = 8

PARTICLES = frozenset(
    [
        "o",
        "d",
        "l",
        "mc",
        "mac",
        "van",
        "von",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "du",
        "los",
        "las",
        "zu",
        "zum",
        "zur",
        "vom",
        "af",
        "av",
        "la",
        "le",
        "el",
        "al",
        "abd",
        "abu",
        "bin",
        "ibn",
        "ben",
        "t",
        "s",
        "st",
        "san",
        "ter",
        "ten",
    ]
)
"""Words that some write together with the next: "O Brien", "van der Berg", "Al Sayed"."""

WRITTEN_OUT = re.compile(r"([aou])e")
"""An umlaut as it is spelled where a keyboard lacks it."""

ALIKE = {"st": "saint", "saint": "st"}
"""Words of names that are written short or in full."""

ARTICLE = "\u0627\u0644"
"""The Arabic article, which is written together with its word and left out by many."""

SHORTEST_WITH_ARTICLE = 5

APOSTROPHES = dict.fromkeys(map(ord, "`\u00b4\u02bb\u02bc\u2018\u2019\u2032\uff07"), "'")
"""Those that part a particle from what follows."""

TRUNK = re.compile(r"\(\s*0\s*\)")
"""What is dialled within a country alone: "+49 (0)30"."""

EXITS = re.compile(r"^(?:011|00|0|8(?=[3-9]\d{9}$))")
"""What is dialled before the number of a country, or within it before that of a town; in Russia an 8."""

LABEL = re.compile(
    r"\b(?:tel|telephone|phone|ph|cell|mobile|fax|ref|reference|dob|born)\b[\s.:]*(?=\S*\d)", re.IGNORECASE
)
"""What stands before a number in a letter or a mail from which it is copied."""

EXTENSION = re.compile(r"([^a-z]*\d)[\s,;.]*(?:ext(?:ension)?|x|#)[\s.:=]*\d{1,6}\s*", re.IGNORECASE)
"""A number, and what is dialled after it: who has an extension is kept by the number alone."""

MAILTO, AROUND = re.compile(r"^\W*mailto:", re.IGNORECASE), "<>()[].,;:"
"""What stands around an e-mail address that is copied out of a mail or a sentence."""

PHONE_DIGITS = 7
"""Digits from which on an x after a number parts an extension from it: a reference has an X of its own."""


def of_name(name: str) -> frozenset[str]:
    """Return what a name is found by: its words, what some write as one word or in other letters, and by mistake."""
    spelled = spellings(name)
    slips = misspellings.keys_of({word for words in spelled for word in words.split()})
    return frozenset(_words_of(name)).union(slips, *map(_words_together, spelled))


def _words_of(name: str) -> Iterable[str]:
    """Yield the words of what stands between spaces, in all their spellings."""
    for part in name.split():
        for spelled in spellings(part):
            words = spelled.split()
            yield from words
            yield from (ALIKE[word] for word in words if word in ALIKE)
            yield from map(_without_article, words)
            if len(words) > 1:
                yield "".join(words)
            # Who types "muller" finds Mueller as well: by sight nobody knows whether somebody writes it out.
            yield from (WRITTEN_OUT.sub(r"\1", word) for word in words)
        # "Neill" finds O'Neill, and "Angelo" D'Angelo.
        first, _apostrophe, last = part.translate(APOSTROPHES).partition("'")
        if fold(first) in PARTICLES:
            yield from fold(last).split()


def _without_article(word: str) -> str:
    return word.removeprefix(ARTICLE) if len(word) >= SHORTEST_WITH_ARTICLE else word


def _words_together(spelled: str) -> Iterable[str]:
    """Yield what several words of a folded name are when they are written as one."""
    words = spelled.split()
    # Marked by `=`: two words as one are found when they are typed in full, not when their beginning is.
    yield from (f"={one}{other}" for one, other in pairwise(words))
    # Initials: "J. R. R." is typed as "JRR".
    yield from ("".join(run) for alone, run in groupby(words, lambda word: len(word) == 1) if alone)
    for first, word in enumerate(words):
        if word in PARTICLES:
            yield _with_next(words[first:])
    # Where a script has no spaces, a family name and a given name are one word: each sign may begin what is typed.
    if any(map(is_spaceless, "".join(words))):
        yield from _endings("".join(words))


def _with_next(words: list[str]) -> str:
    """Return particles together with the word that follows them."""
    last = next((place for place, word in enumerate(words) if word not in PARTICLES), len(words) - 1)
    return "".join(words[: last + 1])


def _endings(word: str, *, shortest: int = 1) -> Iterable[str]:
    """Yield a word from each of its signs on: what begins one of these stands anywhere in the word."""
    return (word[first:] for first in range(len(word) - shortest + 1))


def of_reference(reference: str) -> str:
    """Return the word by which a reference is found; no word of a name is like it."""
    return f"#{re.sub(r'[^0-9a-z]', '', reference.casefold())}"


def of_email(address: str) -> frozenset[str]:
    """Return what an e-mail address is found by: the whole, the words before the @, and the @ with what follows."""
    # The @ stays in front of what follows it: "example" must find who is called so, not everybody at example.org.
    whole = _address(address)
    local, _at, domain = whole.partition("@")
    return frozenset({whole, f"@{domain}", *fold(local).split()})


def of_phone(number: str) -> frozenset[str]:
    """Return what a phone number is found by: its digits, from any of them on."""
    # From every digit on: people leave out the code of their country or town, or say the last four digits.
    digits = "".join(letter for letter in number if letter.isdecimal())
    return frozenset(f"+{ending}" for ending in _endings(digits, shortest=FEWEST_DIGITS))


def _address(text: str) -> str:
    # Neither quote nor backslash can stand in a word as PostgreSQL reads it (`as_vector`), nor does an address need
    # one.
    bare = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in bare if letter.isprintable() and not letter.isspace() and letter not in "'\\")


@dataclass(frozen=True, slots=True)
class PeopleQuery:
    """What somebody typed: queries of words, all of which a person must meet, and days on one of which they are born.

    `names`: of the words of a person. `near`: of words that may be those, mistyped or written by ear. `mails`: the same
    words in an address. `addresses`, `numbers`: of a contact.
    """

    names: str = ""
    near: str = ""
    mails: str = ""
    addresses: tuple[str, ...] = ()
    number: str = ""
    born: tuple[date, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.names or self.addresses or self.number or self.born)


def people_query(text: str) -> PeopleQuery:
    """Read what somebody typed into the one field for finding people."""
    text = _without_labels(text)
    tokens = TRUNK.sub(" ", text).split()
    born, rest = _birth_date(tokens)
    addresses = [MAILTO.sub("", token).strip(AROUND) for token in rest if "@" in token and fold(token)]
    plain = [token for token in rest if "@" not in token]
    numbers = [token for token in plain if not any(letter.isalpha() for letter in token)]
    digits = "".join(fold(token).replace(" ", "") for token in numbers)
    # Digits among letters may be part of a reference, such as K7M 4QZ 92D.
    if len(digits) < FEWEST_DIGITS or (len(numbers) < len(plain) and as_written(text)):
        numbers, digits = [], ""
    if born and not plain and not addresses:  # eight digits are a day or a number
        alone = "".join(fold(token).replace(" ", "") for token in tokens)
        digits = alone if alone.isdecimal() else ""
    words = [token for token in plain if token not in numbers]
    return PeopleQuery(
        names=_names(" ".join(words)),
        near=_near(" ".join(words)),
        mails=_mails(words),
        addresses=tuple(_beginning(_address(address)) for address in addresses),
        number=_number(digits),
        born=tuple(born),
    )


def _without_labels(text: str) -> str:
    """Return what was typed in its plain letters, without what only says what it is."""
    plain = LABEL.sub("", unicodedata.normalize("NFKC", text))
    number = EXTENSION.fullmatch(plain)
    is_phone = number is not None and sum(map(str.isdecimal, number[1])) >= PHONE_DIGITS
    return number[1] if number and is_phone else plain


def is_long_enough(text: str, *, shortest: int) -> bool:
    """Whether enough is typed to look for: one sign of a script without spaces, else `shortest` letters and signs."""
    folded = fold(text)
    return any(map(is_spaceless, folded)) or (bool(folded) and len(text.strip()) >= shortest)


def _birth_date(tokens: list[str]) -> tuple[list[date], list[str]]:
    """Return the days that some neighbouring tokens stand for, and the tokens that remain."""
    # The longest first: of "3 27 1961" the whole is a day, and each part might be one as well.
    for width in range(min(len(tokens), MOST_WORDS), 0, -1):
        for first in range(len(tokens) - width + 1):
            if days := dates_typed(" ".join(tokens[first : first + width])):
                return days, tokens[:first] + tokens[first + width :]
    return [], tokens


def _names(text: str) -> str:
    """Return the query for words of a name in any order, each typed whole or begun, or for a reference."""
    asked = [spelled.split()[:MOST_WORDS] for spelled in spellings(text)]
    asked += [bare for words in asked if (bare := list(map(_without_article, words))) != words]
    ways = {way for words in asked for fewer in (words, _essential(words)) for way in _ways(fewer)}
    together = as_written(text).replace("-", "").casefold() or fold(text).replace(" ", "")
    if _may_be_reference(text, together):
        ways.add(_beginning(of_reference(together)))
    return _any(sorted(ways))


def _near(text: str) -> str:
    """Return the query for words of which each may be mistyped, in any order."""
    asked = {tuple(_essential(spelled.split()[:MOST_WORDS])) for spelled in spellings(text)}
    return _any(sorted(" & ".join(f"({misspellings.near(word)})" for word in words) for words in asked if words))


def words_typed(text: str) -> list[list[str]]:
    """Return the words of a name among what somebody typed, in each of their spellings."""
    tokens = [token for token in text.split() if any(map(str.isalpha, token))]
    return [_essential(spelled.split()[:MOST_WORDS]) for spelled in spellings(" ".join(tokens))]


def _essential(words: list[str]) -> list[str]:
    """Return what a record has in any case: no title, and no initial beside two names."""
    named = without_titles(words)
    long = [word for word in named if len(word) > 1 or is_spaceless(word)]
    return long if len(long) > 1 else named


def _ways(words: list[str]) -> Iterable[str]:
    """Yield what the words may be: as typed; two of them, or all, written as one; one of them, in full, being two."""
    if words:
        yield _all(words)
        yield _beginning("".join(words))
    for first in range(len(words) - 1):
        yield _all([*words[:first], words[first] + words[first + 1], *words[first + 2 :]])
    for place, word in enumerate(words):
        others = [*words[:place], *words[place + 1 :]]
        yield " & ".join([f"'={word}'", *map(_beginning, others)])


def _may_be_reference(text: str, together: str) -> bool:
    # A short word of these letters is a name far more often: "Kym" must not find whose reference begins with it.
    readable = set(together.upper()) <= set(ALPHABET) and len(together) <= LENGTH
    marked = "-" in text or any(letter.isdecimal() for letter in together) or len(together) == LENGTH
    return bool(together) and readable and marked


def _mails(words: list[str]) -> str:
    """Return the query for the same words in an e-mail address; one with a dot may be where the address is."""
    folded = fold(" ".join(words)).split()[:MOST_WORDS]
    # Alone: beside other words it is part of a name, as in "J.R. Smith".
    where = [_beginning(f"@{_address(word)}") for word in words if "." in word.strip(".") and len(words) == 1]
    return _any([*([_all(folded)] if folded else []), *where])


def _number(digits: str) -> str:
    """Return the query for a phone number in which these digits stand, without what is dialled before."""
    # With and without: a number may begin with a zero in its own country, as in Italy.
    ways = {digits, EXITS.sub("", digits)} if digits else set()
    return _any(sorted(_beginning(f"+{way}") for way in ways if len(way) >= FEWEST_DIGITS))


def _beginning(word: str) -> str:
    return f"'{word}':*"


def _all(words: Iterable[str]) -> str:
    return " & ".join(map(_beginning, words))


def _any(ways: Iterable[str]) -> str:
    return " | ".join(f"({way})" for way in ways)
