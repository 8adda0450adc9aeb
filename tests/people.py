"""The people of the tests, and the clinic they meet in."""

import pytest


@pytest.fixture
def lakeside(catalogue):
    from tests.factories import scheduler  # noqa: PLC0415  (apps are ready only once a test runs)

    site = scheduler.make_site("lakeside")
    scheduler.make_places(site, 4)
    return site


@pytest.fixture
def riverside(catalogue):
    from tests.factories import scheduler  # noqa: PLC0415

    site = scheduler.make_site("riverside")
    scheduler.make_places(site, 2)
    return site


@pytest.fixture
def dr_li(lakeside):
    """An acupuncturist at Lakeside, weekdays nine to five; week sheets are laid out."""
    from core.roles import Role  # noqa: PLC0415
    from tests.factories import booking, scheduler  # noqa: PLC0415

    practitioner = scheduler.make_practitioner(lakeside, name="Dr Li")
    practitioner.user = booking.make_user("dr-li", Role.PRACTITIONER, site=lakeside)
    practitioner.save()
    scheduler.lay_out()
    return practitioner


@pytest.fixture
def alice(lakeside):
    from tests.factories import booking  # noqa: PLC0415

    return booking.make_enrolled(lakeside, "Alice Adams")


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
