"""Addresses of the pages of the notifications app."""

from django.urls import URLPattern, URLResolver, path

from notifications.web import lost_link, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("lost-link/", lost_link.lost_link, name="lost-link"),
    path("lost-link/sent/", lost_link.link_sent, name="link-sent"),
    path("demo/outbox/", views.outbox, name="outbox"),
    path("demo/outbox/waiting/<int:message_id>/", views.outbox_waiting, name="outbox-waiting"),
    path("demo/outbox/<int:mail_id>/", views.outbox_mail, name="outbox-mail"),
    path("demo/outbox/<int:mail_id>/html/", views.outbox_html, name="outbox-html"),
    path("demo/outbox/<int:mail_id>/raw/", views.outbox_raw, name="outbox-raw"),
    path("demo/outbox/<int:mail_id>/calendar/", views.outbox_calendar, name="outbox-calendar"),
]
