"""What people choose and type, read forgivingly."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from booking.cancel_reasons import BY_PATIENT, CancelReason
from booking.patients import contacts
from booking.patients.mistyped_addresses import likely_meant
from booking.rules import age_is_plausible
from booking.web.choices import TherapyChoice
from booking.web.coming_days import coming_day
from core.form_errors import SaysWhatToDo
from core.forms import AddressInput
from core.text.languages import language_in_words, localized, short_date_in_words, weekday_in_words
from core.text.typed_dates import date_typed, what_is_impossible
from scheduler.public import Offered, VisitType


class ChooseTherapyForm(SaysWhatToDo, forms.Form):
    """A therapy and which visit of a course it is."""

    visit = forms.ChoiceField(
        choices=VisitType.choices,
        error_messages={
            "required": _("Choose whether this is your first appointment"),
            "invalid_choice": _("Choose whether this is your first appointment"),
        },
    )
    therapy = forms.CharField(error_messages={"required": _("Choose a therapy")})

    def __init__(
        self, data: QueryDict | None, *, choosable: Iterable[TherapyChoice], initial: dict[str, str] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.choosable = {one.value: one for one in choosable}

    def clean_therapy(self) -> TherapyChoice:
        """Return what was chosen. Raises ValidationError when it is not offered for that visit."""
        chosen = self.choosable.get(self.cleaned_data["therapy"])
        if chosen is None:
            raise forms.ValidationError(_("Choose a therapy"))
        visit = self.cleaned_data.get("visit")
        if visit and visit not in chosen.visits:
            raise forms.ValidationError(
                _("This is for follow-up appointments. For a first appointment, choose another therapy")
                if visit == VisitType.FIRST
                else _("This is for first appointments. For a follow-up appointment, choose another therapy")
            )
        return chosen


PARTS_OF_DAY = (
    ("", _("Any time")),
    ("morning", _("Morning, before noon")),
    ("afternoon", _("Afternoon, noon to 5")),
    ("evening", _("Evening, after 5")),
)


class TimesFilterForm(SaysWhatToDo, forms.Form):
    """What narrows the times down. Everything is optional; what is not offered is refused."""

    practitioner = forms.ChoiceField(label=_("With"), required=False)
    part = forms.ChoiceField(
        label=_("Time of day"),
        required=False,
        choices=PARTS_OF_DAY,
    )
    weekday = forms.ChoiceField(label=_("Day of the week"), required=False)
    language = forms.ChoiceField(label=_("Language they speak"), required=False)
    site = forms.ChoiceField(label=_("Where"), required=False)
    start = forms.CharField(
        label=_("From this day on"),
        required=False,
        help_text=_("Month and day, such as 12/3"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "short"}),
    )

    def __init__(self, data: QueryDict, *, offered: Iterable[Offered], on: date) -> None:
        super().__init__(data)
        self.on = on
        monday = on - timedelta(days=on.weekday())
        named = [(str(n), weekday_in_words(monday + timedelta(days=n))) for n in range(7)]
        self._offer("weekday", named, str(_("Any day")))
        who = {str(o.practitioner.public_id): o.practitioner for o in offered}
        sites = {o.site.key: localized(o.site.name) for o in offered}
        spoken = {tag: language_in_words(tag) for person in who.values() for tag in person.languages}
        names = [(key, p.name) for key, p in who.items()]
        self._offer("practitioner", names, str(_("Anyone")))
        self._offer("language", sorted(spoken.items(), key=lambda one: one[1]), str(_("Any language")))
        self._offer("site", sorted(sites.items(), key=lambda one: one[1]), str(_("Any place")))

    def _offer(self, name: str, choices: list[tuple[str, str]], anything: str) -> None:
        """Offer choices; a field without a real choice is left out."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (tells the type checker)
        field.choices = [("", anything), *choices]
        # A filter that cannot change anything is one more thing to read on a phone.
        if len(choices) < 2:  # noqa: PLR2004  (one is no choice)
            del self.fields[name]

    def clean_start(self) -> date | None:
        """Return the day; None where none was typed. Raises ValidationError."""
        return coming_day(self.cleaned_data["start"], today=self.on)

    @property
    def from_day(self) -> date | None:
        """From which day on times are listed; None where none was typed, or none that can be read."""
        return self.cleaned_data.get("start")

    @property
    def asks_for_what_is_not_offered(self) -> bool:
        """Whether an address has a choice that the page does not have: nobody typed that."""
        return bool(set(self.errors) - {"start"})

    def chosen(self) -> dict[str, str]:
        """Return what was chosen, by field, but for the day from which on times are listed."""
        return {name: value for name, value in self.cleaned_data.items() if value and name != "start"}

    def in_words(self) -> str:
        """Return what was chosen as a line, such as "Grace Okoro, LAc · Morning, before noon"."""
        chosen = self.chosen()
        words = [str(dict(self.fields[name].choices)[value]) for name, value in chosen.items()]  # type: ignore[attr-defined]
        start = [_("From %(day)s") % {"day": short_date_in_words(self.from_day)}] if self.from_day else []
        return " · ".join([*words, *start])


class FullNameField(forms.CharField):
    """What somebody is called."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Full name"),
            max_length=120,
            widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
            error_messages={
                "required": _("Enter your full name"),
                "max_length": _("Enter a name of at most 120 letters"),
            },
        )


class PersonForm(SaysWhatToDo, forms.Form):
    """Who comes, and how we reach them. `on`: today where they come; `country`: whose people read phone numbers there.

    An address that is likely mistyped is asked back once, and so is a birth date of this year: sent again as it was, it
    is right.
    """

    name = FullNameField()
    # Not Django's EmailField: it refuses "<ann@example.org>," as people paste it, before `contacts.email` can read it.
    email = forms.CharField(
        label=_("E-mail"),
        help_text=_("We send your confirmation and reminders here."),
        widget=AddressInput(),
        error_messages={"required": _("Enter your e-mail address")},
    )
    email_asked = forms.CharField(required=False, widget=forms.HiddenInput)
    phone = forms.CharField(
        label=_("Phone (optional)"),
        required=False,
        help_text=_("We call only about your appointments, when an e-mail would come too late or does not reach you."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    # One field of text, not three or a picker: autofill knows it, and a picker is no way to 1941 on a phone.
    birth_date = forms.CharField(
        label=_("Date of birth"),
        help_text=_("Month, day and year. For example, 3/27/1961"),
        widget=forms.TextInput(attrs={"autocomplete": "bday", "class": "short"}),
        error_messages={"required": _("Enter your date of birth")},
    )

    birth_date_asked = forms.CharField(required=False, widget=forms.HiddenInput)

    known_address = ""
    """That stands on the record already, of which nobody asks."""

    mistyped: ClassVar = _("Did you mean %(meant)s? Change it here. If %(typed)s is right, press the button again.")
    birth_date_unread: ClassVar = _("Enter your date of birth like 3/27/1961, with four digits for the year")
    birth_year_wrong: ClassVar = _("Check the year of your date of birth")
    born_lately: ClassVar = _("Born this year? Check the year. If %(year)d is right, press the button again.")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        on: date,
        country: str | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.on, self.country = on, country

    def clean_name(self) -> str:
        """Return the name with single spaces."""
        return usable(contacts.name, " ".join(str(self.cleaned_data["name"]).split()))

    def clean_email(self) -> str:
        """Return the address in the one form that is kept."""
        return usable(contacts.email, str(self.cleaned_data["email"]))

    def clean_phone(self) -> str:
        """Return the number in the one form that is kept, empty where there is none."""
        typed = str(self.cleaned_data["phone"])
        return usable(partial(contacts.phone, country=self.country), typed) if typed else ""

    def clean_email_asked(self) -> str:
        """Ask back, at the field of the address, what somebody may have meant; once for each that is typed."""
        address, asked = str(self.cleaned_data.get("email", "")), str(self.cleaned_data["email_asked"])
        meant = likely_meant(address) if address not in {asked, self.known_address} else ""
        if meant:
            self.add_error("email", self.mistyped % {"meant": meant, "typed": address})
            self.data = dict(self.data.items()) | {"email_asked": address}  # the page that asks sends it along
        return asked

    def clean_birth_date(self) -> date:
        """Return the date, in whatever way it was typed."""
        born = date_typed(self.cleaned_data["birth_date"])
        if born is None:
            wrong = what_is_impossible(self.cleaned_data["birth_date"])
            raise forms.ValidationError(wrong or self.birth_date_unread)
        if not age_is_plausible(born, on=self.on):
            raise forms.ValidationError(self.birth_year_wrong)
        return born

    def clean_birth_date_asked(self) -> str:
        """Ask back, at its field, about a birth date of this year: mostly it is the day of today, typed by habit."""
        born, asked = self.cleaned_data.get("birth_date"), str(self.cleaned_data["birth_date_asked"])
        if born is not None and born.year == self.on.year and born.isoformat() != asked:
            self.add_error("birth_date", self.born_lately % {"year": born.year})
            self.data = dict(self.data.items()) | {"birth_date_asked": born.isoformat()}
        return asked

    def person(self) -> dict[str, Any]:
        """Return who comes and how they are reached. The form must be valid."""
        return {name: self.cleaned_data[name] for name in ("name", "email", "phone", "birth_date")}


class ContactForm(PersonForm):
    """How somebody is reached whom we know. `address`: where mail goes now."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        on: date,
        country: str | None = None,
        address: str = "",
        phone: str = "",
    ) -> None:
        super().__init__(data, on=on, country=country, initial={"email": address, "phone": phone})
        for name in set(self.fields) - {"email", "email_asked", "phone"}:
            del self.fields[name]
        self.known_address = address
        self.fields["email"].help_text = _("Your confirmations and reminders go here. Old links end when it changes.")


def usable(read: Callable[[str], str], typed: str) -> str:
    """Read what was typed. Raises ValidationError with words for whoever typed it."""
    try:
        return read(typed)
    except contacts.Unusable as error:
        raise forms.ValidationError(str(error)) from error


CODE_DIGITS = 6


class CodeForm(SaysWhatToDo, forms.Form):
    """The six digits that were mailed."""

    code = forms.CharField(
        label=_("Code from the e-mail"),
        help_text=_("Six digits"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "short"}),
        error_messages={"required": _("Enter the code")},
    )

    def clean_code(self) -> str:
        """Return the digits, in whatever script, without what people type between them. Fewer or more are no try."""
        # `decimal`, not `isdigit`: superscripts are digits, too, and no keyboard types a code in them.
        typed = [unicodedata.decimal(letter, None) for letter in self.cleaned_data["code"]]
        digits = "".join(str(digit) for digit in typed if digit is not None)
        if len(digits) != CODE_DIGITS:
            raise forms.ValidationError(_("Enter the six digits of the code"))
        return digits


class CancelReasonForm(SaysWhatToDo, forms.Form):
    """Why a visit is called off, as a code; nobody has to say."""

    reason = forms.ChoiceField(
        choices=[(reason.value, reason.label) for reason in BY_PATIENT],
        required=False,
        error_messages={"invalid_choice": _("Choose one of these reasons, or none")},
    )

    def clean_reason(self) -> CancelReason:
        """Return one of the reasons that patients may give, or refuse; without one, that they cannot come."""
        return CancelReason(self.cleaned_data["reason"] or CancelReason.PATIENT)
