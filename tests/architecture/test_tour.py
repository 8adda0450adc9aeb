"""The tour leads through the code as it is: each link's file is there and has what the link names."""

import re

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
