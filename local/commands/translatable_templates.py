"""What a person reads can be translated: templates hold no bare words, and compiled languages match their sources."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from local.services.data_folder import ROOT

APPS = ("config", "local", "proof", "demo", "notifications", "booking", "scheduler", "core")
AS_IT_IS = "{# as it is #}"  # on a line whose words are the same in every language
SAME_EVERYWHERE = {"API", "UTC", "Meridian"}
BLANKED = re.compile(
    r"""\{\#.*?\#\} | \{%\s*comment\b.*?endcomment\s*%\} | <!--.*?--> | <(script|style)\b.*?</\1\s*>
    | \{%\s*block\s+\w*(?:width|class)\b.*?endblock\s*%\}
    | \{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%\} | \{%.*?%\} | \{\{.*?\}\} | &\w+; | &\#\w+;""",
    re.DOTALL | re.VERBOSE,
)
READ_ATTRIBUTE = re.compile(
    r"""\b(?:alt|title|placeholder|aria-label|aria-description|label)=(["'])(.*?)\1""", re.DOTALL
)
TAG = re.compile(r"<[^<>]*>", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")
TRANSLATES = re.compile(r"\{%\s*(blocktrans|trans)")


def main() -> int:
    """Print what cannot be translated; return 1 when there is any."""
    found = [*templates(), *languages()]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


def templates() -> Iterator[str]:
    """Yield a line for each bare word in a template."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("templates/**/*.*")):
            yield from (f"{path.relative_to(ROOT)}:{line}" for line in bare_words(path.read_text()))


def bare_words(template: str) -> Iterator[str]:
    """Yield "line: what is wrong" for words outside translation tags, in text or in an attribute that is read."""
    if TRANSLATES.search(template) and not re.search(r"\{%\s*load\b[^%]*\bi18n\b", template):
        yield "1: translates without {% load i18n %}"
    excused = {number for number, line in enumerate(template.splitlines(), 1) if AS_IT_IS in line}
    shown = BLANKED.sub(blank, template)
    attributes = [(found.start(2), found.group(2)) for found in READ_ATTRIBUTE.finditer(shown)]
    text = TAG.sub(blank, shown)
    places = [(found.start(), found.group()) for found in re.finditer(r"[^\n]+", text)]
    for start, words in sorted(attributes + places):
        number = shown.count("\n", 0, start) + 1
        if set(WORD.findall(words)) - SAME_EVERYWHERE and number not in excused:
            yield f"{number}: “{' '.join(words.split())}” is not inside a translation tag"


def blank(found: re.Match[str]) -> str:
    """Return nothing in as many places and lines as were found."""
    return re.sub(r"[^\n]", " ", found.group())


def languages() -> Iterator[str]:
    """Yield a line for each language whose compiled file differs from its source."""
    for source in sorted(p for app in APPS for p in (ROOT / app).rglob("locale/**/*.po")):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or messages(source) != messages(compiled):
            yield f"{source.relative_to(ROOT)}: compile it again (python3 manage.py compilemessages)"


def messages(path: Path) -> dict[str, object]:
    """Return the translated messages of a source or a compiled file."""
    from babel.messages.mofile import read_mo  # noqa: PLC0415  (only where there is a language)
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with path.open("rb") as file:
        catalogue = read_mo(file) if path.suffix == ".mo" else read_po(file)
    return {str(m.id): m.string for m in catalogue if m.id and m.string and not m.fuzzy}


if __name__ == "__main__":
    sys.exit(main())
