"""Mail templates with their words: what does not differ between two mails is rendered once.

A template of a mail about a visit shows texts and asks whether there is one, nothing more. So mails in one language
that lack the same texts differ in the others alone.
"""

import re
from dataclasses import fields
from functools import lru_cache
from html import escape
from operator import attrgetter
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language

from core.templatetags.clinic import Clinic, Foot, clinic
from notifications.channels.mail.context import VisitMailContext

PLACE = re.compile("\ue000([a-z_]+)\ue001")
"""Where a text goes: its name between two signs that have no meaning, and that HTML leaves as they are."""

NAMES = tuple(field.name for field in fields(VisitMailContext))
MARKS = tuple(f"\ue000{name}\ue001" for name in NAMES)
values_of = attrgetter(*NAMES)


def filled_in(template: str, words: VisitMailContext, foot: Foot) -> str:
    """Return a template with its `words`, as Django renders it. They are texts, and values of which there are few."""
    blank = tuple(
        mark if value and isinstance(value, str) else value for mark, value in zip(MARKS, values_of(words), strict=True)
    )
    pieces = list(_pieces(template, blank, get_language(), clinic(), foot))
    write = escape if template.endswith(".html") else str
    pieces[1::2] = [write(getattr(words, name)) for name in pieces[1::2]]
    return "".join(pieces)


@lru_cache(maxsize=256)
def _pieces(
    template: str,
    blank: tuple[Any, ...],
    language: str | None,  # noqa: ARG001  (what is rendered hangs on it)
    of: Clinic,  # noqa: ARG001  (and on this)
    foot: Foot,
) -> tuple[str, ...]:
    """Return what always stands there and, in turn with it, the names of what goes in between."""
    words = VisitMailContext(**dict(zip(NAMES, blank, strict=True)))
    return tuple(PLACE.split(render_to_string(template, {"words": words, "foot": foot})))
