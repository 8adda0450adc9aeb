"""Policies written as YAML: the one reader for the page, the command and the files that a clinic begins with."""

from typing import Any

import yaml
from django.utils.translation import gettext as _

from core.refusals import Invalid


def read_yaml(text: str) -> Any:  # noqa: ANN401  (as YAML has it)
    """Return what a YAML text says. Raises Invalid for what is no YAML, and for a name that is given twice.

    PyYAML takes the last of two without a word, and whoever reads the first would be wrong.
    """
    try:
        loader = yaml.SafeLoader(text)
        tree = loader.get_single_node()
        if found := _given_twice(tree):
            raise Invalid(_("The policy cannot be read."), errors=found)
        return None if tree is None else loader.construct_document(tree)
    # A day that no calendar has, and brackets without an end.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        found = [{"pointer": "/", "detail": _no_yaml(error)}]
        raise Invalid(_("The policy cannot be read."), errors=found) from error


def _no_yaml(error: Exception) -> str:
    """Say in which line a text stops being YAML, and why, as far as that is known."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return _("This is no YAML: %s") % error
    why = getattr(error, "problem", None) or getattr(error, "context", None) or ""
    return _("This is no YAML, in line %(line)d: %(why)s.") % {"line": mark.line + 1, "why": why}


def lines_of(text: str) -> dict[str, int]:
    """Return in which line each place of a YAML text stands, by its pointer; nothing for what is no YAML."""
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    found: dict[str, int] = {}
    seen: set[int] = set()
    waiting: list[tuple[str, yaml.Node | None, int]] = [("", tree, 1)]
    while waiting:
        at, node, line = waiting.pop()
        found[at] = line
        if node is None or id(node) in seen:  # what is referred to has its lines where it is written
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            waiting += [(f"{at}/{name.value}", value, name.start_mark.line + 1) for name, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(f"{at}/{nth}", one, one.start_mark.line + 1) for nth, one in enumerate(node.value)]
    return found


def _given_twice(tree: yaml.Node | None) -> list[dict[str, str]]:
    """Return each name that a mapping gives again, with both lines."""
    found: list[dict[str, str]] = []
    seen: set[int] = set()
    waiting = [("", tree)]
    while waiting:
        at, node = waiting.pop()
        if node is None or id(node) in seen:  # one that is referred to is read once
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            found += _twice_in(node, at)
            waiting += [(f"{at}/{name.value}", value) for name, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(f"{at}/{number}", one) for number, one in enumerate(node.value)]
    return found


def _twice_in(node: yaml.MappingNode, at: str) -> list[dict[str, str]]:
    first: dict[str, int] = {}
    found = []
    for name, _value in node.value:
        if not isinstance(name, yaml.ScalarNode):  # no name at all: read_content says so
            continue
        line = name.start_mark.line + 1
        if name.value in first:
            said = _("This is given twice, in line %(first)s and in line %(line)s. Please keep one of them.")
            detail = said % {"first": first[name.value], "line": line}
            found.append({"pointer": f"{at}/{name.value}", "detail": detail})
        first.setdefault(name.value, line)
    return found
