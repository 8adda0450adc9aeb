"""The questions before booking as forms: a page of them, which places are meant, and whom to call."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from booking.patients import contacts
from booking.suitability.answer_words import ANSWERS, PLACES
from booking.suitability.answers import NO, YES, SuitabilityAnswers
from booking.suitability.questions import AskedQuestion, QuestionPage
from booking.web.forms import FullNameField, PersonForm, usable
from core.form_errors import SaysWhatToDo
from core.forms import QuestionsAlike
from core.text import phone_numbers
from core.text.languages import localized
from scheduler.public import SiteCard

NONE_OF_THESE = "none"
UNSURE_WHERE = "unsure"


class BirthDateForm(PersonForm):
    """The birth date alone, read as on the page that asks who comes."""

    asked_fields = frozenset({"birth_date"})

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:  # noqa: ANN401  (as PersonForm has it)
        super().__init__(data, **kwargs)
        for name in set(self.fields) - self.asked_fields:
            del self.fields[name]


class AskedBackBirthDateForm(BirthDateForm):
    """The birth date of whoever is not known yet: one of this year is asked back once, before it decides anything."""

    asked_fields = frozenset({"birth_date", "birth_date_asked"})


class QuestionsForm(SaysWhatToDo, QuestionsAlike, forms.Form):
    """A page of questions: what applies is chosen, what is left open is a no; or "None of these" is pressed.

    Both at once, or neither, is asked again. `sends`: what the button says that sends what is chosen.
    """

    sends: ClassVar = _("Continue")
    nothing_chosen: ClassVar = _("Choose what applies to you, or press “None of these”.")

    def __init__(self, data: QueryDict | None, *, page: QuestionPage, given: Mapping[str, str]) -> None:
        super().__init__(data, initial={key: given[key] for key in page.keys if key in given})
        self.none = bool(data and NONE_OF_THESE in data)
        for question in page.questions:
            self.fields[question.key] = forms.ChoiceField(
                label=question.words,
                choices=[(one, ANSWERS.get(one) or _readable(one)) for one in _in_order(question)],
                widget=forms.RadioSelect,
                required=False,
                error_messages={"invalid_choice": _("Choose one of the answers")},
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a page on which nothing is answered, or two things are."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = [one for one in cleaned.values() if one]
        if self.none and any(one != NO for one in chosen):
            raise forms.ValidationError(
                _("You chose an answer, and pressed “None of these”. Please answer with “No”, or press “%(button)s”.")
                % {"button": self.sends}
            )
        if not chosen and not self.none:
            raise forms.ValidationError(self.nothing_chosen)
        return cleaned

    def answers(self) -> dict[str, str]:
        """Return the answer to each question. The form must be valid."""
        return {key: self.cleaned_data[key] or NO for key in self.fields}


class WholeQuestionsForm(QuestionsForm):
    """All that is asked, on one page: beside a yes, where it is, as far as somebody knows."""

    def __init__(self, data: QueryDict | None, *, asked: tuple[AskedQuestion, ...]) -> None:
        super().__init__(data, page=QuestionPage(title="", questions=asked), given={})
        self.asked = [one.key for one in asked]
        for question in asked:
            if question.places:
                named = [(one, PLACES.get(one) or _readable(one)) for one in question.places]
                self.fields[_where(question.key)] = forms.MultipleChoiceField(
                    label=_("If yes, where? Leave it open if nobody knows."),
                    choices=named,
                    widget=forms.CheckboxSelectMultiple,
                    required=False,
                    error_messages={"invalid_choice": _("Choose among the places")},
                )
        self.order_fields([name for key in self.asked for name in (key, _where(key))])

    def clean(self) -> dict[str, Any]:
        """Refuse places beside a question that is not answered with yes, and what a page of questions refuses."""
        cleaned = super().clean()
        for key in self.asked:
            if cleaned.get(_where(key)) and cleaned.get(key) != YES:
                self.add_error(key, _("A place is chosen: answer with “Yes”, or take the place away"))
        return cleaned

    def answers_given(self) -> SuitabilityAnswers:
        """Return what they answer; what is left open is a no. The form must be valid."""
        places = {key: tuple(self.cleaned_data.get(_where(key)) or ()) for key in self.asked}
        given = {key: answer for key, answer in self.answers().items() if key in places}
        return SuitabilityAnswers(answers=given, captures={key: parts for key, parts in places.items() if parts})


def _where(key: str) -> str:
    return f"{key}-where"


class DayQuestionsForm(WholeQuestionsForm):
    """What is asked at a desk, all at once."""

    sends: ClassVar = _("Save what is chosen")


class ChangedAnswersForm(WholeQuestionsForm):
    """What was answered before and is answered otherwise now: what is left open stays as it was."""

    sends: ClassVar = _("Save what has changed")
    nothing_chosen: ClassVar = _("Choose what has changed. If nothing has, go back to your appointment.")

    def __init__(self, data: QueryDict | None, *, asked: tuple[AskedQuestion, ...]) -> None:
        super().__init__(data, asked=asked)
        self.none = False  # there is no one press that takes all of it back

    def answers(self) -> dict[str, str]:
        """Return what has changed. The form must be valid."""
        return {key: self.cleaned_data[key] for key in self.asked if self.cleaned_data[key]}


class PlacesForm(SaysWhatToDo, forms.Form):
    """Which places are meant: one or several, or that they are not sure."""

    places = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose a place, or “I am not sure”"),
            "invalid_choice": _("Choose a place, or “I am not sure”"),
        },
    )

    def __init__(self, data: QueryDict | None, *, question: AskedQuestion, given: tuple[str, ...] = ()) -> None:
        super().__init__(data, initial={"places": list(given)})
        named = [(place, PLACES.get(place) or _readable(place)) for place in question.places]
        field = self.fields["places"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  (tells the type checker)
        field.choices = [*named, (UNSURE_WHERE, _("I am not sure"))]

    def chosen(self) -> tuple[str, ...]:
        """Return the places; none where they are not sure. The form must be valid."""
        return tuple(one for one in self.cleaned_data["places"] if one != UNSURE_WHERE)


class CallMeForm(SaysWhatToDo, forms.Form):
    """Whom to call, and where they would come to if there are several sites."""

    name = FullNameField()
    phone = forms.CharField(
        label=_("Phone number"),
        help_text=_("Where we reach you in the daytime. For example, (312) 555-0100"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"required": _("Enter a phone number where we can call you")},
    )
    site = forms.ChoiceField(
        label=_("Where would you like to come?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose where you would like to come"),
            "invalid_choice": _("Choose where you would like to come"),
        },
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, sites: Mapping[str, SiteCard]) -> None:
        super().__init__(data)
        self.sites = sites
        field = self.fields["site"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (tells the type checker)
        field.choices = [(key, localized(site.name)) for key, site in sites.items()]
        if len(sites) == 1:
            del self.fields["site"]

    def clean_name(self) -> str:
        """Return the name with single spaces."""
        return usable(contacts.name, " ".join(str(self.cleaned_data["name"]).split()))

    def clean_phone(self) -> str:
        """Return the number in the one form that is kept."""
        country = phone_numbers.country_of(next(iter(self.sites.values())).zone)
        return usable(partial(contacts.phone, country=country), str(self.cleaned_data["phone"]))

    def chosen_site(self) -> SiteCard:
        """Return where they would like to come. The form must be valid."""
        return self.sites[self.cleaned_data.get("site") or next(iter(self.sites))]


def _in_order(question: AskedQuestion) -> list[str]:
    """Return the answers to choose from as they are shown: a clear yes and no before the others."""
    order = list(ANSWERS)
    return sorted(question.choices, key=lambda one: order.index(one) if one in order else len(order))


def _readable(key: str) -> str:
    return key.replace("_", " ").capitalize()
