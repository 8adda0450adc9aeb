"""What every test can ask for: the tier it runs in and the browser it may drive."""

import gc
import os
import shutil
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.people", "tests.demo_clinic"]

TESTS = Path(__file__).parent
STORIES = (
    "booking/stories",
    "booking/pages/stories",
    "core/stories",
    "notifications/stories",
    "scheduler/admin/stories",
    "scheduler/stories",
)
WHOLE_WAYS = [TESTS / name for name in ("demo", "journeys", "platform/test_up.py", "proof", "races", "walks", *STORIES)]
"""What is gone for each change, and not for each commit: in a browser, in the demo clinic, from nothing, by many at
once, to every address by everybody, and by several people one after the other, page by page."""

HEAVY = {"journeys", "platform", "races"}
"""Folders whose tests take long: begun first, they do not keep one process busy while the others are done."""

MIGRATES = "test_app_role.py"
"""The first file with a test that asks for the database: whichever process gets it migrates."""

PURE = {"rules", "architecture"}
"""Folders whose tests ask for no database, but for few."""

OTHER_SESSIONS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""

DEMO = ("demo", "proof")
"""Folders whose tests meet in the demo clinic."""

Collecting = Generator[None, pytest.CollectReport, pytest.CollectReport]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


# A busy machine is no fault: Hypothesis would else fail a test whose examples come or go slowly.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--journeys", action="store_true", help="go the whole ways as well: tests/{demo,journeys,races,walks}, …"
    )
    parser.addoption("--full", action="store_true", help="run the slow tests as well, and go the whole ways")


def pytest_configure() -> None:
    """Let no test lock rows by a statement that joins others, nor take long to leave the tables empty."""
    from tests.emptying import empty_in_little_time  # noqa: PLC0415  (once settings are there)
    from tests.locks import watch_all  # noqa: PLC0415

    watch_all()
    empty_in_little_time()


class Together(LoadScopeScheduling):
    """Keeps the tests of a file in one process, and all those that share what is dear to make.

    That is the demo clinic, a browser, and the syntax trees of the project's own files.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        folder = Path(file).parent.name
        if folder == "journeys" and not self.config.getoption("full"):  # all of them would keep one process too long
            return "the browser"
        together = {**dict.fromkeys(DEMO, "the demo clinic"), "architecture": "the project's own files"}
        return together.get(folder, file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together | None:
    return Together(config, log) if config.getoption("dist") == "loadscope" else None


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """For the whole suite begin one process more than there are processors: while some wait, the others work on."""
    # A named path is seldom worth the start of another process.
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return len(os.sched_getaffinity(0)) + 1 if whole and hasattr(os, "sched_getaffinity") else None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Collecting:
    """Let every second process read the files from the last to the first.

    What pytest makes of a file is kept: where nothing is yet, as after a download, each process makes half of it.
    """
    report = yield
    number = getattr(collector.config, "workerinput", {"workerid": "gw0"})["workerid"].removeprefix("gw")
    if isinstance(collector, pytest.Directory) and int(number) % 2:
        report.result.reverse()
    return report


def pytest_collection() -> None:
    """Let nothing be looked through for what nobody needs while tests are read: nearly all of it stays."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Let what is there for all tests be looked through no more for what nobody needs."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the whole ways, unless they are asked for: by an option, or by their name."""
    return any(way in (collection_path, *collection_path.parents) for way in _left_out(config)) or None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which whole ways were left out of what was asked for."""
    asked = _asked_for(config)
    among = [str(way.relative_to(TESTS)) for way in _left_out(config) if set(way.parents).intersection(asked)]
    among += ["twins"] if _leaves_twins_out(config) else []
    if among:
        terminalreporter.write_line(f"Left out: {', '.join(among)}. They run with --journeys, or by their names.")


def _left_out(config: pytest.Config) -> list[Path]:
    """Return the whole ways that nobody asked to go."""
    if config.getoption("--full") or config.getoption("--journeys"):
        return []
    named = _asked_for(config)
    return [way for way in WHOLE_WAYS if not any(way in (one, *one.parents) for one in named)]


def _asked_for(config: pytest.Config) -> list[Path]:
    """Return the files and folders whose tests are asked for."""
    return [(config.invocation_params.dir / one.partition("::")[0]).resolve() for one in config.args]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: (_turn(item), item.path, _made_before(item)))
    full = config.getoption("--full")
    if _leaves_twins_out(config):
        config.hook.pytest_deselected(items=list(filter(_is_a_twin, items)))
        items[:] = [item for item in items if not _is_a_twin(item)]
    whole = {path for path in {item.path for item in items} if _goes_a_whole_way(path)}
    for item in items:
        if item.path in whole or _is_a_twin(item):
            item.add_marker(pytest.mark.journey)
        if item.get_closest_marker("full") and not full:
            item.add_marker(pytest.mark.skip(reason="takes long: runs with --full"))


def _goes_a_whole_way(path: Path) -> bool:
    return any(way in (path, *path.parents) for way in WHOLE_WAYS)


def _is_a_twin(item: pytest.Item) -> bool:
    """Whether a test takes a guard away, and asks whether the tests of that guard would see it."""
    return item.name.startswith("test_twin_")


def _leaves_twins_out(config: pytest.Config) -> bool:
    """Whether all tests are asked for, without what is gone for each change alone."""
    return bool(_left_out(config)) and _asked_for(config) == [TESTS]


def _turn(item: pytest.Item) -> int:
    """Say how early a test comes: while one process migrates, the others begin with what needs no database of it."""
    folder, file = item.path.parent.name, item.path.name
    first = 0 if folder in DEMO else 1 if file == "test_up.py" else 2 if file == MIGRATES else None
    return first if first is not None else 3 if folder in PURE else 4 if folder in HEAVY else 5


def _made_before(item: pytest.Item) -> int:
    """Count what is made once a module for a test: first come those of its module that find nothing of it."""
    return sum(name.endswith("_once") for name in getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def anew(request):
    """Write queries anew for a test that may switch a rule off; those after it have the ones from before."""
    if "monkeypatch" not in request.fixturenames:
        yield
        return
    from core.database import compiled  # noqa: PLC0415  (settings are ready only once a test runs)

    with compiled.written_anew():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """Close the demo clinic after the last test that may meet there."""
    try:
        return (yield)
    finally:
        if item.path.parent.name in DEMO and not (nextitem and nextitem.path.parent.name in DEMO):
            from tests.demo_clinic import close  # noqa: PLC0415  (pytest loads it as a plugin first)

            close()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Return the browser for journeys, or skip the test in words."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("Chromium is not installed: nobody walked the pages. Install it, or set CHROMIUM to its path.")
    return found


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request, django_db_modify_db_settings, django_db_blocker):
    """Let processes side by side have copies of one migrated database."""
    from tests import template_database  # noqa: PLC0415  (settings are ready only once a test runs)

    if not hasattr(request.config, "workerinput"):
        yield
        return
    name = f"test_template_{request.config.workerinput['testrunuid'][:8]}"
    with django_db_blocker.unblock():
        template_database.provide(name)
    yield
    with django_db_blocker.unblock():
        template_database.remove(name)


@pytest.fixture(scope="session")
def django_db_setup(request, django_db_setup, django_db_blocker):
    """Load the shipped catalogue once, and let tests with real commits empty the ledger: here alone it may be."""
    from django.db import connection  # noqa: PLC0415  (settings are ready only once a test runs)

    from booking.suitability.shipped import asks_nothing  # noqa: PLC0415
    from demo import suitability  # noqa: PLC0415
    from scheduler.actions import catalogue as shipped  # noqa: PLC0415
    from tests.emptying import copy_what_ships  # noqa: PLC0415
    from tests.factories.policies import LONG_AGO  # noqa: PLC0415

    if not connection.settings_dict["NAME"].startswith("test_"):
        yield  # no test asked for a database
        return
    with django_db_blocker.unblock():
        shipped.load(overwrite=True)
        suitability.adopt(asks_nothing(), at=LONG_AGO)
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER IF EXISTS change_is_never_truncated ON booking_change")
        copy_what_ships()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:  # threads that ended may have left theirs open
        cursor.execute(OTHER_SESSIONS)


@pytest.fixture(scope="module")
def once_a_module(django_db_setup, django_db_blocker):
    """Make rows with which each test of a module begins; each undoes its own alone, and the module's end these."""
    from django.db import transaction  # noqa: PLC0415  (settings are ready only once a test runs)

    around = transaction.atomic()
    with django_db_blocker.unblock():
        around.__enter__()
    yield django_db_blocker.unblock
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture
def catalogue(db):
    """The therapies and policies that ship with the project: they are there in every test."""
