"""People who sign in, without anything that they could book."""

import pytest
from knox.models import AuthToken
from rest_framework.test import APIClient

from core.models import User


@pytest.fixture
def dana(db):
    return User.objects.create_user("dana", password="a-long-password")  # pragma: allowlist secret


@pytest.fixture
def as_dana(dana):
    _, token = AuthToken.objects.create(dana)
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


@pytest.fixture
def visitor():
    return APIClient(raise_request_exception=False)
