"""The design, alive: the tokens of the one style sheet, its type, and the parts that the pages are made of.

Nothing is copied here. Colours are read from the sheet, each part is the template that the pages include, by day and by
night on one page. In the demo alone: nobody books here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from booking.web.choices import Radio
from booking.web.times_list import Button
from booking.web.visit_card import CheckLine, VisitCard
from core.form_errors import SaysWhatToDo
from core.forms import described, problems

SHEET = "core/meridian.css"
NEARLY_BLACK = 0.04045  # up to there a screen is lit in proportion (IEC 61966-2-1)
PLAIN = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
BY_NIGHT = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
BEHIND = {"ink": "mist", "quiet": "mist", "lake": "sheet", "on-lake": "lake", "clay": "dawn", "alarm": "alarm-wash"}
"""Which colour of words stands on which ground."""


STARTS_AT = datetime(2026, 12, 8, 16, tzinfo=UTC)
"""A Tuesday, 10:00 in Chicago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A colour by day and by night. `contrast`: with the ground on which its words stand, at the least of both."""

    name: str
    day: str
    night: str
    on: str = ""
    contrast: str = ""


class SampleForm(SaysWhatToDo, forms.Form):
    """Two fields, as the page has them that asks who comes."""

    name = forms.CharField(
        label=gettext_lazy("Full name"), error_messages={"required": gettext_lazy("Enter your full name")}
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        help_text=gettext_lazy("We send your confirmation there."),
        error_messages={"required": gettext_lazy("Enter your e-mail address")},
    )


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Show the tokens, the type, and each part by day and by night."""
    if not settings.DEMO:
        raise Http404
    modes = [_mode("day", _("By day")), _mode("night", _("By night"))]
    return render(request, "booking/design.html", {"tokens": tokens(), "modes": modes})


@lru_cache(maxsize=1)
def tokens() -> tuple[Token, ...]:
    """Return the colours of the sheet."""
    text = Path(str(finders.find(SHEET))).read_text(encoding="utf-8")
    both = {name: (day, night) for name, day, night in BY_NIGHT.findall(text)}
    return tuple(_tokens(both))


def _tokens(both: dict[str, tuple[str, str]]) -> Iterable[Token]:
    for name, (day, night) in both.items():
        on = BEHIND.get(name, "")
        least = min(map(contrast, (day, night), both[on])) if on else 0.0
        yield Token(name=name, day=day, night=night, on=on, contrast=f"{least:.1f}" if on else "")


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (one / 12.92 if one <= NEARLY_BLACK else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mode(key: str, name: str) -> dict[str, object]:
    """Return what the parts are shown with."""
    form, wrong = (SampleForm(data, auto_id=f"{key}-{kind}-%s") for kind, data in (("form", None), ("wrong", {})))
    wrong.is_valid()
    where = {"with_whom": "Grace Okoro", "site": "Lakeside", "address": "1200 Harbor Walk"}
    card = partial(VisitCard.at, STARTS_AT, STARTS_AT + timedelta(minutes=55), ZoneInfo("America/Chicago"))
    return {
        "key": key,
        "name": name,
        "form": described(form),
        "wrong": described(wrong),
        "problems": problems(wrong),
        "card": card(**where),
        "gone": card(**where, gone=True),
        "facts": [
            CheckLine(name=_("Who"), value="Alice Adams", change="#parts"),
            CheckLine(name=_("Where"), value="Lakeside", more="1200 Harbor Walk", change="#parts"),
        ],
        "times": [Button(id=str(at), time=f"{at}:00 AM", day=_("Tuesday"), lead=_("with")) for at in (9, 10, 11)],
        "radios": [Radio(id=f"{key}-r{at}", value=str(at), name=words) for at, words in enumerate((_("Yes"), _("No")))],
    }
