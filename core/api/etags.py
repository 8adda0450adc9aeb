"""Versions of what is shown, so that nobody overwrites what they have not seen (RFC 9110, 13)."""

import re
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from core.refusals import Invalid, Refusal

ETAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')


class Changed(Refusal):
    """The object is no longer as it was when you read it (`If-Match`). Read it again, then decide."""

    code = "precondition-failed"
    status = 412
    title = _("This has changed since you looked.")


def etag(version: int, *, updated_at: datetime) -> str:
    """Return the entity tag of a version at its last change."""
    return f'"{version}-{int(updated_at.timestamp() * 1_000_000):x}"'


def _tags(request: Request, header: str) -> list[str] | None:
    given = request.headers.get(header)
    if given is None:
        return None
    tags = [tag.strip() for tag in given.split(",")]
    if not all(tag == "*" or ETAG.fullmatch(tag) for tag in tags):
        raise Invalid(
            errors=[{"header": header, "detail": str(_("Give entity tags in double quotes, or *.")), "code": "invalid"}]
        )
    return tags


def require_match(request: Request, current: str) -> bool:
    """Return whether `If-Match` was given (and holds). Raises Changed when it does not hold, Invalid when malformed."""
    tags = _tags(request, "If-Match")
    if tags is not None and not {"*", current} & set(tags):
        raise Changed(etag=current)
    return tags is not None


def unchanged(request: Request, current: str) -> bool:
    """Whether the reader already has this (`If-None-Match`), so that 304 will do."""
    tags = _tags(request, "If-None-Match")
    return tags is not None and bool({"*", current} & {tag.removeprefix("W/") for tag in tags})
