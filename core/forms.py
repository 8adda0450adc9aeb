"""Forms that say what is wrong once at the top and once beside the field."""

from dataclasses import dataclass

from django import forms


class AddressInput(forms.TextInput):
    """A field for an e-mail address that sends what was typed.

    It is no field of type "email": browsers write its domain by the forerunner of IDNA 2008, so that straße.example
    becomes strasse.example, somebody else's, before anybody here can see it.
    """

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        helpful = {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(helpful | (attrs or {}))


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the summary of errors: what is wrong, and the id of the field to mend."""

    target: str
    text: str


def problems(form: forms.Form) -> list[Problem]:
    """Return what is wrong with a form, in the order of its fields."""
    targets = {name: form[name].id_for_label or f"id_{name}" for name in form.fields}
    return [Problem(targets.get(name, "main"), str(text)) for name, texts in form.errors.items() for text in texts]


def described(form: forms.Form) -> forms.Form:
    """Let each field point at its hint and its error, for people who listen; return the form."""
    for name, field in form.fields.items():
        bound = form[name]
        hint = [f"{bound.id_for_label}-hint"] if field.help_text else []
        error = [f"{bound.id_for_label}-error"] if bound.errors else []
        if hint or error:
            field.widget.attrs["aria-describedby"] = " ".join(hint + error)
        if error:
            field.widget.attrs["aria-invalid"] = "true"
    return form
