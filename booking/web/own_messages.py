"""What somebody wishes of the messages about their appointments: reminders, at which hours, in which language."""

from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.actions.patients import message_preferences
from booking.models import MessagePreferences, Patient
from booking.web.families.family_forms import LANGUAGES
from booking.web.link_context import LinkAccess
from booking.web.own_access import own_page
from core.form_errors import SaysWhatToDo
from core.forms import described, problems
from core.text.languages import language_in_words, wall_time_in_words

REMINDED, NOT_REMINDED = "yes", "no"
WAYS = (
    (REMINDED, gettext_lazy("Yes, remind me")),
    (NOT_REMINDED, gettext_lazy("No, I do not need reminders")),
)
HOURS = ("not_before", "not_after")
EARLIEST, LATEST = range(9, 13), range(20, 15, -1)
"""The hours among which somebody chooses: some of a day are left whatever they choose."""


class PreferencesForm(SaysWhatToDo, forms.Form):
    """What somebody wishes of their messages. `tag`: the language in which we write to them now."""

    reminders = forms.ChoiceField(
        choices=WAYS,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Choose whether we remind you before an appointment")
        ),
    )
    not_before = forms.ChoiceField(label=gettext_lazy("Not before"), required=False)
    not_after = forms.ChoiceField(label=gettext_lazy("Not after"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Your language"))

    def __init__(self, data: Any, *, initial: dict[str, str], tag: str) -> None:  # noqa: ANN401  (as Django has it)
        super().__init__(data, initial=initial)
        fields: dict[str, Any] = self.fields
        fields["not_before"].choices = list(_hours(EARLIEST, _("Any hour"), initial["not_before"]))
        fields["not_after"].choices = list(_hours(LATEST, _("Any hour"), initial["not_after"]))
        tags = dict.fromkeys((*LANGUAGES, tag))
        fields["language"].choices = [(one, language_in_words(one)) for one in tags]
        fields["language"].help_text = _(
            "Our mails are in English so far. What we have in your language comes in it, and we see it before we call."
        )

    def chosen(self) -> dict[str, Any]:
        """Return what was chosen. The form must be valid."""
        chosen = self.cleaned_data
        hours = {name: time.fromisoformat(chosen[name]) if chosen[name] else None for name in HOURS}
        return hours | {"reminders": chosen["reminders"] == REMINDED, "language": chosen["language"]}


def _hours(hours: range, anything: str, chosen: str) -> Iterator[tuple[str, str]]:
    """Yield the hours of a choice, and the one that is in force if it is none of them."""
    yield "", anything
    listed = {f"{hour:02}:00" for hour in hours} | ({chosen} if chosen else set())
    for one in sorted(listed, reverse=hours.step < 0):
        yield one, wall_time_in_words(time.fromisoformat(one))


@own_page
def messages(request: HttpRequest, access: LinkAccess, at: datetime) -> HttpResponse:
    """Show what somebody wishes of their messages; note what they choose."""
    patient = access.visit.patient
    form = PreferencesForm(request.POST or None, initial=_now(patient), tag=patient.language)
    saved = form.is_valid()
    if saved:
        message_preferences.change(access.link, **form.chosen(), at=at)
    wrong = problems(form) if form.is_bound and not saved else []
    context = {
        "form": described(form),
        "problems": wrong,
        "saved": saved,
        "reminders": [(value, words, value == form["reminders"].value()) for value, words in WAYS],
        "back": reverse("manage-own", args=[access.token]),
    }
    return render(request, "booking/own_messages.html", context, status=422 if wrong else 200)


def _now(patient: Patient) -> dict[str, str]:
    """Return what is in force, as the form has it."""
    preferences = MessagePreferences.objects.filter(patient=patient).first() or MessagePreferences()
    return {
        "reminders": REMINDED if preferences.reminders else NOT_REMINDED,
        "not_before": preferences.not_before.isoformat("minutes") if preferences.not_before else "",
        "not_after": preferences.not_after.isoformat("minutes") if preferences.not_after else "",
        "language": patient.language,
    }


def preferences_in_words(patient: Patient) -> str:
    """Return what somebody wishes, in a line, such as "Not before 10:00 AM"; empty where all is as at the site."""
    preferences = MessagePreferences.objects.filter(patient=patient).first()
    if preferences is None:
        return _("We remind you before each appointment")
    if not preferences.reminders:
        return _("No reminders")
    early = [_("not before %s") % wall_time_in_words(preferences.not_before)] if preferences.not_before else []
    late = [_("not after %s") % wall_time_in_words(preferences.not_after)] if preferences.not_after else []
    return ", ".join([_("We remind you before each appointment"), *early, *late])
