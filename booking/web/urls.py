"""Addresses of the pages of the booking app."""

from django.urls import URLPattern, URLResolver, path

from booking.web import codes, manage, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.start, name="start"),
    path("book/", views.therapy, name="therapy"),
    path("book/<slug:therapy>/times/", views.times, name="times"),
    path("book/hold/", views.hold, name="hold"),
    path("book/you/", views.you, name="you"),
    path("book/check/", views.check, name="check"),
    path("book/more-time/", views.more_time, name="more-time"),
    path("book/leave/", views.leave, name="leave"),
    path("book/done/", views.done, name="done"),
    path("book/code/", codes.code, name="code"),
    path("m/<str:token>/confirm/", codes.confirm, name="manage-confirm"),
    path("m/<str:token>/", manage.see, name="manage"),
    path("m/<str:token>/move/", manage.move, name="manage-move"),
    path("m/<str:token>/move/check/", manage.move_check, name="manage-move-check"),
    path("m/<str:token>/cancel/", manage.cancel, name="manage-cancel"),
    path("m/<str:token>/undo/", manage.undo, name="manage-undo"),
    path("m/<str:token>/appointment.ics", manage.ics, name="manage-ics"),
]
