"""Addresses of the pages of the booking app."""

from django.urls import URLPattern, URLResolver, path

from booking.web import code_views, link_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.start, name="start"),
    path("book/", views.therapy, name="therapy"),
    path("book/<slug:therapy>/times/", views.times, name="times"),
    path("book/hold/", views.hold, name="hold"),
    path("book/held/", views.held_times, name="held-times"),
    path("book/you/", views.you, name="you"),
    path("book/check/", views.check, name="check"),
    path("book/more-time/", views.more_time, name="more-time"),
    path("book/leave/", views.leave, name="leave"),
    path("book/done/", views.done, name="done"),
    path("book/code/", code_views.code, name="code"),
    path("m/<str:token>/confirm/", code_views.confirm, name="manage-confirm"),
    path("m/<str:token>/", link_views.see, name="manage"),
    path("m/<str:token>/move/", link_views.move, name="manage-move"),
    path("m/<str:token>/move/check/", link_views.move_check, name="manage-move-check"),
    path("m/<str:token>/cancel/", link_views.cancel, name="manage-cancel"),
    path("m/<str:token>/accept/", link_views.accept, name="manage-accept"),
    path("m/<str:token>/undo/", link_views.undo, name="manage-undo"),
    path("m/<str:token>/appointment.ics", link_views.ics, name="manage-ics"),
]
