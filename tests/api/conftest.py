"""The API at a Monday morning in Chicago, and people who send requests to it."""

from copy import copy

import pytest
import time_machine
from django.db import transaction
from knox.models import AuthToken
from rest_framework.test import APIClient

from core.accounts.authentication import ApiTokenAuthentication
from core.models import TokenNote
from core.principal import Principal
from tests.api.world import World
from tests.factories.scheduler import AT


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(AT, tick=False):
        yield


def client_of(user=None) -> APIClient:
    """Return a client that sends `user`'s token, or none."""
    client = APIClient(raise_request_exception=False)
    if user is not None:
        row, token = AuthToken.objects.create(user)
        TokenNote.objects.create(token=row, used_at=AT)
        client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


@pytest.fixture
def sign_in():
    return lambda person: client_of(getattr(person, "user", person))


@pytest.fixture
def visitor():
    return client_of()


@pytest.fixture
def as_alice(alice):
    return client_of(alice.user)


@pytest.fixture
def as_mallory(mallory):
    return client_of(mallory.user)


@pytest.fixture
def as_frank(frank):
    return client_of(frank.user)


@pytest.fixture
def as_dana(dana):
    return client_of(dana.user)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), time_machine.travel(AT, tick=False), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def clients(world):
    return {name: client_of(user) for name, user in world.people.items()}


@pytest.fixture(scope="module")
def known_callers(world):
    """Let it be read once whose a token is and which roles they hold: for walks that take back whatever they do."""
    read_token, read_roles = ApiTokenAuthentication.authenticate_credentials, Principal.of
    of_token, of_user = {}, {}

    def credentials(view, token):
        of_token[token] = of_token.get(token) or read_token(view, token)
        return tuple(map(copy, of_token[token]))

    def principal(user, **asked):
        who = user.pk, asked.get("visitor")
        of_user[who] = of_user.get(who) or read_roles(user, **asked)
        return of_user[who]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ApiTokenAuthentication, "authenticate_credentials", credentials)
        patch.setattr(Principal, "of", principal)
        yield
