"""Words that nobody reads about themselves: in results, messages, subjects, addresses of pages, labels of the desk."""

import re
from collections.abc import Iterator, Mapping

from booking.suitability.content import LintContent, Words

ENGLISH = "en"


def forbidden_words(lint: LintContent, words: Words) -> Iterator[str]:
    """Yield the words of a text that its language forbids, in each language that it has."""
    by_language = forbidden(lint)
    for language, text in words.items():
        yield from found_in(text, by_language.get(language.partition("-")[0], ()))


def forbidden(lint: LintContent) -> Mapping[str, tuple[str, ...]]:
    """Return what is forbidden by language."""
    listed = {language.partition("-")[0]: tuple(words) for language, words in lint.forbidden.items()}
    return listed | {ENGLISH: (*lint.forbidden_en, *listed.get(ENGLISH, ()))}


def found_in(text: str, words: tuple[str, ...]) -> Iterator[str]:
    """Yield which of some words stand in a text, or begin a word of it: "fit" is not in "benefit"."""
    read = f" {_plain(text)}"
    yield from (word for word in words if f" {_plain(word)}" in read)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).casefold().strip()
