"""Addresses under /api/v1/ of the core app."""

from django.urls import path

from core.api.description import Description, Docs

urlpatterns = [
    path("schema/", Description.as_view(), name="api-schema"),
    path("docs/", Docs.as_view(), name="api-docs"),
]
