"""Addresses under /api/v1/ of the notifications app."""

from django.urls import path

from notifications.api.messages import Messages

urlpatterns = [path("messages/", Messages.as_view(), name="api-messages")]
