"""Addresses under /api/v1/ of the core app."""

from django.urls import path

from core.api.accounts import AccountDetailView, AccountListView, RoleDetailView, RoleListView
from core.api.description import ApiDocsView, OpenApiView
from core.api.tokens import TokenDetailView, TokenListView

urlpatterns = [
    path("accounts/", AccountListView.as_view(), name="api-accounts"),
    path("accounts/<uuid:id>/", AccountDetailView.as_view(), name="api-account"),
    path("roles/", RoleListView.as_view(), name="api-roles"),
    path("roles/<uuid:id>/", RoleDetailView.as_view(), name="api-role"),
    path("me/tokens/", TokenListView.as_view(), name="api-tokens"),
    path("me/tokens/<str:id>/", TokenDetailView.as_view(), name="api-token"),
    path("schema/", OpenApiView.as_view(), name="api-schema"),
    path("docs/", ApiDocsView.as_view(), name="api-docs"),
]
