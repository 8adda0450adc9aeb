"""Addresses under /api/v1/ of the core app."""

from django.urls import path

from core.api.accounts import Accounts, OneAccount, OneRole, Roles
from core.api.description import Description, Docs
from core.api.tokens import OneToken, Tokens

urlpatterns = [
    path("accounts/", Accounts.as_view(), name="api-accounts"),
    path("accounts/<uuid:id>/", OneAccount.as_view(), name="api-account"),
    path("roles/", Roles.as_view(), name="api-roles"),
    path("roles/<uuid:id>/", OneRole.as_view(), name="api-role"),
    path("me/tokens/", Tokens.as_view(), name="api-tokens"),
    path("me/tokens/<str:id>/", OneToken.as_view(), name="api-token"),
    path("schema/", Description.as_view(), name="api-schema"),
    path("docs/", Docs.as_view(), name="api-docs"),
]
