"""Pages go out compressed, wherever they are asked for; what is secret in them stays unguessed.

Compression lets whoever can both put words into a page and watch its length guess what else stands there (BREACH).
Three things stand against it. The length of each answer varies by up to a hundred random bytes (Heal the Breach, which
Django's own middleware does). A form's token is masked anew on each page. And another website cannot have a page read
with the visitor's cookie at all: it is `SameSite=Lax`. Behind a mail's link, whose secret stands in the page's own
addresses, only whoever knows that link can ask for the page. What JSON, calendars and tables hold is left as it is:
there programs read, on connections that are not slow.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

PAGES = "text/html"


class CompressedPagesMiddleware(GZipMiddleware):
    """Middleware: pages and nothing else go out compressed where the browser takes it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress a page."""
        if not response.headers.get("Content-Type", "").startswith(PAGES):
            return response
        return super().process_response(request, response)
