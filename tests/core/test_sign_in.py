"""Tokens and sessions: who asks is found anew for every request."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import RequestFactory
from django.urls import path
from knox.models import AuthToken
from rest_framework.response import Response
from rest_framework.test import APIClient

from core import clock, tasks
from core.accounts.principals import principal_of
from core.api.views import ApiView
from core.rights import Action


class Self(ApiView):
    """Says who asks."""

    rights = {"GET": Action.SEE_SELF, "POST": Action.SEE_SELF, "DELETE": Action.EDIT_CATALOGUE}

    def get(self, request):
        return Response({"key": self.principal.key})

    def post(self, request):
        return Response({"key": self.principal.key})

    def delete(self, request):
        return Response()


class Thing(Self):
    """An object that only admins change."""


class Undeclared(ApiView):
    """Forgot to say what it does."""

    def get(self, request):
        return Response()


urlpatterns = [
    path("api/v1/self/", Self.as_view()),
    path("api/v1/things/<int:id>/", Thing.as_view()),
    path("api/v1/undeclared/", Undeclared.as_view()),
]


@pytest.fixture(autouse=True)
def doors(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def role(dana):
    return dana.assignments.create(role="scheduler", starts_at=datetime(2020, 1, 1, tzinfo=UTC))


def test_nobody_is_told_how_to_sign_in(visitor, db):
    refused = visitor.get("/api/v1/self/")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Token"
    assert refused.json()["code"] == "not-authenticated"


def test_a_token_says_who_asks(as_dana, dana, role):
    assert as_dana.get("/api/v1/self/").json() == {"key": f"user:{dana.pk}"}


@pytest.mark.parametrize("header", ["Token nonsense", "Token", "Token a b", "Token Zoë", "token " + "0" * 5000])
def test_a_wrong_token_is_401(visitor, header, db):
    assert visitor.get("/api/v1/self/", HTTP_AUTHORIZATION=header).status_code in {400, 401}


def test_another_scheme_is_as_if_nobody_had_signed_in(visitor, db):
    assert visitor.get("/api/v1/self/", HTTP_AUTHORIZATION="Bearer x").status_code == 401


def test_a_role_that_ended_counts_no_more(as_dana, role):
    role.ends_at = clock.now()
    role.save()
    assert as_dana.get("/api/v1/self/").status_code == 403


def test_a_closed_account_counts_no_more(as_dana, dana, role):
    dana.is_active = False
    dana.save()
    assert as_dana.get("/api/v1/self/").status_code == 401


def test_an_ended_token_counts_no_more_and_reading_does_not_delete_it(as_dana, role):
    AuthToken.objects.update(expiry=clock.now() - timedelta(seconds=1))
    assert as_dana.get("/api/v1/self/").status_code == 401
    assert AuthToken.objects.count() == 1
    tasks.prune()
    assert AuthToken.objects.count() == 0


def test_a_token_costs_two_queries_and_once_an_hour_a_third(as_dana, role, django_assert_num_queries):
    with django_assert_num_queries(3):
        as_dana.get("/api/v1/self/")
    with django_assert_num_queries(2):
        as_dana.get("/api/v1/self/")


def test_a_browser_session_reads_and_needs_the_csrf_token_to_act(dana, role):
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(dana)
    assert browser.get("/api/v1/self/").status_code == 200
    refused = browser.post("/api/v1/self/")
    assert refused.status_code == 403
    assert refused.json()["code"] == "csrf-failed"


def test_a_token_needs_no_csrf_token(as_dana, role):
    assert as_dana.post("/api/v1/self/").status_code == 200


def test_an_act_beyond_a_role_is_403_and_an_object_beyond_it_is_404(as_dana, role):
    assert as_dana.delete("/api/v1/self/").status_code == 403
    assert as_dana.delete("/api/v1/things/7/").status_code == 404


def test_a_door_that_does_not_say_what_it_does_is_shut(as_dana, role, visitor):
    assert as_dana.get("/api/v1/undeclared/").status_code == 403
    assert visitor.get("/api/v1/undeclared/").status_code == 401


def test_a_visitor_gets_a_name_by_acting_and_keeps_it(db, client):
    factory = RequestFactory()
    session = client.session

    def named(method):
        request = factory.generic(method, "/")
        request.session, request.user = session, AnonymousUser()
        return principal_of(request).key

    assert named("GET") == "visitor:"
    name = named("POST")
    assert len(name) > 20
    assert named("GET") == named("POST") == name


@pytest.mark.django_db
def test_what_somebody_typed_and_left_is_forgotten_when_the_session_ends():
    left, going_on = SessionStore(), SessionStore()
    for session, age in ((left, -1), (going_on, 3600)):
        session["draft"] = {"name": "Alice"}
        session.set_expiry(age)
        session.save()
    tasks.prune()
    assert set(Session.objects.values_list("session_key", flat=True)) == {going_on.session_key}
