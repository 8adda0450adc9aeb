"""Addresses of the pages of the booking app."""

from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from booking.web import code_views, link_views, screening_views, views
from booking.web.desk import arrivals, desk_questions, policies, policy_drafts, screening_reviews, sign_in, walk_ins

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.start, name="start"),
    path("desk", RedirectView.as_view(pattern_name="desk")),
    path("desk/", sign_in.desk, name="desk"),
    path("desk/sign-in/", sign_in.DeskSignInView.as_view(), name="desk-sign-in"),
    path("desk/sign-out/", sign_in.sign_out, name="desk-sign-out"),
    path("desk/arrivals/", arrivals.arrivals, name="desk-arrivals"),
    path("desk/arrivals/<uuid:appointment>/questions/", desk_questions.ask, name="desk-questions"),
    path("desk/arrivals/<uuid:appointment>/<slug:move>/", arrivals.attend, name="desk-attend"),
    path("desk/walk-in/", walk_ins.walk_in, name="desk-walk-in"),
    path("desk/walk-in/<uuid:patient>/", walk_ins.times, name="desk-walk-in-times"),
    path("desk/walk-in/<uuid:patient>/time/", walk_ins.choose, name="desk-walk-in-choose"),
    path("desk/walk-in/held/<uuid:hold>/", walk_ins.admit, name="desk-walk-in-admit"),
    path("desk/walk-in/booked/<uuid:appointment>/", walk_ins.done, name="desk-walk-in-done"),
    path("desk/health/", screening_reviews.reviews, name="desk-screening-reviews"),
    path("desk/health/<uuid:response>/<slug:decision>/", screening_reviews.decide, name="desk-screening-decide"),
    path("desk/policies/", policies.policy_list, name="desk-policies"),
    path("desk/policies/new/", policy_drafts.policy_new, name="desk-policy-new"),
    path("desk/policies/<int:pk>/", policies.policy_page, name="desk-policy"),
    path("desk/policies/<int:pk>/change/", policy_drafts.policy_change, name="desk-policy-change"),
    path("desk/policies/<int:pk>/policy.yaml", policies.policy_yaml, name="desk-policy-yaml"),
    path("desk/policies/<int:pk>/<slug:act>/", policies.policy_act, name="desk-policy-act"),
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
    path("m/<str:token>/screening/", screening_views.questions, name="manage-screening"),
    path("m/<str:token>/screening/give-back/", screening_views.give_back, name="manage-give-back"),
    path("m/<str:token>/undo/", link_views.undo, name="manage-undo"),
    path("m/<str:token>/appointment.ics", link_views.ics, name="manage-ics"),
]
