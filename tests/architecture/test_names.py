"""Names are those of the field and of the frameworks: a stranger guesses from them what something is."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import tree

ASKED_FOR = {"Command", "Meta", "Media"}
"""Django looks for classes of these names."""

NOBODY_GUESSES = frozenset({
    "asking", "bare", "blueprint", "blueprints", "cards", "cover", "drafts", "edge", "effects",
    "entries", "exposed", "exposure", "layout", "letter", "letters", "news", "openings", "orders", "permits",
    "prepared", "purpose", "reasons", "shape", "shapes", "states", "terms",
})  # fmt: skip
"""As a whole name these say too little; in a longer one they may be just right (`move_effects`, `booking_terms`)."""

NOWHERE = frozenset({
    "door", "doors", "kept", "leaf", "parcel", "parcels", "said", "sieve", "standing", "til", "told", "trail",
    "unready", "whence", "wish", "wishes",
})  # fmt: skip
"""No part of a name is one of these."""

Named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def parts(name: str) -> set[str]:
    """Return the words of a name, in small letters: `TimesPage` and `times_page` have the same."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def is_guessed(name: str) -> bool:
    return name.lower() not in NOBODY_GUESSES and not parts(name) & NOWHERE


def named(path: Path) -> Iterator[Named]:
    """Yield the classes of a file, its functions and methods."""
    return (node for node in tree.nodes(path) if isinstance(node, Named))


def public(path: Path) -> Iterator[Named]:
    """Yield those that others may use."""
    return (node for node in named(path) if not node.name.startswith("_"))


def aliases(path: Path) -> Iterator[ast.alias]:
    """Yield what a file imports under another name."""
    imports = (node for node in tree.nodes(path) if isinstance(node, ast.Import | ast.ImportFrom))
    return (alias for node in imports for alias in node.names if alias.asname)


def test_no_class_name_stands_twice():
    places = defaultdict(list)
    for path in tree.python():
        for node in named(path):
            if isinstance(node, ast.ClassDef) and node.name not in ASKED_FOR:
                places[node.name].append(f"{tree.name(path)}:{node.lineno}")
    assert not {name: found for name, found in places.items() if len(found) > 1}


def type_aliases(path: Path) -> Iterator[str]:
    """Yield names that look like those of classes and are given at the top of a file: aliases of types."""
    for node in ast.parse(path.read_text()).body:
        targets = node.targets if isinstance(node, ast.Assign) else ()
        yield from (
            one.id for one in targets if isinstance(one, ast.Name) and re.fullmatch(r"[A-Z]\w*[a-z]\w*", one.id)
        )


def test_no_alias_of_a_type_is_called_like_a_class():
    classes = {node.name for path in tree.python() for node in public(path) if isinstance(node, ast.ClassDef)}
    aliased = [(path, name) for path in tree.python() for name in type_aliases(path)]
    assert len(aliased) > 20
    assert not [f"{tree.name(path)}: {name}" for path, name in aliased if name in classes]


def test_a_stranger_guesses_what_a_module_or_a_folder_holds():
    within = {name for path in tree.python() for name in Path(tree.name(path)).with_suffix("").parts}
    assert {"scheduler", "free_time", "policies"} <= within
    assert not [name for name in within if not is_guessed(name)]


def test_a_stranger_guesses_what_a_class_or_a_function_is_for():
    found = [(path, node) for path in tree.python() for node in public(path)]
    assert not [f"{tree.name(path)}:{node.lineno} {node.name}" for path, node in found if not is_guessed(node.name)]


def test_a_module_is_not_imported_by_a_word_of_the_house():
    found = [(path, alias) for path in tree.python() for alias in aliases(path)]
    assert len(found) > 10
    assert not [
        f"{tree.name(path)}:{alias.lineno} {alias.asname}" for path, alias in found if not is_guessed(alias.asname)
    ]


def test_nor_is_what_a_file_keeps_for_itself_called_by_one():
    found = [(path, node) for path in tree.python() for node in named(path)]
    assert not [f"{tree.name(path)}:{node.lineno} {node.name}" for path, node in found if parts(node.name) & NOWHERE]


@pytest.mark.parametrize("name", ["cover", "Leaf", "kept_for", "SieveForm", "AppointmentDoor", "told_at_once", "news"])
def test_a_word_of_the_house_is_seen(name):
    assert not is_guessed(name)


@pytest.mark.parametrize("name", ["move_effects", "BookingTerms", "discover", "steadily", "OpeningHours", "foretold"])
def test_a_word_that_a_stranger_knows_is_left_alone(name):
    assert is_guessed(name)


GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
IN_TEMPLATES = re.compile(r'{% translate "(.*?)"|{% blocktranslate.*?%}(.*?){% endblocktranslate', re.DOTALL)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|{{.*?}}")


def texts() -> Iterator[tuple[Path, str]]:
    """Yield what people read, without what is filled in."""
    for path in tree.python():
        for call in (node for node in tree.nodes(path) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id in GETTEXT:
                found = (arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
                yield from ((path, PLACEHOLDER.sub("", text)) for text in found)
    for app in tree.APPS:
        for path in sorted((tree.ROOT / app).rglob("templates/**/*.[ht][tx][mt]*")):
            found = ("".join(parts) for parts in IN_TEMPLATES.findall(path.read_text()))
            yield from ((path, PLACEHOLDER.sub("", text)) for text in found)


def test_what_people_read_has_one_word_for_an_appointment():
    found = list(texts())
    assert len(found) > 500  # there is something to read
    assert not [f"{tree.name(path)}: {text}" for path, text in found if re.search(r"\b[Vv]isits?\b", text)]
