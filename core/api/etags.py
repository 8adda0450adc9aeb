"""Versions of what is shown, so that nobody overwrites what they have not seen (RFC 9110, 8.8.3 and 13)."""

import hashlib
import re

from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from core.refusals import Invalid, Refusal

TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
ONE = re.compile(TAG)
LIST = re.compile(rf"[ \t,]*{TAG}(?:[ \t]*,[ \t,]*{TAG})*[ \t,]*")
"""Tags with commas between them; a comma may also stand inside a tag, and nothing between two."""

# Half of the hash: 128 bits tell states of one thing apart for ever.
LENGTH = 32


class Changed(Refusal):
    """The object is no longer as it was when you read it (`If-Match`). Read it again, then decide. Facts: `etag`."""

    code = "precondition-failed"
    status = 412
    title = _("This has changed since you looked. Please look at it again, then decide.")


def etag_of(shown: object) -> str:
    """Return the entity tag of what is shown: another one as soon as anything of it is."""
    return f'"{hashlib.sha256(JSONRenderer().render(shown)).hexdigest()[:LENGTH]}"'


def _tags(request: Request, header: str) -> list[str] | None:
    given = request.headers.get(header)
    if given is None:
        return None
    if given.strip() == "*":
        return ["*"]
    if not LIST.fullmatch(given):
        raise Invalid(
            errors=[{"header": header, "detail": str(_("Give entity tags in double quotes, or *.")), "code": "invalid"}]
        )
    return ONE.findall(given)


def refuse_malformed(request: Request) -> None:
    """Refuse an `If-Match` that names no entity tags, also where the answer is known already. Raises Invalid."""
    _tags(request, "If-Match")


def asks_for_match(request: Request) -> bool:
    """Whether the change is wanted only if things are as somebody saw them."""
    return "If-Match" in request.headers


def require_match(request: Request, current: str) -> bool:
    """Return whether `If-Match` was given (and holds). Raises Changed when it does not hold, Invalid when malformed.

    Compared strongly: a weak tag never matches.
    """
    tags = _tags(request, "If-Match")
    # * means: as long as there is anything there, which there is.
    if tags is not None and not {"*", current} & set(tags):
        raise Changed(etag=current)
    return tags is not None


def unchanged(request: Request, current: str) -> bool:
    """Whether the reader already has this (`If-None-Match`, compared weakly), so that 304 will do."""
    tags = _tags(request, "If-None-Match")
    return tags is not None and bool({"*", current} & {tag.removeprefix("W/") for tag in tags})
