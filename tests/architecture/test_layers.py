"""An arrow only ever points down, and what is hard is pure."""

import ast
import re

import pytest

from tests.architecture import tree

ORDER = ("core", "scheduler", "booking", "notifications", "demo", "proof", "local", "config")
PURE = (
    "core/text/folding.py", "core/text/ical.py", "scheduler/ticks.py", "scheduler/slots.py", "scheduler/audience.py",
    "scheduler/wall_time.py", "scheduler/calendars/hours.py", "booking/rules.py", "booking/waiting/matching.py",
    "notifications/plan.py",
)  # fmt: skip
IMPURE = ("django", "rest_framework", "celery", "psycopg", "redis")
HTTP = ("django.http", "rest_framework", "django.shortcuts", "django.views")
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("timezone", "now")}


def breaches(paths, forbidden) -> list[str]:
    return [
        f"{tree.name(path)} imports {found}"
        for path in paths
        for found in tree.imports(path)
        if any(found == name or found.startswith(f"{name}.") for name in forbidden)
    ]


@pytest.mark.parametrize("app", ORDER[:-1])
def test_an_app_imports_none_above_it(app):
    above = ORDER[ORDER.index(app) + 1 :]
    ours = [p for p in tree.python() if p.relative_to(tree.ROOT).parts[0] == app]
    assert ours, "where nothing is looked at, nothing is found"
    assert not breaches(ours, above)


@pytest.mark.parametrize("pure", PURE)
def test_arithmetic_knows_no_framework_no_clock_and_no_table(pure):
    tables = [f"{app}.models" for app in ORDER]
    assert not breaches([tree.ROOT / pure], (*IMPURE, "core.clock", *tables))


def test_actions_queries_and_models_know_no_http():
    inner = [p for p in tree.python() if {"actions", "models"} & set(p.parts) or p.name in {"queries.py", "rules.py"}]
    assert inner
    assert not breaches(inner, HTTP)


def test_only_core_clock_reads_the_clock():
    # A line that says why with `noqa: TID251` stands outside: the clients of a replay have a clock of their own.
    asked = [(p, n) for p in tree.python() for n in tree.nodes(p) if isinstance(n, ast.Attribute)]
    asked = [(p, n) for p, n in asked if (owner(n), n.attr) in CLOCKS]
    asked = [(p, n) for p, n in asked if "noqa: TID251  (" not in p.read_text().splitlines()[n.lineno - 1]]
    readers = [f"{tree.name(path)}:{node.lineno}" for path, node in asked]
    assert [r for r in readers if not r.startswith("core/clock.py:")] == []
    assert readers, "core.clock must be seen to read it, or this test sees nothing"


def owner(node: ast.Attribute) -> str:
    value = node.value
    return value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else ""


def test_nothing_happens_by_signal():
    assert not breaches(tree.python(), ("django.db.models.signals", "django.dispatch"))


def test_one_module_speaks_of_bits_to_the_database():
    bits = re.compile(r"::bit\(|\bbit_(send|count|or)\(")
    speak = {tree.name(p) for p in tree.python() for text in tree.texts(p) if bits.search(text)}
    assert speak == {"scheduler/sheets/sql.py"}


def test_one_module_reads_days_that_are_written():
    reads = {tree.name(p) for p in tree.python() if re.search(r"\bdate\.fromisoformat|\bparse_date\b", p.read_text())}
    assert reads == {"core/text/typed_dates.py"}


def test_an_act_of_booking_writes_only_what_it_changed():
    """Whoever writes a whole row brings back what a task or a colleague took out of it meanwhile."""
    whole = {
        tree.name(path)
        for path in tree.python()
        if path.parent.name == "actions" and path.parent.parent.name == "booking"
        for node in tree.nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "save"
        if not {"update_fields", "force_insert"} & {keyword.arg for keyword in node.keywords}
    }
    # A move locks the visit's row and every other act on it goes through that lock.
    assert whole == {"booking/actions/moves.py"}


def test_only_actions_open_transactions():
    openers, actions = [], []
    for path in tree.python():
        opens = [f for f in tree.imports(path) if f in {"django.db.transaction", "core.database.transactions.unit"}]
        if opens and not ALLOWED_TO_OPEN.intersection(path.parts) and path.name not in ALLOWED_TO_OPEN:
            openers.append(tree.name(path))
        actions += [tree.name(path)] if opens and "actions" in path.parts else []
    assert not openers
    assert actions, "actions must be seen to open them, or this test sees nothing"


ALLOWED_TO_OPEN = {
    "actions",
    "transactions.py",  # says what a unit is
    "idempotency.py",  # the key's row stands in the booking's own transaction
    "commands",  # what the owner of the database does from a terminal
    "doorbell.py",  # rings after commit
    "demo",  # fills an empty database
    "replay",  # reads what happened at one instant
    "admin.py",  # Django's admin opens one around each change
}
