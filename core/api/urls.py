"""Addresses under /api/v1/ of the core app."""

from django.urls import path

from core.api.description import Description, Docs
from core.api.tokens import OneToken, Tokens

urlpatterns = [
    path("me/tokens/", Tokens.as_view(), name="api-tokens"),
    path("me/tokens/<str:id>/", OneToken.as_view(), name="api-token"),
    path("schema/", Description.as_view(), name="api-schema"),
    path("docs/", Docs.as_view(), name="api-docs"),
]
