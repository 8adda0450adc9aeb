"""Texts as people type them: on one line, without signs that turn or hide others; several languages as a map."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.text import clean
from core.text.languages import BASE, NO_LANGUAGE, unknown_languages

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
LONGEST = 2000


class LineField(serializers.CharField):
    """A text on one line, cleaned as in the forms of the pages."""

    default_error_messages = {"line": _("Use letters and signs on one line.")}

    def to_internal_value(self, data: Any) -> str:
        """Return the line, cleaned. Raises ValidationError for what breaks it or turns its letters round."""
        try:
            one = clean.line(str(super().to_internal_value(data)))
        except clean.UnusableText:
            self.fail("line")
        if not one and not self.allow_blank:
            self.fail("blank")
        return one


class LocalizedTextField(serializers.DictField):
    """One text in several languages: {"en": "Acupuncture", "es": "Acupuntura"}. English is always there."""

    child = serializers.CharField(max_length=LONGEST)
    default_error_messages = {
        "base": _("The English text is missing."),
        "language": _("Give language tags such as en or zh-Hans."),
        "line": _("Use letters and signs that can be seen."),
    }

    def __init__(self, *, optional: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.optional = optional

    def to_internal_value(self, data: Any) -> dict[str, str]:
        """Return the texts by language. `optional`: none at all will do. Raises ValidationError."""
        texts: dict[str, str] = super().to_internal_value(data)
        if not all(LANGUAGE.fullmatch(tag) for tag in texts):
            self.fail("language")
        if unknown := unknown_languages(texts):
            raise serializers.ValidationError(NO_LANGUAGE % {"tag": unknown[0]}, code="language")
        if BASE not in texts and not (self.optional and not texts):
            self.fail("base")
        try:
            return {tag: clean.lines(text) for tag, text in texts.items()}
        except clean.UnusableText:
            self.fail("line")
