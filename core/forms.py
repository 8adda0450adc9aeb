"""Forms that say what is wrong once at the top and once beside the field, and forms that send what was changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Any

from django import forms
from django.db.models import Model
from django.utils import timezone
from django.utils.choices import flatten_choices
from django.utils.formats import localize
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.text import clean
from core.text.typed_times import time_typed

TYPE_A_TIME = gettext_lazy("Please type a time of day such as 2 pm.")


class AddressInput(forms.TextInput):
    """A field for an e-mail address that sends what was typed.

    It is no field of type "email": browsers write its domain by the forerunner of IDNA 2008, so that straße.example
    becomes strasse.example, somebody else's, before anybody here can see it.
    """

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        helpful = {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(helpful | (attrs or {}))


class TimeOfDayField(forms.CharField):
    """A time of day as people write it; None where it is left empty."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  (as Django has it)
        usual: dict[str, Any] = {"max_length": 40, "widget": forms.TextInput(attrs={"autocomplete": "off"})}
        super().__init__(**(usual | options))

    def clean(self, value: Any) -> time | None:  # noqa: ANN401  (as Django has it)
        """Return the time of day. Raises ValidationError."""
        text = super().clean(value)
        found = time_typed(text) if text else None
        if text and found is None:
            raise forms.ValidationError(TYPE_A_TIME)
        return found


class CleanText(forms.BaseForm):
    """A form whose texts are cleaned as on every door; passwords, which are not stripped, are left alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (as Django has it)
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # Each form has copies of its class's fields: what is changed here is this form's alone.
            if isinstance(field, forms.CharField) and field.strip:
                several = isinstance(field.widget, forms.Textarea)
                field.to_python = _cleaned(field.to_python, clean.lines if several else clean.line)  # type: ignore[method-assign,assignment]


def _cleaned(read: Callable[[Any], Any], cleaned: Callable[[str], str]) -> Callable[[Any], Any]:
    """Return how a field reads what is typed, and cleans it. Raises ValidationError."""

    def read_clean(value: Any) -> Any:  # noqa: ANN401  (whatever a form was sent)
        text = read(value)
        try:
            return cleaned(text) if isinstance(text, str) else text
        except clean.UnusableText as error:
            raise forms.ValidationError(str(error)) from error

    return read_clean


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the summary of errors: what is wrong, and the id of the field to mend."""

    target: str
    text: str


class QuestionsAlike(forms.BaseForm):
    """A form whose questions share the words of their errors: a list of these names each question."""


def problems(form: forms.Form) -> list[Problem]:
    """Return what is wrong with a form, in the order of its fields, and then what belongs to none of them."""
    targets = {name: form[name].id_for_label or f"id_{name}" for name in form.fields}
    names = {name: str(form[name].label) for name in form.fields} if isinstance(form, QuestionsAlike) else {}
    order = {name: number for number, name in enumerate(form.fields)}
    wrong = sorted(form.errors.items(), key=lambda one: order.get(one[0], len(order)))
    return [
        Problem(targets.get(name, "main"), _after_name(names.get(name, ""), str(text)))
        for name, texts in wrong
        for text in texts
    ]


def _after_name(name: str, text: str) -> str:
    """Return what is wrong after the name of its field, which may be a question."""
    if not name:
        return text
    if name.endswith(("?", ".")):
        return f"{name} {text}"
    return _("%(name)s: %(problem)s") % {"name": name, "problem": text}


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


class ShownField(forms.BoundField):
    """A field that carries along how it stood when its page was first shown, also on a page that came back.

    Django looks for that under the field's own name alone, which a field of two boxes or of nothing ticked has not.
    """

    form: "ChangesForm"

    def __init__(self, form: "ChangesForm", field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        field.show_hidden_initial = form.carries_what_was_shown and not field.disabled

    def as_hidden(self, attrs: dict[str, Any] | None = None, **kwargs: bool) -> SafeString:
        """Render what was shown first."""
        if not self.form.is_bound:
            return super().as_hidden(attrs, **kwargs)
        # Once somebody has read how it stands now, that is what they were shown: to save again is their decision.
        told = self.field.prepare_value(self.initial) if self.name in self.form.overtaken else self.shown()
        hidden = self.field.hidden_widget()
        return hidden.render(self.html_initial_name, told, {"id": self.html_initial_id}, self.form.renderer)

    def shown(self) -> Any:  # noqa: ANN401  (as the field's widget reads it)
        """Return what the page says that it showed."""
        return self.field.hidden_widget().value_from_datadict(self.form.data, self.form.files, self.html_initial_name)

    def shown_now(self) -> Any:  # noqa: ANN401  (as above)
        """Return what a page would say that was shown now."""
        return _as_sent(self.field.hidden_widget(), self.field.prepare_value(self.initial))

    def differs(self, one: Any, other: Any) -> bool:  # noqa: ANN401  (as above)
        """Whether two things that a page may send of this field mean something else."""
        try:
            one = self.field.to_python(one)
        except forms.ValidationError:
            # It can be chosen no more: it is compared as it was sent.
            return str(one) != str(other)
        return self.field.has_changed(one, other)

    def now_in_words(self) -> str:
        """Return how it stands now, as people read it."""
        value = self.field.prepare_value(self.initial)
        if isinstance(self.field, forms.BooleanField):
            return _("yes") if value else _("no")
        if isinstance(value, datetime) and timezone.is_aware(value):
            value = timezone.localtime(value)
        if isinstance(self.field, forms.ChoiceField):
            choices: Any = self.field.choices
            told: list[tuple[Any, Any]] = list(flatten_choices(choices))
            named = {str(key): str(label) for key, label in told}
            value = ", ".join(named.get(str(one), str(one)) for one in _listed(value))
        return str(localize(value)) if value not in self.field.empty_values else _("empty")


def _listed(value: Any) -> list[Any]:  # noqa: ANN401  (one thing or several)
    several = list(value) if isinstance(value, list | tuple) else [value]
    return [one for one in several if one not in {None, ""}]


def _as_sent(widget: forms.Widget, value: Any) -> Any:  # noqa: ANN401  (as the widget has it)
    """Return what a browser sends of a widget that nobody touched."""
    if isinstance(widget, forms.MultiWidget):
        parts: list[Any] = list(value if isinstance(value, list | tuple) else widget.decompress(value) or [])
        return [_as_sent(part, one) for part, one in zip(widget.widgets, parts, strict=False)]
    return widget.format_value(value)


class ChangesForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A form of which a row gets what was typed on this page, and nothing that somebody else has changed meanwhile."""

    bound_field_class = ShownField

    zone_shown: tzinfo | None = None
    """The zone by whose clock its page is shown, where that is not the one in force."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (as Django has it)
        super().__init__(*args, **kwargs)
        self.overtaken: set[str] = set()

    def _clean_fields(self) -> None:
        """Read the fields, and refuse to undo unseen what somebody else has written into one of them meanwhile."""
        super()._clean_fields()  # type: ignore[misc]  # of Django, which does not type it
        if self.adding or not self.carries_what_was_shown:
            return
        with timezone.override(self.zone_shown or timezone.get_current_timezone()):
            for name in self.changed_data:
                self._refuse_if_overtaken(name)

    def _refuse_if_overtaken(self, name: str) -> None:
        field: Any = self[name]
        now = field.shown_now()
        # Where both typed the same there is nothing to undo.
        if (
            not field.field.show_hidden_initial
            or not field.differs(now, field.shown())
            or not field.differs(now, field.data)
        ):
            return
        self.overtaken.add(name)
        told = _("This has changed since you looked. It is now: %(now)s. To save yours all the same, save again.")
        self.add_error(name, told % {"now": field.now_in_words()})

    @property
    def adding(self) -> bool:
        """Whether the row is new."""
        return self.instance.pk is None

    @property
    def carries_what_was_shown(self) -> bool:
        """Whether the page tells what it showed; one that does not is compared with the row as it is now."""
        shown = self.add_initial_prefix("")
        return not self.adding and (not self.is_bound or any(name.startswith(shown) for name in self.data))

    def sent(self, *names: str) -> dict[str, Any]:
        """Return what was typed into these fields; of a row that is there, what was changed."""
        wanted = set(names if self.adding else self.changed_data)
        return {name: self.cleaned_data[name] for name in names if name in wanted and name in self.cleaned_data}

    def save(self, commit: bool = True) -> Model:  # noqa: FBT001, FBT002  (Django's own signature)
        """Save the row; one that is there, as far as it was changed."""
        if self.adding or not commit:
            saved: Model = super().save(commit)
            return saved
        own = {field.name for field in self.instance._meta.concrete_fields}
        row: Model = self.instance
        row.save(update_fields=own & set(self.changed_data))
        return row
