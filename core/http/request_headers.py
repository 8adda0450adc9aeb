"""What a request says of itself, made readable before anything reads it: no header can break a page or be believed.

A header that is no text goes; of a cookie line only the cookies that are none; a body in another charset than UTF-8 is
told; and where a visitor comes from is what the counted proxies say, read from the right.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.monitoring.proxies import proxies_seen

Environ = dict[str, Any]

HEALTH = frozenset({"/healthz", "/readyz"})  # asked from beside the service, past all proxies
CLEAN = "meridian.clean"  # set once this has been done: by the WSGI door, or else by the middleware
OTHER_CHARSET = "meridian.other_charset"  # set where a body is said to be in something else than UTF-8
STEERING = frozenset(  # whoever sends one of these wants something: a broken one is refused, not left out
    {"CONTENT_TYPE", "HTTP_AUTHORIZATION", "HTTP_HOST", "HTTP_IDEMPOTENCY_KEY", "HTTP_IF_MATCH", "HTTP_X_CSRFTOKEN"}
)
UNBELIEVED = (
    "HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX", "HTTP_X_FORWARDED_SERVER", "HTTP_X_FORWARDED_SSL", "HTTP_X_REAL_IP",
)  # fmt: skip
PROTO = "HTTP_X_FORWARDED_PROTO"
UTF8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
CHARSET = re.compile(r";\s*charset(\*?[^=;]*)=\s*\"?([^\";\s]*)", re.IGNORECASE)
BOUNDARY = re.compile(r";\s*boundary\s*=\s*(\"[^\"]{1,70}\"|[^;,\s\"]{1,70})", re.IGNORECASE)


def is_text(value: str) -> bool:
    """Whether a header, as WSGI hands it over, is UTF-8 without control characters."""
    raw = value.encode("latin-1", "replace")
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return not any(byte < ord(" ") and byte != ord("\t") for byte in raw)


def clean(environ: Environ) -> None:
    """Make the headers of a request readable, in place, once."""
    if CLEAN in environ:
        return
    environ[CLEAN] = True
    for name in [name for name in environ if name.startswith("HTTP_") and name not in STEERING]:
        if name == "HTTP_COOKIE":
            environ[name] = ";".join(one for one in environ[name].split(";") if is_text(one))
        elif not is_text(environ[name]):
            del environ[name]
    _content_type(environ)
    _set_client_address(environ)
    environ["SCRIPT_NAME"] = ""  # the service stands at the root of its address, whatever a header says


def _content_type(environ: Environ) -> None:
    """Leave of the type of a body its name and a form's boundary, and note a charset that is not ours."""
    said = environ.get("CONTENT_TYPE", "")
    if ";" not in said:
        return
    charset, boundary = CHARSET.search(said), BOUNDARY.search(said)
    if charset and (charset[1].strip() or charset[2].lower() not in UTF8):
        environ[OTHER_CHARSET] = True
    environ["CONTENT_TYPE"] = said.partition(";")[0].strip() + (f"; boundary={boundary[1]}" if boundary else "")


def _set_client_address(environ: Environ) -> None:
    """Put the visitor's own address and scheme where they are looked for; take away what only a visitor says."""
    count = settings.TRUSTED_PROXIES
    if count:
        environ["REMOTE_ADDR"] = visitor(environ.get("HTTP_X_FORWARDED_FOR", ""), count)
        if environ.get("PATH_INFO") not in HEALTH:
            proxies_seen.note(enough=bool(environ["REMOTE_ADDR"]))
        if PROTO in environ:
            environ[PROTO] = scheme_from_the_right(environ[PROTO].split(","), count)
    else:
        environ.pop(PROTO, None)
    for name in UNBELIEVED:
        environ.pop(name, None)


def visitor(forwarded: str, count: int) -> str:
    """Return the address that the outermost of `count` proxies saw; each has appended whom it sees.

    Nothing where fewer wrote, or no address: a proxy's own would make all visitors one.
    """
    named = [one.strip() for one in forwarded.split(",") if one.strip()]
    try:
        return str(ip_address(named[-count])) if len(named) >= count else ""
    except ValueError:
        return ""


def scheme_from_the_right(values: list[str], count: int) -> str:
    """Return the scheme that the outermost of `count` proxies wrote, however it wrote it; where fewer wrote, the first.

    Django compares letter by letter: HTTPS in capitals would be sent to https for ever (RFC 3986, 3.1).
    """
    return values[-min(count, len(values))].strip().lower()


class CleanHeadersMiddleware:
    """Middleware, before all that read headers: for servers that open Django by another door than `config.wsgi`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on with readable headers."""
        clean(request.META)
        if request.encoding:  # a charset that the type named: ours, or told as another
            request.encoding = "utf-8"
        return self.get_response(request)


class CleanApplication:
    """WSGI: the same before Django itself reads the type of a body and the address."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Any:  # noqa: ANN401  (WSGI's)
        """Answer with what Django answers."""
        clean(environ)
        return self.application(environ, start_response)
