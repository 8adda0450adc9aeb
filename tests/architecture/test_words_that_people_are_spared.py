"""No result, message, subject, address of a page or label of the desk holds a word that the rules' own data forbids.

Questions may name conditions: what they say is not looked at. Everything else is, in each language in which it stands.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from booking.suitability.content import LintContent
from booking.suitability.shipped import shipped_content
from booking.suitability.word_lint import forbidden, found_in, without_words
from core.policies.content import LANGUAGE_TAG, read_content
from core.policies.yaml_text import read_yaml
from core.text.languages import base_of, unknown_languages
from tests.architecture import tree

LINT = read_content(LintContent, shipped_content()["lint"])
SAID = ("booking", "notifications", "scheduler", "core", "demo", "config")
TRANSLATED = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
QUESTIONS = {"questions"}
CODES = {"to"}
"""Names whose values are states, or what follows from answers: nobody reads them."""
UNSAID = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", re.DOTALL)
MESSAGE = re.compile(r'^msgstr(?:\[\d\])? ((?:"(?:[^"\\]|\\.)*"\s*)+)', re.MULTILINE)

Text = tuple[str, str, str]
"""Where it stands, in which language, and what it says."""


def in_templates() -> Iterator[Text]:
    for app in SAID:
        for path in sorted((tree.ROOT / app).rglob("templates/**/*")):
            if path.suffix in {".html", ".txt"}:
                yield tree.name(path), "en", UNSAID.sub("", path.read_text(encoding="utf-8"))


def in_code() -> Iterator[Text]:
    """Yield what code says to people: what is translated, and the titles of refusals and labels of choices with it."""
    for path in tree.python():
        for node in tree.nodes(path):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATED
            for part in node.args if called else ():
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield tree.name(path), "en", part.value


def in_translations() -> Iterator[Text]:
    for app in SAID:
        for path in sorted((tree.ROOT / app).rglob("locale/*/LC_MESSAGES/*.po")):
            for found in MESSAGE.findall(path.read_text(encoding="utf-8")):
                yield tree.name(path), path.parent.parent.name, found


def in_data() -> Iterator[Text]:
    """Yield what fixtures and the demo say by language: names, summaries, notices, what follows from answers."""
    for app in SAID:
        for path in sorted((tree.ROOT / app).rglob("*.yaml")):
            yield from _by_language(tree.name(path), read_yaml(path.read_text(encoding="utf-8")))


def _by_language(at: str, value: object, language: str = "") -> Iterator[Text]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            if name in {*QUESTIONS, *CODES, "lint"}:
                continue
            # Beside an English text: elsewhere "id" is an id. An answer is none anywhere; Norwegian is "nb".
            spoken = "en" in value and LANGUAGE_TAG.fullmatch(str(name)) and name not in {"yes", "no"}
            tag = str(name) if spoken else language
            yield from _by_language(f"{at}/{name}", one, tag)
    elif isinstance(value, list):
        for one in value:
            yield from _by_language(at, one, language)
    elif isinstance(value, str):
        yield at, language or "en", value


def in_addresses() -> Iterator[Text]:
    def below(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for one in patterns:
            yield str(one.pattern)
            yield str(getattr(one, "name", "") or "")
            if isinstance(one, URLResolver):
                yield from below(one.url_patterns)

    yield from (("address", "en", address) for address in below(get_resolver().url_patterns))


PLACES = {"templates": in_templates, "code": in_code, "data": in_data, "addresses": in_addresses}


def said_in_vain(texts: Iterator[Text]) -> list[str]:
    """Return each forbidden word with where it stands."""
    by_language = forbidden(LINT)
    return [
        f"{at}: {word}"
        for at, language, text in texts
        for word in found_in(text, by_language.get(base_of(language), ()))
    ]


@pytest.mark.parametrize("place", PLACES)
def test_nobody_reads_a_word_about_themselves_that_the_rules_data_forbids(place):
    texts = list(PLACES[place]())
    assert len(texts) > 50, "nothing was looked at"
    assert said_in_vain(iter(texts)) == []


def test_translations_are_looked_at_in_their_own_language():
    assert said_in_vain(in_translations()) == []


def languages_of(texts: Iterator[Text]) -> set[str]:
    return {base_of(language) for _at, language, _text in texts}


def test_each_language_that_the_project_speaks_has_words_of_its_own_that_people_are_spared():
    spoken = {tag for tag, _name in settings.LANGUAGES}.union(*(languages_of(said()) for said in PLACES.values()))
    assert {"en", "es"} <= spoken
    assert unknown_languages(spoken) == []
    assert without_words(LINT, dict.fromkeys(spoken | languages_of(in_translations()), "")) == []


def test_twin_a_language_of_which_nobody_has_thought_is_named():
    there = languages_of(_by_language("here", {"name": {"en": "Cups", "fr": "Ventouses", "xx": "Qapla"}}))
    assert without_words(LINT, dict.fromkeys(sorted(there), "")) == ["fr", "xx"]
    assert unknown_languages(sorted(there)) == ["xx"]


def test_beside_no_english_text_a_name_is_no_language():
    texts = _by_language("here", {"id": "you have cancer", "choices": {"no": "unfit"}, "told": {"en": "a", "es": "b"}})
    assert [language for _at, language, _text in texts] == ["en", "en", "en", "es"]


@pytest.mark.parametrize(
    ("language", "word"), [(language, word) for language, words in forbidden(LINT).items() for word in words]
)
def test_a_forbidden_word_would_be_found_wherever_it_stood(language, word):
    for text in (f"Sorry: {word.title()}.", f"book/{word.replace(' ', '-')}/", f"{word}s", f"<p>{word}</p>"):
        assert f"here: {word}" in said_in_vain(iter([("here", language, text)])), text


def test_a_word_of_another_language_is_looked_for_in_that_language_alone(monkeypatch):
    lint = LintContent(forbidden={"es": ("apto",), "en": ("unfit",)})
    monkeypatch.setitem(globals(), "LINT", lint)
    texts = [("a", "es-MX", "No es apto."), ("b", "en", "apto"), ("c", "en", "benefit"), ("d", "es", "adaptado")]
    assert said_in_vain(iter(texts)) == ["a: apto"]


def test_who_leaves_accents_out_writes_the_same_word():
    for text in ("Su diagnóstico", "SU DIAGNOSTICO", "su diagno\u0301stico"):
        assert said_in_vain(iter([("here", "es", text)])) == ["here: diagnóstico"], text


def test_what_a_part_of_a_word_spells_is_no_word():
    assert list(found_in("We benefit from a retrofit.", ("fit",))) == []


def test_every_file_of_the_project_that_speaks_to_people_lies_where_it_is_looked_for():
    apart = {"local", "proof"}  # speak to whoever runs a machine
    assert {*SAID, *apart} == set(tree.APPS)
    assert Path(tree.ROOT / "booking" / "templates").is_dir()
