"""The people of the tests, and the clinic they meet in.

Lakeside, Dr Li and Alice are made once a module where each of its tests that reaches the database asks for them.
"""

import pytest


def make_lakeside():
    """Make Lakeside with four places."""
    from tests.factories import scheduler  # noqa: PLC0415  (apps are ready only once a test runs)

    site = scheduler.make_site("lakeside")
    scheduler.make_places(site, 4)
    return site


def make_dr_li(lakeside):
    """Make Dr Li with an account, and lay out the week sheets."""
    from core.roles import Role  # noqa: PLC0415
    from tests.factories import booking, scheduler  # noqa: PLC0415

    practitioner = scheduler.make_practitioner(lakeside, name="Dr Li")
    practitioner.user = booking.make_user("dr-li", Role.PRACTITIONER, site=lakeside)
    practitioner.save()
    scheduler.lay_out()
    return practitioner


def make_alice(lakeside):
    from tests.factories import booking  # noqa: PLC0415

    return booking.make_enrolled(lakeside, "Alice Adams")


@pytest.fixture(scope="module")
def made_once(request):
    """Return the numbers of what is made for the whole module, by name: what all of its tests ask for."""
    asked = _asked_for_by_all(request)
    if "lakeside" not in asked:
        return {}
    with request.getfixturevalue("once_a_module")():
        lakeside = make_lakeside()
        made = {"lakeside": lakeside.pk}
        if "dr_li" in asked:
            made["dr_li"] = make_dr_li(lakeside).pk
        if "alice" in asked:
            made["alice"] = make_alice(lakeside).record.pk
        return made


def _asked_for_by_all(request) -> set[str]:
    """Return the fixtures that all tests of this module ask for; none where a test commits what it does."""
    tests = [item for item in request.session.items if item.path == request.node.path]
    marked = [(set(item.fixturenames), item.get_closest_marker("django_db")) for item in tests]
    reaching = [asked for asked, marker in marked if marker or asked & {"db", "transactional_db"}]
    if any("transactional_db" in asked or (mark and mark.kwargs.get("transaction")) for asked, mark in marked):
        return set()
    return set.intersection(*reaching)


@pytest.fixture
def lakeside(made_once, catalogue):
    from core.models import Site  # noqa: PLC0415

    return Site.objects.get(pk=made_once["lakeside"]) if "lakeside" in made_once else make_lakeside()


@pytest.fixture
def riverside(catalogue):
    from tests.factories import scheduler  # noqa: PLC0415

    site = scheduler.make_site("riverside")
    scheduler.make_places(site, 2)
    return site


@pytest.fixture
def dr_li(made_once, lakeside):
    """An acupuncturist at Lakeside, weekdays nine to five; week sheets are laid out."""
    from scheduler.models import Practitioner  # noqa: PLC0415

    if "dr_li" in made_once:
        return Practitioner.objects.select_related("user").get(pk=made_once["dr_li"])
    return make_dr_li(lakeside)


@pytest.fixture
def alice(made_once, lakeside):
    """A patient who takes part in the program of Lakeside."""
    from tests.factories import booking  # noqa: PLC0415

    return booking.person_of(made_once["alice"]) if "alice" in made_once else make_alice(lakeside)


@pytest.fixture
def ben(lakeside):
    """Alice's husband, with a record of his own."""
    from tests.factories import booking  # noqa: PLC0415

    return booking.make_person(lakeside, "Ben Adams")


@pytest.fixture
def mallory(lakeside):
    """A stranger, who has a record too."""
    from tests.factories import booking  # noqa: PLC0415

    return booking.make_person(lakeside, "Mallory Moss")


@pytest.fixture
def dana(lakeside):
    """A scheduler at Lakeside."""
    from core.roles import Role  # noqa: PLC0415
    from tests.factories import booking  # noqa: PLC0415

    return booking.make_staff("dana", Role.SCHEDULER, site=lakeside)


@pytest.fixture
def frank(lakeside):
    """Staff of the cancer program at Lakeside."""
    from core.roles import Role  # noqa: PLC0415
    from tests.factories import booking  # noqa: PLC0415

    return booking.make_staff("frank", Role.PROGRAM, site=lakeside)
