"""What every answer tells the browser, whoever gave it: a page, the API, a file, an error or the health check."""

from collections.abc import Callable
from types import MappingProxyType

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

UNUSED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "geolocation",
    "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "serial", "usb",
)  # fmt: skip
"""What a browser can do and no page of ours asks for; named as Chromium and Firefox know it."""

# Django's own middleware says some of this, but never sees what the web server refuses, or what is answered before it.
ALWAYS = MappingProxyType(
    {
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    }
)
FRAMES = "X-Frame-Options"
"""Knows all or nobody: a page that some may frame says so by its Content-Security-Policy alone."""
STAFF_AND_PROGRAMS = ("/admin/", "/api/", "/desk/")


class ResponseHeadersMiddleware:
    """Middleware, outermost: adds what an answer does not say itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the answer on, with its headers complete."""
        response = self.get_response(request)
        for name, said in ALWAYS.items():
            if name != FRAMES or not getattr(response, "xframe_options_exempt", False):
                response.headers.setdefault(name, said)
        if request.path_info.startswith(STAFF_AND_PROGRAMS):
            response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        return response
