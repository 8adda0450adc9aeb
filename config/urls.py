"""Every address of the service."""

from django.contrib import admin
from django.urls import include, path

handler403 = "booking.web.desk.error_pages.forbidden"
handler404 = "booking.web.desk.error_pages.not_found"
handler500 = "core.http.problems.server_error"
urlpatterns = [
    # First what is asked most: addresses are compared one after the other.
    path("api/v1/", include("booking.api.urls")),
    path("api/v1/", include("scheduler.api.urls")),
    path("api/v1/", include("core.api.urls")),
    path("api/v1/", include("notifications.api.urls")),
    path("", include("booking.web.urls")),
    path("", include("notifications.web.urls")),
    path("", include("core.http.well_known")),
    path("", include("core.api.health")),
    path("", include("core.api.problem_types")),
    path("admin/", admin.site.urls),
]
