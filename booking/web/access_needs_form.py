"""The form on which somebody chooses what helps them to come; or staff do, who hear it on the phone."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.access_needs import ANOTHER_LANGUAGE, WORDS, AccessNeed, AskedFor
from booking.web.families.family_forms import LANGUAGES
from core.form_errors import SaysWhatToDo
from core.text.languages import language_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable


class AccessNeedsForm(SaysWhatToDo, forms.Form):
    """What somebody can ask for; nothing is no fault."""

    needs = forms.MultipleChoiceField(
        choices=[(one.value, WORDS[one]) for one in AccessNeed],
        required=False,
        error_messages=dict.fromkeys(("invalid_choice", "invalid_list"), gettext_lazy("Choose among these")),
    )
    interpreter = forms.ChoiceField(label=gettext_lazy("Interpreter"), required=False)

    def __init__(self, data: Any, *, initial: dict[str, Any]) -> None:  # noqa: ANN401  (as Django has it)
        super().__init__(data, initial=initial)
        field: Any = self.fields["interpreter"]
        spoken = [(tag, language_in_words(tag)) for tag in LANGUAGES if tag != "en"]
        field.choices = [("", _("No, we can speak English")), *spoken, (ANOTHER_LANGUAGE, _("Another language"))]

    @property
    def asked_for(self) -> AskedFor:
        """What was chosen. The form must be valid."""
        return AskedFor.of(self.cleaned_data["needs"], self.cleaned_data["interpreter"])

    @property
    def choices(self) -> list[tuple[str, object, bool]]:
        """What can be ticked: its value, in words, and whether it is."""
        ticked: Iterable[str] = self["needs"].value() or ()
        return [(one.value, WORDS[one], one.value in ticked) for one in AccessNeed]
