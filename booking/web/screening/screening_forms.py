"""The health questions on a page: what applies is ticked, or none of it; only then are days asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from booking.screening.outcomes import ImmuneSystem, ScreeningAnswers, Severity, mistyped_days
from booking.screening.policies import ScreeningPolicy
from booking.screening.questionnaire import QUESTIONNAIRE, AnswerChoice, FollowUp, ScreeningQuestion
from core.form_errors import SaysWhatToDo
from core.forms import QuestionsAlike
from core.text.languages import localized
from core.text.typed_dates import date_typed, what_is_impossible

EMERGENCY = "emergency"
NONE_OF_THESE = "none"
DAYS = (FollowUp.TESTED_ON, FollowUp.SYMPTOMS_BEGAN_ON, FollowUp.FEVER_FREE_SINCE, FollowUp.ISOLATE_UNTIL)
HELP = {
    FollowUp.TESTED_ON: _("Month, day and year. For example, 11/24/2026"),
    FollowUp.ISOLATE_UNTIL: _(
        "Month, day and year. Leave it empty if you do not know: then one of our clinicians looks at it."
    ),
}


class ScreeningForm(SaysWhatToDo, forms.Form):
    """What of this applies: ticked, or "None of these" pressed; both at once, or neither, is asked again."""

    def __init__(self, data: QueryDict | None, *, policy: ScreeningPolicy) -> None:
        super().__init__(data)
        self.questions: list[ScreeningQuestion] = [QUESTIONNAIRE.questions[key] for key in policy.questions]
        self.none = bool(data and NONE_OF_THESE in data)
        if QUESTIONNAIRE.asks_for_help(policy.questions):
            words = localized(QUESTIONNAIRE.emergency.words)
            self.fields[EMERGENCY] = forms.BooleanField(label=words, required=False)
        for question in self.questions:
            words = localized(question.words)
            if FollowUp.FEVER_FREE_SINCE in question.follow_up and FollowUp.TESTED_ON not in question.follow_up:
                words = _("%(question)s (%(degrees)s °F or more)") % {"question": words, "degrees": policy.fever_f}
            self.fields[question.key] = forms.BooleanField(label=words, required=False)
            if AnswerChoice.USUAL_FOR_ME in question.choices:
                usual = _("That is usual for me: I have had it for long, or every year at this time")
                self.fields[f"{question.key}-usual"] = forms.BooleanField(label=usual, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse a page on which nothing is said, or two things."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        ticked = any(cleaned.values())
        if ticked and self.none:
            raise forms.ValidationError(
                _("You ticked something, and pressed “None of these”. Please take the ticks away, or press “Continue”.")
            )
        if not ticked and not self.none:
            raise forms.ValidationError(_("Tick what applies to you, or press “None of these”."))
        return cleaned

    @property
    def emergency(self) -> bool:
        """Whether they said that they need help now."""
        return bool(self.cleaned_data.get(EMERGENCY))

    def choices(self) -> dict[str, AnswerChoice]:
        """Return the answer to each question. The form must be valid."""
        return {question.key: self._choice(question.key) for question in self.questions}

    def _choice(self, key: str) -> AnswerChoice:
        if self.cleaned_data.get(f"{key}-usual"):
            return AnswerChoice.USUAL_FOR_ME
        return AnswerChoice.YES if self.cleaned_data[key] else AnswerChoice.NO

    def follow_ups(self) -> list[FollowUp]:
        """Return what is still to be asked of them; nothing of whoever needs help now."""
        if self.emergency:
            return []
        yes = [one for one in self.questions if self._choice(one.key) is AnswerChoice.YES]
        wanted = {name for question in yes for name in question.follow_up}
        return [name for name in FollowUp if name in wanted]


class ScreeningDaysForm(SaysWhatToDo, QuestionsAlike, forms.Form):
    """Days and degrees, of whoever is or was ill. `on`: today where they come."""

    def __init__(self, data: QueryDict | None, *, wanted: Iterable[FollowUp], on: date) -> None:
        super().__init__(data)
        self.on = on
        for name in wanted:
            self.fields[name.value] = self._field(name)

    def _field(self, name: FollowUp) -> forms.Field:
        words = localized(QUESTIONNAIRE.follow_ups[name])
        asked = {"required": _("Please answer this question"), "invalid_choice": _("Please answer this question")}
        if name is FollowUp.SEVERITY:
            choices = [(Severity.NONE, _("Not ill")), (Severity.MILD, _("Ill, at home")),
                       (Severity.IN_HOSPITAL, _("So ill that I was in the hospital"))]  # fmt: skip
            return forms.ChoiceField(label=words, choices=choices, widget=forms.RadioSelect, error_messages=asked)
        if name is FollowUp.WEAK_IMMUNE_SYSTEM:
            known = [(ImmuneSystem.WEAK, _("Yes")), (ImmuneSystem.STRONG, _("No")),
                     (ImmuneSystem.NOT_SURE, _("I am not sure"))]  # fmt: skip
            return forms.ChoiceField(label=words, choices=known, widget=forms.RadioSelect, error_messages=asked)
        return forms.CharField(
            label=words,
            required=name is FollowUp.TESTED_ON,
            help_text=HELP.get(name, _("Leave it empty if that day has not come yet, or if you do not know.")),
            widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off"}),
            error_messages={"required": _("Enter the day of the test")},
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Read the days, in whatever way they were typed."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in DAYS:
            if typed := cleaned.get(name):
                cleaned[name] = self._day(name, typed)
        typed_days = {name.value: cleaned.get(name) or None for name in DAYS if name is not FollowUp.FEVER_FREE_SINCE}
        for name, problem in mistyped_days(self.on, **typed_days).items():
            self.add_error(name, problem)
        return cleaned

    def _day(self, name: FollowUp, typed: str) -> date | None:
        day = date_typed(typed)
        if day is None:
            wrong = what_is_impossible(typed)
            self.add_error(name, wrong or _("Enter the day like 11/24/2026, with four digits for the year"))
        elif day > self.on and name is not FollowUp.ISOLATE_UNTIL:
            self.add_error(name, _("This day is still to come. Please check it"))
        return day

    def answers(self, choices: dict[str, AnswerChoice], *, emergency: bool) -> ScreeningAnswers:
        """Return all that was answered. The form must be valid, or empty."""
        said = self.cleaned_data if self.is_bound else {}
        severity, immune = said.get(FollowUp.SEVERITY), said.get(FollowUp.WEAK_IMMUNE_SYSTEM)
        return ScreeningAnswers(
            answered_on=self.on,
            choices=choices,
            emergency=emergency,
            tested_on=said.get(FollowUp.TESTED_ON) or None,
            symptoms_began_on=said.get(FollowUp.SYMPTOMS_BEGAN_ON) or None,
            fever_free_since=said.get(FollowUp.FEVER_FREE_SINCE) or None,
            severity=Severity(severity) if severity else None,
            weak_immune_system=ImmuneSystem(immune) if immune else None,
            isolate_until=said.get(FollowUp.ISOLATE_UNTIL) or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SentScreening:
    """What was sent. `days`: what is still to be asked, or wrong; `answers`: all of them, once they are whole."""

    form: ScreeningForm
    days: ScreeningDaysForm | None = None
    answers: ScreeningAnswers | None = None

    def carried(self, data: QueryDict) -> dict[str, Any]:
        """Return what the page that asks for days carries along of the one before: what was ticked, and measured."""
        if self.days is None:
            return {"asks_days": False, "carried": [], "temperature": ""}
        ticked = [name for name, applies in self.form.cleaned_data.items() if applies]
        return {"asks_days": True, "carried": ticked, "temperature": data.get("temperature", "")}


def sent_screening(data: QueryDict, *, policy: ScreeningPolicy, on: date) -> SentScreening:
    """Read what was sent, at home or at the desk. `on`: today where they come."""
    form = ScreeningForm(data, policy=policy)
    if not form.is_valid():
        return SentScreening(form=form)
    wanted = form.follow_ups()
    days = ScreeningDaysForm(data if "days" in data and wanted else None, wanted=wanted, on=on)
    if wanted and not days.is_valid():
        return SentScreening(form=form, days=days)
    return SentScreening(form=form, answers=days.answers(form.choices(), emergency=form.emergency))
