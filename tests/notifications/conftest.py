"""Where mail goes in these tests: to a server on this machine, or into the demo outbox."""

import pytest

from tests.factories.post import post_office


@pytest.fixture(scope="module", autouse=True)
def what_visits_share(request):
    """Make site, practitioner and therapy of all visits once a module, where its tests make no others of that name."""
    tests = [item for item in request.session.items if item.path == request.node.path]
    marked = [item.get_closest_marker("django_db") for item in tests]
    others = any("lakeside" in item.fixturenames for item in tests)
    if hasattr(request.module, "a_visit") and all(mark and not mark.kwargs for mark in marked) and not others:
        from tests.factories import visits  # noqa: PLC0415  (apps are ready only once a test runs)

        with request.getfixturevalue("once_a_module")():
            visits.a_site(), visits.a_practitioner(), visits.a_therapy()


@pytest.fixture
def post(settings):
    """A running mail server that the service sends to."""
    with post_office() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", office.port, 5
        yield office


@pytest.fixture
def outbox(settings):
    """The demo clinic's outbox instead of a mail server."""
    settings.EMAIL_BACKEND = "notifications.channels.mail.outbox.DemoOutbox"
    settings.DEMO = True
