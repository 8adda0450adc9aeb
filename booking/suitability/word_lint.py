"""Words that nobody reads about themselves: in results, messages, subjects, addresses of pages, labels of the desk."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from booking.suitability.content import LintContent, Words
from core.text.languages import base_of

ACCENTS = re.compile("[\u0300-\u036f]")


def forbidden_words(lint: LintContent, words: Words) -> Iterator[str]:
    """Yield the words of a text that its language forbids, in each language that it has."""
    by_language = forbidden(lint)
    for language, text in words.items():
        yield from found_in(text, by_language.get(base_of(language), ()))


def forbidden(lint: LintContent) -> Mapping[str, tuple[str, ...]]:
    """Return what is forbidden by language; what is listed of one in several countries holds in all of them."""
    listed: dict[str, tuple[str, ...]] = {}
    for language, words in lint.forbidden.items():
        listed[base_of(language)] = (*listed.get(base_of(language), ()), *words)
    return listed


def without_words(lint: LintContent, words: Words) -> list[str]:
    """Return the languages of a text for which no word is forbidden: nobody has thought of them yet."""
    by_language = forbidden(lint)
    return [language for language in words if not by_language.get(base_of(language))]


def found_in(text: str, words: tuple[str, ...]) -> Iterator[str]:
    """Yield which of some words stand in a text, or begin a word of it: "fit" is not in "benefit"."""
    read = f" {_plain(text)}"
    yield from (word for word in words if f" {_plain(word)}" in read)


def _plain(text: str) -> str:
    """Return words in small letters, without accents: many leave them out."""
    bare = ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return re.sub(r"[\W_]+", " ", bare).strip()
