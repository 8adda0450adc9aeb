"""Every act by which a clinic is set up notes who did it, and from what to what: no door could leave it out."""

import inspect
from types import ModuleType, SimpleNamespace

from scheduler.actions import (
    calendars,
    catalogue_edits,
    family_blocks,
    plan_lengths,
    practitioners,
    programs,
    rooms,
    setup_ledger,
    sites,
    travel,
    weekly_hours,
    weekly_opening,
)

SETS_UP = (
    catalogue_edits,
    rooms,
    sites,
    practitioners,
    travel,
    plan_lengths,
    weekly_hours,
    weekly_opening,
    calendars,
    programs,
    family_blocks,
)
BY_ITSELF = {"change_lengths", "take_back_lengths"}
"""What notes with words of its own, since more than one row's columns change."""
OF_A_DAY = {"absence", "closure", "occurrence", "decision"}
"""What of a calendar is no set-up: the pages of absences, closures and kept days say who entered or decided it."""


def unnoted(module: ModuleType | SimpleNamespace) -> set[str]:
    """Return the acts of a module that somebody can do at a moment, and that note nothing."""
    own = {name: one for name, one in vars(module).items() if inspect.isfunction(one) and not name.startswith("_")}
    acts = {name: one for name, one in own.items() if {"by", "at"} <= set(inspect.signature(one).parameters)}
    here = {name: one for name, one in acts.items() if one.__module__ == vars(module)["__name__"]}
    silent = {name for name, one in here.items() if not hasattr(one, "notes_set_up")}
    return {name for name in silent if not OF_A_DAY & {*name.split("_")}}


def test_each_act_that_sets_up_is_noted():
    left_out = {name for module in SETS_UP for name in unnoted(module)}
    assert left_out == BY_ITSELF
    assert "note_change(" in inspect.getsource(plan_lengths.change_lengths)
    assert "note_change(" in inspect.getsource(plan_lengths.take_back_lengths)


def test_twin_an_act_without_it_is_found():
    bare = SimpleNamespace(__name__=rooms.__name__, add_room=inspect.unwrap(rooms.add_room))
    assert unnoted(bare) == {"add_room"}
    assert setup_ledger.noted()(inspect.unwrap(rooms.add_room)).notes_set_up
