"""Addresses under /api/v1/ of the notifications app."""

from django.urls import path

from notifications.api.messages import FamilyMessages, MessageAgain, Messages

urlpatterns = [
    path("messages/", Messages.as_view(), name="api-messages"),
    path("messages/<str:id>/send-again/", MessageAgain.as_view(), name="api-message-again"),
    path("family-messages/", FamilyMessages.as_view(), name="api-family-messages"),
]
