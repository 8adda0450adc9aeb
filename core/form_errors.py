"""What is wrong with a field in one sentence that names it and says what to do, in place of Django's own sentences."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _


class SaysWhatToDo(forms.BaseForm):
    """A form whose fields say what to do where they have no words of their own.

    What a field is called is known once the form is whole, so the words are put in as it is read.
    """

    def __getitem__(self, name: str) -> forms.BoundField:
        """Return a field as its page shows it: it takes what is too long as well, so that the form can say so."""
        bound = super().__getitem__(name)
        # With it, browsers cut what is pasted, and say nothing.
        bound.field.widget.attrs.pop("maxlength", None)
        return bound

    def full_clean(self) -> None:
        """Read what was sent, and say what is wrong with it."""
        for name, field in self.fields.items():
            say_what_to_do(field, str(field.label or capfirst(name.replace("_", " "))))
        super().full_clean()


def say_what_to_do(field: forms.Field, label: str) -> None:
    """Put words into a field, called like this, wherever it would have Django's."""
    if isinstance(field, forms.MultiValueField):
        for part in field.fields:
            say_what_to_do(part, label)
    usual = _usual(field)
    words = _words(field, label.replace("%", " "))  # Django fills its own values into these
    for code, message in usual.items():
        if field.error_messages.get(code) is message or (code not in field.error_messages and code in words):
            field.error_messages[code] = words.get(code, words["invalid"])


def _usual(field: forms.Field) -> dict[str, Any]:
    """Return Django's own words for a kind of field, those of its validators too."""
    usual: dict[str, Any] = dict.fromkeys(
        validator.code for validator in field.validators if hasattr(validator, "code")
    )
    for kind in reversed(type(field).__mro__):
        usual |= getattr(kind, "default_error_messages", {})
    return usual


def _words(field: forms.Field, label: str) -> dict[str, str]:
    """Return what to do, by the code of what is wrong."""
    if field.widget.is_hidden:
        again = _("Open this page again, and send it once more.")
        return dict.fromkeys(("required", "invalid", "invalid_choice"), again)
    named = {"label": label}
    choice = _("Choose one of the answers: %(label)s") % named
    if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        return dict.fromkeys(("required", "invalid", "invalid_choice", "invalid_list"), choice)
    if isinstance(field, forms.BooleanField):
        return dict.fromkeys(("required", "invalid"), _("Tick this: %(label)s") % named)
    if isinstance(field, (forms.IntegerField, forms.DecimalField, forms.FloatField)):
        number = _("Type a number: %(label)s") % named
        return {
            "required": number,
            "invalid": number,
            "min_value": _("Type a number of at least %%(limit_value)s: %(label)s") % named,
            "max_value": _("Type a number of at most %%(limit_value)s: %(label)s") % named,
        }
    return {
        "required": _("Fill this in: %(label)s") % named,
        "invalid": (
            _("Type this anew, as its hint says: %(label)s") if field.help_text else _("Type this anew: %(label)s")
        )
        % named,
        "max_length": _("Make this shorter, %%(limit_value)d letters at most: %(label)s") % named,
        "min_length": _("Make this longer, %%(limit_value)d letters at least: %(label)s") % named,
        "null_characters_not_allowed": _("Type this anew: %(label)s") % named,
    }
