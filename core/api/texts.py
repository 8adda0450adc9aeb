"""Texts as people type them: on one line, without signs that turn or hide others; several languages as a map."""

import re
import unicodedata
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.text.languages import BASE

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
LONGEST = 2000
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class LineField(serializers.CharField):
    """One line of words."""

    default_error_messages = {"line": _("Use letters and signs on one line.")}

    def to_internal_value(self, data: Any) -> str:
        """Return the line, composed (NFC). Raises ValidationError for control and invisible signs."""
        line: str = unicodedata.normalize("NFC", super().to_internal_value(data))
        if any(unicodedata.category(letter) in HIDDEN for letter in line):
            self.fail("line")
        return line


class LocalizedTextField(serializers.DictField):
    """One text in several languages: {"en": "Acupuncture", "es": "Acupuntura"}. English is always there."""

    child = serializers.CharField(max_length=LONGEST)
    default_error_messages = {
        "base": _("The English text is missing."),
        "language": _("Give language tags such as en or zh-Hans."),
    }

    def __init__(self, *, optional: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.optional = optional

    def to_internal_value(self, data: Any) -> dict[str, str]:
        """Return the texts by language. `optional`: none at all will do. Raises ValidationError."""
        texts: dict[str, str] = super().to_internal_value(data)
        if not all(LANGUAGE.fullmatch(tag) for tag in texts):
            self.fail("language")
        if BASE not in texts and not (self.optional and not texts):
            self.fail("base")
        return texts
