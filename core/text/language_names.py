"""Languages as people name them: by their English names, or by their tags."""

from collections.abc import Iterable
from functools import lru_cache

from babel import Locale

from core.text.folding import fold


def read_languages(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the tags of languages that are named or are tags already, and the words that are none."""
    tags = _language_tags()
    read = [(word, tags.get(fold(word), "")) for word in words]
    return [tag for _word, tag in read if tag], [word for word, tag in read if not tag]


def languages_in_words(tags: Iterable[str]) -> list[str]:
    """Return what languages are called in English; a tag stays one where its name would be read as another."""
    known = Locale.parse("en").languages
    named = ((tag, known.get(tag.replace("-", "_"), tag)) for tag in tags)
    return [name if read_languages([name])[0] == [tag] else tag for tag, name in named]


@lru_cache(maxsize=1)
def _language_tags() -> dict[str, str]:
    """Return the tags of languages by their folded English names, and by themselves."""
    named = {tag.replace("_", "-"): name for tag, name in Locale.parse("en").languages.items()}
    return {fold(name): tag for tag, name in named.items()} | {fold(tag): tag for tag in named}
