"""Where mail goes in these tests: to a server on this machine, or into the demo outbox."""

import pytest

from tests.factories.post import post_office


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
