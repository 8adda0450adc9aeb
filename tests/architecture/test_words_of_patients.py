"""What patients read is plain: one word for one thing, none of the trade's, in sentences for a reader of grade 8."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import tree

TEMPLATES = (
    "booking/templates/booking", "core/templates", "notifications/templates/notifications",
)  # fmt: skip
OF_STAFF = ("/desk/", "/admin/", "outbox", "core/problems", "core/docs", "parts/demo", "arrival", "arriving", "walk_in")
CODE = (
    "booking/web", "booking/status_display.py", "booking/suitability/visit_words.py", "booking/cancel_reasons.py",
    "notifications/channels/mail", "core/form_errors.py", "core/text/names.py", "core/text/mail_addresses.py",
    "booking/errors.py", "booking/families/errors.py", "booking/screening/errors.py",
)  # fmt: skip
FOR_STAFF = ("booking/web/desk",)
JARGON = (
    "visit", "visits", "slot", "slots", "booking window", "hold expired", "allocation", "screening", "suitability",
    "provider", "modality", "contraindication", "contraindicated", "utilize", "commence", "prior to", "in order to",
    "submit", "invalid", "null", "session", "token", "timeout", "expired", "unauthorized", "authenticate",
    "credentials",
    "click here", "patient portal", "no-show", "encounter", "ambulatory", "comorbidity", "adverse", "nil",
)  # fmt: skip
"""What people who treat, or who write programs, say among themselves; and a second word for an appointment."""
READ_BY_STAFF = {"Health screening"}
"""Among texts for patients, of which staff have more to choose from."""

TEXT = re.compile(
    r'\{%\s*translate\s+"(?P<one>[^"]+)"|\{%\s*blocktranslate\b[^%]*%\}(?P<two>.*?)\{%\s*endblocktranslate', re.DOTALL
)
PLURAL = re.compile(r"\{%\s*plural\s*%\}")
FILLED = re.compile(r"\{\{.*?\}\}|%\(\w+\)[sd]|%[sd]")
SENTENCE = re.compile(r"[.!?:;]+(?:\s|$)|\n")
WORD = re.compile(r"[A-Za-z][A-Za-z’'-]*")
VOWELS = re.compile(r"[aeiouy]+")
TRANSLATED = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
HIGHEST_GRADE, USUAL_GRADE = 8.0, 6.0
FEWEST_WORDS = 60
"""Of a file with fewer the formula says nothing."""


def in_templates() -> Iterator[tuple[str, str]]:
    for folder in TEMPLATES:
        for path in sorted((tree.ROOT / folder).rglob("*")):
            name = tree.name(path)
            if path.suffix in {".html", ".txt"} and not any(part in f"/{name}" for part in OF_STAFF):
                for found in TEXT.finditer(path.read_text(encoding="utf-8")):
                    yield from ((name, said) for said in PLURAL.split(found["one"] or found["two"]))


def in_code() -> Iterator[tuple[str, str]]:
    for path in tree.python():
        name = tree.name(path)
        if not name.startswith(CODE) or name.startswith(FOR_STAFF):
            continue
        for node in tree.nodes(path):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATED
            for part in node.args if called else ():
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield name, part.value


def texts() -> list[tuple[str, str]]:
    return [(name, FILLED.sub("10", said)) for name, said in (*in_templates(), *in_code())]


def jargon_in(said: list[tuple[str, str]]) -> list[str]:
    known = re.compile(rf"\b({'|'.join(map(re.escape, JARGON))})\b", re.IGNORECASE)
    looked_at = ((name, text) for name, text in said if text not in READ_BY_STAFF)
    return [f"{name}: {found[0]}: {text}" for name, text in looked_at for found in known.finditer(text)]


def syllables(word: str) -> int:
    """Count groups of vowels, as the formula's own programs do; a silent e at the end is none."""
    bare = word.lower().strip("’'-")
    count = len(VOWELS.findall(bare))
    silent = bare.endswith("e") and not bare.endswith(("le", "ee", "ye")) and count > 1
    past = bare.endswith("ed") and not bare.endswith(("ted", "ded")) and count > 1
    return max(1, count - silent - past)


def grade(said: list[str]) -> tuple[float, int]:
    """Return the grade of school that texts need (Flesch and Kincaid, 1975), and of how many words."""
    sentences = [one for text in said for one in SENTENCE.split(text) if WORD.search(one)]
    words = [word for one in sentences for word in WORD.findall(one)]
    if not words:
        return 0.0, 0
    length, heard = len(words) / len(sentences), sum(map(syllables, words)) / len(words)
    return 0.39 * length + 11.8 * heard - 15.59, len(words)


def by_file() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, said in texts():
        found.setdefault(name, []).append(said)
    return found


def test_what_is_looked_at_is_most_of_what_patients_read():
    names = {name for name, _said in texts()}
    assert len(names) > 90
    assert len(texts()) > 700
    assert {"booking/templates/booking/privacy.html", "booking/web/link_context.py"} <= names


def test_patients_read_one_word_for_an_appointment_and_none_of_the_trade():
    assert jargon_in(texts()) == []


def test_each_page_and_mail_can_be_read_in_grade_8_and_all_of_it_in_grade_6():
    hard = {}
    for name, said in by_file().items():
        needed, words = grade(said)
        if words >= FEWEST_WORDS and needed > HIGHEST_GRADE:
            hard[name] = round(needed, 1)
    assert not hard, hard
    assert grade([said for _name, said in texts()])[0] <= USUAL_GRADE


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("We keep this time for you. Please call us if you cannot come.", 0, 4),
        ("Contraindications notwithstanding, participants necessitate individualized evaluation.", 14, 60),
    ],
)  # fmt: skip
def test_the_grade_tells_plain_words_from_hard_ones(text, low, high):
    assert low - 3 <= grade([text])[0] <= high


def test_twin_a_word_of_the_trade_would_be_found():
    assert jargon_in([("here", "Your visit was moved."), ("there", "We come to see you, and invalidate nothing.")]) == [
        "here: visit: Your visit was moved."
    ]


def test_every_folder_that_is_looked_at_is_there():
    assert all((Path(tree.ROOT) / one).exists() for one in (*TEMPLATES, *CODE, *FOR_STAFF))
