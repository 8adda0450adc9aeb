"""The tour leads through the code as it is: each link's file is there and has what the link names."""

import re
from pathlib import Path

import pytest

from tests.architecture import tree

TOUR = tree.ROOT / "docs" / "tour.md"
STOPS = re.findall(r"\[`(\w+)`\]\(\.\./([\w/.]+)\)", TOUR.read_text())


def test_there_is_a_way_to_follow():
    assert len(STOPS) > 40


@pytest.mark.parametrize(("name", "file"), STOPS)
def test_each_stop_is_there(name, file):
    defined = rf"^\s*(?:def|class) {name}\b|^{name}(?::[^=]+)? = "
    assert re.search(defined, (tree.ROOT / file).read_text(), re.MULTILINE)


def test_the_tree_in_the_decision_names_every_folder_that_there_is():
    """Whoever comes anew reads there what a folder is for; one that is missing, or gone, would lead them astray."""
    text = (tree.ROOT / "docs/adr/0025-where-a-module-lies.md").read_text()
    named, app = set(), ""
    for line in text.partition("## The tree now")[2].split("```")[1].strip().splitlines():
        name = line.split()[0]
        app = name if not line.startswith(" ") else app
        named.add(name if name == app else f"{app}/{name}")
    folders = {Path(tree.name(path)).parent for path in tree.python()}
    there = {str(folder) for folder in folders if not {"management", "."} & {*folder.parts, str(folder)}}
    assert named == there - {"config/formats/en"}
